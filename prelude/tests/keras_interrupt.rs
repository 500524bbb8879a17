//! What an interrupt does to a training. On its own, since the request reaches everything in the process.

use flowbook::keras::callbacks::{Callback, Logs, Training};
use flowbook::keras::layers::Dense;
use flowbook::keras::{Model, Sequential};
use flowbook::{Error, Result, interrupt, np};

/// An interrupt ends the training at once; the model keeps its weights and the history what there was.
#[test]
fn an_interrupted_training_keeps_what_it_learned() -> Result<()> {
    struct Interrupt;
    impl Callback for Interrupt {
        fn on_epoch_end(&mut self, _: &mut Model, epoch: usize, _: &mut Logs, _: &mut Training) -> Result<()> {
            if epoch == 2 {
                interrupt::request();
            }
            Ok(())
        }
    }
    let mut model = Sequential::new();
    model.add(Dense::new(1).input_shape([1]).kernel_initializer("zeros"));
    model.compile("sgd", "mse", ())?;
    let (x, y) = (np::ones((8, 1)), np::ones((8, 1)));
    let outcome = model.fit(&x, &y).epochs(1000).verbose(0).callbacks(Interrupt).run();
    interrupt::clear();
    assert!(matches!(outcome, Err(Error::Cancelled(_))), "{outcome:?}");
    assert_eq!(model.history().epoch, [0, 1, 2]);
    assert!(model.get_weights()[0].item::<f32>() > 0.0);
    Ok(())
}
