//! Taking a cell apart: items, statements, the last expression, the variables it defines, the names it mentions.
//! Purely syntactic, by `syn`; what things mean is rustc's business.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, Item, Macro, MacroDelimiter, Pat, Stmt};

/// A cell's parts, each a byte range of its text.
#[derive(Debug, Default)]
pub struct Cell {
    /// Functions, types, impls, uses, macros: what stays for all later cells.
    pub items: Vec<CellItem>,
    /// The statements, in order.
    pub statements: Vec<CellStatement>,
    /// The last expression, when no semicolon follows it.
    pub tail: Option<Tail>,
    /// The variables that top-level `let`s define.
    pub defines: BTreeSet<String>,
    /// Every identifier in the statements and the tail, those inside macros and format strings included.
    pub mentions: BTreeSet<String>,
    /// Whether the statements have a loop or a closure.
    pub has_loop: bool,
}

/// One statement of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellStatement {
    /// Where it stands.
    pub range: Range<usize>,
    /// The variables it gives a value, when it is a `let`.
    pub defines: BTreeSet<String>,
}

/// The expression at the end of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// Where it stands.
    pub range: Range<usize>,
    /// Whether it can be what a `match` looks at without parentheses, which rustc would take for part of it: a panic
    /// would then be said to come from the line of the parenthesis.
    pub bare: bool,
}

/// One item of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellItem {
    /// Where it stands.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ItemKind,
    /// Every identifier in it.
    pub mentions: BTreeSet<String>,
    /// Whether there is a loop or a closure in it.
    pub has_loop: bool,
    /// The statics in it, itself perhaps, in order.
    pub statics: Vec<Static>,
}

/// A static variable, of which there must be one however many cells name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Static {
    /// Where it stands.
    pub range: Range<usize>,
    /// From `static` to its type.
    pub declaration: Range<usize>,
    /// `pub` or the like; may be empty.
    pub visibility: String,
    /// Whether it is a `static mut`.
    pub mutable: bool,
}

/// What an item is, as far as later cells care.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// Something with a name: a function, a type, a trait, a constant, a macro, a module.
    Named(String),
    /// An import, or a block of foreign functions, and the names it brings; none for a glob.
    Use(BTreeSet<String>),
    /// An impl block: its header, the names that bring it along, and its methods when it implements no trait.
    Impl {
        /// The text between `impl` and `{`, as tokens.
        header: String,
        /// The type (and trait) it belongs to.
        of: BTreeSet<String>,
        /// Names of the methods of an inherent impl; empty for a trait's.
        methods: BTreeSet<String>,
    },
}

impl Cell {
    /// Parses a cell.
    ///
    /// # Errors
    /// `syn`'s, when the text is not Rust.
    pub fn parse(code: &str) -> syn::Result<Cell> {
        let statements = syn::Block::parse_within.parse_str(code)?;
        let mut cell = Cell::default();
        let last = statements.len().saturating_sub(1);
        for (i, statement) in statements.into_iter().enumerate() {
            cell.add(statement, i == last);
        }
        Ok(cell)
    }

    fn add(&mut self, statement: Stmt, last: bool) {
        let range = statement.span().byte_range();
        if let Stmt::Item(item) = statement {
            let mut scan = Scan::default();
            scan.visit_item(&item);
            let mut statics = Statics::default();
            statics.visit_item(&item);
            let (mentions, has_loop, statics) = (identifiers(&item), scan.has_loop, statics.0);
            self.items.extend(item_kind(&item).map(|kind| CellItem { range, kind, mentions, has_loop, statics }));
            return;
        }
        self.mentions.append(&mut identifiers(&statement));
        let mut scan = Scan::default();
        scan.visit_stmt(&statement);
        self.has_loop |= scan.has_loop;
        let mut defines = BTreeSet::new();
        if let Stmt::Local(local) = &statement {
            let mut names = BTreeSet::new();
            bound_names(&local.pat, &mut names);
            self.defines.extend(names.iter().cloned());
            if local.init.is_some() {
                defines = names;
            }
        }
        if last && is_value(&statement) {
            self.tail = Some(Tail { range, bare: !scan.ambiguous });
        } else {
            self.statements.push(CellStatement { range, defines });
        }
    }
}

