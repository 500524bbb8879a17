//! Optimizers on a device round as they do on the CPU: the same bits after several steps, whatever the number of elements.

use super::{has_device, on_cpu, on_gpu};
use crate::graph::{Operation, Tensor};
use crate::v1 as tf;
use crate::{Array, feed, shape};

/// The variable and all slots after each of five steps of an optimizer whose gradient is what is fed.
fn follow(count: usize, double: bool, minimize: &dyn Fn(Tensor) -> Operation) -> Vec<Array> {
    let noise = |start: usize| {
        let values: Vec<f64> = (0..count).map(|i| ((i + start) as f64 * 0.618_034).fract() * 2.9 - 1.1).collect();
        match double {
            true => Array::new(values, &[count]),
            false => Array::new(values.iter().map(|x| *x as f32).collect(), &[count]),
        }
    };
    tf::Graph::new().as_default(|| {
        let dtype = if double { tf::float64 } else { tf::float32 };
        let x = tf::placeholder(dtype, shape![count]);
        let v = tf::Variable::new(noise(7));
        let train = minimize(tf::reduce_sum(v * x).tensor());
        let session = tf::Session::new();
        session.run(tf::global_variables_initializer()).unwrap();
        let mut values = Vec::new();
        for step in 0..5 {
            session.run_with(train, feed! { x => noise(100 * step) }).unwrap();
            values.extend(session.run(tf::global_variables()).unwrap());
        }
        session.close();
        values
    })
}

#[test]
fn every_optimizer_rounds_as_on_the_cpu() {
    if !has_device() {
        return;
    }
    use tf::train::*;
    type Minimize<'a> = &'a dyn Fn(Tensor) -> Operation;
    let all: [(&str, Minimize); 10] = [
        ("GradientDescent", &|loss| GradientDescentOptimizer::new(0.07).minimize(loss)),
        ("Momentum", &|loss| MomentumOptimizer::new(0.07, 0.9).minimize(loss)),
        ("Nesterov", &|loss| MomentumOptimizer::new(0.07, 0.9).use_nesterov(true).minimize(loss)),
        ("Adagrad", &|loss| AdagradOptimizer::new(0.07).minimize(loss)),
        ("Adadelta", &|loss| AdadeltaOptimizer::new(0.7).minimize(loss)),
        ("RMSProp", &|loss| RMSPropOptimizer::new(0.07).minimize(loss)),
        ("RMSProp with momentum", &|loss| RMSPropOptimizer::new(0.07).momentum(0.3).minimize(loss)),
        ("centered RMSProp", &|loss| RMSPropOptimizer::new(0.07).centered(true).minimize(loss)),
        ("Adam", &|loss| AdamOptimizer::new(0.07).minimize(loss)),
        ("Nadam", &|loss| NadamOptimizer::new(0.07).minimize(loss)),
    ];
    for (name, minimize) in all {
        for (count, double) in [(1, false), (7, false), (301, false), (1, true), (129, true)] {
            let run = || follow(count, double, minimize);
            let (got, want) = (on_gpu(run), on_cpu(run));
            assert_eq!(got, want, "{name}, {count} elements, double: {double}");
        }
    }
}
