//! Fonts found on the system, for characters the embedded ones lack. Looked for once, when such a character first comes.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use skrifa::{FontRef, MetadataProvider};

/// Where fonts are kept on Linux, macOS and Windows.
const FOLDERS: [&str; 6] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:\\Windows\\Fonts",
    "/data/data/com.termux/files/usr/share/fonts",
];
/// Folders in the user's home.
const HOME_FOLDERS: [&str; 3] = [".fonts", ".local/share/fonts", "Library/Fonts"];
/// No more files than this are looked at.
const MOST_FILES: usize = 4000;

fn files() -> &'static [PathBuf] {
    static FILES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FILES.get_or_init(|| {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let own = home.iter().flat_map(|home| HOME_FOLDERS.map(|folder| home.join(folder)));
        let mut found = Vec::new();
        for folder in FOLDERS.map(PathBuf::from).into_iter().chain(own) {
            collect(&folder, 5, &mut found);
        }
        found.sort();
        found
    })
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if found.len() >= MOST_FILES {
            return;
        }
        let kind = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        match kind.as_deref() {
            Some("ttf" | "otf" | "ttc") => found.push(path),
            _ if depth > 0 && path.is_dir() => collect(&path, depth - 1, found),
            _ => {}
        }
    }
}

/// The bytes of the first font that has the character, and its place in the file. They are kept for good.
pub(crate) fn font_with(ch: char) -> Option<(&'static [u8], u32)> {
    files().iter().find_map(|path| {
        let bytes = std::fs::read(path).ok()?;
        let index = (0..16).map_while(|k| FontRef::from_index(&bytes, k).ok()).position(|font| {
            let glyph = font.charmap().map(ch);
            glyph.is_some_and(|id| font.outline_glyphs().get(id).is_some())
        })?;
        Some((&*Box::leak(bytes.into_boxed_slice()), index as u32))
    })
}
