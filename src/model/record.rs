//! How an entity stands in a table: [`record!`] writes the struct and its mapping once, and
//! [`choice!`] the enums that stand in a column as a word.

use crate::model::{Cell, CellRef, Corrupt};

/// An entity that is one row of one table. The first column is always `id`.
pub(crate) trait Record: Clone + Send + Sync + Sized + 'static {
    /// The table.
    const TABLE: &'static str;
    /// What a row is.
    const ABOUT: &'static str;
    /// The columns but `id`, and what each says.
    const COLUMNS: &'static [(&'static str, &'static str)];
    /// `SELECT` with all columns, `id` first, and `FROM`: the conditions follow.
    const SELECT: &'static str;
    /// `SELECT` of the row whose `id` is given.
    const GET: &'static str;
    /// `INSERT` of the values of [`Record::cells`] and `id`, which is `NULL` for the next one.
    const INSERT: &'static str;
    /// `UPDATE` of all columns of the row whose `id` stands last.
    const UPDATE: &'static str;

    /// Reads a row whose columns stand in the order of [`Record::SELECT`].
    fn from_row<'r>(cell: &dyn Fn(usize) -> CellRef<'r>) -> Result<Self, Corrupt>;
    /// The values of all columns but `id`.
    fn cells(&self) -> Vec<Cell>;
    /// The row's number; 0 for one that is not stored yet.
    fn id(&self) -> i64;
}

/// Declares a struct and its table: each field is a column of the same name.
macro_rules! record {
    (
        $( #[doc = $about:literal] )+
        $name:ident in $table:literal {
            $( $( #[doc = $doc:literal] )+ $field:ident $(as $column:literal)?: $ty:ty, )*
        }
    ) => {
        $( #[doc = $about] )+
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) struct $name {
            /// The row's number; 0 for one that is not stored yet.
            pub(crate) id: i64,
            $( $( #[doc = $doc] )+ pub(crate) $field: $ty, )*
        }

        impl $crate::model::Entity for $name {
            const KIND: $crate::model::EntityKind = $crate::model::EntityKind::$name;
        }

        impl $crate::model::Record for $name {
            const TABLE: &'static str = $table;
            const ABOUT: &'static str = concat!($( $about ),+).trim_ascii();
            const COLUMNS: &'static [(&'static str, &'static str)] = &[ $( (
                $crate::model::record!(@ $field $($column)?),
                concat!($( $doc ),+).trim_ascii(),
            ), )* ];
            const SELECT: &'static str = concat!(
                "SELECT id", $( ", ", $crate::model::record!(@ $field $($column)?), )*
                " FROM ", $table, " "
            );
            const GET: &'static str = concat!(
                "SELECT id", $( ", ", $crate::model::record!(@ $field $($column)?), )*
                " FROM ", $table, " WHERE id = ?"
            );
            const INSERT: &'static str = concat!(
                "INSERT INTO ", $table, " (",
                $( $crate::model::record!(@ $field $($column)?), ", ", )* "id) VALUES (",
                $( $crate::model::record!(@mark $field), )* "?)"
            );
            const UPDATE: &'static str = concat!(
                "UPDATE ", $table, " SET id = id",
                $( ", ", $crate::model::record!(@ $field $($column)?), " = ?", )*
                " WHERE id = ?"
            );

            fn from_row<'r>(
                cell: &dyn Fn(usize) -> $crate::model::CellRef<'r>,
            ) -> Result<Self, $crate::model::Corrupt> {
                let mut at = 0;
                let mut next = || { at += 1; cell(at - 1) };
                Ok(Self {
                    id: $crate::model::Column::from_cell(next())?,
                    $( $field: $crate::model::Column::from_cell(next())?, )*
                })
            }

            fn cells(&self) -> Vec<$crate::model::Cell> {
                vec![$( $crate::model::Column::to_cell(&self.$field), )*]
            }

            fn id(&self) -> i64 {
                self.id
            }
        }
    };
    (@ $field:ident) => { stringify!($field) };
    (@ $field:ident $column:literal) => { $column };
    (@mark $field:ident) => { "?, " };
}
pub(crate) use record;

/// One of a few things that have a word each.
pub(crate) trait Worded {
    /// The words, in the order of declaration.
    const WORDS: &'static [&'static str];
}

/// Declares an enum that stands in a column, and on the wire, as one of a few words.
macro_rules! choice {
    (
        $( #[doc = $about:literal] )+
        $name:ident { $( $( #[doc = $doc:literal] )+ $variant:ident = $word:literal, )+ }
    ) => {
        $( #[doc = $about] )+
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub(crate) enum $name { $( $( #[doc = $doc] )+ $variant, )+ }

        impl $name {
            /// All of them, in the order of declaration.
            pub(crate) const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The word that CloudStack uses for it.
            pub(crate) const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// Finds it by its word, whatever the letter case.
            pub(crate) fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word().eq_ignore_ascii_case(word))
            }
        }

        impl $crate::model::Worded for $name {
            const WORDS: &'static [&'static str] = &[$( $word, )+];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl $crate::model::Column for $name {
            fn to_cell(&self) -> $crate::model::Cell {
                $crate::model::Cell::Text(self.word().to_owned())
            }
            fn from_cell(cell: $crate::model::CellRef<'_>) -> Result<Self, $crate::model::Corrupt> {
                let wanted = concat!("a ", stringify!($name));
                match cell {
                    $crate::model::CellRef::Text(word) => Self::from_word(word)
                        .ok_or_else(|| $crate::model::Corrupt::new(wanted, cell)),
                    other => Err($crate::model::Corrupt::new(wanted, other)),
                }
            }
        }
    };
}
pub(crate) use choice;
