//! NumPy's own files: `.npy` with one array, `.npz` with several by name, a zip archive of `.npy` files.

use std::io::{Read, Write};
use std::path::Path;

use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::format::shape_text;
use crate::literal::ArrayLike;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

fn in_file(path: &Path, what: impl std::fmt::Display) -> Error {
    Error::Value(format!("{}: {what}", path.display()))
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::Os(format!("{}: {error}", path.display())))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|error| Error::Os(format!("{}: {error}", path.display())))
}

/// Writes an array to a `.npy` file: `np.save(path, a)`.
///
/// ```
/// use flowbook::np;
/// # let path = std::env::temp_dir().join(format!("save-{}.npy", std::process::id()));
/// let a = np::array([[1.0, 2.0], [3.0, 4.0]]);
/// np::save(&path, &a)?;
/// assert_eq!(np::load(&path)?, a);
/// # std::fs::remove_file(&path).ok();
/// # Ok::<(), flowbook::Error>(())
/// ```
///
/// # Errors
/// `OSError` when the file cannot be written, `ValueError` for an array of texts.
pub fn save(path: impl AsRef<Path>, a: impl ArrayLike) -> Result<()> {
    let path = path.as_ref();
    write_file(path, &encode(&a.to_array()).map_err(|what| in_file(path, what))?)
}

/// Reads the array of a `.npy` file: `np.load(path)`.
///
/// # Errors
/// `OSError` when the file cannot be read, `ValueError` when it is no such file, ends early, or has elements of a type
/// that there is not here.
pub fn load(path: impl AsRef<Path>) -> Result<Array> {
    let path = path.as_ref();
    let bytes = read_file(path)?;
    if bytes.starts_with(b"PK") {
        return Err(in_file(path, "the file holds several arrays: read it with np::load_npz"));
    }
    decode(&bytes).map_err(|what| in_file(path, what))
}

/// Several arrays by name, from a `.npz` file.
#[derive(Clone, Debug)]
pub struct Npz(Vec<(String, Array)>);

impl Npz {
    /// The names, in the file's order: `data.files`.
    pub fn files(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The array of that name.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, array)| array)
    }
}

impl std::ops::Index<&str> for Npz {
    type Output = Array;

    /// # Panics
    /// `KeyError` when there is no array of that name.
    #[track_caller]
    fn index(&self, name: &str) -> &Array {
        match self.get(name) {
            Some(array) => array,
            None => Error::Key(format!("'{name} is not a file in the archive'")).raise(),
        }
    }
}

/// Writes arrays to a `.npz` file, uncompressed: `np.savez(path, x=x, y=y)` is `np::savez(path, [("x", &x), ("y", &y)])`.
///
/// # Errors
/// As [`save`].
pub fn savez<const N: usize>(path: impl AsRef<Path>, arrays: [(&str, &Array); N]) -> Result<()> {
    archive(path.as_ref(), &arrays, false)
}

/// As [`savez`], compressed: `np.savez_compressed`.
///
/// # Errors
/// As [`save`].
pub fn savez_compressed<const N: usize>(path: impl AsRef<Path>, arrays: [(&str, &Array); N]) -> Result<()> {
    archive(path.as_ref(), &arrays, true)
}

/// Reads the arrays of a `.npz` file, compressed or not: `np.load(path)`.
///
/// # Errors
/// As [`load`], and `ValueError` when a checksum is wrong.
pub fn load_npz(path: impl AsRef<Path>) -> Result<Npz> {
    let path = path.as_ref();
    let bytes = read_file(path)?;
    unzip(&bytes).map(Npz).map_err(|what| in_file(path, what))
}

fn descr(dtype: DType) -> Result<&'static str, String> {
    Ok(match dtype {
        DType::Float32 => "<f4",
        DType::Float64 => "<f8",
        DType::Int32 => "<i4",
        DType::Int64 => "<i8",
        DType::UInt8 => "|u1",
        DType::Bool => "|b1",
        DType::String => return Err("an array of texts has no form in this file".into()),
    })
}

