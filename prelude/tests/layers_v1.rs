//! TensorFlow 1's layers and metrics: names, variables, updates and values, beside what TensorFlow shows of them
//! (`fixtures/make_layers.py`).

use flowbook::Result;
use flowbook::v1::{self as tf, GraphKeys, IntoTensor, Session, Tensor, Variable};

mod expressions;

use expressions::{Program, agree, t};

fn lines<T: std::fmt::Display>(lines: impl IntoIterator<Item = T>) -> Vec<String> {
    lines.into_iter().map(|line| line.to_string()).collect()
}

/// A session in which every variable has its initial value.
fn started() -> Result<Session> {
    let session = Session::new();
    session.run(tf::global_variables_initializer())?;
    session.run(tf::local_variables_initializer())?;
    Ok(session)
}

fn layer(made: impl IntoTensor) -> Result<String> {
    let made = tf::convert_to_tensor(made);
    let session = started()?;
    let variables = tf::global_variables();
    let trained: Vec<String> = tf::trainable_variables().iter().map(|v| v.name()).collect();
    let updates = tf::get_collection(GraphKeys::UPDATE_OPS);
    let mut shown = vec![made.to_string()];
    shown.extend(lines(&variables));
    shown.extend([trained.join(" "), updates.len().to_string(), session.run(made)?.to_string()]);
    session.run(updates)?;
    let moving = variables.into_iter().filter(|v: &Variable| v.name().contains("moving"));
    for variable in moving {
        shown.push(session.run(variable)?.to_string());
    }
    Ok(shown.join("\n"))
}

fn metric((value, update): (Tensor, Tensor)) -> Result<String> {
    let session = started()?;
    let mut shown = lines([value, update]);
    shown.extend(lines(tf::local_variables()));
    for tensor in [value, update, value, update] {
        shown.push(session.run(tensor)?.to_string());
    }
    Ok(shown.join("\n"))
}

macro_rules! with {
    ($show:ident: $($title:literal => $expression:expr;)*) => {
        &[$(($title, || $show($expression))),*]
    };
}

fn counted(sizes: [i32; 4]) -> Tensor {
    let count: i32 = sizes.iter().product();
    tf::reshape(tf::range(0.0, f64::from(count), 1.0), sizes)
}

