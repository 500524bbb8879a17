//! Named arrays in a file, in the safetensors format: the header's length in eight bytes, the header in JSON, the
//! elements one array after the other, little-endian. Strings cannot be kept in it.

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

/// Writes the arrays in their order. The file appears whole or not at all.
pub(crate) fn write(path: &Path, arrays: &[(String, Array)]) -> Result<()> {
    let (mut header, mut data) = (Map::new(), Vec::new());
    for (name, array) in arrays {
        let Some((_, dtype)) = TYPES.iter().find(|(d, _)| *d == array.dtype()) else {
            return Err(Error::Unimplemented(format!("{name} holds strings, which a checkpoint cannot keep")));
        };
        let start = data.len();
        data.extend(crate::graph::attr::bytes(array));
        header
            .insert(name.clone(), json!({"dtype": dtype, "shape": array.shape(), "data_offsets": [start, data.len()]}));
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
    let entries = header.iter().filter(|(name, _)| *name != "__metadata__");
    let named = |(name, entry): (&String, &Value)| {
        let sizes = |key: &str| -> Option<Vec<usize>> {
            entry.get(key)?.as_array()?.iter().map(|v| usize::try_from(v.as_u64()?).ok()).collect()
        };
        let (Some(shape), Some([start, end])) = (sizes("shape"), sizes("data_offsets").as_deref().and_then(pair))
        else {
            return Err(format!("'{name}' has no shape or no offsets"));
        };
        let bytes = data.get(start..end).ok_or_else(short)?;
        let array = array(entry["dtype"].as_str().unwrap_or_default(), &shape, bytes);
        Ok((name.clone(), array.ok_or_else(|| format!("'{name}' does not have the size it says"))?))
    };
    entries.map(named).collect()
}

fn pair(numbers: &[usize]) -> Option<[usize; 2]> {
    numbers.try_into().ok()
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
