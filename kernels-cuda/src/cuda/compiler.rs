//! NVIDIA's run-time compiler: kernel texts to machine code of one architecture (CUBIN, which unlike PTX also loads where
//! the compiler is newer than the driver), kept in the user's cache.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;

use libloading::Library;

use super::library::{self, functions};
use crate::cache;
use crate::error::{Error, Result};

type Program = *mut c_void;

type Texts = *const *const c_char;
type Status = c_int;

functions! {
    /// NVRTC's functions, the same since 11.2.
    Functions {
        version: nvrtcVersion(*mut c_int, *mut c_int) -> Status;
        create: nvrtcCreateProgram(*mut Program, *const c_char, *const c_char, c_int, Texts, Texts) -> Status;
        compile: nvrtcCompileProgram(Program, c_int, Texts) -> Status;
        destroy: nvrtcDestroyProgram(*mut Program) -> Status;
        log_size: nvrtcGetProgramLogSize(Program, *mut usize) -> Status;
        log: nvrtcGetProgramLog(Program, *mut c_char) -> Status;
        code_size: nvrtcGetCUBINSize(Program, *mut usize) -> Status;
        code: nvrtcGetCUBIN(Program, *mut c_char) -> Status;
        error: nvrtcGetErrorString(Status) -> *const c_char;
        count_architectures: nvrtcGetNumSupportedArchs(*mut c_int) -> Status;
        architectures: nvrtcGetSupportedArchs(*mut c_int) -> Status;
    }
}

/// How texts are compiled. A product and a sum are two roundings, as on the CPU, unless the text asks for one.
const OPTIONS: [&str; 2] = ["--std=c++17", "--fmad=false"];

/// NVIDIA's run-time compiler, NVRTC. It needs no device.
pub struct Compiler {
    functions: Functions,
    version: (u32, u32),
    architectures: Vec<i32>,
}

impl Compiler {
    /// Opens the library `FLOWBOOK_NVRTC` names, else the newest one that is installed for CUDA up to version `major`.
    ///
    /// # Errors
    /// The reason, as a clause, when there is none.
    pub fn find(major: u32) -> std::result::Result<Compiler, String> {
        if let Some(path) = std::env::var_os("FLOWBOOK_NVRTC").filter(|v| !v.is_empty()) {
            return Compiler::open(Path::new(&path));
        }
        match library::find("nvrtc", &library::versions(major)) {
            Some((library, place)) => Compiler::load(library, &place),
            None => {
                Err("the CUDA run-time compiler (libnvrtc) was not found; install the CUDA toolkit 12 or run `pip \
                         install nvidia-cuda-nvrtc-cu12`"
                    .into())
            }
        }
    }

    /// Opens the library at a path.
    ///
    /// # Errors
    /// The reason, as a clause, when it cannot be used.
    pub fn open(path: &Path) -> std::result::Result<Compiler, String> {
        if let Some(directory) = path.parent() {
            library::open_beside(directory, "nvrtc");
        }
        let place = path.display().to_string();
        match library::open(path) {
            Some(library) => Compiler::load(library, &place),
            None => Err(format!("{place} is no library that can be opened")),
        }
    }

    fn load(library: &'static Library, place: &str) -> std::result::Result<Compiler, String> {
        // SAFETY: these are the functions' types in every version since 11.2.
        let functions = unsafe { Functions::load(library) }
            .map_err(|symbol| format!("{place} is no CUDA run-time compiler that can be used (it has no {symbol})"))?;
        let (mut major, mut minor, mut count) = (0, 0, 0);
        // SAFETY: each function writes the numbers it is given places for.
        let architectures = unsafe {
            (functions.version)(&mut major, &mut minor);
            (functions.count_architectures)(&mut count);
            let mut architectures = vec![0; usize::try_from(count).unwrap_or(0)];
            (functions.architectures)(architectures.as_mut_ptr());
            architectures
        };
        Ok(Compiler { functions, version: (major as u32, minor as u32), architectures })
    }

    /// The compiler's version, that of the CUDA toolkit it belongs to.
    pub fn version(&self) -> (u32, u32) {
        self.version
    }

