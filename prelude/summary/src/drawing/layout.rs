//! Layered layout of one scope: layers by the longest path, order by barycentres, places by neighbours' means. It knows
//! boxes and edges, not what they stand for.

use std::collections::HashMap;

/// What has to be placed.
#[derive(Clone, Copy)]
pub struct Cell {
    pub width: f64,
    pub height: f64,
    pub pin: Pin,
}

/// Where edges from outside come in, and where edges to the outside leave.
#[derive(Clone, Copy, PartialEq)]
pub enum Pin {
    None,
    Bottom,
    Top,
}

/// The cells' centres and, for each edge, the points between its ends. y grows downwards, data flows upwards.
pub struct Layout {
    pub width: f64,
    pub height: f64,
    pub centres: Vec<(f64, f64)>,
    pub bends: Vec<Vec<(f64, f64)>>,
}

/// Between neighbours in a layer, and between layers.
const GAP: f64 = 22.0;
const RISE: f64 = 34.0;
const BEND: f64 = 16.0;
/// Where an edge passes a layer.
const PASS: Cell = Cell { width: 8.0, height: 0.0, pin: Pin::None };

pub fn arrange(cells: &[Cell], edges: &[(usize, usize)]) -> Layout {
    let forward = acyclic(cells.len(), edges);
    let layer = layers(cells, &forward);
    let count = layer.iter().max().map_or(0, |l| l + 1);
    // Edges over several layers go by way of a point in each.
    let mut all = cells.to_vec();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    layer.iter().enumerate().for_each(|(cell, l)| rows[*l].push(cell));
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for &(from, to) in &forward {
        let mut chain = vec![from];
        for row in rows.iter_mut().take(layer[to]).skip(layer[from] + 1) {
            chain.push(all.len());
            row.push(all.len());
            all.push(PASS);
        }
        chain.push(to);
        chains.push(chain);
    }
    let mut near: Vec<[Vec<usize>; 2]> = vec![[Vec::new(), Vec::new()]; all.len()];
    for pair in chains.iter().flat_map(|chain| chain.windows(2)) {
        near[pair[1]][0].push(pair[0]);
        near[pair[0]][1].push(pair[1]);
    }
    order(&mut rows, &near);
    let x = columns(&rows, &near, &all);
    let left = (0..all.len()).map(|c| x[c] - all[c].width / 2.0).fold(f64::INFINITY, f64::min);
    let right = (0..all.len()).map(|c| x[c] + all[c].width / 2.0).fold(f64::NEG_INFINITY, f64::max);
    let mut y = vec![0.0; all.len()];
    let mut reach = vec![0.0; all.len()];
    let mut top = 0.0;
    let heights: Vec<f64> = rows.iter().map(|row| row.iter().map(|c| all[*c].height).fold(0.0, f64::max)).collect();
    for (i, row) in rows.iter().enumerate().rev() {
        row.iter().for_each(|c| (y[*c], reach[*c]) = (top + heights[i] / 2.0, heights[i] / 2.0));
        // Ports need no more than a curve's room.
        let next = i.checked_sub(1).map_or(0.0, |below| if heights[i].min(heights[below]) > 0.0 { RISE } else { BEND });
        top += heights[i] + next;
    }
    let centre = |c: usize| (x[c] - left, y[c]);
    // Beside a high box an edge goes straight up, also from and to a low one.
    let pass = |c: &usize| [(x[*c] - left, y[*c] + reach[*c]), (x[*c] - left, y[*c] - reach[*c])];
    let bends = chains.iter().zip(&forward).zip(edges).map(|((chain, forward), edge)| {
        let (first, last) = (chain[0], chain[chain.len() - 1]);
        let low = |c: &usize| all[*c].height < 2.0 * reach[*c];
        let above = Some(first).filter(low).map(|c| pass(&c)[1]);
        let below = Some(last).filter(low).map(|c| pass(&c)[0]);
        let between = chain[1..chain.len() - 1].iter().flat_map(pass);
        let mut points: Vec<(f64, f64)> = above.into_iter().chain(between).chain(below).collect();
        if forward != edge {
            points.reverse();
        }
        points
    });
    let bends = bends.collect();
    let width = if all.is_empty() { 0.0 } else { right - left };
    Layout { width, height: top, centres: (0..cells.len()).map(centre).collect(), bends }
}

/// The edges with those turned round that would close a cycle.
fn acyclic(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    edges.iter().for_each(|(from, to)| out[*from].push(*to));
    // 0: not met, 1: on the way here, 2: done.
    let mut state = vec![0u8; count];
    let mut back = std::collections::HashSet::new();
    for root in 0..count {
        let mut stack = vec![(root, 0)];
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        while let Some((cell, next)) = stack.pop() {
            let Some(&to) = out[cell].get(next) else {
                state[cell] = 2;
                continue;
            };
            stack.push((cell, next + 1));
            match state[to] {
                0 => {
                    state[to] = 1;
                    stack.push((to, 0));
                }
                1 => drop(back.insert((cell, to))),
                _ => {}
            }
        }
    }
    edges.iter().map(|(from, to)| if back.contains(&(*from, *to)) { (*to, *from) } else { (*from, *to) }).collect()
}

