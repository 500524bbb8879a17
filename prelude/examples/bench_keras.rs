//! Times what Keras' lessons do: one epoch of softmax regression on 60,000 digits by `fit`, and one eager addition.
//!
//!     cargo run --release -p flowbook --example bench_keras

use std::time::Instant;

use flowbook::keras::layers::{Dense, Flatten};
use flowbook::keras::{self, Sequential, optimizers::Adam};
use flowbook::{Result, np, v2 as tf};

fn main() -> Result<()> {
    let ((images, labels), _) = keras::datasets::mnist::load_data()?;
    let images = images.astype(np::float32) / 255.0;
    let labels = keras::utils::to_categorical(&labels, 10);
    let mut model = Sequential::new();
    model.add(Flatten::new().input_shape([28, 28]));
    model.add(Dense::new(10).activation("softmax"));
    model.compile(Adam::new(0.001), "categorical_crossentropy", ["acc"])?;
    for _ in 0..5 {
        let began = Instant::now();
        let history = model.fit(&images, &labels).batch_size(100).verbose(0).run()?;
        let milliseconds = began.elapsed().as_secs_f64() * 1e3;
        println!("one epoch of 600 steps: {milliseconds:.1} ms, loss {:.4}", history["loss"][0]);
    }
    let (a, b) = (tf::constant(1.5).tensor(), tf::constant(2.5).tensor());
    let count = 1_000_000;
    let began = Instant::now();
    for _ in 0..count {
        std::hint::black_box(std::hint::black_box(&a) + std::hint::black_box(&b));
    }
    println!("eager addition: {:.0} ns", began.elapsed().as_secs_f64() * 1e9 / f64::from(count));
    let x = tf::Variable::new(3.0);
    let count = 20_000;
    let began = Instant::now();
    for _ in 0..count {
        let tape = tf::GradientTape::new();
        let y = &x * &x;
        std::hint::black_box(tape.gradient(&y, &x));
    }
    println!("tape over a product: {:.1} us", began.elapsed().as_secs_f64() * 1e6 / f64::from(count));
    let f = tf::function(|x: &tf::Tensor| x + 1.0);
    let began = Instant::now();
    for _ in 0..count {
        std::hint::black_box(f(&a));
    }
    println!("compiled addition: {:.2} us", began.elapsed().as_secs_f64() * 1e6 / f64::from(count));
    Ok(())
}
