//! The CUDA text of elementwise groups: the op table's expressions over operands that broadcast, several results, sums
//! or means of all that an operation gives. A text knows ranks and types, not sizes, so that it serves all shapes.

use std::fmt::Write;
use std::sync::Arc;

use flowbook_cuda::{Address, Arg, Launch, Work};

use crate::DType;
use crate::ops::device::device_type;
use crate::ops::shape::broadcast_strides;
use crate::ops::size_of_dtype;

/// The scalar functions that the expressions are made of.
const MATH: &str = include_str!("../../ops/math.cuh");

/// Threads of a block, a power of two for the sums.
const BLOCK: u32 = 256;
/// Blocks that fill any device; what is left over, the threads do in further turns.
const MOST_BLOCKS: u32 = 4096;
/// As many partial sums a total has at most.
const MOST_PARTIALS: u32 = 512;

/// An operand of an operation: what comes in, or what an earlier operation gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operand {
    Input(usize),
    Result(usize),
}

/// A value that comes in, which broadcasts to the group's shape.
pub(crate) struct Input {
    pub dtype: DType,
    pub shape: Box<[usize]>,
    pub address: Address,
}

/// One operation: an expression of `x`, `y`, `z` in CUDA C, where `T` is the type of its result.
pub(crate) struct Operation {
    pub expression: String,
    pub operands: Vec<Operand>,
    pub dtype: DType,
    /// Where the result goes when it is needed outside.
    pub to: Option<Address>,
}

/// The sum or mean of everything that an operation of the group gives, which is of a float type.
pub(crate) struct Total {
    pub of: usize,
    /// Room for [`partials`] elements.
    pub partials: Address,
    pub to: Address,
    pub mean: bool,
}

/// Elementwise operations over one shape.
pub(crate) struct Group {
    pub shape: Box<[usize]>,
    pub inputs: Vec<Input>,
    pub operations: Vec<Operation>,
    pub totals: Vec<Total>,
}

/// How many partial sums a total of so many elements has.
pub(crate) fn partials(count: usize) -> usize {
    count.div_ceil(BLOCK as usize * 4).clamp(1, MOST_PARTIALS as usize)
}

/// The element type's name in CUDA C.
fn type_name(dtype: DType) -> Option<&'static str> {
    Some(device_type(dtype)?.c_name())
}

impl Group {
    /// The launches that compute the group; `None` when a type is none of the device's.
    pub fn works(&self) -> Option<Vec<Work>> {
        let count: usize = self.shape.iter().product();
        let mut works = Vec::new();
        if count > 0 {
            works.push(Work::Launch(self.launch(count)?));
        }
        for total in &self.totals {
            works.push(Work::Launch(self.finish(total, count)?));
        }
        Some(works)
    }

    fn launch(&self, count: usize) -> Option<Launch> {
        let wide = count >= 1 << 31;
        let index = if wide { "flow::u64" } else { "flow::u32" };
        let size = |n: usize| if wide { Arg::U64(n as u64) } else { Arg::U32(n as u32) };
        let mut args = vec![size(count)];
        let (mut functions, mut parameters) = (String::new(), format!("{index} n"));
        let (mut body, mut starts, mut ends) = (String::new(), String::new(), String::new());
        for (k, input) in self.inputs.iter().enumerate() {
            let t = type_name(input.dtype)?;
            args.push(Arg::Address(input.address));
            _ = write!(parameters, ", const {t}* a{k}");
            let place = Place::of(&input.shape, &self.shape);
            let at = place.text(k, index, &mut parameters, &mut body);
            place.arguments(&mut args, size);
            _ = writeln!(body, "    const {t} x{k} = a{k}[{at}];");
        }
        for (k, operation) in self.operations.iter().enumerate() {
            let t = type_name(operation.dtype)?;
            let mut declared = Vec::new();
            let mut given = Vec::new();
            for (operand, letter) in operation.operands.iter().zip(["x", "y", "z"]) {
                let (dtype, name) = match *operand {
                    Operand::Input(i) => (self.inputs[i].dtype, format!("x{i}")),
                    Operand::Result(i) => (self.operations[i].dtype, format!("r{i}")),
                };
                declared.push(format!("{} {letter}", type_name(dtype)?));
                given.push(name);
            }
            _ = writeln!(
                functions,
                "static __device__ __forceinline__ {t} f{k}({}) {{ typedef {t} T; return (T)({}); }}",
                declared.join(", "),
                operation.expression
            );
            _ = writeln!(body, "    const {t} r{k} = f{k}({});", given.join(", "));
            if let Some(to) = operation.to {
                args.push(Arg::Address(to));
                _ = write!(parameters, ", {t}* o{k}");
                _ = writeln!(body, "    o{k}[i] = r{k};");
            }
        }
        for (k, total) in self.totals.iter().enumerate() {
            let t = type_name(self.operations[total.of].dtype)?;
            args.push(Arg::Address(total.partials));
            _ = write!(parameters, ", {t}* p{k}");
            _ = writeln!(starts, "  {t} t{k} = 0;\n  __shared__ {t} s{k}[{BLOCK}];");
            _ = writeln!(body, "    t{k} += r{};", total.of);
            ends += &folded(&format!("s{k}"), &format!("t{k}"));
            _ = writeln!(ends, "  if (threadIdx.x == 0) p{k}[blockIdx.x] = s{k}[0];");
        }
        let source = format!(
            "{MATH}{functions}extern \"C\" __global__ void fused({parameters}) {{\n{starts}  for ({index} i = \
             ({index})blockIdx.x * blockDim.x + threadIdx.x; i < n; i += ({index})gridDim.x * blockDim.x) {{\n{body}  \
             }}\n{ends}}}\n"
        );
        let blocks = match self.totals.is_empty() {
            true => count.div_ceil(BLOCK as usize).min(MOST_BLOCKS as usize),
            false => partials(count),
        };
        Some(launch(source, "fused", blocks as u32, args))
    }

