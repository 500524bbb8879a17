//! Keeps docs/coverage.md equal to what the op table covers. `FLOWBOOK_BLESS=1 cargo test -p flowbook --test coverage`
//! writes the page anew.

/// Names that TensorFlow 1 programs use and that are not there.
const MISSING: &[&str] = &[
    "tf.cond",
    "tf.while_loop",
    "tf.Variable.initialized_value",
    "tf.train.AdagradOptimizer",
    "tf.train.RMSPropOptimizer",
    "tf.train.NadamOptimizer",
    "tf.train.exponential_decay",
    "tf.train.piecewise_constant",
    "tf.train.cosine_decay",
    "tf.train.Saver",
    "tf.nn.local_response_normalization",
    "tf.nn.conv1d",
    "tf.nn.conv2d_transpose",
    "tf.py_func",
    "tf.scan",
    "tf.map_fn",
    "tf.einsum",
    "tf.layers",
];

fn page() -> String {
    let mut ops = flowbook::covered();
    ops.sort_unstable();
    let list = |names: &[&str]| names.iter().map(|n| format!("- `{n}`\n")).collect::<String>();
    format!(
        "# Coverage\n\nThe TensorFlow op types of the op table, {} of them. This page is written by \
         `prelude/tests/coverage.rs`.\n\n{}\n## Not there\n\n{}",
        ops.len(),
        list(&ops),
        list(MISSING)
    )
}

#[test]
fn the_page_lists_the_op_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/coverage.md");
    if std::env::var_os("FLOWBOOK_BLESS").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page(), "run with FLOWBOOK_BLESS=1 to write {path} anew");
}
