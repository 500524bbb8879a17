//! The driver: memory, transfers, recordings, errors.

use std::fs;
use std::path::Path;

use flowbook_cuda::{Arg, Device, Error, Launch, Work, devices};

use crate::libraries::{compiler, whole};

#[test]
fn the_driver_is_called_as_it_must_be() {
    let Some(libraries) = whole() else { return };
    libraries.run("device::use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
    let cache: Vec<_> = fs::read_dir(libraries.0.join("cache/flowbook/kernels")).unwrap().flatten().collect();
    assert!(!cache.is_empty(), "compiled kernels are kept");
    // From the cache, and with entries that are damaged.
    libraries.run("device::use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
    cache.iter().for_each(|entry| damage(&entry.path()));
    libraries.run("device::use_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
}

#[test]
fn what_cannot_be_recorded_runs_work_by_work() {
    let Some(libraries) = whole() else { return };
    libraries
        .run("device::go_on_without_recordings", &[("FLOWBOOK_NVRTC", &compiler(&libraries)), ("FAKE_NO_GRAPHS", "1")]);
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn go_on_without_recordings() {
    let device = &*devices()[0];
    let buffer = device.alloc(4).unwrap();
    device.upload(buffer.address(), &3i32.to_ne_bytes()).unwrap();
    let work = device.prepare(&twice(buffer.address(), 1)).unwrap();
    let Err(Error::Library { call: "cuGraphInstantiate", .. }) = device.capture(std::slice::from_ref(&work)) else {
        panic!("there are no recordings")
    };
    device.run(&work).unwrap();
    assert_eq!(int(device, buffer.address()), 7);
}

#[test]
fn waiting_and_making_room_spoil_no_other_threads_recording() {
    let Some(libraries) = whole() else { return };
    libraries.run("device::record_while_others_wait", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn record_while_others_wait() {
    let device = &*devices()[0];
    let buffer = device.alloc(4).unwrap();
    device.upload(buffer.address(), &[0; 4]).unwrap();
    let works = vec![device.prepare(&twice(buffer.address(), 1)).unwrap(); 50];
    let total = device.memory().unwrap().total;
    std::thread::scope(|scope| {
        scope.spawn(|| (0..2000).for_each(|_| device.synchronize().unwrap()));
        // Each asks for more than there is, so that what is idle is given back first.
        scope.spawn(|| (0..500).for_each(|_| drop(device.alloc(2 * total).unwrap_err())));
        (0..500).for_each(|_| drop(device.capture(&works).unwrap()));
    });
    assert_eq!(int(device, buffer.address()), 0);
}

#[test]
fn a_kernel_that_fails_is_said_to_have_cost_the_device() {
    let Some(libraries) = whole() else { return };
    libraries.run("device::lose_the_device", &[("FLOWBOOK_NVRTC", &compiler(&libraries))]);
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn lose_the_device() {
    let device = &*devices()[0];
    let buffer = device.alloc(4).unwrap();
    let source = "extern \"C\" __global__ void fault() {}".into();
    let fault = Launch { source, name: "fault".into(), grid: [1; 3], block: [1; 3], args: vec![] };
    let recording = device.capture(&[device.prepare(&twice(buffer.address(), 1)).unwrap()]).unwrap();
    device.run(&device.prepare(&Work::Launch(fault)).unwrap()).unwrap();
    for outcome in [
        device.synchronize(),
        device.replay(&recording),
        device.upload(buffer.address(), &[0; 4]),
        device.download(buffer.address(), &mut [0; 4]),
        device.alloc(1 << 20).map(drop),
    ] {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("CUDA_ERROR_LAUNCH_FAILED"), "{error}");
        assert!(error.ends_with("restart the kernel to use it again"), "{error}");
    }
}

fn twice(at: u64, by: i32) -> Work {
    let source = "extern \"C\" __global__ void twice(int* at, int by) { *at = *at * 2 + by; }".into();
    let args = vec![Arg::Address(at), Arg::I32(by)];
    Work::Launch(Launch { source, name: "twice".into(), grid: [1; 3], block: [1; 3], args })
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
    feed_recordings(device);
    crate::products::multiply(device);
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

#[test]
fn a_fed_recording_is_one_launch_that_nobody_waits_for() {
    let Some(libraries) = whole() else { return };
    let log = libraries.log("device::feed_what_was_recorded", &[]);
    let asked = log.iter().map(String::as_str).skip_while(|line| !line.starts_with("graph"));
    let asked: Vec<&str> = asked.filter(|line| !line.starts_with("record ")).collect();
    // The copy and the kernel; at the end the one download of the test itself.
    assert_eq!(asked, [vec!["graph 0 2"; 25], vec!["download 0 8", "wait 0 0"]].concat());
    // Each of the places that take turns has a recording of its own.
    assert_eq!(log.iter().filter(|line| *line == "record upload 0 8").count(), 4, "{log:?}");
}

/// What another test runs as a child process.
#[test]
#[ignore = "a child process of other tests"]
fn feed_what_was_recorded() {
    feed_recordings(&*devices()[0]);
}

/// Each run is fed with another number, and nobody waits in between: what has been fetched late is missing in the sum.
fn feed_recordings(device: &dyn Device) {
    let text = "extern \"C\" __global__ void epilogue(float* to, const float* bias, long long n, long long count) {}";
    let (fed, sum) = (device.alloc(8).unwrap(), device.alloc(8).unwrap());
    let args = vec![Arg::Address(sum.address()), Arg::Address(fed.address()), Arg::I64(2), Arg::I64(2)];
    let add = Launch { source: text.into(), name: "epilogue".into(), grid: [1; 3], block: [1; 3], args };
    let add = device.prepare(&Work::Launch(add)).unwrap();
    device.upload(sum.address(), &[0; 8]).unwrap();
    let recording = device.capture_fed(fed.address(), 8, &[add]).unwrap();
    for i in 1..=25 {
        let fill = &mut |to: &mut [u8]| {
            to[..4].copy_from_slice(&(i as f32).to_ne_bytes());
            to[4..].copy_from_slice(&(0.5 * i as f32).to_ne_bytes());
        };
        device.replay_fed(&recording, fill).unwrap();
    }
    drop(recording);
    let mut bytes = [0; 8];
    device.download(sum.address(), &mut bytes).unwrap();
    // 25 * 26 / 2
    assert_eq!(bytes, *[325f32.to_ne_bytes(), 162.5f32.to_ne_bytes()].concat());
}
