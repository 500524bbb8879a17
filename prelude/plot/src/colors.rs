//! Colours and how they are written: names, letters, hexadecimal, grey levels, the cycle. `matplotlib.colors`.

use std::fmt;

use crate::series::Series;

/// A colour with its opacity, each part from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Color {
    /// Red.
    pub r: f32,
    /// Green.
    pub g: f32,
    /// Blue.
    pub b: f32,
    /// Opacity.
    pub a: f32,
}

impl Color {
    /// Black, as text, ticks and spines are.
    pub const BLACK: Color = Color { r: 0.0, g: 0.0, b: 0.0, a: 1.0 };
    /// White, as the figure is.
    pub const WHITE: Color = Color { r: 1.0, g: 1.0, b: 1.0, a: 1.0 };

    /// An opaque colour from 8-bit parts.
    pub const fn from_bytes(r: u8, g: u8, b: u8) -> Color {
        Color { r: r as f32 / 255.0, g: g as f32 / 255.0, b: b as f32 / 255.0, a: 1.0 }
    }

    /// The same colour with another opacity.
    pub const fn with_alpha(self, a: f32) -> Color {
        Color { a, ..self }
    }

    /// The four parts as bytes.
    pub fn to_bytes(self) -> [u8; 4] {
        [self.r, self.g, self.b, self.a].map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8)
    }
}

/// A text that names no colour.
#[derive(Clone, Debug, PartialEq)]
pub struct ColorError(String);

impl fmt::Display for ColorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ValueError: '{}' is not a valid value for color: supported inputs are (r, g, b) and (r, g, b, a) 0-1 float \
             tuples; '#rrggbb', '#rrggbbaa', '#rgb', '#rgba' strings; named color strings; string reprs of 0-1 floats for \
             grayscale values; 'C0', 'C1', ... strings for colors of the color cycle",
            self.0
        )
    }
}

impl std::error::Error for ColorError {}

/// Whatever can name a colour: `"red"`, `"r"`, `"C1"`, `"tab:blue"`, `"#ff7f0e"`, `"0.5"`, `(r, g, b)`, [`Color`].
pub trait IntoColor {
    /// The colour meant.
    ///
    /// # Errors
    /// [`ColorError`] for a text that names none.
    fn into_color(self) -> Result<Color, ColorError>;
}

impl IntoColor for Color {
    fn into_color(self) -> Result<Color, ColorError> {
        Ok(self)
    }
}

impl IntoColor for &str {
    fn into_color(self) -> Result<Color, ColorError> {
        parse(self).ok_or_else(|| ColorError(self.to_owned()))
    }
}

impl IntoColor for &String {
    fn into_color(self) -> Result<Color, ColorError> {
        self.as_str().into_color()
    }
}

impl IntoColor for String {
    fn into_color(self) -> Result<Color, ColorError> {
        self.as_str().into_color()
    }
}

impl IntoColor for (f64, f64, f64) {
    fn into_color(self) -> Result<Color, ColorError> {
        (self.0, self.1, self.2, 1.0).into_color()
    }
}

impl IntoColor for (f64, f64, f64, f64) {
    fn into_color(self) -> Result<Color, ColorError> {
        let parts = [self.0, self.1, self.2, self.3];
        if parts.iter().any(|v| !(0.0..=1.0).contains(v)) {
            return Err(ColorError(format!("{self:?}")));
        }
        let [r, g, b, a] = parts.map(|v| v as f32);
        Ok(Color { r, g, b, a })
    }
}

/// One colour for all, or a list with one for each: whatever [`IntoColor`] takes, and arrays, slices and `Vec`s of it.
pub trait IntoColors {
    /// The colours meant.
    ///
    /// # Errors
    /// [`ColorError`] for a text that names none.
    fn into_colors(self) -> Result<Vec<Color>, ColorError>;
}

