//! Showing the value of a cell's last expression: rich forms for types that have them, else `Debug`, else the type.
//! The choice is made at compile time by method resolution, so that a cell is compiled once.

use std::fmt::Debug;

use crate::channel;
use crate::frame::{Frame, MimeBundle};

/// A value with forms of its own in a notebook, as IPython's `_repr_mimebundle_`.
pub trait Rich {
    /// The forms, `text/plain` among them; none at all for a value that shows nothing.
    fn mime_bundle(&self) -> MimeBundle;
}

/// Holds the value while method resolution picks how to show it.
#[derive(Debug)]
pub struct Shown<'a, T: ?Sized>(pub &'a T);

/// First choice: the value's own forms.
pub trait ShowRich {
    /// Sends the value as the cell's result.
    fn show(&self);
}

impl<T: Rich + ?Sized> ShowRich for &&Shown<'_, T> {
    fn show(&self) {
        send(self.0.mime_bundle());
    }
}

/// Second choice: `Debug`, which is Rust's `repr`.
pub trait ShowDebug {
    /// Sends the value as the cell's result.
    fn show(&self);
}

impl<T: Debug + ?Sized> ShowDebug for &Shown<'_, T> {
    fn show(&self) {
        send_debug(&self.0);
    }
}

/// Last choice: the name of the type.
pub trait ShowType {
    /// Sends the value as the cell's result.
    fn show(&self);
}

impl<T: ?Sized> ShowType for Shown<'_, T> {
    fn show(&self) {
        send_type(std::any::type_name::<T>());
    }
}

/// The plain form of everyday types. Having rustc find `Debug` among its thousands of implementations costs a cell
/// some milliseconds, finding `Rich` among a few does not.
macro_rules! shown_as_debug {
    ($($type:ty),* $(,)?) => {
        $(impl Rich for $type {
            fn mime_bundle(&self) -> MimeBundle {
                plain(format!("{self:?}"))
            }
        })*
    };
}

shown_as_debug!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, bool, char, String, &str);
shown_as_debug!(Vec<i32>, Vec<i64>, Vec<usize>, Vec<u8>, Vec<f32>, Vec<f64>, Vec<bool>, Vec<String>, Vec<&str>);
shown_as_debug!(Option<i32>, Option<usize>, Option<f64>, Option<String>);

impl Rich for () {
    /// None: the unit value shows nothing.
    fn mime_bundle(&self) -> MimeBundle {
        MimeBundle::new()
    }
}

// What follows is compiled once, with the library; the methods above are compiled in every cell that shows something.

fn send_debug(value: &dyn Debug) {
    send_plain(format!("{value:?}"));
}

fn send_type(type_name: &str) {
    send_plain(format!("<{type_name}>"));
}

fn send_plain(text: String) {
    send(plain(text));
}

fn plain(text: String) -> MimeBundle {
    vec![("text/plain".into(), text.into_bytes())]
}

fn send(data: MimeBundle) {
    if !data.is_empty() {
        channel::send(&Frame::Result { data });
    }
}
