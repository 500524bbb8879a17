//! Lines along a field of vectors on a grid: where they start, how they are followed, where they end. Numbers only;
//! drawing is in `streamplot`. Follows `matplotlib.streamplot`.

/// The vectors of a grid, row by row, with the steps of its places.
pub(crate) struct Field {
    pub columns: usize,
    pub rows: usize,
    pub origin: [f64; 2],
    pub step: [f64; 2],
    pub u: Vec<f64>,
    pub v: Vec<f64>,
}

/// How lines are followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Cells of the mask that keeps lines apart, along x and y.
    pub mask: [usize; 2],
    /// Lengths of lines in parts of the axes.
    pub shortest: f64,
    pub longest: f64,
    pub backward: bool,
    pub forward: bool,
    /// Whether lines end where they come near others.
    pub broken: bool,
}

/// Which cells of the mask lines have passed.
struct Mask {
    size: [usize; 2],
    taken: Vec<bool>,
    /// The cells of the present line.
    line: Vec<usize>,
    current: Option<[usize; 2]>,
}

impl Mask {
    /// Enters a cell; false when another line has been there.
    fn enter(&mut self, cell: [usize; 2], broken: bool) -> bool {
        if self.current == Some(cell) {
            return true;
        }
        let at = cell[1] * self.size[0] + cell[0];
        if self.taken[at] {
            return !broken;
        }
        self.line.push(at);
        self.taken[at] = true;
        self.current = Some(cell);
        true
    }
}

/// The error of a step in parts of the axes at which it is made shorter.
const MAX_ERROR: f64 = 0.003;

impl Field {
    /// The number of a field at a place in grid units, between its points.
    pub fn between(&self, values: &[f64], [x, y]: [f64; 2]) -> f64 {
        let (i, j) = (x as usize, y as usize);
        let (next_i, next_j) = ((i + 1).min(self.columns - 1), (j + 1).min(self.rows - 1));
        let at = |i: usize, j: usize| values[j * self.columns + i];
        let (s, t) = (x - i as f64, y - j as f64);
        let low = at(i, j) * (1.0 - s) + at(next_i, j) * s;
        let high = at(i, next_j) * (1.0 - s) + at(next_i, next_j) * s;
        low * (1.0 - t) + high * t
    }

    fn holds(&self, [x, y]: [f64; 2]) -> bool {
        (0.0..=(self.columns - 1) as f64).contains(&x) && (0.0..=(self.rows - 1) as f64).contains(&y)
    }

    /// The place of a point in grid units.
    pub fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.origin[0] + x * self.step[0], self.origin[1] + y * self.step[1]]
    }

    /// All lines, in grid units.
    pub fn lines(&self, rules: &Rules, starts: Option<&[[f64; 2]]>) -> Vec<Vec<[f64; 2]>> {
        let size = rules.mask;
        let mut mask = Mask { size, taken: vec![false; size[0] * size[1]], line: Vec::new(), current: None };
        let follower = Follower::new(self, rules);
        let mut lines = Vec::new();
        if let Some(starts) = starts {
            for start in starts {
                let cells = [0, 1].map(|k| (start[k] - self.origin[k]) / self.step[k]);
                let most = [(self.columns - 1) as f64, (self.rows - 1) as f64];
                let start = [cells[0].clamp(0.0, most[0]), cells[1].clamp(0.0, most[1])];
                lines.extend(follower.both_ways(start, &mut mask));
            }
            return lines;
        }
        for [x, y] in spiral(size) {
            if !mask.taken[y * size[0] + x] {
                let start = [x as f64 / follower.to_mask[0], y as f64 / follower.to_mask[1]];
                lines.extend(follower.both_ways(start, &mut mask));
            }
        }
        lines
    }
}

struct Follower<'a> {
    field: &'a Field,
    rules: &'a Rules,
    /// The vectors in grid units, and their lengths in parts of the axes.
    u: Vec<f64>,
    v: Vec<f64>,
    speed: Vec<f64>,
    /// Cells of the mask for each unit of the grid.
    to_mask: [f64; 2],
}

/// Why a step cannot be made.
enum Stop {
    Outside,
    Still,
}

