//! Scatters on the device: updates of a variable's rows, and a table of which a loss takes some rows several times.

use super::{assert_close, has_device, on_cpu, on_gpu};
use crate::graph::Graph;
use crate::session::Session;
use crate::{Array, feed, shape, v1 as tf};

/// Many rows and few, wide ones and single numbers.
#[test]
fn rows_of_a_variable_are_updated_as_on_the_cpu() {
    if !has_device() {
        return;
    }
    for (rows, width, count) in [(5, 3, 40), (300, 2, 40), (7, 200, 9)] {
        let run = || {
            Graph::new().as_default(|| {
                let v = tf::Variable::new(Array::new(super::training::noise(rows * width, 3), &[rows, width]));
                let (at, by) =
                    (tf::placeholder(tf::int32, shape![count]), tf::placeholder(tf::float32, shape![count, width]));
                let updates =
                    [tf::scatter_add(v, at, by), tf::scatter_update(v, at, by), tf::scatter_sub(v, at, by * 0.5)];
                let session = Session::new();
                session.run(tf::global_variables_initializer()).unwrap();
                let numbers = Array::new((0..count as i32).map(|i| i * 7 % rows as i32).collect(), &[count]);
                let given = Array::new(super::training::noise(count * width, 5), &[count, width]);
                let step = |i: usize| session.run_with(updates[i], feed! { at => &numbers, by => &given }).unwrap();
                // Twice each, so that the second run is a recording's.
                let values: Vec<Array> = (0..6).map(|i| step(i % 3)).collect();
                session.close();
                values
            })
        };
        // The device takes the updates of a row in their order, as the CPU does: the same bit for bit.
        assert_eq!(on_gpu(run), on_cpu(run), "{rows} {width} {count}");
    }
}

/// An embedding: the gradient of rows taken several times is their sum, always in the same order.
#[test]
fn a_table_learns_as_on_the_cpu_and_always_the_same() {
    if !has_device() {
        return;
    }
    let run = || {
        Graph::new().as_default(|| {
            let table = tf::Variable::new(Array::new(super::training::noise(50 * 8, 1), &[50, 8]));
            let words = tf::placeholder(tf::int64, shape![64]);
            let taken = tf::gather(table, words);
            let loss = tf::reduce_mean(tf::square(taken - 0.5)).tensor();
            let train = tf::train::GradientDescentOptimizer::new(5.0).minimize(loss);
            let session = Session::new();
            session.run(tf::global_variables_initializer()).unwrap();
            let numbers = Array::new((0..64i64).map(|i| i * i % 37).collect(), &[64]);
            let step = || session.run_with((loss, train), feed! { words => &numbers }).unwrap().0;
            let losses: Vec<Array> = (0..20).map(|_| step()).collect();
            let values = session.run(table).unwrap();
            session.close();
            (losses, values)
        })
    };
    let ((losses, values), again, (want, wanted)) = (on_gpu(run), on_gpu(run), on_cpu(run));
    assert_eq!((&losses, &values), (&again.0, &again.1));
    losses.iter().zip(&want).for_each(|(got, want)| assert_close("loss", got, want, 1e-5));
    assert_close("the table", &values, &wanted, 1e-5);
}
