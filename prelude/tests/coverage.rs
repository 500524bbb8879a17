//! Keeps docs/coverage.md equal to what there is: the op types of the op table, and the names of TensorFlow 1 beside ours.
//! `FLOWBOOK_BLESS=1 cargo test -p flowbook --test coverage` writes the page anew.

/// A TensorFlow name beside the item of `flowbook::v1` that has its place. That the item exists the compiler checks.
macro_rules! names {
    ($($name:literal = $first:ident $(:: $rest:ident)*;)*) => {
        $(const _: () = {
            #[allow(unused_imports)]
            use flowbook::v1::$first $(::$rest)*;
        };)*
        const NAMES: &[(&str, &str)] = &[$(($name, stringify!($first $(::$rest)*))),*];
    };
}

names! {
    "tf.__version__" = version;
    "tf.Assert" = Assert;
    "tf.assert_equal" = assert_equal;
    "tf.assert_greater" = assert_greater;
    "tf.assert_greater_equal" = assert_greater_equal;
    "tf.assert_less" = assert_less;
    "tf.assert_less_equal" = assert_less_equal;
    "tf.assert_negative" = assert_negative;
    "tf.assert_non_negative" = assert_non_negative;
    "tf.add_check_numerics_ops" = add_check_numerics_ops;
    "tf.as_string" = as_string;
    "tf.assert_non_positive" = assert_non_positive;
    "tf.assert_none_equal" = assert_none_equal;
    "tf.assert_positive" = assert_positive;
    "tf.check_numerics" = check_numerics;
    "tf.custom_gradient" = custom_gradient;
    "tf.debugging.assert_all_finite" = debugging::assert_all_finite;
    "tf.debugging.assert_equal" = debugging::assert_equal;
    "tf.debugging.check_numerics" = debugging::check_numerics;
    "tf.Graph" = Graph;
    "tf.image.adjust_brightness" = image::adjust_brightness;
    "tf.image.adjust_contrast" = image::adjust_contrast;
    "tf.image.adjust_gamma" = image::adjust_gamma;
    "tf.image.central_crop" = image::central_crop;
    "tf.image.convert_image_dtype" = image::convert_image_dtype;
    "tf.image.crop_to_bounding_box" = image::crop_to_bounding_box;
    "tf.image.flip_left_right" = image::flip_left_right;
    "tf.image.flip_up_down" = image::flip_up_down;
    "tf.image.grayscale_to_rgb" = image::grayscale_to_rgb;
    "tf.image.pad_to_bounding_box" = image::pad_to_bounding_box;
    "tf.image.per_image_standardization" = image::per_image_standardization;
    "tf.image.resize_image_with_crop_or_pad" = image::resize_image_with_crop_or_pad;
    "tf.image.resize_images" = image::resize_images;
    "tf.image.rgb_to_grayscale" = image::rgb_to_grayscale;
    "tf.image.rot90" = image::rot90;
    "tf.image.transpose_image" = image::transpose_image;
    "tf.InteractiveSession" = InteractiveSession;
    "tf.multinomial" = multinomial;
    "tf.Operation" = Operation;
    "tf.Print" = Print;
    "tf.random.categorical" = random::categorical;
    "tf.random.normal" = random::normal;
    "tf.random.shuffle" = random::shuffle;
    "tf.random.truncated_normal" = random::truncated_normal;
    "tf.random.uniform" = random::uniform;
    "tf.random_shuffle" = random_shuffle;
    "tf.Session" = Session;
    "tf.string_to_number" = string_to_number;
    "tf.strings.as_string" = strings::as_string;
    "tf.strings.join" = strings::join;
    "tf.strings.length" = strings::length;
    "tf.strings.lower" = strings::lower;
    "tf.strings.reduce_join" = strings::reduce_join;
    "tf.strings.split" = strings::split;
    "tf.strings.strip" = strings::strip;
    "tf.strings.substr" = strings::substr;
    "tf.strings.to_number" = strings::to_number;
    "tf.strings.upper" = strings::upper;
    "tf.substr" = substr;
    "tf.Tensor" = Tensor;
    "tf.TensorShape" = TensorShape;
    "tf.Variable" = Variable;
    "tf.abs" = abs;
    "tf.acos" = acos;
    "tf.acosh" = acosh;
    "tf.add" = add;
    "tf.add_n" = add_n;
    "tf.add_to_collection" = add_to_collection;
    "tf.argmax" = argmax;
    "tf.argmin" = argmin;
    "tf.argsort" = argsort;
    "tf.asin" = asin;
    "tf.asinh" = asinh;
    "tf.assign" = assign;
    "tf.assign_add" = assign_add;
    "tf.assign_sub" = assign_sub;
    "tf.atan" = atan;
    "tf.atan2" = atan2;
    "tf.atanh" = atanh;
    "tf.bincount" = bincount;
    "tf.bool" = bool;
    "tf.boolean_mask" = boolean_mask;
    "tf.broadcast_to" = broadcast_to;
    "tf.case" = case;
    "tf.cast" = cast;
    "tf.ceil" = ceil;
    "tf.cholesky" = cholesky;
    "tf.clip_by_average_norm" = clip_by_average_norm;
    "tf.clip_by_global_norm" = clip_by_global_norm;
    "tf.clip_by_norm" = clip_by_norm;
    "tf.clip_by_value" = clip_by_value;
    "tf.concat" = concat;
    "tf.cond" = cond;
    "tf.config.experimental.enable_tensor_float_32_execution" = config::experimental::enable_tensor_float_32_execution;
    "tf.config.experimental.get_memory_info" = config::experimental::get_memory_info;
    "tf.config.list_physical_devices" = config::list_physical_devices;
    "tf.ConfigProto" = ConfigProto;
    "tf.confusion_matrix" = confusion_matrix;
    "tf.constant" = constant;
    "tf.constant_initializer" = constant_initializer;
    "tf.contrib.layers.apply_regularization" = contrib::layers::apply_regularization;
    "tf.contrib.layers.l1_l2_regularizer" = contrib::layers::l1_l2_regularizer;
    "tf.contrib.layers.l1_regularizer" = contrib::layers::l1_regularizer;
    "tf.contrib.layers.l2_regularizer" = contrib::layers::l2_regularizer;
    "tf.contrib.layers.maxout" = contrib::layers::maxout;
    "tf.contrib.opt.NadamOptimizer" = contrib::opt::NadamOptimizer;
    "tf.control_dependencies" = control_dependencies;
    "tf.convert_to_tensor" = convert_to_tensor;
    "tf.cos" = cos;
    "tf.cosh" = cosh;
    "tf.count_nonzero" = count_nonzero;
    "tf.cumsum" = cumsum;
    "tf.device" = device;
    "tf.div_no_nan" = div_no_nan;
    "tf.divide" = divide;
    "tf.einsum" = einsum;
    "tf.equal" = equal;
    "tf.erf" = erf;
    "tf.erfc" = erfc;
    "tf.examples.tutorials.mnist.input_data.read_data_sets" =
        examples::tutorials::mnist::input_data::read_data_sets;
    "tf.exp" = exp;
    "tf.expand_dims" = expand_dims;
    "tf.expm1" = expm1;
    "tf.eye" = eye;
    "tf.fill" = fill;
    "tf.float32" = float32;
    "tf.float64" = float64;
    "tf.floor" = floor;
    "tf.floordiv" = floordiv;
    "tf.floormod" = floormod;
    "tf.gather" = gather;
    "tf.gather_nd" = gather_nd;
    "tf.get_collection" = get_collection;
    "tf.get_default_graph" = get_default_graph;
    "tf.get_variable" = get_variable;
    "tf.get_variable_scope" = get_variable_scope;
    "tf.global_norm" = global_norm;
    "tf.global_variables" = global_variables;
    "tf.global_variables_initializer" = global_variables_initializer;
    "tf.glorot_normal_initializer" = glorot_normal_initializer;
    "tf.glorot_uniform_initializer" = glorot_uniform_initializer;
    "tf.gradients" = gradients;
    "tf.GraphKeys" = GraphKeys;
    "tf.greater" = greater;
    "tf.greater_equal" = greater_equal;
    "tf.group" = group;
    "tf.identity" = identity;
    "tf.initialize_all_variables" = initialize_all_variables;
    "tf.initializers.he_normal" = initializers::he_normal;
    "tf.initializers.he_uniform" = initializers::he_uniform;
    "tf.initializers.lecun_normal" = initializers::lecun_normal;
    "tf.initializers.lecun_uniform" = initializers::lecun_uniform;
    "tf.initializers.variance_scaling" = initializers::variance_scaling;
    "tf.int32" = int32;
    "tf.int64" = int64;
    "tf.is_finite" = is_finite;
    "tf.is_inf" = is_inf;
    "tf.is_nan" = is_nan;
    "tf.is_variable_initialized" = is_variable_initialized;
    "tf.less" = less;
    "tf.less_equal" = less_equal;
    "tf.linalg.band_part" = linalg::band_part;
    "tf.linalg.det" = linalg::det;
    "tf.linalg.diag" = linalg::diag;
    "tf.linalg.diag_part" = linalg::diag_part;
    "tf.linalg.inv" = linalg::inv;
    "tf.linalg.matvec" = linalg::matvec;
    "tf.linalg.slogdet" = linalg::slogdet;
    "tf.linalg.solve" = linalg::solve;
    "tf.linspace" = linspace;
    "tf.local_variables" = local_variables;
    "tf.local_variables_initializer" = local_variables_initializer;
    "tf.log" = log;
    "tf.log1p" = log1p;
    "tf.logical_and" = logical_and;
    "tf.logical_not" = logical_not;
    "tf.logical_or" = logical_or;
    "tf.losses.get_losses" = losses::get_losses;
    "tf.losses.get_total_loss" = losses::get_total_loss;
    "tf.losses.absolute_difference" = losses::absolute_difference;
    "tf.losses.get_regularization_loss" = losses::get_regularization_loss;
    "tf.losses.get_regularization_losses" = losses::get_regularization_losses;
    "tf.losses.hinge_loss" = losses::hinge_loss;
    "tf.losses.huber_loss" = losses::huber_loss;
    "tf.losses.log_loss" = losses::log_loss;
    "tf.losses.mean_squared_error" = losses::mean_squared_error;
    "tf.losses.sigmoid_cross_entropy" = losses::sigmoid_cross_entropy;
    "tf.losses.softmax_cross_entropy" = losses::softmax_cross_entropy;
    "tf.losses.sparse_softmax_cross_entropy" = losses::sparse_softmax_cross_entropy;
    "tf.math.argmax" = math::argmax;
    "tf.math.argmin" = math::argmin;
    "tf.math.cumprod" = math::cumprod;
    "tf.math.divide" = math::divide;
    "tf.math.log" = math::log;
    "tf.math.reduce_std" = math::reduce_std;
    "tf.math.reduce_variance" = math::reduce_variance;
    "tf.math.xdivy" = math::xdivy;
    "tf.math.xlogy" = math::xlogy;
    "tf.matmul" = matmul;
    "tf.matrix_band_part" = matrix_band_part;
    "tf.matrix_determinant" = matrix_determinant;
    "tf.matrix_diag" = matrix_diag;
    "tf.matrix_diag_part" = matrix_diag_part;
    "tf.matrix_inverse" = matrix_inverse;
    "tf.matrix_solve" = matrix_solve;
    "tf.matrix_transpose" = matrix_transpose;
    "tf.matrix_triangular_solve" = matrix_triangular_solve;
    "tf.maximum" = maximum;
    "tf.minimum" = minimum;
    "tf.mod" = r#mod;
    "tf.multiply" = multiply;
    "tf.name_scope" = name_scope;
    "tf.negative" = negative;
    "tf.nn.avg_pool" = nn::avg_pool;
    "tf.nn.batch_normalization" = nn::batch_normalization;
    "tf.nn.bias_add" = nn::bias_add;
    "tf.nn.conv2d" = nn::conv2d;
    "tf.nn.dropout" = nn::dropout;
    "tf.nn.elu" = nn::elu;
    "tf.nn.l2_loss" = nn::l2_loss;
    "tf.nn.l2_normalize" = nn::l2_normalize;
    "tf.nn.leaky_relu" = nn::leaky_relu;
    "tf.nn.log_softmax" = nn::log_softmax;
    "tf.nn.max_pool" = nn::max_pool;
    "tf.nn.moments" = nn::moments;
    "tf.nn.relu" = nn::relu;
    "tf.nn.relu6" = nn::relu6;
    "tf.nn.selu" = nn::selu;
    "tf.nn.sigmoid" = nn::sigmoid;
    "tf.nn.sigmoid_cross_entropy_with_logits" = nn::sigmoid_cross_entropy_with_logits;
    "tf.nn.softmax" = nn::softmax;
    "tf.nn.softmax_cross_entropy_with_logits" = nn::softmax_cross_entropy_with_logits;
    "tf.nn.softmax_cross_entropy_with_logits_v2" = nn::softmax_cross_entropy_with_logits_v2;
    "tf.nn.softplus" = nn::softplus;
    "tf.nn.softsign" = nn::softsign;
    "tf.nn.sparse_softmax_cross_entropy_with_logits" = nn::sparse_softmax_cross_entropy_with_logits;
    "tf.nn.swish" = nn::swish;
    "tf.nn.tanh" = nn::tanh;
    "tf.nn.top_k" = nn::top_k;
    "tf.no_op" = no_op;
    "tf.norm" = norm;
    "tf.not_equal" = not_equal;
    "tf.one_hot" = one_hot;
    "tf.ones" = ones;
    "tf.ones_initializer" = ones_initializer;
    "tf.ones_like" = ones_like;
    "tf.pad" = pad;
    "tf.placeholder" = placeholder;
    "tf.placeholder_with_default" = placeholder_with_default;
    "tf.pow" = pow;
    "tf.qr" = qr;
    "tf.random_normal" = random_normal;
    "tf.random_normal_initializer" = random_normal_initializer;
    "tf.random_uniform" = random_uniform;
    "tf.random_uniform_initializer" = random_uniform_initializer;
    "tf.range" = range;
    "tf.rank" = rank;
    "tf.reciprocal" = reciprocal;
    "tf.reduce_all" = reduce_all;
    "tf.reduce_any" = reduce_any;
    "tf.reduce_logsumexp" = reduce_logsumexp;
    "tf.reduce_max" = reduce_max;
    "tf.reduce_mean" = reduce_mean;
    "tf.reduce_min" = reduce_min;
    "tf.reduce_prod" = reduce_prod;
    "tf.reduce_sum" = reduce_sum;
    "tf.report_uninitialized_variables" = report_uninitialized_variables;
    "tf.reset_default_graph" = reset_default_graph;
    "tf.reshape" = reshape;
    "tf.reverse" = reverse;
    "tf.rint" = rint;
    "tf.round" = round;
    "tf.rsqrt" = rsqrt;
    "tf.scatter_add" = scatter_add;
    "tf.scatter_nd" = scatter_nd;
    "tf.scatter_sub" = scatter_sub;
    "tf.scatter_update" = scatter_update;
    "tf.segment_max" = segment_max;
    "tf.segment_mean" = segment_mean;
    "tf.segment_min" = segment_min;
    "tf.segment_prod" = segment_prod;
    "tf.segment_sum" = segment_sum;
    "tf.self_adjoint_eig" = self_adjoint_eig;
    "tf.set_random_seed" = set_random_seed;
    "tf.shape" = shape;
    "tf.sigmoid" = sigmoid;
    "tf.sign" = sign;
    "tf.sin" = sin;
    "tf.sinh" = sinh;
    "tf.size" = size;
    "tf.slice" = slice;
    "tf.sort" = sort;
    "tf.split" = split;
    "tf.sqrt" = sqrt;
    "tf.square" = square;
    "tf.squared_difference" = squared_difference;
    "tf.squeeze" = squeeze;
    "tf.stack" = stack;
    "tf.stop_gradient" = stop_gradient;
    "tf.strided_slice" = strided_slice;
    "tf.string" = string;
    "tf.subtract" = subtract;
    "tf.summary.FileWriter" = summary::FileWriter;
    "tf.summary.histogram" = summary::histogram;
    "tf.summary.image" = summary::image;
    "tf.summary.merge_all" = summary::merge_all;
    "tf.summary.scalar" = summary::scalar;
    "tf.svd" = svd;
    "tf.tan" = tan;
    "tf.tanh" = tanh;
    "tf.tensordot" = tensordot;
    "tf.test.gpu_device_name" = test::gpu_device_name;
    "tf.test.is_gpu_available" = test::is_gpu_available;
    "tf.tensor_scatter_nd_add" = tensor_scatter_nd_add;
    "tf.tensor_scatter_nd_sub" = tensor_scatter_nd_sub;
    "tf.tensor_scatter_nd_update" = tensor_scatter_nd_update;
    "tf.tile" = tile;
    "tf.to_double" = to_double;
    "tf.to_float" = to_float;
    "tf.to_int32" = to_int32;
    "tf.to_int64" = to_int64;
    "tf.trace" = trace;
    "tf.train.AdadeltaOptimizer" = train::AdadeltaOptimizer;
    "tf.train.AdagradOptimizer" = train::AdagradOptimizer;
    "tf.train.AdamOptimizer" = train::AdamOptimizer;
    "tf.train.get_checkpoint_state" = train::get_checkpoint_state;
    "tf.train.GradientDescentOptimizer" = train::GradientDescentOptimizer;
    "tf.train.load_variable" = train::load_variable;
    "tf.train.MomentumOptimizer" = train::MomentumOptimizer;
    "tf.train.RMSPropOptimizer" = train::RMSPropOptimizer;
    "tf.train.Saver" = train::Saver;
    "tf.train.checkpoint_exists" = train::checkpoint_exists;
    "tf.train.cosine_decay" = train::cosine_decay;
    "tf.train.cosine_decay_restarts" = train::cosine_decay_restarts;
    "tf.train.exponential_decay" = train::exponential_decay;
    "tf.train.get_global_step" = train::get_global_step;
    "tf.train.get_or_create_global_step" = train::get_or_create_global_step;
    "tf.train.global_step" = train::global_step;
    "tf.train.inverse_time_decay" = train::inverse_time_decay;
    "tf.train.latest_checkpoint" = train::latest_checkpoint;
    "tf.train.linear_cosine_decay" = train::linear_cosine_decay;
    "tf.train.list_variables" = train::list_variables;
    "tf.train.natural_exp_decay" = train::natural_exp_decay;
    "tf.train.piecewise_constant" = train::piecewise_constant;
    "tf.train.polynomial_decay" = train::polynomial_decay;
    "tf.trainable_variables" = trainable_variables;
    "tf.transpose" = transpose;
    "tf.truediv" = truediv;
    "tf.truncated_normal" = truncated_normal;
    "tf.truncated_normal_initializer" = truncated_normal_initializer;
    "tf.tuple" = tuple;
    "tf.uint8" = uint8;
    "tf.unique" = unique;
    "tf.unique_with_counts" = unique_with_counts;
    "tf.unsorted_segment_sum" = unsorted_segment_sum;
    "tf.unstack" = unstack;
    "tf.variable_scope" = variable_scope;
    "tf.variables_initializer" = variables_initializer;
    "tf.variance_scaling_initializer" = variance_scaling_initializer;
    "tf.verify_tensor_all_finite" = verify_tensor_all_finite;
    "tf.where" = r#where;
    "tf.where with three arguments" = select;
    "tf.while_loop" = while_loop;
    "tf.zeros" = zeros;
    "tf.zeros_initializer" = zeros_initializer;
    "tf.zeros_like" = zeros_like;
}