/// Whether a last statement is an expression whose value the cell shows.
fn is_value(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(Expr::While(_) | Expr::ForLoop(_), _) => false,
        Stmt::Expr(_, semicolon) => semicolon.is_none(),
        Stmt::Macro(m) => m.semi_token.is_none() && !matches!(m.mac.delimiter, MacroDelimiter::Brace(_)),
        Stmt::Local(_) | Stmt::Item(_) => false,
    }
}

fn item_kind(item: &Item) -> Option<ItemKind> {
    let name = match item {
        Item::Const(i) => i.ident.to_string(),
        Item::Enum(i) => i.ident.to_string(),
        Item::Fn(i) => i.sig.ident.to_string(),
        Item::Mod(i) => i.ident.to_string(),
        Item::Static(i) => i.ident.to_string(),
        Item::Struct(i) => i.ident.to_string(),
        Item::Trait(i) => i.ident.to_string(),
        Item::TraitAlias(i) => i.ident.to_string(),
        Item::Type(i) => i.ident.to_string(),
        Item::Union(i) => i.ident.to_string(),
        Item::Macro(i) => i.ident.as_ref()?.to_string(),
        Item::ExternCrate(i) => i.ident.to_string(),
        Item::ForeignMod(i) => return Some(ItemKind::Use(i.items.iter().filter_map(foreign_name).collect())),
        Item::Use(i) => {
            let mut names = BTreeSet::new();
            imported_names(&i.tree, &mut names);
            return Some(ItemKind::Use(names));
        }
        Item::Impl(i) => {
            let mut header = i.clone();
            header.items.clear();
            let mut of = identifiers(&i.self_ty);
            if let Some((path, _)) = &i.trait_ {
                of.append(&mut identifiers(path));
            }
            let methods = match i.trait_ {
                Some(_) => BTreeSet::new(),
                None => i.items.iter().filter_map(member_name).collect(),
            };
            return Some(ItemKind::Impl { header: tokens(&header).to_string(), of, methods });
        }
        _ => return None,
    };
    Some(ItemKind::Named(name))
}

fn foreign_name(item: &syn::ForeignItem) -> Option<String> {
    match item {
        syn::ForeignItem::Fn(f) => Some(f.sig.ident.to_string()),
        syn::ForeignItem::Static(s) => Some(s.ident.to_string()),
        _ => None,
    }
}

fn member_name(item: &syn::ImplItem) -> Option<String> {
    match item {
        syn::ImplItem::Fn(f) => Some(f.sig.ident.to_string()),
        syn::ImplItem::Const(c) => Some(c.ident.to_string()),
        _ => None,
    }
}

fn imported_names(tree: &syn::UseTree, names: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Path(p) => match &*p.tree {
            syn::UseTree::Name(n) if n.ident == "self" => drop(names.insert(p.ident.to_string())),
            syn::UseTree::Group(g) if g.items.iter().any(is_self) => {
                names.insert(p.ident.to_string());
                imported_names(&p.tree, names);
            }
            _ => imported_names(&p.tree, names),
        },
        syn::UseTree::Name(n) => drop(names.insert(n.ident.to_string())),
        syn::UseTree::Rename(r) => drop(names.insert(r.rename.to_string())),
        syn::UseTree::Group(g) => g.items.iter().for_each(|t| imported_names(t, names)),
        _ => {}
    }
}

fn is_self(tree: &syn::UseTree) -> bool {
    matches!(tree, syn::UseTree::Name(n) if n.ident == "self")
}

fn tokens(node: &impl ToTokens) -> TokenStream {
    node.to_token_stream()
}

/// Every identifier in a piece of syntax; those in string literals such as `"{x:?}"` count, as macros may use them.
pub fn identifiers(node: &impl ToTokens) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(tokens(node), &mut names);
    names
}

fn collect(stream: TokenStream, names: &mut BTreeSet<String>) {
    for token in stream {
        match token {
            TokenTree::Ident(ident) => drop(names.insert(ident.to_string())),
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Literal(literal) => format_arguments(&literal.to_string(), names),
            TokenTree::Punct(_) => {}
        }
    }
}

