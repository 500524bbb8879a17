//! The names of mathematical symbols, TeX's own, and what kind of symbol each is. How they are set is in `mathtext`.

/// Symbols by name.
const SYMBOLS: &[(&str, char)] = &[
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ϵ'),
    ("varepsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("vartheta", 'ϑ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("varrho", 'ϱ'),
    ("sigma", 'σ'),
    ("varsigma", 'ς'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'ϕ'),
    ("varphi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Xi", 'Ξ'),
    ("Pi", 'Π'),
    ("Sigma", 'Σ'),
    ("Upsilon", 'Υ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("times", '×'),
    ("cdot", '⋅'),
    ("div", '÷'),
    ("pm", '±'),
    ("mp", '∓'),
    ("ast", '∗'),
    ("star", '⋆'),
    ("circ", '∘'),
    ("bullet", '∙'),
    ("oplus", '⊕'),
    ("otimes", '⊗'),
    ("odot", '⊙'),
    ("cap", '∩'),
    ("cup", '∪'),
    ("wedge", '∧'),
    ("vee", '∨'),
    ("setminus", '∖'),
    ("leq", '≤'),
    ("le", '≤'),
    ("geq", '≥'),
    ("ge", '≥'),
    ("neq", '≠'),
    ("ne", '≠'),
    ("approx", '≈'),
    ("sim", '∼'),
    ("simeq", '≃'),
    ("cong", '≅'),
    ("equiv", '≡'),
    ("propto", '∝'),
    ("ll", '≪'),
    ("gg", '≫'),
    ("in", '∈'),
    ("notin", '∉'),
    ("ni", '∋'),
    ("subset", '⊂'),
    ("supset", '⊃'),
    ("subseteq", '⊆'),
    ("supseteq", '⊇'),
    ("perp", '⊥'),
    ("parallel", '∥'),
    ("mid", '∣'),
    ("rightarrow", '→'),
    ("to", '→'),
    ("leftarrow", '←'),
    ("gets", '←'),
    ("leftrightarrow", '↔'),
    ("Rightarrow", '⇒'),
    ("Leftarrow", '⇐'),
    ("Leftrightarrow", '⇔'),
    ("mapsto", '↦'),
    ("uparrow", '↑'),
    ("downarrow", '↓'),
    ("infty", '∞'),
    ("partial", '∂'),
    ("nabla", '∇'),
    ("forall", '∀'),
    ("exists", '∃'),
    ("neg", '¬'),
    ("emptyset", '∅'),
    ("varnothing", '∅'),
    ("prime", '′'),
    ("hbar", 'ħ'),
    ("ell", 'ℓ'),
    ("Re", 'ℜ'),
    ("Im", 'ℑ'),
    ("aleph", 'ℵ'),
    ("angle", '∠'),
    ("degree", '°'),
    ("dagger", '†'),
    ("ldots", '…'),
    ("dots", '…'),
    ("cdots", '⋯'),
    ("vdots", '⋮'),
    ("langle", '⟨'),
    ("rangle", '⟩'),
    ("lfloor", '⌊'),
    ("rfloor", '⌋'),
    ("lceil", '⌈'),
    ("rceil", '⌉'),
    ("vert", '|'),
    ("Vert", '‖'),
    ("lbrace", '{'),
    ("rbrace", '}'),
    ("backslash", '\\'),
    ("sum", '∑'),
    ("prod", '∏'),
    ("coprod", '∐'),
    ("int", '∫'),
    ("iint", '∬'),
    ("oint", '∮'),
    ("bigcap", '⋂'),
    ("bigcup", '⋃'),
    ("surd", '√'),
];

/// Functions, which stand upright.
const FUNCTIONS: [&str; 32] = [
    "arccos", "arcsin", "arctan", "arg", "argmax", "argmin", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim",
    "exp", "gcd", "hom", "inf", "ker", "lg", "lim", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh", "sup",
    "tan", "tanh",
];

/// The character of a name.
pub(crate) fn symbol(name: &str) -> Option<char> {
    SYMBOLS.iter().find(|(n, _)| *n == name).map(|(_, ch)| *ch)
}

/// Whether a name is a function's.
pub(crate) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Functions whose limits stand below them.
pub(crate) fn takes_limits(name: &str) -> bool {
    ["lim", "max", "min", "sup", "inf"].contains(&name)
}

/// Operators between two things, with space around them.
pub(crate) fn is_binary(ch: char) -> bool {
    "+\u{2212}*×⋅÷±∓∗⋆∘∙⊕⊗⊙∩∪∧∨∖†".contains(ch)
}

/// Relations and arrows, with space around them.
pub(crate) fn is_relation(ch: char) -> bool {
    "=<>:≤≥≠≈∼≃≅≡∝≪≫∈∉∋⊂⊃⊆⊇⊥∥∣→←↔⇒⇐⇔↦↑↓".contains(ch)
}

/// Large operators whose limits stand above and below.
pub(crate) fn is_big(ch: char) -> bool {
    "∑∏∐⋂⋃".contains(ch)
}

/// Integral signs, whose limits stand beside them.
pub(crate) fn is_integral(ch: char) -> bool {
    "∫∬∮".contains(ch)
}

/// The mark an accent sets over a symbol.
pub(crate) fn accent(name: &str) -> Option<char> {
    let marks = [
        ("hat", '\u{302}'),
        ("widehat", '\u{302}'),
        ("bar", '\u{304}'),
        ("overline", '\u{305}'),
        ("vec", '→'),
        ("tilde", '\u{303}'),
        ("widetilde", '\u{303}'),
        ("dot", '\u{307}'),
        ("ddot", '\u{308}'),
    ];
    marks.into_iter().find(|(n, _)| *n == name).map(|(_, ch)| ch)
}

/// Spaces in parts of an em.
pub(crate) fn space(name: &str) -> Option<f64> {
    let spaces = [
        (",", 0.16667),
        ("thinspace", 0.16667),
        ("/", 0.16667),
        (":", 0.22222),
        (">", 0.22222),
        (";", 0.27778),
        (" ", 0.33333),
        ("~", 0.33333),
        ("enspace", 0.5),
        ("quad", 1.0),
        ("qquad", 2.0),
        ("!", -0.16667),
    ];
    spaces.into_iter().find(|(n, _)| *n == name).map(|(_, w)| w)
}

/// The double-struck form of a capital letter.
pub(crate) fn blackboard(ch: char) -> char {
    let letters = [('R', 'ℝ'), ('N', 'ℕ'), ('Z', 'ℤ'), ('C', 'ℂ'), ('Q', 'ℚ'), ('P', 'ℙ'), ('H', 'ℍ')];
    letters.into_iter().find(|(l, _)| *l == ch).map_or(ch, |(_, b)| b)
}