#[rustfmt::skip]
const LAYERS: &[(&str, Program)] = with! { layer:
    "tf.layers.dense(tf.constant([[1.,2.]]),3,kernel_initializer=tf.ones_initializer())" => tf::layers::dense(t([[1.,2.]]),3).kernel_initializer(tf::ones_initializer());
    "tf.layers.dense(tf.constant([[1.,-2.]]),3,activation=tf.nn.relu,kernel_initializer=tf.constant_initializer(2.),name='out')" => tf::layers::dense(t([[1.,-2.]]),3).activation(tf::nn::relu).kernel_initializer(tf::constant_initializer(2.)).named("out");
    "tf.layers.dense(tf.constant([[1.,2.]]),3,use_bias=False,kernel_initializer=tf.ones_initializer())" => tf::layers::dense(t([[1.,2.]]),3).use_bias(false).kernel_initializer(tf::ones_initializer());
    "tf.layers.dense(tf.layers.dense(tf.constant([[1.,2.]]),3,kernel_initializer=tf.ones_initializer()),2,kernel_initializer=tf.ones_initializer(),bias_initializer=tf.ones_initializer())" => { let ones = tf::ones_initializer(); tf::layers::dense(tf::layers::dense(t([[1.,2.]]),3).kernel_initializer(ones),2).kernel_initializer(ones).bias_initializer(ones) };
    "tf.layers.dense(tf.ones([2,3,2]),4,kernel_initializer=tf.ones_initializer(),activation=tf.nn.softmax)" => tf::layers::dense(tf::ones([2,3,2]),4).kernel_initializer(tf::ones_initializer()).activation(tf::nn::softmax);
    "tf.layers.dense(tf.constant([[1.,2.]]),1,kernel_initializer=tf.ones_initializer(),trainable=False)" => tf::layers::dense(t([[1.,2.]]),1).kernel_initializer(tf::ones_initializer()).trainable(false);
    "[tf.layers.dense(tf.ones([1,2]),1,name='d',kernel_initializer=tf.ones_initializer()),tf.layers.dense(tf.ones([1,2]),1,name='d',reuse=True)][1]" => { tf::layers::dense(tf::ones([1,2]),1).named("d").kernel_initializer(tf::ones_initializer()); tf::layers::dense(tf::ones([1,2]),1).reuse(true).named("d") };
    "[tf.layers.dense(tf.ones([1,2]),1,name='d'),tf.layers.dense(tf.ones([1,2]),1,name='d')][1]" => { tf::layers::dense(tf::ones([1,2]),1).named("d"); tf::layers::dense(tf::ones([1,2]),1).named("d") };
    "tf.layers.dense(tf.placeholder(tf.float32,[None,None]),4)" => tf::layers::dense(tf::placeholder(tf::float32,flowbook::shape![None,None]),4);
    "tf.layers.conv2d(tf.reshape(tf.range(32.),[1,4,4,2]),2,3,kernel_initializer=tf.ones_initializer())" => tf::layers::conv2d(counted([1,4,4,2]),2,3).kernel_initializer(tf::ones_initializer());
    "tf.layers.conv2d(tf.reshape(tf.range(32.),[1,4,4,2]),1,[3,2],strides=2,padding='same',activation=tf.nn.relu,kernel_initializer=tf.ones_initializer(),name='c')" => tf::layers::conv2d(counted([1,4,4,2]),1,[3,2]).strides(2).padding("same").activation(tf::nn::relu).kernel_initializer(tf::ones_initializer()).named("c");
    "tf.layers.conv2d(tf.placeholder(tf.float32,[None,4]),4,3)" => tf::layers::conv2d(tf::placeholder(tf::float32,flowbook::shape![None,4]),4,3);
    "tf.layers.conv1d(tf.reshape(tf.range(10.),[1,5,2]),2,3,kernel_initializer=tf.ones_initializer())" => tf::layers::conv1d(tf::reshape(tf::range(0.,10.,1.),[1,5,2]),2,3).kernel_initializer(tf::ones_initializer());
    "tf.layers.max_pooling2d(tf.reshape(tf.range(32.),[1,4,4,2]),2,2)" => tf::layers::max_pooling2d(counted([1,4,4,2]),2,2);
    "tf.layers.max_pooling2d(tf.reshape(tf.range(18.),[1,3,3,2]),[2,2],2,padding='same')" => tf::layers::max_pooling2d(counted([1,3,3,2]),[2,2],2).padding("same");
    "tf.layers.average_pooling2d(tf.reshape(tf.range(32.),[1,4,4,2]),2,2)" => tf::layers::average_pooling2d(counted([1,4,4,2]),2,2);
    "tf.layers.dropout(tf.constant([[1.,2.]]),0.5)" => tf::layers::dropout(t([[1.,2.]]),0.5);
    "tf.shape(tf.layers.dropout(tf.constant([[1.,2.]]),0.5,training=True))" => tf::shape(tf::layers::dropout(t([[1.,2.]]),0.5).training(true));
    "tf.layers.dropout(tf.constant([[1.,2.]]),0.5,training=tf.placeholder_with_default(False,[]))" => { let fed = tf::placeholder_with_default(false,flowbook::Shape::scalar()); tf::layers::dropout(t([[1.,2.]]),0.5).training(fed) };
    "tf.layers.flatten(tf.reshape(tf.range(8.),[2,2,2,1]))" => tf::layers::flatten(counted([2,2,2,1]));
    "tf.layers.batch_normalization(tf.constant([[1.,2.],[3.,6.]]))" => tf::layers::batch_normalization(t([[1.,2.],[3.,6.]]));
    "tf.layers.batch_normalization(tf.constant([[1.,2.],[3.,6.]]),training=True)" => tf::layers::batch_normalization(t([[1.,2.],[3.,6.]])).training(true);
    "tf.layers.batch_normalization(tf.constant([[1.,2.],[3.,6.]]),training=True,momentum=0.5,center=False)" => tf::layers::batch_normalization(t([[1.,2.],[3.,6.]])).training(true).momentum(0.5).center(false);
    "tf.layers.batch_normalization(tf.constant([[1.,2.],[3.,6.]]),training=tf.placeholder_with_default(True,[]))" => { let fed = tf::placeholder_with_default(true,flowbook::Shape::scalar()); tf::layers::batch_normalization(t([[1.,2.],[3.,6.]])).training(fed) };
    "tf.layers.batch_normalization(tf.constant([[1.,2.],[3.,6.]]),training=tf.placeholder_with_default(False,[]))" => { let fed = tf::placeholder_with_default(false,flowbook::Shape::scalar()); tf::layers::batch_normalization(t([[1.,2.],[3.,6.]])).training(fed) };
    "tf.layers.batch_normalization(tf.reshape(tf.range(16.),[2,2,2,2]),training=True)" => tf::layers::batch_normalization(counted([2,2,2,2])).training(true);
};

