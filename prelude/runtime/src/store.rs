//! The variables that live from one cell to the next, by name. Cells reach it through generated code only.
//!
//! Whatever is generic here is compiled again in every cell, at a price of milliseconds: it boxes or unboxes and leaves
//! the rest to functions that were compiled with the library.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::frame::Stored;

thread_local! {
    // All cells run on the child's main thread; the store never leaves it, so values need not be `Send`.
    static STORE: RefCell<BTreeMap<&'static str, Slot>> = const { RefCell::new(BTreeMap::new()) };
}

struct Slot {
    value: Box<dyn Any>,
    type_name: &'static str,
    /// Number of the line that kept it, when the running cell did.
    mark: Option<u32>,
}

/// Takes a variable out of the store for the length of a cell.
///
/// # Panics
/// When there is none of this name and type, which means that kernel and child disagree.
#[track_caller]
pub fn take<T: 'static>(name: &'static str) -> T {
    match take_boxed(name, TypeId::of::<T>()).downcast() {
        Ok(value) => *value,
        Err(_) => unreachable!(),
    }
}

#[track_caller]
fn take_boxed(name: &'static str, wanted: TypeId) -> Box<dyn Any> {
    let slot = STORE.with_borrow_mut(|store| store.remove(name));
    let Some(slot) = slot else { panic!("the variable `{name}` is gone") };
    assert!(
        (*slot.value).type_id() == wanted,
        "the variable `{name}` is a `{}`, no longer what it was",
        slot.type_name
    );
    slot.value
}

/// Keeps a variable that the cell defined. `mark` numbers the line that does it, by which the kernel can ask rustc for
/// the type's public path.
pub fn keep<T: 'static>(name: &'static str, mark: u32, value: T) {
    insert(name, Box::new(value), std::any::type_name::<T>(), Some(mark));
}

/// Puts a taken variable back, unless the cell defined a new one of its name.
pub fn put_back<T: 'static>(name: &'static str, value: T) {
    put_box_back(name, Box::new(value), std::any::type_name::<T>());
}

fn put_box_back(name: &'static str, value: Box<dyn Any>, type_name: &'static str) {
    if !STORE.with_borrow(|store| store.contains_key(name)) {
        insert(name, value, type_name, None);
    }
}

fn insert(name: &'static str, value: Box<dyn Any>, type_name: &'static str, mark: Option<u32>) {
    let slot = Slot { value, type_name, mark };
    // Dropped outside the borrow: a destructor may run user code.
    let _old = STORE.with_borrow_mut(|store| store.insert(name, slot));
}

/// A variable just defined, while method resolution finds out whether it can be copied.
#[derive(Debug)]
pub struct Defined<'a, T>(pub &'a T);

/// Keeps a copy at once, so that a cell which fails further down does not take it along.
pub trait KeepCopy {
    /// Keeps the copy.
    fn keep(&self, name: &'static str, mark: u32);
}

impl<T: Copy + 'static> KeepCopy for &Defined<'_, T> {
    fn keep(&self, name: &'static str, mark: u32) {
        keep(name, mark, *self.0);
    }
}

/// What cannot be copied waits for the end of the cell.
pub trait KeepLater {
    /// Does nothing yet.
    fn keep(&self, _name: &'static str, _mark: u32) {}
}

impl<T> KeepLater for Defined<'_, T> {}

/// Drops variables; unknown names are ignored.
pub fn forget(names: &[String]) {
    for name in names {
        let _old = STORE.with_borrow_mut(|store| store.remove(name.as_str()));
    }
}

/// All variables; those that the cell which just ran kept tell their type and line. Clears the marks.
pub fn take_stock() -> Vec<Stored> {
    let stored = |(name, slot): (&&str, &mut Slot)| {
        // What has no size may be a function, whose type goes by the name of what it makes.
        let type_name = if size_of_val(&*slot.value) == 0 { "" } else { slot.type_name };
        Stored { name: (*name).to_owned(), kept: slot.mark.take().map(|mark| (mark, type_name.to_owned())) }
    };
    STORE.with_borrow_mut(|store| store.iter_mut().map(stored).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_definition_wins_over_the_one_put_back() {
        keep("x", 0, 1);
        let old: i32 = take("x");
        keep("x", 1, "new");
        put_back("x", old);
        assert_eq!(take::<&str>("x"), "new");
    }

    #[test]
    #[expect(clippy::needless_borrow, reason = "cells have them: the method is found by how many are taken off")]
    fn only_what_can_be_copied_is_kept_at_once() {
        (&&Defined(&7)).keep("copied", 3);
        (&&Defined(&String::new())).keep("later", 4);
        let stock = take_stock();
        let copied = Stored { name: "copied".into(), kept: Some((3, "i32".into())) };
        assert!(stock.contains(&copied));
        assert!(!stock.iter().any(|stored| stored.name == "later"));
    }

    #[test]
    #[should_panic(expected = "is a `i32`")]
    fn a_wrong_type_is_caught() {
        keep("y", 0, 1i32);
        take::<String>("y");
    }
}
