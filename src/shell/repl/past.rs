//! The history: what was typed before, in a file that sessions share.
//!
//! The file is read in one piece, its lines stay in it, and where they begin is looked for when one
//! is wanted: nobody waits for a hundred thousand of them. What is typed is appended, a line each
//! with newlines and backslashes escaped, behind the first line `#V2`.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use rustyline::history::{History, SearchDirection, SearchResult};

/// The first line of the file.
const FIRST: &str = "#V2\n";

/// Lines that a file may have above those that are kept, before it is written anew.
const SPARE: usize = 10_000;

/// What was typed, in this session and before.
#[derive(Default)]
pub(super) struct Past {
    /// The lines of the file as it was read.
    text: String,
    /// How many they are.
    count: usize,
    /// How many of the first of them are too old to be kept.
    old: usize,
    /// Where they are, once one was wanted.
    lines: OnceCell<Vec<Range<usize>>>,
    /// What was typed since then.
    typed: Vec<String>,
    /// How many of the last of those are not in the file yet.
    unsaved: usize,
    most: usize,
}

impl Past {
    /// A history of so many lines at most.
    pub(super) fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// The entry at `index`, the first one being the oldest.
    fn entry(&self, index: usize) -> Option<Cow<'_, str>> {
        match index.checked_sub(self.count - self.old) {
            None => self.text.get(self.lines().get(self.old + index)?.clone()).map(plain),
            Some(index) => self.typed.get(index).map(Cow::from),
        }
    }

    fn last(&self) -> Option<Cow<'_, str>> {
        let of_file = || self.text.lines().next_back().map(plain);
        self.typed.last().map(Cow::from).or_else(of_file)
    }

    fn lines(&self) -> &[Range<usize>] {
        self.lines.get_or_init(|| {
            let mut start = 0;
            let mut lines = Vec::with_capacity(self.count);
            lines.extend(self.text.split_inclusive('\n').map(|line| {
                let span = start..start + line.len() - usize::from(line.ends_with('\n'));
                start += line.len();
                span
            }));
            lines
        })
    }

    /// The first entry from `start` on in this direction in which `place` finds something.
    fn first(
        &self,
        start: usize,
        dir: SearchDirection,
        place: impl Fn(&str) -> Option<usize>,
    ) -> Option<SearchResult<'_>> {
        let found = |idx: usize| {
            let entry = self.entry(idx)?;
            let pos = place(&entry)?;
            Some(SearchResult { entry, idx, pos })
        };
        match dir {
            SearchDirection::Reverse if start < self.len() => (0..=start).rev().find_map(found),
            SearchDirection::Reverse => None,
            SearchDirection::Forward => (start..self.len()).find_map(found),
        }
    }

    fn read(&mut self, mut text: String) {
        if text.starts_with(FIRST) {
            text.drain(..FIRST.len());
        }
        self.count = text.bytes().filter(|byte| *byte == b'\n').count();
        self.count += usize::from(!text.is_empty() && !text.ends_with('\n'));
        self.text = text;
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
        let above = self.len().saturating_sub(self.most);
        let old = above.min(self.count - self.old);
        self.old += old;
        self.typed.drain(..above - old);
    }

    /// Writes the newest lines of a file that has grown too long.
    fn shorten(&self, path: &Path, file: &File) -> io::Result<()> {
        file.lock()?;
        let beside = path.with_extension("new");
        let _ = fs::remove_file(&beside);
        let mut new = io::BufWriter::new(private().create_new(true).open(&beside)?);
        new.write_all(FIRST.as_bytes())?;
        let kept = self.lines().get(self.old).and_then(|first| self.text.get(first.start..));
        new.write_all(kept.unwrap_or_default().as_bytes())?;
        new.flush()?;
        fs::rename(&beside, path)
    }
}

impl History for Past {
    fn get(&self, index: usize, _: SearchDirection) -> rustyline::Result<Option<SearchResult<'_>>> {
        Ok(self.entry(index).map(|entry| SearchResult { entry, idx: index, pos: 0 }))
    }

    fn add(&mut self, line: &str) -> rustyline::Result<bool> {
        self.add_owned(line.to_owned())
    }

    /// Keeps the line, unless it begins with a blank, which says not to, or is the last one again.
    fn add_owned(&mut self, line: String) -> rustyline::Result<bool> {
        if line.trim().is_empty()
            || line.starts_with(char::is_whitespace)
            || self.last().is_some_and(|last| last == line)
        {
            return Ok(false);
        }
        self.typed.push(line);
        self.unsaved += 1;
        self.forget_oldest();
        Ok(true)
    }

    fn len(&self) -> usize {
        self.count - self.old + self.typed.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn set_max_len(&mut self, len: usize) -> rustyline::Result<()> {
        self.most = len;
        self.forget_oldest();
        Ok(())
    }

    fn ignore_dups(&mut self, _: bool) -> rustyline::Result<()> {
        Ok(())
    }

    fn ignore_space(&mut self, _: bool) {}

    fn save(&mut self, path: &Path) -> rustyline::Result<()> {
        self.append(path)
    }

    fn append(&mut self, path: &Path) -> rustyline::Result<()> {
        let new = self.typed.get(self.typed.len().saturating_sub(self.unsaved)..);
        let new = new.unwrap_or_default();
        if new.is_empty() {
            return Ok(());
        }
        let mut file = private().append(true).create(true).open(path)?;
        file.lock()?;
        let mut text = String::new();
        if file.metadata()?.len() == 0 {
            text.push_str(FIRST);
        }
        for line in new {
            text.push_str(&escaped(line));
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        self.unsaved = 0;
        Ok(())
    }

    fn load(&mut self, path: &Path) -> rustyline::Result<()> {
        let bytes = fs::read(path)?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(odd) => String::from_utf8_lossy(odd.as_bytes()).into_owned(),
        };
        self.read(text);
        if self.count > self.most.saturating_add(SPARE) {
            self.shorten(path, &File::open(path)?)?;
        }
        Ok(())
    }

    fn clear(&mut self) -> rustyline::Result<()> {
        *self = Self::of(self.most);
        Ok(())
    }

    fn search(
        &self,
        term: &str,
        start: usize,
        dir: SearchDirection,
    ) -> rustyline::Result<Option<SearchResult<'_>>> {
        // To tell that a text is not there is quicker than to look for its place.
        let place = |entry: &str| if entry.contains(term) { entry.find(term) } else { None };
        Ok(if term.is_empty() { None } else { self.first(start, dir, place) })
    }

    fn starts_with(
        &self,
        term: &str,
        start: usize,
        dir: SearchDirection,
    ) -> rustyline::Result<Option<SearchResult<'_>>> {
        let place = |entry: &str| entry.starts_with(term).then_some(term.len());
        Ok(if term.is_empty() { None } else { self.first(start, dir, place) })
    }
}