    /// The launch that adds the partial sums up, in their order.
    fn finish(&self, total: &Total, count: usize) -> Option<Launch> {
        let t = type_name(self.operations[total.of].dtype)?;
        let end = folded("s", "sum");
        let source = format!(
            "extern \"C\" __global__ void total(unsigned n, double divisor, const {t}* p, {t}* to) {{\n  double sum = \
             0;\n  __shared__ double s[{BLOCK}];\n  for (unsigned i = threadIdx.x; i < n; i += {BLOCK}) sum += \
             p[i];\n{end}  if (threadIdx.x == 0) *to = ({t})(s[0] / divisor);\n}}\n"
        );
        let parts = if count == 0 { 0 } else { partials(count) };
        let divisor = if total.mean { count as f64 } else { 1.0 };
        let args =
            vec![Arg::U32(parts as u32), Arg::F64(divisor), Arg::Address(total.partials), Arg::Address(total.to)];
        Some(launch(source, "total", 1, args))
    }
}

fn launch(source: String, name: &str, blocks: u32, args: Vec<Arg>) -> Launch {
    Launch { source: Arc::from(source), name: Arc::from(name), grid: [blocks, 1, 1], block: [BLOCK, 1, 1], args }
}

/// The sum of every thread's `value` in `shared[0]`, by halves, so that the order is always the same.
fn folded(shared: &str, value: &str) -> String {
    let half = BLOCK / 2;
    format!(
        "  {shared}[threadIdx.x] = {value};\n  __syncthreads();\n  for (unsigned h = {half}; h > 0; h >>= 1) {{\n    if \
         (threadIdx.x < h) {shared}[threadIdx.x] += {shared}[threadIdx.x + h];\n    __syncthreads();\n  }}\n"
    )
}

/// Where an operand's element for the group's element `i` lies: axes joined where they can be, outermost first, each
/// with its size and its stride.
#[derive(PartialEq, Debug)]
struct Place(Vec<(usize, usize)>);

impl Place {
    fn of(shape: &[usize], group: &[usize]) -> Place {
        let mut axes: Vec<(usize, usize)> = Vec::new();
        for (size, stride) in group.iter().copied().zip(broadcast_strides(shape, group)).filter(|(n, _)| *n != 1) {
            match axes.last_mut() {
                Some((outer, step)) if *step == stride * size => (*outer, *step) = (*outer * size, stride),
                _ => axes.push((size, stride)),
            }
        }
        Place(axes)
    }

    /// The index, with what has to be computed for it and given to it.
    fn text(&self, k: usize, index: &str, parameters: &mut String, body: &mut String) -> String {
        match self.0[..] {
            [] | [(_, 0)] => return "0".into(),
            [(_, 1)] => return "i".into(),
            _ => {}
        }
        let mut terms = Vec::new();
        let mut rest = "i".to_string();
        for (axis, (_, stride)) in self.0.iter().enumerate().rev() {
            let mut own = rest.clone();
            if axis > 0 {
                _ = write!(parameters, ", {index} d{k}_{axis}");
                own = format!("{rest} % d{k}_{axis}");
                _ = writeln!(body, "    const {index} q{k}_{axis} = {rest} / d{k}_{axis};");
                rest = format!("q{k}_{axis}");
            }
            match stride {
                0 => {}
                1 => terms.push(own),
                _ => {
                    _ = write!(parameters, ", {index} s{k}_{axis}");
                    terms.push(format!("({own}) * s{k}_{axis}"));
                }
            }
        }
        terms.join(" + ")
    }

    /// The arguments for the parameters of [`text`](Self::text), in their order.
    fn arguments(&self, args: &mut Vec<Arg>, size: impl Fn(usize) -> Arg) {
        if matches!(self.0[..], [] | [(_, 0 | 1)]) {
            return;
        }
        for (axis, (extent, stride)) in self.0.iter().enumerate().rev() {
            if axis > 0 {
                args.push(size(*extent));
            }
            if *stride > 1 {
                args.push(size(*stride));
            }
        }
    }
}

/// The bytes of a total's partial sums.
pub(crate) fn partial_bytes(dtype: DType, count: usize) -> usize {
    partials(count) * size_of_dtype(dtype)
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn axes_are_joined_where_one_stride_serves_both() {
        assert_eq!(Place::of(&[2, 3, 4], &[2, 3, 4]), Place(vec![(24, 1)]));
        assert_eq!(Place::of(&[], &[2, 3]), Place(vec![(6, 0)]));
        assert_eq!(Place::of(&[3, 4], &[2, 3, 4]), Place(vec![(2, 0), (12, 1)]));
        assert_eq!(Place::of(&[2, 1, 4], &[2, 3, 4]), Place(vec![(2, 4), (3, 0), (4, 1)]));
        assert_eq!(Place::of(&[2, 1], &[2, 1]), Place(vec![(2, 1)]));
    }
}
