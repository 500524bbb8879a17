//! Small TensorFlow 1 programs around the session: feeds, fetches, variables, scopes, training, learning rates,
//! checkpoints. Each program of `fixtures/sessions/*.py` that can be written in Rust, and what TensorFlow 2.20
//! (`tf.compat.v1`) printed for it or failed with, the whole text.

#![allow(clippy::eq_op, clippy::approx_constant, reason = "the programs are those that were recorded")]

use std::collections::BTreeMap;

#[macro_use]
mod support;
mod sessions;

use sessions::{Family, feeds, fetches, rates, runs, saver, scopes, training, variables};

/// Compares each program with its recording, and sees that none is left out.
fn agree(recorded: &str, family: &Family) {
    let recorded: BTreeMap<String, String> = serde_json::from_str(recorded).unwrap();
    let mut wrong = Vec::new();
    for (title, program) in family.programs {
        let ours = support::outcome(program);
        let meant = family.different.iter().find(|(t, _)| t == title).map(|(_, text)| *text);
        let theirs = meant.or_else(|| recorded.get(*title).map(String::as_str)).unwrap_or("nothing recorded");
        if !(family.same)(title, &ours, theirs) {
            wrong.push(format!("{title}\nours\n{ours}\nTensorFlow\n{theirs}"));
        }
    }
    let written = |title: &String| family.programs.iter().any(|(t, _)| t == title);
    let impossible = |title: &String| family.impossible.iter().any(|(t, _)| t == title);
    wrong.extend(recorded.keys().filter(|t| written(t) == impossible(t)).map(|t| format!("{t}\nis left out")));
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), recorded.len(), wrong.join("\n\n"));
}

macro_rules! families {
    ($($test:ident = $family:ident;)*) => { $(
        #[test]
        fn $test() {
            agree(include_str!(concat!("fixtures/sessions/", stringify!($family), ".json")), &$family::FAMILY);
        }
    )* };
}
families! {
    programs_about_feeds = feeds;
    programs_about_fetches = fetches;
    programs_about_variables = variables;
    programs_about_scopes = scopes;
    programs_about_training = training;
    programs_about_learning_rates = rates;
    programs_about_several_runs = runs;
    programs_about_checkpoints = saver;
}
