//! Summaries against what TensorFlow made of the same data: `fixtures/tensorflow_summary.json`, recorded by the script
//! beside it, and the files they are written to.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use flowbook::graph::Graph;
use flowbook::summary::v2::{self, Step};
use flowbook::{Array, DType, v1 as tf};
use flowbook_summary::proto::{self, Event, event::What};
use flowbook_summary::{Message, record::Records};
use serde_json::Value;

fn recorded() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tensorflow_summary.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = text(hex);
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// A case's array, of its own element type.
fn array(case: &Value) -> Array {
    let values: Vec<f64> = list(&case["values"]).iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect();
    let shape: Vec<usize> = match case.get("shape") {
        Some(shape) => list(shape).iter().map(|n| n.as_u64().unwrap() as usize).collect(),
        None => vec![values.len()],
    };
    match text(&case["dtype"]) {
        "float32" => Array::new(values.iter().map(|v| *v as f32).collect(), &shape),
        "float64" => Array::new(values, &shape),
        "int32" => Array::new(values.iter().map(|v| *v as i32).collect(), &shape),
        "uint8" => Array::new(values.iter().map(|v| *v as u8).collect(), &shape),
        other => panic!("{other}"),
    }
}

/// What a summary op gives in a graph of its own.
fn run(build: impl FnOnce() -> tf::Tensor) -> tf::Summary {
    Graph::new().as_default(|| {
        let summary = build();
        tf::Summary::from_string(tf::Session::new().run(summary).unwrap()).unwrap()
    })
}

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let path = std::env::temp_dir().join(format!("flowbook-summary-test-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Directory(path)
    }

    /// The events of all files, in the order of their names.
    fn events(&self) -> Vec<Event> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.0).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        files.iter().flat_map(|file| events(file)).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn events(file: &Path) -> Vec<Event> {
    let records = Records::new(File::open(file).unwrap());
    records.map(|record| Event::decode(&record.unwrap()[..]).unwrap()).collect()
}

/// What the functions of version 2 write, without the time.
fn written(name: &str, body: impl FnOnce()) -> Vec<Event> {
    let directory = Directory::new(name);
    let writer = v2::create_file_writer(&directory.0).unwrap();
    writer.as_default(body);
    writer.close().unwrap();
    directory.events().into_iter().skip(1).map(timeless).collect()
}

fn timeless(event: Event) -> Event {
    Event { wall_time: 0.0, ..event }
}

fn theirs(hex: &Value) -> Event {
    timeless(Event::decode(&bytes(hex)[..]).unwrap())
}

#[test]
fn histograms_of_version_1_are_tensorflows() {
    for case in list(&recorded()["histograms"]) {
        let ours = run(|| *tf::summary::histogram("h", array(case)));
        let theirs = proto::Summary::decode(&bytes(&case["v1"])[..]).unwrap();
        assert_eq!(*ours, theirs, "{}", case["name"]);
    }
}

#[test]
fn histograms_of_version_2_are_tensorflows() {
    for (i, case) in list(&recorded()["histograms"]).iter().enumerate() {
        let ours = written(&format!("histogram-{i}"), || {
            assert!(v2::histogram("h", array(case), 3).unwrap());
            assert!(v2::histogram("h", array(case), Step::at(3).buckets(7)).unwrap());
        });
        assert_eq!(ours, [theirs(&case["v2"]), theirs(&case["v2_buckets_7"])], "{}", case["name"]);
    }
}

#[test]
fn what_is_not_finite_has_no_histogram() {
    for case in list(&recorded()["bad"]) {
        let values = list(&case["values"]).iter().map(|v| {
            v.as_f64().unwrap_or_else(|| match text(v) {
                "nan" => f64::NAN,
                _ => f64::INFINITY,
            })
        });
        let values: Vec<f64> = values.collect();
        let error = Graph::new().as_default(|| {
            let summary = tf::summary::histogram("h", tf::constant(values));
            tf::Session::new().run(summary).unwrap_err()
        });
        assert_eq!(error.class(), text(&case["error"]));
        assert_eq!(error.message().lines().next().unwrap(), text(&case["message"]));
    }
}

