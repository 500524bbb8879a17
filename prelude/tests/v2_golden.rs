//! The eager listings of the lessons and small cases beside them. Expected texts and numbers were recorded from
//! TensorFlow 2.21.

use std::cell::Cell;
use std::f32::consts::LN_2;
use std::rc::Rc;

use flowbook::format::py;
use flowbook::{np, s, v2 as tf};

#[test]
fn ranks_and_arithmetic_print_as_in_the_lesson() {
    assert_eq!(tf::rank(tf::constant(2)).to_string(), "tf.Tensor(0, shape=(), dtype=int32)");
    assert_eq!(tf::rank([1, 2]).to_string(), "tf.Tensor(1, shape=(), dtype=int32)");
    assert_eq!(tf::rank([[1, 2], [3, 4]]).to_string(), "tf.Tensor(2, shape=(), dtype=int32)");
    let (a, b) = (tf::constant(3), tf::constant(2));
    assert_eq!(tf::add(&a, &b).to_string(), "tf.Tensor(5, shape=(), dtype=int32)");
    assert_eq!(tf::subtract(&a, &b).to_string(), "tf.Tensor(1, shape=(), dtype=int32)");
    assert_eq!(tf::multiply(&a, &b).numpy().to_string(), "6");
    assert_eq!(tf::divide(&a, &b).numpy().to_string(), "1.5");
    assert_eq!(tf::divide(&a, &b).dtype(), tf::float64);
    let product = tf::matmul(tf::constant([[3, 4], [2, 1]]), tf::constant([[1, 5], [3, 7]]));
    assert_eq!(product.to_string(), "tf.Tensor(\n[[15 43]\n [ 5 17]], shape=(2, 2), dtype=int32)");
}

#[test]
fn casts_variables_and_fills_print_as_in_the_lesson() {
    let c = tf::constant([1.9, 2.1]).with_dtype(tf::float32);
    let d = tf::cast(&c, tf::int32);
    assert_eq!(
        format!("{c} {d}"),
        "tf.Tensor([1.9 2.1], shape=(2,), dtype=float32) tf.Tensor([1 2], shape=(2,), dtype=int32)"
    );
    let a = tf::Variable::new([2.0, 3.0]);
    a.assign([1, 2]);
    let text = "<tf.Variable 'Variable:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>";
    assert_eq!(a.to_string(), text);
    let b = tf::zeros([3, 4]).with_dtype(tf::int32);
    assert_eq!(
        format!("{b}\n{}\n{}", b.shape(), b.dtype()),
        "tf.Tensor(\n[[0 0 0 0]\n [0 0 0 0]\n [0 0 0 0]], shape=(3, 4), dtype=int32)\n(3, 4)\n<dtype: 'int32'>"
    );
    assert_eq!(
        format!("{:?}", tf::ones([3, 4]).with_dtype(tf::int32)),
        "<tf.Tensor: shape=(3, 4), dtype=int32, numpy=\narray([[1, 1, 1, 1],\n       [1, 1, 1, 1],\n       \
         [1, 1, 1, 1]], dtype=int32)>"
    );
    assert_eq!(
        format!("{:?}", tf::eye(4)),
        "<tf.Tensor: shape=(4, 4), dtype=float32, numpy=\narray([[1., 0., 0., 0.],\n       [0., 1., 0., 0.],\n       \
         [0., 0., 1., 0.],\n       [0., 0., 0., 1.]], dtype=float32)>"
    );
    let t2 = tf::reshape([[1, 2, 3], [4, 5, 6]], [6]);
    assert_eq!(t2.to_string(), "tf.Tensor([1 2 3 4 5 6], shape=(6,), dtype=int32)");
    assert_eq!(tf::reshape(&t2, [3, 2]).to_string(), "tf.Tensor(\n[[1 2]\n [3 4]\n [5 6]], shape=(3, 2), dtype=int32)");
}