fn encode(array: &Array) -> Result<Vec<u8>, String> {
    let (descr, shape) = (descr(array.dtype())?, shape_text(array.shape()));
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    // The elements start at a multiple of 64 bytes.
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header += &" ".repeat(length - header.len() - 1);
    header.push('\n');
    let mut out = [&MAGIC[..], &[1, 0], &(length as u16).to_le_bytes(), header.as_bytes()].concat();
    out.extend(crate::graph::attr::bytes(array));
    Ok(out)
}

fn decode(bytes: &[u8]) -> Result<Array, String> {
    let short = || format!("the file ends after {} bytes, in the middle", bytes.len());
    let rest = bytes.strip_prefix(&MAGIC[..]).ok_or("this is no .npy file: it does not start with \\x93NUMPY")?;
    let (header, data) = match rest {
        [1, _, a, b, rest @ ..] => rest.split_at_checked(usize::from(u16::from_le_bytes([*a, *b]))),
        [2 | 3, _, a, b, c, d, rest @ ..] => rest.split_at_checked(u32::from_le_bytes([*a, *b, *c, *d]) as usize),
        _ => return Err("this version of the format is unknown, or the file is cut off".into()),
    }
    .ok_or_else(short)?;
    let header = String::from_utf8_lossy(header);
    let entry = |key: &str| header.split_once(&format!("'{key}':")).map(|(_, rest)| rest.trim_start());
    let descr = entry("descr").and_then(|r| r.split('\'').nth(1)).ok_or("the header names no element type")?;
    let fortran = entry("fortran_order").is_some_and(|r| r.starts_with("True"));
    let sizes = entry("shape").and_then(|r| r.strip_prefix('(')?.split_once(')')).ok_or("the header has no shape")?;
    let sizes = sizes.0.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::parse);
    let mut shape: Vec<usize> = sizes.collect::<Result<_, _>>().map_err(|_| "the header's shape is no shape")?;
    if fortran {
        shape.reverse();
    }
    let array = elements(data, descr, &shape)?;
    Ok(if fortran { super::transpose(&array) } else { array })
}

fn elements(data: &[u8], descr: &str, shape: &[usize]) -> Result<Array, String> {
    let count: usize = shape.iter().product();
    let big = descr.starts_with('>');
    macro_rules! read {
        ($t:ty => $to:ty) => {{
            let (chunks, _) = data.as_chunks::<{ size_of::<$t>() }>();
            let Some(chunks) = chunks.get(..count) else {
                return Err(format!(
                    "the file has {} of the {count} elements that its shape {} promises",
                    chunks.len(),
                    shape_text(shape)
                ));
            };
            let value = |c: &[u8; size_of::<$t>()]| if big { <$t>::from_be_bytes(*c) } else { <$t>::from_le_bytes(*c) };
            Ok(Array::new(chunks.iter().map(|c| <$to>::from(value(c))).collect(), shape))
        }};
    }
    match descr.trim_start_matches(['<', '>', '|', '=']) {
        "f4" => read!(f32 => f32),
        "f8" => read!(f64 => f64),
        "i1" => read!(i8 => i32),
        "i2" => read!(i16 => i32),
        "i4" => read!(i32 => i32),
        "i8" => read!(i64 => i64),
        "u1" => read!(u8 => u8),
        "u2" => read!(u16 => i32),
        "u4" => read!(u32 => i64),
        "b1" => read!(u8 => u8).map(|a: Array| a.astype(DType::Bool)),
        _ => Err(format!("elements of type '{descr}' have no counterpart here")),
    }
}

/// One file of an archive: where its local header starts, and what the directory repeats of it.
struct Entry {
    name: String,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    offset: u32,
}

impl Entry {
    /// The fields that the local header and the directory have in common, from the version needed to the name's length.
    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // Version 2.0, no flags; the date is 1 January 1980, as NumPy writes it.
        for short in [20, 0, self.method, 0, 0x21] {
            out.extend(short.to_le_bytes());
        }
        for word in [self.crc, self.packed, self.size] {
            out.extend(word.to_le_bytes());
        }
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend([0, 0]);
        out
    }
}