fn pixels(png: &[u8]) -> Vec<u64> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut bytes).unwrap();
    bytes.into_iter().map(u64::from).collect()
}

fn numbers(value: &Value) -> Vec<u64> {
    list(value).iter().map(|n| n.as_u64().unwrap()).collect()
}

#[test]
fn pictures_of_version_1_are_tensorflows() {
    for case in list(&recorded()["images"]) {
        let ours = run(|| *tf::summary::image("p", array(case)));
        let theirs = list(&case["v1"]);
        assert_eq!(ours.value.len(), theirs.len());
        for (value, theirs) in ours.value.iter().zip(theirs) {
            let image = value.image().unwrap();
            assert_eq!(value.tag, text(&theirs[0]), "{}", case["name"]);
            let sizes = [image.height, image.width, image.colorspace].map(i64::from);
            assert_eq!(sizes, [1, 2, 3].map(|i| theirs[i].as_i64().unwrap()), "{}", case["name"]);
            assert_eq!(pixels(&image.encoded_image_string), numbers(&theirs[4]), "{}", case["name"]);
        }
    }
}

#[test]
fn pictures_of_version_2_are_tensorflows() {
    for case in list(&recorded()["images"]).iter().filter(|case| case.get("v2").is_some()) {
        let ours = written("images", || assert!(v2::image("p", array(case), 1).unwrap()));
        let Some(What::Summary(summary)) = &ours[0].what else { panic!("no summary") };
        let (value, theirs) = (&summary.value[0], &case["v2"]);
        assert_eq!(value.tag, text(&theirs["tag"]));
        assert_eq!(value.metadata.clone().unwrap().plugin_data.unwrap().plugin_name, text(&theirs["plugin"]));
        let tensor = value.tensor().unwrap();
        let shape = tensor.tensor_shape.clone().unwrap();
        assert_eq!(shape.dim.iter().map(|d| d.size as u64).collect::<Vec<_>>(), numbers(&theirs["shape"]));
        let (size, pngs) = tensor.string_val.split_at(2);
        assert_eq!(
            size.iter().map(|s| String::from_utf8_lossy(s)).collect::<Vec<_>>(),
            list(&theirs["size"]).iter().map(text).collect::<Vec<_>>()
        );
        let ours: Vec<Vec<u64>> = pngs.iter().map(|png| pixels(png)).collect();
        let theirs: Vec<Vec<u64>> = list(&theirs["pixels"]).iter().map(numbers).collect();
        assert_eq!(ours, theirs, "{}", case["name"]);
    }
}

fn scoped() -> tf::Tensor {
    tf::name_scope("cost", || *tf::summary::scalar("cost", tf::constant(1.5)))
}

fn taken() -> tf::Tensor {
    tf::name_scope("weight", || tf::constant(1.0));
    *tf::summary::histogram("weight", tf::constant([1.0, 2.0]))
}

fn merged() -> tf::Tensor {
    tf::summary::scalar("a", tf::constant(1.0));
    tf::summary::scalar("b", tf::constant(2));
    tf::summary::merge_all().unwrap()
}

fn with_family() -> tf::Tensor {
    tf::name_scope("outer", || *tf::summary::scalar("loss", tf::constant(1.0)).family("train"))
}

fn duplicate() -> tf::Tensor {
    let a = tf::summary::scalar("a", tf::constant(1.0));
    tf::summary::merge(&[tf::summary::merge(&[a]), *a])
}

