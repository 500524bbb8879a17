//! Libraries made for a test, and child processes that find them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory with libraries of its own.
pub struct Libraries(pub PathBuf);

impl Libraries {
    pub fn new() -> Libraries {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("flowbook-libraries-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the temporary directory is writable");
        Libraries(path)
    }

    /// Compiles a library; false, with a visible line, without a C compiler.
    pub fn add(&self, source: &str, name: &str, flags: &[&str]) -> bool {
        let file = self.0.join("source.c");
        fs::write(&file, source).expect("the directory is writable");
        let mut command = Command::new("cc");
        command.args(["-shared", "-fPIC", "-w", "-o"]).arg(self.0.join(name)).arg(&file);
        command.arg(format!("-Wl,-soname,{name}")).args(flags).arg(format!("-L{}", self.0.display()));
        let Ok(output) = command.stdin(Stdio::null()).output() else {
            super::support::skipped("the libraries for this test need a C compiler, and there is none");
            return false;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        true
    }

    /// The driver, by both of its names.
    pub fn add_driver(&self, flags: &[&str]) -> bool {
        let made = self.add(include_str!("../libraries/cuda.c"), "libcuda.so.1", flags);
        let _ = std::os::unix::fs::symlink("libcuda.so.1", self.0.join("libcuda.so"));
        made
    }

    /// What the child test of that name prints.
    pub fn run(&self, child: &str, variables: &[(&str, &str)]) -> String {
        self.run_and_hear(child, variables).0
    }

    /// The same, and what it says on its error stream.
    pub fn run_and_hear(&self, child: &str, variables: &[(&str, &str)]) -> (String, String) {
        let mut command = Command::new(std::env::current_exe().expect("a running test has a path"));
        let inherited = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let paths = std::iter::once(self.0.clone()).chain(std::env::split_paths(&inherited));
        let paths = std::env::join_paths(paths).expect("no path has a colon");
        command.args(["--exact", child, "--ignored", "--nocapture"]).env("LD_LIBRARY_PATH", paths);
        command.env("XDG_CACHE_HOME", self.0.join("cache"));
        for name in ["CUDA_VISIBLE_DEVICES", "FLOWBOOK_CUDA", "FLOWBOOK_NVRTC", "FLOWBOOK_CUDNN"] {
            command.env_remove(name);
        }
        let output =
            command.envs(variables.iter().copied()).stdin(Stdio::null()).output().expect("the test runs again");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        (out.into_owned(), err.into_owned())
    }

    /// What the child test of that name asks the driver for: lines of what, the device's number and the bytes.
    pub fn log(&self, child: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let path = self.0.join("log");
        let (name, own) = (path.display().to_string(), compiler(self));
        let all = [&[("FAKE_LOG", &*name), ("FLOWBOOK_NVRTC", &*own)], variables].concat();
        self.run(child, &all);
        fs::read_to_string(&path).unwrap_or_default().lines().map(str::to_string).collect()
    }

    pub fn answer(&self, variables: &[(&str, &str)]) -> String {
        let out = self.run("search::say_what_is_found", variables);
        let mut lines = out.lines().filter_map(|line| line.split_once("FOUND: ")).map(|(_, text)| text.to_string());
        let answer = lines.next().unwrap_or_else(|| panic!("no answer in {out}"));
        assert!(lines.next().is_none(), "the answer is one line");
        answer
    }
}

impl Drop for Libraries {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All libraries, with a driver that runs what it is given when it is waited for.
pub fn whole() -> Option<Libraries> {
    let libraries = Libraries::new();
    let made = libraries.add_driver(&[])
        && libraries.add(include_str!("../libraries/nvrtc.c"), "libnvrtc.so.12", &[])
        && libraries.add(include_str!("../libraries/cublas.c"), "libcublas.so.12", &["-l:libcuda.so.1"])
        && libraries.add(include_str!("../libraries/cublaslt.c"), "libcublasLt.so.12", &["-l:libcuda.so.1"]);
    made.then_some(libraries)
}

pub fn compiler(libraries: &Libraries) -> String {
    libraries.0.join("libnvrtc.so.12").display().to_string()
}
