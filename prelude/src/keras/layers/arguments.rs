//! Setters that many layers have, written once: activations, initializers, regularizers, and what is so or not. What a layer
//! does with its arguments stands with the layer.

/// Setters of a layer: for each the kind, Keras' name, the field, and what it says, as in
/// `arguments! { Dense: flag use_bias = use_bias "Whether there is a bias"; }`.
macro_rules! arguments {
    ($t:ident: $($kind:ident $name:ident = $($field:ident).+ $doc:literal;)*) => {
        impl $t { $($crate::keras::layers::arguments::argument! { $kind $t $name [$($field).+] $doc })* }
    };
}
pub(super) use arguments;

macro_rules! argument {
    (flag $t:ident $name:ident [$($field:ident).+] $doc:literal) => {
        #[doc = concat!($doc, ": `", stringify!($name), "=`.")]
        #[must_use]
        pub fn $name(mut self, yes: bool) -> $t {
            self.$($field).+ = yes;
            self
        }
    };
    (activation $t:ident $name:ident [$($field:ident).+] $doc:literal) => {
        $crate::keras::layers::arguments::named! {
            $t $name [$($field).+] $doc, $crate::keras::activations::IntoActivation, into_activation(activation), |given| given
        }
    };
    (initializer $t:ident $name:ident [$($field:ident).+] $doc:literal) => {
        $crate::keras::layers::arguments::named! {
            $t $name [$($field).+] $doc, $crate::keras::initializers::IntoInitializer, into_initializer(initializer), Into::into
        }
    };
    (regularizer $t:ident $name:ident [$($field:ident).+] $doc:literal) => {
        $crate::keras::layers::arguments::named! {
            $t $name [$($field).+] $doc, $crate::keras::regularizers::IntoRegularizer, into_regularizer(regularizer), Some
        }
    };
}
pub(super) use argument;

/// What is given as an object or by its name.
macro_rules! named {
    ($t:ident $name:ident [$($field:ident).+] $doc:literal, $bound:path, $into:ident($given:ident), $put:expr) => {
        #[doc = concat!($doc, ": `", stringify!($name), "=`.")]
        ///
        /// # Panics
        /// `ValueError` for a name that Keras does not know.
        #[must_use]
        #[track_caller]
        pub fn $name(mut self, $given: impl $bound) -> $t {
            self.$($field).+ = ($put)($given.$into().unwrap_or_else(|error| error.raise()));
            self
        }
    };
}
pub(super) use named;
