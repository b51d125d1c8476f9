//! Answers of a server that are kept for the next Tab: between two presses the program ends.
//!
//! A file of JSON Lines for each profile in the cache directory, for its owner only.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::cli::clock;
use crate::cli::config::keep;
use crate::shell::{Question, Reply, Row};

/// How long an answer is good for, in milliseconds.
const FRESH: i64 = 15_000;
/// How long another process is expected to bring an answer.
const EXPECTED: i64 = 5_000;
/// Answers that are kept at most.
const MOST: usize = 32;

/// The answers in a file.
pub(super) struct Kept {
    path: Option<PathBuf>,
    lines: Vec<Json>,
    changed: bool,
}

impl Kept {
    /// What is in the file and fresh; nothing if it cannot be read.
    pub(super) fn open(path: Option<PathBuf>) -> Self {
        let text = path.as_ref().and_then(|path| fs::read_to_string(path).ok());
        let lines = text.iter().flat_map(|text| text.lines());
        let lines = lines.filter_map(|line| serde_json::from_str(line).ok());
        let now = clock::now().millis();
        let lines = lines.filter(|line: &Json| {
            let limit = if line.get("rows").is_some() { FRESH } else { EXPECTED };
            let at = line.get("at").and_then(Json::as_i64).unwrap_or_default();
            // A clock that was set back does not keep an answer for ever.
            (0..limit).contains(&now.saturating_sub(at))
        });
        Self { path, lines: lines.collect(), changed: false }
    }

    /// The answer to the question, if it is known; late if another process waits for it.
    pub(super) fn reply(&self, question: &Question) -> Option<Reply> {
        let key = key(question);
        let line = self.lines.iter().find(|line| line.get("question") == Some(&key))?;
        let Some(rows) = line.get("rows").and_then(Json::as_array) else {
            return Some(Reply::Late);
        };
        let rows = rows.iter().filter_map(Json::as_object).cloned().map(Row::new).collect();
        Some(Reply::Rows(rows, line.get("whole").and_then(Json::as_bool).unwrap_or(false)))
    }

    /// Keeps the answer; or that somebody waits for it.
    pub(super) fn put(&mut self, question: &Question, reply: &Reply) {
        let (key, at) = (key(question), clock::now().millis());
        let line = match reply {
            Reply::Rows(rows, whole) => {
                let rows: Vec<_> =
                    rows.iter().map(|row| Json::Object(row.fields().clone())).collect();
                json!({"question": key, "at": at, "whole": whole, "rows": rows})
            }
            Reply::Late => json!({"question": key, "at": at}),
            Reply::Nothing(_) => return,
        };
        self.lines.retain(|line| line.get("question") != Some(&key));
        self.lines.push(line);
        self.changed = true;
    }

    /// Writes the file, if there is anything new. That it cannot be written is no matter.
    pub(super) fn save(self) {
        let Some(path) = self.path.filter(|_| self.changed) else { return };
        let old = self.lines.len().saturating_sub(MOST);
        let lines = self.lines.iter().skip(old).map(|line| format!("{line}\n"));
        let _ = keep(&path, &lines.collect::<String>());
    }
}

fn key(question: &Question) -> Json {
    let given = question.given.iter().map(|(name, value)| format!("{name}={value}"));
    let words: Vec<_> = [question.api.to_owned()].into_iter().chain(given).collect();
    json!(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(keyword: &str) -> Question {
        Question { api: "listZones", given: vec![("keyword".into(), keyword.into())] }
    }

    fn rows(name: &str) -> Reply {
        let row = json!({"id": "7", "name": name});
        Reply::Rows(vec![Row::new(row.as_object().cloned().unwrap())], true)
    }

    #[test]
    fn answers_are_there_for_the_next_process_and_for_nobody_else() {
        let dir = std::env::temp_dir().join(format!("capuchin-kept-{}", std::process::id()));
        let path = dir.join("x/p.values");
        let open = || Kept::open(Some(path.clone()));
        let mut kept = open();
        assert_eq!(kept.reply(&question("a")), None);
        kept.put(&question("a"), &rows("one"));
        kept.put(&question("b"), &Reply::Late);
        kept.put(&question("c"), &Reply::Nothing(None));
        kept.save();
        let mut kept = open();
        assert_eq!(kept.reply(&question("a")), Some(rows("one")));
        assert_eq!(kept.reply(&question("b")), Some(Reply::Late));
        assert_eq!(kept.reply(&question("c")), None);
        kept.put(&question("b"), &rows("two"));
        kept.save();
        assert_eq!(open().reply(&question("b")), Some(rows("two")));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&path, "nothing of the kind\n{\"at\": 1}\n").unwrap();
        assert_eq!(open().reply(&question("a")), None);
        fs::remove_dir_all(&dir).unwrap();
    }
}
