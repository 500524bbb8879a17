//! Named arrays in a file, in the safetensors format: the header's length in eight bytes, the header in JSON, the
//! elements one array after the other, little-endian. The format has no strings: they lie there as bytes, and the
//! header's free part says which shape they have and how long each is.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::{Array, DType};

const TYPES: [(DType, &str); 6] = [
    (DType::Float32, "F32"),
    (DType::Float64, "F64"),
    (DType::Int32, "I32"),
    (DType::Int64, "I64"),
    (DType::UInt8, "U8"),
    (DType::Bool, "BOOL"),
];

/// The header's free part.
const METADATA: &str = "__metadata__";

/// Writes the arrays in their order. The file appears whole or not at all.
pub(crate) fn write(path: &Path, arrays: &[(String, Array)]) -> Result<()> {
    let (mut header, mut data, mut texts) = (Map::new(), Vec::new(), Map::new());
    for (name, array) in arrays {
        let start = data.len();
        let (dtype, shape) = match (array.as_slice::<String>(), TYPES.iter().find(|(d, _)| *d == array.dtype())) {
            (Some(strings), _) => {
                let lengths: Vec<usize> = strings.iter().map(String::len).collect();
                // What stands in the free part must be a string.
                texts.insert(name.clone(), json!([array.shape(), lengths]).to_string().into());
                strings.iter().for_each(|text| data.extend(text.as_bytes()));
                ("U8", vec![data.len() - start])
            }
            (None, found) => {
                let dtype = found.map_or("U8", |(_, dtype)| *dtype);
                data.extend(crate::graph::attr::bytes(array));
                (dtype, array.shape().to_vec())
            }
        };
        header.insert(name.clone(), json!({"dtype": dtype, "shape": shape, "data_offsets": [start, data.len()]}));
    }
    if !texts.is_empty() {
        header.insert(METADATA.into(), texts.into());
    }
    let mut text = Value::Object(header).to_string();
    // The elements begin at a multiple of eight.
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
    let bytes = [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &data].concat();
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| Error::Os(format!("{}: {error}", path.display())))
}

/// Reads the arrays, in the order of their names.
///
/// # Errors
/// `OSError` when there is no such file, `ValueError` when it is damaged; both name the file.
pub(crate) fn read(path: &Path) -> Result<Vec<(String, Array)>> {
    let file = std::fs::read(path).map_err(|error| Error::Os(format!("{}: {error}", path.display())))?;
    arrays(&file).map_err(|what| Error::Value(format!("{}: {what}", path.display())))
}

fn arrays(file: &[u8]) -> Result<Vec<(String, Array)>, String> {
    let short = || format!("the file ends after {} bytes, in the middle", file.len());
    let (length, rest) = file.split_first_chunk::<8>().ok_or_else(short)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| short())?;
    let (header, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let header: Map<String, Value> =
        serde_json::from_slice(header).map_err(|e| format!("this is no safetensors file: {e}"))?;
    let texts = header.get(METADATA).and_then(Value::as_object);
    let entries = header.iter().filter(|(name, _)| *name != METADATA);
    let named = |(name, entry): (&String, &Value)| {
        let sizes = |key: &str| -> Option<Vec<usize>> {
            entry.get(key)?.as_array()?.iter().map(|v| usize::try_from(v.as_u64()?).ok()).collect()
        };
        let (Some(shape), Some([start, end])) = (sizes("shape"), sizes("data_offsets").as_deref().and_then(pair))
        else {
            return Err(format!("'{name}' has no shape or no offsets"));
        };
        let bytes = data.get(start..end).ok_or_else(short)?;
        let array = match texts.and_then(|texts| texts.get(name)?.as_str()) {
            Some(places) => strings(places, bytes),
            None => array(entry["dtype"].as_str().unwrap_or_default(), &shape, bytes),
        };
        Ok((name.clone(), array.ok_or_else(|| format!("'{name}' does not have the size it says"))?))
    };
    entries.map(named).collect()
}

fn pair(numbers: &[usize]) -> Option<[usize; 2]> {
    numbers.try_into().ok()
}

/// Strings one after the other; `places` is their shape and their lengths, in JSON.
fn strings(places: &str, mut bytes: &[u8]) -> Option<Array> {
    let (shape, lengths): (Vec<usize>, Vec<usize>) = serde_json::from_str(places).ok()?;
    let mut texts = Vec::with_capacity(lengths.len());
    for length in lengths {
        let (text, rest) = bytes.split_at_checked(length)?;
        texts.push(String::from_utf8(text.to_vec()).ok()?);
        bytes = rest;
    }
    let count = shape.iter().try_fold(1usize, |n, size| n.checked_mul(*size))?;
    (count == texts.len()).then(|| Array::new(texts, &shape))
}

fn array(dtype: &str, shape: &[usize], bytes: &[u8]) -> Option<Array> {
    let (dtype, _) = TYPES.iter().find(|(_, name)| *name == dtype)?;
    let count = shape.iter().try_fold(1usize, |n, size| n.checked_mul(*size))?;
    if count.checked_mul(crate::ops::size_of_dtype(*dtype))? != bytes.len() {
        return None;
    }
    macro_rules! numbers {
        ($t:ty) => {
            Array::new(bytes.as_chunks().0.iter().map(|b| <$t>::from_le_bytes(*b)).collect(), shape)
        };
    }
    Some(match dtype {
        DType::Float32 => numbers!(f32),
        DType::Float64 => numbers!(f64),
        DType::Int32 => numbers!(i32),
        DType::Int64 => numbers!(i64),
        DType::UInt8 => Array::new(bytes.to_vec(), shape),
        DType::Bool => Array::new(bytes.iter().map(|b| *b != 0).collect(), shape),
        DType::String => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_come_back_as_they_were() {
        let path = std::env::temp_dir().join(format!("flowbook-{}.safetensors", std::process::id()));
        let arrays = [
            ("a".to_owned(), Array::new(vec![1.5f32, f32::NAN, -0.0], &[3])),
            ("b".to_owned(), Array::new(vec![true, false], &[1, 2])),
            ("c".to_owned(), Array::new(Vec::<i64>::new(), &[0, 4])),
            ("d".to_owned(), Array::scalar(7u8)),
            ("e".to_owned(), Array::new(vec!["é".to_owned(), String::new(), "two words".to_owned()], &[3, 1])),
        ];
        write(&path, &arrays).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes[8] == b'{' && bytes[0].is_multiple_of(8));
        let back = read(&path).unwrap();
        for ((name, array), (n, b)) in arrays.iter().zip(&back) {
            assert_eq!((name, array.shape(), array.repr()), (n, b.shape(), b.repr()));
        }
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(read(&path).err().unwrap().class(), "ValueError", "a file cut short");
        std::fs::write(&path, [255; 20]).unwrap();
        assert_eq!(read(&path).err().unwrap().class(), "ValueError", "a length beyond the file");
        std::fs::remove_file(&path).unwrap();
    }
}