#[test]
fn arrays_become_tensors_and_back() {
    let c = tf::add(tf::constant(3), tf::constant(2)).numpy();
    let c_square = np::square(&c).astype(np::float32);
    let c_tensor = tf::convert_to_tensor(&c_square);
    assert_eq!(
        format!("numpy array : {c:.1}, applying square with numpy : {c_square:.1}, convert_to_tensor : {c_tensor:.1}"),
        "numpy array : 5.0, applying square with numpy : 25.0, convert_to_tensor : 25.0"
    );
    assert_eq!(tf::convert_to_tensor(np::array([1, 2])).dtype(), tf::int64);
    assert_eq!(tf::constant(1i64 << 40).dtype(), tf::int64);
    // A NumPy array of float64 beside a float32 tensor becomes float32.
    let sum = tf::constant(1.0) + np::array([2.0]);
    assert_eq!(format!("{sum:?}"), "<tf.Tensor: shape=(1,), dtype=float32, numpy=array([3.], dtype=float32)>");
}

#[test]
fn scalars_print_short_or_with_the_digits_of_the_double() {
    let t = tf::constant(2.0).pow(0.5);
    assert_eq!(t.to_string(), "tf.Tensor(1.4142135, shape=(), dtype=float32)");
    assert_eq!(format!("{t:?}"), "<tf.Tensor: shape=(), dtype=float32, numpy=1.4142135381698608>");
    assert_eq!(
        format!("{:?}", tf::constant("한글")),
        r"<tf.Tensor: shape=(), dtype=string, numpy=b'\xed\x95\x9c\xea\xb8\x80'>"
    );
    assert_eq!(
        format!("{:?}", tf::constant(["a", "b"])),
        "<tf.Tensor: shape=(2,), dtype=string, numpy=array([b'a', b'b'], dtype=object)>"
    );
    let (t, v) = (tf::constant(1.5), tf::constant([1.0, 2.0]));
    assert_eq!(
        py(&vec![t.tensor(), v.tensor()]).to_string(),
        "[<tf.Tensor: shape=(), dtype=float32, numpy=1.5>, <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], \
         dtype=float32)>]"
    );
    assert_eq!(format!("{t:.3} {t:.8}"), "1.500 1.50000000");
}

#[test]
fn integer_division_and_remainder_follow_python() {
    assert_eq!((tf::constant(3) / tf::constant(2)).to_string(), "tf.Tensor(1.5, shape=(), dtype=float64)");
    assert_eq!(tf::constant(7).floordiv(tf::constant(2)).to_string(), "tf.Tensor(3, shape=(), dtype=int32)");
    assert_eq!(tf::constant(-7).floordiv(2).to_string(), "tf.Tensor(-4, shape=(), dtype=int32)");
    assert_eq!((tf::constant(-7) % 3).to_string(), "tf.Tensor(2, shape=(), dtype=int32)");
    assert_eq!(tf::constant([1, 2]).gt(1).to_string(), "tf.Tensor([False  True], shape=(2,), dtype=bool)");
    assert_eq!(
        format!("{:?}", tf::constant([1, 2]).equal([1, 3])),
        "<tf.Tensor: shape=(2,), dtype=bool, numpy=array([ True, False])>"
    );
    assert_eq!(tf::reduce_mean([1, 2, 4]).to_string(), "tf.Tensor(2, shape=(), dtype=int32)");
    assert_eq!(tf::argmax([1, 5, 2], 0).to_string(), "tf.Tensor(1, shape=(), dtype=int64)");
}

