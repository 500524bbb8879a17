//! The text of every kernel of this crate, for every type and size that makes another text.

use std::collections::BTreeSet;
use std::sync::Arc;

use flowbook_cuda::kernels::*;
use flowbook_cuda::{Activation, Convolution, Convolved, DType, Product, Work};

const FLOATS: [DType; 2] = [DType::Float32, DType::Float64];
const NUMBERS: [DType; 5] = [DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::UInt8];

pub fn all() -> Vec<Arc<str>> {
    let mut texts = BTreeSet::new();
    let mut add = |works: Vec<Work>| {
        for work in works {
            match work {
                Work::Launch(launch) => drop(texts.insert(launch.source)),
                Work::Product(p) => texts.extend(product(&p).unwrap().into_iter().map(|launch| launch.source)),
                _ => {}
            }
        }
    };
    products(&mut add);
    reductions(&mut add);
    copies(&mut add);
    images(&mut add);
    for dtype in NUMBERS {
        for product in [false, true] {
            add(scan(Scan { product, backwards: false, exclusive: true }, dtype, [2, 3, 4], 0, 0));
        }
        add(top_k(dtype, [2, 3], 1, [0; 3]));
        add(range(dtype, 3, [0; 3]));
        add(matrix_diag(dtype, [2, 2], 0, 0));
        add(fill(dtype, 1.0, 0, 3));
        add(look_for("y < 0", dtype, 0, 3, 0));
        for (number, how) in
            [(DType::Int32, Scatter::Put), (DType::Int32, Scatter::Add), (DType::Int64, Scatter::Subtract)]
        {
            // More rows than updates, and fewer.
            add(scatter(how, dtype, number, (&[9, 9], 3, 5), true, [0; 3]));
            add(scatter(how, dtype, number, (&[2], 3, 5), how == Scatter::Add, [0; 3]));
        }
        for number in [DType::Int32, DType::Int64, DType::UInt8] {
            add(one_hot(dtype, number, 3, 4, [0; 4]));
        }
    }
    for dtype in FLOATS {
        add(linspace(dtype, 3, [0; 3]));
        for sizes in [[3, 10], [3, 5000]] {
            add(softmax(dtype, sizes, 0, 0));
            add(sparse_cross_entropy(dtype, DType::Int64, sizes, [0; 4], 0));
        }
        for distribution in [Distribution::Uniform, Distribution::Normal, Distribution::Truncated] {
            add(random(distribution, dtype, 5, 0, 0));
        }
        updates(dtype, &mut add);
    }
    add(scatter(Scatter::Put, DType::Bool, DType::Int32, (&[2], 3, 5), false, [0; 3]));
    add(random_integers(DType::Int32, 5, [0, 9], 0, 0));
    add(random_integers(DType::Int64, 5, [0, 9], 0, 0));
    let mut small =
        vec![Work::Product(Product::new(DType::Float32, [2, 3, 4], 0, 0, 0)), Work::Zero { to: 0, bytes: 4 }];
    small.extend(softmax(DType::Float32, [3, 4], 0, 0));
    small.extend(random(Distribution::Truncated, DType::Float64, 5, 0, 0));
    small.extend(update(&Update::Adam([0; 10], false), DType::Float32, 7));
    small.extend(reduce(Reduction::Max, DType::Float32, &[4, 3], &[true, false], [0; 3]));
    add(merge(small));
    texts.into_iter().collect()
}

fn products(add: &mut impl FnMut(Vec<Work>)) {
    for dtype in NUMBERS {
        add(vec![Work::Product(Product::new(dtype, [3, 3, 3], 0, 0, 0))]);
    }
    for (dtype, activation) in
        FLOATS.into_iter().flat_map(|d| [Activation::Relu, Activation::Sigmoid, Activation::Tanh].map(|a| (d, a)))
    {
        let plain = Product::new(dtype, [300, 300, 300], 0, 0, 0);
        add(vec![Work::Product(Product { activation, bias: Some(0), ..plain.clone() })]);
        add(epilogue(&Product { activation, bias: Some(0), ..plain }).into_iter().map(Work::Launch).collect());
    }
}

