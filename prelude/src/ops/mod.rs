//! The op table. An op is declared once, as an [`OpDef`] in its family's file: type name, shape rule, gradient,
//! kernel, CUDA text, sample domain. This file only says what a declaration consists of and lists the families.

pub mod array;
pub mod assertion;
mod batch_matmul;
pub mod control;
pub mod conv;
pub mod counting;
pub mod custom_gradient;
pub(crate) mod device;
pub mod einsum;
pub mod elementwise;
pub mod flow;
mod gemm;
pub(crate) mod gradient;
pub mod image;
mod infer;
pub mod linalg;
pub mod linspace;
pub mod loss;
pub mod math;
pub mod matmul;
mod narrow;
pub mod nn;
pub mod norm;
mod parallel;
pub mod placeholder_with_default;
pub mod print;
pub mod random;
pub mod reduce;
pub(crate) mod register;
pub mod scatter;
pub mod shape;
pub(crate) mod simd;
pub mod slicing;
pub mod state;
pub mod strings;
pub mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod training;
mod view;
mod while_grad;
mod windows;

use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, Gradient, Node, Operand, Scope, Tensor, build, get_default_graph};
use crate::{Array, DType, Shape};

pub(crate) use infer::{Infer, Sizes, Types, broadcast_inputs, fits_memory};
pub(crate) use view::{Call, View, size_of_dtype};

/// Element type and static shape of one output.
pub(crate) type Signature = (DType, Shape);

/// Every op of the library, family by family.
pub(crate) fn table() -> impl Iterator<Item = &'static OpDef> {
    let families: [&'static [&'static OpDef]; 28] = [
        array::OPS,
        assertion::OPS,
        batch_matmul::OPS,
        control::OPS,
        conv::OPS,
        custom_gradient::OPS,
        einsum::OPS,
        elementwise::UNARY,
        elementwise::BINARY,
        elementwise::OTHER,
        flow::OPS,
        image::OPS,
        linalg::OPS,
        loss::OPS,
        matmul::OPS,
        nn::OPS,
        placeholder_with_default::OPS,
        print::OPS,
        random::OPS,
        reduce::OPS,
        scatter::OPS,
        shape::OPS,
        slicing::OPS,
        state::OPS,
        strings::OPS,
        summary::OPS,
        training::OPS,
        while_grad::OPS,
    ];
    families.into_iter().flatten().copied()
}

/// The TensorFlow op types that the table covers, in its order.
pub fn covered() -> Vec<&'static str> {
    table().map(|op| op.name).collect()
}

/// A loop over contiguous elements: up to three inputs, one output, the number of elements.
pub(crate) type Elements = unsafe fn(&[*const u8; 3], *mut u8, usize);

/// An elementwise op's loop, and what does the same for one register where its elements are all `float32`.
#[derive(Clone, Copy)]
pub(crate) struct Loop {
    pub run: Elements,
    pub register: Option<&'static register::Kinds>,
    /// Whether the last elements, which fill no packet, have a formula of their own: then it must not run on more.
    pub tail: bool,
}

/// A kernel made ready for the shapes of one call, which it is then given every time.
pub(crate) type Prepared = Box<dyn Fn(&Call) -> Result<()> + Send>;

/// What an op of integers refuses.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    /// Whether some element of the second operand is refused.
    pub refuses: fn(&View) -> bool,
    /// Whether one element is, in CUDA C, of `y`.
    pub cuda: &'static str,
    /// What is then said.
    pub message: &'static str,
}

/// How an op computes.
#[derive(Clone, Copy)]
pub(crate) enum Kernel {
    /// Element by element, broadcasting: the loop for the inputs' and the output's types, and the CUDA expression.
    Map {
        /// The loop, `None` for types the op does not take.
        select: fn(&[DType], DType) -> Option<Loop>,
        /// The same in CUDA C, of `x`, `y`, `z`, with `T` for the result's type and `math.cuh`'s functions.
        cuda: &'static str,
        /// What second operands must not be, for integers.
        guard: Option<Guard>,
    },
    /// A function of whole arrays.
    Call(fn(&Call) -> Result<()>),
    /// The first input under another shape or name.
    Alias,
    /// Writes to the variable that is its first input, whose memory its output then is.
    Update(fn(&Call) -> Result<()>),
    /// Nothing: the engine places the value (placeholders, variables), or there is none (`NoOp`).
    None,
}

/// A case for the finite-difference test: input sizes and ranges, and the expression to differentiate.
#[cfg_attr(not(test), expect(dead_code, reason = "the table's own tests run them"))]
pub(crate) struct Sample {
    pub inputs: &'static [(&'static [usize], f64, f64)],
    pub build: fn(&[Tensor]) -> Tensor,
}

