//! `source FILE`: a script inside a session.

use std::fs::File;
use std::io::BufReader;

use super::Session;
use crate::shell::line::Word;
use crate::shell::status::Status;
use crate::shell::wrong::Wrong;
use crate::text::quoted;

/// Scripts inside scripts at most: one that calls itself ends.
const DEEPEST: usize = 16;

impl Session<'_> {
    /// Carries out the script that the last word names, up to the first command that fails.
    pub(super) fn source(&mut self, words: &[Word]) -> Result<Status, Wrong> {
        let Some(path) = words.last() else { return Ok(Status::Done) };
        let name = quoted(&path.text);
        if self.depth >= DEEPEST {
            let text = format!("{name}: there are {DEEPEST} scripts inside each other already");
            return Err(Wrong::at(path.span.clone(), text));
        }
        let file = File::open(&path.text).map_err(|why| {
            let text = format!("the file {name} cannot be read: {why}");
            Wrong::at(path.span.clone(), text)
        })?;
        let before = self.place.take();
        self.depth += 1;
        let status = self.script(BufReader::new(file));
        self.depth -= 1;
        let ended = std::mem::replace(&mut self.place, before);
        if let Some(line) = ended.filter(|_| status != Status::Done) {
            self.out.message(format_args!("{name} was left at line {line}"));
        }
        Ok(status)
    }
}
