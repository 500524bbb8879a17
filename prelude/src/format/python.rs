//! Python's own texts around arrays: lists, tuples, dictionaries, strings, bytes.
//! Each value's inner text comes from `PyRepr`; arrays bring theirs from the parent module.

use std::collections::BTreeMap;
use std::fmt;

use super::ScalarText;
use crate::array::Array;

/// Prints `value` as Python prints it: what `print(value)` shows for lists, tuples and dictionaries.
///
/// Arrays inside show their `repr`, scalars are bare, strings stand in quotes.
///
/// ```
/// use flowbook::{Array, format::py};
/// let w = Array::new(vec![1.0f32, 2.0], &[2]);
/// assert_eq!(py(&[w.clone(), Array::scalar(0.5f32)]).to_string(), "[array([1., 2.], dtype=float32), 0.5]");
/// assert_eq!(py(&(1, w)).to_string(), "(1, array([1., 2.], dtype=float32))");
/// assert_eq!(py(&["loss", "acc"]).to_string(), "['loss', 'acc']");
/// ```
pub fn py<T: PyRepr + ?Sized>(value: &T) -> Py<'_, T> {
    Py(value)
}

/// A value printed in Python's way; made by [`py`].
pub struct Py<'a, T: ?Sized>(&'a T);

impl<T: PyRepr + ?Sized> fmt::Display for Py<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0.py_repr())
    }
}

impl<T: PyRepr + ?Sized> fmt::Debug for Py<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0.py_repr())
    }
}

/// A value that has a Python `repr`.
pub trait PyRepr {
    /// The text Python's `repr` gives.
    fn py_repr(&self) -> String;
}

impl PyRepr for Array {
    fn py_repr(&self) -> String {
        self.repr()
    }
}

impl<T: PyRepr + ?Sized> PyRepr for &T {
    fn py_repr(&self) -> String {
        (**self).py_repr()
    }
}

macro_rules! scalars {
    ($($t:ty),*) => { $(
        impl PyRepr for $t {
            fn py_repr(&self) -> String {
                self.scalar_text()
            }
        }
    )* };
}
scalars!(f32, f64, i32, i64, u8, bool);

impl PyRepr for usize {
    fn py_repr(&self) -> String {
        self.to_string()
    }
}

/// `None`, or the value.
impl<T: PyRepr> PyRepr for Option<T> {
    fn py_repr(&self) -> String {
        self.as_ref().map_or("None".into(), T::py_repr)
    }
}

impl PyRepr for str {
    fn py_repr(&self) -> String {
        let quote = quote_for(self);
        let mut text = String::from(quote);
        for c in self.chars() {
            match c {
                '\\' => text += "\\\\",
                '\n' => text += "\\n",
                '\r' => text += "\\r",
                '\t' => text += "\\t",
                c if c == quote => text.extend(['\\', c]),
                c if c.is_ascii_control() => text += &format!("\\x{:02x}", c as u32),
                c => text.push(c),
            }
        }
        text.push(quote);
        text
    }
}

impl PyRepr for String {
    fn py_repr(&self) -> String {
        self.as_str().py_repr()
    }
}

impl<T: PyRepr> PyRepr for [T] {
    fn py_repr(&self) -> String {
        let items: Vec<String> = self.iter().map(T::py_repr).collect();
        format!("[{}]", items.join(", "))
    }
}

impl<T: PyRepr, const N: usize> PyRepr for [T; N] {
    fn py_repr(&self) -> String {
        self.as_slice().py_repr()
    }
}

impl<T: PyRepr> PyRepr for Vec<T> {
    fn py_repr(&self) -> String {
        self.as_slice().py_repr()
    }
}

impl<K: PyRepr, V: PyRepr> PyRepr for BTreeMap<K, V> {
    fn py_repr(&self) -> String {
        let items: Vec<String> = self.iter().map(|(k, v)| format!("{}: {}", k.py_repr(), v.py_repr())).collect();
        format!("{{{}}}", items.join(", "))
    }
}

impl PyRepr for () {
    fn py_repr(&self) -> String {
        "()".into()
    }
}

impl<A: PyRepr> PyRepr for (A,) {
    fn py_repr(&self) -> String {
        format!("({},)", self.0.py_repr())
    }
}

macro_rules! tuples {
    ($(($($name:ident . $index:tt),*))*) => { $(
        impl<$($name: PyRepr),*> PyRepr for ($($name,)*) {
            fn py_repr(&self) -> String {
                format!("({})", [$(self.$index.py_repr()),*].join(", "))
            }
        }
    )* };
}
tuples! {
    (A.0, B.1)
    (A.0, B.1, C.2)
    (A.0, B.1, C.2, D.3)
    (A.0, B.1, C.2, D.3, E.4)
    (A.0, B.1, C.2, D.3, E.4, F.5)
}

/// Python's `repr` of the text's bytes, UTF-8 unless it holds others: `b'Hello'`, `b'\xed\x95\x9c'`.
///
/// ```
/// assert_eq!(flowbook::format::bytes_repr("it's"), r#"b"it's""#);
/// ```
pub fn bytes_repr(text: &str) -> String {
    let quote = quote_for(text);
    let mut repr = format!("b{quote}");
    for byte in crate::bytes::of_text(text).iter().copied() {
        match byte {
            b'\\' => repr += "\\\\",
            b'\n' => repr += "\\n",
            b'\r' => repr += "\\r",
            b'\t' => repr += "\\t",
            b if char::from(b) == quote => repr.extend(['\\', quote]),
            b' '..=b'~' => repr.push(char::from(byte)),
            _ => repr += &format!("\\x{byte:02x}"),
        }
    }
    repr.push(quote);
    repr
}

/// Single quotes, unless that needs escapes and double quotes do not.
fn quote_for(text: &str) -> char {
    if text.contains('\'') && !text.contains('"') { '"' } else { '\'' }
}
