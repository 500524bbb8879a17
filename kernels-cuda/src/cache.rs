//! Compiled kernels on disk, in the user's cache. An entry is a file whose last bytes say what the rest must be, so that
//! a damaged one is noticed and made anew; formats of executables do not mind bytes behind their end.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// What an entry ends with: its payload's length and hash, and these bytes.
const MARK: &[u8; 8] = b"flowbook";
const TRAILER: usize = 8 + 16 + 8;

/// The directory of compiled kernels: under `XDG_CACHE_HOME`, else `~/.cache`.
pub(crate) fn directory() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(base.join("flowbook").join("kernels"))
}

/// The name of an entry that depends on all `parts`.
pub(crate) fn key(parts: &[&[u8]]) -> String {
    format!("{:032x}", hash(parts))
}

fn hash(parts: &[&[u8]]) -> u128 {
    let half = |seed: u64| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(seed);
        for part in parts {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// The payload of an entry, if it is there and whole.
pub(crate) fn read(directory: &Path, name: impl AsRef<OsStr>) -> Option<Vec<u8>> {
    let mut bytes = fs::read(directory.join(name.as_ref())).ok()?;
    let payload = bytes.len().checked_sub(TRAILER)?;
    if bytes[payload..] != trailer(&bytes[..payload]) {
        return None;
    }
    bytes.truncate(payload);
    Some(bytes)
}

fn trailer(payload: &[u8]) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    trailer[..8].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    trailer[8..24].copy_from_slice(&hash(&[payload]).to_le_bytes());
    trailer[24..].copy_from_slice(MARK);
    trailer
}

/// Writes an entry under another name and moves it into place, so that nobody ever reads half of it.
pub(crate) fn write(directory: &Path, name: impl AsRef<OsStr>, payload: &[u8]) -> std::io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    fs::create_dir_all(directory)?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let draft = directory.join(format!("draft-{}-{number}", std::process::id()));
    let to = directory.join(name.as_ref());
    let written = fs::write(&draft, [payload, &trailer(payload)].concat()).and_then(|()| fs::rename(&draft, &to));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written.map(|()| to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> PathBuf {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        std::env::temp_dir().join(format!("flowbook-kernels-{}-{number}", std::process::id()))
    }

    #[test]
    fn an_entry_comes_back_and_a_damaged_one_does_not() {
        let directory = scratch();
        let path = write(&directory, "a", b"some code").unwrap();
        assert_eq!(read(&directory, "a").as_deref(), Some(&b"some code"[..]));
        let whole = fs::read(&path).unwrap();
        for damaged in [&whole[..whole.len() - 1], &whole[1..], b"", &[whole.clone(), vec![0]].concat()] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(read(&directory, "a"), None);
        }
        assert_eq!(read(&directory, "b"), None);
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_name_depends_on_every_part_and_on_where_it_ends() {
        let names = [key(&[b"ab", b"c"]), key(&[b"a", b"bc"]), key(&[b"abc"]), key(&[b"ab", b"c", b""])];
        for (i, name) in names.iter().enumerate() {
            assert!(names[..i].iter().all(|earlier| earlier != name), "{names:?}");
        }
    }
}
