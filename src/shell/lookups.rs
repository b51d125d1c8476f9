//! What completion asks: answered on threads of their own, waited for a moment only, and kept for
//! some seconds, so that neither a person nor a server suffers from Tab.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use super::complete::{Around, File, Question, Reply, Row, folder};
use super::line::Reference;
use super::listed::page;
use super::set::Options;
use super::variables::Variables;
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
const LOST: Duration = Duration::from_mins(1);
/// How often it is looked whether somebody types on meanwhile.
const GLANCE: Duration = Duration::from_millis(5);
/// Answers that are kept at most.
const MOST: usize = 64;

/// Tells how long the program runs.
pub(crate) type Uptime = fn() -> Duration;

/// Asks a transport, and keeps what it answers.
pub(crate) struct Lookups<'t> {
    transport: &'t dyn Transport,
    uptime: Uptime,
    /// Whether the person waits no longer.
    gone: fn() -> bool,
    kept: Arc<Kept>,
    known: Option<Known<'t>>,
}

/// What a session knows of itself.
pub(crate) struct Known<'t> {
    pub(crate) variables: Rc<RefCell<Variables>>,
    pub(crate) settable: &'t dyn Options,
}

#[derive(Default)]
struct Kept {
    answers: Mutex<HashMap<Question, (Duration, State)>>,
    /// How often all was forgotten: who was asked before that does not count any more.
    forgotten: AtomicU64,
    answered: Condvar,
}

enum State {
    Asked,
    Rows(Vec<Row>, bool),
    Failed(Option<String>),
}

type Answers<'k> = MutexGuard<'k, HashMap<Question, (Duration, State)>>;

impl<'t> Lookups<'t> {
    pub(crate) fn new(transport: &'t dyn Transport, uptime: Uptime) -> Self {
        Self { transport, uptime, gone: || false, kept: Arc::default(), known: None }
    }

    /// The same for a person who waits no longer once this is so.
    pub(crate) fn unless(self, gone: fn() -> bool) -> Self {
        Self { gone, ..self }
    }

    /// The same, with what a session knows.
    pub(crate) fn knowing(self, known: Known<'t>) -> Self {
        Self { known: Some(known), ..self }
    }

    /// What is around a line that is completed now; its questions take no longer than this
    /// together.
    pub(crate) fn within(&self, patience: Duration) -> impl Around + use<'_, 't> {
        Asking { lookups: self, until: (self.uptime)() + patience }
    }

    /// Forgets the answers: something was changed.
    pub(crate) fn forget(&self) {
        let mut answers = self.kept.lock();
        self.kept.forgotten.fetch_add(1, Ordering::Relaxed);
        answers.clear();
    }
}

impl Kept {
    fn lock(&self) -> Answers<'_> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, question: Question, asked: u64, now: Duration, state: State) {
        let mut answers = self.lock();
        if asked == self.forgotten.load(Ordering::Relaxed) {
            answers.insert(question, (now, state));
        }
        drop(answers);
        self.answered.notify_all();
    }

    /// What is known by now; nothing if the question has to be asked.
    fn known(answers: &Answers<'_>, question: &Question, now: Duration) -> Option<Reply> {
        let (since, state) = answers.get(question)?;
        let age = now.saturating_sub(*since);
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
    until: Duration,
}

impl Around for Asking<'_, '_> {
    fn ask(&mut self, question: &Question) -> Reply {
        let kept = &self.lookups.kept;
        let known = Kept::known(&kept.lock(), question, (self.lookups.uptime)());
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

    fn variables(&mut self, outer: Option<&Reference>) -> Vec<(String, String)> {
        let known = self.lookups.known.as_ref();
        known.map(|known| known.variables.borrow().inside(outer)).unwrap_or_default()
    }

    fn value(&mut self, reference: &Reference) -> Option<String> {
        self.lookups.known.as_ref()?.variables.borrow().text(reference).ok()
    }

    fn options(&mut self) -> Vec<(String, Vec<String>)> {
        self.lookups.known.as_ref().map(|known| known.settable.known()).unwrap_or_default()
    }
}

impl Asking<'_, '_> {
    /// Waits for the answer as long as there is time.
    fn wait(&self, question: &Question) -> Reply {
        let kept = &self.lookups.kept;
        let mut answers = kept.lock();
        let mut left = self.until.saturating_sub((self.lookups.uptime)());
        let mut over = false;
        loop {
            match Kept::known(&answers, question, (self.lookups.uptime)()) {
                Some(Reply::Late) if !over => {}
                other => return other.unwrap_or(Reply::Late),
            }
            let glance = left.min(GLANCE);
            let waited = kept.answered.wait_timeout(answers, glance);
            let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            answers = again;
            if timeout.timed_out() {
                left -= glance;
                over = left.is_zero() || (self.lookups.gone)();
            }
        }
    }
}

impl Lookups<'_> {
    /// Has the question answered on a thread of its own; or at once, where there is no other way.
    fn begin(&self, question: &Question) -> Option<Reply> {
        let Some(spec) = self.transport.catalogue().find(question.api) else {
            return Some(Reply::Nothing(None));
        };
        let asked = self.kept.forgotten.load(Ordering::Relaxed);
        let words: Words = question.given.iter().cloned().collect();
        let Some(call) = self.transport.apart(spec, &words) else {
            let body = self.transport.call(spec, &words).map(|answer| answer.body);
            self.kept.put(question.clone(), asked, (self.uptime)(), state(spec, body));
            return Kept::known(&self.kept.lock(), question, (self.uptime)());
        };
        let (now, uptime) = ((self.uptime)(), self.uptime);
        let mut answers = self.kept.lock();
        if answers.len() >= MOST {
            answers.retain(|_, (since, _)| now.saturating_sub(*since) < FRESH);
        }
        answers.insert(question.clone(), (now, State::Asked));
        drop(answers);
        let (kept, question) = (Arc::clone(&self.kept), question.clone());
        thread::spawn(move || {
            let state = state(spec, call());
            kept.put(question, asked, uptime(), state);
        });
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
        Failure::Interrupted { .. } | Failure::Unread(_) => return None,
    };
    let line = text.lines().next().unwrap_or_default();
    Some(format!("no candidates: {}", printable(line)))
}

#[cfg(test)]
mod tests;
