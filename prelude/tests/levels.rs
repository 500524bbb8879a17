//! The same numbers on every processor: the library runs with the widest vector instructions, with AVX2 and with those
//! of every processor, each time in a process of its own, and has to print the same bits.

use flowbook::Array;
use flowbook::v2::{self as tf, Tensor};

/// Numbers without a pattern, the same each time.
fn numbers(count: usize) -> Array {
    let number = |i: usize| ((i * 2_654_435_761) % 4_096) as f32 / 1_024.0 - 1.75;
    Array::new((0..count).map(number).collect(), &[count])
}

/// Whole numbers, whose products and sums are exact in `float32` in whatever order they are added.
fn whole(shape: &[usize], modulus: usize) -> Array {
    let count = shape.iter().product();
    Array::new((0..count).map(|i| (i * 7 % modulus) as f32 - 2.0).collect(), shape)
}

fn show(name: &str, value: &Tensor) {
    let array = value.numpy();
    let bits: Vec<String> = array.to_vec::<f32>().iter().map(|x| format!("{:08x}", x.to_bits())).collect();
    println!("level {name} {:?} {}", array.shape(), bits.join(" "));
}

/// Prints what the parent compares; no test by itself.
#[test]
#[ignore = "run by the test below, under each level"]
fn printed() {
    type Function = fn(&Tensor) -> Tensor;
    let functions: [(&str, Function); 14] = [
        ("exp", |x| tf::exp(x)),
        ("log", |x| tf::math::log(tf::abs(x) + 0.5)),
        ("tanh", |x| tf::tanh(x)),
        ("sigmoid", |x| tf::sigmoid(x)),
        ("erf", |x| tf::math::erf(x)),
        ("softplus", |x| tf::nn::softplus(x)),
        ("sin", |x| tf::sin(x)),
        ("elu", |x| tf::nn::elu(x)),
        ("sqrt", |x| tf::sqrt(tf::abs(x))),
        ("chain", |x| tf::tanh(x * 2.0 + 1.0) * tf::sigmoid(x) - x / 3.0),
        ("sum", |x| tf::reduce_sum(x).into()),
        ("mean", |x| tf::reduce_mean(x).into()),
        ("log_softmax", |x| tf::nn::log_softmax(tf::reshape(x, [1, -1])).tensor()),
        ("max", |x| tf::reduce_max(x).into()),
    ];
    // Below a register, whole registers, and a remainder in each width.
    for count in [1, 3, 8, 16, 37, 200] {
        let x = tf::convert_to_tensor(numbers(count));
        functions.iter().for_each(|(name, f)| show(&format!("{name} {count}"), &f(&x)));
    }
    for [m, k, n] in
        [[1, 1, 1], [4, 2, 2], [4, 10, 10], [17, 5, 3], [40, 100, 10], [9, 250, 1], [65, 70, 33], [130, 300, 97]]
    {
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            let a = whole(&if ta { [k, m] } else { [m, k] }, 11);
            let b = whole(&if tb { [n, k] } else { [k, n] }, 5);
            let product = tf::matmul(a, b).transpose_a(ta).transpose_b(tb);
            show(&format!("matmul {m} {k} {n} {ta} {tb}"), &product.into());
        }
    }
    for (size, window, channels, filters) in [(5, 3, 1, 4), (9, 5, 3, 17), (8, 1, 4, 8)] {
        let (images, kernel) = (whole(&[2, size, size, channels], 13), whole(&[window, window, channels, filters], 5));
        show(&format!("conv2d {size} {window}"), &tf::nn::conv2d(images, kernel, [1, 1, 1, 1], "SAME"));
    }
    show("of nothing", &tf::matmul(whole(&[0, 3], 5), whole(&[3, 2], 5)).into());
    show("along nothing", &tf::matmul(whole(&[2, 0], 5), whole(&[0, 3], 5)).into());
}

/// What [`printed`] prints at a level.
fn at(level: &str) -> Vec<String> {
    let program = std::env::current_exe().expect("a test knows its own program");
    let run = std::process::Command::new(program)
        .args(["--exact", "printed", "--include-ignored", "--nocapture", "--test-threads=1"])
        .env("FLOWBOOK_MAX_CPU_ISA", level)
        .output()
        .expect("the test's own program starts");
    assert!(run.status.success(), "{level}: {}", String::from_utf8_lossy(&run.stderr));
    let text = String::from_utf8_lossy(&run.stdout);
    let lines: Vec<String> = text.lines().filter_map(|l| Some(l[l.find("level ")?..].to_owned())).collect();
    assert!(lines.len() > 100, "{level}: only {} lines", lines.len());
    lines
}

#[test]
fn every_level_gives_the_same_bits() {
    let widest = at("AVX512");
    for level in ["AVX2", "BASELINE"] {
        let differing = at(level).into_iter().zip(&widest).find(|(a, b)| a != *b);
        assert_eq!(differing, None, "{level}");
    }
}
