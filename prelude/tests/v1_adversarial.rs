//! Every op on tensors it was not made for: empty ones, scalars, wrong ranks and types, NaN, infinities, indices far
//! outside, sizes no machine has. The outcome is a value or an error of one of TensorFlow's or Python's classes; whatever
//! else happens (an index out of bounds, an overflow, an abort for lack of memory) fails the test.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use flowbook::session::Feeds;
use flowbook::v1::{self as tf, Graph, Session, Tensor, image, linalg, math, nn, strings};
use flowbook::{Array, DType, Error, Shape};

type Build = fn(&[Tensor]) -> Tensor;

/// Counts as an answer: `ClassName: message` of a class that the library's errors have.
fn is_classed(text: &str) -> bool {
    let classes = [
        "InvalidArgumentError",
        "FailedPreconditionError",
        "NotFoundError",
        "OutOfRangeError",
        "ResourceExhaustedError",
        "UnimplementedError",
        "ValueError",
        "TypeError",
        "LookupError",
        "IndexError",
    ];
    text.split_once(": ").is_some_and(|(class, message)| classes.contains(&class) && !message.is_empty())
}

/// Runs one case; the text of what went wrong in a way that it must not.
fn outcome(body: impl FnOnce() -> Result<(), Error>) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| Graph::new().as_default(body))) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => (!is_classed(&error.to_string())).then(|| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
            (!is_classed(&text)).then_some(text)
        }
    }
}

/// The ops that were part of a graph of any case.
#[derive(Default)]
struct Seen(BTreeSet<String>);

/// Tries `build` on the arrays: once as constants, where shapes and values are known while the graph is built, once as
/// placeholders, where they are known in the run only. Returns what must not happen.
fn attempt(seen: &mut Seen, name: &str, build: Build, arrays: &[Array]) -> Vec<String> {
    let mut faults = Vec::new();
    for known in [true, false] {
        let mut types = Vec::new();
        let fault = outcome(|| {
            let graph = tf::get_default_graph();
            let session = Session::new();
            let (inputs, feeds): (Vec<Tensor>, Feeds) = match known {
                true => (arrays.iter().map(|a| tf::constant(a.clone()).tensor()).collect(), Feeds::default()),
                false => {
                    let inputs: Vec<Tensor> =
                        arrays.iter().map(|a| tf::placeholder(a.dtype(), Shape::unknown())).collect();
                    let feeds = inputs.iter().zip(arrays).fold(Feeds::default(), |f, (t, a)| f.with(*t, a.clone()));
                    (inputs, feeds)
                }
            };
            let result = catch_unwind(AssertUnwindSafe(|| build(&inputs)));
            types.extend(graph.get_operations().iter().map(|o| o.op_type().to_owned()));
            let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            session.run_with(result, feeds.clone())?;
            if result.dtype().is_floating() && inputs.iter().any(|t| t.dtype().is_floating()) {
                let slopes = tf::gradients(result, inputs.clone());
                types.extend(graph.get_operations().iter().map(|o| o.op_type().to_owned()));
                session.run_with(slopes.into_iter().flatten().collect::<Vec<_>>(), feeds)?;
            }
            Ok(())
        });
        seen.0.extend(types);
        let shapes: Vec<String> = arrays.iter().map(|a| format!("{} {:?}", a.dtype().name(), a.shape())).collect();
        if let Some(fault) = fault {
            faults.push(format!("{name} of {} (known: {known}): {fault}", shapes.join(", ")));
        }
    }
    faults
}

fn count(sizes: &[usize]) -> usize {
    sizes.iter().product()
}

