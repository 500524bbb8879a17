//! The IDX format of LeCun's data sets, gzipped or not: a magic number, the sizes, the elements. Unsigned bytes only,
//! which is what all the data sets are made of.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::Labelled;
use crate::Array;
use crate::error::{Error, Result};

/// Reads a file as a `uint8` array of the shape it says.
pub(super) fn read(path: &Path) -> Result<Array> {
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound(format!("{}; No such file or directory", path.display())),
        _ => Error::Os(format!("{}: {error}", path.display())),
    })?;
    let mut bytes = Vec::new();
    let mut reader = BufReader::new(file);
    let done = match path.extension().is_some_and(|e| e == "gz") {
        true => flate2::bufread::GzDecoder::new(reader).read_to_end(&mut bytes),
        false => reader.read_to_end(&mut bytes),
    };
    done.map_err(|error| Error::Os(format!("{}: {error}", path.display())))?;
    parse(bytes, &path.display().to_string())
}

fn parse(mut bytes: Vec<u8>, name: &str) -> Result<Array> {
    let number = |bytes: &[u8], at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let magic = number(&bytes, 0).unwrap_or(0);
    if magic >> 8 != 8 {
        return Err(Error::Value(format!("Invalid magic number {magic} in IDX file of unsigned bytes: {name}")));
    }
    let rank = (magic & 0xff) as usize;
    let sizes: Option<Vec<usize>> = (0..rank).map(|i| Some(number(&bytes, 4 + 4 * i)? as usize)).collect();
    let start = 4 + 4 * rank;
    let count = sizes.as_ref().and_then(|s| s.iter().try_fold(1usize, |n, size| n.checked_mul(*size)));
    let (Some(sizes), Some(count)) = (sizes, count.filter(|n| *n == bytes.len().wrapping_sub(start))) else {
        return Err(Error::Value(format!("{name} is damaged: its length is not what its header says")));
    };
    bytes.drain(..start);
    debug_assert_eq!(bytes.len(), count);
    Ok(Array::new(bytes, &sizes))
}

/// `ValueError` unless there is one label from 0 to 9 for each picture of 28 x 28.
pub(super) fn check(set: &Labelled, directory: &Path) -> Result<()> {
    let (images, labels) = (set.images.shape(), set.labels.shape());
    let classes = set.labels.as_slice::<u8>().is_some_and(|l| l.iter().all(|label| *label < 10));
    match (images, labels) {
        ([n, 28, 28], [m]) if n == m && classes => Ok(()),
        _ => Err(Error::Value(format!(
            "the files in {} do not belong together: images {images:?}, labels {labels:?}",
            directory.display()
        ))),
    }
}