/// How a file is opened that nobody else may read.
fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn escaped(line: &str) -> String {
    line.replace('\\', "\\\\").replace('\n', "\\n")
}

/// The line as it was typed.
fn plain(line: &str) -> Cow<'_, str> {
    if !line.contains('\\') {
        return line.into();
    }
    let mut text = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push(c),
            },
            _ => text.push(c),
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use SearchDirection::{Forward, Reverse};
    use proptest::prelude::*;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A file of its own, gone with this value.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("capuchin-past-{}-{number}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn loaded(path: &Path, most: usize) -> Past {
        let mut past = Past::of(most);
        past.load(path).unwrap();
        past
    }

    fn all(past: &Past) -> Vec<String> {
        (0..past.len()).map(|at| past.entry(at).unwrap().into_owned()).collect()
    }

    #[test]
    fn what_sessions_type_is_there_for_the_next() {
        let file = Scratch::new();
        let (mut one, mut other) = (Past::of(10), Past::of(10));
        let types = |past: &mut Past, line: &str| {
            assert!(past.add(line).unwrap());
            past.append(&file.0).unwrap();
        };
        types(&mut one, "a");
        types(&mut other, "b\nc\\n");
        types(&mut one, "d");
        assert_eq!(fs::read_to_string(&file.0).unwrap(), "#V2\na\nb\\nc\\\\n\nd\n");
        assert_eq!(all(&loaded(&file.0, 10)), ["a", "b\nc\\n", "d"]);
        assert_eq!(all(&one), ["a", "d"]);
    }

    #[test]
    fn repetitions_and_what_begins_with_a_blank_are_not_kept() {
        let mut past = Past::of(10);
        let kept = ["a", "a", " b", "", "\t", "c", "a"].map(|line| past.add(line).unwrap());
        assert_eq!(kept, [true, false, false, false, false, true, true]);
        assert_eq!(all(&past), ["a", "c", "a"]);
    }

    #[test]
    fn the_oldest_go_first() {
        let file = Scratch::new();
        fs::write(&file.0, "#V2\na\nb\nc\n").unwrap();
        let mut past = loaded(&file.0, 2);
        assert_eq!(all(&past), ["b", "c"]);
        past.add("d").unwrap();
        past.append(&file.0).unwrap();
        assert_eq!(all(&past), ["c", "d"]);
        assert_eq!(fs::read_to_string(&file.0).unwrap(), "#V2\na\nb\nc\nd\n");
        past.set_max_len(1).unwrap();
        assert_eq!(all(&past), ["d"]);
    }

    #[test]
    fn a_file_that_grew_too_long_is_written_anew() {
        let file = Scratch::new();
        let lines: Vec<_> = (0..SPARE + 6).map(|line| line.to_string()).collect();
        fs::write(&file.0, format!("{FIRST}{}\n", lines.join("\n"))).unwrap();
        let past = loaded(&file.0, 3);
        assert_eq!(past.len(), 3);
        assert_eq!(fs::read_to_string(&file.0).unwrap(), "#V2\n10003\n10004\n10005\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_file_is_read_as_far_as_it_can_be() {
        let file = Scratch::new();
        fs::write(&file.0, b"old\n\xff x\\\nlast").unwrap();
        assert_eq!(all(&loaded(&file.0, 9)), ["old", "\u{fffd} x\\", "last"]);
        assert!(Past::of(9).load(&file.0.with_extension("none")).is_err());
    }

    #[test]
    fn both_directions_are_searched_from_where_one_is() {
        let file = Scratch::new();
        fs::write(&file.0, "#V2\nlist zones\ncreate\n").unwrap();
        let mut past = loaded(&file.0, 9);
        past.add("list vpcs").unwrap();
        let found = |term: &str, start, dir| {
            past.search(term, start, dir).unwrap().map(|found| (found.idx, found.pos))
        };
        assert_eq!(found("list", 2, Reverse), Some((2, 0)));
        assert_eq!(found("zones", 2, Reverse), Some((0, 5)));
        assert_eq!(found("vpcs", 0, Forward), Some((2, 5)));
        assert_eq!(found("list", 3, Reverse), None);
        assert_eq!(found("", 2, Reverse), None);
        let begun = past.starts_with("li", 1, Reverse).unwrap().unwrap();
        assert_eq!((begun.idx, begun.pos), (0, 2));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(line in "[a-z\\\\\n ]{0,12}") {
            let line = format!("x{line}");
            let written = escaped(&line);
            prop_assert!(!written.contains('\n'));
            prop_assert_eq!(plain(&written), line);
        }
    }
}
