//! What happens where something is missing, and that the driver is called as it must be: in child processes that find
//! libraries made for it, since a process looks for a device once.

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use flowbook_cuda::{
    Activation, Arg, Compiler, DType, Device, Error, Launch, Probe, Product, Work, device_name, devices, probe,
};

/// A directory with libraries of its own.
struct Libraries(PathBuf);

impl Libraries {
    fn new() -> Libraries {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("flowbook-libraries-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the temporary directory is writable");
        Libraries(path)
    }

    /// Compiles a library; false, with a visible line, without a C compiler.
    fn add(&self, source: &str, name: &str, flags: &[&str]) -> bool {
        let file = self.0.join("source.c");
        fs::write(&file, source).expect("the directory is writable");
        let mut command = Command::new("cc");
        command.args(["-shared", "-fPIC", "-w", "-o"]).arg(self.0.join(name)).arg(&file);
        command.arg(format!("-Wl,-soname,{name}")).args(flags).arg(format!("-L{}", self.0.display()));
        let Ok(output) = command.stdin(Stdio::null()).output() else {
            support::skipped("the libraries for this test need a C compiler, and there is none");
            return false;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        true
    }

    /// The driver, by both of its names.
    fn add_driver(&self, flags: &[&str]) -> bool {
        let made = self.add(include_str!("libraries/cuda.c"), "libcuda.so.1", flags);
        let _ = std::os::unix::fs::symlink("libcuda.so.1", self.0.join("libcuda.so"));
        made
    }

    /// What the child test of that name prints.
    fn run(&self, child: &str, variables: &[(&str, &str)]) -> String {
        let mut command = Command::new(std::env::current_exe().expect("a running test has a path"));
        command.args(["--exact", child, "--ignored", "--nocapture"]).env("LD_LIBRARY_PATH", &self.0);
        command.env("XDG_CACHE_HOME", self.0.join("cache"));
        for name in ["CUDA_VISIBLE_DEVICES", "FLOWBOOK_CUDA", "FLOWBOOK_NVRTC"] {
            command.env_remove(name);
        }
        let output =
            command.envs(variables.iter().copied()).stdin(Stdio::null()).output().expect("the test runs again");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        out.into_owned()
    }

    fn answer(&self, variables: &[(&str, &str)]) -> String {
        let out = self.run("say_what_is_found", variables);
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

/// What other tests run as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn say_what_is_found() {
    match probe() {
        Probe::Device(device) => println!("FOUND: {device} {:?} {}", device_name(), devices().len()),
        Probe::Unavailable(reason) => {
            assert_eq!((device_name(), devices().len()), (None, 0));
            println!("FOUND: {reason}");
        }
    }
}

#[test]
fn hidden_devices_are_not_looked_for() {
    let libraries = Libraries::new();
    for hidden in ["", "-1"] {
        let answer = libraries.answer(&[("CUDA_VISIBLE_DEVICES", hidden)]);
        assert_eq!(answer, "CUDA_VISIBLE_DEVICES hides every device");
    }
}

#[test]
fn an_old_driver_is_said_to_be_old() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&["-DOLD"]) {
        return;
    }
    let answer = libraries.answer(&[]);
    assert!(answer.starts_with("the NVIDIA driver is too old (it has no cu"), "{answer}");
    assert!(answer.ends_with("CUDA 12 is needed: update the NVIDIA driver"), "{answer}");
    assert!(libraries.add_driver(&[]));
    let answer = libraries.answer(&[("FAKE_VERSION", "11080")]);
    assert_eq!(answer, "the NVIDIA driver is for CUDA 11.8; CUDA 12 is needed: update the NVIDIA driver");
}

