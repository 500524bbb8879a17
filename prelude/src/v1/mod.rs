//! TensorFlow 1.x under its own names: what a notebook has as `tf`. Everything here is a name for something defined
//! elsewhere, except the operators, layers, metrics, losses, the optimizers and the lists of variables, which have a file of
//! their own each.

pub mod layers;
pub mod losses;
pub mod metrics;
mod mnist;
mod operators;
mod regularizers;
pub mod train;
mod variables;

pub use crate::DType;
pub use crate::Shape as TensorShape;
pub use crate::error::{Error, Result};
pub use crate::graph::collections::{add_to_collection, get_collection};
pub use crate::graph::{
    ControlInputs, CurrentScope, GetVariable, GradientOptions, Graph, HasOperation, IntoDType, IntoTensor, IntoTensors,
    Operation, Tensor, Variable, VariableInitializer, collections::keys as GraphKeys, control_dependencies, device,
    get_default_graph, get_variable, get_variable_scope, gradients, gradients_with, name_scope, reset_default_graph,
    set_random_seed, variable_scope,
};
pub use crate::ops::array::{
    add_n, constant, convert_to_tensor, eye, fill, identity, one_hot, ones, ones_like, placeholder, range,
    stop_gradient, zeros, zeros_like,
};
pub use crate::ops::assertion::{
    Assert, add_check_numerics_ops, assert_equal, assert_greater, assert_greater_equal, assert_less, assert_less_equal,
    assert_negative, assert_negative_with_message, assert_non_negative, assert_non_negative_with_message,
    assert_non_positive, assert_non_positive_with_message, assert_none_equal, assert_positive,
    assert_positive_with_message, check_numerics, verify_tensor_all_finite,
};
pub use crate::ops::control::{group, no_op, tuple};
pub use crate::ops::counting::{bincount, confusion_matrix, count_nonzero};
pub use crate::ops::custom_gradient::custom_gradient;
pub use crate::ops::einsum::{einsum, tensordot};
pub use crate::ops::elementwise::{
    abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, cast, ceil, cos, cosh, div_no_nan, divide, equal, erf,
    erfc, exp, expm1, floor, floordiv, floormod, floormod as r#mod, greater, greater_equal, is_finite, is_inf, is_nan,
    less, less_equal, log, log1p, logical_and, logical_not, logical_or, maximum, minimum, multiply, negative,
    not_equal, pow, reciprocal, rint, round, rsqrt, select, sigmoid, sign, sin, sinh, sqrt, square, squared_difference,
    subtract, tan, tanh, to_double, to_float, to_int32, to_int64, truediv,
};
pub use crate::ops::flow::{Case, Structure, WhileOptions, case, cond, while_loop, while_loop_with};
pub use crate::ops::linalg::{
    cholesky, matrix_band_part, matrix_determinant, matrix_diag, matrix_diag_part, matrix_inverse, matrix_solve,
    matrix_transpose, matrix_triangular_solve, qr, self_adjoint_eig, svd, trace,
};
pub use crate::ops::linspace::linspace;
pub use crate::ops::matmul::matmul;
pub use crate::ops::nn::clip_by_value;
pub use crate::ops::norm::{clip_by_average_norm, clip_by_global_norm, clip_by_norm, global_norm, norm};
pub use crate::ops::placeholder_with_default::placeholder_with_default;
pub use crate::ops::print::Print;
pub use crate::ops::random::{multinomial, random_normal, random_shuffle, random_uniform, truncated_normal};
pub use crate::ops::reduce::{
    argmax, argmin, reduce_all, reduce_any, reduce_logsumexp, reduce_max, reduce_mean, reduce_min, reduce_prod,
    reduce_sum,
};
pub use crate::ops::scatter::{
    scatter_add, scatter_nd, scatter_sub, scatter_update, segment_max, segment_mean, segment_min, segment_prod,
    segment_sum, tensor_scatter_nd_add, tensor_scatter_nd_sub, tensor_scatter_nd_update, unsorted_segment_sum,
};
pub use crate::ops::shape::{
    broadcast_to, concat, expand_dims, gather, gather_nd, pad, rank, reshape, shape, size, slice, squeeze, stack, tile,
    transpose,
};
pub use crate::ops::slicing::{
    argsort, boolean_mask, cumsum, reverse, sort, split, strided_slice, unique, unique_with_counts, unstack, r#where,
};
pub use crate::ops::state::{assign, assign_add, assign_sub, is_variable_initialized};
pub use crate::ops::strings::{as_string, string_join, substr, to_number as string_to_number};
pub use crate::session::{
    Callable, ConfigProto, FeedKey, FeedList, FeedValue, Feeds, Fetch, InteractiveSession, NoneType, Session,
    with_session,
};
pub use crate::summary::Summary;
pub use crate::v2::config;

