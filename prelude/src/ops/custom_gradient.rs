//! Gradients that a program gives itself: `tf.custom_gradient`, and the op that stands between what was computed and who
//! uses it, so that a gradient on its way back comes past the program's own rule.

use std::sync::Arc;

use super::nn::{swish, swish_gradient};
use super::{Kernel, OpDef, Sample};
use crate::error::{Error, Result};
use crate::graph::{Attr, Attrs, OwnGradient, Scope, Tensor, Tensors, build};

pub(crate) static OPS: &[&OpDef] = &[&IDENTITY_N];

/// The attribute that holds a program's rule.
const RULE: &str = "_gradient_op_type";

/// Its inputs. What is computed from the others has the gradient of the program's own rule, or that of `swish`.
pub(crate) static IDENTITY_N: OpDef = OpDef::new("IdentityN", |infer| Ok(infer.inputs.to_vec()), Kernel::Alias)
    .gradient(|g| match g.node().attrs.get(RULE) {
        Some(Attr::Gradient(own)) => std::iter::once(None).chain((own.0)(g.dy())).collect(),
        _ => swish_gradient(g),
    })
    .samples(&[Sample { inputs: &[(&[2, 3], -2.0, 2.0)], build: |x| swish(x[0]) }]);

/// `result`, computed of `inputs`, with the gradients by them that `rule` gives.
pub(crate) fn overridden(
    result: Tensor,
    inputs: &[Tensor],
    rule: impl Fn(Tensor) -> Vec<Option<Tensor>> + Send + Sync + 'static,
) -> Tensor {
    let graph = result.graph();
    let count = inputs.len();
    let checked = move |dy: Tensor| {
        let gradients = rule(dy);
        if gradients.len() != count {
            let found = gradients.len();
            let text = "custom_gradient function expected to return";
            Error::Value(format!("{text} {count} gradients, but returned {found} instead.")).raise();
        }
        gradients
    };
    build(graph, || -> Result<Tensor> {
        let attrs = Attrs::from([(RULE, Attr::Gradient(OwnGradient(Arc::new(checked))))]);
        Ok(Scope::open(graph, "IdentityN").op(&IDENTITY_N, &[&[result], inputs].concat(), attrs)?.output(0))
    })
}

/// A function that `custom_gradient` takes: of up to four tensors.
pub trait OwnRule<Arguments> {
    /// The function with that gradient.
    type Callable;
    #[doc(hidden)]
    fn with_rule(self) -> Self::Callable;
}

/// Functions of so many arguments of a type, whose rule takes the gradient as that type too and gives `$outputs`; calls are
/// made by `$with`, of the result, the arguments and the rule.
macro_rules! own_rules {
    ($t:ty => $outputs:path, $with:path) => {
        own_rules! { @ $outputs, $with; (a: $t); (a: $t, b: $t); (a: $t, b: $t, c: $t); (a: $t, b: $t, c: $t, d: $t); }
    };
    (@ $outputs:path, $with:path; $(($first:ident: $t:ty $(, $argument:ident: $more:ty)*);)*) => { $(
        impl<F, G, R> $crate::ops::custom_gradient::OwnRule<fn($t $(, $more)*)> for F
        where
            F: Fn($t $(, $more)*) -> (Tensor, G) + 'static,
            G: Fn($t) -> R + Send + Sync + 'static,
            R: $outputs,
        {
            type Callable = Box<dyn Fn($t $(, $more)*) -> Tensor>;

            fn with_rule(self) -> Self::Callable {
                Box::new(move |$first: $t $(, $argument: $more)*| {
                    let (result, rule) = self($first $(, $argument)*);
                    $with(result, &[$first $(, $argument)*], rule)
                })
            }
        }
    )* };
}
pub(crate) use own_rules;

own_rules! { Tensor => Tensors, with_gradient }

fn with_gradient<R: Tensors>(
    result: Tensor,
    arguments: &[Tensor],
    rule: impl Fn(Tensor) -> R + Send + Sync + 'static,
) -> Tensor {
    overridden(result, arguments, move |dy| rule(dy).tensors().into_iter().map(Some).collect())
}

/// A function whose gradient the program gives itself: `@tf.custom_gradient`. It returns its result and a function that makes
/// of the result's gradient those by each argument, in a tuple when there are several.
///
/// ```
/// use flowbook::v1 as tf;
/// let clipped = tf::custom_gradient(|x: tf::Tensor| (tf::identity(x), |dy: tf::Tensor| tf::clip_by_value(dy, -1.0, 1.0)));
/// let x = tf::constant(3.0).tensor();
/// let slope = tf::gradients(5.0 * clipped(x), x)[0];
/// assert_eq!(tf::Session::new().run(slope)?.to_string(), "1.0");
/// # Ok::<(), flowbook::Error>(())
/// ```
pub fn custom_gradient<Arguments, F: OwnRule<Arguments>>(f: F) -> F::Callable {
    f.with_rule()
}
