//! The handle to spines and its setters.

use crate::axes::{SPINES, SpineData, SpinePlace};
use crate::colors::{self, IntoColor};
use crate::furniture::one_of;
use crate::handles::{edit_axes, valid};
use crate::series::{Element, Names};

/// Some of the four spines of an axes, for all setters at once: `ax.spines(["top", "right"]).set_visible(false)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spines {
    pub(crate) figure: u64,
    pub(crate) axes: usize,
    pub(crate) chosen: [bool; 4],
}

impl Spines {
    #[track_caller]
    pub(crate) fn chosen(names: &impl Names) -> [bool; 4] {
        let names = names.names();
        for name in &names {
            valid(one_of("spines", name, &SPINES));
        }
        SPINES.map(|spine| names.iter().any(|n| n == spine))
    }

    fn set(self, f: impl Fn(&mut SpineData)) -> Self {
        edit_axes(self.figure, self.axes, |axes| {
            axes.spines.iter_mut().zip(self.chosen).filter(|(_, on)| *on).for_each(|(spine, _)| f(spine));
        });
        self
    }

    /// Whether they are drawn.
    pub fn set_visible(self, visible: bool) -> Self {
        self.set(|spine| spine.visible = visible)
    }

    /// Their colour.
    #[track_caller]
    pub fn set_color(self, color: impl IntoColor) -> Self {
        let color = colors::expect(color);
        self.set(|spine| spine.color = color)
    }

    /// Their width in points (0.8 when not set).
    pub fn set_linewidth(self, points: impl Element) -> Self {
        let points = points.number();
        self.set(|spine| spine.width = points)
    }

    /// Puts them at a value of the data instead of the edge, `set_position(0)` for axes through the origin; or at
    /// `("data", value)`, `("axes", part)`, `("outward", points)`, `"zero"`, `"center"`.
    ///
    /// # Panics
    /// `ValueError` for any other place.
    #[track_caller]
    pub fn set_position(self, place: impl IntoSpinePlace) -> Self {
        let place = valid(place.place());
        self.set(|spine| spine.at = Some(place))
    }

    /// Draws them only between two values of the data.
    pub fn set_bounds(self, low: impl Element, high: impl Element) -> Self {
        let bounds = (low.number(), high.number());
        self.set(|spine| spine.bounds = Some(bounds))
    }
}

/// Where a spine can stand: see [`Spines::set_position`].
pub trait IntoSpinePlace {
    /// The place.
    ///
    /// # Errors
    /// matplotlib's text for an unknown word.
    fn place(self) -> Result<SpinePlace, String>;
}

macro_rules! values {
    ($($t:ty),*) => { $(
        impl IntoSpinePlace for $t {
                    fn place(self) -> Result<SpinePlace, String> {
                Ok(SpinePlace::Data(self.number()))
            }
        }
    )* };
}
values!(f64, f32, i32, u32, usize);

impl IntoSpinePlace for &str {
    fn place(self) -> Result<SpinePlace, String> {
        one_of("position", self, &["center", "zero"])?;
        Ok(if self == "zero" { SpinePlace::Data(0.0) } else { SpinePlace::Axes(0.5) })
    }
}

impl<T: Element> IntoSpinePlace for (&str, T) {
    fn place(self) -> Result<SpinePlace, String> {
        one_of("position", self.0, &["outward", "axes", "data"])?;
        let value = self.1.number();
        Ok(match self.0 {
            "outward" => SpinePlace::Outward(value),
            "axes" => SpinePlace::Axes(value),
            _ => SpinePlace::Data(value),
        })
    }
}
