//! `np.loadtxt`, `np.genfromtxt` and `np.savetxt`: tables of numbers in text files.

use std::path::{Path, PathBuf};

use super::percent::percent;
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::literal::ArrayLike;

/// What [`loadtxt`] or [`genfromtxt`] will read, and how; [`Loadtxt::run`] reads it.
#[must_use = "nothing is read before .run()?"]
pub struct Loadtxt {
    path: PathBuf,
    delimiter: Option<String>,
    comments: String,
    skiprows: usize,
    skip_footer: usize,
    max_rows: usize,
    usecols: Option<Vec<i32>>,
    dtype: DType,
    unpack: bool,
    ndmin: usize,
    /// What stands for words that are no numbers; without it they are refused.
    filling: Option<f64>,
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
    Loadtxt {
        path: path.as_ref().into(),
        delimiter: None,
        comments: "#".into(),
        skiprows: 0,
        skip_footer: 0,
        max_rows: usize::MAX,
        usecols: None,
        dtype: DType::Float64,
        unpack: false,
        ndmin: 0,
        filling: None,
    }
}

/// `np.genfromtxt(path)`: as [`loadtxt`], with NaN for what is missing or no number.
///
/// ```
/// use flowbook::np;
/// # let path = std::env::temp_dir().join(format!("genfromtxt-{}.csv", std::process::id()));
/// std::fs::write(&path, "1,2\n3,\n")?;
/// let xy = np::genfromtxt(&path).delimiter(",").run()?;
/// assert_eq!(xy.to_string(), "[[ 1.  2.]\n [ 3. nan]]");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn genfromtxt(path: impl AsRef<Path>) -> Loadtxt {
    Loadtxt { filling: Some(f64::NAN), ..loadtxt(path) }
}

impl Loadtxt {
    /// `delimiter=','`: what stands between two numbers; blanks unless said otherwise.
    pub fn delimiter(mut self, delimiter: &str) -> Loadtxt {
        self.delimiter = Some(delimiter.into());
        self
    }

    /// `comments='%'`: what begins a comment; `#` unless said otherwise, nothing when empty.
    pub fn comments(mut self, comments: &str) -> Loadtxt {
        self.comments = comments.into();
        self
    }

    /// `skiprows=1`: lines passed over at the start, such as a header.
    pub fn skiprows(mut self, rows: usize) -> Loadtxt {
        self.skiprows = rows;
        self
    }

    /// `skip_header=1`, as `genfromtxt` calls [`Loadtxt::skiprows`].
    pub fn skip_header(self, rows: usize) -> Loadtxt {
        self.skiprows(rows)
    }

    /// `skip_footer=1`: lines passed over at the end.
    pub fn skip_footer(mut self, rows: usize) -> Loadtxt {
        self.skip_footer = rows;
        self
    }

    /// `max_rows=10`: no more rows than these are read.
    pub fn max_rows(mut self, rows: usize) -> Loadtxt {
        self.max_rows = rows;
        self
    }

    /// `usecols=(0, 2)`: these columns only, in this order; negative ones count from the last.
    pub fn usecols<const N: usize>(mut self, columns: [i32; N]) -> Loadtxt {
        self.usecols = Some(columns.to_vec());
        self
    }

    /// `dtype=np.float32`: the element type; `float64` unless said otherwise.
    pub fn dtype(mut self, dtype: DType) -> Loadtxt {
        self.dtype = dtype;
        self
    }

    /// `unpack=True`: columns as rows, so that each variable is a row of the result.
    pub fn unpack(mut self) -> Loadtxt {
        self.unpack = true;
        self
    }

    /// `ndmin=2`: at least so many axes.
    pub fn ndmin(mut self, axes: usize) -> Loadtxt {
        self.ndmin = axes;
        self
    }

    /// `filling_values=0`: what stands for what is missing or no number.
    pub fn filling_values(mut self, value: impl Into<f64>) -> Loadtxt {
        self.filling = Some(value.into());
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
        let table = Array::new(elements, &[rows, columns]).astype(self.dtype);
        let table = if self.unpack { table.t() } else { table };
        let mut shape: Vec<usize> = match table.len() {
            0 => vec![0],
            _ => table.shape().iter().copied().filter(|size| *size != 1).collect(),
        };
        if shape.len() < self.ndmin {
            shape = match self.ndmin {
                1 => vec![table.len()],
                _ if table.is_empty() => vec![0, 1],
                _ => table.shape().to_vec(),
            };
        }
        table.reshaped(&shape)
    }

    fn parse(&self, text: &str) -> Result<(Vec<f64>, usize)> {
        let (mut elements, mut columns, mut row) = (Vec::new(), 0, 0);
        let lines = text.lines().count().saturating_sub(self.skip_footer);
        for line in text.lines().take(lines).skip(self.skiprows) {
            let line =
                if self.comments.is_empty() { line } else { line.split(&self.comments).next().unwrap_or_default() };
            if line.trim().is_empty() {
                continue;
            }
            if row == self.max_rows {
                break;
            }
            let words = self.chosen(self.words(line), row)?;
            if row > 0 && words.len() != columns {
                return Err(Error::Value(format!(
                    "the number of columns changed from {columns} to {} at row {}; use `usecols` to select a subset \
                     and avoid this error",
                    words.len(),
                    row + 1,
                )));
            }
            for (column, word) in words.iter().enumerate() {
                elements.push(self.number(word, row, column)?);
            }
            (columns, row) = (words.len(), row + 1);
        }
        Ok((elements, columns))
    }