#[test]
fn variables_print_and_change() {
    assert_eq!(
        tf::Variable::new(0.1).to_string(),
        "<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=0.10000000149011612>"
    );
    assert_eq!(
        tf::Variable::new([[1, 2], [3, 4]]).named("w").to_string(),
        "<tf.Variable 'w:0' shape=(2, 2) dtype=int32, numpy=\narray([[1, 2],\n       [3, 4]], dtype=int32)>"
    );
    assert_eq!(tf::Variable::new("s").to_string(), "<tf.Variable 'Variable:0' shape=() dtype=string, numpy=b's'>");
    let v = tf::Variable::new([1.0, 2.0]);
    assert_eq!(
        v.assign([3.0, 4.0]).to_string(),
        "<tf.Variable 'UnreadVariable' shape=(2,) dtype=float32, numpy=array([3., 4.], dtype=float32)>"
    );
    assert_eq!(
        v.assign_add([1.0, 1.0]).to_string(),
        "<tf.Variable 'UnreadVariable' shape=(2,) dtype=float32, numpy=array([4., 5.], dtype=float32)>"
    );
    assert_eq!(
        format!("{} {} {} {}", v.numpy(), v.name(), v.shape(), v.dtype()),
        "[4. 5.] Variable:0 (2,) <dtype: 'float32'>"
    );
    assert_eq!((&v + 1).to_string(), "tf.Tensor([5. 6.], shape=(2,), dtype=float32)");
    assert_eq!(v.assign_sub([4.0, 4.0]).numpy().to_string(), "[0. 1.]");
}

#[test]
fn seeded_numbers_are_tensorflows() {
    tf::random::set_seed(777);
    let t = tf::random::normal([2, 2]);
    assert_eq!(
        t.to_string(),
        "tf.Tensor(\n[[ 0.7706481   0.37335402]\n [-0.05576323  0.00358377]], shape=(2, 2), dtype=float32)"
    );
    tf::random::set_seed(777);
    let t = tf::random::uniform([2, 2]);
    assert_eq!(
        t.to_string(),
        "tf.Tensor(\n[[0.69305503 0.1781981 ]\n [0.99844    0.76021445]], shape=(2, 2), dtype=float32)"
    );
    // A setter scales the very same numbers.
    tf::random::set_seed(777);
    let scaled = tf::random::normal([2, 2]).stddev(2.0).numpy().to_vec::<f32>();
    assert_eq!(scaled[0], 2.0 * 0.770_648_1);
}

#[test]
fn tapes_differentiate() {
    let x = tf::Variable::new(3.0);
    let tape = tf::GradientTape::new();
    let y = x.pow(2);
    assert_eq!(tape.gradient(&y, &x).to_string(), "tf.Tensor(6.0, shape=(), dtype=float32)");
    let (w, b) = (tf::Variable::new([[1.0], [2.0]]), tf::Variable::new(0.0));
    let tape = tf::GradientTape::new();
    let l = tf::reduce_mean((tf::matmul([[1.0, 2.0]], &w) + &b).pow(2));
    let gradients = tape.gradient(&l, [&w, &b]);
    assert_eq!(
        format!("{gradients:?}"),
        "[<tf.Tensor: shape=(2, 1), dtype=float32, numpy=\narray([[10.],\n       [20.]], dtype=float32)>, <tf.Tensor: \
         shape=(), dtype=float32, numpy=10.0>]"
    );
    // Constants are not watched unless told, integers have no gradient.
    let c = tf::constant(3.0);
    let tape = tf::GradientTape::new();
    let y = &c * &c;
    assert_eq!(tape.gradient(&y, &*c).to_string(), "None");
    let n = tf::Variable::new(3);
    let tape = tf::GradientTape::new();
    let y = &n * &n;
    assert!(tape.gradient(&y, &n).is_none());
}