/// `tf.nn`: activations, normalisations, convolutions and losses.
pub mod nn {
    pub use crate::ops::conv::{avg_pool, conv2d, max_pool};
    pub use crate::ops::elementwise::{elu, relu, relu6, selu, sigmoid, softplus, softsign, tanh};
    pub use crate::ops::loss::{
        l2_loss, sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits,
        softmax_cross_entropy_with_logits_v2, sparse_softmax_cross_entropy_with_logits,
    };
    pub use crate::ops::nn::{
        batch_normalization, bias_add, dropout, leaky_relu, log_softmax, maxout, moments, prelu, silu, softmax, swish,
    };
    pub use crate::ops::norm::l2_normalize;
    pub use crate::ops::slicing::top_k;
}

/// `tf.image`.
pub mod image {
    pub use crate::ops::image::{
        ResizeMethod, adjust_brightness, adjust_contrast, adjust_gamma, central_crop, convert_image_dtype,
        crop_to_bounding_box, flip_left_right, flip_up_down, grayscale_to_rgb, pad_to_bounding_box,
        per_image_standardization, resize_images, resize_with_crop_or_pad,
        resize_with_crop_or_pad as resize_image_with_crop_or_pad, rgb_to_grayscale, rot90, transpose,
        transpose as transpose_image,
    };
}

/// `tf.strings`.
pub mod strings {
    pub use crate::ops::strings::{
        as_string, length, lower, reduce_join, split, string_join as join, strip, substr, to_number, upper,
    };
}

/// `tf.random`.
pub mod random {
    pub use crate::ops::random::{
        multinomial as categorical, random_normal as normal, random_shuffle as shuffle, random_uniform as uniform,
        truncated_normal,
    };
}

/// `tf.debugging`: the same functions as at the top.
pub mod debugging {
    pub use crate::ops::assertion::{
        assert_equal, assert_greater, assert_greater_equal, assert_less, assert_less_equal, assert_negative,
        assert_non_negative, assert_non_positive, assert_none_equal, assert_positive, check_numerics,
        verify_tensor_all_finite as assert_all_finite,
    };
}

/// `tf.contrib`, as far as the lessons go.
pub mod contrib {
    /// `tf.contrib.layers`
    pub mod layers {
        pub use crate::ops::nn::maxout;
        pub use crate::v1::regularizers::{
            Regularizer, apply_regularization, l1_l2_regularizer, l1_regularizer, l2_regularizer,
        };
    }

    /// `tf.contrib.opt`
    pub mod opt {
        pub use crate::v1::train::NadamOptimizer;
    }
}