/// The names that a format string captures: `x` and `w` in `"{x:.3} {w:>width$}"`.
fn format_arguments(literal: &str, names: &mut BTreeSet<String>) {
    if !literal.contains('"') {
        return;
    }
    let mut word = String::new();
    let mut inside = false;
    for c in literal.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ => {}
        }
        if inside && (c.is_alphanumeric() || c == '_') {
            word.push(c);
        } else if !word.is_empty() {
            names.insert(std::mem::take(&mut word));
        }
    }
}

fn bound_names(pattern: &Pat, names: &mut BTreeSet<String>) {
    struct Names<'a>(&'a mut BTreeSet<String>);
    impl<'ast> Visit<'ast> for Names<'_> {
        fn visit_pat_ident(&mut self, p: &'ast syn::PatIdent) {
            let name = p.ident.to_string();
            // `None` or `MAX` in a pattern is a constant, not a binding.
            if !name.starts_with(char::is_uppercase) || p.subpat.is_some() || name.len() == 1 {
                self.0.insert(name);
            }
            syn::visit::visit_pat_ident(self, p);
        }
    }
    Names(names).visit_pat(pattern);
}

#[derive(Default)]
struct Scan {
    has_loop: bool,
    /// Whether a brace behind the expression could be taken for part of it.
    ambiguous: bool,
}

impl<'ast> Visit<'ast> for Scan {
    fn visit_expr(&mut self, e: &'ast Expr) {
        self.has_loop |= matches!(e, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Closure(_));
        let open = matches!(e, Expr::Struct(_) | Expr::Closure(_) | Expr::Range(_) | Expr::Return(_) | Expr::Break(_));
        self.ambiguous |= open || matches!(e, Expr::Assign(_) | Expr::Let(_) | Expr::Yield(_));
        syn::visit::visit_expr(self, e);
    }
    fn visit_macro(&mut self, _: &'ast Macro) {}
}

#[derive(Default)]
struct Statics(Vec<Static>);

impl<'ast> Visit<'ast> for Statics {
    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        // A name given by the user is one name already.
        if item.attrs.iter().any(|a| tokens(a).to_string().contains("no_mangle") || a.path().is_ident("export_name")) {
            return;
        }
        self.0.push(Static {
            range: item.span().byte_range(),
            declaration: item.static_token.span().byte_range().start..item.ty.span().byte_range().end,
            visibility: tokens(&item.vis).to_string(),
            mutable: matches!(item.mutability, syn::StaticMutability::Mut(_)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn a_cell_falls_into_its_parts() {
        let code = "use std::fmt::{self, Write as _W};\nfn f() {}\nlet (a, Some(b)) = g(c) else { return };\na + b";
        let cell = Cell::parse(code).unwrap();
        assert_eq!(cell.items[0].kind, ItemKind::Use(set(&["fmt", "self", "_W"])));
        assert_eq!(cell.items[1].kind, ItemKind::Named("f".into()));
        assert_eq!(cell.defines, set(&["a", "b"]));
        assert_eq!(cell.tail.map(|t| &code[t.range]), Some("a + b"));
        assert!(cell.mentions.is_superset(&set(&["a", "b", "c", "g"])));
    }

    #[test]
    fn names_in_format_strings_are_mentioned() {
        let cell = Cell::parse(r#"println!("{x:.1$} {한글}", y);"#).unwrap();
        assert!(cell.mentions.is_superset(&set(&["x", "y", "한글"])));
    }

    #[test]
    fn an_impl_belongs_to_its_type_and_trait() {
        let cell = Cell::parse("impl Area for Square { fn area(&self) -> f64 { 1.0 } }").unwrap();
        let ItemKind::Impl { of, methods, .. } = &cell.items[0].kind else { panic!() };
        assert_eq!((of, methods), (&set(&["Area", "Square"]), &set(&[])));
    }

    #[test]
    fn a_loop_and_a_let_have_no_value() {
        assert!(Cell::parse("for i in 0..3 { f(i) }").unwrap().tail.is_none());
        assert!(Cell::parse("let x = 1;").unwrap().tail.is_none());
        assert!(Cell::parse("if a { 1 } else { 2 }").unwrap().tail.is_some());
        assert!(Cell::parse("println!(\"x\")").unwrap().tail.is_some());
    }

    #[test]
    fn a_loop_is_noticed() {
        assert!(Cell::parse("for i in 0..3 { f(i) }").unwrap().has_loop);
        assert!(!Cell::parse("f(3);").unwrap().has_loop);
    }
}