/// The calls of the recording script.
fn call(name: &str) -> tf::Tensor {
    match name {
        "scalar" => *tf::summary::scalar("cost", tf::constant(0.25)),
        "scalar_integer" => *tf::summary::scalar("n", tf::constant(3)),
        "scalar_double" => *tf::summary::scalar("d", tf::constant(0.1).with_dtype(tf::float64)),
        "scalar_in_scope" => scoped(),
        "histogram_name_taken" => taken(),
        "illegal_name" => *tf::summary::scalar("my loss: 1", tf::constant(1.0)),
        "slash" => *tf::summary::scalar("/train/loss", tf::constant(1.0)),
        "family" => with_family(),
        "merge_all" => merged(),
        "merge" => tf::summary::merge(&[tf::summary::scalar("a", tf::constant(1.0))]),
        "text" => *tf::summary::text("note", tf::constant("# hello")),
        "text_vector" => *tf::summary::text("note", tf::constant(["a", "b"])),
        "image_one" => *tf::summary::image("p", tf::zeros([1, 2, 2, 1])),
        "image_max_outputs" => *tf::summary::image("p", tf::zeros([3, 2, 2, 1])).max_outputs(2),
        "merge_duplicate" => duplicate(),
        "scalar_not_scalar" => *tf::summary::scalar("v", tf::constant([1.0, 2.0])),
        "image_of_rank_1" => *tf::summary::image("p", tf::constant([1.0, 2.0])),
        "literal" => *tf::summary::scalar("x", 0.5),
        other => panic!("the fixture has a call {other} that this test does not know"),
    }
}

/// What TensorFlow serialises, its nodes' names and inputs, and its messages.
#[test]
fn summary_ops_are_tensorflows() {
    for case in list(&recorded()["v1"]) {
        let name = text(&case["name"]);
        Graph::new().as_default(|| {
            let summary = call(name);
            let nodes = tf::get_default_graph().get_operations();
            let input = |t: tf::Tensor| t.name().trim_end_matches(":0").to_owned();
            let ours: Vec<Value> = nodes
                .iter()
                .map(|op| {
                    let inputs: Vec<String> = op.inputs().into_iter().map(input).collect();
                    serde_json::json!([op.name(), op.op_type(), inputs])
                })
                .collect();
            assert_eq!(ours, *list(&case["nodes"]), "{name}");
            let value = tf::Session::new().run(summary);
            if let Some(message) = case.get("message") {
                let error = value.unwrap_err();
                assert_eq!(error.message().lines().next().unwrap(), text(message), "{name}");
                assert_eq!(error.class(), text(&case["error"]), "{name}");
                return;
            }
            let mut ours = (*tf::Summary::from_string(value.unwrap()).unwrap()).clone();
            let mut theirs = proto::Summary::decode(&bytes(&case["bytes"])[..]).unwrap();
            // PNG files may be compressed in many ways; the pixels are compared elsewhere.
            for value in ours.value.iter_mut().chain(&mut theirs.value) {
                if let Some(proto::summary::value::Value::Image(image)) = &mut value.value {
                    image.encoded_image_string.clear();
                }
            }
            assert_eq!(ours, theirs, "{name}");
        });
    }
}

/// A fetched summary is bytes, whatever they are: TensorFlow's own bytes, and Python's `repr` of them.
#[test]
fn a_fetched_summary_prints_as_bytes() {
    Graph::new().as_default(|| {
        let value = tf::Session::new().run(tf::summary::scalar("h", tf::constant(-0.5))).unwrap();
        // Field 1 of 8 bytes: tag (field 1) of 1 byte, simple_value (field 2) as 0xbf000000, little-endian.
        assert_eq!(value.to_string(), r"b'\n\x08\n\x01h\x15\x00\x00\x00\xbf'");
    });
}

#[test]
fn functions_of_version_2_write_what_tensorflow_writes() {
    let recorded = &recorded()["v2"];
    let expected = |name: &str| list(&recorded[name]).iter().map(theirs).collect::<Vec<_>>();
    let ours = written("scalars", || {
        v2::scalar("loss", 0.5, 1).unwrap();
        v2::scalar("loss", 0.25, Step::at(2).description("how far off")).unwrap();
    });
    assert_eq!(ours, expected("scalar"));
    assert_eq!(written("text", || drop(v2::text("note", "# hello", 1))), expected("text"));
    assert_eq!(written("texts", || drop(v2::text("note", ["a", "b"], 1))), expected("text_vector"));
}

