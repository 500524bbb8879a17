//! Work made ready for a device: kernels loaded, arguments laid out, so that starting it is one call.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::blas::Blas;
use super::dnn::Plan;
use super::driver::{Context, Function, Module};
use super::lt::Fused;
use super::{Compiler, Inner};
use crate::device::Ready;
use crate::error::{Error, Result};
use crate::kernels::{self, Strided};
use crate::launch::{Activation, Address, Arg, Convolution, Convolved, Launch, Product, Work};

/// Up to this many multiplications a product takes less time by our own kernel than cuBLAS takes to choose one.
const SMALL: usize = 1 << 15;

/// The modules of a device, by text.
pub(super) struct Modules {
    compiler: Arc<Compiler>,
    architecture: i32,
    compiled: Mutex<HashMap<Arc<str>, Arc<[u8]>>>,
    loaded: Mutex<HashMap<Arc<str>, Module>>,
}

impl Modules {
    pub fn new(compiler: Arc<Compiler>, architecture: i32) -> Modules {
        Modules { compiler, architecture, compiled: Mutex::default(), loaded: Mutex::default() }
    }

    /// Compiles a text, several threads' at once.
    pub fn compile(&self, source: &Arc<str>) -> Result<()> {
        if lock(&self.loaded).contains_key(source) || lock(&self.compiled).contains_key(source) {
            return Ok(());
        }
        let code = self.compiler.compile(source, self.architecture)?;
        lock(&self.compiled).insert(source.clone(), code.into());
        Ok(())
    }

