//! Fields of replies, and [`view!`], which ties them to a struct.

use crate::model::{Time, Uid};
use serde_json::Value as Json;

/// One field of a reply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// The name on the wire.
    pub(crate) name: &'static str,
    /// What it says, one sentence.
    pub(crate) about: &'static str,
    /// The type's name in `listApis`.
    pub(crate) wire: &'static str,
}

/// What a field counts in, for those who only read it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Unit {
    /// Nothing, or nothing that could be told in short.
    #[default]
    Plain,
    /// A point in time.
    Time,
    /// A size in bytes.
    Bytes,
    /// How many there are.
    Count,
}

/// The fields that are sizes in bytes wherever an API has them; no description says so.
const BYTES: &[&str] = &[
    "bytesreceived",
    "bytessent",
    "disksizeallocated",
    "disksizetotal",
    "disksizeused",
    "maxsnapshotsize",
    "memoryallocatedbytes",
    "memorytotal",
    "memoryused",
    "physicalsize",
    "receivedbytes",
    "sentbytes",
    "size",
    "virtualsize",
];
/// Ends of the names of fields that are counts.
const COUNTS: &[&str] = &["allocated", "available", "count", "max", "total", "used"];

impl Field {
    /// What it counts in.
    pub(crate) fn unit(&self) -> Unit {
        let is_number = matches!(self.wire, "long" | "integer" | "int");
        if self.wire == "date" {
            Unit::Time
        } else if is_number && BYTES.contains(&self.name) {
            Unit::Bytes
        } else if is_number && COUNTS.iter().any(|end| self.name.ends_with(end)) {
            Unit::Count
        } else {
            Unit::Plain
        }
    }
}

/// A struct that is shown as an object of a reply.
pub(crate) trait View: serde::Serialize {
    /// All fields in the order in which they are sent.
    const FIELDS: &'static [Field];
    /// The columns of a table, the one a person wants first standing first.
    const COLUMNS: &'static [&'static str];
    /// The fields that only root admins see.
    const ROOT_ONLY: &'static [&'static str] = &[];
    /// The Java class in CloudStack; APIs with the same one are `related` in `listApis`.
    const CLASS: &'static str;

    /// Writes the fields that are there into an object.
    fn entries<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// The number of fields in all of `parts`.
pub(crate) const fn count(parts: &[&[Field]]) -> usize {
    let (mut n, mut at) = (0, 0);
    while at < parts.len() {
        n += parts[at].len();
        at += 1;
    }
    n
}

/// The fields of all `parts`, one after the other; `N` is their [`count`].
pub(crate) const fn join<const N: usize>(parts: &[&[Field]]) -> [Field; N] {
    let mut all = [Field { name: "", about: "", wire: "" }; N];
    let (mut n, mut at) = (0, 0);
    while at < parts.len() {
        let mut of = 0;
        while of < parts[at].len() {
            all[n] = parts[at][of];
            (n, of) = (n + 1, of + 1);
        }
        at += 1;
    }
    all
}

/// A type that may stand as a field.
pub(crate) trait Shown {
    /// The type's name in `listApis`.
    const WIRE: &'static str;
    /// Whether there is nothing to show: absent fields are left out of an answer.
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Shown> Shown for Option<T> {
    const WIRE: &'static str = T::WIRE;
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Shown for Vec<T> {
    const WIRE: &'static str = "list";
}

macro_rules! shown {
    ($( $ty:ty: $wire:literal, )*) => { $( impl Shown for $ty {
        const WIRE: &'static str = $wire;
    } )* };
}
shown! {
    bool: "boolean", u16: "integer", u32: "integer", u64: "long", i64: "long", f64: "double",
    String: "string", &'static str: "string", Uid: "string", Time: "date", Json: "map",
    std::net::Ipv4Addr: "string", std::net::Ipv6Addr: "string",
}

/// Declares a reply object: the struct, its `Serialize` (absent fields are left out) and its
/// description. A field's doc comment is its description. Fields that many objects share stand in
/// a view of their own, which `..name: SharedView,` includes after the own ones. Those named behind
/// `root` are shown to root admins only.
macro_rules! view {
    (
        $( #[doc = $about:literal] )+
        $name:ident in $class:literal shows [$( $column:literal ),* $(,)?]
        $( root [$( $root:literal ),* $(,)?] )? {
            $( $( #[doc = $doc:literal] )+ $field:ident $(as $wire:literal)?: $ty:ty, )*
            $( ..$group:ident: $group_ty:ty, )*
        }
    ) => {
        $( #[doc = $about] )+
        #[derive(Clone, Debug)]
        pub(crate) struct $name {
            $( $( #[doc = $doc] )+ pub(crate) $field: $ty, )*
            $(
                #[doc = concat!("The fields of `", stringify!($group_ty), "`.")]
                pub(crate) $group: $group_ty,
            )*
        }

        impl $name {
            /// The fields of the object itself, then those that it shares with others.
            const PARTS: &'static [&'static [$crate::schema::Field]] = &[
                &[ $( $crate::schema::Field {
                    name: $crate::schema::view!(@ $field $($wire)?),
                    about: concat!($( $doc ),+).trim_ascii(),
                    wire: <$ty as $crate::schema::Shown>::WIRE,
                }, )* ],
                $( <$group_ty as $crate::schema::View>::FIELDS, )*
            ];
        }

        impl $crate::schema::View for $name {
            const FIELDS: &'static [$crate::schema::Field] =
                &$crate::schema::join::<{ $crate::schema::count($name::PARTS) }>($name::PARTS);
            const COLUMNS: &'static [&'static str] = &[$( $column ),*];
            $( const ROOT_ONLY: &'static [&'static str] = &[$( $root ),*]; )?
            const CLASS: &'static str = $class;

            fn entries<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $( if !$crate::schema::Shown::is_absent(&self.$field) {
                    map.serialize_entry(
                        $crate::schema::view!(@ $field $($wire)?), &self.$field)?;
                } )*
                $( $crate::schema::View::entries(&self.$group, map)?; )*
                Ok(())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $crate::schema::View::entries(self, &mut map)?;
                map.end()
            }
        }
    };
    (@ $field:ident) => { stringify!($field) };
    (@ $field:ident $wire:literal) => { $wire };
}
pub(crate) use view;
