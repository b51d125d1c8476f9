//! Asks at the terminal, with completion of what can be answered.

use std::cell::OnceCell;
use std::io;

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::shown::Shown;
use crate::shell::ask::{Choice, Person, matching};
use crate::shell::foreign;
use crate::text::printable;

/// The person at the terminal.
pub(crate) struct AtTerminal {
    /// Reads what is typed unseen.
    pub(crate) unseen: fn(&str) -> io::Result<String>,
}

impl Person for AtTerminal {
    fn asked(&self, prompt: &str, choices: &dyn Fn() -> Vec<Choice>) -> Option<String> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .build();
        let mut editor = Editor::with_history(config, MemHistory::new()).ok()?;
        editor.set_helper(Some(Answers { choices, known: OnceCell::new() }));
        editor.readline(prompt).ok()
    }

    fn unseen(&self, prompt: &str) -> Option<String> {
        // Ctrl-C is meant for the question, not for the program: it is looked out for from here on.
        foreign::interrupted();
        let typed = (self.unseen)(prompt).ok();
        if foreign::interrupted() { None } else { typed }
    }
}

/// Completes answers. What can be answered is not asked for before somebody wants to know.
struct Answers<'c> {
    choices: &'c dyn Fn() -> Vec<Choice>,
    known: OnceCell<Vec<Choice>>,
}

impl Helper for Answers<'_> {}
impl Highlighter for Answers<'_> {}
impl Validator for Answers<'_> {}

impl Hinter for Answers<'_> {
    type Hint = String;
}

impl Completer for Answers<'_> {
    type Candidate = Shown;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Shown>)> {
        let (typed, "") = line.split_at(line.floor_char_boundary(at)) else {
            return Ok((at, Vec::new()));
        };
        let (start, found) = matching(self.known.get_or_init(|| (self.choices)()), typed);
        let shown = found.into_iter().map(|choice| {
            let display = match choice.about.as_str() {
                "" => choice.value.clone(),
                about => format!("{}  ({about})", choice.value),
            };
            Shown { display: printable(&display).into_owned(), text: choice.value.clone() }
        });
        Ok((start, shown.collect()))
    }
}