#[test]
fn a_driver_without_a_device_or_without_a_compiler_is_not_enough() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&[]) {
        return;
    }
    assert_eq!(libraries.answer(&[("FAKE_DEVICES", "0")]), "the NVIDIA driver sees no device");
    let missing = libraries.0.join("nothing.so").display().to_string();
    assert_eq!(
        libraries.answer(&[("FLOWBOOK_NVRTC", &missing)]),
        format!("{missing} is no library that can be opened")
    );
    let driver = libraries.0.join("libcuda.so.1").display().to_string();
    let answer = libraries.answer(&[("FLOWBOOK_NVRTC", &driver)]);
    assert!(answer.starts_with(&format!("{driver} is no CUDA run-time compiler that can be used")), "{answer}");
    if Compiler::find(12).is_ok() {
        support::skipped("a driver without a compiler: this machine has one");
        return;
    }
    let answer = libraries.answer(&[]);
    assert!(answer.starts_with("the CUDA run-time compiler (libnvrtc) was not found; install"), "{answer}");
}

#[test]
fn emulated_devices_are_used_when_they_are_asked_for() {
    for (asked, found) in [
        ("emulated", "Some(\"/device:GPU:0\") [16384 MiB]"),
        ("emulated:64M", "Some(\"/device:GPU:0\") [64 MiB]"),
        ("emulated:2:64M", "Some(\"/device:GPU:0\") [64 MiB, 64 MiB]"),
    ] {
        let out =
            Libraries::new().run("say_what_is_emulated", &[("FLOWBOOK_CUDA", asked), ("CUDA_VISIBLE_DEVICES", "")]);
        assert!(out.contains(&format!("FOUND: {found}")), "{asked}: {out}");
    }
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn say_what_is_emulated() {
    let memory = |device: &Arc<dyn Device>| format!("{} MiB", device.info().memory >> 20);
    let memories: Vec<String> = devices().iter().map(memory).collect();
    println!("FOUND: {:?} [{}]", device_name(), memories.join(", "));
    for (i, device) in devices().iter().enumerate() {
        assert_eq!((&*device.info().name, device.info().index), ("emulated on the CPU", i));
    }
}

/// All libraries, with a driver that runs what it is given when it is waited for.
fn whole() -> Option<Libraries> {
    let libraries = Libraries::new();
    let made = libraries.add_driver(&[])
        && libraries.add(include_str!("libraries/nvrtc.c"), "libnvrtc.so.12", &[])
        && libraries.add(include_str!("libraries/cublas.c"), "libcublas.so.12", &["-l:libcuda.so.1"])
        && libraries.add(include_str!("libraries/cublaslt.c"), "libcublasLt.so.12", &["-l:libcuda.so.1"]);
    made.then_some(libraries)
}

fn compiler(libraries: &Libraries) -> String {
    libraries.0.join("libnvrtc.so.12").display().to_string()
}

#[test]
fn a_device_is_described_in_one_line() {
    let Some(libraries) = whole() else { return };
    let answer = libraries.answer(&[("FLOWBOOK_NVRTC", &compiler(&libraries)), ("FAKE_DEVICES", "2")]);
    assert_eq!(answer, "Fake 0, compute capability 9.0, 0.2 GiB Some(\"/device:GPU:0\") 2");
}

#[test]
fn a_compiler_in_pythons_packages_is_found() {
    let libraries = Libraries::new();
    if !libraries.add_driver(&[]) {
        return;
    }
    let packages = "environment/lib/python3.12/site-packages/nvidia/cu13/lib";
    fs::create_dir_all(libraries.0.join(packages)).unwrap();
    assert!(libraries.add(include_str!("libraries/nvrtc.c"), "libnvrtc.so.13", &[]));
    fs::rename(libraries.0.join("libnvrtc.so.13"), libraries.0.join(packages).join("libnvrtc.so.13")).unwrap();
    let environment = libraries.0.join("environment").display().to_string();
    let answer = libraries.answer(&[("VIRTUAL_ENV", &environment), ("FAKE_VERSION", "13000")]);
    assert!(answer.starts_with("Fake 0, compute capability 9.0"), "{answer}");
    if Compiler::find(12).is_err() {
        // A compiler newer than the driver makes code that the driver does not know.
        let answer = libraries.answer(&[("VIRTUAL_ENV", &environment), ("FAKE_VERSION", "12080")]);
        assert!(answer.starts_with("the CUDA run-time compiler (libnvrtc) was not found"), "{answer}");
    }
}

#[test]
fn the_driver_is_called_as_it_must_be() {
    let Some(libraries) = whole() else { return };
    libraries.run("use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
    let cache: Vec<_> = fs::read_dir(libraries.0.join("cache/flowbook/kernels")).unwrap().flatten().collect();
    assert!(!cache.is_empty(), "compiled kernels are kept");
    // From the cache, and with entries that are damaged.
    libraries.run("use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
    cache.iter().for_each(|entry| damage(&entry.path()));
    libraries.run("use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[0] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// What another test runs as a child process, with a driver of its own.
#[test]
#[ignore = "a child process of other tests"]
fn use_the_device() {
    let device = &*devices()[0];
    upload_and_download(device);
    run_out_of_memory(device);
    create_and_drop(device);
    record_and_replay(device);
    multiply(device);
}

fn upload_and_download(device: &dyn Device) {
    for count in [0, 1, 1000, (2 << 20) + 1, 33 << 20] {
        let buffer = device.alloc(count).unwrap();
        assert_eq!(buffer.address() % 256, 0);
        let bytes: Vec<u8> = (0..count).map(|i| (i % 251) as u8).collect();
        device.upload(buffer.address(), &bytes).unwrap();
        let mut back = vec![0; count];
        device.download(buffer.address(), &mut back).unwrap();
        assert!(back == bytes, "{count} bytes come back as they went");
    }
    // More uploads than there are slots for, all waiting: none may overwrite another.
    let buffers: Vec<_> = (0..40).map(|_| device.alloc(4).unwrap()).collect();
    for (i, buffer) in buffers.iter().enumerate() {
        device.upload(buffer.address(), &(i as u32).to_ne_bytes()).unwrap();
    }
    for (i, buffer) in buffers.iter().enumerate() {
        assert_eq!(int(device, buffer.address()), i as i32);
    }
}

fn int(device: &dyn Device, at: u64) -> i32 {
    let mut bytes = [0; 4];
    device.download(at, &mut bytes).unwrap();
    i32::from_ne_bytes(bytes)
}

fn run_out_of_memory(device: &dyn Device) {
    let before = device.memory().unwrap();
    let held = device.alloc(100 << 20).unwrap();
    let report = device.memory().unwrap();
    assert_eq!(report.held, before.held + (100 << 20));
    let Err(Error::OutOfMemory { asked, free, total, .. }) = device.alloc(200 << 20) else { panic!("it fits") };
    assert_eq!((asked, total), (200 << 20, 256 << 20));
    assert_eq!(free, report.free);
    assert!(matches!(device.alloc(usize::MAX), Err(Error::OutOfMemory { .. })));
    // The device is as useful as before, and what was dropped can be had again in one piece.
    drop(held);
    drop(device.alloc(150 << 20).unwrap());
    assert_eq!(device.memory().unwrap().held, before.held);
}

fn create_and_drop(device: &dyn Device) {
    let before = device.memory().unwrap();
    for i in 0..1000 {
        let buffers = [1000, 50_000, 3 << 20].map(|bytes| device.alloc(bytes + i % 7).unwrap());
        device.upload(buffers[0].address(), &[1; 100]).unwrap();
    }
    let after = device.memory().unwrap();
    assert_eq!((after.held, after.free, after.total), (before.held, before.free, before.total));
}

fn record_and_replay(device: &dyn Device) {
    let text = "extern \"C\" __global__ void twice(int* at, int by) { *at = *at * 2 + by; }";
    let buffer = device.alloc(4).unwrap();
    let args = |by| vec![Arg::Address(buffer.address()), Arg::I32(by)];
    let launch = |by| Launch { source: text.into(), name: "twice".into(), grid: [1; 3], block: [1; 3], args: args(by) };
    let (zero, one, five) = (
        device.prepare(&Work::Zero { to: buffer.address(), bytes: 4 }).unwrap(),
        device.prepare(&Work::Launch(launch(1))).unwrap(),
        device.prepare(&Work::Launch(launch(5))).unwrap(),
    );
    device.upload(buffer.address(), &7i32.to_ne_bytes()).unwrap();
    device.run(&one).unwrap();
    assert_eq!(int(device, buffer.address()), 15);
    let recording = device.capture(&[zero, one.clone(), five]).unwrap();
    assert_eq!(int(device, buffer.address()), 15, "recording runs nothing");
    for _ in 0..3 {
        device.replay(&recording).unwrap();
        // (0 * 2 + 1) * 2 + 5
        assert_eq!(int(device, buffer.address()), 7);
    }
    device.run(&one).unwrap();
    device.synchronize().unwrap();
    assert_eq!(int(device, buffer.address()), 15);
    let wrong = Launch { source: "#error\n".into(), ..launch(1) };
    let Err(Error::Compile { log, .. }) = device.prepare(&Work::Launch(wrong)) else { panic!("it compiles") };
    assert!(log.contains("NVRTC_ERROR_COMPILATION") && log.contains("no!"), "{log}");
}

/// Products of whole numbers with two transposes or none, a batch of two, or one with bias and relu.
fn multiply(device: &dyn Device) {
    for dtype in [DType::Float32, DType::Float64] {
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            multiply_once(device, dtype, [ta, tb], 2, Activation::None, false);
            multiply_once(device, dtype, [ta, tb], 1, Activation::None, true);
            multiply_once(device, dtype, [ta, tb], 1, Activation::Relu, true);
            multiply_once(device, dtype, [ta, tb], 1, Activation::Relu, false);
        }
    }
}

fn multiply_once(
    device: &dyn Device,
    dtype: DType,
    [ta, tb]: [bool; 2],
    batch: usize,
    activation: Activation,
    bias: bool,
) {
    let [m, n, k] = [40, 33, 50];
    let whole = |count: usize, by: usize, of: usize| (0..count).map(|i| (i * by % of) as i64 - of as i64 / 2).collect();
    let (a, b, add): (Vec<i64>, Vec<i64>, Vec<i64>) =
        (whole(batch * m * k, 7, 11), whole(k * n, 5, 13), whole(n, 3, 40));
    let put = |values: &[i64]| {
        let bytes: Vec<u8> = match dtype {
            DType::Float64 => values.iter().flat_map(|v| (*v as f64).to_ne_bytes()).collect(),
            _ => values.iter().flat_map(|v| (*v as f32).to_ne_bytes()).collect(),
        };
        let buffer = device.alloc(bytes.len()).unwrap();
        device.upload(buffer.address(), &bytes).unwrap();
        buffer
    };
    let size = dtype.size();
    let (on_a, on_b, on_add, to) = (put(&a), put(&b), put(&add), device.alloc(batch * m * n * size).unwrap());
    let product = Product::new(dtype, [m, n, k], on_a.address(), on_b.address(), to.address()).transposed(ta, tb);
    let mut product = Product { batch, activation, bias: bias.then(|| on_add.address()), ..product };
    product.a.step = m * k;
    device.run(&device.prepare(&Work::Product(product)).unwrap()).unwrap();
    let mut bytes = vec![0; batch * m * n * size];
    device.download(to.address(), &mut bytes).unwrap();
    let got = bytes.chunks_exact(size).map(|b| match dtype {
        DType::Float64 => f64::from_ne_bytes(b.try_into().unwrap()),
        _ => f32::from_ne_bytes(b.try_into().unwrap()).into(),
    });
    let left = |z: usize, i: usize, p: usize| a[z * m * k + if ta { p * m + i } else { i * k + p }];
    let right = |p: usize, j: usize| b[if tb { j * k + p } else { p * n + j }];
    let cell = |e: usize| {
        let sum = (0..k).map(|p| left(e / n / m, e / n % m, p) * right(p, e % n)).sum::<i64>();
        let sum = if bias { sum + add[e % n] } else { sum };
        (if activation == Activation::Relu { sum.max(0) } else { sum }) as f64
    };
    let (got, want): (Vec<f64>, Vec<f64>) = (got.collect(), (0..batch * m * n).map(cell).collect());
    assert_eq!(got, want, "{dtype:?} {ta} {tb} {batch} {activation:?} {bias}");
}
