//! Branches, loops and derivatives of TensorFlow 2 beyond the gradient of a number: what they give is worked out by hand.

use flowbook::v2 as tf;

fn shown(tensor: &tf::Tensor) -> String {
    tensor.numpy().to_string()
}

#[test]
fn a_jacobian_has_a_row_for_each_element_of_the_target() {
    // y = A x, so that dy/dx = A.
    let a = tf::constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).tensor();
    let x = tf::Variable::new([[1.0], [1.0]]);
    let tape = tf::GradientTape::new();
    let y = tf::matmul(&a, &x);
    let slopes = tape.jacobian(&y, &x);
    assert_eq!(slopes.shape().to_string(), "(3, 1, 2, 1)");
    assert_eq!(shown(&tf::reshape(&slopes, [3, 2])), shown(&a));
}

#[test]
fn jacobians_by_several_sources_keep_their_form() {
    let (x, z) = (tf::Variable::new([1.0, 2.0]), tf::Variable::new(3.0));
    let unused = tf::Variable::new(1.0);
    let tape = tf::GradientTape::new();
    let y = &x * &z;
    let (by_x, by_z, by_none) = tape.jacobian(&y, (&x, &z, &unused));
    assert_eq!(shown(&by_x), "[[3. 0.]\n [0. 3.]]");
    assert_eq!(shown(&by_z), "[1. 2.]");
    assert!(by_none.is_none());
}

#[test]
fn examples_of_a_batch_have_a_jacobian_each() {
    // y = x^2 element by element, in two examples.
    let x = tf::Variable::new([[1.0, 2.0], [3.0, 4.0]]);
    let tape = tf::GradientTape::new();
    let y = &x * &x;
    let slopes = tape.batch_jacobian(&y, &x);
    assert_eq!(shown(&slopes), "[[[2. 0.]\n  [0. 4.]]\n\n [[6. 0.]\n  [0. 8.]]]");
}

#[test]
fn a_hessian_is_the_jacobian_of_a_gradient() {
    // f = x^3 + x y^2: d2f = [[6x, 2y], [2y, 2x]] at (2, 3).
    let v = tf::Variable::new([2.0, 3.0]);
    let outer = tf::GradientTape::new();
    let inner = tf::GradientTape::new();
    let (x, y) = (tf::gather(v.value(), 0), tf::gather(v.value(), 1));
    let f = &*x * &*x * &*x + &*x * &*y * &*y;
    let slope = inner.gradient(&f, &v);
    let hessian = outer.jacobian(&*slope, &v);
    assert_eq!(shown(&hessian), "[[12.  6.]\n [ 6.  4.]]");
}

#[test]
fn the_gradient_of_the_target_may_be_given() {
    // d(dy . x^2)/dx = 2 x dy.
    let x = tf::Variable::new([1.0, 2.0, 3.0]);
    let tape = tf::GradientTape::new();
    let y = &x * &x;
    assert_eq!(shown(&tape.gradient_with(&y, &x, [1.0, 0.0, -1.0])), "[ 2.  0. -6.]");
}

#[test]
fn branches_and_loops_run_at_once() {
    let x = tf::constant(3.0).tensor();
    assert_eq!(shown(&tf::cond(x.lt(5.0), || &x * 2.0, || &x - 1.0)), "6.0");
    assert_eq!(shown(&tf::cond(false, || 1.0, || 2.0)), "2.0");
    let (turns, sum) = tf::while_loop(|(i, _)| i.lt(5), |(i, s)| (i + 1, s + i), (0, 0));
    assert_eq!((shown(&turns), shown(&sum)), ("5".into(), "10".into()));
    assert_eq!(shown(&tf::map_fn(|row| tf::reduce_sum(row), [[1, 2], [3, 4]])), "[3 7]");
    assert_eq!(shown(&tf::foldl(|a, x| a * 2 + x, [1, 2, 3], 0)), "11"); // ((0*2+1)*2+2)*2+3
    assert_eq!(shown(&tf::scan(|a, x| a * x, [1, 2, 3, 4], 1)), "[ 1  2  6 24]");
}

#[test]
fn a_traced_function_decides_in_each_run() {
    let halve_or_triple = tf::function(|n: &tf::Tensor| {
        tf::cond(tf::equal(tf::math::floormod(n, 2), 0), || tf::math::floordiv(n, 2), || n * 3 + 1)
    });
    assert_eq!(shown(&halve_or_triple(&tf::constant(10))), "5");
    assert_eq!(shown(&halve_or_triple(&tf::constant(7))), "22");
    let power = tf::function(|x: &tf::Tensor| {
        tf::while_loop(|(i, _)| i.lt(3), |(i, p)| (i + 1, p * x), (tf::constant(0).tensor(), tf::ones_like(x).tensor()))
            .1
    });
    assert_eq!(shown(&power(&tf::constant(2.0))), "8.0");
    assert_eq!(shown(&power(&tf::constant(3.0))), "27.0");
}

#[test]
fn gradients_go_through_maps_and_loops() {
    // d(sum of x^2)/dx = 2 x; d(x^3)/dx = 3 x^2.
    let x = tf::Variable::new([1.0, 2.0]);
    let tape = tf::GradientTape::new();
    let y = tf::reduce_sum(tf::map_fn(|x| x * x, &x));
    assert_eq!(shown(&tape.gradient(&y, &x)), "[2. 4.]");
    let x = tf::Variable::new(2.0);
    let tape = tf::GradientTape::new();
    let (_, cube) = tf::while_loop(|(i, _)| i.lt(3), |(i, p)| (i + 1, p * &x), (0, 1.0));
    assert_eq!(shown(&tape.gradient(&cube, &x)), "12.0");
}
