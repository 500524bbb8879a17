//! The memory a kernel works on: typed views of raw buffers that the engine placed. The only unsafe code of the
//! op table besides the elementwise loops.

use crate::dtype::Element;
use crate::graph::Node;
use crate::{Array, DType};

/// A contiguous array somewhere in memory that the engine keeps alive.
#[derive(Clone)]
pub(crate) struct View {
    pub dtype: DType,
    pub shape: Box<[usize]>,
    pub ptr: *mut u8,
    count: usize,
}

// SAFETY: a view is only dereferenced by the thread that runs the plan owning the memory.
unsafe impl Send for View {}

impl View {
    pub fn new(dtype: DType, shape: Box<[usize]>, ptr: *mut u8) -> View {
        let count = shape.iter().product();
        View { dtype, shape, ptr, count }
    }

    /// The same elements under another shape of as many.
    pub fn shaped(self, shape: Box<[usize]>) -> View {
        View::new(self.dtype, shape, self.ptr)
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// The size of the elements together, in bytes.
    pub fn bytes(&self) -> usize {
        self.count * size_of_dtype(self.dtype)
    }

    /// The elements.
    ///
    /// # Panics
    /// When they are of another type: a kernel asked for the wrong one.
    #[inline]
    pub fn slice<T: Element>(&self) -> &[T] {
        assert_eq!(self.dtype, T::DTYPE, "a kernel read the wrong element type");
        // SAFETY: the engine placed `len` elements of this type there, and no kernel's output overlaps its inputs.
        unsafe { std::slice::from_raw_parts(self.ptr.cast::<T>(), self.len()) }
    }

    /// The elements for writing: only for a call's outputs, which overlap nothing else.
    #[inline]
    #[expect(clippy::mut_from_ref, reason = "the engine hands each output to one kernel at a time")]
    pub fn slice_mut<T: Element>(&self) -> &mut [T] {
        assert_eq!(self.dtype, T::DTYPE, "a kernel wrote the wrong element type");
        // SAFETY: as for `slice`, and outputs are exclusive to the kernel that runs.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.cast::<T>(), self.len()) }
    }

    /// A view of an array's own memory, which must outlive it.
    pub fn of(array: &Array) -> View {
        let ptr = crate::array::with_data!(array, v => v.as_ptr().cast::<u8>().cast_mut());
        View::new(array.dtype(), array.shape().into(), ptr)
    }

    /// A copy of the elements.
    pub fn to_array(&self) -> Array {
        macro_rules! copy {
            ($t:ty) => {
                Array::new(self.slice::<$t>().to_vec(), &self.shape)
            };
        }
        match self.dtype {
            DType::Float32 => copy!(f32),
            DType::Float64 => copy!(f64),
            DType::Int32 => copy!(i32),
            DType::Int64 => copy!(i64),
            DType::UInt8 => copy!(u8),
            DType::Bool => copy!(bool),
            DType::String => copy!(String),
        }
    }

    /// Copies the elements of `from`, which has the same type and as many.
    pub fn copy_from(&self, from: &View) {
        if std::ptr::eq(self.ptr, from.ptr) {
            return;
        }
        match self.dtype {
            DType::String => self.slice_mut::<String>().clone_from_slice(from.slice()),
            // SAFETY: both views hold `len` plain elements of one type and do not overlap.
            dtype => unsafe {
                std::ptr::copy_nonoverlapping(from.ptr, self.ptr, self.len() * size_of_dtype(dtype));
            },
        }
    }

    /// The integers of a small argument.
    pub fn ints(&self) -> Vec<i64> {
        match self.dtype {
            DType::Int32 => self.slice::<i32>().iter().map(|v| i64::from(*v)).collect(),
            DType::Int64 => self.slice::<i64>().to_vec(),
            _ => Vec::new(),
        }
    }
}

/// The size of an element in bytes.
pub(crate) const fn size_of_dtype(dtype: DType) -> usize {
    match dtype {
        DType::Float32 | DType::Int32 => 4,
        DType::Float64 | DType::Int64 => 8,
        DType::UInt8 | DType::Bool => 1,
        DType::String => size_of::<String>(),
    }
}

/// One execution of a kernel.
pub(crate) struct Call {
    pub node: std::sync::Arc<Node>,
    pub inputs: Vec<View>,
    pub outputs: Vec<View>,
    /// The op's own state in the session, for random ops.
    pub random: Option<std::sync::Arc<std::sync::Mutex<super::random::Philox>>>,
}

impl Call {
    pub fn input(&self, i: usize) -> &View {
        &self.inputs[i]
    }

    pub fn output(&self) -> &View {
        &self.outputs[0]
    }
}

/// Runs `$body` with `$t` as the Rust type of a numeric `$dtype`; nothing for the others.
macro_rules! with_number {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            crate::DType::Float32 => {
                type $t = f32;
                $body
            }
            crate::DType::Float64 => {
                type $t = f64;
                $body
            }
            crate::DType::Int32 => {
                type $t = i32;
                $body
            }
            crate::DType::Int64 => {
                type $t = i64;
                $body
            }
            crate::DType::UInt8 => {
                type $t = u8;
                $body
            }
            other => Err(crate::Error::Unimplemented(format!("no kernel for {}", other.name()))),
        }
    };
}
pub(crate) use with_number;

/// Runs `$body` with `$t` as the Rust type of any `$dtype`.
macro_rules! with_any {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            crate::DType::Bool => {
                type $t = bool;
                $body
            }
            crate::DType::String => {
                type $t = String;
                $body
            }
            other => crate::ops::view::with_number!(other, $t => $body),
        }
    };
}
pub(crate) use with_any;
