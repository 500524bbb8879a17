//! Showing the value of a cell's last expression: rich forms for types that have them, else `Debug`, else the type.
//! The choice is made at compile time by method resolution, so that a cell is compiled once.

use std::fmt::Debug;

use crate::channel;
use crate::frame::{Frame, MimeBundle};

/// A value with forms of its own in a notebook, as IPython's `_repr_mimebundle_`.
pub trait Rich {
    /// The forms, `text/plain` among them.
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

/// Second choice: `Debug`, which is Rust's `repr`. The unit value shows nothing.
pub trait ShowDebug {
    /// Sends the value as the cell's result.
    fn show(&self);
}

impl<T: Debug + ?Sized> ShowDebug for &Shown<'_, T> {
    fn show(&self) {
        send_debug(&self.0, std::any::type_name::<T>());
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

// What follows is compiled once, with the library; the methods above are compiled in every cell that shows something.

fn send_debug(value: &dyn Debug, type_name: &str) {
    if type_name != "()" {
        send_plain(format!("{value:?}"));
    }
}

fn send_type(type_name: &str) {
    send_plain(format!("<{type_name}>"));
}

fn send_plain(text: String) {
    send(vec![("text/plain".into(), text.into_bytes())]);
}

fn send(data: MimeBundle) {
    channel::send(&Frame::Result { data });
}