macro_rules! single {
    ($($t:ty),*) => { $(
        impl IntoColors for $t {
            fn into_colors(self) -> Result<Vec<Color>, ColorError> {
                Ok(vec![self.into_color()?])
            }
        }
    )* };
}
single!(Color, &str, &String, String, (f64, f64, f64), (f64, f64, f64, f64));

impl<C: IntoColor + Clone> IntoColors for &[C] {
    fn into_colors(self) -> Result<Vec<Color>, ColorError> {
        self.iter().cloned().map(IntoColor::into_color).collect()
    }
}

impl<C: IntoColor + Clone, const N: usize> IntoColors for &[C; N] {
    fn into_colors(self) -> Result<Vec<Color>, ColorError> {
        self.as_slice().into_colors()
    }
}

impl<C: IntoColor + Clone, const N: usize> IntoColors for [C; N] {
    fn into_colors(self) -> Result<Vec<Color>, ColorError> {
        self.as_slice().into_colors()
    }
}

impl<C: IntoColor + Clone> IntoColors for &Vec<C> {
    fn into_colors(self) -> Result<Vec<Color>, ColorError> {
        self.as_slice().into_colors()
    }
}

impl<C: IntoColor + Clone> IntoColors for Vec<C> {
    fn into_colors(self) -> Result<Vec<Color>, ColorError> {
        self.as_slice().into_colors()
    }
}

/// What [`scatter`](crate::scatter)'s `c` takes: one colour, texts that name a colour for each point, or a number for
/// each, shown as a colour of the colour map.
pub trait PointColors {
    /// The colours or the numbers.
    ///
    /// # Errors
    /// [`ColorError`] for a text that names no colour.
    fn point_colors(self) -> Result<Points, ColorError>;
}

/// How points get their colours.
#[derive(Clone, Debug, PartialEq)]
pub enum Points {
    /// One colour for all of them.
    One(Color),
    /// A colour for each.
    Each(Vec<Color>),
    /// A number for each.
    Values(Vec<f64>),
}

impl PointColors for &str {
    fn point_colors(self) -> Result<Points, ColorError> {
        Ok(Points::One(self.into_color()?))
    }
}

impl PointColors for Color {
    fn point_colors(self) -> Result<Points, ColorError> {
        Ok(Points::One(self))
    }
}

impl<S: Series> PointColors for S {
    fn point_colors(self) -> Result<Points, ColorError> {
        match self.categories() {
            Some(names) => Ok(Points::Each(names.into_colors()?)),
            None => Ok(Points::Values(self.values())),
        }
    }
}

/// The colours meant, or a panic with matplotlib's text.
#[track_caller]
pub(crate) fn expect_all(colors: impl IntoColors) -> Vec<Color> {
    match colors.into_colors() {
        Ok(colors) => colors,
        Err(error) => panic!("{error}"),
    }
}

