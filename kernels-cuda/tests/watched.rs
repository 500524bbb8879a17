//! What the emulated device finds wrong when it watches a kernel's accesses: each kernel here has one fault, and next to it
//! stands the one that does the same without.

#[path = "support/mod.rs"]
mod support;

use flowbook_cuda::{Arg, Device, Emulated, Launch, Work};

/// What is said of a kernel `text` of two blocks of 64 threads, that gets a buffer of 512 zero bytes and then another.
fn said(text: &str) -> Option<String> {
    let device = Emulated::new().watched();
    let buffers = [device.alloc(512).unwrap(), device.alloc(512).unwrap()];
    let args = buffers.iter().map(|b| Arg::Address(b.address())).collect();
    for buffer in &buffers {
        device.upload(buffer.address(), &[0; 512]).unwrap();
    }
    let source = format!("extern \"C\" __global__ void f(int* a, int* b) {{ int t = threadIdx.x; {text} }}").into();
    let launch = Launch { source, name: "f".into(), grid: [2, 1, 1], block: [64, 1, 1], args };
    let ready = device.prepare(&Work::Launch(launch.clone())).unwrap();
    let error = device.run(&ready).err().map(|error| error.to_string());
    // A fault leaves the device usable.
    let nothing = Launch { source: format!("{} ", launch.source.split('{').next().unwrap()).into(), ..launch };
    let nothing = Launch { source: format!("{}{{}}", nothing.source).into(), ..nothing };
    device.run(&device.prepare(&Work::Launch(nothing)).unwrap()).unwrap();
    error
}

/// Kernels, and what must be said of them; nothing where all is well.
const KERNELS: [(&str, Option<&str>); 21] = [
    ("a[blockIdx.x * 64 + t] = t;", None),
    (
        "a[t] = t;",
        Some("writes 4 bytes at 0 of a buffer of 512 bytes, which thread 0 of block 1 writes, and nothing says"),
    ),
    ("if (blockIdx.x) a[t] = a[t + 1];", Some("which thread")),
    ("if (blockIdx.x) a[t] = b[t + 1];", None),
    ("if (blockIdx.x == 0) b[t] = a[t + 65];", Some("reads 4 bytes at 512 of a buffer of 512 bytes, which is in no")),
    ("if (blockIdx.x == 0) b[t] = a[t - 1];", Some("which is in no buffer")),
    ("if (blockIdx.x == 0) b[t] = *(int*)((char*)a + 4 * t + 2);", Some("which is no multiple of their number")),
    ("((char*)a)[blockIdx.x * 64 + t] = ((char*)b)[3 * t];", None),
    // Through shared memory, with a barrier and without.
    ("__shared__ int s[64]; s[t] = t; __syncthreads(); b[blockIdx.x * 64 + t] = s[63 - t];", None),
    (
        "__shared__ int s[64]; s[t] = t; b[blockIdx.x * 64 + t] = s[63 - t]; __syncthreads();",
        Some("of the shared memory"),
    ),
    (
        "__shared__ int s[64]; if (t < 63) s[t] = t; __syncthreads(); b[blockIdx.x * 64 + t] = s[t];",
        Some("has written"),
    ),
    // The next round writes what a slower thread still reads.
    (
        "__shared__ int s[64]; for (int i = 0; i < 2; i++) { s[t] = i; __syncthreads(); b[blockIdx.x * 64 + t] = s[63 - t]; }",
        Some("which thread"),
    ),
    (
        "__shared__ int s[64]; for (int i = 0; i < 2; i++) { s[t] = i; __syncthreads(); b[blockIdx.x * 64 + t] = s[63 - t]; \
         __syncthreads(); }",
        None,
    ),
    // A warp that has met orders its own lanes and nobody else.
    ("__shared__ int s[64]; s[t] = t; __syncwarp(); b[blockIdx.x * 64 + t] = s[t ^ 1];", None),
    ("__shared__ int s[64]; s[t] = t; __syncwarp(); b[blockIdx.x * 64 + t] = s[t ^ 32];", Some("of the shared memory")),
    ("__shared__ int s[64]; s[t] = t; b[blockIdx.x * 64 + t] = s[t ^ 1]; __syncwarp();", Some("of the shared memory")),
    // Many readers of a place, of a warp and of several, and then a writer.
    (
        "__shared__ int s; if (!t) s = 1; __syncthreads(); int v = s; __syncthreads(); if (!t) s = v; b[blockIdx.x * 64 + t] = v;",
        None,
    ),
    (
        "__shared__ int s; if (!t) s = 1; __syncthreads(); int v = s; __syncwarp(); if (!t) s = v; b[blockIdx.x * 64 + t] = v;",
        Some("writes 4 bytes at 0 of the shared memory, which thread"),
    ),
    ("__shared__ int s; if (!t) s = 1; __syncthreads(); if (t < 32) { int v = s; __syncwarp(); if (!t) s = v; }", None),
    // Between blocks nothing is in order, whatever they wait for.
    (
        "if (blockIdx.x == 0 && t == 0) a[0] = 1; __syncthreads(); b[blockIdx.x * 64 + t] = a[0];",
        Some("of block 1 reads, and nothing"),
    ),
    ("b[blockIdx.x * 64 + t] = a[0];", None),
];

#[test]
fn what_is_wrong_with_a_kernel_is_said_and_nothing_else() {
    if !Emulated::is_available() {
        support::skipped("watching kernels needs a C++ compiler, and there is none");
        return;
    }
    for (text, want) in KERNELS {
        match (said(text), want) {
            (None, None) => {}
            (Some(got), Some(want)) if got.contains(want) => {}
            (got, want) => panic!("{text}\nsays {got:?}\nnot  {want:?}"),
        }
    }
}
