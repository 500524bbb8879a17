//! Calls whose optional arguments all change how one op is built: the options are declared once, beside the op, and have
//! the same setters in graphs and where operations run at once.

use super::scope::{Built, Rebuild};
use super::{IntoTensor, Operand, Tensor};
use crate::ops::array::convert_to_tensor;

/// The optional arguments of a call, and how it is built under them.
pub(crate) trait Options: Copy + 'static {
    /// Builds the call. The operands come first; what follows them was built with an earlier form of the call.
    fn build(self, operands: &[Operand]) -> Tensor;

    /// Whether an error of a call that runs at once may wait for a setter still to come.
    fn may_wait(self) -> bool {
        false
    }
}

/// The arguments of a call with options.
#[derive(Clone, Copy)]
pub struct Optional<O> {
    pub(crate) options: O,
    built: Tensor,
    /// The operands, where they were tensors before the call.
    given: [Option<Tensor>; 2],
    /// A further operand, which a setter gave.
    further: Option<Tensor>,
}

#[expect(private_bounds, reason = "the set of builders is closed")]
impl<O: Options> Built<Optional<O>> {
    #[track_caller]
    pub(crate) fn call(operands: &[Operand], options: O) -> Built<Optional<O>> {
        let tensor = options.build(operands);
        Built { arguments: Optional { options, built: tensor, given: [None; 2], further: None }, tensor }
    }

    /// A call that is made of several ops, so that its operands are not those of the last one.
    #[track_caller]
    pub(crate) fn composed<const N: usize>(operands: [Tensor; N], options: O) -> Built<Optional<O>> {
        let tensor = options.build(&operands.map(Operand::Tensor));
        let mut given = [None; 2];
        given.iter_mut().zip(operands).for_each(|(place, operand)| *place = Some(operand));
        Built { arguments: Optional { options, built: tensor, given, further: None }, tensor }
    }

    /// The call with an operand more, which comes after the others.
    #[track_caller]
    pub(crate) fn further(self, operand: impl IntoTensor) -> Self {
        let graph = self.tensor.graph;
        self.with(|call| call.further = Some(graph.as_default(|| convert_to_tensor(operand))))
    }
}

impl<O: Options> Rebuild for Optional<O> {
    #[track_caller]
    fn rebuild(self) -> Tensor {
        let operands: Vec<Operand> = self.operands().into_iter().map(Operand::Tensor).collect();
        self.rebuild_from(&operands)
    }

    fn operands(&self) -> Vec<Tensor> {
        match self.given {
            [None, _] => self.built.op().inputs(),
            given => given.into_iter().flatten().collect(),
        }
    }

    fn built(&mut self, tensor: Tensor) {
        self.built = tensor;
    }

    #[track_caller]
    fn rebuild_from(self, operands: &[Operand]) -> Tensor {
        match self.further {
            Some(further) => self.options.build(&[operands, &[Operand::Tensor(further)]].concat()),
            None => self.options.build(operands),
        }
    }
}

/// Setters of options, in graphs and at once.
macro_rules! setters {
    (@ ($built:ty) { $($(#[$doc:meta])* $name:ident($argument:ident: $t:ty) |$now:ident| $change:expr;)* }) => {
        impl $built { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(self, $argument: $t) -> Self {
                self.with(|call| {
                    let $now = &mut call.options;
                    $change;
                })
            }
        )* }
    };
    ($options:ty { $($setters:tt)* }) => {
        $crate::graph::setters! { @ ($crate::graph::Built<$crate::graph::Optional<$options>>) { $($setters)* } }
        $crate::graph::setters! { @ ($crate::v2::Built<$crate::v2::Optional<$options>>) { $($setters)* } }
    };
}

/// A setter of an operand, in graphs and at once.
macro_rules! operand_setter {
    ($options:ty { $(#[$doc:meta])* $name:ident }) => {
        impl $crate::graph::Built<$crate::graph::Optional<$options>> {
            $(#[$doc])*
            #[track_caller]
            pub fn $name(self, $name: impl $crate::graph::IntoTensor) -> Self {
                self.further($name)
            }
        }

        impl $crate::v2::Built<$crate::v2::Optional<$options>> {
            $(#[$doc])*
            #[track_caller]
            pub fn $name(self, $name: impl $crate::v2::IntoTensor) -> Self {
                self.further($name)
            }
        }
    };
}

pub(crate) use {operand_setter, setters};
