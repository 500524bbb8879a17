//! Texts that agree but for small differences in their numbers and in the spaces that align them.

use super::{Difference, Tolerance};
use crate::notebook::visible;

/// How many lines of each side are shown.
const SHOWN: usize = 8;

/// The place of the first line that differs, and the lines from there to the last one that does.
pub(super) fn difference(saved: &str, new: &str, tolerance: Tolerance) -> Option<Difference> {
    let (saved, new) = (visible(saved), visible(new));
    if saved == new {
        return None;
    }
    let (saved, new): (Vec<&str>, Vec<&str>) = (saved.lines().collect(), new.lines().collect());
    let agreeing =
        |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| agree(a, b, tolerance)).count();
    let start = agreeing(&mut saved.iter().zip(&new));
    let (saved, new) = (&saved[start..], &new[start..]);
    if saved.is_empty() && new.is_empty() {
        return None;
    }
    let end = agreeing(&mut saved.iter().rev().zip(new.iter().rev()));
    let mut lines = marked('-', &saved[..saved.len() - end]);
    lines.extend(marked('+', &new[..new.len() - end]));
    Some(Difference { lines, ..Difference::new(format!("line {}", start + 1)) })
}

fn marked(mark: char, lines: &[&str]) -> Vec<String> {
    let mut shown: Vec<String> = lines.iter().take(SHOWN).map(|line| format!("{mark} {line}")).collect();
    if lines.len() > SHOWN {
        shown.push(format!("{mark} ... {} more lines", lines.len() - SHOWN));
    }
    shown
}

fn agree(saved: &str, new: &str, tolerance: Tolerance) -> bool {
    let (saved, new) = (tokens(saved), tokens(new));
    saved.len() == new.len() && saved.iter().zip(&new).all(|(saved, new)| same(saved, new, tolerance))
}

fn same(saved: &str, new: &str, tolerance: Tolerance) -> bool {
    if saved == new {
        return true;
    }
    // Whole numbers count something: a step, a size. They agree exactly or not at all.
    let whole = |text: &str| text.parse::<i64>().is_ok();
    match (saved.parse::<f64>(), new.parse::<f64>()) {
        (Ok(a), Ok(b)) if !(whole(saved) && whole(new)) => {
            (a - b).abs() <= tolerance.absolute + tolerance.relative * a.abs()
        }
        _ => false,
    }
}

/// Numbers and the text between them, without spaces.
fn tokens(line: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in line.split_whitespace() {
        let mut rest = word;
        while !rest.is_empty() {
            let length = number(rest).max(text(rest));
            let (token, after) = rest.split_at(length);
            tokens.push(token);
            rest = after;
        }
    }
    tokens
}

/// The length of the number at the start, 0 when there is none: sign, digits, point, exponent.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(end);
    end += whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = if bytes.len() > end + 1 + sign { digits(end + 1 + sign) } else { 0 };
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// The length of the text up to the next number; at least one character. A digit inside a name belongs to the name.
fn text(text: &str) -> usize {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let inside_name = before.is_alphanumeric() || before == '_';
        if at > 0 && !inside_name && number(&text[at..]) > 0 {
            return at;
        }
        if at == 0 && number(text) > 0 {
            return 0;
        }
        before = c;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(saved: &str, new: &str) -> bool {
        difference(saved, new, Tolerance::default()).is_none()
    }

    #[test]
    fn numbers_agree_within_the_tolerance() {
        assert!(agrees("loss: 0.123456", "loss: 0.123457"));
        assert!(agrees("[ 1.  -2.5e-03]", "[ 1. -2.50001e-03]"));
        assert!(!agrees("loss: 0.1234", "loss: 0.1235"));
        assert!(agrees("1e-9", "0.0"));
        assert!(agrees("nan inf", "nan inf") && !agrees("nan", "1.0"));
    }

    #[test]
    fn whole_numbers_and_names_agree_exactly() {
        assert!(!agrees("step 100000", "step 100001"));
        assert!(!agrees("Tensor(\"Add_1:0\", shape=(), dtype=int32)", "Tensor(\"Add_2:0\", shape=(), dtype=int32)"));
        assert!(!agrees("dtype=float32", "dtype=float64"));
    }

    #[test]
    fn spaces_and_overwritten_text_do_not_count() {
        assert!(agrees("[1.5   2.5]", "[1.5 2.5]"));
        assert!(agrees("10%\r50%\r100%\n", "100%\n"));
        assert!(!agrees("a\nb", "a"));
    }

    #[test]
    fn the_lines_that_differ_are_shown_from_the_first_to_the_last() {
        let found = difference("a\nb\nc\nd", "a\nB\nc\nD\nd", Tolerance::default()).unwrap();
        assert_eq!(found.what, "line 2");
        assert_eq!(found.lines, ["- b", "- c", "+ B", "+ c", "+ D"]);
        let long = (0..20).map(|n| format!("line {n}\n")).collect::<String>();
        let found = difference(&long, "", Tolerance::default()).unwrap();
        assert_eq!(found.lines.len(), SHOWN + 1);
        assert_eq!(found.lines[SHOWN], "- ... 12 more lines");
    }
}
