//! Python's `%` formats of numbers: `%d`, `%8.3f`, `%-10.2e`, `%g`, `%s`.

use crate::array::Array;

/// `format % tuple(values)`; each value is a scalar.
///
/// The error is a text that names the format.
pub(crate) fn percent(format: &str, values: &[Array]) -> Result<String, String> {
    let (mut out, mut values, mut rest) = (String::new(), values.iter(), format);
    while let Some((before, field)) = rest.split_once('%') {
        out += before;
        if let Some(after) = field.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let end = field.find(|c: char| c.is_ascii_alphabetic()).ok_or("incomplete format")?;
        let value = values.next().ok_or("not enough arguments for format string")?;
        out += &field_text(&field[..end], &field[end..=end], value)?;
        rest = &field[end + 1..];
    }
    Ok(out + rest)
}

/// One value: flags, width and precision, then the letter.
fn field_text(spec: &str, letter: &str, value: &Array) -> Result<String, String> {
    let flags: String = spec.chars().take_while(|c| "-+ 0#".contains(*c)).collect();
    let (width, precision) = spec[flags.len()..].split_once('.').unwrap_or((&spec[flags.len()..], ""));
    let width: usize = width.parse().unwrap_or(0);
    let precision = if spec.contains('.') { Some(precision.parse::<usize>().unwrap_or(0)) } else { None };
    let number = || value.to_vec::<f64>()[0];
    let text = match letter {
        "d" | "i" => value.to_vec::<i64>()[0].to_string(),
        "f" | "F" => special(number()).unwrap_or_else(|| format!("{:.*}", precision.unwrap_or(6), number())),
        "e" | "E" => special(number()).unwrap_or_else(|| scientific(number(), precision.unwrap_or(6))),
        "g" | "G" => special(number()).unwrap_or_else(|| general(number(), precision.unwrap_or(6).max(1))),
        "s" => value.to_string(),
        _ => return Err(format!("unsupported format character '{letter}' in '%{spec}{letter}'")),
    };
    let text = if letter == letter.to_uppercase() { text.to_uppercase() } else { text };
    let sign = match text.starts_with('-') {
        false if letter != "s" && flags.contains('+') => "+",
        false if letter != "s" && flags.contains(' ') => " ",
        _ => "",
    };
    let text = format!("{sign}{text}");
    if flags.contains('-') {
        return Ok(format!("{text:<width$}"));
    }
    if flags.contains('0') && letter != "s" && text.ends_with(|c: char| c.is_ascii_digit()) {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+', ' '])));
        return Ok(format!("{sign}{digits:0>width$}", width = width.saturating_sub(sign.len())));
    }
    Ok(format!("{text:>width$}"))
}

fn special(x: f64) -> Option<String> {
    match x {
        x if x.is_nan() => Some("nan".into()),
        x if x.is_infinite() => Some(if x > 0.0 { "inf" } else { "-inf" }.into()),
        _ => None,
    }
}

/// With at least two digits in the exponent.
fn scientific(x: f64, precision: usize) -> String {
    let text = format!("{x:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').expect("{:e} writes an exponent");
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// The shorter of both forms with so many digits, without zeros at the end.
fn general(x: f64, digits: usize) -> String {
    let long = scientific(x, digits - 1);
    let (mantissa, exponent) = long.split_once('e').expect("it has an exponent");
    let power: i32 = exponent.parse().expect("an integer");
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if x != 0.0 && (power < -4 || power >= digits as i32) {
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    trimmed(&format!("{:.*}", (digits as i32 - 1 - power).max(0) as usize, x))
}
