//! What completion asks: answered on threads of their own, waited for a moment only, and kept for
//! some seconds, so that neither a person nor a server suffers from Tab.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::complete::{Around, File, Question, Reply, Row, folder};
use super::listed::page;
use crate::schema::{Spec, Words};
use crate::text::printable;
use crate::transport::{Failure, Transport};

/// How long a person waits for candidates.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);
/// How long an answer is good for.
const FRESH: Duration = Duration::from_secs(10);
/// How long nobody is asked again after a failure.
const FAILED: Duration = Duration::from_secs(3);
/// After this long an answer is not expected any more.
const LOST: Duration = Duration::from_secs(60);
/// Answers that are kept at most.
const MOST: usize = 64;

/// Asks a transport, and keeps what it answers.
pub(crate) struct Lookups<'t> {
    transport: &'t dyn Transport,
    kept: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    answers: Mutex<HashMap<Question, (Instant, State)>>,
    answered: Condvar,
}

enum State {
    Asked,
    Rows(Vec<Row>, bool),
    Failed(Option<String>),
}

type Answers<'k> = MutexGuard<'k, HashMap<Question, (Instant, State)>>;

impl<'t> Lookups<'t> {
    pub(crate) fn new(transport: &'t dyn Transport) -> Self {
        Self { transport, kept: Arc::default() }
    }

    /// What is around a line that is completed now; its questions take no longer than this
    /// together.
    pub(crate) fn within(&self, patience: Duration) -> impl Around + use<'_, 't> {
        Asking { lookups: self, until: Instant::now() + patience }
    }

    /// Forgets the answers: something was changed.
    pub(crate) fn forget(&self) {
        self.kept.lock().retain(|_, (_, state)| matches!(state, State::Asked));
    }
}

impl Kept {
    fn lock(&self) -> Answers<'_> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, question: Question, state: State) {
        self.lock().insert(question, (Instant::now(), state));
        self.answered.notify_all();
    }

    /// What is known by now; nothing if the question has to be asked.
    fn known(answers: &Answers<'_>, question: &Question) -> Option<Reply> {
        let (since, state) = answers.get(question)?;
        let age = since.elapsed();
        match state {
            State::Rows(rows, whole) if age < FRESH => Some(Reply::Rows(rows.clone(), *whole)),
            State::Failed(why) if age < FAILED => Some(Reply::Nothing(why.clone())),
            State::Asked if age < LOST => Some(Reply::Late),
            _ => None,
        }
    }
}

struct Asking<'l, 't> {
    lookups: &'l Lookups<'t>,
    until: Instant,
}

impl Around for Asking<'_, '_> {
    fn ask(&mut self, question: &Question) -> Reply {
        let kept = &self.lookups.kept;
        let known = Kept::known(&kept.lock(), question);
        match known {
            Some(Reply::Late) => {}
            Some(reply) => return reply,
            None => {
                if let Some(reply) = self.lookups.begin(question) {
                    return reply;
                }
            }
        }
        self.wait(question)
    }

    fn files(&mut self, directory: &str) -> Vec<File> {
        folder(directory)
    }
}

impl Asking<'_, '_> {
    /// Waits for the answer as long as there is time.
    fn wait(&self, question: &Question) -> Reply {
        let kept = &self.lookups.kept;
        let mut answers = kept.lock();
        loop {
            match Kept::known(&answers, question) {
                Some(Reply::Late) => {}
                other => return other.unwrap_or(Reply::Late),
            }
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Reply::Late;
            }
            let waited = kept.answered.wait_timeout(answers, left);
            answers = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Lookups<'_> {
    /// Has the question answered on a thread of its own; or at once, where there is no other way.
    fn begin(&self, question: &Question) -> Option<Reply> {
        let Some(spec) = self.transport.catalogue().find(question.api) else {
            return Some(Reply::Nothing(None));
        };
        let words: Words = question.given.iter().cloned().collect();
        let Some(call) = self.transport.apart(spec, &words) else {
            let body = self.transport.call(spec, &words).map(|answer| answer.body);
            self.kept.put(question.clone(), state(spec, body));
            return Kept::known(&self.kept.lock(), question);
        };
        let mut answers = self.kept.lock();
        if answers.len() >= MOST {
            answers.retain(|_, (since, _)| since.elapsed() < FRESH);
        }
        answers.insert(question.clone(), (Instant::now(), State::Asked));
        drop(answers);
        let (kept, question) = (Arc::clone(&self.kept), question.clone());
        thread::spawn(move || kept.put(question, state(spec, call())));
        None
    }
}

fn state(spec: &Spec, body: Result<Json, Failure>) -> State {
    match body {
        Ok(body) => {
            let (rows, whole) = page(spec, body);
            State::Rows(rows, whole)
        }
        Err(failure) => State::Failed(reason(&failure)),
    }
}

/// The failure in a few words.
fn reason(failure: &Failure) -> Option<String> {
    let text = match failure {
        Failure::Refused { fault, .. } => fault.to_string(),
        Failure::Remote { text, .. } => text.clone(),
        Failure::Denied { why } | Failure::Unavailable { why } => why.clone(),
        Failure::Interrupted { .. } => return None,
    };
    let line = text.lines().next().unwrap_or_default();
    Some(format!("no candidates: {}", printable(line)))
}

#[cfg(test)]
mod tests;
