//! The names of the output formats.

use std::fmt;
use std::str::FromStr;

use crate::text::{and_list, quoted};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Jsonl,
    Table,
    Csv,
    Column,
    Text,
}

/// A name that is not among [`Format::ALL`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownFormat(String);

impl Format {
    pub(crate) const ALL: [Self; 6] =
        [Self::Json, Self::Jsonl, Self::Table, Self::Csv, Self::Column, Self::Text];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Column => "column",
            Self::Text => "text",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Accepts any letter case, and `default` as CloudMonkey's other word for `json`.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let lower = name.trim().to_ascii_lowercase();
        if lower == "default" {
            return Ok(Self::Json);
        }
        Self::ALL
            .into_iter()
            .find(|format| format.name() == lower)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Format::ALL.map(Format::name);
        write!(f, "unknown output format {}; there are {}", quoted(&self.0), and_list(&known))
    }
}

impl std::error::Error for UnknownFormat {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!("default".parse(), Ok(Format::Json));
        assert_eq!("CSV".parse(), Ok(Format::Csv));
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        assert_eq!(
            "xml".parse::<Format>().unwrap_err().to_string(),
            "unknown output format `xml`; \
             there are `json`, `jsonl`, `table`, `csv`, `column` and `text`",
        );
    }
}
