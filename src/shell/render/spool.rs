//! Rows put aside until all have come: the first in memory, many in a file without a name.
//!
//! Only this file knows `tempfile`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::mem;

/// How many bytes are kept in memory.
const IN_MEMORY: usize = 8 << 20;

/// A row of cells: of each the number of its column and its text.
#[derive(Debug, Default)]
pub(super) struct Cells {
    bytes: Vec<u8>,
}

impl Cells {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn add(&mut self, column: usize, text: &str) {
        put(column, &mut self.bytes);
        put(text.len(), &mut self.bytes);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// The texts by column, empty where there are none.
    fn texts(&self, count: usize) -> Option<Vec<&str>> {
        let (mut texts, mut rest) = (vec![""; count], self.bytes.as_slice());
        while !rest.is_empty() {
            let column = take(&mut rest)?;
            let length = take(&mut rest)?;
            let (text, after) = rest.split_at_checked(length)?;
            *texts.get_mut(column)? = std::str::from_utf8(text).ok()?;
            rest = after;
        }
        Some(texts)
    }
}

/// What was put aside.
#[derive(Debug)]
pub(super) struct Spool {
    memory: Vec<u8>,
    file: Option<BufWriter<File>>,
    rows: u64,
}

impl Spool {
    pub(super) fn new() -> Self {
        Self { memory: Vec::new(), file: None, rows: 0 }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn put(&mut self, cells: &Cells) -> io::Result<()> {
        self.rows += 1;
        put(cells.bytes.len(), &mut self.memory);
        self.memory.extend_from_slice(&cells.bytes);
        if self.memory.len() < IN_MEMORY && self.file.is_none() {
            return Ok(());
        }
        if self.file.is_none() {
            // Where there is no room for a file, there may be enough memory.
            let Ok(file) = tempfile::tempfile() else { return Ok(()) };
            self.file = Some(BufWriter::with_capacity(1 << 18, file));
        }
        if let Some(file) = &mut self.file {
            file.write_all(&self.memory)?;
            self.memory = Vec::with_capacity(self.memory.len().min(1 << 12));
        }
        Ok(())
    }

    /// Hands all rows on, in their order, as the texts of so many columns; once.
    pub(super) fn each(
        &mut self,
        columns: usize,
        mut take: impl FnMut(&[&str]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut read: Box<dyn Read> = match self.file.take() {
            Some(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind()?;
                Box::new(BufReader::with_capacity(1 << 18, file))
            }
            None => Box::new(io::Cursor::new(mem::take(&mut self.memory))),
        };
        let mut cells = Cells::default();
        for _ in 0..mem::take(&mut self.rows) {
            let length = read_number(&mut read)?;
            cells.bytes.resize(length, 0);
            read.read_exact(&mut cells.bytes)?;
            take(&cells.texts(columns).ok_or(io::ErrorKind::UnexpectedEof)?)?;
        }
        Ok(())
    }
}

/// Texts put aside, to be had again in any order.
#[derive(Debug)]
pub(crate) struct Aside {
    /// Those that are not in the file.
    memory: Vec<u8>,
    file: Option<File>,
    in_file: u64,
}

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    start: u64,
    length: usize,
}

impl Aside {
    pub(crate) fn new() -> Self {
        Self { memory: Vec::new(), file: None, in_file: 0 }
    }

    pub(crate) fn put(&mut self, text: &str) -> io::Result<Place> {
        let place = Place { start: self.in_file + self.memory.len() as u64, length: text.len() };
        self.memory.extend_from_slice(text.as_bytes());
        if self.memory.len() >= IN_MEMORY {
            self.empty()?;
        }
        Ok(place)
    }

    /// Replaces `text` by the one that was put there.
    pub(crate) fn get(&mut self, place: Place, text: &mut String) -> io::Result<()> {
        let mut bytes = mem::take(text).into_bytes();
        bytes.clear();
        if let Some(start) = place.start.checked_sub(self.in_file) {
            let start = usize::try_from(start).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            let there = self.memory.get(start..start + place.length);
            bytes.extend_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
        } else if let Some(file) = &mut self.file {
            bytes.resize(place.length, 0);
            file.seek(io::SeekFrom::Start(place.start))?;
            file.read_exact(&mut bytes)?;
        }
        *text = String::from_utf8(bytes).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        Ok(())
    }

    fn empty(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            // Where there is no room for a file, there may be enough memory.
            self.file = tempfile::tempfile().ok();
        }
        if let Some(file) = &mut self.file {
            file.write_all(&self.memory)?;
            self.in_file += self.memory.len() as u64;
            self.memory.clear();
        }
        Ok(())
    }
}

/// Writes a number, seven bits to a byte.
fn put(mut number: usize, out: &mut Vec<u8>) {
    while let Ok(byte @ 0x80..) | Err(byte) = u8::try_from(number).map_err(|_| 0x80) {
        let low = u8::try_from(number & 0x7f).unwrap_or(byte);
        out.push(low | 0x80);
        number >>= 7;
    }
    out.extend(u8::try_from(number));
}

fn read_number(from: &mut impl Read) -> io::Result<usize> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        let [byte] = byte;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
        shift = (shift + 7).min(usize::BITS - 1);
    }
}

fn take(from: &mut &[u8]) -> Option<usize> {
    read_number(from).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn come_back(rows: &[Vec<(usize, String)>], columns: usize) -> Vec<Vec<String>> {
        let (mut spool, mut cells) = (Spool::new(), Cells::default());
        for row in rows {
            cells.clear();
            for (column, text) in row {
                cells.add(*column, text);
            }
            spool.put(&cells).unwrap();
        }
        assert_eq!(spool.rows(), rows.len() as u64);
        let mut back = Vec::new();
        let mut take = |texts: &[&str]| {
            back.push(texts.iter().map(ToString::to_string).collect());
            Ok(())
        };
        spool.each(columns, &mut take).unwrap();
        assert_eq!(spool.rows(), 0);
        back
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let long = "x".repeat(70_000);
        let rows = [vec![(2, "a".into()), (0, long.clone())], vec![], vec![(300, "\u{e9}".into())]];
        let back = come_back(&rows, 301);
        assert_eq!((back[0][2].as_str(), &back[0][0]), ("a", &long));
        assert!(back[1].iter().all(String::is_empty));
        assert_eq!(back[2][300], "\u{e9}");
    }

    #[test]
    fn many_rows_go_to_a_file() {
        let text = "y".repeat(1 << 16);
        let rows: Vec<_> = (0..300).map(|n| vec![(0, n.to_string()), (1, text.clone())]).collect();
        let back = come_back(&rows, 2);
        assert!(back.iter().enumerate().all(|(n, row)| *row == [n.to_string(), text.clone()]));
    }

    #[test]
    fn texts_are_had_in_any_order() {
        let (mut aside, mut text) = (Aside::new(), String::new());
        let of = |n: usize| format!("{n}-\u{e9}{}", "z".repeat(1 << 16));
        let places: Vec<_> = (0..300).map(|n| aside.put(&of(n)).unwrap()).collect();
        assert!(aside.in_file > 0 && !aside.memory.is_empty());
        for n in [299, 0, 150, 0] {
            aside.get(places[n], &mut text).unwrap();
            assert_eq!(text, of(n));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_number_is_read_back(number: usize) {
            let mut bytes = Vec::new();
            put(number, &mut bytes);
            proptest::prop_assert_eq!(take(&mut bytes.as_slice()), Some(number));
        }
    }
}
