//! Kernel texts as shared objects of this processor: the C++ compiler, its cache, and calls into what it made.

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use libloading::Library;

use crate::cache;
use crate::error::{Error, Result};
use crate::launch::{Arg, Launch};

use super::watch::{Fault, Faulty, Range, Watch};

const SHIM: &str = include_str!("shim.h");
const CHECKS: &str = include_str!("checks.h");
const HOOKS: &str = include_str!("hooks.h");
/// No contraction: an emulated kernel rounds wherever its text says so.
const FLAGS: [&str; 8] =
    ["-std=c++17", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-U_FORTIFY_SOURCE", "-ffp-contract=off", "-w"];
/// Those with which every access of a kernel is watched: calls of the hooks, and none of a library that would bring its own.
const WATCHED: [&str; 7] = [
    "-fsanitize=thread",
    "-fno-exceptions",
    "-nodefaultlibs",
    "-lm",
    "-lc",
    "-fno-tree-loop-distribute-patterns",
    "-O1",
];
/// What a text that lets threads wait for each other contains.
const WAITS: [&str; 4] = ["__syncthreads", "__syncwarp", "__shfl", "__ballot"];

/// A C++ compiler.
struct Compiler {
    program: &'static str,
    version: String,
}

/// The system's compiler, or none.
fn compiler() -> Option<&'static Compiler> {
    static COMPILER: OnceLock<Option<Compiler>> = OnceLock::new();
    let find = || {
        ["c++", "g++", "clang++"].into_iter().find_map(|program| {
            let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
            let version = String::from_utf8_lossy(&output.stdout).into_owned();
            output.status.success().then_some(Compiler { program, version })
        })
    };
    COMPILER.get_or_init(find).as_ref()
}

/// Whether kernels can be compiled for this processor.
pub(super) fn is_available() -> bool {
    compiler().is_some()
}

type Run = unsafe extern "C" fn(*const u32, *const u32, *mut *mut c_void, c_int) -> c_int;
type Signature = unsafe extern "C" fn() -> *const c_char;

/// A text's shared object. The lock is for its thread indices, its shared memory and its fibres, which are statics.
pub(super) struct Module {
    library: Library,
    watch: Option<(Watch, Faulty)>,
    waits: bool,
    running: Mutex<()>,
}

/// The module of a text, compiled once, its accesses `watched` or not: whoever wants it meanwhile waits.
pub(super) fn module(source: &Arc<str>, watched: bool) -> Result<Arc<Module>> {
    type Cell = Arc<OnceLock<Result<Arc<Module>>>>;
    static MODULES: OnceLock<Mutex<HashMap<(Arc<str>, bool), Cell>>> = OnceLock::new();
    let modules = MODULES.get_or_init(Mutex::default);
    let key = (source.clone(), watched);
    let cell = modules.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
    cell.get_or_init(|| Module::new(source, watched).map(Arc::new)).clone()
}

