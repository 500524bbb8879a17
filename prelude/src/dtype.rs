//! The element types: TensorFlow's names, enum numbers and sizes, and the Rust types behind them.
//! Nothing here computes.

use std::fmt;

/// An element type, with TensorFlow's name for it (`tf.float32`, `tf.int64`, ...).
///
/// ```
/// use flowbook::DType;
/// assert_eq!(DType::Float32.name(), "float32");
/// assert_eq!(format!("{:?}", DType::Int64), "tf.int64");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// `tf.float32`
    Float32,
    /// `tf.float64`
    Float64,
    /// `tf.int32`
    Int32,
    /// `tf.int64`
    Int64,
    /// `tf.uint8`
    UInt8,
    /// `tf.bool`
    Bool,
    /// `tf.string`
    String,
}

impl DType {
    /// Every element type, in TensorFlow's enum order.
    pub const ALL: [DType; 7] =
        [DType::Float32, DType::Float64, DType::Int32, DType::UInt8, DType::String, DType::Int64, DType::Bool];

    /// TensorFlow's Python name: `float32`, `int32`, `bool`, `string`, ...
    pub const fn name(self) -> &'static str {
        match self {
            DType::Float32 => "float32",
            DType::Float64 => "float64",
            DType::Int32 => "int32",
            DType::Int64 => "int64",
            DType::UInt8 => "uint8",
            DType::Bool => "bool",
            DType::String => "string",
        }
    }

    /// The name TensorFlow's C++ messages use: `float`, `double`, otherwise as [`DType::name`].
    pub const fn c_name(self) -> &'static str {
        match self {
            DType::Float32 => "float",
            DType::Float64 => "double",
            other => other.name(),
        }
    }

    /// The name in a NodeDef: `DT_FLOAT`, `DT_INT32`, ...
    pub const fn proto_name(self) -> &'static str {
        match self {
            DType::Float32 => "DT_FLOAT",
            DType::Float64 => "DT_DOUBLE",
            DType::Int32 => "DT_INT32",
            DType::Int64 => "DT_INT64",
            DType::UInt8 => "DT_UINT8",
            DType::Bool => "DT_BOOL",
            DType::String => "DT_STRING",
        }
    }

    /// Whether it is `float32` or `float64`.
    pub const fn is_floating(self) -> bool {
        matches!(self, DType::Float32 | DType::Float64)
    }

    /// Whether it is `int32`, `int64` or `uint8`.
    pub const fn is_integer(self) -> bool {
        matches!(self, DType::Int32 | DType::Int64 | DType::UInt8)
    }
}

impl fmt::Debug for DType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "tf.{}", self.name())
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<dtype: '{}'>", self.name())
    }
}

/// How an element type is stored in an [`Array`](crate::Array); sealed, so that the set of types stays closed.
#[doc(hidden)]
#[expect(private_interfaces, reason = "only this crate may store elements")]
pub trait Storage: Sized {
    fn into_data(elements: Vec<Self>) -> crate::array::Data;
    fn data(data: &crate::array::Data) -> Option<&Vec<Self>>;
    fn data_mut(data: &mut crate::array::Data) -> Option<&mut std::sync::Arc<Vec<Self>>>;
}

/// A Rust type that can be an array's element.
pub trait Element: Storage + Clone + Default + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The element type it stands for.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($rust:ty => $dtype:ident),* $(,)?) => { $(impl Element for $rust { const DTYPE: DType = DType::$dtype; })* };
}
elements!(f32 => Float32, f64 => Float64, i32 => Int32, i64 => Int64, u8 => UInt8, bool => Bool, String => String);
