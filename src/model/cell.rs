//! One value of a table's row, owned or borrowed, and how Rust types stand in it.

use crate::model::Time;
use crate::net::{Cidr4, Cidr6, Range4};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A value handed to the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// SQL `NULL`.
    Null,
    /// A signed 64-bit whole number; booleans are 0 and 1.
    Int(i64),
    /// UTF-8 text.
    Text(String),
    /// Raw bytes.
    Blob(Vec<u8>),
}

/// A value lent by the store while a row is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum CellRef<'a> {
    /// SQL `NULL`.
    Null,
    /// A signed 64-bit whole number.
    Int(i64),
    /// UTF-8 text.
    Text(&'a str),
    /// Raw bytes.
    Blob(&'a [u8]),
}

/// A stored value that its column's type does not allow: the store was damaged or is of another
/// version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Corrupt {
    /// What was expected there.
    pub(crate) wanted: &'static str,
    /// What stands there.
    pub(crate) found: String,
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store holds {} where {} belongs", self.found, self.wanted)
    }
}

impl Corrupt {
    /// Says that `wanted` was expected where `found` stands.
    pub(crate) fn new(wanted: &'static str, found: CellRef<'_>) -> Self {
        Self { wanted, found: format!("{found:?}") }
    }
}

/// A type that can stand in a column.
pub(crate) trait Column: Sized {
    /// The stored form.
    fn to_cell(&self) -> Cell;
    /// Reads the stored form.
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt>;
}

impl Column for i64 {
    fn to_cell(&self) -> Cell {
        Cell::Int(*self)
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Int(n) => Ok(n),
            other => Err(Corrupt::new("a whole number", other)),
        }
    }
}

impl Column for Vec<u8> {
    fn to_cell(&self) -> Cell {
        Cell::Blob(self.clone())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(Corrupt::new("raw bytes", other)),
        }
    }
}

impl Column for u32 {
    fn to_cell(&self) -> Cell {
        Cell::Int(i64::from(*self))
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        let n = i64::from_cell(cell)?;
        n.try_into().map_err(|_| Corrupt::new("a number of 32 bits", cell))
    }
}

impl Column for bool {
    fn to_cell(&self) -> Cell {
        Cell::Int(i64::from(*self))
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Int(0) => Ok(false),
            CellRef::Int(1) => Ok(true),
            other => Err(Corrupt::new("0 or 1", other)),
        }
    }
}

impl Column for String {
    fn to_cell(&self) -> Cell {
        Cell::Text(self.clone())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Text(text) => Ok(text.to_owned()),
            other => Err(Corrupt::new("text", other)),
        }
    }
}

impl Column for Time {
    fn to_cell(&self) -> Cell {
        Cell::Int(self.millis())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        i64::from_cell(cell).map(Time::from_millis)
    }
}

impl Column for Ipv4Addr {
    fn to_cell(&self) -> Cell {
        Cell::Int(i64::from(self.to_bits()))
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        u32::from_cell(cell).map(Ipv4Addr::from_bits)
    }
}

impl Column for Ipv6Addr {
    fn to_cell(&self) -> Cell {
        Cell::Text(self.to_string())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Text(text) => text.parse().map_err(|_| Corrupt::new("an IPv6 address", cell)),
            other => Err(Corrupt::new("an IPv6 address", other)),
        }
    }
}

impl Column for Cidr4 {
    fn to_cell(&self) -> Cell {
        Cell::Text(self.to_string())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Text(text) => Cidr4::parse(text).map_err(|_| Corrupt::new("a CIDR", cell)),
            other => Err(Corrupt::new("a CIDR", other)),
        }
    }
}

impl Column for Cidr6 {
    fn to_cell(&self) -> Cell {
        Cell::Text(self.to_string())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Text(text) => Cidr6::parse(text).map_err(|_| Corrupt::new("a CIDR", cell)),
            other => Err(Corrupt::new("a CIDR", other)),
        }
    }
}

impl Column for Range4 {
    fn to_cell(&self) -> Cell {
        Cell::Text(self.to_string())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Text(text) => Range4::parse(text).map_err(|_| Corrupt::new("a range", cell)),
            other => Err(Corrupt::new("a range of addresses", other)),
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn to_cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Null, Column::to_cell)
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        match cell {
            CellRef::Null => Ok(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

impl<T: Column> From<T> for Cell {
    fn from(value: T) -> Self {
        value.to_cell()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_type_is_corrupt_and_says_so() {
        let fault = bool::from_cell(CellRef::Int(7)).unwrap_err();
        assert_eq!(fault.to_string(), "the store holds Int(7) where 0 or 1 belongs");
        assert!(u32::from_cell(CellRef::Int(-1)).is_err());
        assert_eq!(Option::<i64>::from_cell(CellRef::Null), Ok(None));
    }
}
