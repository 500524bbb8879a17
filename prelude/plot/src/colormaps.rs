//! Colour maps: matplotlib's tables of 256 colours, and the ways to choose one. `matplotlib.colormaps`.

use crate::colors::Color;

/// A colour map: numbers from 0 to 1 become colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Colormap {
    name: String,
    colors: Vec<Color>,
}

macro_rules! tables {
    ($($name:ident),* $(,)?) => {
        const TABLES: &[(&str, &str)] =
            &[$((stringify!($name), include_str!(concat!("../data/colormaps/", stringify!($name), ".txt")))),*];

        /// The names of the colour maps, to be used as `plt::cm::binary`.
        #[allow(non_upper_case_globals, missing_docs)]
        pub mod cm {
            $(pub const $name: &str = stringify!($name);)*
        }
    };
}
tables! {
    viridis, plasma, inferno, magma, cividis, binary, gray, hot, jet, turbo, coolwarm, bwr, RdBu, Spectral, rainbow,
    Blues, Greens, Greys, Reds, Pastel1, tab10, tab20,
    Purples, Oranges, YlOrBr, YlOrRd, OrRd, PuRd, RdPu, BuPu, GnBu, PuBu, YlGnBu, PuBuGn, BuGn, YlGn, gist_yarg, gist_gray, bone, pink, spring, summer, autumn, winter, cool, Wistia, afmhot, gist_heat, copper, PiYG, PRGn, BrBG, PuOr, RdGy, RdYlBu, RdYlGn, seismic, berlin, managua, vanimo, twilight, twilight_shifted, hsv, Pastel2, Paired, Accent, Dark2, Set1, Set2, Set3, tab20b, tab20c, flag, prism, ocean, gist_earth, terrain, gist_stern, gnuplot, gnuplot2, CMRmap, cubehelix, brg, gist_rainbow, nipy_spectral, gist_ncar,
}

impl Colormap {
    /// The map of this name; `_r` at its end reverses it.
    ///
    /// # Errors
    /// matplotlib's text when there is none.
    pub fn named(name: &str) -> Result<Colormap, String> {
        let base = name.strip_suffix("_r").unwrap_or(name);
        let base = if base == "grey" { "gray" } else { base };
        let Some((_, table)) = TABLES.iter().find(|(n, _)| *n == base) else {
            let known: Vec<String> = TABLES.iter().map(|(n, _)| format!("'{n}'")).collect();
            return Err(format!(
                "ValueError: '{name}' is not a valid value for cmap. Supported values are {}",
                known.join(", ")
            ));
        };
        let mut colors: Vec<Color> = table.lines().map(row).collect();
        if base.len() != name.len() && name.ends_with("_r") {
            colors.reverse();
        }
        Ok(Colormap { name: name.to_owned(), colors })
    }

    /// The name it goes by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The colour of `t`: below 0 the first, above 1 the last, transparent for NaN.
    pub fn color(&self, t: f64) -> Color {
        if t.is_nan() {
            return Color::BLACK.with_alpha(0.0);
        }
        let n = self.colors.len();
        self.colors[((t * n as f64).floor().max(0.0) as usize).min(n - 1)]
    }

    pub(crate) fn colors(&self) -> &[Color] {
        &self.colors
    }
}

fn row(line: &str) -> Color {
    let part = |i| u8::from_str_radix(&line[i..i + 2], 16).expect("the tables hold hexadecimal rows");
    Color::from_bytes(part(0), part(2), part(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// viridis runs from #440154 to #fde725; `_r` turns it round.
    #[test]
    fn ends_of_viridis() {
        let map = Colormap::named("viridis").unwrap();
        assert_eq!(map.color(0.0).to_bytes(), [0x44, 0x01, 0x54, 255]);
        assert_eq!(map.color(1.0).to_bytes(), [0xfd, 0xe7, 0x25, 255]);
        assert_eq!(Colormap::named("viridis_r").unwrap().color(0.0), map.color(1.0));
        assert!(Colormap::named("nope").unwrap_err().starts_with("ValueError: 'nope' is not a valid value for cmap"));
    }
}
