//! What bad input to models and data sets is answered with: the layer, the sizes or the name, and mostly Keras' own words
//! (recorded from Keras 3.15).

use flowbook::keras::layers::{Conv2D, Dense, Reshape};
use flowbook::keras::{Input, Model, Sequential};
use flowbook::{Result, np, v2 as tf};

fn panic_of(body: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).expect_err("an error");
    panic.downcast_ref::<String>().cloned().expect("an error has a text")
}

fn one_unit(name: &str) -> Sequential {
    let mut model = Sequential::new();
    model.add(Dense::new(1).input_shape([2]).named(name));
    model
}

fn message<T>(result: Result<T>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn inputs_that_do_not_fit_name_the_layer() -> Result<()> {
    let mut model = one_unit("one");
    let want = "ValueError: Input 0 with name 'None' of layer 'one' is incompatible with the layer: expected axis -1 of \
                input shape to have value 2, but received input with shape ";
    assert_eq!(panic_of(|| drop(model.call(tf::ones([1, 3])))), format!("{want}(1, 3)"));
    model.compile("sgd", "mse", ())?;
    let got = message(model.fit(np::ones((4, 3)), np::ones((4, 1))).verbose(0).run());
    assert_eq!(got, format!("{want}(None, 3)"));
    let conv = || {
        let mut model = Sequential::new();
        model.add(Conv2D::new(8, 3).input_shape([28, 28]).named("conv2d"));
    };
    assert_eq!(
        panic_of(conv),
        "ValueError: Input 0 with name 'None' of layer 'conv2d' is incompatible with the layer: expected min_ndim=4, found \
         ndim=3. Full shape received: (None, 28, 28)"
    );
    let reshape = || {
        let mut model = one_unit("one");
        model.add(Reshape::new([3]).named("three"));
    };
    assert!(panic_of(reshape).contains("layer 'three'"));
    Ok(())
}

#[test]
fn models_must_be_compiled_and_data_must_match() -> Result<()> {
    let mut model = one_unit("one");
    let (x, y) = (np::ones((4, 2)), np::ones((4, 1)));
    assert_eq!(message(model.fit(&x, &y).run()), "ValueError: You must call `compile()` before using the model.");
    model.compile("sgd", "mse", ())?;
    assert_eq!(
        message(model.fit(&x, np::ones((3, 1))).run()),
        "ValueError: Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.'x' sizes: \
         4\n'y' sizes: 3\n"
    );
    assert_eq!(
        message(model.fit(&x, &y).batch_size(0).run()),
        "ValueError: `batch_size` must be a positive integer, not 0."
    );
    assert_eq!(
        message(model.predict(&x).batch_size(0).run()),
        "ValueError: `batch_size` must be a positive integer, not 0."
    );
    assert!(message(model.fit(&x, &y).sample_weight([1.0, 2.0]).run()).contains("each of the 4 examples"));
    assert!(message(model.fit(&x, &y).validation_split(0.99).run()).contains("validation_split=0.99"));
    assert!(message(model.fit(np::ones((0, 2)), np::ones((0, 1))).run()).contains("0 rows"));
    assert!(panic_of(|| drop(tf::data::Dataset::range(3).batch(0))).contains("`batch_size` must be greater than zero"));
    Ok(())
}

#[test]
fn names_that_keras_does_not_know() {
    let of = |error: Result<()>| message(error);
    let mut model = one_unit("one");
    assert_eq!(of(model.compile("adamm", "mse", ())), "ValueError: Could not interpret optimizer identifier: adamm");
    assert_eq!(of(model.compile("adam", "msee", ())), "ValueError: Could not interpret loss identifier: msee");
    assert_eq!(of(model.compile("adam", "mse", ["accc"])), "ValueError: Could not interpret metric identifier: accc");
    assert_eq!(
        panic_of(|| drop(Dense::new(1).activation("reluu"))),
        "ValueError: Could not interpret activation function identifier: reluu"
    );
    assert!(panic_of(|| drop(Dense::new(1).kernel_initializer("onez"))).contains("initializer identifier: onez"));
}

#[test]
fn labels_that_do_not_fit_the_loss() -> Result<()> {
    let mut model = Sequential::new();
    model.add(Dense::new(3).input_shape([2]).activation("softmax"));
    let x = np::ones((4, 2));
    model.compile("adam", "categorical_crossentropy", ())?;
    assert_eq!(
        message(model.fit(&x, [0, 1, 2, 0]).verbose(0).run()),
        "ValueError: Arguments `target` and `output` must have the same rank (ndim). Received: target.shape=(4,), \
         output.shape=(4, 3)"
    );
    model.compile("adam", "sparse_categorical_crossentropy", ())?;
    let error = message(model.fit(&x, [0, 1, 5, 0]).verbose(0).run());
    let want = "InvalidArgumentError: Received a label value of 5 which is outside the valid range of [0, 3).";
    assert!(error.starts_with(want), "{error}");
    Ok(())
}

#[test]
fn models_that_are_not_connected() {
    let (a, b) = (Input([2]), Input([2]));
    let y = Dense::new(1).call(&b);
    assert!(panic_of(|| drop(Model::new(&a, &y))).contains("not connected"));
}