#[test]
fn tapes_watch_persist_and_nest() {
    let x = tf::constant(3.0).tensor();
    let tape = tf::GradientTape::new().persistent(true);
    tape.watch(&x);
    let y = &x * &x;
    let z = &y * &y;
    // z = x^4, y = x^2
    assert_eq!(tape.gradient(&z, &x).item::<f32>(), 108.0);
    assert_eq!(tape.gradient(&y, &x).item::<f32>(), 6.0);
    drop(tape);

    // The second derivative of x^3 is 6x, the third 6.
    let x = tf::Variable::new(2.0);
    let outer = tf::GradientTape::new();
    let middle = tf::GradientTape::new();
    let inner = tf::GradientTape::new();
    let y = &x * &x * &x;
    let first = inner.gradient(&y, &x);
    let second = middle.gradient(&first, &x);
    let third = outer.gradient(&second, &x);
    assert_eq!([first.item::<f32>(), second.item(), third.item()], [12.0, 12.0, 6.0]);

    // A variable that changes while it is recorded counts under each of its values.
    let v = tf::Variable::new(1.0);
    let tape = tf::GradientTape::new();
    let a = &v * 2.0;
    v.assign(5.0);
    let b = &v * &v;
    assert_eq!(tape.gradient(a + b, &v).item::<f32>(), 12.0);
}

#[test]
#[should_panic(
    expected = "RuntimeError: A non-persistent GradientTape can only be used to compute one set of gradients"
)]
fn a_tape_serves_once() {
    let x = tf::Variable::new(3.0);
    let tape = tf::GradientTape::new();
    let y = &x * &x;
    let _ = tape.gradient(&y, &x);
    let _ = tape.gradient(&y, &x);
}

#[test]
fn functions_are_traced_once_for_each_signature() {
    let traced = Rc::new(Cell::new(0));
    let count = traced.clone();
    let f = tf::function(move |x: &tf::Tensor| {
        count.set(count.get() + 1);
        x * x + 1.0
    });
    for _ in 0..3 {
        assert_eq!(f(&tf::constant([1.0, 2.0])).to_string(), "tf.Tensor([2. 5.], shape=(2,), dtype=float32)");
    }
    assert_eq!(f(&tf::constant(3.0)).to_string(), "tf.Tensor(10.0, shape=(), dtype=float32)");
    assert_eq!(traced.get(), 2);
}

#[test]
fn a_traced_function_shows_symbols() {
    let text = Rc::new(std::cell::RefCell::new(String::new()));
    let seen = text.clone();
    let f = tf::function(move |x: &tf::Tensor| {
        *seen.borrow_mut() = format!("{x} {x:?}");
        x + 1.0
    });
    assert_eq!(f(&tf::constant([1.0, 2.0])).to_string(), "tf.Tensor([2. 3.], shape=(2,), dtype=float32)");
    assert_eq!(*text.borrow(), "Tensor(\"x:0\", shape=(2,), dtype=float32) <tf.Tensor 'x:0' shape=(2,) dtype=float32>");
}

#[test]
fn traced_functions_change_variables_in_order() {
    let v = tf::Variable::new(1.0);
    let w = v.clone();
    let f = tf::function(move |x: &tf::Tensor| {
        let before = w.value() * 1.0;
        w.assign_add(x);
        w.assign(&w * 10.0);
        (before, w.value())
    });
    let (before, after) = f(&tf::constant(2.0));
    assert_eq!([before.item::<f32>(), after.item(), v.item()], [1.0, 30.0, 30.0]);
    v.assign(4.0);
    let (before, after) = f(&tf::constant(1.0));
    assert_eq!([before.item::<f32>(), after.item(), v.item()], [4.0, 50.0, 50.0]);
}

#[test]
fn a_training_step_inside_a_function() {
    // Least squares: the slope of (w * 2 - 6)^2 at w = 1 is 2 * 2 * (2 - 6) = -16.
    let w = tf::Variable::new(1.0);
    let inner = w.clone();
    let step = tf::function(move |x: &tf::Tensor, y: &tf::Tensor| {
        let tape = tf::GradientTape::new();
        let loss = tf::square(&inner * x - y);
        let slope = tape.gradient(&loss, &inner);
        inner.assign_sub(&slope * 0.1);
        loss
    });
    let loss = step(&tf::constant(2.0), &tf::constant(6.0));
    assert_eq!((loss.item::<f32>(), w.item::<f32>()), (16.0, 2.6));
}