/// Elements that are hard on arithmetic, over and over.
fn elements(dtype: DType, sizes: &[usize]) -> Array {
    let n = count(sizes);
    let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, -2.5, 1e30, -1e-40, 3.0];
    let floats = |i: usize| floats[(i + n) % floats.len()];
    let integers = [0, 1, -1, i64::from(i32::MAX), i64::from(i32::MIN), 2, 7];
    let integers = |i: usize| integers[(i + n) % integers.len()];
    match dtype {
        DType::Float32 => Array::new((0..n).map(|i| floats(i) as f32).collect(), sizes),
        DType::Float64 => Array::new((0..n).map(floats).collect(), sizes),
        DType::Int32 => Array::new((0..n).map(|i| integers(i) as i32).collect(), sizes),
        DType::Int64 => Array::new((0..n).map(integers).collect(), sizes),
        DType::UInt8 => Array::new((0..n).map(|i| integers(i) as u8).collect(), sizes),
        DType::Bool => Array::new((0..n).map(|i| i % 2 == 0).collect(), sizes),
        DType::String => Array::new((0..n).map(|i| "x".repeat(i)).collect(), sizes),
    }
}

const SHAPES: [&[usize]; 9] = [&[], &[0], &[1], &[3], &[2, 3], &[0, 3], &[3, 0], &[2, 1, 3], &[1, 4, 4, 1]];
const TYPES: [DType; 7] =
    [DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::UInt8, DType::Bool, DType::String];

fn operands() -> Vec<Array> {
    SHAPES.iter().flat_map(|sizes| TYPES.iter().map(|dtype| elements(*dtype, sizes))).collect()
}

/// What may be given where sizes, axes, places or numbers of elements belong.
fn arguments() -> Vec<Array> {
    let vector = |v: &[i32]| Array::new(v.to_vec(), &[v.len()]);
    let max = i32::MAX;
    vec![
        Array::scalar(0),
        Array::scalar(1),
        Array::scalar(-1),
        Array::scalar(5),
        Array::scalar(-9),
        Array::scalar(max),
        Array::scalar(i32::MIN),
        vector(&[]),
        vector(&[0]),
        vector(&[-1]),
        vector(&[1, 0]),
        vector(&[0, 0]),
        vector(&[-1, -1]),
        vector(&[2, 3]),
        vector(&[-7, 2]),
        vector(&[max, max]),
        vector(&[max, max, max, 0]),
        vector(&[100_000, 100_000, 10]),
        vector(&[0, 2, 1]),
        vector(&[3, 1, 2, 0]),
        Array::new(vec![0, 1, 1, 0], &[2, 2]),
        Array::new(vec![max, max, -1, 0], &[2, 2]),
        Array::new(vec![1i64 << 40, 1 << 40], &[2]),
        Array::new(vec![1.5f32, f32::NAN], &[2]),
        Array::scalar(f64::NAN),
        Array::scalar(true),
        Array::scalar("one".to_owned()),
    ]
}

macro_rules! unary {
    ($module:ident: $($f:ident),*) => { [$((stringify!($f), (|x| ($module::$f(x[0])).tensor()) as Build)),*] };
}

macro_rules! binary {
    ($module:ident: $($f:ident),*) => {
        [$((stringify!($f), (|x| ($module::$f(x[0], x[1])).tensor()) as Build)),*]
    };
}

