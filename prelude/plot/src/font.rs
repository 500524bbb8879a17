//! The fonts, embedded and found, and their glyphs: outlines, advances, kerning, the choice of font for a character.
//! Nothing here knows about lines of text or where they go; that is `text`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, RwLock};

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, HintingInstance, HintingOptions, OutlinePen};
use skrifa::raw::TableProvider;
use skrifa::{FontRef, GlyphId, MetadataProvider, Tag};

use crate::geometry::Bbox;
use crate::system_fonts;

/// One step of an outline, in pixels, y upwards.
#[derive(Clone, Copy)]
pub(crate) enum Segment {
    Move([f32; 2]),
    Line([f32; 2]),
    Quad([f32; 2], [f32; 2]),
    Cubic([f32; 2], [f32; 2], [f32; 2]),
    Close,
}

/// A glyph at one size: its outline, the pen's advance, its lowest and highest point.
pub(crate) struct Glyph {
    pub outline: Vec<Segment>,
    pub advance: f64,
    pub y_range: Option<(f64, f64)>,
}

/// The index of a font in the fall-back order.
pub(crate) type FaceIndex = u8;

struct Face {
    font: FontRef<'static>,
    /// DejaVu's instructions want whole pixels per em, as its `head` table says; the other font is scaled freely.
    whole_ppem: bool,
    kern: HashMap<(u16, u16), i16>,
}

static FACES: LazyLock<[Face; 5]> = LazyLock::new(|| {
    [
        Face::new(include_bytes!("../fonts/DejaVuSans-subset.ttf"), true),
        Face::new(include_bytes!("../fonts/NotoSansCJKkr-subset.otf"), false),
        Face::new(include_bytes!("../fonts/DejaVuSans-Oblique-subset.ttf"), true),
        Face::new(include_bytes!("../fonts/DejaVuSans-Bold-subset.ttf"), true),
        Face::new(include_bytes!("../fonts/DejaVuSansDisplay-subset.ttf"), true),
    ]
});

/// Fonts of the system that were needed so far; their indices follow those of the embedded ones.
static FOUND: RwLock<Vec<&'static Face>> = RwLock::new(Vec::new());

/// A font by its index.
fn face_at(index: FaceIndex) -> &'static Face {
    let index = usize::from(index);
    FACES.get(index).unwrap_or_else(|| {
        let found = FOUND.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        found.get(index - FACES.len()).copied().unwrap_or(&FACES[0])
    })
}

/// The glyph of a character no embedded font has, in a font of the system.
fn elsewhere(ch: char) -> Option<(FaceIndex, u16)> {
    static KNOWN: LazyLock<Mutex<HashMap<char, Option<(FaceIndex, u16)>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *known.entry(ch).or_insert_with(|| {
        let mut found = FOUND.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let glyph = |font: &FontRef| font.charmap().map(ch).map(|id| id.to_u32() as u16);
        if let Some((k, id)) = found.iter().enumerate().find_map(|(k, face)| Some((k, glyph(&face.font)?))) {
            return Some(((FACES.len() + k) as FaceIndex, id));
        }
        let (bytes, index) = system_fonts::font_with(ch)?;
        let font = FontRef::from_index(bytes, index).ok()?;
        let id = glyph(&font)?;
        if FACES.len() + found.len() > usize::from(FaceIndex::MAX) {
            return None;
        }
        found.push(Box::leak(Box::new(Face { font, whole_ppem: false, kern: HashMap::new() })));
        Some(((FACES.len() + found.len() - 1) as FaceIndex, id))
    })
}

impl Face {
    fn new(bytes: &'static [u8], whole_ppem: bool) -> Face {
        let font = FontRef::new(bytes).expect("the embedded font is well-formed");
        let kern = font.table_data(Tag::new(b"kern")).map(|t| kern_pairs(t.as_bytes())).unwrap_or_default();
        Face { font, whole_ppem, kern }
    }

    fn ppem(&self, size: f64) -> f64 {
        if self.whole_ppem { size.round().max(1.0) } else { size }
    }
}

