//! What the cells so far have left, and what one more does to it: which variables, types and items there are, and why
//! some are gone. Nothing here compiles or runs anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use flowbook_runtime::frame::{Command, Stored};

use super::CellError;
use super::assistant::Known;
use super::cell::{Cell, identifiers};
use super::compiler;
use super::generate::Plan;
use super::items::Items;
use super::process::Scope;
use super::report::{self, Cells};
use super::source::Source;
use super::types::{self, Types};

/// What the cells so far have left.
#[derive(Default)]
pub(super) struct State {
    pub cells: Cells,
    pub items: Items,
    /// Type of each variable, as later cells write it.
    pub variables: BTreeMap<String, String>,
    pub types: Types,
    /// The cells whose statics the process has.
    pub loaded: BTreeSet<u32>,
    /// Why a variable is no longer there.
    pub lost: BTreeMap<String, String>,
    /// Generated sources, for the lines that panics name.
    pub sources: BTreeMap<String, Source>,
}

/// A compiled cell.
pub(super) struct Ready {
    pub compiled: compiler::Ready,
    /// Variables whose type was defined anew and that must go before the cell runs.
    pub stale: BTreeSet<String>,
    pub moved: BTreeSet<String>,
    pub defines: BTreeSet<String>,
    /// The source that makes rustc tell the types of variables, should they not be known.
    pub question: Source,
    /// The function to call, if any.
    pub entry: &'static str,
    pub scope: Scope,
    /// The cells whose statics it defines.
    pub statics: BTreeSet<u32>,
}

impl Ready {
    /// A library that is loaded as if it were a cell, for later cells to use.
    pub fn library(path: &Path) -> Ready {
        Ready {
            compiled: compiler::Ready { file: String::new(), object: path.to_owned(), warnings: Vec::new() },
            stale: BTreeSet::new(),
            moved: BTreeSet::new(),
            defines: BTreeSet::new(),
            question: Source::default(),
            entry: "",
            scope: Scope::Global,
            statics: BTreeSet::new(),
        }
    }

    pub fn forget_stale(&self) -> Command {
        Command::Forget { names: self.stale.iter().cloned().collect() }
    }
}

impl State {
    pub fn plan<'a>(
        &self,
        code: &'a Arc<str>,
        number: u32,
        cell: &'a Cell,
        items: &'a Items,
        stale: &BTreeSet<String>,
    ) -> Plan<'a> {
        let wanted = |name: &&String| cell.mentions.contains(*name) && !stale.contains(*name);
        let takes: BTreeMap<String, String> =
            self.variables.keys().filter(wanted).map(|name| (name.clone(), self.variables[name].clone())).collect();
        let mut mentions = cell.mentions.clone();
        cell.items.iter().for_each(|item| mentions.extend(item.mentions.iter().cloned()));
        takes.values().for_each(|type_name| mentions.extend(type_identifiers(type_name)));
        let items = items.needed(&mentions).into_iter().filter(|item| item.cell != number).collect();
        let keeps = cell.defines.iter().cloned().collect();
        Plan { number, code, cell, items, loaded: self.loaded.clone(), takes, moved: BTreeSet::new(), keeps }
    }

    /// The variables whose type rests on one of these names.
    pub fn resting_on(&self, items: &Items, names: &BTreeSet<String>) -> BTreeSet<String> {
        if names.is_empty() {
            return BTreeSet::new();
        }
        let rests = |(_, type_name): &(&String, &String)| items.rests_on(&type_identifiers(type_name), names);
        self.variables.iter().filter(rests).map(|(name, _)| name.clone()).collect()
    }

    /// Brings the variables up to date after a cell; returns those whose type no later cell could write.
    pub fn settle(
        &mut self,
        ready: &Ready,
        stock: &[Stored],
        written: &BTreeMap<u32, String>,
        number: u32,
    ) -> Vec<String> {
        self.loaded.extend(&ready.statics);
        let count = self.cells.get(&number).map_or(number, |cell| cell.count);
        let stored: BTreeSet<&str> = stock.iter().map(|stored| stored.name.as_str()).collect();
        for name in &ready.stale {
            self.lost.insert(name.clone(), format!("its type was defined anew in cell [{count}]"));
        }
        for name in &ready.moved {
            self.lost.insert(
                name.clone(),
                format!("it was moved away in cell [{count}]; pass `&{name}` or `{name}.clone()` to keep it"),
            );
        }
        let mut unnameable = Vec::new();
        for Stored { name, kept } in stock {
            let Some((mark, _)) = kept else { continue };
            let Some(type_name) = written.get(mark).filter(|written| types::can_be_written(written)) else {
                unnameable.push(name.clone());
                self.variables.remove(name);
                self.lost.insert(name.clone(), format!(
                    "its type (a closure or `impl Trait`) cannot be named in a later cell; write a `fn`, or collect it (cell [{count}])"
                ));
                continue;
            };
            self.variables.insert(name.clone(), type_name.clone());
            self.lost.remove(name);
        }
        for name in ready.defines.iter().filter(|n| !stored.contains(n.as_str())) {
            let reason = || {
                format!(
                    "it was not kept after cell [{count}]: it was moved, borrows another variable, or the cell failed before its end"
                )
            };
            self.lost.entry(name.clone()).or_insert_with(reason);
        }
        self.variables.retain(|name, _| stored.contains(name.as_str()));
        unnameable
    }

    /// What completion and help may speak of.
    pub fn known(&self) -> Known {
        Known { variables: self.variables.clone(), items: self.items.named() }
    }

    pub fn interrupted(&self) -> CellError {
        report::runtime_error("KeyboardInterrupt", "the cell was interrupted", None, &self.cells)
    }

    /// The child is gone, and all variables with it.
    pub fn all_lost(&mut self, ready: &Ready, class: &str, how: &str) -> CellError {
        self.loaded.clear();
        let mut names: BTreeSet<String> = std::mem::take(&mut self.variables).into_keys().collect();
        names.extend(ready.defines.iter().cloned());
        for name in &names {
            self.lost.insert(name.clone(), format!("the process that held it ended ({how})"));
        }
        let names: Vec<String> = names.into_iter().collect();
        let lost =
            if names.is_empty() { "no variables were lost".into() } else { format!("lost: {}", names.join(", ")) };
        let text =
            format!("{how}; the process was ended and could not be brought back; {lost}. Functions and types are kept");
        report::runtime_error(class, &text, None, &self.cells)
    }
}

/// The identifiers in a type as rustc writes it.
fn type_identifiers(type_name: &str) -> BTreeSet<String> {
    match syn::parse_str::<proc_macro2::TokenStream>(type_name) {
        Ok(tokens) => identifiers(&tokens),
        Err(_) => BTreeSet::new(),
    }
}
