//! Boxes and polylines in display coordinates: union, clipping. Knows nothing of figures or pixels.

/// An axis-parallel box; y grows upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bbox {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Bbox {
    pub fn new(x0: f64, y0: f64, x1: f64, y1: f64) -> Bbox {
        Bbox { x0, y0, x1, y1 }
    }

    /// The smallest box around the points.
    pub fn around(points: impl IntoIterator<Item = [f64; 2]>) -> Bbox {
        points.into_iter().fold(Bbox::EMPTY, |b, [x, y]| Bbox::new(b.x0.min(x), b.y0.min(y), b.x1.max(x), b.y1.max(y)))
    }

    /// The box of nothing: the neutral element of [`Bbox::union`].
    pub const EMPTY: Bbox = Bbox { x0: f64::INFINITY, y0: f64::INFINITY, x1: f64::NEG_INFINITY, y1: f64::NEG_INFINITY };

    pub fn union(self, other: Bbox) -> Bbox {
        Bbox::new(self.x0.min(other.x0), self.y0.min(other.y0), self.x1.max(other.x1), self.y1.max(other.y1))
    }

    pub fn width(self) -> f64 {
        self.x1 - self.x0
    }

    pub fn height(self) -> f64 {
        self.y1 - self.y0
    }

    pub fn is_empty(self) -> bool {
        self.x0 > self.x1 || self.y0 > self.y1
    }

    pub fn shifted(self, dx: f64, dy: f64) -> Bbox {
        Bbox::new(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)
    }

    pub fn padded(self, by: f64) -> Bbox {
        Bbox::new(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)
    }

    pub fn contains(self, [x, y]: [f64; 2]) -> bool {
        self.x0 < x && x < self.x1 && self.y0 < y && y < self.y1
    }

    pub fn overlaps(self, other: Bbox) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.y0 < other.y1 && other.y0 < self.y1
    }

    /// The point at these fractions of the width and the height.
    pub fn at(self, fx: f64, fy: f64) -> [f64; 2] {
        [self.x0 + fx * self.width(), self.y0 + fy * self.height()]
    }

    /// The closed outline of the box with corners rounded by `radius`.
    pub fn rounded(self, radius: f64) -> Vec<[f64; 2]> {
        let (x0, y0, x1, y1) = (self.x0 + radius, self.y0 + radius, self.x1 - radius, self.y1 - radius);
        let mut points: Vec<[f64; 2]> = [(x1, y0, 270.0), (x1, y1, 0.0), (x0, y1, 90.0), (x0, y0, 180.0)]
            .into_iter()
            .flat_map(|(x, y, from)| {
                (0..=6).map(move |k| {
                    let (sin, cos) = f64::to_radians(from + 15.0 * f64::from(k)).sin_cos();
                    [x + radius * cos, y + radius * sin]
                })
            })
            .collect();
        points.push(points[0]);
        points
    }

    /// The part of the segment inside the box, as the two parameters along it (Liang and Barsky).
    fn clip_segment(self, a: [f64; 2], b: [f64; 2]) -> Option<(f64, f64)> {
        let (mut t0, mut t1) = (0.0, 1.0);
        let d = [b[0] - a[0], b[1] - a[1]];
        for (p, q) in [(-d[0], a[0] - self.x0), (d[0], self.x1 - a[0]), (-d[1], a[1] - self.y0), (d[1], self.y1 - a[1])]
        {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
                continue;
            }
            let t = q / p;
            if p < 0.0 {
                t0 = f64::max(t0, t);
            } else {
                t1 = f64::min(t1, t);
            }
        }
        (t0 <= t1).then_some((t0, t1))
    }

    /// Whether the polyline meets the box.
    pub fn meets(self, line: &[[f64; 2]]) -> bool {
        line.windows(2).any(|w| self.clip_segment(w[0], w[1]).is_some())
    }
}

