//! The optimizers against their published recurrences, computed here in double precision on f(w) = w^2, f'(w) = 2w.

use flowbook::Result;
use flowbook::v1::{self as tf, Graph, Operation, Tensor};

/// The values of w, starting at 1, after each of five steps.
fn steps(minimize: impl FnOnce(Tensor) -> Operation) -> Result<Vec<f64>> {
    Graph::new().as_default(|| {
        let w = tf::Variable::new(1.0).named("w");
        let train = minimize(w * w);
        let sess = tf::Session::new();
        sess.run(tf::global_variables_initializer())?;
        let mut path = Vec::new();
        for _ in 0..5 {
            sess.run(train)?;
            path.push(f64::from(sess.run(w)?.as_slice::<f32>().unwrap()[0]));
        }
        Ok(path)
    })
}

/// Agreement to float32's precision, a few roundings per step.
fn agree(got: &[f64], want: &[f64]) {
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).abs() < 1e-6, "{got:?}, not {want:?}");
    }
}

#[test]
fn gradient_descent() -> Result<()> {
    // w <- w - 0.1 * 2w = 0.8 w
    let want: Vec<f64> = (1..=5).map(|t| 0.8f64.powi(t)).collect();
    agree(&steps(|loss| tf::train::GradientDescentOptimizer::new(0.1).minimize(loss))?, &want);
    Ok(())
}

#[test]
fn momentum_and_nesterov() -> Result<()> {
    for nesterov in [false, true] {
        let (mut w, mut a, mut want) = (1.0, 0.0, Vec::new());
        for _ in 0..5 {
            // a <- 0.9 a + g; w <- w - rate * a, or with a look ahead w - rate * (g + 0.9 a)
            let g = 2.0 * w;
            a = 0.9 * a + g;
            w -= 0.1 * if nesterov { g + 0.9 * a } else { a };
            want.push(w);
        }
        let optimizer = tf::train::MomentumOptimizer::new(0.1, 0.9).use_nesterov(nesterov);
        agree(&steps(|loss| optimizer.minimize(loss))?, &want);
    }
    Ok(())
}

#[test]
fn adam() -> Result<()> {
    let (mut w, mut m, mut v, mut want) = (1.0f64, 0.0, 0.0, Vec::new());
    for t in 1..=5 {
        // m and v are running means of g and g^2; both are corrected for having started at 0
        let g = 2.0 * w;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        let rate = 0.1 * (1.0 - 0.999f64.powi(t)).sqrt() / (1.0 - 0.9f64.powi(t));
        w -= rate * m / (v.sqrt() + 1e-8);
        want.push(w);
    }
    // 1 - 0.999 has only about four digits in float32, which is why the tolerance is what it is.
    let got = steps(|loss| tf::train::AdamOptimizer::new(0.1).minimize(loss))?;
    for (g, w) in got.iter().zip(&want) {
        assert!((g - w).abs() < 2e-5, "{got:?}, not {want:?}");
    }
    Ok(())
}
