//! The items of all cells so far: what replaces what, and which of them a new cell needs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::cell::{CellItem, ItemKind};

/// An item together with the cell it stands in.
#[derive(Clone, Debug)]
pub struct Item {
    /// The number of its cell, in the order of execution.
    pub cell: u32,
    /// The cell's text.
    pub code: Arc<str>,
    /// The item.
    pub item: CellItem,
}

impl Item {
    fn text(&self) -> &str {
        &self.code[self.item.range.clone()]
    }
}

/// All items that are in force, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Items {
    all: Vec<Item>,
}

impl Items {
    /// Adds a cell's items; what they define again is replaced. Returns the names whose definition changed, so that
    /// variables of such a type can be dropped.
    pub fn add(&mut self, new: Vec<Item>) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        for item in new {
            for old in self.all.extract_if(.., |old| replaces(&item.item.kind, &old.item.kind)) {
                if let ItemKind::Named(name) = &old.item.kind
                    && old.text() != item.text()
                {
                    changed.insert(name.clone());
                }
            }
            self.all.push(item);
        }
        changed
    }

    /// The items that code with these identifiers needs: what it names, what that names, and the impls of all of it.
    /// Imports always come along, since traits are used without being named.
    pub fn needed(&self, mentions: &BTreeSet<String>) -> Vec<&Item> {
        let mut wanted: BTreeSet<&str> = mentions.iter().map(String::as_str).collect();
        let mut taken = vec![false; self.all.len()];
        let mut work: VecDeque<usize> = VecDeque::new();
        loop {
            for (i, item) in self.all.iter().enumerate() {
                if !taken[i] && is_wanted(&item.item.kind, &wanted) {
                    taken[i] = true;
                    work.push_back(i);
                }
            }
            let Some(next) = work.pop_front() else { break };
            wanted.extend(self.all[next].item.mentions.iter().map(String::as_str));
        }
        // Macros must stand before their use; the order among the rest is that of the cells.
        let mut needed: Vec<&Item> = self.all.iter().zip(taken).filter_map(|(item, t)| t.then_some(item)).collect();
        needed.sort_by_key(|item| !item.text().starts_with("macro_rules"));
        needed
    }

    /// The source of each item that has a name.
    pub fn named(&self) -> BTreeMap<String, String> {
        let named = |item: &Item| match &item.item.kind {
            ItemKind::Named(name) => Some((name.clone(), item.text().to_owned())),
            _ => None,
        };
        self.all.iter().filter_map(named).collect()
    }

    /// Whether a type, written out, rests on one of these names.
    pub fn rests_on(&self, mentions: &BTreeSet<String>, names: &BTreeSet<String>) -> bool {
        let through_items = self.needed(mentions);
        let mut all = through_items.iter().flat_map(|item| &item.item.mentions).chain(mentions);
        all.any(|name| names.contains(name))
    }
}

fn replaces(new: &ItemKind, old: &ItemKind) -> bool {
    match (new, old) {
        (ItemKind::Named(a), ItemKind::Named(b)) => a == b,
        (ItemKind::Use(a), ItemKind::Use(b)) => a == b && !a.is_empty() || !a.is_disjoint(b),
        (ItemKind::Impl { header: a, methods: m, .. }, ItemKind::Impl { header: b, methods: n, .. }) => {
            a == b && (m.is_empty() && n.is_empty() || !m.is_disjoint(n))
        }
        _ => false,
    }
}

fn is_wanted(kind: &ItemKind, wanted: &BTreeSet<&str>) -> bool {
    match kind {
        ItemKind::Named(name) => wanted.contains(name.as_str()),
        ItemKind::Use(_) => true,
        ItemKind::Impl { of, .. } => of.iter().any(|name| wanted.contains(name.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::cell::Cell;

    fn items(cell: u32, code: &str) -> Vec<Item> {
        let code: Arc<str> = code.into();
        let parsed = Cell::parse(&code).unwrap();
        parsed.items.into_iter().map(|item| Item { cell, code: code.clone(), item }).collect()
    }

    fn needed(items: &Items, code: &str) -> Vec<String> {
        let cell = Cell::parse(code).unwrap();
        items.needed(&cell.mentions).iter().map(|i| i.text().to_owned()).collect()
    }

    #[test]
    fn only_what_is_named_comes_along() {
        let mut all = Items::default();
        all.add(items(
            1,
            "fn f() -> i32 { g() }\nfn g() -> i32 { 1 }\nfn h() {}\nstruct S;\nimpl S { fn m(&self) {} }",
        ));
        assert_eq!(needed(&all, "f()"), ["fn f() -> i32 { g() }", "fn g() -> i32 { 1 }"]);
        assert_eq!(needed(&all, "S.m()"), ["struct S;", "impl S { fn m(&self) {} }"]);
        assert!(needed(&all, "1 + 1").is_empty());
    }

    #[test]
    fn a_second_definition_replaces_the_first() {
        let mut all = Items::default();
        all.add(items(1, "fn f() -> i32 { 1 }"));
        assert!(all.add(items(2, "fn f() -> i32 { 1 }")).is_empty());
        assert_eq!(all.add(items(3, "fn f() -> i32 { 2 }")), BTreeSet::from(["f".to_owned()]));
        assert_eq!(needed(&all, "f()"), ["fn f() -> i32 { 2 }"]);
    }

    #[test]
    fn a_type_rests_on_what_its_definition_names() {
        let mut all = Items::default();
        all.add(items(1, "struct Inner(i32);\nstruct Outer { inner: Inner }"));
        let names = BTreeSet::from(["Inner".to_owned()]);
        assert!(all.rests_on(&BTreeSet::from(["Outer".to_owned()]), &names));
        assert!(!all.rests_on(&BTreeSet::from(["String".to_owned()]), &names));
    }
}
