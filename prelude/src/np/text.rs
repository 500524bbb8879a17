//! `np.loadtxt`: tables of numbers in text files.

use std::path::{Path, PathBuf};

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// What [`loadtxt`] will read, and how; [`Loadtxt::run`] reads it.
#[must_use = "nothing is read before .run()?"]
pub struct Loadtxt {
    path: PathBuf,
    delimiter: Option<String>,
    skiprows: usize,
    dtype: DType,
}

/// `np.loadtxt(path)`: a table of numbers, one row a line; what follows `#` and empty lines are passed over.
///
/// ```
/// use flowbook::np;
/// # let path = std::env::temp_dir().join(format!("loadtxt-{}.csv", std::process::id()));
/// std::fs::write(&path, "x,y\n1,2\n3,4.5\n")?;
/// let xy = np::loadtxt(&path).delimiter(",").skiprows(1).dtype(np::float32).run()?;
/// assert_eq!(xy.repr(), "array([[1. , 2. ],\n       [3. , 4.5]], dtype=float32)");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn loadtxt(path: impl AsRef<Path>) -> Loadtxt {
    Loadtxt { path: path.as_ref().into(), delimiter: None, skiprows: 0, dtype: DType::Float64 }
}

impl Loadtxt {
    /// `delimiter=','`: what stands between two numbers; blanks unless said otherwise.
    pub fn delimiter(mut self, delimiter: &str) -> Loadtxt {
        self.delimiter = Some(delimiter.into());
        self
    }

    /// `skiprows=1`: lines passed over at the start, such as a header.
    pub fn skiprows(mut self, rows: usize) -> Loadtxt {
        self.skiprows = rows;
        self
    }

    /// `dtype=np.float32`: the element type; `float64` unless said otherwise.
    pub fn dtype(mut self, dtype: DType) -> Loadtxt {
        self.dtype = dtype;
        self
    }

    /// Reads the file: of shape (rows, columns), without axes of size 1, as NumPy's default.
    ///
    /// # Errors
    /// `OSError` when the file cannot be read; `ValueError` when something is no number or a row has another length.
    pub fn run(self) -> Result<Array> {
        let text = std::fs::read_to_string(&self.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::Os(format!("{} not found.", self.path.display())),
            _ => Error::Os(format!("{}: {error}", self.path.display())),
        })?;
        let (elements, columns) = self.parse(&text)?;
        let rows = elements.len() / columns.max(1);
        let shape: Vec<usize> = match elements.len() {
            0 => vec![0],
            _ => [rows, columns].into_iter().filter(|size| *size != 1).collect(),
        };
        Ok(Array::new(elements, &shape).astype(self.dtype))
    }

    fn parse(&self, text: &str) -> Result<(Vec<f64>, usize)> {
        let (mut elements, mut columns, mut row) = (Vec::new(), 0, 0);
        for line in text.lines().skip(self.skiprows) {
            let line = line.split('#').next().unwrap_or_default();
            if line.trim().is_empty() {
                continue;
            }
            let before = elements.len();
            for (column, word) in self.words(line).enumerate() {
                elements.push(self.number(word, row, column)?);
            }
            let found = elements.len() - before;
            if row > 0 && found != columns {
                return Err(Error::Value(format!(
                    "the number of columns changed from {columns} to {found} at row {}; use `usecols` to select a \
                     subset and avoid this error",
                    row + 1,
                )));
            }
            (columns, row) = (found, row + 1);
        }
        Ok((elements, columns))
    }

    fn words<'a>(&'a self, line: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match &self.delimiter {
            Some(delimiter) => Box::new(line.split(delimiter.as_str())),
            None => Box::new(line.split_whitespace()),
        }
    }

    fn number(&self, word: &str, row: usize, column: usize) -> Result<f64> {
        let parsed = word.trim().parse::<f64>();
        let whole = self.dtype.is_floating() || word.trim().parse::<i64>().is_ok();
        parsed.ok().filter(|_| whole).ok_or_else(|| {
            Error::Value(format!(
                "could not convert string '{word}' to {} at row {row}, column {}.",
                self.dtype.name(),
                column + 1,
            ))
        })
    }
}