/// The colour meant, or a panic with matplotlib's text.
#[track_caller]
pub(crate) fn expect(color: impl IntoColor) -> Color {
    match color.into_color() {
        Ok(color) => color,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) const TAB10: [(&str, Color); 10] = [
    ("blue", Color::from_bytes(0x1f, 0x77, 0xb4)),
    ("orange", Color::from_bytes(0xff, 0x7f, 0x0e)),
    ("green", Color::from_bytes(0x2c, 0xa0, 0x2c)),
    ("red", Color::from_bytes(0xd6, 0x27, 0x28)),
    ("purple", Color::from_bytes(0x94, 0x67, 0xbd)),
    ("brown", Color::from_bytes(0x8c, 0x56, 0x4b)),
    ("pink", Color::from_bytes(0xe3, 0x77, 0xc2)),
    ("gray", Color::from_bytes(0x7f, 0x7f, 0x7f)),
    ("olive", Color::from_bytes(0xbc, 0xbd, 0x22)),
    ("cyan", Color::from_bytes(0x17, 0xbe, 0xcf)),
];

/// The colour `C<index>` of the present cycle.
pub(crate) fn cycle(index: usize) -> Color {
    let rc = crate::rc::current();
    rc.cycle[index % rc.cycle.len()]
}

/// The colour of one of the letters of a format string.
pub(crate) fn letter(ch: char) -> Option<Color> {
    let half = |v: f32| v * 0.75;
    let rgb = |r, g, b| Some(Color { r, g, b, a: 1.0 });
    match ch {
        'b' => rgb(0.0, 0.0, 1.0),
        'g' => rgb(0.0, 0.5, 0.0),
        'r' => rgb(1.0, 0.0, 0.0),
        'c' => rgb(0.0, half(1.0), half(1.0)),
        'm' => rgb(half(1.0), 0.0, half(1.0)),
        'y' => rgb(half(1.0), half(1.0), 0.0),
        'k' => rgb(0.0, 0.0, 0.0),
        'w' => rgb(1.0, 1.0, 1.0),
        _ => None,
    }
}

fn parse(text: &str) -> Option<Color> {
    let mut chars = text.chars();
    if let (Some(ch), None) = (chars.next(), chars.next())
        && let Some(color) = letter(ch)
    {
        return Some(color);
    }
    if let Some(index) = text.strip_prefix('C').and_then(|n| n.parse().ok()) {
        return Some(cycle(index));
    }
    if let Some(name) = text.strip_prefix("tab:") {
        let name = if name == "grey" { "gray" } else { name };
        return TAB10.iter().find(|(n, _)| *n == name).map(|(_, color)| *color);
    }
    if let Some(digits) = text.strip_prefix('#') {
        return hexadecimal(digits);
    }
    if text.eq_ignore_ascii_case("none") {
        return Some(Color::WHITE.with_alpha(0.0));
    }
    if let Ok(level) = text.parse::<f32>() {
        return (0.0..=1.0).contains(&level).then_some(Color { r: level, g: level, b: level, a: 1.0 });
    }
    named(&text.to_ascii_lowercase())
}

fn hexadecimal(digits: &str) -> Option<Color> {
    if !digits.is_ascii() {
        return None;
    }
    let long = match digits.len() {
        3 | 4 => digits.chars().flat_map(|c| [c, c]).collect(),
        6 | 8 => digits.to_owned(),
        _ => return None,
    };
    let part = |i: usize| long.get(2 * i..2 * i + 2).map(|d| u8::from_str_radix(d, 16));
    let color = Color::from_bytes(part(0)?.ok()?, part(1)?.ok()?, part(2)?.ok()?);
    match part(3) {
        Some(alpha) => Some(color.with_alpha(f32::from(alpha.ok()?) / 255.0)),
        None => Some(color),
    }
}

/// A CSS4 colour name; the table is `data/css4.txt`.
fn named(name: &str) -> Option<Color> {
    include_str!("../data/css4.txt")
        .lines()
        .filter_map(|line| line.split_once(" #"))
        .find(|(n, _)| *n == name)
        .and_then(|(_, digits)| hexadecimal(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are matplotlib's `to_rgba` of the same texts.
    #[test]
    fn texts_name_colours() {
        let bytes = |text: &str| text.into_color().unwrap().to_bytes();
        assert_eq!(bytes("g"), [0, 128, 0, 255]);
        assert_eq!(bytes("C1"), [255, 127, 14, 255]);
        assert_eq!(bytes("tab:grey"), [127, 127, 127, 255]);
        assert_eq!(bytes("#777"), [119, 119, 119, 255]);
        assert_eq!(bytes("#0f0f0f80"), [15, 15, 15, 128]);
        assert_eq!(bytes("0.5"), [128, 128, 128, 255]);
        assert_eq!(bytes("skyblue"), [135, 206, 235, 255]);
        let error = "blurple".into_color().unwrap_err().to_string();
        assert!(error.starts_with("ValueError: 'blurple' is not a valid value for color: supported inputs are"));
    }
}
