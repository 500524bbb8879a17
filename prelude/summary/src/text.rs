//! Summaries for people: their values by kind, and the protocol buffers' text form that `print(summary)` shows.

use std::fmt::{self, Display, Formatter, Write};

use crate::proto::summary::{Image, Value, value};
use crate::proto::{HistogramProto, Summary, TensorProto};

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        self.value.iter().try_for_each(|v| block(f, "", "value", |f| value_text(f, "  ", v)))
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        value_text(f, "", self)
    }
}

impl Value {
    /// The number, 0 when it holds none.
    pub fn simple_value(&self) -> f32 {
        if let Some(value::Value::SimpleValue(x)) = self.value { x } else { 0.0 }
    }

    /// The histogram of TensorFlow 1, when it holds one.
    pub fn histo(&self) -> Option<&HistogramProto> {
        if let Some(value::Value::Histo(h)) = &self.value { Some(h) } else { None }
    }

    /// The picture, when it holds one.
    pub fn image(&self) -> Option<&Image> {
        if let Some(value::Value::Image(i)) = &self.value { Some(i) } else { None }
    }

    /// The tensor, when it holds one.
    pub fn tensor(&self) -> Option<&TensorProto> {
        if let Some(value::Value::Tensor(t)) = &self.value { Some(t) } else { None }
    }
}

fn block(f: &mut Formatter, pad: &str, name: &str, inner: impl FnOnce(&mut Formatter) -> fmt::Result) -> fmt::Result {
    writeln!(f, "{pad}{name} {{")?;
    inner(f)?;
    writeln!(f, "{pad}}}")
}

fn value_text(f: &mut Formatter, pad: &str, v: &Value) -> fmt::Result {
    writeln!(f, "{pad}tag: \"{}\"", escape(v.tag.as_bytes()))?;
    let inside = format!("{pad}  ");
    match &v.value {
        Some(value::Value::SimpleValue(x)) => writeln!(f, "{pad}simple_value: {}", float(*x)),
        Some(value::Value::Histo(h)) => block(f, pad, "histo", |f| histogram_text(f, &inside, h)),
        Some(value::Value::Image(i)) => block(f, pad, "image", |f| image_text(f, &inside, i)),
        Some(value::Value::Tensor(t)) => block(f, pad, "tensor", |f| {
            t.string_val.iter().try_for_each(|s| writeln!(f, "{inside}string_val: \"{}\"", escape(s)))
        }),
        None => Ok(()),
    }
}

fn histogram_text(f: &mut Formatter, pad: &str, h: &HistogramProto) -> fmt::Result {
    let single = [("min", h.min), ("max", h.max), ("num", h.num), ("sum", h.sum), ("sum_squares", h.sum_squares)];
    // As all fields of these messages: what is zero is not written.
    for (name, x) in single.into_iter().filter(|(_, x)| *x != 0.0) {
        writeln!(f, "{pad}{name}: {}", double(x))?;
    }
    h.bucket_limit.iter().try_for_each(|x| writeln!(f, "{pad}bucket_limit: {}", double(*x)))?;
    h.bucket.iter().try_for_each(|x| writeln!(f, "{pad}bucket: {}", double(*x)))
}

fn image_text(f: &mut Formatter, pad: &str, i: &Image) -> fmt::Result {
    for (name, x) in [("height", i.height), ("width", i.width), ("colorspace", i.colorspace)] {
        writeln!(f, "{pad}{name}: {x}")?;
    }
    writeln!(f, "{pad}encoded_image_string: \"{}\"", escape(&i.encoded_image_string))
}

/// Six digits when they say it all, else nine: C's `%g`.
fn float(x: f32) -> String {
    let short = general(f64::from(x), 6);
    if short.parse() == Ok(x) { short } else { general(f64::from(x), 9) }
}

/// Fifteen digits when they say it all, else seventeen.
fn double(x: f64) -> String {
    let short = general(x, 15);
    if short.parse() == Ok(x) { short } else { general(x, 17) }
}

/// C's `%.{digits}g`.
fn general(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return if x.is_nan() { "nan".into() } else { format!("{}inf", if x < 0.0 { "-" } else { "" }) };
    }
    let scientific = format!("{x:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |s: &str| match s.contains('.') {
        true => s.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => s.to_owned(),
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    trimmed(&format!("{x:.*}", (digits as i32 - 1 - exponent) as usize))
}

/// Bytes as the text form of protocol buffers quotes them: octal for what is not printable.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &b in bytes {
        let written = match b {
            b'\n' => out.write_str("\\n"),
            b'\r' => out.write_str("\\r"),
            b'\t' => out.write_str("\\t"),
            b'"' | b'\'' | b'\\' => write!(out, "\\{}", b as char),
            0x20..=0x7e => out.write_char(b as char),
            _ => write!(out, "\\{b:03o}"),
        };
        written.expect("writing to memory does not fail");
    }
    out
}