fn of_one() -> Vec<(&'static str, Build)> {
    let mut all: Vec<(&str, Build)> = Vec::new();
    all.extend(unary!(tf: negative, abs, sign, square, sqrt, rsqrt, reciprocal, exp, expm1, log, log1p, sin, cos, tan));
    all.extend(unary!(tf: asin, acos, atan, sinh, cosh, tanh, sigmoid, erf, erfc, floor, ceil, round, is_nan, is_inf));
    all.extend(unary!(tf: asinh, acosh, atanh, rint, sort, argsort, bincount, count_nonzero));
    all.extend(unary!(linalg: inv, det, cholesky, trace, diag, diag_part, matrix_transpose));
    all.extend(unary!(tf: is_finite, logical_not, to_float, to_double, to_int32, to_int64, identity, stop_gradient));
    all.extend(unary!(tf: zeros_like, ones_like, shape, rank, size, transpose, norm, r#where));
    all.extend(unary!(tf: reduce_sum, reduce_mean, reduce_max, reduce_min, reduce_prod, reduce_all, reduce_any));
    all.extend(unary!(nn: relu, relu6, elu, selu, softplus, softsign, softmax, log_softmax, swish, l2_loss));
    all.extend(unary!(strings: length, lower, upper, strip, reduce_join, as_string, to_number, split));
    all.extend(unary!(image: flip_left_right, flip_up_down, transpose, rgb_to_grayscale, grayscale_to_rgb));
    all.extend(unary!(image: per_image_standardization));
    all.extend([
        ("squeeze", (|x| tf::squeeze(x[0], &[])) as Build),
        ("strings of a joined axis", |x| strings::reduce_join(x[0]).axis(1).separator("-").tensor()),
        ("strings cut at a letter", |x| strings::split(x[0]).sep("x").maxsplit(1).tensor()),
        ("strings with an exponent", |x| strings::as_string(x[0]).scientific(true).width(12).tensor()),
        ("check_numerics", |x| tf::check_numerics(x[0], "x")),
        ("verify_tensor_all_finite", |x| tf::verify_tensor_all_finite(x[0], "x")),
        ("random_shuffle", |x| tf::random_shuffle(x[0]).tensor()),
        ("multinomial", |x| tf::multinomial(x[0], 4).tensor()),
        ("multinomial of a negative number", |x| tf::multinomial(x[0], -4).seed(1).tensor()),
        ("resize", |x| image::resize_images(x[0], [3, 2]).tensor()),
        ("resize with corners", |x| image::resize_images(x[0], [5, 9]).align_corners(true).tensor()),
        ("resize to the nearest", |x| image::resize_images(x[0], [3, 2]).method("nearest").tensor()),
        ("resize to nothing", |x| image::resize_images(x[0], [0, -2]).tensor()),
        ("resize in proportion", |x| image::resize_images(x[0], [9, 3]).preserve_aspect_ratio(true).tensor()),
        ("rot90", |x| image::rot90(x[0], 3)),
        ("central_crop", |x| image::central_crop(x[0], 0.3)),
        ("crop_to_bounding_box", |x| image::crop_to_bounding_box(x[0], 1, 1, 2, 2)),
        ("pad_to_bounding_box", |x| image::pad_to_bounding_box(x[0], 1, 1, 9, 9)),
        ("resize_with_crop_or_pad", |x| image::resize_with_crop_or_pad(x[0], 2, 7)),
        ("convert_image_dtype", |x| image::convert_image_dtype(x[0], tf::uint8).saturate(true).tensor()),
        ("convert_image_dtype to integers", |x| image::convert_image_dtype(x[0], tf::int32).tensor()),
        ("adjust_brightness", |x| image::adjust_brightness(x[0], 0.1)),
        ("adjust_contrast", |x| image::adjust_contrast(x[0], 2.0)),
        ("adjust_gamma", |x| image::adjust_gamma(x[0], 0.5)),
        ("a gradient of one's own", |x| tf::custom_gradient(|x: Tensor| (tf::identity(x), |dy: Tensor| dy))(x[0])),
        ("sort along an axis", |x| tf::sort(x[0]).axis(0).direction("DESCENDING").tensor()),
        ("unique", |x| tf::unique(x[0]).0),
        ("unique with counts", |x| tf::unique_with_counts(x[0]).2),
        ("einsum of one", |x| tf::einsum("ij->ji", [x[0]])),
        ("einsum with an ellipsis", |x| tf::einsum("...i->...", [x[0]])),
        ("band_part", |x| linalg::band_part(x[0], 1, 9)),
        ("slogdet", |x| linalg::slogdet(x[0]).1),
        ("qr", |x| linalg::qr(x[0]).1),
        ("svd", |x| linalg::svd(x[0]).0),
        ("eigh", |x| linalg::eigh(x[0]).0),
        ("softmax along an axis", |x| nn::softmax(x[0]).axis(0).tensor()),
        ("log_softmax along a far axis", |x| nn::log_softmax(x[0]).axis(7).tensor()),
        ("squeeze of axes", |x| tf::squeeze(x[0], &[0, -1])),
        ("squeeze far outside", |x| tf::squeeze(x[0], &[9])),
        ("expand_dims", |x| tf::expand_dims(x[0], 1)),
        ("expand_dims far outside", |x| tf::expand_dims(x[0], -9)),
        ("stack", |x| tf::stack([x[0], x[0]]).tensor()),
        ("concat", |x| tf::concat([x[0], x[0]], 0)),
        ("concat along a far axis", |x| tf::concat([x[0], x[0]], -7)),
        ("add_n", |x| tf::add_n([x[0], x[0]])),
        ("split", |x| tf::split(x[0], 2, 0)[0]),
        ("split along a far axis", |x| tf::split(x[0], 3, 5)[1]),
        ("split into nothing", |x| tf::split(x[0], 0, 0)[0]),
        ("unstack", |x| tf::unstack(x[0], 0).first().copied().unwrap_or(x[0])),
        ("unstack along a far axis", |x| tf::unstack(x[0], -5).first().copied().unwrap_or(x[0])),
        ("reverse", |x| tf::reverse(x[0], [0, -1])),
        ("cumsum", |x| tf::cumsum(x[0], 0).tensor()),
        ("cumsum along a far axis", |x| tf::cumsum(x[0], 8).tensor()),
        ("string_join", |x| tf::string_join(&[x[0], x[0]], "-")),
        ("top_k", |x| tf::nn::top_k(x[0], 2).0),
        ("top_k of a negative number", |x| tf::nn::top_k(x[0], -2).0),
        ("argmax", |x| tf::argmax(x[0], 0).tensor()),
        ("argmin along a far axis", |x| tf::argmin(x[0], -8).tensor()),
        ("sum along axes", |x| tf::reduce_sum(x[0]).axis([0, 1]).keepdims(true).into()),
        ("mean along a far axis", |x| tf::reduce_mean(x[0]).axis(7).into()),
        ("max along the last axis", |x| tf::reduce_max(x[0]).axis(-1).into()),
        ("prod along the first axis", |x| tf::reduce_prod(x[0]).axis(0).into()),
        ("one_hot", |x| tf::one_hot(x[0], 3).tensor()),
        ("one_hot of a negative depth", |x| tf::one_hot(x[0], -3).tensor()),
        ("strided_slice", |x| tf::strided_slice(x[0], [0], [9], [2])),
        ("strided_slice without a step", |x| tf::strided_slice(x[0], [0, 0], [1, 1], [0, 1])),
        ("strided_slice backwards", |x| tf::strided_slice(x[0], [5], [-9], [-1])),
        ("transpose by axes", |x| tf::transpose(x[0]).perm([1, 0]).tensor()),
        ("transpose by axes outside", |x| tf::transpose(x[0]).perm([5, -7]).tensor()),
        ("leaky_relu", |x| tf::nn::leaky_relu(x[0], 0.2)),
        ("dropout", |x| tf::nn::dropout(x[0], 0.5)),
        ("moments", |x| tf::nn::moments(x[0], [0]).1),
        ("l2_normalize", |x| tf::nn::l2_normalize(x[0], 0)),
        ("clip_by_value", |x| tf::clip_by_value(x[0], -1.0, 1.0)),
        ("clip_by_norm", |x| tf::clip_by_norm(x[0], 1.0)),
        ("max_pool", |x| tf::nn::max_pool(x[0], [1, 2, 2, 1], [1, 2, 2, 1], "SAME")),
        ("max_pool of a large window", |x| tf::nn::max_pool(x[0], [1, 9, 9, 1], [1, 1, 1, 1], "VALID")),
        ("avg_pool", |x| tf::nn::avg_pool(x[0], [1, 2, 2, 1], [1, 1, 1, 1], "VALID")),
        ("conv2d", |x| tf::nn::conv2d(x[0], x[0], [1, 1, 1, 1], "SAME")),
        ("cond", |x| tf::cond(tf::reduce_all(tf::equal(x[0], x[0])).tensor(), || x[0], || tf::identity(x[0]))),
        ("a loop", |x| tf::while_loop(|(i, _)| i.lt(2), |(i, v)| (i + 1, tf::identity(v)), (0, x[0])).1),
        ("scalar summary", |x| tf::summary::scalar("s", x[0]).tensor()),
        ("histogram summary", |x| tf::summary::histogram("h", x[0]).tensor()),
        ("image summary", |x| tf::summary::image("i", x[0]).tensor()),
        ("text summary", |x| tf::summary::text("t", x[0]).tensor()),
        ("merged summaries", |x| tf::summary::merge(&[x[0], x[0]])),
        ("prelu", |x| tf::nn::prelu(x[0], 0.25)),
        ("maxout", |x| tf::contrib::layers::maxout(x[0], 3)),
        ("elastic net", |x| tf::contrib::layers::l1_l2_regularizer(0.1, 0.1).call(x[0])),
        ("eval of a slice", |x| x[0].slice(flowbook::s![1, ..])),
    ]);
    all
}

fn of_two() -> Vec<(&'static str, Build)> {
    let mut all: Vec<(&str, Build)> = Vec::new();
    all.extend(
        binary!(tf: add, subtract, multiply, divide, floordiv, floormod, pow, maximum, minimum, squared_difference),
    );
    all.extend(binary!(tf: atan2, equal, not_equal, less, less_equal, greater, greater_equal, logical_and, logical_or));
    all.extend(binary!(tf: matmul, gather, gather_nd, div_no_nan));
    all.extend(binary!(math: xlogy, xdivy));
    all.extend(binary!(tf: segment_sum, segment_mean, segment_max, segment_min, segment_prod));
    all.extend([
        ("bias_add", (|x| tf::nn::bias_add(x[0], x[1])) as Build),
        ("einsum", |x| tf::einsum("ij,jk->ik", [x[0], x[1]])),
        ("tensordot", |x| tf::tensordot(x[0], x[1], 1)),
        ("tensordot of axes", |x| tf::tensordot(x[0], x[1], [0, -1])),
        ("solve", |x| linalg::solve(x[0], x[1])),
        ("triangular_solve", |x| linalg::triangular_solve(x[0], x[1])),
        ("matvec", |x| linalg::matvec(x[0], x[1])),
        ("confusion_matrix", |x| tf::confusion_matrix(x[0], x[1]).num_classes(3).tensor()),
        ("bincount with weights", |x| tf::bincount(x[0]).weights(x[1]).maxlength(4).tensor()),
        ("select", |x| tf::select(x[0], x[1], x[1])),
        ("select by comparison", |x| tf::select(tf::equal(x[0], x[0]), x[0], x[1])),
        ("concat", |x| tf::concat([x[0], x[1]], 0)),
        ("stack", |x| tf::stack([x[0], x[1]]).tensor()),
        ("add_n", |x| tf::add_n([x[0], x[1]])),
        ("matmul of transposed", |x| tf::matmul(x[0], x[1]).transpose_a(true).tensor()),
        ("conv2d", |x| tf::nn::conv2d(x[0], x[1], [1, 1, 1, 1], "VALID")),
        ("softmax cross entropy", |x| tf::nn::softmax_cross_entropy_with_logits(x[0], x[1])),
        ("sparse softmax cross entropy", |x| tf::nn::sparse_softmax_cross_entropy_with_logits(x[0], x[1])),
        ("sigmoid cross entropy", |x| tf::nn::sigmoid_cross_entropy_with_logits(x[0], x[1])),
        ("batch normalisation", |x| tf::nn::batch_normalization(x[0], x[1], x[1], 0.0, 1.0, 1e-3)),
        ("assign", |x| {
            let v = tf::Variable::new(x[0]);
            v.assign(x[1])
        }),
        ("fill", |x| tf::fill(x[0], x[1])),
        ("placeholder_with_default", |x| tf::placeholder_with_default(x[0], None) + x[1]),
        ("clip_by_value", |x| tf::clip_by_value(x[0], x[1], x[1])),
    ]);
    all
}

/// Ops of a tensor and integers.
fn of_arguments() -> Vec<(&'static str, Build)> {
    vec![
        ("resize to a size", |x| image::resize_images(x[0], x[1]).tensor()),
        ("resize to the nearest of a size", |x| image::resize_images(x[0], x[1]).method("nearest").tensor()),
        ("substr", |x| strings::substr(x[0], x[1], x[1]).tensor()),
        ("substr of characters", |x| strings::substr(x[0], 1, x[1]).unit("UTF8_CHAR").tensor()),
        ("reshape", |x| tf::reshape(x[0], x[1])),
        ("tile", |x| tf::tile(x[0], x[1])),
        ("broadcast_to", |x| tf::broadcast_to(x[0], x[1])),
        ("pad", |x| tf::pad(x[0], x[1]).tensor()),
        ("pad with a value", |x| tf::pad(x[0], x[1]).constant_values(2).tensor()),
        ("pad by a mirror", |x| tf::pad(x[0], x[1]).mode("REFLECT").tensor()),
        ("pad by a mirror with the edge", |x| tf::pad(x[0], x[1]).mode("SYMMETRIC").tensor()),
        ("split by sizes", |x| tf::split(x[0], [1, -1], 0)[1]),
        ("gather along an axis", |x| tf::gather(x[0], x[1]).axis(1).tensor()),
        ("gather in batches", |x| tf::gather(x[0], x[1]).batch_dims(1).tensor()),
        ("gather", |x| tf::gather(x[0], x[1]).tensor()),
        ("gather_nd", |x| tf::gather_nd(x[0], x[1])),
        ("segment_sum", |x| tf::segment_sum(x[0], x[1])),
        ("segment_max", |x| tf::segment_max(x[0], x[1])),
        ("scatter_nd", |x| tf::scatter_nd(x[0], x[1], [4])),
        ("scatter_nd far outside", |x| tf::scatter_nd([[9], [-9]], x[0], [4])),
        ("tensor_scatter_nd_update", |x| tf::tensor_scatter_nd_update(x[0], x[1], x[1])),
        ("tensor_scatter_nd_add", |x| tf::tensor_scatter_nd_add(x[0], [[1]], x[1])),
        ("tensor_scatter_nd_sub", |x| tf::tensor_scatter_nd_sub(x[0], x[1], x[0])),
        ("slice", |x| tf::slice(x[0], x[1], x[1])),
        ("slice to the end", |x| tf::slice(x[0], x[1], [-1])),
        ("fill", |x| tf::fill(x[1], x[0])),
        ("range", |x| tf::range(x[0], x[1], 1)),
        ("range by steps", |x| tf::range(0, tf::minimum(x[0], 1000), x[1])),
        ("linspace", |x| tf::linspace(x[0], x[0], x[1])),
    ]
}

/// The panics of this test are counted, not printed.
fn quietly<R>(body: impl FnOnce() -> R) -> R {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = body();
    std::panic::set_hook(hook);
    result
}

#[test]
fn no_op_dies_of_what_it_is_given() {
    let mut seen = Seen::default();
    let faults: Vec<String> = quietly(|| {
        let mut faults = Vec::new();
        let operands = operands();
        for (name, build) in of_one() {
            for x in &operands {
                faults.extend(attempt(&mut seen, name, build, std::slice::from_ref(x)));
            }
        }
        for (name, build) in of_two() {
            for (i, x) in operands.iter().enumerate() {
                // Every pair of shapes and of types, though not each with each.
                for (k, y) in operands.iter().enumerate().filter(|(k, _)| (i + k) % 4 == 0 || i % 7 == k % 7) {
                    if (i * 31 + k) % 3 == 0 {
                        faults.extend(attempt(&mut seen, name, build, &[x.clone(), y.clone()]));
                    }
                }
            }
        }
        for (name, build) in of_arguments() {
            for x in &operands {
                // Numbers counted one by one would fill the memory that the machine has.
                let counts = ["range", "range by steps", "linspace", "fill"].contains(&name);
                let large = |y: &Array| y.as_slice::<i32>() == Some(&[i32::MAX]);
                for y in arguments().into_iter().filter(|y| !(counts && large(y))) {
                    faults.extend(attempt(&mut seen, name, build, &[x.clone(), y]));
                }
            }
        }
        faults
    });
    let shown = faults.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} faults:\n{shown}", faults.len());
    // Built by optimizers, gradients, assertions and Keras' layers, which have tests of their own.
    let elsewhere = [
        "ApplyAdadelta",
        "ApplyAdagrad",
        "ApplyAdam",
        "ApplyCenteredRMSProp",
        "ApplyGradientDescent",
        "ApplyMomentum",
        "ApplyRMSProp",
        "Assert",
        "AssignAdd",
        "AssignSub",
        "Conv2DBackpropFilter",
        "Conv2DBackpropInput",
        "ImageProjectiveTransformV3",
        "IsVariableInitialized",
        "LinSpace",
        "MirrorPadGrad",
        "NoOp",
        // A constant or a fill, but where there is no graph.
        "OnesLike",
        "Print",
        "PrintV2",
        "RandomStandardNormal",
        "RandomUniformInt",
        "ScatterAdd",
        "ScatterSub",
        "ScatterUpdate",
        "ShapeN",
        "Snapshot",
        "TruncatedNormal",
    ];
    let left: Vec<&str> =
        flowbook::covered().into_iter().filter(|op| !seen.0.contains(*op) && !elsewhere.contains(op)).collect();
    assert!(left.is_empty(), "never tried: {left:?}");
}

/// Sizes that overflow, or that no machine has, while the graph is built.
#[test]
fn impossible_sizes() {
    let huge = 1usize << 40;
    let cases: [(&str, fn(usize) -> Tensor); 7] = [
        ("zeros", |n| tf::zeros([n, n]).tensor()),
        ("ones", |n| tf::ones([n]).tensor()),
        ("constant", |n| tf::constant(1).with_shape([n, 4]).tensor()),
        ("random_normal", |n| tf::random_normal([n, n, n]).tensor()),
        ("truncated_normal", |n| tf::truncated_normal([n]).tensor()),
        ("eye", |n| tf::eye(n).tensor()),
        ("random_uniform", |n| tf::random_uniform([n]).tensor()),
    ];
    for (name, build) in cases {
        let fault = outcome(|| Session::new().run(build(huge)).map(drop));
        assert_eq!(fault, None, "{name}");
        let ends_well = catch_unwind(|| Graph::new().as_default(|| Session::new().run(build(huge)).is_ok()));
        assert!(!ends_well.unwrap_or(false), "{name} of such a size cannot be");
    }
}

/// A variable of such a size fails when it would take the memory, and the session goes on.
#[test]
fn a_session_survives_an_impossible_run() {
    Graph::new().as_default(|| {
        let n = tf::placeholder(tf::int32, Shape::from([2]));
        let filled = tf::fill(n, 1.0);
        let sess = Session::new();
        let run = |sizes: [i32; 2]| sess.run_with(filled, Feeds::default().with(n, sizes));
        let error = run([i32::MAX, i32::MAX]).unwrap_err();
        assert_eq!(error.class(), "ResourceExhaustedError");
        assert!(
            error.message().starts_with("OOM when allocating tensor with shape[2147483647,2147483647] and type float")
        );
        assert_eq!(run([-1, 2]).unwrap_err().class(), "InvalidArgumentError");
        assert_eq!(run([1, 2]).unwrap().to_string(), "[[1. 1.]]");
    });
}

/// A comparison that calls a NaN equal to everything is no order, and the standard library's sort may say so with a panic.
#[test]
fn top_k_puts_what_is_no_number_last() -> flowbook::Result<()> {
    let x: Vec<f32> = (0..100).map(|i| if i % 3 == 0 { f32::NAN } else { (i * 37 % 100) as f32 }).collect();
    let (values, places) = nn::top_k(&x, 100);
    let sess = Session::new();
    let (values, places) = (sess.run(values)?, sess.run(places)?);
    let (values, places) = (values.as_slice::<f32>().unwrap(), places.as_slice::<i32>().unwrap());
    let numbers = x.iter().filter(|v| !v.is_nan()).count();
    assert!(values[..numbers].is_sorted_by(|a, b| a >= b), "{values:?}");
    assert!(values[numbers..].iter().all(|v| v.is_nan()) && places[numbers..].is_sorted(), "{places:?}");
    Ok(())
}