/// `tf.math`: the same functions as at the top.
pub mod math {
    pub use crate::ops::counting::{bincount, confusion_matrix, count_nonzero};
    pub use crate::ops::elementwise::{
        abs, add, ceil, cos, div_no_nan as divide_no_nan, divide, equal, exp, floor, greater, less, log, maximum,
        minimum, multiply, negative, pow, sigmoid, sin, sqrt, square, subtract, tanh, xdivy, xlogy,
    };
    pub use crate::ops::reduce::{
        argmax, argmin, reduce_logsumexp, reduce_max, reduce_mean, reduce_min, reduce_std, reduce_sum, reduce_variance,
    };
    pub use crate::ops::scatter::{
        segment_max, segment_mean, segment_min, segment_prod, segment_sum, unsorted_segment_sum,
    };
    pub use crate::ops::slicing::{cumprod, cumsum, top_k};
}

/// `tf.linalg`: the same functions as at the top, under their shorter names.
pub mod linalg {
    pub use crate::ops::array::eye;
    pub use crate::ops::linalg::{
        cholesky, matrix_band_part as band_part, matrix_determinant as det, matrix_diag as diag,
        matrix_diag_part as diag_part, matrix_inverse as inv, matrix_solve as solve, matrix_transpose,
        matrix_triangular_solve as triangular_solve, matvec, qr, self_adjoint_eig as eigh, slogdet, svd, trace,
    };
    pub use crate::ops::matmul::matmul;
    pub use crate::ops::norm::norm;
}

/// `tensorflow.examples`, whose MNIST reader the lessons use.
pub mod examples {
    /// `tensorflow.examples.tutorials`
    pub mod tutorials {
        /// `tensorflow.examples.tutorials.mnist`
        pub mod mnist {
            /// `tensorflow.examples.tutorials.mnist.input_data`
            pub mod input_data {
                pub use crate::v1::mnist::{DataSet, Datasets, ReadDataSets, read_data_sets};
            }
        }
    }
}

/// `tf.summary`: what TensorBoard shows.
pub mod summary {
    pub use crate::ops::summary::{histogram, image, merge, merge_all, merge_all_in, scalar, text};
    pub use crate::summary::FileWriter;
}

/// `tf.test`.
pub mod test {
    /// The name of the first GPU, `"/device:GPU:0"`, or `""` when there is none: `tf.test.gpu_device_name()`.
    pub fn gpu_device_name() -> String {
        crate::engine::device::gpus().first().map_or_else(String::new, |gpu| gpu.info().tensorflow_name())
    }

    /// Whether there is a GPU: `tf.test.is_gpu_available()`.
    pub fn is_gpu_available() -> bool {
        !gpu_device_name().is_empty()
    }
}

/// The version of TensorFlow whose behaviour this follows: `tf.__version__`.
pub const VERSION: &str = "2.21.0";

/// The version of TensorFlow whose behaviour this follows: `tf.__version__`.
pub fn version() -> &'static str {
    VERSION
}

macro_rules! dtypes {
    ($($name:ident = $variant:ident),*) => { $(
        #[doc = concat!("`tf.", stringify!($name), "`")]
        #[expect(non_upper_case_globals, reason = "TensorFlow's own spelling")]
        pub const $name: DType = DType::$variant;
    )* };
}
dtypes!(float32 = Float32, float64 = Float64, int32 = Int32, int64 = Int64, uint8 = UInt8, string = String);

/// `tf.bool`
#[expect(non_upper_case_globals, reason = "TensorFlow's own spelling")]
pub const bool: DType = DType::Bool;

pub use crate::graph::initializer::{
    constant as constant_initializer, glorot_normal as glorot_normal_initializer,
    glorot_uniform as glorot_uniform_initializer, ones as ones_initializer, random_normal as random_normal_initializer,
    random_uniform as random_uniform_initializer, truncated_normal as truncated_normal_initializer,
    variance_scaling as variance_scaling_initializer, zeros as zeros_initializer,
};

/// `tf.initializers`: how variables start.
pub use crate::graph::initializer as initializers;

pub use variables::{
    global_variables, global_variables_initializer, initialize_all_variables, local_variables,
    local_variables_initializer, report_uninitialized_variables, trainable_variables, variables_initializer,
};