#[rustfmt::skip]
const METRICS: &[(&str, Program)] = with! { metric:
    "tf.metrics.mean(tf.constant([1.,2.,6.]))" => tf::metrics::mean(t([1.,2.,6.]));
    "tf.metrics.accuracy(tf.constant([1,2,3,4]),tf.constant([1,2,0,4]))" => tf::metrics::accuracy(t([1,2,3,4]),t([1,2,0,4]));
    "tf.metrics.accuracy(tf.constant([[1],[2]]),tf.constant([1,3]))" => tf::metrics::accuracy(t([[1],[2]]),t([1,3]));
    "tf.metrics.mean_squared_error(tf.constant([1.,2.]),tf.constant([1.,4.]))" => tf::metrics::mean_squared_error(t([1.,2.]),t([1.,4.]));
    "tf.metrics.mean_absolute_error(tf.constant([1.,2.]),tf.constant([1.,4.]))" => tf::metrics::mean_absolute_error(t([1.,2.]),t([1.,4.]));
    "tf.metrics.root_mean_squared_error(tf.constant([1.,2.]),tf.constant([1.,4.]))" => tf::metrics::root_mean_squared_error(t([1.,2.]),t([1.,4.]));
    "tf.metrics.precision(tf.constant([1,0,1,1]),tf.constant([1,1,0,1]))" => tf::metrics::precision(t([1,0,1,1]),t([1,1,0,1]));
    "tf.metrics.recall(tf.constant([1,0,1,1]),tf.constant([1,1,0,1]))" => tf::metrics::recall(t([1,0,1,1]),t([1,1,0,1]));
    "tf.metrics.true_positives(tf.constant([1,0,1,1]),tf.constant([1,1,0,1]))" => tf::metrics::true_positives(t([1,0,1,1]),t([1,1,0,1]));
    "tf.metrics.false_positives(tf.constant([1,0,1,1]),tf.constant([1,1,0,1]))" => tf::metrics::false_positives(t([1,0,1,1]),t([1,1,0,1]));
    "tf.metrics.false_negatives(tf.constant([1,0,1,1]),tf.constant([1,1,0,1]))" => tf::metrics::false_negatives(t([1,0,1,1]),t([1,1,0,1]));
    "tf.metrics.true_negatives(tf.constant([1,0,1,0]),tf.constant([1,1,0,0]))" => tf::metrics::true_negatives(t([1,0,1,0]),t([1,1,0,0]));
    "tf.metrics.auc(tf.constant([0,1,1,0]),tf.constant([.1,.8,.4,.5]))" => tf::metrics::auc(t([0,1,1,0]),t([0.1,0.8,0.4,0.5]));
    "[tf.metrics.mean(tf.constant([1.])),tf.metrics.mean(tf.constant([2.]))][1]" => { tf::metrics::mean(t([1.])); tf::metrics::mean(t([2.])) };
};

/// Where we differ, what we answer, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &str)] = &[
    // TensorFlow counts the layer twice here, and prints its own sizes.
    ("tf.layers.conv2d(tf.placeholder(tf.float32,[None,4]),4,3)", "ValueError: Input 0 of layer \"conv2d\" is incompatible with the layer: expected min_ndim=4, found ndim=2. Full shape received: (None, 4)"),
    // TensorFlow has one op for images, which rounds elsewhere.
    (
        "tf.layers.batch_normalization(tf.reshape(tf.range(16.),[2,2,2,2]),training=True)",
        "Tensor(\"batch_normalization/batchnorm/add_1:0\", shape=(2, 2, 2, 2), dtype=float32)\n<tf.Variable 'batch_normalization/gamma:0' shape=(2,) dtype=float32_ref>\n<tf.Variable 'batch_normalization/beta:0' shape=(2,) dtype=float32_ref>\n<tf.Variable 'batch_normalization/moving_mean:0' shape=(2,) dtype=float32_ref>\n<tf.Variable 'batch_normalization/moving_variance:0' shape=(2,) dtype=float32_ref>\nbatch_normalization/gamma:0 batch_normalization/beta:0\n2\n[[[[-1.527489   -1.527489  ]\n   [-1.0910635  -1.0910635 ]]\n\n  [[-0.6546381  -0.6546382 ]\n   [-0.21821272 -0.21821272]]]\n\n\n [[[ 0.21821272  0.21821272]\n   [ 0.65463805  0.6546382 ]]\n\n  [[ 1.0910635   1.0910636 ]\n   [ 1.527489    1.5274891 ]]]]\n[0.07 0.08]\n[1.23 1.23]",
    ),
];

#[test]
fn layers_and_metrics_do_as_tensorflow_does() {
    agree(include_str!("fixtures/layers_v1.json"), DIFFERENT, &[LAYERS, METRICS]);
}
