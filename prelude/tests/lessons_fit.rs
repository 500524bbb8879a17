//! The lessons' listings that train with Keras' `fit`, print summaries, evaluate and predict: all that is written to the
//! terminal is compared whole with what Keras wrote. Keras' first weights and the times of a run are others each time:
//! times and figures that depend on them are masked; everything else, the bars that are written over themselves with
//! their escapes and erasures too, must be equal.

#[macro_use]
mod support;

use std::process::Command;

use flowbook::format::py;
use flowbook::keras::layers::{Dense, Flatten};
use flowbook::keras::optimizers::{RMSprop, SGD};
use flowbook::keras::{Sequential, initializers, losses};
use flowbook::{Array, Result, Shape, np, v2 as tf};

/// What a listing prints in a process of its own, where the names of layers and models count from the start.
fn printed(test: &str, listing: fn() -> Result<()>) -> Option<String> {
    if std::env::var("FLOWBOOK_LISTING").is_ok_and(|name| name == test) {
        print!("\u{2}");
        listing().expect("the listing runs");
        print!("\u{3}");
        return None;
    }
    let program = std::env::current_exe().expect("the tests have a path");
    let run = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env("FLOWBOOK_LISTING", test)
        .output()
        .expect("the tests can be started");
    let text = String::from_utf8(run.stdout).expect("text");
    let (_, rest) = text.split_once('\u{2}').unwrap_or_else(|| panic!("{text}"));
    let (printed, _) = rest.split_once('\u{3}').unwrap_or_else(|| panic!("{text}"));
    Some(printed.to_string())
}

/// How many columns the text takes, escapes left out.
fn columns(text: &str) -> usize {
    let mut columns = 0;
    let mut escape = false;
    for c in text.chars() {
        match c {
            '\x1b' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            _ => columns += 1,
        }
    }
    columns
}

/// A word with what differs from run to run masked.
fn masked_word(word: &str) -> String {
    if word.ends_with("/step") {
        return "T/step".into();
    }
    let plain = word.trim_start_matches("\x1b[1m").trim_end_matches("\x1b[0m");
    if plain.strip_suffix('s').is_some_and(|n| n.parse::<u32>().is_ok()) {
        return word.replace(plain, "Ts");
    }
    let number = word.trim_matches(['[', ']', ',']);
    if number.contains('.') && number.parse::<f64>().is_ok() { word.replace(number, "#") } else { word.into() }
}

/// A line with its words masked; of the erasures at its end the difference to what there was to erase is kept.
fn masked_line(line: &str) -> String {
    let text = line.trim_end_matches('\u{8}');
    let erased = line.chars().count() - text.chars().count();
    let end = if erased > 0 { format!("<erased {}>", erased as i64 - columns(text) as i64) } else { String::new() };
    let words: Vec<String> = text.split(' ').map(masked_word).collect();
    words.join(" ").trim_end().to_string() + &end
}

/// The text with what differs from run to run masked; the record has each return of the carriage as a new line.
fn masked(text: &str) -> Vec<String> {
    let mut text = text.replace('\r', "\n");
    // Rows of arrays are filled up to the width of the longest number.
    while text.contains(" ]") {
        text = text.replace(" ]", "]");
    }
    text.lines().map(masked_line).collect()
}

fn compare(test: &str, recorded: &str, listing: fn() -> Result<()>) {
    let Some(printed) = printed(test, listing) else { return };
    let (got, want) = (masked(&printed), masked(recorded));
    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
        assert_eq!(got, want, "line {}", i + 1);
    }
    assert_eq!(got.len(), want.len(), "{printed}");
}

fn data() -> Array {
    np::array([[0, 0], [1, 0], [0, 1], [1, 1]])
}

fn xor_model() -> Result<Sequential> {
    let mut model = Sequential::new();
    model.add(Dense::new(32).input_shape([2]).activation("relu"));
    model.add(Dense::new(1).activation("sigmoid"));
    model.compile("rmsprop", "mse", ["acc"])?;
    Ok(model)
}