    /// The architecture to compile for, so that a device of this compute capability runs the code.
    ///
    /// # Errors
    /// `Unavailable` when the compiler is too old or too new for the device.
    pub fn architecture(&self, (major, minor): (i32, i32)) -> Result<i32> {
        let device = major * 10 + minor;
        let runs = |a: &&i32| **a / 10 == major && **a <= device;
        self.architectures.iter().filter(runs).max().copied().ok_or_else(|| {
            let (x, y) = self.version;
            Error::Unavailable(format!(
                "the CUDA run-time compiler {x}.{y} does not know devices of compute capability {major}.{minor}"
            ))
        })
    }

    /// Compiles a text for an architecture, such as 75, unless the user's cache has it.
    ///
    /// # Errors
    /// `Compile` with the compiler's log.
    pub fn compile(&self, source: &str, architecture: i32) -> Result<Vec<u8>> {
        let architecture = format!("--gpu-architecture=sm_{architecture}");
        let options: Vec<String> = std::iter::once(architecture).chain(OPTIONS.map(String::from)).collect();
        let version = format!("nvrtc {}.{}", self.version.0, self.version.1);
        let key = cache::key(&[source.as_bytes(), version.as_bytes(), options.join(" ").as_bytes()]);
        let (name, directory) = (format!("{key}.cubin"), cache::directory());
        if let Some(code) = directory.as_ref().and_then(|directory| cache::read(directory, &name)) {
            return Ok(code);
        }
        let code = self.compile_now(source, &options)?;
        if let Some(directory) = directory {
            // Without a cache it is compiled again the next time.
            let _ = cache::write(&directory, &name, &code);
        }
        Ok(code)
    }

    fn compile_now(&self, source: &str, options: &[String]) -> Result<Vec<u8>> {
        let name = source.split("__global__ void ").nth(1).and_then(|rest| rest.split('(').next()).unwrap_or("?");
        let failed = |log: String| Error::Compile { name: name.to_string(), log };
        let text = |text: &str| CString::new(text).map_err(|_| failed("the text has a zero byte".into()));
        let (source, title) = (text(source)?, text(&format!("{name}.cu"))?);
        let options = options.iter().map(|o| text(o)).collect::<Result<Vec<CString>>>()?;
        let pointers: Vec<*const c_char> = options.iter().map(|o| o.as_ptr()).collect();
        let functions = &self.functions;
        let mut program = std::ptr::null_mut();
        let none = std::ptr::null();
        // SAFETY: the texts end with a zero and outlive the program, which is used by this thread alone and destroyed at
        // the end; sizes are asked for before room of that size is filled.
        unsafe {
            let status = (functions.create)(&mut program, source.as_ptr(), title.as_ptr(), 0, none, none);
            if status != 0 {
                return Err(failed(self.reason(status)));
            }
            let status = (functions.compile)(program, pointers.len() as c_int, pointers.as_ptr());
            let result = if status == 0 {
                read(program, functions.code_size, functions.code).ok_or_else(|| failed("no code came of it".into()))
            } else {
                let log = read(program, functions.log_size, functions.log).unwrap_or_default();
                let log = String::from_utf8_lossy(&log).trim_end_matches('\0').to_string();
                Err(failed(format!("{}\n{log}", self.reason(status))))
            };
            (functions.destroy)(&mut program);
            result
        }
    }

    fn reason(&self, status: c_int) -> String {
        // SAFETY: the function returns a constant text for every number.
        unsafe { CStr::from_ptr((self.functions.error)(status)) }.to_string_lossy().into_owned()
    }
}

/// Asks for a size and then for as many bytes.
///
/// # Safety
/// The functions are a pair of the library's for the living program.
unsafe fn read(
    program: Program,
    size: unsafe extern "C" fn(Program, *mut usize) -> c_int,
    get: unsafe extern "C" fn(Program, *mut c_char) -> c_int,
) -> Option<Vec<u8>> {
    let mut bytes = 0;
    // SAFETY: the caller's promise; the room is as large as the library said.
    unsafe {
        if size(program, &mut bytes) != 0 || bytes == 0 {
            return None;
        }
        let mut room = vec![0u8; bytes];
        (get(program, room.as_mut_ptr().cast()) == 0).then_some(room)
    }
}
