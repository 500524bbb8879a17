//! The layers that vary images: nothing outside training, and in training what geometry says.

use flowbook::keras::layers::{
    RandomBrightness, RandomContrast, RandomFlip, RandomRotation, RandomTranslation, RandomZoom,
};
use flowbook::{np, v2 as tf};

/// Two images of 3 by 4 pixels, every pixel different.
fn images() -> tf::Tensor {
    let numbers = np::arange(0.0, 24.0, 1.0).astype(np::float32);
    tf::reshape(&numbers, [2, 3, 4, 1])
}

fn pixels(t: &tf::Tensor) -> Vec<f32> {
    t.numpy().to_vec()
}

#[test]
fn nothing_varies_outside_training_or_by_a_factor_of_nothing() {
    let x = images();
    assert_eq!(pixels(&RandomFlip::new("horizontal").call(&x)), pixels(&x));
    assert_eq!(pixels(&RandomRotation::new(0.3).call(&x)), pixels(&x));
    let close = |y: tf::Tensor| {
        let differences: f32 = np::abs(y.numpy() - x.numpy()).max().item();
        assert!(differences < 1e-4, "{y}");
    };
    close(RandomTranslation::new(0.0, 0.0).call_training(&x));
    close(RandomRotation::new(0.0).call_training(&x));
    close(RandomZoom::new(0.0).call_training(&x));
    close(RandomContrast::new(0.0).call_training(&x));
    close(RandomBrightness::new(0.0).call_training(&x));
}

#[test]
fn a_flip_mirrors_whole_images() {
    let x = images();
    let mirrored = pixels(&tf::reverse(&x, [2]));
    let (mut same, mut other) = (0, 0);
    for _ in 0..20 {
        let y = pixels(&RandomFlip::new("horizontal").call_training(&x));
        for image in 0..2 {
            let part = image * 12..(image + 1) * 12;
            if y[part.clone()] == pixels(&x)[part.clone()] {
                same += 1;
            } else {
                assert_eq!(y[part.clone()], mirrored[part]);
                other += 1;
            }
        }
    }
    // 40 fair coins fall all on one side once in 2^39 runs.
    assert!(same > 0 && other > 0);
}

#[test]
fn a_turn_and_a_shift_keep_to_the_image() {
    // Mirroring at the edges brings in no value that was not there.
    let x = images();
    for y in [RandomRotation::new(1.0).call_training(&x), RandomTranslation::new(1.0, 1.0).call_training(&x)] {
        for (i, value) in pixels(&y).iter().enumerate() {
            let low = if i < 12 { 0.0 } else { 12.0 };
            assert!((low - 1e-3..=low + 11.001).contains(value), "{y}");
        }
    }
}
