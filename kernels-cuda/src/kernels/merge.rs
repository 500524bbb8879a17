//! Small launches that follow each other as one: a kernel of one block that calls them in turn. What a step of a small
//! network takes is mostly the time between its kernels.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{BLOCK, KERNEL, product};
use crate::launch::{Arg, Launch, Work};

/// A launch of up to this many blocks is small: one block runs them one after another.
const BLOCKS: u32 = 2;
/// Fewer launches than this stay as they are; more than that many, or of more arguments, become several.
const FEWEST: usize = 3;
const MOST: usize = 64;
const ARGUMENTS: usize = 400;
/// Copies and fills of up to so many bytes are small.
const BYTES: usize = 1024;
/// Products of up to so many multiplications are small, if one tile has room for their results.
const MULTIPLICATIONS: usize = 1 << 14;
const TILE: usize = 64;

/// Parameters stand for `blockIdx` and `gridDim`, which in the merged kernel are those of the one block. `Any` is a pointer
/// that becomes one of the type that a parameter wants.
const HEAD: &str = r#"
struct Place { unsigned x, y, z; };
struct Any {
    void* at;
    template <class T> __device__ operator T*() const { return (T*)at; }
};
"#;

const BYTES_TEXT: &str = r#"
extern "C" __global__ void copy(const unsigned char* from, unsigned char* to, long long count) {
    for (long long i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
        to[i] = from ? from[i] : 0;
}
"#;

/// The same work, with small launches that follow each other as one. Each sees what those before it wrote.
pub fn merge(works: Vec<Work>) -> Vec<Work> {
    let (mut merged, mut run) = (Vec::new(), Vec::new());
    for work in works {
        match small(&work) {
            Some(launch) => run.push((work, launch)),
            None => {
                end(&mut run, &mut merged);
                merged.push(work);
            }
        }
        let arguments: usize = run.iter().map(|(_, launch)| launch.args.len()).sum();
        if run.len() == MOST || arguments > ARGUMENTS {
            end(&mut run, &mut merged);
        }
    }
    end(&mut run, &mut merged);
    merged
}

/// Moves what has been collected to the result, as one or as it is.
fn end(run: &mut Vec<(Work, Launch)>, merged: &mut Vec<Work>) {
    let run = std::mem::take(run);
    if run.len() < FEWEST {
        merged.extend(run.into_iter().map(|(work, _)| work));
        return;
    }
    let launches: Vec<Launch> = run.into_iter().map(|(_, launch)| launch).collect();
    merged.push(Work::Launch(one(&launches)));
}

/// The work as a small launch, if it is one.
fn small(work: &Work) -> Option<Launch> {
    match work {
        Work::Launch(launch) => {
            let blocks: u32 = launch.grid.iter().product();
            (blocks <= BLOCKS && launch.block == [BLOCK, 1, 1]).then(|| launch.clone())
        }
        Work::Product(p) => {
            let fits = p.m <= TILE && p.n <= TILE && p.batch == 1 && p.m * p.n * p.k <= MULTIPLICATIONS;
            product(p).ok().filter(|launches| fits && launches.len() == 1)?.pop()
        }
        Work::Convolution(_) => None,
        Work::Copy { from, to, bytes } => bytewise(*from, *to, *bytes),
        Work::Zero { to, bytes } => bytewise(0, *to, *bytes),
    }
}

fn bytewise(from: u64, to: u64, bytes: usize) -> Option<Launch> {
    let args = vec![Arg::Address(from), Arg::Address(to), super::size(bytes)];
    let launch = Launch { source: BYTES_TEXT.into(), name: "copy".into(), grid: [1, 1, 1], block: [BLOCK, 1, 1], args };
    (bytes <= BYTES).then_some(launch)
}

/// One launch for all.
fn one(launches: &[Launch]) -> Launch {
    let mut texts: Vec<&Arc<str>> = Vec::new();
    let (mut parameters, mut calls, mut args) = (Vec::new(), String::new(), Vec::new());
    for launch in launches {
        let text = texts.iter().position(|text| **text == launch.source).unwrap_or_else(|| {
            texts.push(&launch.source);
            texts.len() - 1
        });
        let mut given = String::new();
        for arg in &launch.args {
            let name = format!("a{}", args.len());
            given.push_str(&match arg {
                Arg::Address(_) => format!(", Any{{{name}}}"),
                _ => format!(", {name}"),
            });
            parameters.push(format!("{} {name}", c_type(arg)));
            args.push(*arg);
        }
        let ([x, y, z], name) = (launch.grid, &launch.name);
        calls.push_str(&format!(
            "    for (unsigned i = 0; i < {}; i++) {{\n        Place at = {{i % {x}, i / {x} % {y}, i / {}}}, of = {{{x}, {y}, \
             {z}}};\n        k{text}::{name}(at, of{given});\n        __syncthreads();\n    }}\n",
            x * y * z,
            x * y,
        ));
    }
    let mut source = HEAD.to_string();
    for (k, text) in texts.iter().enumerate() {
        source.push_str(&format!("namespace k{k} {{\n{}\n}}\n", inner(text)));
        source.extend(defined(text).into_iter().map(|name| format!("#undef {name}\n")));
    }
    source.push_str(&format!("extern \"C\" __global__ void merged({}) {{\n{calls}}}\n", parameters.join(", ")));
    Launch { source: source.into(), name: "merged".into(), grid: [1, 1, 1], block: [BLOCK, 1, 1], args }
}

/// A text whose kernels are functions for a block that is told its place. Pointers may share what they point to: one
/// function reads what another wrote.
fn inner(text: &str) -> String {
    let text = text.replace("blockIdx", "flow_at").replace("gridDim", "flow_of").replace("__restrict__", "");
    let mut parts = text.split(KERNEL);
    let mut inner = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (name, rest) = part.split_once('(').unwrap_or((part, ""));
        inner.push_str(&format!("__device__ void {name}(Place flow_at, Place flow_of, {rest}"));
    }
    inner
}

/// The names of the macros that a text defines.
fn defined(text: &str) -> BTreeSet<&str> {
    let definitions = text.lines().filter_map(|line| line.trim_start().strip_prefix("#define "));
    definitions.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()).collect()
}

fn c_type(arg: &Arg) -> &'static str {
    match arg {
        Arg::Address(_) => "void*",
        Arg::I32(_) => "int",
        Arg::U32(_) => "unsigned",
        Arg::I64(_) => "long long",
        Arg::U64(_) => "unsigned long long",
        Arg::F32(_) => "float",
        Arg::F64(_) => "double",
    }
}
