//! `tf.gradients` against derivatives worked out by hand.

use flowbook::v1 as tf;

/// f = g + b, g = wx at w = -2, x = 5, b = 3: df/dg = df/db = 1, df/dw = x, df/dx = w. The g on the way is asked for as
/// well, which must not cut off what lies behind it.
#[test]
fn a_tensor_on_the_way_does_not_end_the_way() {
    let (w, x, b) = (tf::Variable::new(-2.0), tf::constant(5.0), tf::constant(3.0));
    let g = w * x;
    let f = g + b;
    let slopes = tf::gradients(f, (g, b, w, x));
    let sess = tf::Session::new();
    sess.run(tf::global_variables_initializer()).unwrap();
    assert_eq!(format!("{:?}", sess.run(slopes).unwrap()), "[1.0, 1.0, 5.0, -2.0]");
}

/// d(x^3)/dx = 3x^2, and the derivative of that is 6x.
#[test]
fn gradients_of_gradients() {
    let x = tf::constant(2.0);
    let first = tf::gradients(x * x * x, x)[0].unwrap();
    let second = tf::gradients(first, x)[0];
    assert_eq!(format!("{:?}", tf::Session::new().run((first, second)).unwrap()), "(12.0, 12.0)");
}

#[test]
fn what_does_not_matter_has_no_gradient() {
    let (x, y) = (tf::constant(2.0), tf::constant(3.0));
    let slopes = tf::gradients(x * x, [x, y]);
    assert!(slopes[1].is_none());
    let error = tf::Session::new().run(slopes[1]).unwrap_err();
    assert_eq!(error.to_string(), "TypeError: Argument `fetch` = None has invalid type \"NoneType\". Cannot be None");
}