/// The declaration of an op.
pub struct OpDef {
    /// The op type in a NodeDef, `AddV2`.
    pub name: &'static str,
    pub(crate) infer: fn(&Infer) -> Result<Vec<Signature>>,
    pub(crate) kernel: Kernel,
    pub(crate) gradient: Option<fn(&Gradient) -> Vec<Option<Tensor>>>,
    pub(crate) samples: &'static [Sample],
    /// The value when it depends on the input's shape alone.
    pub(crate) of_shape: Option<fn(&[usize], &Node) -> Option<Array>>,
    /// Looks once at what is the same in every call of one node with these shapes.
    pub(crate) prepare: Option<fn(&Call) -> Prepared>,
    /// How a GPU computes it, unless [`Kernel::Map`] says so already.
    pub(crate) cuda: Option<device::DeviceKernel>,
    /// The call as a step on registers, when its values are small enough.
    pub(crate) register: Option<fn(&Call) -> Option<register::RegisterStep>>,
    /// Whether it takes a third input that it adds to each row of its result.
    pub(crate) takes_bias: bool,
    /// Each run gives another value, or it exists for its effect: never folded, never merged.
    pub(crate) stateful: bool,
}

impl OpDef {
    pub(crate) const fn new(name: &'static str, infer: fn(&Infer) -> Result<Vec<Signature>>, kernel: Kernel) -> OpDef {
        OpDef {
            name,
            infer,
            kernel,
            gradient: None,
            samples: &[],
            of_shape: None,
            prepare: None,
            cuda: None,
            register: None,
            takes_bias: false,
            stateful: false,
        }
    }

    pub(crate) const fn gradient(mut self, f: fn(&Gradient) -> Vec<Option<Tensor>>) -> OpDef {
        self.gradient = Some(f);
        self
    }

    pub(crate) const fn samples(mut self, samples: &'static [Sample]) -> OpDef {
        self.samples = samples;
        self
    }

    pub(crate) const fn of_shape(mut self, f: fn(&[usize], &Node) -> Option<Array>) -> OpDef {
        self.of_shape = Some(f);
        self
    }

    pub(crate) const fn prepare(mut self, prepare: fn(&Call) -> Prepared) -> OpDef {
        self.prepare = Some(prepare);
        self
    }

    pub(crate) const fn cuda(mut self, kernel: device::DeviceKernel) -> OpDef {
        self.cuda = Some(kernel);
        self
    }

    pub(crate) const fn register(mut self, step: fn(&Call) -> Option<register::RegisterStep>) -> OpDef {
        self.register = Some(step);
        self
    }

    pub(crate) const fn takes_bias(mut self) -> OpDef {
        self.takes_bias = true;
        self
    }

    pub(crate) const fn stateful(mut self) -> OpDef {
        self.stateful = true;
        self
    }

    pub(crate) fn is_foldable(&self) -> bool {
        !self.stateful && !matches!(self.kernel, Kernel::None | Kernel::Update(_))
    }

    pub(crate) fn is_update(&self) -> bool {
        matches!(self.kernel, Kernel::Update(_))
    }
}

/// The elements of an integer array as `i64`.
pub(crate) fn ints(array: Array) -> Vec<i64> {
    let wide = cast_array(&array, DType::Int64);
    wide.as_slice::<i64>().map(<[i64]>::to_vec).unwrap_or_default()
}

/// The array with its elements converted, as `tf.cast` does.
pub(crate) fn cast_array(array: &Array, dtype: DType) -> Array {
    if array.dtype() == dtype {
        return array.clone();
    }
    elementwise::cast_elements(array, dtype).unwrap_or_else(|error| error.raise())
}

/// Writes the elements to a place of as many elements of another type, as [`cast_array`] would convert them.
pub(crate) fn cast_into(array: &Array, to: &View) {
    elementwise::cast_to(array, to).unwrap_or_else(|error| error.raise());
}

/// An attribute list of one element type.
pub(crate) fn typed(name: &'static str, dtype: DType) -> Attrs {
    Attrs::from([(name, Attr::Type(dtype))])
}

