//! Pictures drawn here against matplotlib's of the same data: same size, axes at the same place, small differences where
//! there is ink. Side-by-side pictures are written under target/figures.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use flowbook_plot as plt;

pub struct Picture {
    pub width: usize,
    pub height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    pub fn decode(reader: impl std::io::BufRead + std::io::Seek) -> Picture {
        let mut reader = png::Decoder::new(reader).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a picture of known size")];
        let info = reader.next_frame(&mut bytes).expect("a whole PNG");
        let step = info.color_type.samples();
        let rgb = bytes[..info.buffer_size()].chunks_exact(step).flat_map(|p| [p[0], p[1], p[2]]).collect();
        Picture { width: info.width as usize, height: info.height as usize, rgb }
    }

    fn reference(name: &str) -> Picture {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{name}.png"));
        Picture::decode(BufReader::new(File::open(path).expect("the fixture is there")))
    }

    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let i = 3 * (y * self.width + x);
        [self.rgb[i], self.rgb[i + 1], self.rgb[i + 2]]
    }

    /// The rows (or columns) that are dark over most of the longest stretch any has: where spines are.
    fn spines(&self, rows: bool) -> Vec<usize> {
        let (n, m) = if rows { (self.height, self.width) } else { (self.width, self.height) };
        let dark = |i: usize| {
            (0..m)
                .filter(|&j| {
                    let p = if rows { self.at(j, i) } else { self.at(i, j) };
                    p.iter().all(|&v| v < 60)
                })
                .count()
        };
        let counts: Vec<usize> = (0..n).map(dark).collect();
        let most = *counts.iter().max().expect("a picture has rows");
        (0..n).filter(|&i| counts[i] * 10 >= most * 9).collect()
    }
}

/// The mean absolute difference over pixels where either picture is not white.
fn difference(a: &Picture, b: &Picture) -> f64 {
    let (mut total, mut inked) = (0u64, 0u64);
    for (p, q) in a.rgb.chunks_exact(3).zip(b.rgb.chunks_exact(3)) {
        if p.iter().chain(q).all(|&v| v == 255) {
            continue;
        }
        inked += 3;
        total += p.iter().zip(q).map(|(&x, &y)| u64::from(x.abs_diff(y))).sum::<u64>();
    }
    total as f64 / inked.max(1) as f64
}

/// Ours, matplotlib's and the difference (dark where they differ), from left to right.
fn write_side_by_side(name: &str, ours: &Picture, theirs: &Picture) {
    let (w, h) = (ours.width.max(theirs.width), ours.height.max(theirs.height));
    let mut rgb = vec![255u8; 3 * 3 * w * h];
    let get = |p: &Picture, x: usize, y: usize| if x < p.width && y < p.height { p.at(x, y) } else { [255; 3] };
    for y in 0..h {
        for x in 0..w {
            let (a, b) = (get(ours, x, y), get(theirs, x, y));
            let d = [0, 1, 2].map(|k| 255 - a[k].abs_diff(b[k]));
            for (column, p) in [a, b, d].into_iter().enumerate() {
                let i = 3 * (y * 3 * w + column * w + x);
                rgb[i..i + 3].copy_from_slice(&p);
            }
        }
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../figures");
    std::fs::create_dir_all(&folder).expect("target is writable");
    let file = File::create(folder.join(format!("{}.png", name.replace('/', "-")))).expect("target is writable");
    let mut encoder = png::Encoder::new(file, 3 * w as u32, h as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().and_then(|mut w| w.write_image_data(&rgb)).expect("target is writable");
}

/// The outer spines of both pictures, rows or columns, lie within two pixels.
fn check_spines(name: &str, ours: &Picture, theirs: &Picture) {
    for rows in [true, false] {
        let (a, b) = (ours.spines(rows), theirs.spines(rows));
        let near = |x: Option<&usize>, y: Option<&usize>| x.zip(y).is_some_and(|(x, y)| x.abs_diff(*y) <= 2);
        assert!(near(a.first(), b.first()) && near(a.last(), b.last()), "{name}: spines {a:?} against {b:?}");
    }
}

/// Draws one figure at a time, since the current figure belongs to the process; the mean difference over ink may be at
/// most `most` of 255.
pub fn compare_within(name: &str, most: f64, draw: impl FnOnce(&Picture)) {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let theirs = Picture::reference(name);
    draw(&theirs);
    let ours = Picture::decode(std::io::Cursor::new(plt::gcf().to_png()));
    plt::close();
    write_side_by_side(name, &ours, &theirs);
    assert_eq!((ours.width, ours.height), (theirs.width, theirs.height), "{name}: size in pixels");
    // Styles have spines of other colours, pies have none.
    if !["style_", "pies"].iter().any(|kind| name.contains(kind)) {
        check_spines(name, &ours, &theirs);
    }
    let d = difference(&ours, &theirs);
    println!("{name}: mean difference over ink {d:.2} of 255");
    assert!(d <= most, "{name}: mean difference over ink {d:.1} of 255");
}