/// Reads the pairs of a `kern` table of version 0 whose first subtable has format 0.
fn kern_pairs(table: &[u8]) -> HashMap<(u16, u16), i16> {
    let u16_at = |i: usize| table.get(i..i + 2).map(|b| u16::from_be_bytes([b[0], b[1]]));
    let count = u16_at(10).unwrap_or(0) as usize;
    (0..count)
        .filter_map(|k| {
            let at = 18 + 6 * k;
            Some(((u16_at(at)?, u16_at(at + 2)?), u16_at(at + 4)? as i16))
        })
        .collect()
}

/// The fonts text falls back through; those after them are for slanted and bold letters and large operators.
const UPRIGHT: std::ops::Range<FaceIndex> = 0..2;
const SLANTED: FaceIndex = 2;
const BOLD: FaceIndex = 3;
const DISPLAY: FaceIndex = 4;

fn glyph_in(face: FaceIndex, ch: char) -> Option<(FaceIndex, u16)> {
    face_at(face).font.charmap().map(ch).map(|id| (face, id.to_u32() as u16))
}

/// The first font that has `ch`, and its glyph there; the box that stands for a missing glyph when none has it.
pub(crate) fn lookup(ch: char) -> (FaceIndex, u16) {
    UPRIGHT.into_iter().find_map(|face| glyph_in(face, ch)).or_else(|| elsewhere(ch)).unwrap_or((0, 0))
}

/// The slanted form of a letter of mathematics.
pub(crate) fn lookup_slanted(ch: char) -> (FaceIndex, u16) {
    glyph_in(SLANTED, ch).unwrap_or_else(|| lookup(ch))
}

/// The bold form of a letter.
pub(crate) fn lookup_bold(ch: char) -> (FaceIndex, u16) {
    glyph_in(BOLD, ch).unwrap_or_else(|| lookup(ch))
}

/// The large form of a sum's or an integral's sign.
pub(crate) fn lookup_display(ch: char) -> (FaceIndex, u16) {
    glyph_in(DISPLAY, ch).unwrap_or_else(|| lookup(ch))
}

/// The box of the glyph as it was designed.
pub(crate) fn unhinted_bounds(face: FaceIndex, id: u16, size: f64) -> Option<Bbox> {
    let points = unhinted(face, id, size).into_iter().flat_map(|segment| match segment {
        Segment::Move(p) | Segment::Line(p) => vec![p],
        Segment::Quad(c, p) => vec![c, p],
        Segment::Cubic(c, d, p) => vec![c, d, p],
        Segment::Close => Vec::new(),
    });
    let bounds = Bbox::around(points.map(|p| p.map(f64::from)));
    (!bounds.is_empty()).then_some(bounds)
}

/// How far the pair is moved together (negative) or apart, in pixels at `size` pixels per em.
pub(crate) fn kerning(face: FaceIndex, left: u16, right: u16, size: f64) -> f64 {
    let face = face_at(face);
    let units = face.kern.get(&(left, right)).copied().unwrap_or(0);
    if units == 0 {
        return 0.0;
    }
    let per_em = face.font.head().map_or(2048.0, |head| f64::from(head.units_per_em()));
    // FreeType and HarfBuzz place glyphs on a grid of 1/64 pixel.
    (f64::from(units) * size / per_em * 64.0).round() / 64.0
}

/// The glyph's advance at `size` pixels per em, not rounded.
pub(crate) fn linear_advance(face: FaceIndex, id: u16, size: f64) -> f64 {
    let metrics = face_at(face).font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    f64::from(metrics.advance_width(GlyphId::from(id)).unwrap_or(0.0))
}

/// The lowest and the highest point of the glyph as it was designed.
pub(crate) fn unhinted_y_range(face: FaceIndex, id: u16, size: f64) -> Option<(f64, f64)> {
    let mut pen = Pen::default();
    let outline = face_at(face).font.outline_glyphs().get(GlyphId::from(id))?;
    outline.draw(DrawSettings::unhinted(Size::new(size as f32), LocationRef::default()), &mut pen).ok()?;
    pen.y_range()
}