#[test]
fn version_2_needs_a_writer_and_a_step() {
    assert!(!v2::scalar("loss", 0.5, None).unwrap(), "without a writer nothing is written");
    written("steps", || {
        let error = v2::scalar("loss", 0.5, None).unwrap_err();
        assert!(error.to_string().starts_with("ValueError: No step set. Please specify one"), "{error}");
        let error = v2::scalar("loss", [1.0, 2.0], 1).unwrap_err();
        assert_eq!(error.to_string(), "ValueError: Expected scalar shape, saw shape: (2,).");
        let error = v2::image("p", [1.0], 1).unwrap_err();
        assert_eq!(error.to_string(), "ValueError: Tensor  must have rank 4.  Received rank 1, shape (1,)");
    });
}

#[test]
fn summaries_print_as_protocol_buffers_do() {
    let recorded = recorded();
    for case in list(&recorded["texts"]) {
        let summary = tf::Summary::new().simple_value("t", case[0].as_f64().unwrap());
        assert_eq!(summary.to_string(), text(&case[1]));
    }
    let ours = run(|| *tf::summary::histogram("h", tf::constant([0.1, 0.2])));
    assert_eq!(ours.to_string(), text(&recorded["histogram_text"]));
}

#[test]
fn merging_nothing_gives_nothing() {
    Graph::new().as_default(|| {
        let none = tf::summary::merge_all();
        assert!(none.is_none());
        tf::constant(1);
        let error = tf::Session::new().run(none).unwrap_err();
        assert_eq!(
            error.to_string(),
            "TypeError: Argument `fetch` = None has invalid type \"NoneType\". Cannot be None"
        );
    });
}

#[test]
fn collections_hold_what_is_asked_for() {
    Graph::new().as_default(|| {
        tf::summary::scalar("a", tf::constant(1.0));
        tf::summary::scalar("b", tf::constant(1.0)).collections(&["test"]);
        // Setters build a call anew; the earlier one must not stay in the collection.
        tf::summary::scalar("c", tf::constant(1.0)).family("x").family("y");
        let tags = |t: Option<tf::Tensor>| {
            let summary = tf::Summary::from_string(tf::Session::new().run(t).unwrap()).unwrap();
            summary.value.iter().map(|v| v.tag.clone()).collect::<Vec<_>>()
        };
        assert_eq!(tags(tf::summary::merge_all()), ["a", "y/y/c"]);
        assert_eq!(tags(tf::summary::merge_all_in("test")), ["b"]);
    });
}