/// Names that TensorFlow 1 programs use and that are not there, and what to do.
const MISSING: &[(&str, &str)] = &[
    ("tf.complex64, tf.complex128, tf.float16", "element types that no lesson uses"),
    ("tf.layers", "keras::layers, or variables and ops"),
    ("tf.map_fn, tf.scan", "tf::while_loop"),
    ("tf.nn.conv1d", "tf::nn::conv2d with a height of 1"),
    ("tf.nn.conv2d_transpose", ""),
    ("tf.nn.local_response_normalization", ""),
    ("tf.orthogonal_initializer", "keras::initializers has one"),
    ("tf.py_func", ""),
    ("tf.train.SummaryWriter", "tf::summary::FileWriter, as in TensorFlow since 1.0"),
];

fn page() -> String {
    let mut ops = flowbook::covered();
    ops.sort_unstable();
    let ops: String = ops.iter().map(|n| format!("- `{n}`\n")).collect();
    let rust = |path: &str| path.replace(' ', "");
    let names: String = NAMES.iter().map(|(n, path)| format!("| `{n}` | `tf::{}` |\n", rust(path))).collect();
    let missing: String = MISSING.iter().map(|(n, instead)| format!("| {n} | {instead} |\n")).collect();
    format!(
        "# Coverage\n\nWritten by `prelude/tests/coverage.rs`, which the compiler keeps true.\n\n## TensorFlow 1's names, {} of \
         them\n\n| TensorFlow | here |\n| --- | --- |\n{names}\n## Not there\n\n| TensorFlow | instead |\n| --- | --- \
         |\n{missing}\n## Op types of the op table, {} of them\n\n{ops}",
        NAMES.len(),
        flowbook::covered().len(),
    )
}

#[test]
fn the_page_lists_what_there_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/coverage.md");
    if std::env::var_os("FLOWBOOK_BLESS").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page(), "run with FLOWBOOK_BLESS=1 to write {path} anew");
}
