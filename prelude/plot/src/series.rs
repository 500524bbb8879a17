//! What can be plotted: the trait for one-dimensional data and the one for pictures, for plain Rust values and
//! ndarray. Other crates implement them for their own arrays.

use std::ops::{Range, RangeInclusive};

use ndarray::{ArrayBase, Data, Dimension};

/// An element of a series: a number, or a text that stands for a category.
pub trait Element {
    /// The number, for numbers.
    fn number(&self) -> f64;
    /// The category's name, for texts.
    fn category(&self) -> Option<&str> {
        None
    }
}

macro_rules! numbers {
    ($($t:ty),*) => { $(
        impl Element for $t {
            fn number(&self) -> f64 {
                *self as f64
            }
        }
    )* };
}
numbers!(f32, f64, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl Element for bool {
    fn number(&self) -> f64 {
        f64::from(u8::from(*self))
    }
}

impl Element for &str {
    fn number(&self) -> f64 {
        f64::NAN
    }
    fn category(&self) -> Option<&str> {
        Some(self)
    }
}

impl Element for String {
    fn number(&self) -> f64 {
        f64::NAN
    }
    fn category(&self) -> Option<&str> {
        Some(self)
    }
}

/// One-dimensional data: slices, arrays, `Vec`s, ranges, ndarrays of numbers, or of texts for categories.
pub trait Series {
    /// The values; NaN leaves a gap.
    fn values(&self) -> Vec<f64>;

    /// The texts, when the data are categories.
    fn categories(&self) -> Option<Vec<String>> {
        None
    }

    /// The shape, for messages.
    fn shape(&self) -> Vec<usize> {
        vec![self.values().len()]
    }
}

impl<S: Series + ?Sized> Series for &S {
    fn values(&self) -> Vec<f64> {
        (**self).values()
    }
    fn categories(&self) -> Option<Vec<String>> {
        (**self).categories()
    }
    fn shape(&self) -> Vec<usize> {
        (**self).shape()
    }
}

/// No data: `plt::xticks(())`.
impl Series for () {
    fn values(&self) -> Vec<f64> {
        Vec::new()
    }
}

impl<T: Element> Series for [T] {
    fn values(&self) -> Vec<f64> {
        self.iter().map(Element::number).collect()
    }
    fn categories(&self) -> Option<Vec<String>> {
        if self.is_empty() {
            return None;
        }
        self.iter().map(|e| e.category().map(str::to_owned)).collect()
    }
}

impl<T: Element> Series for Vec<T> {
    fn values(&self) -> Vec<f64> {
        self.as_slice().values()
    }
    fn categories(&self) -> Option<Vec<String>> {
        self.as_slice().categories()
    }
}

impl<T: Element, const N: usize> Series for [T; N] {
    fn values(&self) -> Vec<f64> {
        self.as_slice().values()
    }
    fn categories(&self) -> Option<Vec<String>> {
        self.as_slice().categories()
    }
}

macro_rules! ranges {
    ($($t:ty),*) => { $(
        impl Series for Range<$t> {
            fn values(&self) -> Vec<f64> {
                self.clone().map(|v| v as f64).collect()
            }
        }
        impl Series for RangeInclusive<$t> {
            fn values(&self) -> Vec<f64> {
                self.clone().map(|v| v as f64).collect()
            }
        }
    )* };
}
ranges!(i32, i64, usize, u32);

impl<T: Element, S: Data<Elem = T>, D: Dimension> Series for ArrayBase<S, D> {
    fn values(&self) -> Vec<f64> {
        self.iter().map(Element::number).collect()
    }
    fn shape(&self) -> Vec<usize> {
        ArrayBase::shape(self).to_vec()
    }
}

/// One text for all, or a list with one for each: texts, and arrays, slices and `Vec`s of them.
pub trait Names {
    /// The texts.
    fn names(&self) -> Vec<String>;
}

impl Names for &str {
    fn names(&self) -> Vec<String> {
        vec![(*self).to_owned()]
    }
}

impl Names for String {
    fn names(&self) -> Vec<String> {
        vec![self.clone()]
    }
}

impl Names for &String {
    fn names(&self) -> Vec<String> {
        vec![(*self).clone()]
    }
}

macro_rules! names_of_lists {
    ($([$($g:tt)*] $t:ty),*) => { $(
        impl<T: ToString, $($g)*> Names for $t {
            fn names(&self) -> Vec<String> {
                self.iter().map(ToString::to_string).collect()
            }
        }
    )* };
}
names_of_lists!([const N: usize] [T; N], [const N: usize] &[T; N], [] Vec<T>, [] &Vec<T>, [] &[T]);

/// A picture's numbers: `height` rows of `width` pixels of 1 (a number to be coloured), 3 (RGB) or 4 (RGBA) values.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Values per pixel.
    pub channels: usize,
    /// The values, row by row.
    pub values: Vec<f64>,
    /// Whether they are whole numbers: RGB then runs from 0 to 255 instead of 0 to 1.
    pub integers: bool,
}

impl Pixels {
    /// Takes values laid out row by row in `shape`: (M, N), (M, N, 3) or (M, N, 4); (M, N, 1) counts as (M, N).
    ///
    /// # Panics
    /// `TypeError` for any other shape.
    #[track_caller]
    pub fn new(values: Vec<f64>, shape: &[usize], integers: bool) -> Pixels {
        match *shape {
            [height, width] | [height, width, 1] => Pixels { height, width, channels: 1, values, integers },
            [height, width, channels @ (3 | 4)] => Pixels { height, width, channels, values, integers },
            _ => panic!("TypeError: Invalid shape {} for image data", python_tuple(shape)),
        }
    }
}

/// A shape as Python prints it.
pub(crate) fn python_tuple(shape: &[usize]) -> String {
    match shape {
        [n] => format!("({n},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// A two-dimensional picture for `imshow`: nested arrays and `Vec`s, ndarrays of 2 or 3 axes, pictures of the `image`
/// crate.
pub trait Image {
    /// The picture's numbers.
    #[track_caller]
    fn pixels(&self) -> Pixels;
}

impl<I: Image + ?Sized> Image for &I {
    fn pixels(&self) -> Pixels {
        (**self).pixels()
    }
}

impl Image for Pixels {
    fn pixels(&self) -> Pixels {
        self.clone()
    }
}

pub(crate) fn whole<T: 'static>() -> bool {
    let t = std::any::TypeId::of::<T>();
    t != std::any::TypeId::of::<f32>() && t != std::any::TypeId::of::<f64>()
}

impl<T: Element + 'static, const C: usize> Image for [[T; C]] {
    fn pixels(&self) -> Pixels {
        Pixels::new(self.iter().flatten().map(Element::number).collect(), &[self.len(), C], whole::<T>())
    }
}

impl<T: Element + 'static, const C: usize, const R: usize> Image for [[T; C]; R] {
    fn pixels(&self) -> Pixels {
        self.as_slice().pixels()
    }
}

impl<T: Element + 'static> Image for Vec<Vec<T>> {
    fn pixels(&self) -> Pixels {
        let columns = self.first().map_or(0, Vec::len);
        assert!(
            self.iter().all(|row| row.len() == columns),
            "ValueError: setting an array element with a sequence. The rows of the picture differ in length."
        );
        Pixels::new(self.iter().flatten().map(Element::number).collect(), &[self.len(), columns], whole::<T>())
    }
}

impl<T: Element + 'static, S: Data<Elem = T>, D: Dimension> Image for ArrayBase<S, D> {
    fn pixels(&self) -> Pixels {
        Pixels::new(self.iter().map(Element::number).collect(), self.shape(), whole::<T>())
    }
}
