//! Rich output from a cell: IPython's `display`, by MIME type, with handles that update in place.
//! Outside a notebook the plain-text form is printed instead.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::channel;
use crate::frame::{Frame, MimeBundle};

/// An output that was shown and can be replaced where it stands, as IPython's `DisplayHandle`.
#[derive(Clone, Debug)]
pub struct DisplayHandle {
    id: String,
}

impl DisplayHandle {
    /// Replaces what the output shows.
    pub fn update(&self, data: MimeBundle) {
        if !channel::connected() {
            print_plain(&data);
            return;
        }
        channel::send(&Frame::UpdateDisplay { data, id: self.id.clone() });
    }
}

/// Shows one output in the given forms and returns a handle to it.
///
/// ```
/// use flowbook_runtime::display;
/// display::mime(vec![("text/plain".into(), b"hello".to_vec())]); // outside a notebook: prints `hello`
/// ```
pub fn mime(data: MimeBundle) -> DisplayHandle {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = format!("flowbook-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    if channel::connected() {
        channel::send(&Frame::Display { data, id: id.clone() });
    } else {
        print_plain(&data);
    }
    DisplayHandle { id }
}

/// Shows HTML, as `display(HTML(...))`.
pub fn html(html: &str) -> DisplayHandle {
    mime(vec![("text/html".into(), html.into()), ("text/plain".into(), "<HTML object>".into())])
}

/// Shows Markdown, as `display(Markdown(...))`.
pub fn markdown(text: &str) -> DisplayHandle {
    mime(vec![("text/markdown".into(), text.into()), ("text/plain".into(), text.into())])
}

/// Shows a PNG picture given by its file's bytes, as `display(Image(data))`; `plain` stands in where pictures cannot show.
pub fn png(bytes: Vec<u8>, plain: &str) -> DisplayHandle {
    mime(vec![("image/png".into(), bytes), ("text/plain".into(), plain.into())])
}

/// Removes the cell's outputs so far; with `wait`, only when the next one comes, which avoids flicker.
pub fn clear_output(wait: bool) {
    channel::send(&Frame::ClearOutput { wait });
}

static AT_CELL_END: Mutex<Vec<fn()>> = Mutex::new(Vec::new());

/// Has `hook` called after every cell, before its end is announced: how open figures show by themselves.
/// Registering the same function again changes nothing.
pub fn at_cell_end(hook: fn()) {
    let mut hooks = AT_CELL_END.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !hooks.iter().any(|h| std::ptr::fn_addr_eq(*h, hook)) {
        hooks.push(hook);
    }
}

/// Calls the hooks of [`at_cell_end`].
pub fn cell_ended() {
    let hooks = AT_CELL_END.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    hooks.iter().for_each(|hook| hook());
}

fn print_plain(data: &MimeBundle) {
    if let Some((_, text)) = data.iter().find(|(mime, _)| mime == "text/plain") {
        println!("{}", String::from_utf8_lossy(text));
    }
}
