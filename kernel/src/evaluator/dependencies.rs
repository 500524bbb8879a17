//! `:dep`: crates of the user's beside the library. cargo builds them once into a dylib, in a directory that all
//! notebooks share; cells are compiled against the crates, and the process of the cells loads the dylib.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

use serde_json::Value;

use super::toolchain::Toolchain;
use super::{CellError, Host, Output, Stream, report};

/// The crates asked for so far, and what cargo made of them.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// The right side of each crate's line in `Cargo.toml`.
    wanted: BTreeMap<String, String>,
    /// What cells are compiled against.
    pub built: Option<Built>,
}

/// Crates ready for use.
#[derive(Clone, Debug)]
pub struct Built {
    /// The dylib with all of them.
    pub library: PathBuf,
    /// The name and file of each crate asked for.
    pub crates: Vec<(String, PathBuf)>,
    /// Where what they depend on lies.
    pub directory: PathBuf,
}

/// A line `NAME`, `NAME = "VERSION"` or `NAME = { ... }`, as in `Cargo.toml`.
pub fn parse(line: &str) -> Result<(String, String), String> {
    let (name, rest) = line.split_once('=').unwrap_or((line, "\"*\""));
    let (name, rest) = (name.trim(), rest.trim());
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let is_value =
        rest.starts_with('"') && rest.ends_with('"') && rest.len() > 2 || rest.starts_with('{') && rest.ends_with('}');
    if !is_name || !is_value {
        return Err(format!(
            "`:dep {line}` is not understood; write `:dep rand`, `:dep rand = \"0.9\"` or \
             `:dep serde = {{ version = \"1\", features = [\"derive\"] }}`"
        ));
    }
    Ok((name.to_owned(), with_absolute_path(rest)))
}

/// A relative `path = "..."` is meant from the notebook's directory.
fn with_absolute_path(spec: &str) -> String {
    let Some(at) = spec.find("path") else { return spec.to_owned() };
    let mut parts = spec[at..].splitn(3, '"');
    let (Some(key), Some(path), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return spec.to_owned();
    };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
    format!("{}{key}\"{}\"{rest}", &spec[..at], absolute.display())
}

impl Dependencies {
    /// Builds the crates asked for so far and these. What cargo says is shown while it works; `pid` is its process
    /// group meanwhile, so that an interrupt reaches it.
    ///
    /// # Errors
    /// When cargo is missing or fails: no such crate, no network, a crate that does not compile.
    pub fn with(
        &self,
        new: &[(String, String)],
        toolchain: &Toolchain,
        pid: &AtomicI32,
        host: &mut dyn Host,
    ) -> Result<Dependencies, CellError> {
        let mut wanted = self.wanted.clone();
        wanted.extend(new.iter().cloned());
        if wanted == self.wanted {
            return Ok(self.clone());
        }
        let cache = cache().ok_or_else(|| error("no directory for built crates: set HOME or XDG_CACHE_HOME".into()))?;
        let package = Package::new(&wanted, &cache, toolchain);
        package
            .write(self.built.as_ref())
            .map_err(|e| error(format!("cannot write {}: {e}", package.dir.display())))?;
        let built = package.build(pid, host)?;
        Ok(Dependencies { wanted, built: Some(built) })
    }
}

/// The package whose only purpose is to depend on the crates.
struct Package<'a> {
    wanted: &'a BTreeMap<String, String>,
    name: String,
    dir: PathBuf,
    target: PathBuf,
    toolchain: &'a Toolchain,
}