#[test]
fn a_file_writer_writes_graph_and_summaries() {
    let directory = Directory::new("v1");
    Graph::new().as_default(|| {
        let cost = tf::name_scope("cost", || tf::summary::scalar("cost", tf::constant(0.25)));
        let note = tf::summary::text("note", tf::constant("hi"));
        let both = tf::summary::merge(&[cost, note]);
        let sess = tf::Session::new();
        let writer = tf::summary::FileWriter::new(&directory.0, sess.graph()).unwrap();
        assert_eq!(writer.get_logdir(), directory.0.display().to_string());
        for step in 0..3 {
            writer.add_summary(sess.run(both).unwrap(), step).unwrap();
        }
        writer.add_summary(tf::Summary::new().simple_value("made", 2.0), None).unwrap();
        writer.close().unwrap();
        writer.add_summary(sess.run(both).unwrap(), 9).unwrap();
        writer.reopen().unwrap();
        writer.add_summary(sess.run(both).unwrap(), 10).unwrap();
    });
    let events = directory.events();
    let kinds: Vec<(i64, String)> = events
        .iter()
        .map(|event| {
            let kind = match event.what.as_ref().unwrap() {
                What::FileVersion(version) => version.clone(),
                What::GraphDef(graph) => {
                    let graph = proto::GraphDef::decode(&graph[..]).unwrap();
                    graph.node.iter().map(|n| n.name.as_str()).collect::<Vec<_>>().join(" ")
                }
                What::MetaGraphDef(_) => "meta".into(),
                What::Summary(summary) => {
                    let of = |v: &proto::summary::Value| {
                        format!("{}{}", v.tag, ["", "+"][usize::from(v.metadata.is_some())])
                    };
                    summary.value.iter().map(of).collect::<Vec<_>>().join(" ")
                }
                other => format!("{other:?}"),
            };
            (event.step, kind)
        })
        .collect();
    let nodes = "cost/Const cost/cost/tags cost/cost Const note/tag note/serialized_summary_metadata note \
                 Merge/MergeSummary";
    // Metadata (+) are written with a tag's first value only.
    let expected = [
        (0, "brain.Event:2"),
        (0, nodes),
        (0, "meta"),
        (0, "cost/cost note+"),
        (1, "cost/cost note"),
        (2, "cost/cost note"),
        (0, "made"),
        (0, "brain.Event:2"),
        (10, "cost/cost note"),
    ];
    assert_eq!(kinds, expected.map(|(step, kind)| (step, kind.to_owned())));
    assert!(events.is_sorted_by_key(|event| event.wall_time));
}

/// Shapes, attributes and values in a GraphDef, by the rules of its definition.
#[test]
fn a_graph_def_says_shapes_and_values() {
    use proto::attr_value::Value as Attr;
    Graph::new().as_default(|| {
        let x = tf::placeholder(tf::float32, flowbook::shape![None, 3]).named("x");
        let c = tf::constant([[1.0], [2.0], [3.0]]).named("c");
        let y = tf::matmul(x, c);
        tf::control_dependencies([y.op()], || tf::no_op());
        let bytes = tf::get_default_graph().as_graph_def().serialize_to_string();
        let graph = proto::GraphDef::decode(&bytes[..]).unwrap();
        let node = |name: &str| graph.node.iter().find(|n| n.name == name).unwrap();
        let attr = |n: &proto::NodeDef, key: &str| n.attr[key].value.clone().unwrap();
        let Attr::List(shapes) = attr(node("MatMul"), "_output_shapes") else { panic!("no list") };
        assert_eq!(shapes.shape[0].dim.iter().map(|d| d.size).collect::<Vec<_>>(), [-1, 1]);
        assert_eq!(node("MatMul").input, ["x", "c"]);
        assert_eq!(attr(node("MatMul"), "T"), Attr::Type(1));
        assert!(node("MatMul").attr.keys().all(|key| key == "_output_shapes" || !key.starts_with('_')));
        let Attr::Tensor(value) = attr(node("c"), "value") else { panic!("no tensor") };
        assert_eq!(value.tensor_content, [1.0f32, 2.0, 3.0].map(f32::to_le_bytes).concat());
        assert_eq!(node("NoOp").input, ["^MatMul"]);
        assert_eq!(graph.versions.unwrap().producer, 2474);
    });
}

#[test]
fn what_is_no_summary_is_refused() {
    let directory = Directory::new("refused");
    let writer = tf::summary::FileWriter::new(&directory.0, None).unwrap();
    let error = writer.add_summary(Array::zeros(DType::Float32, &[2]), 0).unwrap_err();
    assert_eq!(error.class(), "ValueError");
    let error = writer.add_summary(Array::scalar("x".to_owned()), 0).unwrap_err();
    assert_eq!(error.to_string(), "ValueError: Error parsing message with type 'tensorflow.Summary'");
    let error = tf::summary::FileWriter::new("/dev/null/logs", None).unwrap_err();
    assert_eq!(error.class(), "OSError");
}