#[test]
fn datasets_print_and_iterate() {
    let d = tf::data::Dataset::from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).batch(2);
    assert_eq!(
        d.to_string(),
        "<_BatchDataset element_spec=(TensorSpec(shape=(None,), dtype=tf.float32, name=None), TensorSpec(shape=(None,), \
         dtype=tf.int32, name=None))>"
    );
    let lines: Vec<String> = d.iter().map(|(x, y)| format!("{x} {y}")).collect();
    assert_eq!(
        lines,
        [
            "tf.Tensor([1. 2.], shape=(2,), dtype=float32) tf.Tensor([0 1], shape=(2,), dtype=int32)",
            "tf.Tensor([3.], shape=(1,), dtype=float32) tf.Tensor([0], shape=(1,), dtype=int32)",
        ]
    );
    assert_eq!(d.len(), 2);
    let numbers: Vec<tf::Tensor> = tf::data::Dataset::range(3).iter().collect();
    assert_eq!(
        py(&numbers).to_string(),
        "[<tf.Tensor: shape=(), dtype=int64, numpy=0>, <tf.Tensor: shape=(), dtype=int64, numpy=1>, <tf.Tensor: \
         shape=(), dtype=int64, numpy=2>]"
    );
}

#[test]
fn dataset_stages_keep_every_element() {
    let numbers = |d: &tf::data::Dataset| d.iter().flat_map(|t| t.numpy().to_vec::<i64>()).collect::<Vec<i64>>();
    let range = tf::data::Dataset::range(10);
    let mut shuffled = numbers(&range.shuffle_seeded(4, 1).batch(3).prefetch(2));
    // A buffer of 4 lets an element come at most 3 places early.
    assert!(shuffled.iter().enumerate().all(|(i, v)| *v <= i as i64 + 3), "{shuffled:?}");
    shuffled.sort_unstable();
    assert_eq!(shuffled, (0..10).collect::<Vec<i64>>());
    assert_eq!(numbers(&range.take(2).repeat(2)), [0, 1, 0, 1]);
    assert_eq!(numbers(&range.skip(8).map(|t| t * 2)), [16, 18]);
    assert_eq!(numbers(&range.filter(|t| t.item::<i64>() % 5 == 0)), [0, 5]);
    assert_eq!(numbers(&range.repeat_forever().take(12)).len(), 12);
    assert_eq!(range.batch_drop_remainder(3).len(), 3);
    let pairs = tf::data::Dataset::zip((range.take(2), range.skip(5)));
    let pairs: Vec<(i64, i64)> = pairs.iter().map(|(a, b)| (a.item(), b.item())).collect();
    assert_eq!(pairs, [(0, 5), (1, 6)]);
}

#[test]
fn machines_and_versions() {
    assert_eq!(tf::version(), "2.21.0");
    assert!(tf::executing_eagerly());
    let name = tf::test::gpu_device_name();
    assert!(name.is_empty() || name == "/device:GPU:0");
    let cpu = format!("{:?}", tf::config::list_physical_devices("CPU"));
    assert_eq!(cpu, "[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]");
    assert_eq!(tf::config::list_physical_devices("").len(), if name.is_empty() { 1 } else { 2 });
}