/// Builds an op of one operand under TensorFlow's default name.
#[track_caller]
pub(crate) fn unary(def: &'static OpDef, name: &str, argument: &str, x: Operand) -> Tensor {
    let graph = crate::graph::graph_of(&[&x]);
    build(graph, || {
        let scope = Scope::open(graph, name);
        if def.name == "LogicalNot" {
            fits_type(def, argument, &x, DType::Bool)?;
        }
        // Integers are round already: TensorFlow gives back the tensor itself.
        if let (Operand::Literal(value, dtype), "Round") = (&x, def.name)
            && dtype.is_integer()
        {
            return array::new_constant(graph, "x", cast_array(value, *dtype));
        }
        let x = x.tensor(&scope, argument, None)?;
        if def.name == "Round" && x.dtype().is_integer() {
            return Ok(x);
        }
        Ok(scope.op(def, &[x], operand_attrs(def, x.dtype()))?.output(0))
    })
}

/// Builds an op of two operands; a literal takes the other operand's type when it may.
#[track_caller]
pub(crate) fn binary(def: &'static OpDef, name: &str, x: Operand, y: Operand, style: Style) -> Tensor {
    let graph = crate::graph::graph_of(&[&x, &y]);
    build(graph, || {
        let scope = Scope::open(graph, name);
        let (x, y) = pair(def, &scope, &x, &y, style)?;
        let def = if x.dtype() == DType::String { strings::form_of(def) } else { def };
        Ok(scope.op(def, &[x, y], operand_attrs(def, x.dtype()))?.output(0))
    })
}

/// The attributes of an op of one or two operands.
fn operand_attrs(def: &OpDef, dtype: DType) -> Attrs {
    match def.name {
        "LogicalAnd" | "LogicalOr" | "LogicalNot" => Attrs::new(),
        "Equal" | "NotEqual" => {
            let mut attrs = typed("T", dtype);
            attrs.insert("incompatible_shape_error", Attr::Bool(true));
            attrs
        }
        _ => typed("T", dtype),
    }
}

/// How a call treats a literal on its left: an operator gives it the right operand's type, a function does not.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Style {
    Operator,
    Function,
}

/// Converts two operands as TensorFlow does: the left one first, the right one to the left one's type.
pub(crate) fn pair(def: &OpDef, scope: &Scope, x: &Operand, y: &Operand, style: Style) -> Result<(Tensor, Tensor)> {
    let wanted = match y {
        Operand::Tensor(y) if style == Style::Operator => Some(y.dtype()),
        _ => None,
    };
    if matches!(def.name, "LogicalAnd" | "LogicalOr") {
        fits_type(def, "x", x, DType::Bool)?;
    }
    let [first, second] = if def.name == "Atan2" { ["y", "x"] } else { ["x", "y"] };
    let x_tensor = x.tensor(scope, first, wanted)?;
    let dtype = x_tensor.dtype();
    if (style == Style::Function && def.name != "AddV2") || def.name == "Pow" {
        fits_type(def, second, y, dtype)?;
    }
    Ok((x_tensor, y.tensor(scope, second, Some(dtype))?))
}

/// `TypeError` when an argument is a number that does not become an element of that type.
pub(crate) fn fits_type(def: &OpDef, argument: &str, operand: &Operand, dtype: DType) -> Result<()> {
    let Operand::Literal(value, default) = operand else { return Ok(()) };
    if crate::graph::converts(*default, dtype) || value.is_empty() {
        return Ok(());
    }
    let (text, class) = (python_text(value), python_class(*default));
    let (whole, kind) = match value.ndim() {
        0 if *default == DType::String => (format!("'{text}'"), class),
        0 => (text.clone(), class),
        _ => (crate::session::python_list(value), "list"),
    };
    let expected = format!("Expected {}", dtype.name());
    Err(Error::Type(format!(
        "{expected} passed to parameter '{argument}' of op '{}', got {whole} of type '{kind}' instead. Error: {expected}, \
         but got {text} of type '{class}'.",
        def.name
    )))
}

/// Python's class of a scalar of that type.
pub(crate) fn python_class(dtype: DType) -> &'static str {
    match dtype {
        DType::Float32 | DType::Float64 => "float",
        DType::Int32 | DType::Int64 | DType::UInt8 => "int",
        DType::Bool => "bool",
        DType::String => "str",
    }
}

/// The first element as Python prints it.
pub(crate) fn python_text(value: &Array) -> String {
    if let Some(v) = value.as_slice::<f64>() {
        return format!("{:?}", v[0]);
    }
    if let Some(v) = value.as_slice::<f32>() {
        return format!("{:?}", v[0]);
    }
    if let Some(v) = value.as_slice::<String>() {
        return v[0].clone();
    }
    if let Some(v) = value.as_slice::<bool>() {
        return if v[0] { "True".into() } else { "False".into() };
    }
    ints(value.clone()).first().map_or(String::new(), ToString::to_string)
}

/// The default graph, for ops without operands.
pub(crate) fn here() -> crate::graph::Graph {
    get_default_graph()
}
