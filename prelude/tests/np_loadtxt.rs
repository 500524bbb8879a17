//! `np.loadtxt`: shapes and error texts of NumPy 2.4.

use flowbook::{Result, np};

/// Writes `text` to a file of its own and reads it with the options given.
fn load(name: &str, text: &str, options: impl Fn(np::Loadtxt) -> np::Loadtxt) -> Result<flowbook::Array> {
    let path = std::env::temp_dir().join(format!("np-loadtxt-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let result = options(np::loadtxt(&path)).run();
    std::fs::remove_file(&path).unwrap();
    result
}

#[test]
fn tables_rows_columns_and_numbers() {
    let comma = |l: np::Loadtxt| l.delimiter(",");
    let repr = |name, text, options: fn(np::Loadtxt) -> np::Loadtxt| load(name, text, options).unwrap().repr();
    assert_eq!(repr("table", "1, 2\n3 ,4", comma), "array([[1., 2.],\n       [3., 4.]])");
    assert_eq!(repr("column", "1\n2\n", comma), "array([1., 2.])");
    assert_eq!(repr("row", "1 2", |l| l), "array([1., 2.])");
    assert_eq!(repr("number", "5", |l| l), "5.0");
    assert_eq!(repr("empty", "# nothing\n\n", |l| l), "array([], dtype=float64)");
    assert_eq!(
        repr("header", "a,b\n1,2 # x\n\n3,4\n", |l| l.delimiter(",").skiprows(1).dtype(np::int32)),
        "array([[1, 2],\n       [3, 4]], dtype=int32)"
    );
    assert_eq!(repr("special", "1e3,nan\ninf,-0", comma), "array([[1000.,   nan],\n       [  inf,   -0.]])");
}

/// Texts copied from the exceptions of NumPy 2.4.6.
#[test]
fn what_is_no_table_is_refused() {
    let comma = |l: np::Loadtxt| l.delimiter(",");
    let error =
        |name, text, options: fn(np::Loadtxt) -> np::Loadtxt| load(name, text, options).unwrap_err().to_string();
    assert_eq!(
        error("ragged", "1,2,3\n4,5\n", comma),
        "ValueError: the number of columns changed from 3 to 2 at row 2; use `usecols` to select a subset and avoid \
         this error",
    );
    assert_eq!(
        error("word", "1,2\n3,x", comma),
        "ValueError: could not convert string 'x' to float64 at row 1, column 2."
    );
    assert_eq!(error("hole", "1,,2", comma), "ValueError: could not convert string '' to float64 at row 0, column 2.");
    assert_eq!(
        error("fraction", "1,2\n3.5,4", |l| l.delimiter(",").dtype(np::int32)),
        "ValueError: could not convert string '3.5' to int32 at row 1, column 1.",
    );
    assert_eq!(np::loadtxt("no-such-file.csv").run().unwrap_err().to_string(), "OSError: no-such-file.csv not found.");
}
