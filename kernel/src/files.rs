//! The user's directories and writing files whole or not at all.

use std::io;
use std::path::{Path, PathBuf};

/// `$XDG_DATA_HOME`, or `~/.local/share`; `None` when there is no home either.
pub fn data_home() -> Option<PathBuf> {
    directory("XDG_DATA_HOME").or_else(|| Some(directory("HOME")?.join(".local/share")))
}

/// Flowbook's own directory below [`data_home`].
pub fn flowbook_data() -> Option<PathBuf> {
    Some(data_home()?.join("flowbook"))
}

/// Where Jupyter looks for the user's kernelspecs: `$JUPYTER_DATA_DIR`, `~/Library/Jupyter` on macOS, or `jupyter`
/// below [`data_home`].
pub fn jupyter_data() -> Option<PathBuf> {
    if let Some(chosen) = directory("JUPYTER_DATA_DIR") {
        return Some(chosen);
    }
    if cfg!(target_os = "macos") {
        return Some(directory("HOME")?.join("Library/Jupyter"));
    }
    Some(data_home()?.join("jupyter"))
}

fn directory(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from)
}

/// Writes a file under a temporary name beside it and renames it, so that readers see the old or the new content.
///
/// # Errors
/// Whatever the file system reports; the temporary file is removed.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = std::fs::write(&temporary, content).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// The full path of a program found on `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|candidate| is_executable(candidate))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}