/// The layer of each cell, 0 at the bottom.
fn layers(cells: &[Cell], edges: &[(usize, usize)]) -> Vec<usize> {
    let bottom = cells.iter().any(|c| c.pin == Pin::Bottom);
    let mut layer: Vec<usize> = cells.iter().map(|c| usize::from(bottom && c.pin != Pin::Bottom)).collect();
    // Without cycles, as many rounds as there are cells are enough.
    for _ in 0..cells.len() {
        let mut changed = false;
        for (from, to) in edges {
            if layer[*to] <= layer[*from] {
                layer[*to] = layer[*from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let last = cells.iter().zip(&layer).filter(|(c, _)| c.pin != Pin::Top).map(|(_, l)| *l).max().unwrap_or(0);
    cells.iter().zip(&mut layer).filter(|(c, _)| c.pin == Pin::Top).for_each(|(_, layer)| *layer = last + 1);
    // What nothing flows into stands next to what it flows into.
    for cell in (0..cells.len()).filter(|c| cells[*c].pin == Pin::None) {
        let users = edges.iter().filter(|(from, _)| *from == cell).map(|(_, to)| layer[*to]);
        if !edges.iter().any(|(_, to)| *to == cell)
            && let Some(first) = users.min()
        {
            layer[cell] = first - 1;
        }
    }
    layer
}

/// Sorts each layer by the mean place of the neighbours below and above, back and forth.
fn order(rows: &mut [Vec<usize>], near: &[[Vec<usize>; 2]]) {
    for sweep in 0..12 {
        let side = sweep % 2;
        let mut place: HashMap<usize, f64> = HashMap::new();
        let sequence: Vec<usize> = if side == 0 { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for r in sequence {
            let width = rows[r].len() as f64;
            let mut keyed: Vec<(f64, usize)> = (rows[r].iter().enumerate())
                .map(|(i, cell)| {
                    let around: Vec<f64> = near[*cell][side].iter().filter_map(|n| place.get(n).copied()).collect();
                    let own = (i as f64 + 0.5) / width;
                    (if around.is_empty() { own } else { around.iter().sum::<f64>() / around.len() as f64 }, *cell)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[r] = keyed.into_iter().map(|(_, cell)| cell).collect();
            rows[r].iter().enumerate().for_each(|(i, cell)| {
                place.insert(*cell, (i as f64 + 0.5) / width);
            });
        }
    }
}

/// The x of each cell: near the mean of its neighbours, apart from those beside it.
fn columns(rows: &[Vec<usize>], near: &[[Vec<usize>; 2]], cells: &[Cell]) -> Vec<f64> {
    let mut x = vec![0.0; cells.len()];
    for _ in 0..24 {
        for row in rows {
            let wanted: Vec<f64> = (row.iter())
                .map(|cell| {
                    let around: Vec<f64> = near[*cell].iter().flatten().map(|n| x[*n]).collect();
                    if around.is_empty() { x[*cell] } else { around.iter().sum::<f64>() / around.len() as f64 }
                })
                .collect();
            let apart = |i: usize| (cells[row[i - 1]].width + cells[row[i]].width) / 2.0 + GAP;
            let (mut low, mut high) = (wanted.clone(), wanted);
            (1..row.len()).for_each(|i| low[i] = low[i].max(low[i - 1] + apart(i)));
            (1..row.len()).rev().for_each(|i| high[i - 1] = high[i - 1].min(high[i] - apart(i)));
            for (i, cell) in row.iter().enumerate() {
                x[*cell] = f64::midpoint(low[i], high[i]);
            }
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Cell = Cell { width: 40.0, height: 20.0, pin: Pin::None };

    #[test]
    fn boxes_do_not_overlap_and_data_flow_upwards() {
        let edges = [(0, 2), (1, 2), (2, 3), (0, 3), (4, 3), (2, 5), (5, 6), (1, 6), (0, 6)];
        let layout = arrange(&[BOX; 7], &edges);
        for (i, a) in layout.centres.iter().enumerate() {
            assert!(a.0 >= 20.0 && a.0 <= layout.width - 20.0 && a.1 >= 10.0 && a.1 <= layout.height - 10.0);
            for b in &layout.centres[i + 1..] {
                assert!((a.0 - b.0).abs() >= 40.0 || (a.1 - b.1).abs() >= 20.0, "{a:?} and {b:?}");
            }
        }
        for (from, to) in edges {
            assert!(layout.centres[to].1 < layout.centres[from].1, "{from} flows up to {to}");
        }
    }

    #[test]
    fn pins_are_at_the_borders() {
        let pin = |pin| Cell { width: 8.0, height: 0.0, pin };
        let cells = [pin(Pin::Bottom), BOX, BOX, pin(Pin::Top)];
        let layout = arrange(&cells, &[(0, 1), (1, 2), (1, 3)]);
        assert_eq!(layout.centres[0].1, layout.height);
        assert_eq!(layout.centres[3].1, 0.0);
        assert_eq!(layout.bends[2].len(), 2, "the way out passes the second box's layer");
    }

    #[test]
    fn a_cycle_is_laid_out_too() {
        let layout = arrange(&[BOX; 3], &[(0, 1), (1, 2), (2, 0)]);
        assert!(layout.centres[2].1 < layout.centres[0].1);
    }
}
