//! Printing against texts recorded from NumPy 2.4 (`fixtures/make_numpy_print.py`).

use flowbook::Array;
use flowbook::format::py;
use serde_json::Value;

/// The elements of one recorded case, its bits repeated over the shape as `numpy.resize` does.
fn recorded(case: &Value) -> Array {
    let shape: Vec<usize> = case["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let n = shape.iter().product();
    if case["dtype"] == "string" {
        let words: Vec<String> = case["data"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().into()).collect();
        return Array::new(words.into_iter().cycle().take(n).collect(), &shape);
    }
    let hex = case["data"].as_str().unwrap();
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
    macro_rules! of {
        ($t:ty) => {{
            let elements = bytes.chunks_exact(size_of::<$t>()).map(|b| <$t>::from_le_bytes(b.try_into().unwrap()));
            Array::new(elements.cycle().take(n).collect(), &shape)
        }};
    }
    match case["dtype"].as_str().unwrap() {
        "float32" => of!(f32),
        "float64" => of!(f64),
        "int32" => of!(i32),
        "int64" => of!(i64),
        "uint8" => of!(u8),
        "bool" => Array::new(bytes.iter().map(|b| *b != 0).cycle().take(n).collect(), &shape),
        other => panic!("unknown dtype {other}"),
    }
}

#[test]
fn every_recorded_array_prints_as_numpy_does() {
    let cases: Value = serde_json::from_str(include_str!("fixtures/numpy_print.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 500);
    let mut wrong = Vec::new();
    for case in cases {
        let array = recorded(case);
        let mut check = |ours: String, theirs: &Value| {
            if ours != theirs.as_str().unwrap() {
                let theirs = theirs.as_str().unwrap();
                wrong.push(format!("{} {}\nours\n{ours}\nNumPy\n{theirs}", case["dtype"], case["shape"]));
            }
        };
        check(array.to_string(), &case["str"]);
        check(array.repr(), if array.ndim() == 0 { &case["str"] } else { &case["repr"] });
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

/// Expected: what Python's `'%.3f' % x`, `'%8.2f' % x`, `'%d'`-like widths give.
#[test]
fn precision_and_width_of_a_scalar_are_pythons() {
    let third = Array::scalar(1.0f32 / 3.0);
    assert_eq!(format!("{third}"), "0.33333334");
    assert_eq!(format!("{third:.3}"), "0.333");
    assert_eq!(format!("{third:.12}"), "0.333333343267");
    assert_eq!(format!("{third:8.2}|"), "    0.33|");
    assert_eq!(format!("{third:<8.2}|"), "0.33    |");
    assert_eq!(format!("{:.1}", Array::scalar(0.25f64)), "0.2");
    assert_eq!(format!("{:.2}", Array::scalar(2i32)), "2.00");
    assert_eq!(format!("{:5}|", Array::scalar(-2i64)), "   -2|");
    assert_eq!(format!("{:08.2}|", Array::scalar(-2.5f64)), "-0002.50|");
    assert_eq!(format!("{:.3}", Array::scalar(f64::NAN)), "nan");
    assert_eq!(format!("{:.3}", Array::scalar(f64::NEG_INFINITY)), "-inf");
}

/// Expected: NumPy with `np.printoptions(precision=3)`.
#[test]
fn precision_of_an_array_is_numpys_print_option() {
    let a = Array::new(vec![0.123456, 1.5, 100.0], &[3]);
    assert_eq!(format!("{a:.3}"), "[  0.123   1.5   100.   ]");
    let b = Array::new(vec![0.123456e-7, 1.5], &[2]);
    assert_eq!(format!("{b:.2}"), "[1.23e-08 1.50e+00]");
}

/// Expected: the recorded output of `print(step, cost, sess.run([W1, W2]))` of the XOR lesson.
#[test]
fn a_list_of_fetches_prints_as_python_prints_it() {
    let w1 = Array::new(vec![0.5887373f32, 0.5602856, 0.2623836, -0.915664], &[2, 2]);
    let w2 = Array::new(vec![-0.72600836f32, -1.09189], &[2, 1]);
    let text = "[array([[ 0.5887373,  0.5602856],\n       [ 0.2623836, -0.915664 ]], dtype=float32), \
                array([[-0.72600836],\n       [-1.09189   ]], dtype=float32)]";
    assert_eq!(py(&[w1.clone(), w2.clone()]).to_string(), text);
    assert_eq!(format!("{:?}", vec![w1, w2]), text);
    assert_eq!(py(&vec![Array::scalar(2i32), Array::scalar("a".to_owned())]).to_string(), "[2, b'a']");
    assert_eq!(py(&(Array::scalar(true), "it's", 1.0, None::<f64>)).to_string(), r#"(True, "it's", 1.0, None)"#);
}