fn archive(path: &Path, arrays: &[(&str, &Array)], compressed: bool) -> Result<()> {
    let (mut out, mut entries) = (Vec::new(), Vec::new());
    for (name, array) in arrays {
        let data = encode(array).map_err(|what| in_file(path, what))?;
        let mut crc = Crc::new();
        crc.update(&data);
        let packed = if compressed { deflated(&data).map_err(|what| in_file(path, what))? } else { data.clone() };
        if packed.len().max(out.len()) > u32::MAX as usize {
            return Err(in_file(path, "the arrays are larger than the 4 GiB that fit into such a file"));
        }
        let entry = Entry {
            name: format!("{name}.npy"),
            method: if compressed { 8 } else { 0 },
            crc: crc.sum(),
            packed: packed.len() as u32,
            size: data.len() as u32,
            offset: out.len() as u32,
        };
        out.extend(b"PK\x03\x04");
        out.extend(entry.fields());
        out.extend(entry.name.as_bytes());
        out.extend(packed);
        entries.push(entry);
    }
    let start = out.len() as u32;
    for entry in &entries {
        out.extend(b"PK\x01\x02\x14\x00");
        out.extend(entry.fields());
        // No comment, disk 0, no attributes.
        out.extend([0; 10]);
        out.extend(entry.offset.to_le_bytes());
        out.extend(entry.name.as_bytes());
    }
    let size = out.len() as u32 - start;
    let count = (entries.len() as u16).to_le_bytes();
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    write_file(path, &out)
}

fn deflated(data: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data)?;
    encoder.finish()
}

fn short_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn word_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize)
}

fn unzip(bytes: &[u8]) -> Result<Vec<(String, Array)>, String> {
    let end =
        bytes.windows(4).rposition(|w| w == b"PK\x05\x06").ok_or("this is no .npz file, or its end is missing")?;
    let cut = || "the file's directory is damaged".to_owned();
    let count = short_at(bytes, end + 10).ok_or_else(cut)?;
    let mut at = word_at(bytes, end + 16).ok_or_else(cut)?;
    let mut arrays = Vec::new();
    for _ in 0..count {
        let (array, next) = unzip_one(bytes, at)?.ok_or_else(cut)?;
        arrays.push(array);
        at = next;
    }
    Ok(arrays)
}

type Found = ((String, Array), usize);

/// The array of a directory entry and where the next entry starts; `None` when the entry is cut off.
fn unzip_one(bytes: &[u8], at: usize) -> Result<Option<Found>, String> {
    let read = || {
        let short = |offset: usize| short_at(bytes, at + offset);
        let (name_length, extra, comment) = (short(28)?, short(30)?, short(32)?);
        let name = String::from_utf8_lossy(bytes.get(at + 46..at + 46 + name_length)?).into_owned();
        let local = word_at(bytes, at + 42)?;
        let start = local + 30 + short_at(bytes, local + 26)? + short_at(bytes, local + 28)?;
        let data = bytes.get(start..start + word_at(bytes, at + 20)?)?;
        Some((name, short(10)?, word_at(bytes, at + 16)?, data, at + 46 + name_length + extra + comment))
    };
    let Some((name, method, crc, data, next)) = read() else { return Ok(None) };
    let mut unpacked = Vec::new();
    match method {
        0 => unpacked.extend_from_slice(data),
        8 => {
            let read = DeflateDecoder::new(data).read_to_end(&mut unpacked);
            read.map_err(|error| format!("{name}: {error}"))?;
        }
        other => return Err(format!("{name} is compressed in a way (number {other}) that is not read here")),
    }
    let mut check = Crc::new();
    check.update(&unpacked);
    if check.sum() as usize != crc {
        return Err(format!("{name}: the checksum is wrong, the file is damaged"));
    }
    let array = decode(&unpacked).map_err(|what| format!("{name}: {what}"))?;
    Ok(Some(((name.trim_end_matches(".npy").to_owned(), array), next)))
}