const XOR: [[i32; 1]; 4] = [[0], [1], [1], [0]];

#[test]
fn softmax_summary() {
    compare("softmax_summary", recorded!("002_18_model_summary"), || {
        let mut model = Sequential::new();
        model.add(Flatten::new().input_shape([28, 28]));
        let normal = initializers::RandomNormal::new();
        model.add(Dense::new(10).kernel_initializer(normal).activation("softmax"));
        model.summary();
        Ok(())
    });
}

#[test]
fn or_gate() {
    compare("or_gate", recorded!("004_18_keras_or_fixed_import"), || {
        let mut model = Sequential::new();
        model.add(Dense::new(1).input_shape([2]).activation("linear"));
        model.compile(SGD::default(), "mse", ["acc"])?;
        let h = model.fit(data(), [[0], [1], [1], [1]]).epochs(5).run()?;
        println!("dict_keys({}) {}", py(&h.keys()), py(&h.epoch));
        Ok(())
    });
}

/// Keras 3 has no `keras.losses.mse` any more, which the lessons hand to `compile`: here it trains as the name does.
#[test]
fn losses_as_functions() {
    let printed = printed("losses_as_functions", || {
        let mse = |y_true: &tf::Tensor, y_pred: &tf::Tensor| losses::mse(y_true, y_pred);
        let mut model = Sequential::new();
        model.add(Dense::new(1).input_shape([2]).activation("linear"));
        model.compile(SGD::default(), mse, ["acc"])?;
        let h = model.fit(data(), [[0], [1], [1], [1]]).epochs(500).run()?;
        assert!(h["loss"][499] < h["loss"][0], "{h}");
        let mut model = Sequential::new();
        model.add(Dense::new(32).input_shape([2]).activation("relu"));
        model.add(Dense::new(1).activation("sigmoid"));
        model.compile(RMSprop::default(), mse, ["acc"])?;
        let h = model.fit(data(), XOR).epochs(100).run()?;
        assert!(h["loss"][99] < h["loss"][0], "{h}");
        Ok(())
    });
    let Some(printed) = printed else { return };
    let epochs: Vec<&str> = printed.lines().filter(|line| line.starts_with("Epoch")).collect();
    let want: Vec<String> =
        (1..=500).map(|i| format!("Epoch {i}/500")).chain((1..=100).map(|i| format!("Epoch {i}/100"))).collect();
    assert_eq!(epochs, want);
}

#[test]
fn xor_with_two_layers() {
    compare("xor_with_two_layers", recorded!("004_22_keras_xor_fixed_import"), || {
        let mut model = xor_model()?;
        model.fit(data(), XOR).epochs(100).run()?;
        model.summary();
        println!("{}", py(&model.evaluate(data(), XOR).run()?));
        println!("{}", model.predict(data()).run()?);
        Ok(())
    });
}

#[test]
fn ways_to_fit() {
    compare("ways_to_fit", recorded!("004_27_fit_variants"), || {
        let mut model = xor_model()?;
        model.fit(data(), XOR).epochs(3).run()?;
        model.fit(data(), XOR).epochs(3).validation_data(data(), XOR).run()?;
        model.fit(data(), XOR).epochs(2).batch_size(1).verbose(2).run()?;
        model.evaluate(data(), XOR).run()?;
        println!("{}", Shape::from(model.predict(data()).run()?.shape()));
        Ok(())
    });
}

#[test]
fn evaluations() {
    compare("evaluations", recorded!("004_28_evaluate_display"), || {
        println!("{}", py(&xor_model()?.evaluate(data(), XOR).run()?));
        Ok(())
    });
}

#[test]
fn predictions() {
    compare("predictions", recorded!("004_29_predict_print"), || {
        println!("{}", xor_model()?.predict(data()).run()?);
        Ok(())
    });
}
