//! Fetches: what `Session::run` accepts, and the shape its results come back in.

use std::collections::BTreeMap;
use std::fmt;

use crate::Array;
use crate::engine::Request;
use crate::error::{Error, Result};
use crate::graph::{Built, Graph, Operation, Tensor, Variable};

/// What an operation gives when run: Python's `None`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct NoneType;

impl fmt::Display for NoneType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad("None")
    }
}

impl fmt::Debug for NoneType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad("None")
    }
}

/// Something `Session::run` can compute: a tensor, a variable, an operation, the name of a tensor, or tuples, vectors,
/// arrays and dictionaries (`BTreeMap`) of them.
#[expect(private_interfaces, reason = "only this crate can run graphs")]
pub trait Fetch {
    /// What it comes back as.
    type Value;
    #[doc(hidden)]
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()>;
    #[doc(hidden)]
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Self::Value;
}

fn stranger(fetch: &str, what: &str) -> Error {
    Error::Value(format!(
        "Argument `fetch` = {fetch} cannot be interpreted as a Tensor. ({what} is not an element of this graph.)"
    ))
}

#[expect(private_interfaces, reason = "as the trait")]
impl Fetch for Tensor {
    type Value = Array;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        if self.graph != graph {
            return Err(stranger(&self.to_string(), &format!("Tensor {self}")));
        }
        request.fetches.push((self.node, Some(self.index)));
        Ok(())
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Array {
        values.next().expect("every fetched tensor has a value")
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<K> Fetch for Built<K> {
    type Value = Array;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        self.tensor.request(graph, request)
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Array {
        self.tensor.value(values)
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl Fetch for Variable {
    type Value = Array;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        if self.graph() != graph {
            let text = format!("Tensor {}", self.reference());
            return Err(stranger(&self.to_string(), &text));
        }
        self.reference().request(graph, request)
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Array {
        self.reference().value(values)
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl Fetch for Operation {
    type Value = NoneType;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        if self.graph != graph {
            return Err(stranger(&self.to_string(), &format!("Operation {self}")));
        }
        request.fetches.push((self.node, None));
        Ok(())
    }
    fn value(&self, _: &mut std::vec::IntoIter<Array>) -> NoneType {
        NoneType
    }
}

/// What `tf::gradients` gives for each variable; fetching a gradient that does not exist is Python's `TypeError`.
#[expect(private_interfaces, reason = "as the trait")]
impl Fetch for Option<Tensor> {
    type Value = Array;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        match self {
            Some(tensor) => tensor.request(graph, request),
            None => Err(Error::Type("Argument `fetch` = None has invalid type \"NoneType\". Cannot be None".into())),
        }
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Array {
        values.next().expect("a value for each fetched tensor")
    }
}

/// A tensor by its name, `"Add:0"`.
#[expect(private_interfaces, reason = "as the trait")]
impl Fetch for str {
    type Value = Array;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        let found = match self.contains(':') {
            true => graph.get_tensor_by_name(self),
            // TensorFlow takes such a name for that of an operation.
            false => graph.get_operation_by_name(self).and_then(|_| graph.get_tensor_by_name(self)),
        };
        let found = found.map_err(|error| {
            Error::Value(format!("Argument `fetch` = {self} cannot be interpreted as a Tensor. ({})", error.message()))
        });
        found?.request(graph, request)
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Array {
        values.next().expect("every fetched tensor has a value")
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<T: Fetch + ?Sized> Fetch for &T {
    type Value = T::Value;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        (**self).request(graph, request)
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> T::Value {
        (**self).value(values)
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<T: Fetch> Fetch for [T] {
    type Value = Vec<T::Value>;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        self.iter().try_for_each(|fetch| fetch.request(graph, request))
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Vec<T::Value> {
        self.iter().map(|fetch| fetch.value(values)).collect()
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<T: Fetch> Fetch for Vec<T> {
    type Value = Vec<T::Value>;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        self.as_slice().request(graph, request)
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Vec<T::Value> {
        self.as_slice().value(values)
    }
}

#[expect(private_interfaces, reason = "as the trait")]
impl<T: Fetch, const N: usize> Fetch for [T; N] {
    type Value = [T::Value; N];
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        self.as_slice().request(graph, request)
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> [T::Value; N] {
        std::array::from_fn(|i| self[i].value(values))
    }
}

/// A dictionary of fetches gives one of their values, under the same keys.
#[expect(private_interfaces, reason = "as the trait")]
impl<K: Ord + Clone, T: Fetch> Fetch for BTreeMap<K, T> {
    type Value = BTreeMap<K, T::Value>;
    fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
        self.values().try_for_each(|fetch| fetch.request(graph, request))
    }
    fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Self::Value {
        self.iter().map(|(key, fetch)| (key.clone(), fetch.value(values))).collect()
    }
}

macro_rules! tuples {
    ($($name:ident $i:tt),+) => {
        #[expect(private_interfaces, reason = "as the trait")]
        impl<$($name: Fetch),+> Fetch for ($($name,)+) {
            type Value = ($($name::Value,)+);
            fn request(&self, graph: Graph, request: &mut Request) -> Result<()> {
                $(self.$i.request(graph, request)?;)+
                Ok(())
            }
            fn value(&self, values: &mut std::vec::IntoIter<Array>) -> Self::Value {
                ($(self.$i.value(values),)+)
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
