//! The emulated device as a device: its memory, its errors, recordings, barriers and warps.

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;

use flowbook_cuda::{Arg, Device, Emulated, Error, Launch, Work};

fn device() -> Option<Emulated> {
    if !Emulated::is_available() {
        support::skipped("the emulated device needs a C++ compiler, and there is none");
        return None;
    }
    Some(Emulated::new())
}

fn launch(source: &str, name: &str, block: u32, args: Vec<Arg>) -> Work {
    Work::Launch(Launch { source: source.into(), name: name.into(), grid: [2, 1, 1], block: [block, 1, 1], args })
}

fn run(device: &Emulated, work: &Work) -> Result<(), Error> {
    device.run(&device.prepare(work)?)
}

fn ints(device: &Emulated, at: u64, count: usize) -> Vec<i32> {
    let mut bytes = vec![0; 4 * count];
    device.download(at, &mut bytes).unwrap();
    bytes.chunks_exact(4).map(|b| i32::from_ne_bytes(b.try_into().unwrap())).collect()
}

#[test]
fn memory_is_counted_and_running_out_of_it_leaves_the_device_usable() {
    let device = Emulated::with_memory(1 << 20);
    let first = device.alloc(1000).unwrap();
    assert_eq!(first.address() % 256, 0);
    let report = device.memory().unwrap();
    assert_eq!((report.held, report.peak, report.free, report.total), (1024, 1024, (1 << 20) - 1024, 1 << 20));
    let error = device.alloc(1 << 20).unwrap_err();
    let Error::OutOfMemory { asked, free, total, .. } = error else { panic!("{error}") };
    assert_eq!((asked, free, total), (1 << 20, (1 << 20) - 1024, 1 << 20));
    drop(first);
    let all = device.alloc(1 << 20).unwrap();
    drop(all);
    let report = device.memory().unwrap();
    assert_eq!((report.held, report.peak), (0, 1 << 20));
}

#[test]
fn places_outside_of_buffers_are_refused() {
    let device = Emulated::new();
    let buffer = device.alloc(16).unwrap();
    assert!(matches!(device.upload(buffer.address() + 8, &[0; 9]), Err(Error::Invalid(_))));
    assert!(matches!(device.download(buffer.address() - 1, &mut [0]), Err(Error::Invalid(_))));
    let copy = Work::Copy { from: buffer.address(), to: buffer.address() + 12, bytes: 5 };
    assert!(matches!(run(&device, &copy), Err(Error::Invalid(_))));
}

#[test]
fn threads_wait_for_each_other_at_barriers_and_in_warps() {
    let Some(device) = device() else { return };
    // Each block of 70 threads turns its numbers around through shared memory; the lanes of each warp then exchange
    // theirs with their neighbours, and warps other than the first leave early.
    let text = r#"
        extern "C" __global__ void turn(int* to) {
            __shared__ int all[70];
            all[threadIdx.x] = blockIdx.x * 100 + threadIdx.x;
            __syncthreads();
            int mine = all[69 - threadIdx.x];
            if (threadIdx.x < 32) mine = __shfl_xor_sync(0xffffffffu, mine, 1);
            to[blockIdx.x * 70 + threadIdx.x] = mine;
        }"#;
    let buffer = device.alloc(140 * 4).unwrap();
    run(&device, &launch(text, "turn", 70, vec![Arg::Address(buffer.address())])).unwrap();
    let want = |b: i32, t: i32| b * 100 + 69 - if t < 32 { t ^ 1 } else { t };
    let want: Vec<i32> = (0..140).map(|i| want(i / 70, i % 70)).collect();
    assert_eq!(ints(&device, buffer.address(), 140), want);
}

#[test]
fn wrong_arguments_wrong_texts_and_missing_barriers_are_errors() {
    let Some(device) = device() else { return };
    let text = r#"extern "C" __global__ void nothing(float* to, long long n) {}"#;
    let wrong = device.prepare(&launch(text, "nothing", 1, vec![Arg::Address(0), Arg::I32(1)]));
    assert_eq!(wrong.err(), Some(Error::Invalid("the kernel nothing takes (pl), not (pi)".into())));
    let unknown = device.prepare(&launch(text, "something", 1, vec![]));
    assert!(matches!(unknown.err(), Some(Error::Invalid(_))));
    let broken =
        device.prepare(&launch(r#"extern "C" __global__ void broken(int* to) { to[0] = x; }"#, "broken", 1, vec![]));
    let Some(Error::Compile { name, log }) = broken.err() else { panic!("an unknown name compiles") };
    assert!(name == "broken" && log.contains("broken:1"), "{name}: {log}");
    let text = r#"
        extern "C" __global__ void apart(int* to) {
            if (threadIdx.x < 32) __syncthreads(); else __syncwarp();
            if (threadIdx.x < 32) return;
            __syncthreads();
            if (threadIdx.x < 40) __syncwarp(); else __syncthreads();
        }"#;
    let error = run(&device, &launch(text, "apart", 64, vec![Arg::Address(0)])).unwrap_err();
    assert!(error.to_string().contains("barrier"), "{error}");
}

#[test]
fn a_recording_runs_its_works_in_order() {
    let Some(device) = device() else { return };
    let text: Arc<str> =
        r#"extern "C" __global__ void twice(int* at, int by) { if (blockIdx.x == 0) *at = *at * 2 + by; }"#.into();
    let buffer = device.alloc(4).unwrap();
    let step = |by| launch(&text, "twice", 1, vec![Arg::Address(buffer.address()), Arg::I32(by)]);
    let zero = Work::Zero { to: buffer.address(), bytes: 4 };
    let works: Vec<_> = [zero, step(1), step(5)].iter().map(|work| device.prepare(work).unwrap()).collect();
    let recording = device.capture(&works).unwrap();
    for _ in 0..2 {
        device.replay(&recording).unwrap();
        // (0 * 2 + 1) * 2 + 5
        assert_eq!(ints(&device, buffer.address(), 1), [7]);
    }
}

#[test]
fn works_prepared_together_are_those_prepared_one_by_one() {
    let Some(device) = device() else { return };
    let buffer = device.alloc(4).unwrap();
    let text = |by: i32| format!("extern \"C\" __global__ void add(int* at) {{ if (blockIdx.x == 0) *at += {by}; }}");
    let add = |by| launch(&text(by), "add", 1, vec![Arg::Address(buffer.address())]);
    let works = [Work::Zero { to: buffer.address(), bytes: 4 }, add(1), add(20), add(1), add(300)];
    for ready in device.prepare_all(&works).unwrap() {
        device.run(&ready).unwrap();
    }
    assert_eq!(ints(&device, buffer.address(), 1), [322]);
    let wrong = launch("extern \"C\" __global__ void wrong(int* to) { to[0] = x; }", "wrong", 1, vec![Arg::Address(0)]);
    assert!(matches!(device.prepare_all(&[add(1), wrong]), Err(Error::Compile { .. })));
}
