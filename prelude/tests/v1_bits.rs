//! Functions of floats to the last bit: every element of results that fill packets and of results that do not, beside
//! what TensorFlow 2.20 gave (`fixtures/make_v1_bits.py`).

use flowbook::v1::{self as tf, Session, Tensor, nn};
use flowbook::{Array, DType};
use serde_json::Value;

/// The function of that name, of `x` with so many rows.
fn apply(name: &str, x: Tensor, rows: usize, width: usize) -> Tensor {
    let classes = || tf::floormod(tf::range(0, rows as i32, 1), width as i32);
    let labels = || tf::cast(tf::one_hot(classes(), width as i32), x.dtype());
    let by_x = |y: Tensor| tf::gradients(y, [x])[0].expect("it depends on x");
    let crossed = || nn::softmax_cross_entropy_with_logits_v2(labels(), x);
    let sparse = || nn::sparse_softmax_cross_entropy_with_logits(classes(), x);
    match name {
        "exp" => tf::exp(x),
        "expm1" => tf::expm1(x),
        "log" => tf::log(tf::abs(x)),
        "log1p" => tf::log1p(tf::abs(x)),
        "sigmoid" => tf::sigmoid(x),
        "tanh" => tf::tanh(x),
        "sin" => tf::sin(x),
        "cos" => tf::cos(x),
        "tan" => tf::tan(x),
        "sinh" => tf::sinh(x),
        "cosh" => tf::cosh(x),
        "erf" => tf::erf(x),
        "sqrt" => tf::sqrt(tf::abs(x)),
        "softplus" => nn::softplus(x),
        "softsign" => nn::softsign(x),
        "elu" => nn::elu(x),
        "selu" => nn::selu(x),
        "sigmoid gradient" => by_x(tf::sigmoid(x)),
        "tanh gradient" => by_x(tf::tanh(x)),
        "elu gradient" => by_x(nn::elu(x)),
        "sum" => tf::reduce_sum(x).axis(1).tensor(),
        "mean" => tf::reduce_mean(x).axis(1).tensor(),
        "sum of columns" => tf::reduce_sum(x).axis(0).tensor(),
        "mean of columns" => tf::reduce_mean(x).axis(0).tensor(),
        "sum of all" => tf::reduce_sum(x).tensor(),
        "softmax" => nn::softmax(x).tensor(),
        "log_softmax" => nn::log_softmax(x).tensor(),
        "cross entropy" => crossed(),
        "cross entropy gradient" => by_x(crossed()),
        "sparse cross entropy" => sparse(),
        "sparse cross entropy gradient" => by_x(sparse()),
        _ => panic!("no function is called {name}"),
    }
}

fn bits(text: &Value) -> Vec<u64> {
    let numbers = text.as_str().unwrap_or_default().split_whitespace();
    numbers.map(|bits| u64::from_str_radix(bits, 16).unwrap()).collect()
}

fn array(bits: &[u64], dtype: DType, shape: &[usize]) -> Array {
    match dtype {
        DType::Float32 => Array::new(bits.iter().map(|b| f32::from_bits(*b as u32)).collect(), shape),
        _ => Array::new(bits.iter().map(|b| f64::from_bits(*b)).collect(), shape),
    }
}

fn bits_of(result: &Array) -> Vec<u64> {
    match result.dtype() {
        DType::Float32 => result.to_vec::<f32>().iter().map(|x| u64::from(x.to_bits())).collect(),
        _ => result.to_vec::<f64>().iter().map(|x| x.to_bits()).collect(),
    }
}

#[test]
fn functions_of_floats_have_tensorflows_bits() {
    let recorded: Value = serde_json::from_str(include_str!("fixtures/v1_bits.json")).unwrap();
    let mut different = Vec::new();
    let mut checked = 0;
    for case in recorded.as_array().unwrap() {
        let dtype = if case["dtype"] == "float32" { DType::Float32 } else { DType::Float64 };
        let shape: Vec<usize> =
            case["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        let x = tf::constant(array(&bits(&case["x"]), dtype, &shape)).tensor();
        let (rows, width) = (shape[0], shape.last().copied().unwrap_or(1));
        for (name, answer) in case["answers"].as_object().unwrap() {
            let got = bits_of(&Session::new().run(apply(name, x, rows, width)).unwrap());
            let want = bits(answer);
            assert_eq!(got.len(), want.len(), "{name} of {dtype:?} {shape:?}");
            // In sessions TensorFlow takes the reciprocals of a softmax's sums from an approximation that differs from
            // processor to processor; ours is the softmax of ops that run at once. Its erf of float64 differs by one or
            // two of the last bits.
            let other = [("softmax", DType::Float32), ("erf", DType::Float64)].contains(&(name.as_str(), dtype));
            if other {
                continue;
            }
            if got != want {
                let at = (0..got.len()).filter(|i| got[*i] != want[*i]).collect::<Vec<_>>();
                different.push(format!("{name} of {dtype:?} {shape:?}: {} of {} at {at:?}", at.len(), want.len()));
            }
            checked += want.len();
        }
    }
    assert!(different.is_empty(), "{} of {checked} elements checked:\n{}", different.len(), different.join("\n"));
}

/// Labels broadcast along the rows.
#[test]
fn one_row_of_labels_serves_all_rows_of_logits() {
    let run = |y: Tensor| bits_of(&Session::new().run(y).unwrap());
    let (one, many) = ([[0.0f32, 1.0, 0.0]], [[1.0f32, 2.0, 3.0], [3.0, 1.0, 0.0]]);
    let crossed = |labels: Tensor, logits: Tensor| nn::softmax_cross_entropy_with_logits_v2(labels, logits);
    let constant = |rows: &[[f32; 3]]| tf::constant(rows.to_vec()).tensor();
    assert_eq!(run(crossed(constant(&one), constant(&many))), run(crossed(constant(&[one[0]; 2]), constant(&many))));
}