#[test]
fn activations_as_the_lesson_names_them() {
    let x = tf::constant([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0]);
    // Exponentials differ from TensorFlow's in the last place, so values and not texts are compared.
    let close = |got: tf::Tensor, want: [f32; 7]| {
        for (g, w) in got.numpy().to_vec::<f32>().iter().zip(want) {
            assert!((g - w).abs() <= 4.0 * f32::EPSILON * w.abs().max(0.1), "{got}, not {want:?}");
        }
    };
    close(
        tf::nn::sigmoid(&x),
        [0.047_425_87, 0.268_941_43, 0.377_540_68, 0.5, 0.622_459_35, 0.731_058_6, 0.952_574_13],
    );
    close(tf::nn::tanh(&x), [-0.995_054_7, -0.761_594_2, -0.462_117_14, 0.0, 0.462_117_14, 0.761_594_2, 0.995_054_7]);
    close(tf::nn::relu(&x), [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 3.0]);
    close(tf::nn::leaky_relu(&x, 0.2), [-0.6, -0.2, -0.1, 0.0, 0.5, 1.0, 3.0]);
    close(tf::nn::elu(&x), [-0.950_212_96, -0.632_120_55, -0.393_469_33, 0.0, 0.5, 1.0, 3.0]);
    close(tf::nn::selu(&x), [-1.670_568_7, -1.111_330_7, -0.691_758_16, 0.0, 0.525_350_5, 1.050_701, 3.152_103]);
    close(
        tf::nn::swish(&x),
        [-0.142_277_63, -0.268_941_43, -0.188_770_34, 0.0, 0.311_229_68, 0.731_058_6, 2.857_722_3],
    );
    close(tf::nn::softplus(&x), [0.048_587_35, 0.313_261_7, 0.474_077, LN_2, 0.974_077, 1.313_261_6, 3.048_587_3]);
    close(tf::nn::softsign(&x), [-0.75, -0.5, -0.333_333_34, 0.0, 0.333_333_34, 0.5, 0.75]);
    close(tf::nn::relu6(&x), [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 3.0]);
    close(tf::nn::gelu(&x), [-0.004_049_7, -0.158_655_26, -0.154_268_77, 0.0, 0.345_731_23, 0.841_344_7, 2.995_950_2]);
    assert_eq!(tf::nn::l2_loss([[1.0, -2.0], [3.0, -4.0]]).item::<f32>(), 15.0);
}

fn error_of(body: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).expect_err("an error");
    panic.downcast_ref::<String>().cloned().expect("an error has a text")
}

