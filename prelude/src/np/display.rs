//! Arrays as HTML under a cell: a small table with its shape, or pictures for what is a picture. The plain text is
//! elsewhere.

use std::fmt::Write;

use crate::array::{Array, Data};

/// No more rows and columns than this are shown, half of them from the start and half from the end.
const ROWS: usize = 10;
const COLUMNS: usize = 12;

/// An array of one or two axes as a table; the first pictures of a stack `[n, height, width]` as a grid. None where
/// the plain text says it all.
pub(crate) fn table(array: &Array) -> Option<String> {
    let caption = format!("shape {}, dtype {}", tuple(array.shape()), array.dtype().name());
    match *array.shape() {
        [n] if n > 0 => Some(rows(array, 1, n, &caption)),
        [n, m] if n > 0 && m > 0 => Some(rows(array, n, m, &caption)),
        [_, h, w] if (8..=128).contains(&h) && (8..=128).contains(&w) => Some(grid(array, &caption)),
        _ => None,
    }
}

fn tuple(shape: &[usize]) -> String {
    match shape {
        [n] => format!("({n},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The indices that are shown of `n`; none stands for what is left out.
fn shown(n: usize, most: usize) -> Vec<Option<usize>> {
    if n <= most {
        return (0..n).map(Some).collect();
    }
    let half = most / 2;
    (0..half).map(Some).chain([None]).chain((n - half..n).map(Some)).collect()
}

fn cell(data: &Data, k: usize) -> String {
    match data {
        Data::Float32(v) => format!("{:?}", v[k]),
        Data::Float64(v) => format!("{:?}", v[k]),
        Data::Int32(v) => v[k].to_string(),
        Data::Int64(v) => v[k].to_string(),
        Data::UInt8(v) => v[k].to_string(),
        Data::Bool(v) => if v[k] { "True" } else { "False" }.to_owned(),
        Data::String(v) => v[k].replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
    }
}

fn rows(array: &Array, n: usize, m: usize, caption: &str) -> String {
    let mut html = String::from("<table>");
    for row in shown(n, ROWS) {
        html.push_str("<tr>");
        for column in shown(m, COLUMNS) {
            let text = match (row, column) {
                (Some(i), Some(j)) => cell(array.data(), i * m + j),
                (None, _) => "⋮".to_owned(),
                (_, None) => "⋯".to_owned(),
            };
            let _ = write!(html, "<td style=\"text-align:right\">{text}</td>");
        }
        html.push_str("</tr>");
    }
    let _ = write!(html, "</table><p>{caption}</p>");
    html
}

/// The first pictures, ten in a row.
fn grid(array: &Array, caption: &str) -> String {
    let n = array.shape()[0].min(30);
    flowbook_plot::imshow_grid(array, n.div_ceil(10).max(1), n.clamp(1, 10));
    let figure = flowbook_plot::gcf();
    let png = figure.to_png();
    figure.close();
    format!("<img src=\"data:image/png;base64,{}\"/><p>{caption}, the first {n}</p>", flowbook_plot::base64(&png))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_tables() {
        let html = table(&Array::new(vec![1.0f32, 2.5, 3.0, 4.0], &[2, 2])).unwrap();
        assert!(html.contains("<td style=\"text-align:right\">2.5</td></tr><tr>"), "{html}");
        assert!(html.ends_with("<p>shape (2, 2), dtype float32</p>"), "{html}");
        let long = table(&Array::new((0..1000).collect::<Vec<i32>>(), &[1000])).unwrap();
        assert_eq!(long.matches("<td").count(), COLUMNS + 1);
        assert_eq!(table(&Array::new(vec![1.0f32], &[])), None);
    }

    #[test]
    fn stacks_of_pictures_are_pictures() {
        let html = table(&Array::new(vec![0u8; 3 * 28 * 28], &[3, 28, 28])).unwrap();
        assert!(html.starts_with("<img src=\"data:image/png;base64,iVBOR"), "{html}");
    }
}