/// The outline of a glyph as it was designed, at `size` pixels per em.
pub(crate) fn unhinted(face: FaceIndex, id: u16, size: f64) -> Vec<Segment> {
    let mut pen = Pen::default();
    if let Some(outline) = face_at(face).font.outline_glyphs().get(GlyphId::from(id)) {
        let settings = DrawSettings::unhinted(Size::new(size as f32), LocationRef::default());
        // A glyph that cannot be drawn leaves its space empty.
        let _ = outline.draw(settings, &mut pen);
    }
    pen.0
}

/// The size at which outlines for documents are taken, in units per em.
pub(crate) const UNITS: f64 = 1000.0;

type Cache = HashMap<(FaceIndex, u16, u32), Arc<Glyph>>;
type Hinters = HashMap<(FaceIndex, u32), Option<HintingInstance>>;

/// The glyph's outline at `size` pixels per em, fitted to the pixel grid by the font's own instructions.
pub(crate) fn glyph(face: FaceIndex, id: u16, size: f64) -> Arc<Glyph> {
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);
    let key = (face, id, (size as f32).to_bits());
    let mut cache = CACHE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(glyph) = cache.get(&key) {
        return glyph.clone();
    }
    let glyph = Arc::new(load(face, id, size));
    cache.insert(key, glyph.clone());
    glyph
}

fn load(face_index: FaceIndex, id: u16, size: f64) -> Glyph {
    let face = face_at(face_index);
    let gid = GlyphId::from(id);
    let ppem = Size::new(face.ppem(size) as f32);
    let outlines = face.font.outline_glyphs();
    let mut pen = Pen::default();
    if let Some(outline) = outlines.get(gid) {
        let drawn = with_hinting(face_index, ppem, |hinting| {
            hinting.is_some_and(|h| outline.draw(DrawSettings::hinted(h, false), &mut pen).is_ok())
        });
        if !drawn {
            pen = Pen::default();
            // A glyph that cannot be drawn leaves its space empty.
            let _ = outline.draw(DrawSettings::unhinted(ppem, LocationRef::default()), &mut pen);
        }
    }
    let advance = face.font.glyph_metrics(ppem, LocationRef::default()).advance_width(gid).unwrap_or(0.0);
    Glyph { y_range: pen.y_range(), outline: pen.0, advance: f64::from(advance.round()) }
}

/// Calls `f` with the hinter of a font at a size; setting one up runs the font's programs, so they are kept.
fn with_hinting<R>(face: FaceIndex, size: Size, f: impl FnOnce(Option<&HintingInstance>) -> R) -> R {
    static HINTERS: LazyLock<Mutex<Hinters>> = LazyLock::new(Mutex::default);
    let mut hinters = HINTERS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let key = (face, size.ppem().unwrap_or(0.0).to_bits());
    let hinter = hinters.entry(key).or_insert_with(|| {
        let outlines = face_at(face).font.outline_glyphs();
        HintingInstance::new(&outlines, size, LocationRef::default(), HintingOptions::default()).ok()
    });
    f(hinter.as_ref())
}

#[derive(Default)]
struct Pen(Vec<Segment>);

impl Pen {
    fn y_range(&self) -> Option<(f64, f64)> {
        let mut range: Option<(f64, f64)> = None;
        let mut add = |p: &[f32; 2]| {
            let y = f64::from(p[1]);
            range = Some(range.map_or((y, y), |(low, high)| (low.min(y), high.max(y))));
        };
        for segment in &self.0 {
            match segment {
                Segment::Move(p) | Segment::Line(p) => add(p),
                Segment::Quad(c, p) => [c, p].into_iter().for_each(&mut add),
                Segment::Cubic(c, d, p) => [c, d, p].into_iter().for_each(&mut add),
                Segment::Close => {}
            }
        }
        range
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Segment::Move([x, y]));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Segment::Line([x, y]));
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.push(Segment::Quad([cx, cy], [x, y]));
    }
    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.0.push(Segment::Cubic([cx0, cy0], [cx1, cy1], [x, y]));
    }
    fn close(&mut self) {
        self.0.push(Segment::Close);
    }
}