fn reductions(add: &mut impl FnMut(Vec<Work>)) {
    use Reduction::*;
    // The second is long enough for two passes, the third has two groups of axes.
    let shapes: [(&[usize], &[bool]); 3] =
        [(&[5, 3], &[true, false]), (&[90_000], &[true]), (&[3, 4, 5, 6], &[true, false, true, false])];
    for (shape, reduced) in shapes {
        for dtype in NUMBERS {
            for op in [Sum, Mean, Prod, Max, Min] {
                add(reduce(op, dtype, shape, reduced, [0; 3]));
            }
            if dtype.is_float() {
                add(reduce(HalfSumOfSquares, dtype, shape, reduced, [0; 3]));
            }
        }
        add(reduce(All, DType::Bool, shape, reduced, [0; 3]));
        add(reduce(Any, DType::Bool, shape, reduced, [0; 3]));
    }
    for dtype in NUMBERS {
        add(arg_extreme(true, [dtype, DType::Int64], [3, 7, 1], 0, 0));
        add(arg_extreme(false, [dtype, DType::Int32], [3, 70, 1], 0, 0));
    }
}

fn copies(add: &mut impl FnMut(Vec<Work>)) {
    let place = |strides: &[isize]| Strided { address: 0, strides: strides.to_vec() };
    for element in [1, 4, 8] {
        add(strided_copy(element, &[5, 7], &place(&[1, 5]), &place(&[7, 1])));
        add(strided_copy(element, &[5, 7], &place(&[-14, 2]), &place(&[7, 1])));
        add(strided_copy(element, &[2, 3, 4, 5], &place(&[9, 99, 999, 9999]), &place(&[60, 20, 5, 1])));
        // So many elements that indices are wide.
        add(strided_copy(element, &[1 << 20, 1 << 12], &place(&[0, 1]), &place(&[1 << 12, 1])));
        for number in [DType::Int32, DType::Int64] {
            add(gather(element, number, Gather::rows(3, 4, 5), [0; 3], 0));
        }
    }
    let operand = |dtype| Operand { dtype, address: 0, scalar: false };
    add(map(
        "x0 * x1 + x2",
        &[operand(DType::Float32), operand(DType::Int32), operand(DType::Float64)],
        DType::Float64,
        0,
        9,
    ));
}

fn images(add: &mut impl FnMut(Vec<Work>)) {
    add(projective_transform([2, 3, 4, 5], [0; 3]));
    let windows = Windows::new([2, 9, 9, 3], [3, 3], [2, 2], true).expect("they fit");
    for dtype in FLOATS {
        for what in [Convolved::Result, Convolved::Images, Convolved::Filter] {
            let (filters, images, filter, result, scratch) = (4, 0, 0, 0, 0);
            let (bias, tf32) = (None, false);
            let all = Convolution { what, dtype, windows, filters, images, filter, result, scratch, bias, tf32 };
            add(unrolled(&all));
        }
        add(max_pool(dtype, &windows, 0, 0));
        add(max_pool_gradient(dtype, &windows, [0; 4]));
    }
}

fn updates(dtype: DType, add: &mut impl FnMut(Vec<Work>)) {
    let rules = [
        Update::GradientDescent([0; 3]),
        Update::Momentum([0; 5], false),
        Update::Momentum([0; 5], true),
        Update::Adagrad([0; 4]),
        Update::Adadelta([0; 7]),
        Update::RmsProp([0; 8]),
        Update::CenteredRmsProp([0; 9]),
        Update::Adam([0; 10], false),
        Update::Adam([0; 10], true),
        Update::AssignAdd([0; 2]),
        Update::AssignSub([0; 2]),
    ];
    for rule in rules {
        add(update(&rule, dtype, 10));
    }
    for whole in [DType::Int32, DType::Int64, DType::UInt8] {
        add(update(&Update::AssignAdd([0; 2]), whole, 10));
    }
}