#[test]
fn errors_are_tensorflows() {
    let at =
        |op: &str| format!("{{{{function_node __wrapped__{op}_device_/job:localhost/replica:0/task:0/device:CPU:0}}}}");
    let cases: Vec<(Box<dyn FnOnce()>, String)> = vec![
        (
            Box::new(|| drop(tf::constant([1.0, 2.0, 3.0]) + tf::constant([1.0, 2.0]))),
            format!("InvalidArgumentError: {} Incompatible shapes: [3] vs. [2] [Op:AddV2] name: ", at("AddV2")),
        ),
        (
            Box::new(|| drop(tf::matmul([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0, 3.0]]))),
            format!(
                "InvalidArgumentError: {} Matrix size-incompatible: In[0]: [2,2], In[1]: [1,3] [Op:MatMul] name: ",
                at("__MklMatMul")
            ),
        ),
        (
            Box::new(|| drop(tf::constant(1) + tf::constant(2.0))),
            "InvalidArgumentError: cannot compute AddV2 as input #1(zero-based) was expected to be a int32 tensor but is \
             a float tensor [Op:AddV2] name: "
                .into(),
        ),
        (
            Box::new(|| drop(tf::constant(1) + 2.5)),
            "InvalidArgumentError: cannot compute AddV2 as input #1(zero-based) was expected to be a int32 tensor but is \
             a float tensor [Op:AddV2] name: "
                .into(),
        ),
        (
            Box::new(|| drop(tf::constant(1).floordiv(tf::constant(0)))),
            format!("InvalidArgumentError: {} Integer division by zero [Op:FloorDiv] name: ", at("FloorDiv")),
        ),
        (
            Box::new(|| drop(tf::constant([1, 2, 3]).with_shape([2, 2]))),
            "TypeError: Eager execution of tf.constant with unsupported shape. Tensor [1 2 3] (converted from [1, 2, 3]) \
             has 3 elements, but got `shape` (2, 2) with 4 elements)."
                .into(),
        ),
        (
            Box::new(|| drop(tf::constant(1.5).with_dtype(tf::int32))),
            "TypeError: Cannot convert 1.5 to EagerTensor of dtype int32".into(),
        ),
        (
            Box::new(|| drop(tf::Variable::new([1.0, 2.0]).assign([1.0, 2.0, 3.0]))),
            "ValueError: Cannot assign value to variable ' Variable:0': Shape mismatch.The variable shape (2,), and the \
             assigned value shape (3,) are incompatible."
                .into(),
        ),
        (
            Box::new(|| drop(tf::Variable::new([1.0, 2.0]).assign(tf::constant([1, 2])))),
            "ValueError: Tensor conversion requested dtype float32 for Tensor with dtype int32: <tf.Tensor: shape=(2,), \
             dtype=int32, numpy=array([1, 2], dtype=int32)>"
                .into(),
        ),
        (
            Box::new(|| drop(tf::Variable::new([1, 2]).assign([1.5, 2.5]))),
            "TypeError: Cannot convert [1.5, 2.5] to EagerTensor of dtype int32".into(),
        ),
        (
            Box::new(|| drop(tf::constant([1, 2, 3]).slice(s![5]))),
            format!(
                "InvalidArgumentError: {} slice index 5 of dimension 0 out of bounds. [Op:StridedSlice] name: ",
                at("StridedSlice")
            ),
        ),
        (
            Box::new(|| drop(tf::divide(tf::constant(1), tf::constant(2.0)))),
            "TypeError: `x` and `y` must have the same dtype, got tf.int32 != tf.float32.".into(),
        ),
        (
            Box::new(|| drop(tf::data::Dataset::from_tensor_slices((np::ones((4, 2)), np::ones((3, 1)))))),
            "ValueError: Dimensions 4 and 3 are not compatible".into(),
        ),
        (
            Box::new(|| drop(tf::data::Dataset::from_tensor_slices(5))),
            "ValueError: Unbatching a tensor is only supported for rank >= 1".into(),
        ),
        (
            Box::new(|| drop(tf::function(|x: &tf::Tensor| tf::constant(x.numpy()).tensor())(&tf::constant(1)))),
            "AttributeError: 'SymbolicTensor' object has no attribute 'numpy'".into(),
        ),
        (
            Box::new(|| {
                let f = tf::function(|| tf::Variable::new(tf::zeros([2])).value());
                drop(tf::function(move |x: &tf::Tensor| tf::Variable::new(x).value() + f())(&tf::constant(1.0)));
            }),
            "ValueError: tf.function only supports singleton tf.Variables created on the first call. Make sure the \
             tf.Variable is only created once or created outside tf.function. See \
             https://www.tensorflow.org/guide/function#creating_tfvariables for more information."
                .into(),
        ),
    ];
    for (body, want) in cases {
        assert_eq!(error_of(body), want);
    }
}

/// What a call is given as a literal is there still when a setter builds the call anew.
#[test]
fn setters_keep_literals() {
    let rows = tf::reduce_sum([[1.0, 2.0], [3.0, 4.0]]).axis(1).keepdims(true);
    assert_eq!(rows.to_string(), "tf.Tensor(\n[[3.]\n [7.]], shape=(2, 1), dtype=float32)");
    let columns = tf::reduce_max(np::array([[1.0, 5.0], [3.0, 4.0]])).axis(0);
    assert_eq!(columns.to_string(), "tf.Tensor([3. 5.], shape=(2,), dtype=float64)");
    let product = tf::matmul([[1.0, 2.0], [3.0, 4.0]], [[5.0], [6.0]]).transpose_a(true);
    assert_eq!(product.to_string(), "tf.Tensor(\n[[23.]\n [34.]], shape=(2, 1), dtype=float32)");
}
