//! The values rc keys take, and how each kind is read. Which key takes which is in `rc`.

use crate::artist::{Cap, LineStyle};
use crate::colors::{Color, IntoColor};
use crate::rc::FontSize;
use crate::text::Variant;

/// A value for [`rc`](crate::rc): numbers, truth values, texts, and lists of them.
#[derive(Clone, Debug, PartialEq)]
pub enum RcValue {
    /// One number.
    Number(f64),
    /// A truth value.
    Bool(bool),
    /// A text: a colour, a name, or a value as style sheets write it.
    Text(String),
    /// Several numbers.
    Numbers(Vec<f64>),
    /// Several texts, such as the colours of a cycle.
    Texts(Vec<String>),
}

macro_rules! numbers {
    ($($t:ty),*) => { $(
        impl From<$t> for RcValue {
            fn from(v: $t) -> RcValue {
                RcValue::Number(v as f64)
            }
        }
        impl From<($t, $t)> for RcValue {
            fn from(v: ($t, $t)) -> RcValue {
                RcValue::Numbers(vec![v.0 as f64, v.1 as f64])
            }
        }
        impl From<[$t; 2]> for RcValue {
            fn from(v: [$t; 2]) -> RcValue {
                RcValue::Numbers(v.map(|v| v as f64).to_vec())
            }
        }
    )* };
}
numbers!(f64, f32, i32, i64, u32, usize);

impl From<bool> for RcValue {
    fn from(v: bool) -> RcValue {
        RcValue::Bool(v)
    }
}

impl From<&str> for RcValue {
    fn from(v: &str) -> RcValue {
        RcValue::Text(v.to_owned())
    }
}

impl From<String> for RcValue {
    fn from(v: String) -> RcValue {
        RcValue::Text(v)
    }
}

impl<const N: usize> From<[&str; N]> for RcValue {
    fn from(v: [&str; N]) -> RcValue {
        RcValue::Texts(v.iter().map(|s| (*s).to_owned()).collect())
    }
}

impl<const N: usize> From<&[&str; N]> for RcValue {
    fn from(v: &[&str; N]) -> RcValue {
        (*v).into()
    }
}

/// Reads the value of a key as what the key wants.
pub(crate) struct Reader<'a> {
    pub key: &'a str,
    pub value: &'a RcValue,
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> String {
        let shown = match self.value {
            RcValue::Text(text) => format!("'{text}'"),
            RcValue::Number(v) => v.to_string(),
            RcValue::Bool(true) => "True".into(),
            RcValue::Bool(false) => "False".into(),
            RcValue::Numbers(v) => format!("{v:?}"),
            RcValue::Texts(v) => format!("{v:?}"),
        };
        format!("ValueError: Key {}: Could not convert {shown} to {what}", self.key)
    }

    /// Whether the value is this text.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.value, RcValue::Text(t) if t == text)
    }

    /// The value as a text.
    pub fn text(&self) -> String {
        match self.value {
            RcValue::Text(text) => text.clone(),
            RcValue::Number(v) => v.to_string(),
            _ => String::new(),
        }
    }

    pub fn number(&self) -> Result<f64, String> {
        match self.value {
            RcValue::Number(v) => Ok(*v),
            RcValue::Text(text) => text.trim().parse().map_err(|_| self.wrong("float")),
            _ => Err(self.wrong("float")),
        }
    }

    /// A number above zero.
    pub fn positive(&self) -> Result<f64, String> {
        self.number()?.partial_cmp(&0.0).filter(|o| o.is_gt()).ok_or_else(|| self.wrong("a positive number"))?;
        self.number()
    }

    pub fn bool(&self) -> Result<bool, String> {
        match self.value {
            RcValue::Bool(v) => Ok(*v),
            RcValue::Number(v) => Ok(*v != 0.0),
            RcValue::Text(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "on" | "yes" | "1" => Ok(true),
                "false" | "off" | "no" | "0" => Ok(false),
                _ => Err(self.wrong("bool")),
            },
            _ => Err(self.wrong("bool")),
        }
    }

    /// Two numbers above zero.
    pub fn pair(&self) -> Result<(f64, f64), String> {
        let numbers = match self.value {
            RcValue::Numbers(v) => v.clone(),
            RcValue::Text(text) => text.split(',').filter_map(|v| v.trim().parse().ok()).collect(),
            _ => Vec::new(),
        };
        match numbers[..] {
            [a, b] if a > 0.0 && b > 0.0 => Ok((a, b)),
            _ => Err(self.wrong("a sequence of 2 positive floats")),
        }
    }

    pub fn color(&self) -> Result<Color, String> {
        let text = self.text();
        // Style sheets write hexadecimal colours without the sign that starts a comment there.
        let bare = (text.len() == 6).then(|| format!("#{text}").into_color().ok()).flatten();
        text.as_str()
            .into_color()
            .ok()
            .or(bare)
            .ok_or_else(|| format!("ValueError: Key {}: '{text}' does not look like a color arg", self.key))
    }

    /// Several colours.
    pub fn colors(&self) -> Result<Vec<Color>, String> {
        let texts: Vec<String> = match self.value {
            RcValue::Texts(texts) => texts.clone(),
            RcValue::Text(text) => text.split(',').map(|t| t.trim().to_owned()).collect(),
            _ => Vec::new(),
        };
        let one = |text: &String| Reader { key: self.key, value: &RcValue::Text(text.clone()) }.color();
        let colors: Vec<Color> = texts.iter().map(one).collect::<Result<_, _>>()?;
        if colors.is_empty() { Err(self.wrong("a cycle of colors")) } else { Ok(colors) }
    }

    pub fn font_size(&self) -> Result<FontSize, String> {
        match self.value {
            RcValue::Number(v) => Ok(FontSize::Points(*v)),
            _ => FontSize::parse(&self.text()).ok_or_else(|| {
                format!(
                    "ValueError: Key {}: {} is not a valid font size. Valid font sizes are xx-small, x-small, small, \
                     medium, large, x-large, xx-large, larger, smaller.",
                    self.key,
                    self.text()
                )
            }),
        }
    }

    pub fn weight(&self) -> Result<Variant, String> {
        Variant::weight(&self.text())
    }

    pub fn linestyle(&self) -> Result<LineStyle, String> {
        LineStyle::parse(&self.text())
    }

    /// The ends of lines; style sheets write `CapStyle.butt` as well.
    pub fn cap(&self) -> Result<Cap, String> {
        let text = self.text();
        let name = RcValue::Text(text.strip_prefix("CapStyle.").unwrap_or(&text).to_owned());
        let index = Reader { key: self.key, value: &name }.one_of(&["butt", "projecting", "round"])?;
        Ok([Cap::Butt, Cap::Projecting, Cap::Round][index])
    }

    /// The index of the value in a list of names.
    pub fn one_of(&self, names: &[&str]) -> Result<usize, String> {
        let text = self.text();
        names.iter().position(|n| *n == text).ok_or_else(|| {
            let known: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
            format!(
                "ValueError: Key {}: '{text}' is not a valid value. Supported values are {}",
                self.key,
                known.join(", ")
            )
        })
    }
}
