//! Candidates as the editor knows them.

use rustyline::completion::Candidate;

/// A candidate: what a list shows for it, and what is put in.
pub(super) struct Shown {
    pub(super) display: String,
    pub(super) text: String,
}

impl Candidate for Shown {
    fn display(&self) -> &str {
        &self.display
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}
