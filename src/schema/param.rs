//! Parameters: their description, and [`params!`], which ties it to a struct.

use crate::schema::{Completes, Value, Words};

/// One parameter of an API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    /// The name on the wire, lower-case.
    pub(crate) name: &'static str,
    /// What it is for, one sentence.
    pub(crate) about: &'static str,
    /// The type's name in `listApis`.
    pub(crate) wire: &'static str,
    /// Whether a call without it is refused.
    pub(crate) required: bool,
    /// How the shell finds candidates for a value.
    pub(crate) completes: Completes,
    /// The longest value, in characters.
    pub(crate) length: usize,
}

/// A parameter's value that cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// A required parameter is not there.
    Missing {
        /// Its name.
        param: &'static str,
    },
    /// The value is not one of the type's.
    Invalid {
        /// Its name.
        param: &'static str,
        /// What is wrong and what is allowed.
        why: String,
    },
}

/// A struct of parameters: an API's own, or a group that many APIs share.
pub(crate) trait Params: Sized {
    /// The parameters declared in the struct itself.
    const OWN: &'static [Param];
    /// Those of the groups it includes.
    const GROUPS: &'static [&'static [Param]] = &[];
    /// Reads all of them.
    fn take(words: &Words) -> Result<Self, Refusal>;
}

/// Reads one parameter.
pub(crate) fn take<T: Value>(words: &Words, param: &'static str) -> Result<T, Refusal> {
    T::take(words, param)
}

/// Declares a struct of parameters; the doc comment of a field is its description everywhere.
macro_rules! params {
    (
        $( #[doc = $about:literal] )+
        $name:ident {
            $( $( #[doc = $doc:literal] )+ $field:ident $(as $wire:literal)?: $ty:ty, )*
            $( ..$group:ident: $group_ty:ty, )*
        }
    ) => {
        $( #[doc = $about] )+
        #[derive(Clone, Debug)]
        pub(crate) struct $name {
            $( $( #[doc = $doc] )+ pub(crate) $field: $ty, )*
            $(
                #[doc = concat!("The group `", stringify!($group_ty), "`.")]
                pub(crate) $group: $group_ty,
            )*
        }

        impl $crate::schema::Params for $name {
            const OWN: &'static [$crate::schema::Param] = &[ $( $crate::schema::Param {
                name: $crate::schema::params!(@ $field $($wire)?),
                about: concat!($( $doc ),+).trim_ascii(),
                wire: <$ty as $crate::schema::Value>::WIRE,
                required: <$ty as $crate::schema::Value>::REQUIRED,
                completes: <$ty as $crate::schema::Value>::COMPLETES,
                length: <$ty as $crate::schema::Value>::LENGTH,
            }, )* ];
            const GROUPS: &'static [&'static [$crate::schema::Param]] =
                &[ $( <$group_ty as $crate::schema::Params>::OWN, )* ];

            #[allow(unused_variables, reason = "an API without parameters reads none")]
            fn take(words: &$crate::schema::Words) -> Result<Self, $crate::schema::Refusal> {
                Ok(Self {
                    $( $field: $crate::schema::take(
                        words, $crate::schema::params!(@ $field $($wire)?))?, )*
                    $( $group: <$group_ty as $crate::schema::Params>::take(words)?, )*
                })
            }
        }
    };
    (@ $field:ident) => { stringify!($field) };
    (@ $field:ident $wire:literal) => { $wire };
}
pub(crate) use params;

/// Declares a group of parameters that several APIs include with `..name: Group,`.
macro_rules! group {
    ($( $body:tt )*) => { $crate::schema::params! { $( $body )* } };
}
pub(crate) use group;
