//! The source of a cell's crate: the items it needs, and its statements between taking variables out of the store
//! and putting them back. What is generated here is read by rustc only; what the user wrote is never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cell::{Cell, CellItem};
use super::items::Item;
use super::source::Source;

/// The function that the child calls.
pub const ENTRY: &str = "__flowbook_cell";

const RT: &str = "::flowbook::notebook::rt";

/// A cell on its way to the compiler.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Its number, in the order of execution.
    pub number: u32,
    /// Its text.
    pub code: &'a Arc<str>,
    /// Its parts.
    pub cell: &'a Cell,
    /// Items of earlier cells that it needs.
    pub items: Vec<&'a Item>,
    /// The cells whose statics the process has.
    pub loaded: BTreeSet<u32>,
    /// Variables it takes out of the store, with their types.
    pub takes: BTreeMap<String, String>,
    /// Variables among those that it does not put back, because it moves them.
    pub moved: BTreeSet<String>,
    /// Variables of its own that it keeps.
    pub keeps: Vec<String>,
}

impl Plan<'_> {
    /// Writes the crate. A line that keeps or puts back a variable has the variable's number in [`Plan::tracked`];
    /// the lines that keep are marked by their own number in the source.
    pub fn source(&self) -> Source {
        let mut source = Source::default();
        for item in &self.items {
            let statics = if self.loaded.contains(&item.cell) { Statics::Elsewhere } else { Statics::Here };
            add_item(&mut source, item.cell, &item.code, &item.item, statics);
        }
        for item in &self.cell.items {
            add_item(&mut source, self.number, self.code, item, Statics::Here);
        }
        source.line(&format!("#[unsafe(no_mangle)] pub fn {ENTRY}() -> {RT}::cell::CellResult {{"));
        for (name, type_name) in &self.takes {
            source.line(&format!("let mut {name}: {type_name} = {RT}::store::take(\"{name}\");"));
        }
        if !self.takes.is_empty() {
            // What is taken has to be put back even if the code fails.
            source.line(&format!("{{ let mut code = ::core::option::Option::Some(|| -> {RT}::cell::CellResult {{"));
        }
        let last = self.cell.statements.len().saturating_sub(usize::from(self.cell.tail.is_none()));
        if self.cell.statements.iter().take(last).flat_map(|s| &s.defines).any(|name| self.number(name).is_some()) {
            source.line(&format!("use {RT}::store::{{Defined, KeepCopy as _, KeepLater as _}};"));
        }
        for (i, statement) in self.cell.statements.iter().enumerate() {
            source.piece(self.number, self.code, statement.range.clone());
            source.line(";");
            let defined = statement.defines.iter().filter(|_| i < last);
            for (number, name) in defined.filter_map(|name| Some((self.number(name)?, name))) {
                let mark = source.next_line();
                source.keep_line(&format!("(&&Defined(&{name})).keep(\"{name}\", {mark});"), number);
            }
        }
        if let Some(tail) = &self.cell.tail {
            let (open, close) = if tail.bare { ("match", "") } else { ("match (", ")") };
            source.line(&format!("use {RT}::show::{{Shown, ShowRich as _, ShowDebug as _, ShowType as _}}; {open}"));
            source.piece(self.number, self.code, tail.range.clone());
            source.line(&format!("{close} {{ ref value => (&&&Shown(value)).show() }}"));
        }
        for (i, name) in self.keeps.iter().enumerate() {
            let mark = source.next_line();
            source.keep_line(&format!("{RT}::store::keep(\"{name}\", {mark}, {name});"), i);
        }
        if !self.takes.is_empty() {
            source.line("Ok(()) });");
            source.line(&format!(
                "{RT}::cell::guard(&mut || match code.take() {{ Some(mut code) => code(), None => Ok(()) }}); }}"
            ));
        }
        for (i, name) in self.takes.keys().enumerate() {
            if !self.moved.contains(name) {
                source.keep_line(&format!("{RT}::store::put_back(\"{name}\", {name});"), self.keeps.len() + i);
            }
        }
        source.line("Ok(()) }");
        source
    }

    /// The cells, this one among them, whose statics it defines.
    pub fn defines_statics_of(&self) -> BTreeSet<u32> {
        let earlier = self.items.iter().filter(|item| !item.item.statics.is_empty()).map(|item| item.cell);
        let own = self.cell.items.iter().filter(|item| !item.statics.is_empty()).map(|_| self.number);
        earlier.filter(|cell| !self.loaded.contains(cell)).chain(own).collect()
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.keeps.iter().position(|kept| kept == name)
    }

    /// The variable that a keep line of the source is about.
    pub fn tracked(&self, index: usize) -> Option<&str> {
        self.keeps.iter().chain(self.takes.keys()).nth(index).map(String::as_str)
    }
}

/// Where the statics of an item live.
#[derive(Clone, Copy)]
enum Statics {
    /// In this cell, for later ones to use.
    Here,
    /// In the cell that has the item, which is loaded.
    Elsewhere,
}

/// Adds an item. A static in it gets a name that all cells know, or is only declared by that name.
fn add_item(source: &mut Source, cell: u32, code: &str, item: &CellItem, statics: Statics) {
    let mut at = item.range.start;
    for (i, variable) in item.statics.iter().enumerate() {
        source.piece(cell, code, at..variable.range.start);
        let name = format!("flowbook_static_{cell}_{}_{i}", item.range.start);
        match statics {
            Statics::Here => {
                source.line(&format!("#[unsafe(export_name = \"{name}\")]"));
                source.piece(cell, code, variable.range.clone());
            }
            Statics::Elsewhere => {
                let safe = if variable.mutable { "" } else { "safe" };
                let visibility = &variable.visibility;
                source.line(&format!(
                    "#[allow(improper_ctypes)] unsafe extern \"C\" {{ #[link_name = \"{name}\"] {visibility} {safe}"
                ));
                source.piece(cell, code, variable.declaration.clone());
                source.line("; }");
            }
        }
        at = variable.range.end;
    }
    source.piece(cell, code, at..item.range.end);
}

/// The source that lets rustc say what is wrong with text that does not parse.
pub fn unparsed(number: u32, code: &str) -> Source {
    let mut source = Source::default();
    source.line("fn main() {");
    source.piece(number, code, 0..code.len());
    source.line("}");
    source
}