/// The names of a text's kernels; one that the text has in two variants is named once.
fn kernels(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for rest in source.split("__global__ void ").skip(1) {
        let name = rest.split('(').next().unwrap_or_default().trim();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn failed(name: &str, log: impl ToString) -> Error {
    Error::Compile { name: name.to_string(), log: log.to_string() }
}

impl Module {
    fn new(source: &str, watched: bool) -> Result<Module> {
        let names = kernels(source);
        let title = names.first().copied().unwrap_or("without a name");
        let Some(compiler) = compiler() else {
            return Err(Error::Unavailable("the emulated device needs a C++ compiler (c++, g++ or clang++)".into()));
        };
        let entries: String = names.iter().map(|name| format!("FLOWBOOK_ENTRY({name})\n")).collect();
        // In a namespace of its own a kernel may be called as a function of the C library is.
        let inner = source.replace("extern \"C\" __global__", "__global__");
        let (checks, hooks, more) = if watched { (CHECKS, HOOKS, &WATCHED[..]) } else { ("", "", &[][..]) };
        let text = format!("{checks}{SHIM}{hooks}\nnamespace text {{\n#line 1 \"{title}\"\n{inner}\n}}\n{entries}");
        let flags = [&FLAGS[..], more].concat();
        let given = flags.join(" ");
        let parts = [text.as_bytes(), compiler.version.as_bytes(), given.as_bytes()];
        let name = format!("{}.so", cache::key(&parts));
        let directory = cache::directory().filter(|directory| std::fs::create_dir_all(directory).is_ok());
        let directory = directory.unwrap_or_else(std::env::temp_dir);
        let cached = cache::read(&directory, &name).and_then(|_| open(&directory.join(&name)).ok());
        let library = match cached {
            Some(library) => library,
            None => {
                let path = build(compiler, &flags, &directory, &name, &text).map_err(|log| failed(title, log))?;
                open(&path).map_err(|error| failed(title, error))?
            }
        };
        let waits = WAITS.iter().any(|word| source.contains(word));
        // SAFETY: the hooks define these functions with these types.
        let watch = watched.then(|| unsafe {
            Ok((*library.get::<Watch>("flowbook_watch")?, *library.get::<Faulty>("flowbook_fault")?))
        });
        let watch = watch.transpose().map_err(|error: libloading::Error| failed(title, error))?;
        Ok(Module { library, watch, waits, running: Mutex::new(()) })
    }

    /// The kernel a launch names, if it takes the launch's arguments.
    pub(super) fn entry(&self, launch: &Launch) -> Result<Entry> {
        let name = &launch.name;
        let missing = |_| Error::Invalid(format!("the text has no kernel {name}"));
        // SAFETY: the shim defines these functions with these types for each kernel of the text.
        let (run, signature) = unsafe {
            let run = self.library.get::<Run>(format!("flowbook_run_{name}")).map_err(missing)?;
            let signature = self.library.get::<Signature>(format!("flowbook_signature_{name}")).map_err(missing)?;
            (*run, CStr::from_ptr(signature()).to_string_lossy().into_owned())
        };
        let given: String = launch.args.iter().map(code).collect();
        if given != signature {
            return Err(Error::Invalid(format!("the kernel {name} takes ({signature}), not ({given})")));
        }
        Ok(Entry(run))
    }

    /// Runs a kernel of this module with these arguments, whose addresses are of this process. `buffers` is asked for all
    /// that there are, in order, if the module's accesses are watched.
    ///
    /// # Safety
    /// The addresses lie in memory that is large enough for the kernel.
    pub(super) unsafe fn run(
        &self,
        entry: &Entry,
        launch: &Launch,
        args: &[Arg],
        buffers: impl FnOnce() -> Vec<Range>,
    ) -> Result<()> {
        if launch.grid.contains(&0) || launch.block.contains(&0) {
            return Err(Error::Invalid(format!("the kernel {} has an empty grid or block", launch.name)));
        }
        let mut words: Vec<[u8; 8]> = args.iter().map(word).collect();
        let mut pointers: Vec<*mut c_void> = words.iter_mut().map(|w| w.as_mut_ptr().cast()).collect();
        let _running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let (grid, block) = (launch.grid.as_ptr(), launch.block.as_ptr());
        let ranges = if self.watch.is_some() { buffers() } else { vec![] };
        if let Some((watch, _)) = self.watch {
            // SAFETY: the ranges stay where they are until the kernel has run.
            unsafe { watch(ranges.as_ptr(), ranges.len()) };
        }
        // SAFETY: the arguments have the types of the kernel's parameters; their addresses are the caller's promise.
        let code = unsafe { (entry.0)(grid, block, pointers.as_mut_ptr(), c_int::from(self.waits)) };
        if let Some((_, faulty)) = self.watch {
            let mut fault = Fault::default();
            // SAFETY: the function writes one fault.
            unsafe { faulty(&mut fault) };
            fault.result(&launch.name, &ranges)?;
        }
        match code {
            0 => Ok(()),
            1 => Err(Error::Invalid(format!("a barrier of the kernel {} is not reached by all threads", launch.name))),
            _ => Err(Error::Invalid(format!("the kernel {} wants blocks of more than 1024 threads", launch.name))),
        }
    }
}

/// A kernel of a module.
pub(super) struct Entry(Run);

fn open(path: &Path) -> std::result::Result<Library, libloading::Error> {
    // SAFETY: the object is one of ours; it has no code that runs when it is loaded.
    unsafe { Library::new(path) }
}

/// Compiles a text into the cache; on failure the compiler's messages.
fn build(
    compiler: &Compiler,
    flags: &[&str],
    directory: &Path,
    name: &str,
    text: &str,
) -> std::result::Result<PathBuf, String> {
    let said = |error: std::io::Error| error.to_string();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let draft = format!("text-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let (from, to) = (directory.join(format!("{draft}.cpp")), directory.join(format!("{draft}.out")));
    std::fs::write(&from, text).map_err(said)?;
    let output = Command::new(compiler.program).arg(&from).args(flags).arg("-o").arg(&to).stdin(Stdio::null()).output();
    let result = output.map_err(said).and_then(|output| {
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let code = std::fs::read(&to).map_err(said)?;
        cache::write(directory, name, &code).map_err(said)
    });
    let _ = std::fs::remove_file(&from);
    let _ = std::fs::remove_file(&to);
    result
}

fn code(arg: &Arg) -> char {
    match arg {
        Arg::Address(_) => 'p',
        Arg::I32(_) => 'i',
        Arg::U32(_) => 'u',
        Arg::I64(_) => 'l',
        Arg::U64(_) => 'L',
        Arg::F32(_) => 'f',
        Arg::F64(_) => 'd',
    }
}

fn word(arg: &Arg) -> [u8; 8] {
    let short = |bytes: [u8; 4]| u64::from(u32::from_ne_bytes(bytes)).to_le_bytes();
    match *arg {
        Arg::Address(v) | Arg::U64(v) => v.to_ne_bytes(),
        Arg::I64(v) => v.to_ne_bytes(),
        Arg::F64(v) => v.to_ne_bytes(),
        Arg::I32(v) => short(v.to_ne_bytes()),
        Arg::U32(v) => short(v.to_ne_bytes()),
        Arg::F32(v) => short(v.to_ne_bytes()),
    }
}