impl<'a> Package<'a> {
    fn new(wanted: &'a BTreeMap<String, String>, cache: &Path, toolchain: &'a Toolchain) -> Package<'a> {
        let mut hash = DefaultHasher::new();
        (wanted, env!("FLOWBOOK_RUSTC_VERSION")).hash(&mut hash);
        let name = format!("flowbook_dependencies_{:016x}", hash.finish());
        Package { wanted, dir: cache.join(&name), target: cache.join("target"), name, toolchain }
    }

    /// `lock_of`: earlier crates keep their versions, so that variables of their types stay valid.
    fn write(&self, lock_of: Option<&Built>) -> io::Result<()> {
        fs::create_dir_all(self.dir.join("src"))?;
        let lines: String = self.wanted.iter().map(|(name, spec)| format!("{name} = {spec}\n")).collect();
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"dylib\"]\n\n\
             [profile.release]\ndebug = false\n\n[workspace]\n\n[dependencies]\n{lines}",
            self.name
        );
        let externs: String =
            self.wanted.keys().map(|name| format!("extern crate {} as _;\n", name.replace('-', "_"))).collect();
        let source = format!("//! Brings the crates of a notebook's `:dep` lines into one dylib.\n{externs}");
        write_if_changed(&self.dir.join("Cargo.toml"), &manifest)?;
        write_if_changed(&self.dir.join("src/lib.rs"), &source)?;
        let lock = self.dir.join("Cargo.lock");
        if let Some(old) = lock_of
            && !lock.exists()
        {
            // Only a wish: without it cargo chooses versions anew.
            let _ = fs::copy(old.lock(), lock);
        }
        Ok(())
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let own = self.toolchain.rustc().with_file_name("cargo");
        let mut cargo = Command::new(if own.is_file() { own } else { "cargo".into() });
        cargo
            .args(arguments)
            .current_dir(&self.dir)
            .env("RUSTC", self.toolchain.rustc())
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        cargo
    }

    fn build(&self, pid: &AtomicI32, host: &mut dyn Host) -> Result<Built, CellError> {
        let mut cargo = self.cargo(&["build", "--release", "--message-format=json-render-diagnostics"]);
        cargo.stderr(Stdio::piped()).process_group(0);
        let mut child = cargo.spawn().map_err(|e| {
            error(format!("`:dep` needs cargo, which does not start: {e}; install Rust from https://rustup.rs"))
        })?;
        let cells = pid.swap(child.id() as i32, Ordering::SeqCst);
        let (said, artifacts) = follow(&mut child, host);
        let status = child.wait();
        pid.store(cells, Ordering::SeqCst);
        if !status.is_ok_and(|status| status.success()) {
            return Err(failure(&said));
        }
        // Without the filter it asks for the crates of all platforms, which were never fetched.
        let platform = ["metadata", "--format-version=1", "--offline", "--filter-platform", env!("FLOWBOOK_TARGET")];
        let graph = self.cargo(&platform).stderr(Stdio::null()).output();
        let graph: Value = graph.ok().and_then(|o| serde_json::from_slice(&o.stdout).ok()).unwrap_or_default();
        self.collect(&artifacts, &graph).ok_or_else(|| error("cargo built the crates but does not say where".into()))
    }

    fn collect(&self, artifacts: &[Value], graph: &Value) -> Option<Built> {
        let root = graph["resolve"]["root"].as_str()?;
        let node = graph["resolve"]["nodes"].as_array()?.iter().find(|node| node["id"] == root)?;
        let file_of = |package: &str, extensions: &[&str]| {
            let of_package = |artifact: &&Value| artifact["package_id"] == package;
            let mut files = artifacts.iter().filter(of_package).flat_map(|a| a["filenames"].as_array()).flatten();
            files.find_map(|file| {
                let path = PathBuf::from(file.as_str()?);
                let extension = path.extension()?.to_str()?;
                extensions.contains(&extension).then_some(path)
            })
        };
        let dependency = |dependency: &Value| {
            let file = file_of(dependency["pkg"].as_str()?, &["rlib", "so"])?;
            Some((dependency["name"].as_str()?.to_owned(), file))
        };
        let crates = node["deps"].as_array()?.iter().filter_map(dependency).collect();
        Some(Built { library: file_of(root, &["so"])?, crates, directory: self.target.join("release/deps") })
    }
}

impl Built {
    fn lock(&self) -> PathBuf {
        let name = self.library.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let cache = self.directory.ancestors().nth(3).unwrap_or(Path::new("."));
        cache.join(name.trim_start_matches("lib")).join("Cargo.lock")
    }
}

/// Shows what cargo says while it works; returns that, and the artifacts among its messages.
fn follow(cargo: &mut Child, host: &mut dyn Host) -> (String, Vec<Value>) {
    let messages = cargo.stdout.take().map(|mut stdout| {
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stdout.read_to_string(&mut text);
            text
        })
    });
    let mut said = String::new();
    for line in cargo.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).lines()).map_while(Result::ok)
    {
        host.show(Output::Stream(Stream::Stdout, line.clone() + "\n"));
        said += &(line + "\n");
    }
    let text = messages.and_then(|messages| messages.join().ok()).unwrap_or_default();
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    (said, messages.filter(|message| message["reason"] == "compiler-artifact").collect())
}

/// cargo's own words, and what they may mean.
fn failure(said: &str) -> CellError {
    let from = said.find("error").unwrap_or(0);
    let mut text = said[from..].trim().trim_start_matches("error: ").to_owned();
    let offline = ["failed to download", "Could not resolve", "spurious network error", "failed to fetch", "offline"];
    if offline.iter().any(|sign| said.contains(sign)) {
        text += "\n`:dep` needs the network when a crate is used for the first time; crates built once need none";
    }
    error(text)
}

fn error(text: String) -> CellError {
    report::runtime_error("DependencyError", &text, None, &BTreeMap::new())
}

fn cache() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(base.join("flowbook/dependencies"))
}

/// A file that is written again is newer, and cargo would build again.
fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) { Ok(()) } else { fs::write(path, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_a_manifest() {
        let pair = |name: &str, spec: &str| Ok((name.to_owned(), spec.to_owned()));
        assert_eq!(parse("rand"), pair("rand", "\"*\""));
        assert_eq!(parse("rand = \"0.9\""), pair("rand", "\"0.9\""));
        let full = "{ version = \"1\", features = [\"derive\"] }";
        assert_eq!(parse(&format!("serde={full}")), pair("serde", full));
        assert!(parse("rand 0.9").is_err());
        assert!(parse("rand = 0.9").is_err());
        assert!(parse("= \"1\"").is_err());
    }

    #[test]
    fn paths_are_meant_from_here() {
        let here = std::env::current_dir().unwrap();
        let expected = format!("{{ path = \"{}\", version = \"1\" }}", here.join("own").display());
        assert_eq!(parse("own = { path = \"own\", version = \"1\" }").unwrap().1, expected);
    }
}
