//! Sets of settings: `matplotlib.style`. What each setting means is in `rc`.

use crate::rc_value::RcValue;

const SHEETS: [(&str, &str); 27] = [
    ("fast", ""),
    ("bmh", include_str!("../data/styles/bmh.txt")),
    ("Solarize_Light2", include_str!("../data/styles/Solarize_Light2.txt")),
    ("tableau-colorblind10", include_str!("../data/styles/tableau-colorblind10.txt")),
    ("petroff10", include_str!("../data/styles/petroff10.txt")),
    ("petroff6", include_str!("../data/styles/petroff6.txt")),
    ("petroff8", include_str!("../data/styles/petroff8.txt")),
    ("seaborn-v0_8-bright", include_str!("../data/styles/seaborn-v0_8-bright.txt")),
    ("seaborn-v0_8-colorblind", include_str!("../data/styles/seaborn-v0_8-colorblind.txt")),
    ("seaborn-v0_8-dark", include_str!("../data/styles/seaborn-v0_8-dark.txt")),
    ("seaborn-v0_8-dark-palette", include_str!("../data/styles/seaborn-v0_8-dark-palette.txt")),
    ("seaborn-v0_8-darkgrid", include_str!("../data/styles/seaborn-v0_8-darkgrid.txt")),
    ("seaborn-v0_8-deep", include_str!("../data/styles/seaborn-v0_8-deep.txt")),
    ("seaborn-v0_8-muted", include_str!("../data/styles/seaborn-v0_8-muted.txt")),
    ("seaborn-v0_8-notebook", include_str!("../data/styles/seaborn-v0_8-notebook.txt")),
    ("seaborn-v0_8-paper", include_str!("../data/styles/seaborn-v0_8-paper.txt")),
    ("seaborn-v0_8-pastel", include_str!("../data/styles/seaborn-v0_8-pastel.txt")),
    ("seaborn-v0_8-poster", include_str!("../data/styles/seaborn-v0_8-poster.txt")),
    ("seaborn-v0_8-talk", include_str!("../data/styles/seaborn-v0_8-talk.txt")),
    ("seaborn-v0_8-ticks", include_str!("../data/styles/seaborn-v0_8-ticks.txt")),
    ("seaborn-v0_8-white", include_str!("../data/styles/seaborn-v0_8-white.txt")),
    ("dark_background", include_str!("../data/styles/dark_background.txt")),
    ("fivethirtyeight", include_str!("../data/styles/fivethirtyeight.txt")),
    ("ggplot", include_str!("../data/styles/ggplot.txt")),
    ("grayscale", include_str!("../data/styles/grayscale.txt")),
    ("seaborn-v0_8", include_str!("../data/styles/seaborn-v0_8.txt")),
    ("seaborn-v0_8-whitegrid", include_str!("../data/styles/seaborn-v0_8-whitegrid.txt")),
];

/// The names [`use_`] knows.
pub fn available() -> Vec<&'static str> {
    std::iter::once("default").chain(SHEETS.iter().map(|(name, _)| *name)).collect()
}

/// Applies a style to what is drawn from now on: `plt.style.use("ggplot")`; `"default"` goes back.
///
/// # Panics
/// `OSError` when there is no style of that name.
#[track_caller]
pub fn use_(name: &str) {
    if name == "default" {
        crate::rc::rcdefaults();
        return;
    }
    let Some((_, sheet)) = SHEETS.iter().find(|(n, _)| *n == name) else {
        panic!(
            "OSError: '{name}' is not a valid package style, path of style file, URL of style file, or library \
             style name (library styles are listed in `style.available`)"
        );
    };
    let applied: Result<(), String> = crate::rc::change(|rc| {
        sheet
            .lines()
            .filter_map(|line| line.split_once(": "))
            .try_for_each(|(key, value)| rc.set(key, &RcValue::Text(value.to_owned())))
    });
    crate::handles::valid(applied);
}

/// Runs `f` with a style and restores the settings afterwards: `with plt.style.context(name): ...`.
///
/// # Panics
/// As [`use_`].
#[track_caller]
pub fn context<R>(name: &str, f: impl FnOnce() -> R) -> R {
    let place = std::panic::Location::caller();
    assert!(
        available().contains(&name),
        "OSError: '{name}' is not a valid package style, path of style file, URL of style file, or library style \
         name (library styles are listed in `style.available`), at {place}"
    );
    crate::rc::rc_context(|| {
        use_(name);
        f()
    })
}
