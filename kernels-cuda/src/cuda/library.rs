//! Finding CUDA's libraries and their functions: by name where the loader looks, then by path where CUDA and Python packages
//! put them. Done here, because the names differ from one version of CUDA to the next and a binding knows those of one
//! version only. What was opened stays open: these libraries have threads and handlers that run when the process ends.

use std::path::{Path, PathBuf};

use libloading::Library;

/// The functions of a library, each with the name of a field, its symbol and its type. `load` finds them all, or names the
/// first that is missing. `tools/check_headers.py` compares what is declared so with the libraries' own headers.
macro_rules! functions {
    ($(#[$note:meta])* $name:ident { $($field:ident: $symbol:ident($($argument:ty),* $(,)?) $(-> $result:ty)?;)* }) => {
        $(#[$note])*
        struct $name {
            $($field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl $name {
            /// # Safety
            /// The library's functions have these types.
            unsafe fn load(library: &'static libloading::Library) -> std::result::Result<$name, &'static str> {
                // SAFETY: the caller's promise.
                unsafe { Ok($name { $($field: crate::cuda::library::function(library, stringify!($symbol))?,)* }) }
            }
        }
    };
}
pub(super) use functions;

/// A function of a library that stays open, or its name when it is missing.
///
/// # Safety
/// The function has this type.
pub(super) unsafe fn function<F: Copy>(
    library: &'static Library,
    name: &'static str,
) -> std::result::Result<F, &'static str> {
    // SAFETY: the caller's promise.
    unsafe { library.get::<F>(name.as_bytes()) }.map(|found| *found).map_err(|_| name)
}

/// The versions of a library that go with CUDA 12 up to the driver's, the newest first.
pub(super) fn versions(major: u32) -> Vec<u32> {
    (12..=major.max(12)).rev().collect()
}

/// Opens `lib{stem}.so.{version}`, the first of the versions that is there, and says where it was found.
pub(super) fn find(stem: &str, versions: &[u32]) -> Option<(&'static Library, String)> {
    let places = directories();
    versions.iter().find_map(|version| {
        let name = format!("lib{stem}.so.{version}");
        if let Some(library) = open(Path::new(&name)) {
            return Some((library, name));
        }
        places.iter().find_map(|directory| {
            let path = directory.join(&name);
            if !path.is_file() {
                return None;
            }
            open_beside(directory, stem);
            Some((open(&path)?, path.display().to_string()))
        })
    })
}

/// Opens the driver, also where it lies in none of the loader's own places.
pub(super) fn open_driver() -> Option<&'static Library> {
    let places = ["/usr/local/nvidia/lib64", "/usr/lib64-nvidia", "/usr/lib/wsl/lib", "/run/opengl-driver/lib"];
    let name = Path::new("libcuda.so.1");
    open(name).or_else(|| places.iter().find_map(|place| open(&Path::new(place).join(name))))
}

/// Opens a library for as long as the process lives.
pub(super) fn open(path: &Path) -> Option<&'static Library> {
    // SAFETY: CUDA's own libraries, whose initialisers have no conditions.
    let library = unsafe { Library::new(path) }.ok()?;
    Some(Box::leak(Box::new(library)))
}

/// Opens what the library of that name needs and looks for by name only, and keeps it open.
pub(super) fn open_beside(directory: &Path, stem: &str) {
    let needed = match stem {
        "nvrtc" => "libnvrtc-builtins.so.",
        "cublas" => "libcublasLt.so.",
        // cuDNN looks for its own parts when it needs them, by name.
        "cudnn" => "libcudnn_",
        _ => return,
    };
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut left: Vec<PathBuf> =
        entries.filter(|e| e.file_name().to_string_lossy().starts_with(needed)).map(|e| e.path()).collect();
    // Parts need parts: one that cannot be opened yet is tried again once another was.
    while let Some(i) = left.iter().position(|path| open(path).is_some()) {
        left.swap_remove(i);
    }
}

/// Where CUDA's libraries may lie besides the loader's own places.
fn directories() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let mut roots: Vec<PathBuf> = ["CUDA_HOME", "CUDA_PATH"].iter().filter_map(|name| variable(name)).collect();
    roots.push("/usr/local/cuda".into());
    roots.extend(children(Path::new("/usr/local"), "cuda-"));
    roots.push("/opt/cuda".into());
    for root in &roots {
        found.extend(["lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib"].map(|d| root.join(d)));
    }
    let mut prefixes: Vec<PathBuf> = ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|name| variable(name)).collect();
    found.extend(prefixes.iter().map(|prefix| prefix.join("lib")));
    prefixes.extend(variable("HOME").map(|home| home.join(".local")));
    prefixes.extend(["/usr/local", "/usr", "/opt/conda"].map(PathBuf::from));
    let path = variable("PATH").unwrap_or_default();
    let pythons = std::env::split_paths(&path).filter(|bin| bin.join("python3").exists());
    prefixes.extend(pythons.filter_map(|bin| Some(bin.parent()?.to_path_buf())));
    for python in prefixes.iter().flat_map(|prefix| children(&prefix.join("lib"), "python3")) {
        for packages in ["site-packages", "dist-packages"] {
            let nvidia = python.join(packages).join("nvidia");
            found.extend(children(&nvidia, "").into_iter().map(|package| package.join("lib")));
        }
    }
    found.retain(|directory| directory.is_dir());
    found
}

/// The directories in a directory whose names begin so, the last ones first.
fn children(directory: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let named = entries.filter(|e| e.file_name().to_string_lossy().starts_with(prefix));
    let mut children: Vec<PathBuf> = named.map(|e| e.path()).filter(|p| p.is_dir()).collect();
    children.sort();
    children.reverse();
    children
}
