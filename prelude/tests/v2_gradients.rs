//! Gradients that a program gives itself, and those of resized images, beside what the mathematics says.

use flowbook::v2 as tf;

/// `log(1 + e^x)` with a gradient that does not overflow.
fn log1pexp() -> Box<dyn Fn(&tf::Tensor) -> tf::Tensor> {
    tf::custom_gradient(|x: &tf::Tensor| {
        let e = tf::exp(x);
        let y = tf::math::log(1.0 + &e);
        (y, move |upstream: &tf::Tensor| upstream * (1.0 - 1.0 / (1.0 + &e)))
    })
}

/// The derivative is the logistic function, which is 1/2 at 0 and 1 for large x.
#[test]
fn a_gradient_of_ones_own_is_taken() {
    let f = log1pexp();
    let x = tf::constant([0.0, 100.0]).tensor();
    let tape = tf::GradientTape::new();
    tape.watch(&x);
    let y = f(&x) * 3.0;
    assert_eq!(tape.gradient(&y, &x).numpy().to_string(), "[1.5 3. ]");
}

/// The derivative of the logistic function at 0 is 1/4: the rule itself is differentiated.
#[test]
fn a_gradient_of_ones_own_has_a_gradient() {
    let f = log1pexp();
    let x = tf::constant(0.0).tensor();
    let outer = tf::GradientTape::new();
    outer.watch(&x);
    let slope = {
        let inner = tf::GradientTape::new();
        inner.watch(&x);
        let y = f(&x);
        inner.gradient(&y, &x)
    };
    assert_eq!(outer.gradient(&slope, &x).numpy().to_string(), "0.25");
}

/// Each argument has its own rule; here they are not the true ones, so that it shows whose are taken.
#[test]
fn several_arguments_have_a_rule_each() {
    let f = tf::custom_gradient(|x: &tf::Tensor, y: &tf::Tensor| (x * y, |dy: &tf::Tensor| (dy * 10.0, dy * 20.0)));
    let (x, y) = (tf::Variable::new(2.0), tf::Variable::new(3.0));
    let tape = tf::GradientTape::new();
    let z = f(&x.value(), &y.value());
    let (by_x, by_y) = tape.gradient(&z, (&x, &y));
    assert_eq!(format!("{} {} {}", z.numpy(), by_x.numpy(), by_y.numpy()), "6.0 10.0 20.0");
}

/// In a function that is compiled the rule is the same.
#[test]
fn a_compiled_function_takes_the_rule() {
    let slope = tf::function(|x: &tf::Tensor| {
        let tape = tf::GradientTape::new();
        tape.watch(x);
        let y = log1pexp()(x);
        tape.gradient(&y, x)
    });
    assert_eq!(slope(&tf::constant(100.0)).numpy().to_string(), "1.0");
}

#[test]
#[should_panic(
    expected = "ValueError: custom_gradient function expected to return 1 gradients, but returned 2 instead."
)]
fn a_rule_has_one_gradient_for_each_argument() {
    let f = tf::custom_gradient(|x: &tf::Tensor| (x * 2.0, |dy: &tf::Tensor| (dy * 1.0, dy * 2.0)));
    let x = tf::Variable::new(1.0);
    let tape = tf::GradientTape::new();
    let y = f(&x.value());
    let _ = tape.gradient(&y, &x);
}

/// A resized image is linear in the image: `<w, resize(x)>` is `<gradient, x>` for every x.
#[test]
fn the_gradient_of_a_resized_image_is_its_transpose() {
    for (size, method) in [([4, 5], "bilinear"), ([2, 2], "bilinear"), ([5, 2], "nearest"), ([7, 7], "nearest")] {
        let x = tf::reshape(tf::sin(tf::range(1.0, 25.0, 1.0)), [2, 3, 4, 1]);
        let tape = tf::GradientTape::new();
        tape.watch(&x);
        let y = tf::image::resize(&x, size).method(method);
        let count = y.numpy().len() as f64;
        let weights = tf::reshape(tf::cos(tf::range(0.0, count, 1.0)), [2, size[0], size[1], 1]);
        let loss = tf::reduce_sum(&y * &weights);
        let gradient = tape.gradient(&loss, &x);
        let (whole, parts): (f32, f32) = (loss.item(), tf::reduce_sum(&*gradient * &x).item());
        assert!((whole - parts).abs() < 1e-4, "{method} to {size:?}: {whole}, not {parts}");
    }
}
