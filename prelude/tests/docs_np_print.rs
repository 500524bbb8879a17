//! NumPy's print options, one after the other and together, and `array2string`. Recorded from NumPy 2.4.6
//! (`fixtures/make_docs_np.py`). The options are the process's own, so that this file has one test.

#[path = "support/values.rs"]
mod values;

use flowbook::np::{self, PrintOptions};
use flowbook::{Array, s};

const RECORDED: &str = include_str!("fixtures/docs_np.txt");

/// What `str` and `repr` of the arrays are while the options hold.
fn shown(options: PrintOptions, arrays: &[&Array]) -> String {
    let texts: Vec<String> = arrays.iter().map(|a| format!("{a}|{a:?}")).collect();
    drop(options);
    texts.join("|")
}

#[test]
fn options_are_numpys() {
    let m = np::array([[3, 8, -2], [7, 0, 5]]);
    let f = np::array([[0.5, -1.25, 3.0], [2.75, 10.0, -0.1]]);
    let cube = np::array(0..24).reshape((2, 3, 4));
    let (v, t) = (np::array([9, 4, 7, 4, 1]), np::array([true, false, true, true]));
    let s = np::array([1.5f32, 2.25, 4.0]);
    let big = np::arange(0.0, 1200.0, 1.0).reshape((30, 40)) / 3;
    let wide = np::array([1.5, -2.25, 1000.125]);
    let tiny = np::array([1e-12, 0.5, -3.0]);
    let holes = np::array([np::nan, -np::inf, 2.5, np::inf]);
    let zeros = np::array([-0.0, 0.0]);
    let (thirds, thirds32, big_row) = (&f / 3, &s / 3, big.row(0));
    let (none, none32) = (np::zeros((0, 3)), np::zeros(0).astype(np::float32));
    let (huge, least, mixed) = (np::array([1e300, 1.0]), np::array([1e-300]), np::array([123456789.0, 0.1]));
    let with = np::printoptions;
    let texts = [
        ("p_default", shown(with(), &[&wide, &tiny, &holes, &zeros, &m, &t, &none, &none32, &huge, &least, &mixed])),
        ("p_precision", shown(with().precision(3), &[&wide, &tiny, &holes, &thirds, &thirds32])),
        ("p_precision_0", shown(with().precision(0), &[&wide, &f])),
        ("p_suppress", shown(with().suppress(true), &[&tiny, &np::array([1e10, 1e-10]), &np::array([1e-5f32, 2e-4])])),
        (
            "p_suppress_4",
            shown(with().suppress(true).precision(4), &[&tiny, &(&f / 7), &(big_row.slice(s![..5]) * 1e-4)]),
        ),
        ("p_threshold", shown(with().threshold(5), &[&v, &big, &cube])),
        ("p_edge", shown(with().edgeitems(2), &[&big, &np::array(0..3000)])),
        ("p_edge_1", shown(with().edgeitems(1).threshold(3), &[&cube, &v])),
        (
            "p_line",
            shown(with().linewidth(40), &[&big_row, &np::array(0..60), &(np::array(0..30).astype(np::int32) * 1000)]),
        ),
        ("p_line_wide", shown(with().linewidth(200), &[&big_row, &np::array(1500..1540)])),
        ("p_plus", shown(with().sign("+"), &[&wide, &holes, &m, &tiny, &s])),
        ("p_blank", shown(with().sign(" "), &[&np::array([1.5, 2.0]), &wide, &np::array([1, 2]), &m])),
        ("p_fixed", shown(with().floatmode("fixed").precision(3), &[&wide, &f, &np::array([1e-9, 1.0]), &holes])),
        ("p_unique", shown(with().floatmode("unique"), &[&thirds, &thirds32])),
        ("p_equal", shown(with().floatmode("maxprec_equal").precision(5), &[&wide, &thirds, &thirds32])),
        ("p_names", shown(with().nanstr("-").infstr("endless"), &[&holes, &np::array([np::nan, 1.0])])),
        ("a2s_plain", np::array2string(&f).to_string()),
        ("a2s_comma", np::array2string(&m).separator(", ").to_string()),
        ("a2s_prefix", np::array2string(&m).prefix("data = ").to_string()),
        ("a2s_small", np::array2string(&tiny).precision(2).separator(",").suppress_small(true).to_string()),
        ("a2s_line", np::array2string(0..20).max_line_width(30).to_string()),
        ("a2s_format", np::array2string(&wide).formatter(|x| format!("{x:.2}")).to_string()),
        ("a2s_hex", np::array2string(&v).formatter(|x| format!("{:#x}", x as i64)).to_string()),
        ("a2s_cut", np::array2string(0..50).threshold(10).edgeitems(2).to_string()),
        ("a2s_sign", np::array2string(&wide).sign("+").floatmode("fixed").precision(1).to_string()),
        ("a2s_scalar", np::array2string(2.5).to_string()),
        ("a2s_sep", np::array2string(&cube).separator(";").to_string()),
    ];
    values::check_texts(RECORDED, &texts);
    // Nothing that was set for a while is left.
    assert_eq!(format!("{tiny}"), "[ 1.e-12  5.e-01 -3.e+00]");
}
