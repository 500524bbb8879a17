//! The variables that live from one cell to the next, by name. Cells reach it through generated code only.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    // All cells run on the child's main thread; the store never leaves it, so values need not be `Send`.
    static STORE: RefCell<BTreeMap<&'static str, Slot>> = const { RefCell::new(BTreeMap::new()) };
}

struct Slot {
    value: Box<dyn Any>,
    type_name: &'static str,
}

/// Takes a variable out of the store for the length of a cell.
///
/// # Panics
/// When there is none of this name and type, which means that kernel and child disagree.
#[track_caller]
pub fn take<T: 'static>(name: &'static str) -> T {
    let slot = STORE.with_borrow_mut(|store| store.remove(name));
    let Some(slot) = slot else { panic!("the variable `{name}` is gone") };
    match slot.value.downcast() {
        Ok(value) => *value,
        Err(_) => panic!("the variable `{name}` is a `{}`, no longer what it was", slot.type_name),
    }
}

/// Keeps a variable that the cell defined.
pub fn keep<T: 'static>(name: &'static str, value: T) {
    let slot = Slot { value: Box::new(value), type_name: std::any::type_name::<T>() };
    // Dropped outside the borrow: a destructor may run user code.
    let _old = STORE.with_borrow_mut(|store| store.insert(name, slot));
}

/// Puts a taken variable back, unless the cell defined a new one of its name.
pub fn put_back<T: 'static>(name: &'static str, value: T) {
    if STORE.with_borrow(|store| store.contains_key(name)) {
        return;
    }
    keep(name, value);
}

/// Drops variables; unknown names are ignored.
pub fn forget(names: &[String]) {
    for name in names {
        let _old = STORE.with_borrow_mut(|store| store.remove(name.as_str()));
    }
}

/// Names and Rust type names of all variables.
pub fn variables() -> Vec<(String, String)> {
    STORE.with_borrow(|store| store.iter().map(|(n, s)| ((*n).to_owned(), s.type_name.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_definition_wins_over_the_one_put_back() {
        keep("x", 1);
        let old: i32 = take("x");
        keep("x", "new");
        put_back("x", old);
        assert_eq!(take::<&str>("x"), "new");
    }

    #[test]
    #[should_panic(expected = "is a `i32`")]
    fn a_wrong_type_is_caught() {
        keep("y", 1i32);
        take::<String>("y");
    }
}
