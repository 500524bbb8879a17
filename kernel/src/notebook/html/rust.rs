//! Rust code as HTML with its words in classes. It reads tokens only, so code that does not compile is shown too.

use super::push_escaped;

const KEYWORDS: [&str; 38] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
];

/// The code as HTML.
pub(super) fn html(code: &str) -> String {
    let mut html = String::with_capacity(2 * code.len());
    let mut rest = code;
    while !rest.is_empty() {
        let (length, class) = token(rest);
        let (text, after) = rest.split_at(length);
        match class {
            Some(class) => {
                html += &format!("<span class=\"{class}\">");
                push_escaped(&mut html, text);
                html += "</span>";
            }
            None => push_escaped(&mut html, text),
        }
        rest = after;
    }
    html
}

/// The length of the token at the start, and its class.
fn token(code: &str) -> (usize, Option<&'static str>) {
    let first = code.chars().next().unwrap_or_default();
    if code.starts_with("//") {
        return (code.find('\n').unwrap_or(code.len()), Some("comment"));
    }
    if code.starts_with("/*") {
        return (block_comment(code), Some("comment"));
    }
    if let Some(length) = raw_string(code) {
        return (length, Some("string"));
    }
    match first {
        '"' => (quoted(code, '"'), Some("string")),
        '\'' => character_or_lifetime(code),
        '0'..='9' => (number(code), Some("number")),
        c if c.is_alphabetic() || c == '_' => word(code),
        c => (c.len_utf8(), None),
    }
}

fn block_comment(code: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < code.len() {
        if code[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if code[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += code[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    code.len()
}

/// `r"..."`, `r#"..."#`, with or without a leading `b` or `c`.
fn raw_string(code: &str) -> Option<usize> {
    let after = code.trim_start_matches(['b', 'c']).strip_prefix('r')?;
    let prefix = code.len() - after.len();
    let body = after.trim_start_matches('#');
    let hashes = after.len() - body.len();
    if prefix > 2 || !body.starts_with('"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = prefix + hashes + 1;
    Some(code[start..].find(&end).map_or(code.len(), |at| start + at + end.len()))
}

fn quoted(code: &str, quote: char) -> usize {
    let mut escape = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            _ if escape => escape = false,
            '\\' => escape = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn character_or_lifetime(code: &str) -> (usize, Option<&'static str>) {
    let mut chars = code.chars().skip(1);
    let (second, third) = (chars.next(), chars.next());
    if second == Some('\\') || third == Some('\'') {
        return (quoted(code, '\''), Some("string"));
    }
    let name = code[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len() - 1);
    (1 + name, Some("type"))
}

fn number(code: &str) -> usize {
    let mut end = 0;
    let bytes = code.as_bytes();
    while end < bytes.len() {
        let digit_follows = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        let part_of_it = match bytes[end] {
            b'.' => {
                digit_follows || (end > 0 && !bytes.get(end + 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'.'))
            }
            b'+' | b'-' => matches!(bytes[end - 1], b'e' | b'E') && digit_follows && !code.starts_with("0x"),
            b => b.is_ascii_alphanumeric() || b == b'_',
        };
        if !part_of_it {
            break;
        }
        end += 1;
    }
    end
}

fn word(code: &str) -> (usize, Option<&'static str>) {
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
    let (word, after) = code.split_at(end);
    let class = match word {
        _ if KEYWORDS.contains(&word) => Some("keyword"),
        _ if after.starts_with('!') && !after.starts_with("!=") => return (end + 1, Some("macro")),
        _ if after.starts_with('"') && matches!(word, "b" | "c") => return (end + quoted(after, '"'), Some("string")),
        _ if word.starts_with(char::is_uppercase) => Some("type"),
        _ if after.starts_with('(') => Some("function"),
        _ => None,
    };
    (end, class)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The classes and texts of the marked tokens.
    fn marked(code: &str) -> Vec<(&'static str, &str)> {
        let mut found = Vec::new();
        let mut rest = code;
        while !rest.is_empty() {
            let (length, class) = token(rest);
            found.extend(class.map(|class| (class, &rest[..length])));
            rest = &rest[length..];
        }
        found
    }

    #[test]
    fn tokens_have_their_classes() {
        assert_eq!(
            marked("let x = tf::add(1, -2.5e-3);"),
            [("keyword", "let"), ("function", "add"), ("number", "1"), ("number", "2.5e-3")]
        );
        assert_eq!(
            marked("println!(\"{a}\\\"\") // end"),
            [("macro", "println!"), ("string", "\"{a}\\\"\""), ("comment", "// end")]
        );
        assert_eq!(
            marked("'a' 'static b'\\'' r#\"a\"b\"# /* a /* b */ c */ d"),
            [
                ("string", "'a'"),
                ("type", "'static"),
                ("string", "'\\''"),
                ("string", "r#\"a\"b\"#"),
                ("comment", "/* a /* b */ c */"),
            ]
        );
    }

    #[test]
    fn ranges_and_methods_end_a_number() {
        assert_eq!(marked("0..10"), [("number", "0"), ("number", "10")]);
        assert_eq!(marked("1.max(2)"), [("number", "1"), ("function", "max"), ("number", "2")]);
        assert_eq!(marked("1. + 2"), [("number", "1."), ("number", "2")]);
    }

    #[test]
    fn nothing_of_the_code_is_lost() {
        let code = "\"open\n<b>&'x 가 /* never closed";
        let html = html(code);
        assert!(html.contains("&lt;b&gt;&amp;") && html.contains('가'), "{html}");
    }
}
