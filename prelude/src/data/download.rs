//! Fetching a data set into the user's cache, by the system's `curl`, so that the library links no TLS of its own.
//! A file counts as fetched only when its SHA-256 is the published one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{DataSet, FILES, sha256};
use crate::engine::check_interrupt;
use crate::error::{Error, Result};

/// The mirror of a data set, and size and SHA-256 of each of its files.
struct Mirror {
    url: &'static str,
    files: [(u64, &'static str); 4],
}

static MNIST: Mirror = Mirror {
    url: "https://storage.googleapis.com/cvdf-datasets/mnist",
    files: [
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ],
};

static FASHION_MNIST: Mirror = Mirror {
    url: "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
    files: [
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ],
};

/// The network was out of reach once; it is not tried again by this process.
static UNREACHABLE: AtomicBool = AtomicBool::new(false);

/// Where fetched files of the set are kept: under `XDG_CACHE_HOME`, else `~/.cache`.
pub(super) fn cache(set: DataSet) -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(base.join("flowbook").join(set.directory()))
}

/// Fetches the set's files into the cache and says where that is; `None` when there is no way to fetch them.
pub(super) fn fetch(set: DataSet) -> Result<Option<PathBuf>> {
    let Some(directory) = cache(set) else { return Ok(None) };
    if UNREACHABLE.load(Ordering::Relaxed) || std::env::var_os("FLOWBOOK_OFFLINE").is_some() {
        return Ok(None);
    }
    if std::fs::create_dir_all(&directory).is_err() {
        return Ok(None);
    }
    let mirror = if set == DataSet::Mnist { &MNIST } else { &FASHION_MNIST };
    // The first file comes last: it is by that file that a complete set is recognised.
    for (name, (size, hash)) in FILES.into_iter().zip(mirror.files).rev() {
        if !fetch_file(&format!("{}/{name}", mirror.url), &directory.join(name), size, hash)? {
            UNREACHABLE.store(true, Ordering::Relaxed);
            return Ok(None);
        }
    }
    Ok(Some(directory))
}

fn fetch_file(url: &str, to: &Path, size: u64, hash: &str) -> Result<bool> {
    let part = to.with_extension(format!("part-{}", std::process::id()));
    let curl = Command::new("curl")
        .args(["--fail", "--location", "--silent", "--connect-timeout", "5", "--output"])
        .arg(&part)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut curl) = curl else { return Ok(false) };
    let fetched = follow(&mut curl, &part, to, size);
    if !matches!(fetched, Ok(true)) {
        let _ = curl.kill();
        let _ = curl.wait();
        let _ = std::fs::remove_file(&part);
        return fetched;
    }
    let io = |error: std::io::Error| Error::Os(format!("{}: {error}", part.display()));
    let found = sha256::hex(&std::fs::read(&part).map_err(io)?);
    if found != hash {
        let _ = std::fs::remove_file(&part);
        return Err(Error::Value(format!("{url} is not the published file: SHA-256 {found}, expected {hash}")));
    }
    std::fs::rename(&part, to).map_err(io)?;
    Ok(true)
}

/// Waits for the transfer and draws its progress, once there is some.
fn follow(curl: &mut Child, part: &Path, to: &Path, size: u64) -> Result<bool> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let mut drawn = false;
    loop {
        check_interrupt()?;
        let ended = curl.try_wait().map_err(|error| Error::Os(format!("curl: {error}")))?;
        let have = std::fs::metadata(part).map_or(0, |m| m.len());
        if have > 0 {
            let filled = (have * 30 / size.max(1)).min(30) as usize;
            print!("\r{name} [{:-<30}] {:.1}/{:.1} MB", "=".repeat(filled), have as f64 / 1e6, size as f64 / 1e6);
            let _ = std::io::stdout().flush();
            drawn = true;
        }
        if let Some(status) = ended {
            if drawn {
                println!();
            }
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
