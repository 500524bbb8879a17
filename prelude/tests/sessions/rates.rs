//! Programs about learning rates that change.

use flowbook::v1::{self as tf, FeedValue, Session, Tensor, train};
use flowbook::{Result, feed, shape};

use super::{Family, input, programs, run, started};

pub const FAMILY: Family = Family { programs: PROGRAMS, different: &[], impossible: &[], same: super::closely };

/// A placeholder for the step.
fn steps() -> Tensor {
    input("s", tf::int32, shape![])
}

/// The rate at these steps, as `print(*rates)` shows them.
fn at<V: FeedValue>(rate: impl Into<Tensor>, s: Tensor, steps: impl IntoIterator<Item = V>) -> Result<String> {
    let (rate, sess) = (rate.into(), Session::new());
    let rates = steps.into_iter().map(|n| Ok(sess.run_with(rate, feed! { s => n })?.to_string()));
    Ok(rates.collect::<Result<Vec<_>>>()?.join(" "))
}

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "exponential" => |out| {
        let s = steps();
        let rate = train::exponential_decay(0.1, s, 10, 0.5);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [0, 1, 5, 10, 15, 1000, -10])?);
    }
    "exponential, in steps" => |out| {
        let s = steps();
        let rate = train::exponential_decay(0.1, s, 10, 0.5).staircase(true);
        say!(out, "{}", at(rate, s, [0, 1, 9, 10, 19, 20, 1000, -1])?);
    }
    "exponential of nothing" => |out| {
        let s = steps();
        say!(out, "{}", at(train::exponential_decay(0.1, s, 0, 0.5), s, [0, 1])?);
        say!(out, "{}", at(train::exponential_decay(0.1, s, 10, 0.0), s, [0, 1])?);
        say!(out, "{}", at(train::exponential_decay(0.1, s, 10, 1.5), s, [0, 10, 20])?);
    }
    "natural" => |out| {
        let s = steps();
        let rate = train::natural_exp_decay(0.1, s, 10, 0.5);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [0, 1, 10, 25])?);
        say!(out, "{}", at(train::natural_exp_decay(0.1, s, 10, 0.5).staircase(true), s, [0, 9, 10, 25])?);
    }
    "inverse time" => |out| {
        let s = steps();
        let rate = train::inverse_time_decay(0.1, s, 10, 0.5);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [0, 1, 10, 25])?);
        say!(out, "{}", at(train::inverse_time_decay(0.1, s, 10, 0.5).staircase(true), s, [0, 9, 10, 25])?);
    }
    "piecewise" => |out| {
        let s = steps();
        let rate = train::piecewise_constant(s, &[10, 20], &[1.0, 0.5, 0.1]);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [-5, 0, 10, 11, 20, 21, 1000])?);
    }
    "piecewise of a float" => |out| {
        let s = input("s", tf::float32, shape![]);
        let rate = train::piecewise_constant(s, &[0.5, 2.5], &[1.0, 0.5, 0.1]);
        say!(out, "{}", at(rate, s, [0.0, 0.5, 0.6, 2.5, 3.0, f64::NAN])?);
    }
    "piecewise of too few values" => |_out| {
        train::piecewise_constant(steps(), &[10, 20], &[1.0, 0.5]);
    }
    "piecewise of a variable" => |out| {
        let step = train::get_or_create_global_step();
        let rate = train::piecewise_constant(step, &[1, 2], &[0.3, 0.2, 0.1]);
        let add = step.assign_add(1);
        let sess = started()?;
        for _ in 0..4 {
            say!(out, "{}", sess.run(rate)?);
            sess.run(add)?;
        }
    }
    "polynomial" => |out| {
        let s = steps();
        let rate = train::polynomial_decay(0.1, s, 10);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [0, 1, 5, 10, 11, 100])?);
        let rate = train::polynomial_decay(0.1, s, 10).end_learning_rate(0.5).power(0.5);
        say!(out, "{}", at(rate, s, [0, 1, 5, 10, 11])?);
    }
    "polynomial, over and over" => |out| {
        let s = steps();
        let rate = train::polynomial_decay(0.1, s, 10).end_learning_rate(0.01).cycle(true);
        say!(out, "{}", at(rate, s, [0, 1, 9, 10, 11, 15, 20, 21, 35])?);
    }
    "cosine" => |out| {
        let s = steps();
        let rate = train::cosine_decay(0.1, s, 10);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [0, 1, 5, 9, 10, 11])?);
        say!(out, "{}", at(train::cosine_decay(0.1, s, 10).alpha(0.25), s, [0, 1, 5, 10, 11])?);
        say!(out, "{}", at(train::cosine_decay(0.1, s, 10).alpha(1.0), s, [0, 5, 10])?);
    }
    "cosine with restarts" => |out| {
        let s = steps();
        let rate = train::cosine_decay_restarts(0.1, s, 10);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [0, 1, 5, 9, 10, 11, 20, 29, 30, 31, 70, 71])?);
    }
    "cosine with restarts of one length" => |out| {
        let s = steps();
        let rate = train::cosine_decay_restarts(0.1, s, 10).t_mul(1.0).m_mul(0.5).alpha(0.1);
        say!(out, "{}", at(rate, s, [0, 5, 9, 10, 15, 20, 25])?);
    }
    "cosine with longer and lower restarts" => |out| {
        let s = steps();
        let rate = train::cosine_decay_restarts(0.1, s, 10).t_mul(1.5).m_mul(0.9);
        say!(out, "{}", at(rate, s, [0, 5, 10, 20, 24, 25, 26, 60])?);
    }
    "linear cosine" => |out| {
        let s = steps();
        let rate = train::linear_cosine_decay(0.1, s, 10);
        say!(out, "{rate}");
        say!(out, "{}", at(rate, s, [0, 1, 5, 9, 10, 11])?);
        let rate = train::linear_cosine_decay(0.1, s, 10).num_periods(2.5).alpha(0.1).beta(0.01);
        say!(out, "{}", at(rate, s, [0, 1, 5, 9, 10, 11])?);
    }
    "of a number" => |out| {
        say!(out, "{}", run(train::exponential_decay(0.1, 5, 10, 0.5))?);
        say!(out, "{}", run(train::cosine_decay(0.1, 5, 10))?);
        say!(out, "{}", run(train::piecewise_constant(5, &[3, 7], &[1.0, 2.0, 3.0]))?);
    }
    "names" => |out| {
        let s = steps();
        say!(out, "{}", train::exponential_decay(0.1, s, 10, 0.5).named("mine"));
        say!(out, "{}", train::exponential_decay(0.1, s, 10, 0.5));
        say!(out, "{}", train::exponential_decay(0.1, s, 10, 0.5));
        tf::name_scope("rates", || say!(out, "{}", train::cosine_decay(0.1, s, 10)));
    }
};
