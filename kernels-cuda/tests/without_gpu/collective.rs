//! Sums over several devices by NCCL.

use flowbook_cuda::{Collective, DType, Error, Shared, devices};

use crate::libraries::{compiler, whole};

#[test]
fn several_devices_add_up_what_lies_on_them() {
    let Some(libraries) = whole() else { return };
    let variables = [("FLOWBOOK_NVRTC", &*compiler(&libraries)), ("FAKE_DEVICES", "3"), ("NCCL", "no")];
    if find_nccl() {
        crate::support::skipped("devices without NCCL: this machine has it");
    } else {
        libraries.run("collective::add_up", &variables);
    }
    assert!(libraries.add(include_str!("../libraries/nccl.c"), "libnccl.so.2", &["-l:libcuda.so.1"]));
    libraries.run("collective::add_up", &[variables[0], variables[1], ("NCCL", "yes")]);
}

/// Whether the loader finds NCCL without any help.
fn find_nccl() -> bool {
    // SAFETY: NCCL's initialisers have no conditions.
    unsafe { libloading::Library::new("libnccl.so.2") }.is_ok()
}

/// What another test runs as a child process, with three devices of its own.
#[test]
#[ignore = "a child process of other tests"]
fn add_up() {
    let devices = devices();
    assert_eq!(devices.len(), 3);
    let Some(collective) = Collective::open(devices) else {
        assert_eq!(std::env::var("NCCL").as_deref(), Ok("no"), "NCCL is there");
        return;
    };
    assert_eq!(std::env::var("NCCL").as_deref(), Ok("yes"), "NCCL is not there");
    // Value `i` of device `d` is 10 d + i: sums 30 + 3 i, means 10 + i.
    let at = |d: usize, i: usize| (10 * d + i) as f64;
    let singles: Vec<_> = devices.iter().map(|device| device.alloc(4 * 5).unwrap()).collect();
    let doubles: Vec<_> = devices.iter().map(|device| device.alloc(8 * 7).unwrap()).collect();
    for (d, device) in devices.iter().enumerate() {
        let single: Vec<u8> = (0..5).flat_map(|i| (at(d, i) as f32).to_ne_bytes()).collect();
        let double: Vec<u8> = (0..7).flat_map(|i| at(d, i).to_ne_bytes()).collect();
        device.upload(singles[d].address(), &single).unwrap();
        device.upload(doubles[d].address(), &double).unwrap();
    }
    let places = |buffers: &[flowbook_cuda::Buffer]| buffers.iter().map(|b| b.address()).collect::<Vec<_>>();
    let sum = Shared { addresses: places(&singles), dtype: DType::Float32, count: 5, mean: false };
    let mean = Shared { addresses: places(&doubles), dtype: DType::Float64, count: 7, mean: true };
    collective.all_reduce(&[sum.clone(), mean]).unwrap();
    for (d, device) in devices.iter().enumerate() {
        let (mut single, mut double) = ([0; 4 * 5], [0; 8 * 7]);
        device.download(singles[d].address(), &mut single).unwrap();
        device.download(doubles[d].address(), &mut double).unwrap();
        for (i, bytes) in single.chunks_exact(4).enumerate() {
            assert_eq!(f32::from_ne_bytes(bytes.try_into().unwrap()), 30.0 + 3.0 * i as f32);
        }
        for (i, bytes) in double.chunks_exact(8).enumerate() {
            assert_eq!(f64::from_ne_bytes(bytes.try_into().unwrap()), 10.0 + i as f64);
        }
    }
    let Err(Error::Invalid(_)) = collective.all_reduce(&[Shared { dtype: DType::Int32, ..sum.clone() }]) else {
        panic!("whole numbers are not added up")
    };
    let Err(Error::Invalid(_)) = collective.all_reduce(&[Shared { addresses: vec![0], ..sum }]) else {
        panic!("an address is missing")
    };
}