/// The pieces of a polyline inside `window`, broken also where a coordinate is not finite.
pub(crate) fn clip_polyline(points: &[[f64; 2]], window: Bbox) -> Vec<Vec<[f64; 2]>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<[f64; 2]> = Vec::new();
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let finite = a.iter().chain(&b).all(|v| v.is_finite());
        let Some((t0, t1)) = finite.then(|| window.clip_segment(a, b)).flatten() else {
            flush(&mut piece, &mut pieces);
            continue;
        };
        let at = |t: f64| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
        if t0 > 0.0 {
            flush(&mut piece, &mut pieces);
        }
        if piece.is_empty() {
            piece.push(if t0 > 0.0 { at(t0) } else { a });
        }
        piece.push(if t1 < 1.0 { at(t1) } else { b });
        if t1 < 1.0 {
            flush(&mut piece, &mut pieces);
        }
    }
    flush(&mut piece, &mut pieces);
    pieces
}

fn flush(piece: &mut Vec<[f64; 2]>, pieces: &mut Vec<Vec<[f64; 2]>>) {
    if piece.len() > 1 {
        pieces.push(std::mem::take(piece));
    }
    piece.clear();
}

/// The same curve with fewer points: of those within half a pixel's width, the first, the last and the two extremes
/// are kept, which cover the same pixels; gaps stay. Stands for matplotlib's `path.simplify`.
pub(crate) fn simplify(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if points.len() < 1000 {
        return points;
    }
    let is_there = |p: &[f64; 2]| p[0].is_finite() && p[1].is_finite();
    // Half pixels are counted from far to the left, where cutting off is rounding down.
    let half = |p: &[f64; 2]| (p[0] * 2.0 + FAR) as i64;
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| half(a) == half(b) && is_there(a) == is_there(b)) {
        if column.len() <= 4 {
            kept.extend_from_slice(column);
            continue;
        }
        let (mut low, mut high) = (0, 0);
        for (i, p) in column.iter().enumerate() {
            if p[1] < column[low][1] {
                low = i;
            }
            if p[1] > column[high][1] {
                high = i;
            }
        }
        let mut indices = [0, low.min(high), low.max(high), column.len() - 1].to_vec();
        indices.dedup();
        kept.extend(indices.into_iter().map(|i| column[i]));
    }
    kept
}

/// More half pixels than any picture is wide.
const FAR: f64 = 1e9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_window_and_at_gaps() {
        let window = Bbox::new(0.0, 0.0, 10.0, 10.0);
        let across = clip_polyline(&[[-5.0, 5.0], [15.0, 5.0]], window);
        assert_eq!(across, [[[0.0, 5.0], [10.0, 5.0]]]);
        let broken = clip_polyline(&[[1.0, 1.0], [2.0, 2.0], [f64::NAN, 0.0], [3.0, 3.0], [4.0, 4.0]], window);
        assert_eq!(broken, [[[1.0, 1.0], [2.0, 2.0]], [[3.0, 3.0], [4.0, 4.0]]]);
        assert!(clip_polyline(&[[-1.0, -1.0], [-2.0, 20.0]], window).is_empty());
    }

    /// A noisy curve keeps its extremes in every column and loses most of its points.
    #[test]
    fn simplified_curves_cover_the_same_pixels() {
        let noise = |k: i32| f64::from((k * 7919) % 101);
        let points: Vec<[f64; 2]> = (0..20_000).map(|k| [f64::from(k) / 100.0, noise(k)]).collect();
        let kept = simplify(points.clone());
        assert!(kept.len() <= 4 * 400);
        let top = |points: &[[f64; 2]], column: f64| {
            points.iter().filter(|p| p[0].floor() == column).map(|p| p[1]).fold(f64::MIN, f64::max)
        };
        for column in 0..200 {
            assert_eq!(top(&points, f64::from(column)), top(&kept, f64::from(column)));
        }
    }
}
