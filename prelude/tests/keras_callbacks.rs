//! Callbacks that look on, and datasets without an end: files and figures as Keras 3.15 leaves them.

use flowbook::keras::callbacks::{CSVLogger, TerminateOnNaN};
use flowbook::keras::layers::Dense;
use flowbook::keras::{Sequential, optimizers::SGD};
use flowbook::v2 as tf;

/// One weight, and a bias of 0, on `y = 2 x`.
fn model(start: &str, rate: f64) -> flowbook::Result<Sequential> {
    let mut model = Sequential::new();
    model.add(Dense::new(1).input_shape([1]).kernel_initializer(start));
    model.compile(SGD::new(rate), "mse", ["mae"])?;
    Ok(model)
}

fn data() -> (tf::Tensor, tf::Tensor) {
    (tf::constant([[1.0], [2.0]]).into(), tf::constant([[2.0], [4.0]]).into())
}

#[test]
fn figures_of_epochs_are_written_down() -> flowbook::Result<()> {
    let path = std::env::temp_dir().join(format!("flowbook-csv-{}.csv", std::process::id()));
    let (x, y) = data();
    let mut model = model("zeros", 0.01)?;
    model.fit(&x, &y).epochs(2).verbose(0).shuffle(false).callbacks(CSVLogger::new(&path)).run()?;
    let first = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = first.split("\r\n").collect();
    assert_eq!(lines[0], "epoch,loss,mae,val_loss,val_mae");
    assert_eq!(lines[1], "0,10.0,3.0,NA,NA");
    assert!(lines[2].starts_with("1,8.6865997") && lines[2].ends_with(",NA,NA"), "{first}");
    let logger = CSVLogger::new(&path).separator(";").append(true);
    model.fit(&x, &y).epochs(1).verbose(0).validation_data(&x, &y).callbacks(logger).run()?;
    let all = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let added = all.strip_prefix(&first).expect("what was there stays");
    assert!(added.starts_with("0;7.547042") && added.matches(';').count() == 4 && added.ends_with("\r\n"), "{added}");
    Ok(())
}

#[test]
fn a_training_that_goes_astray_ends() -> flowbook::Result<()> {
    let (x, _) = data();
    let zeros = tf::constant([[0.0], [0.0]]);
    let mut model = model("ones", 1e20)?;
    let fit = model.fit(&x, &zeros).epochs(3).batch_size(1).shuffle(false).verbose(0);
    let history = fit.callbacks(TerminateOnNaN::new()).run()?;
    assert_eq!(history["loss"].len(), 1, "one epoch, of which two batches");
    assert!(!history["loss"][0].is_finite());
    Ok(())
}

/// An endless dataset is gone through in its own order, step by step, as a finite one of as many batches.
#[test]
fn a_dataset_without_an_end_has_epochs_of_steps() -> flowbook::Result<()> {
    let examples = tf::data::Dataset::from_tensor_slices(data()).batch(1);
    let endless = examples.repeat_forever();
    let mut one = model("zeros", 0.01)?;
    let history = one.fit(&endless, ()).epochs(2).steps_per_epoch(3).verbose(0).run()?;
    let mut other = model("zeros", 0.01)?;
    let all = other.fit(&endless.take(6), ()).epochs(2).steps_per_epoch(3).shuffle(false).verbose(0).run()?;
    assert_eq!(history["loss"], all["loss"]);
    let refused = one.fit(&endless, ()).verbose(0).run().unwrap_err().to_string();
    assert!(refused.starts_with("ValueError: When using an infinitely repeating dataset"), "{refused}");
    let tested =
        one.fit(&endless, ()).steps_per_epoch(1).validation_data(&endless, ()).validation_steps(2).verbose(0).run()?;
    assert_eq!(tested["val_loss"].len(), 1);
    Ok(())
}