impl<'a> Follower<'a> {
    fn new(field: &'a Field, rules: &'a Rules) -> Follower<'a> {
        let scaled = |values: &[f64], step: f64| -> Vec<f64> { values.iter().map(|v| v / step).collect() };
        let (u, v) = (scaled(&field.u, field.step[0]), scaled(&field.v, field.step[1]));
        let [w, h] = [(field.columns - 1) as f64, (field.rows - 1) as f64];
        let speed = u.iter().zip(&v).map(|(u, v)| (u / w).hypot(v / h)).collect();
        let to_mask = [(rules.mask[0] - 1) as f64 / w, (rules.mask[1] - 1) as f64 / h];
        Follower { field, rules, u, v, speed, to_mask }
    }

    fn cell(&self, at: [f64; 2]) -> [usize; 2] {
        [0, 1].map(|k| (at[k] * self.to_mask[k]).round_ties_even() as usize)
    }

    /// The direction at a place, one axes' length long.
    fn direction(&self, at: [f64; 2], sign: f64) -> Result<[f64; 2], Stop> {
        if !self.field.holds(at) {
            return Err(Stop::Outside);
        }
        let speed = self.field.between(&self.speed, at);
        if speed == 0.0 || !speed.is_finite() {
            return Err(Stop::Still);
        }
        Ok([&self.u, &self.v].map(|values| sign * self.field.between(values, at) / speed))
    }

    /// The line through a point; none when it is too short.
    fn both_ways(&self, start: [f64; 2], mask: &mut Mask) -> Option<Vec<[f64; 2]>> {
        mask.line.clear();
        if !mask.enter(self.cell(start), self.rules.broken) {
            return None;
        }
        let (mut length, mut line) = (0.0, Vec::new());
        if self.rules.backward {
            let (s, points) = self.follow(start, -1.0, mask);
            length += s;
            line.extend(points.into_iter().rev());
        }
        if self.rules.forward {
            mask.current = Some(self.cell(start));
            let (s, points) = self.follow(start, 1.0, mask);
            length += s;
            line.extend(points.into_iter().skip(1));
        }
        if length > self.rules.shortest && line.len() > 1 {
            return Some(line);
        }
        for at in mask.line.drain(..) {
            mask.taken[at] = false;
        }
        None
    }

    /// Follows the field from a point by Heun's method; the length is in parts of the axes.
    fn follow(&self, start: [f64; 2], sign: f64, mask: &mut Mask) -> (f64, Vec<[f64; 2]>) {
        let most = (1.0 / self.rules.mask[0] as f64).min(1.0 / self.rules.mask[1] as f64).min(0.1);
        let (mut ds, mut length, mut at) = (most, 0.0, start);
        let mut points = Vec::new();
        let [w, h] = [(self.field.columns - 1) as f64, (self.field.rows - 1) as f64];
        // A field without end is followed no longer than any line is.
        for _ in 0..100_000 {
            if !self.field.holds(at) {
                length += self.to_the_border(&mut points, sign);
                break;
            }
            points.push(at);
            let steps = self.direction(at, sign).and_then(|a| {
                let ahead = [at[0] + ds * a[0], at[1] + ds * a[1]];
                Ok((a, self.direction(ahead, sign)?))
            });
            let (a, b) = match steps {
                Ok(steps) => steps,
                Err(Stop::Outside) => {
                    length += self.to_the_border(&mut points, sign);
                    break;
                }
                Err(Stop::Still) => break,
            };
            let euler = a.map(|v| ds * v);
            let heun = [0, 1].map(|k| ds * 0.5 * (a[k] + b[k]));
            let error = ((heun[0] - euler[0]) / w).hypot((heun[1] - euler[1]) / h);
            if error < MAX_ERROR {
                at = [at[0] + heun[0], at[1] + heun[1]];
                let inside = self.field.holds(at);
                if !inside || !mask.enter(self.cell(at), self.rules.broken) || length + ds > self.rules.longest {
                    break;
                }
                length += ds;
            }
            ds = if error == 0.0 { most } else { most.min(0.85 * ds * (MAX_ERROR / error).sqrt()) };
        }
        (length, points)
    }

    /// Goes on straight to the border of the grid; the result is how far that is.
    fn to_the_border(&self, points: &mut Vec<[f64; 2]>, sign: f64) -> f64 {
        let Some(&at) = points.last() else { return 0.0 };
        let Ok(direction) = self.direction(at, sign) else { return 0.0 };
        let most = [(self.field.columns - 1) as f64, (self.field.rows - 1) as f64];
        let far = |k: usize| match direction[k] {
            0.0 => f64::INFINITY,
            c if c < 0.0 => at[k] / -c,
            c => (most[k] - at[k]) / c,
        };
        let ds = far(0).min(far(1));
        points.push([at[0] + direction[0] * ds, at[1] + direction[1] * ds]);
        ds
    }
}

/// The cells of a mask from the outer ones inwards.
fn spiral([columns, rows]: [usize; 2]) -> Vec<[usize; 2]> {
    let (mut first, mut last) = ([0i64, 1], [columns as i64 - 1, rows as i64 - 1]);
    let (mut at, mut side) = ([0i64, 0], 0);
    let mut cells = Vec::with_capacity(columns * rows);
    for _ in 0..columns * rows {
        cells.push([at[0].clamp(0, columns as i64 - 1) as usize, at[1].clamp(0, rows as i64 - 1) as usize]);
        let k = side % 2;
        if side < 2 {
            at[k] += 1;
            if at[k] >= last[k] {
                last[k] -= 1;
                side += 1;
            }
        } else {
            at[k] -= 1;
            if at[k] <= first[k] {
                first[k] += 1;
                side = (side + 1) % 4;
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An even field's lines are straight, from border to border.
    #[test]
    fn straight_lines() {
        let field =
            Field { columns: 3, rows: 3, origin: [0.0, 0.0], step: [0.5, 0.5], u: vec![1.0; 9], v: vec![0.0; 9] };
        let rules = Rules { mask: [6, 6], shortest: 0.1, longest: 2.0, backward: true, forward: true, broken: true };
        let lines = field.lines(&rules, None);
        assert_eq!(lines.len(), 6);
        for line in lines {
            assert!(line.iter().all(|p| (p[1] - line[0][1]).abs() < 1e-12));
            let (a, z) = (field.place(line[0]), field.place(line[line.len() - 1]));
            assert!(a[0].abs() < 1e-9 && (z[0] - 1.0).abs() < 1e-9);
        }
    }

    /// The order of `matplotlib.streamplot._gen_starting_points((3, 3))`.
    #[test]
    fn starts() {
        let expected = [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1], [1, 1]];
        assert_eq!(spiral([3, 3]), expected);
    }
}