    /// The module of a text; the context must be current.
    fn module(&self, context: &Context, source: &Arc<str>) -> Result<Module> {
        if let Some(module) = lock(&self.loaded).get(source) {
            return Ok(*module);
        }
        self.compile(source)?;
        let Some(code) = lock(&self.compiled).remove(source) else { return self.module(context, source) };
        let module = context.load(&code)?;
        lock(&self.loaded).insert(source.clone(), module);
        Ok(module)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The arguments of a kernel, and where each lies.
struct Arguments {
    _words: Box<[u64]>,
    pointers: Box<[*mut c_void]>,
}

// SAFETY: the pointers are to the words beside them, which nobody changes.
unsafe impl Send for Arguments {}
// SAFETY: as above.
unsafe impl Sync for Arguments {}

impl Arguments {
    fn new(args: &[Arg]) -> Arguments {
        let short = |bytes: [u8; 4]| u64::from_ne_bytes([bytes, [0; 4]].concat().try_into().expect("eight bytes"));
        let word = |arg: &Arg| match *arg {
            Arg::Address(v) | Arg::U64(v) => v,
            Arg::I64(v) => v as u64,
            Arg::F64(v) => v.to_bits(),
            Arg::I32(v) => short(v.to_ne_bytes()),
            Arg::U32(v) => short(v.to_ne_bytes()),
            Arg::F32(v) => short(v.to_ne_bytes()),
        };
        let words: Box<[u64]> = args.iter().map(word).collect();
        let pointers = words.iter().map(|word| std::ptr::from_ref(word).cast_mut().cast()).collect();
        Arguments { _words: words, pointers }
    }
}

enum Step {
    Launch { function: Function, grid: [u32; 3], block: [u32; 3], arguments: Arguments },
    Product(Product),
    Fused(Fused),
    Convolution(Plan),
    Copy { from: Address, to: Address, bytes: usize },
    Zero { to: Address, bytes: usize },
}

/// A piece of work of one device.
pub(super) struct Job {
    inner: Arc<Inner>,
    steps: Vec<Step>,
}

impl Job {
    /// The context must be current.
    pub fn new(inner: &Arc<Inner>, modules: &Modules, work: &Work) -> Result<Job> {
        Ok(Job { inner: inner.clone(), steps: steps(inner, modules, work)? })
    }
}

fn steps(inner: &Arc<Inner>, modules: &Modules, work: &Work) -> Result<Vec<Step>> {
    Ok(match work {
        Work::Launch(launch) => vec![step(inner, modules, launch)?],
        Work::Product(product) => product_steps(inner, modules, product)?,
        Work::Convolution(convolution) => convolution_steps(inner, modules, convolution)?,
        Work::Copy { bytes: 0, .. } | Work::Zero { bytes: 0, .. } => vec![],
        Work::Copy { from, to, bytes } => vec![Step::Copy { from: *from, to: *to, bytes: *bytes }],
        Work::Zero { to, bytes } => vec![Step::Zero { to: *to, bytes: *bytes }],
    })
}

fn step(inner: &Inner, modules: &Modules, launch: &Launch) -> Result<Step> {
    if launch.grid.contains(&0) || launch.block.contains(&0) {
        return Err(Error::Invalid(format!("the kernel {} has an empty grid or block", launch.name)));
    }
    let context = &inner.context;
    let function = context.function(modules.module(context, &launch.source)?, &launch.name)?;
    Ok(Step::Launch { function, grid: launch.grid, block: launch.block, arguments: Arguments::new(&launch.args) })
}

fn product_steps(inner: &Arc<Inner>, modules: &Modules, product: &Product) -> Result<Vec<Step>> {
    let small = product.m * product.n * product.k * product.batch <= SMALL;
    if inner.blas.is_none() || small || !Blas::suits(product) {
        return kernels::product(product)?.iter().map(|launch| step(inner, modules, launch)).collect();
    }
    if let Some(fused) = inner.lt.as_ref().and_then(|lt| lt.prepare(product)) {
        return Ok(vec![Step::Fused(fused)]);
    }
    let mut steps = vec![Step::Product(product.clone())];
    if product.bias.is_some() || product.activation != Activation::None {
        for launch in kernels::epilogue(product) {
            steps.push(step(inner, modules, &launch)?);
        }
    }
    Ok(steps)
}

/// A convolution by cuDNN, else by our own kernels. The scratch memory holds the filter as cuDNN wants it, then its room.
fn convolution_steps(inner: &Arc<Inner>, modules: &Modules, c: &Convolution) -> Result<Vec<Step>> {
    let all = |works: Vec<Work>| -> Result<Vec<Step>> {
        let all: Result<Vec<_>> = works.iter().map(|work| steps(inner, modules, work)).collect();
        Ok(all?.into_iter().flatten().collect())
    };
    let filter = kernels::filter_bytes(c.dtype, &c.windows, c.filters);
    let room = kernels::convolution_scratch(c.dtype, &c.windows, c.filters).saturating_sub(filter);
    let place = (c.scratch + filter as Address, room);
    let plan = inner.dnn().and_then(|dnn| dnn.prepare(c, c.scratch, place));
    // SAFETY: the addresses are the builder's promise; nobody has put anything where the result goes, since what is alike was
    // never made ready before.
    let Some(plan) = plan.filter(|plan| unsafe { plan.is_possible(&inner.context) }) else {
        return all(kernels::unrolled(c));
    };
    let under = c.windows.under();
    let turned = |rows: usize, columns: usize, from: Address, to: Address| {
        let source = Strided { address: from, strides: vec![1, columns as isize] };
        kernels::strided_copy(c.dtype.size(), &[columns, rows], &source, &Strided::whole(to, &[columns, rows]))
    };
    let mut done = Vec::new();
    if c.what != Convolved::Filter {
        done.extend(all(turned(under, c.filters, c.filter, c.scratch))?);
    }
    done.push(Step::Convolution(plan));
    if c.what == Convolved::Filter {
        done.extend(all(turned(c.filters, under, c.scratch, c.filter))?);
    }
    if let Some(bias) = c.bias {
        let sizes = [c.windows.batch * c.windows.windows(), c.filters, under];
        let product = Product { bias: Some(bias), ..Product::new(c.dtype, sizes, 0, 0, c.result) };
        done.extend(all(kernels::epilogue(&product).into_iter().map(Work::Launch).collect())?);
    }
    Ok(done)
}

impl Ready for Job {
    fn run(&self) -> Result<()> {
        let _order = self.inner.context.lock()?;
        self.enqueue()
    }

    fn enqueue(&self) -> Result<()> {
        self.steps.iter().try_for_each(|step| step.enqueue(&self.inner))
    }
}

impl Step {
    fn enqueue(&self, inner: &Inner) -> Result<()> {
        let context = &inner.context;
        // SAFETY: that addresses lie in living buffers large enough is what the builder of the work promises.
        unsafe {
            match self {
                Step::Launch { function, grid, block, arguments } => {
                    context.launch(*function, *grid, *block, arguments.pointers.as_ptr())
                }
                Step::Product(product) => match &inner.blas {
                    Some(blas) => blas.product(product),
                    None => Err(Error::Invalid("MatMul: cuBLAS is not there".into())),
                },
                Step::Fused(fused) => fused.enqueue(context.stream()),
                Step::Convolution(plan) => plan.enqueue(),
                Step::Copy { from, to, bytes } => context.copy(*from, *to, *bytes),
                Step::Zero { to, bytes } => context.zero(*to, *bytes),
            }
        }
    }
}