    fn words<'a>(&self, line: &'a str) -> Vec<&'a str> {
        match &self.delimiter {
            Some(delimiter) => line.split(delimiter.as_str()).collect(),
            None => line.split_whitespace().collect(),
        }
    }

    /// The words of the columns asked for.
    fn chosen<'a>(&self, words: Vec<&'a str>, row: usize) -> Result<Vec<&'a str>> {
        let Some(columns) = &self.usecols else { return Ok(words) };
        let word = |column: &i32| {
            let from_front = if *column < 0 { *column + words.len() as i32 } else { *column };
            usize::try_from(from_front).ok().and_then(|at| words.get(at).copied()).ok_or_else(|| {
                Error::Value(format!("invalid column index {column} at row {} with {} columns", row + 1, words.len()))
            })
        };
        columns.iter().map(word).collect()
    }

    fn number(&self, word: &str, row: usize, column: usize) -> Result<f64> {
        let parsed = word.trim().parse::<f64>();
        let whole = self.dtype.is_floating() || word.trim().parse::<i64>().is_ok();
        parsed.ok().filter(|_| whole).or(self.filling).ok_or_else(|| {
            Error::Value(format!(
                "could not convert string '{word}' to {} at row {row}, column {}.",
                self.dtype.name(),
                column + 1,
            ))
        })
    }
}

/// What [`savetxt`] will write, and how; [`Savetxt::run`] writes it.
#[must_use = "nothing is written before .run()?"]
pub struct Savetxt {
    path: PathBuf,
    array: Array,
    fmt: String,
    delimiter: String,
    header: String,
    footer: String,
    comments: String,
    newline: String,
}

/// `np.savetxt(path, x)`: a vector, one element a line, or a matrix, one row a line.
///
/// ```
/// use flowbook::np;
/// # let path = std::env::temp_dir().join(format!("savetxt-{}.csv", std::process::id()));
/// np::savetxt(&path, [[1.0, 2.0], [3.0, 4.5]]).fmt("%.1f").delimiter(",").header("x,y").run()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "# x,y\n1.0,2.0\n3.0,4.5\n");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn savetxt(path: impl AsRef<Path>, x: impl ArrayLike) -> Savetxt {
    Savetxt {
        path: path.as_ref().into(),
        array: x.to_array(),
        fmt: "%.18e".into(),
        delimiter: " ".into(),
        header: String::new(),
        footer: String::new(),
        comments: "# ".into(),
        newline: "\n".into(),
    }
}

impl Savetxt {
    /// `fmt='%.2f'`: how a number is written, or a whole row when it has a `%` for each column; `%.18e` unless said
    /// otherwise. `%d`, `%f`, `%e`, `%g` and `%s` are known.
    pub fn fmt(mut self, fmt: &str) -> Savetxt {
        self.fmt = fmt.into();
        self
    }

    /// `delimiter=','`: what stands between two numbers; a blank unless said otherwise.
    pub fn delimiter(mut self, delimiter: &str) -> Savetxt {
        self.delimiter = delimiter.into();
        self
    }

    /// `newline='\r\n'`: what ends a line.
    pub fn newline(mut self, newline: &str) -> Savetxt {
        self.newline = newline.into();
        self
    }

    /// `header='x,y'`: lines before the numbers.
    pub fn header(mut self, header: &str) -> Savetxt {
        self.header = header.into();
        self
    }

    /// `footer='...'`: lines behind the numbers.
    pub fn footer(mut self, footer: &str) -> Savetxt {
        self.footer = footer.into();
        self
    }

    /// `comments=''`: what stands before the lines of header and footer; `# ` unless said otherwise.
    pub fn comments(mut self, comments: &str) -> Savetxt {
        self.comments = comments.into();
        self
    }

    /// Writes the file.
    ///
    /// # Errors
    /// `OSError` when it cannot be written; `ValueError` for more than two axes or a format that does not fit.
    pub fn run(self) -> Result<()> {
        let columns = match *self.array.shape() {
            [] | [_] => 1,
            [_, columns] => columns,
            _ => {
                let ndim = self.array.ndim();
                return Err(Error::Value(format!("Expected 1D or 2D array, got {ndim}D array instead")));
            }
        };
        let fields = self.fmt.matches('%').count() - 2 * self.fmt.matches("%%").count();
        let row_format = match fields {
            1 => vec![self.fmt.as_str(); columns].join(&self.delimiter),
            n if n == columns => self.fmt.clone(),
            _ => return Err(Error::Value(format!("fmt has wrong number of % formats:  {}", self.fmt))),
        };
        let mut text = self.remark(&self.header);
        let scalars: Vec<Array> = (0..self.array.len()).map(|at| self.array.flat(at)).collect();
        for row in scalars.chunks(columns.max(1)) {
            text += &percent(&row_format, row).map_err(Error::Value)?;
            text += &self.newline;
        }
        text += &self.remark(&self.footer);
        std::fs::write(&self.path, text).map_err(|error| Error::Os(format!("{}: {error}", self.path.display())))
    }

    fn remark(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        format!("{}{}{}", self.comments, text.replace('\n', &format!("\n{}", self.comments)), self.newline)
    }
}
