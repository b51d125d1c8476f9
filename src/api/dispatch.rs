//! From a command and its parameters to an answer: one transaction, with its job and its events.

use crate::api::{Api, Done, find};
use crate::engine::{Caller, Cx, JobOutcome};
use crate::model::Time;
use crate::schema::{Exception, Fault, Kind, Mode, Spec, Words};
use crate::store::Store;
use crate::text::shorten;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The engine behind the table: a store and a clock.
#[derive(Clone)]
pub(crate) struct Engine {
    store: Arc<Store>,
    clock: Arc<dyn Fn() -> Time + Send + Sync>,
}

/// The answer to a call.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The description of what was called.
    pub(crate) spec: &'static Spec,
    /// The inner object of the answer; of an asynchronous call, of its result.
    pub(crate) body: Json,
    /// The job of an asynchronous call.
    pub(crate) job: Option<JobRef>,
}

/// The job of an asynchronous call, which has ended when the answer comes.
#[derive(Clone, Debug)]
pub(crate) struct JobRef {
    /// The job's id.
    pub(crate) id: String,
    /// The id of what the call made.
    pub(crate) made: Option<String>,
    /// Why it failed.
    pub(crate) failed: Option<Fault>,
}

impl Engine {
    /// An engine on a store, with a clock.
    pub(crate) fn new(store: Arc<Store>, clock: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self { store, clock: Arc::new(clock) }
    }

    /// The store.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Calls an API by its exact name.
    pub(crate) fn call(
        &self,
        caller: &Caller,
        command: &str,
        words: &Words,
    ) -> Result<Reply, Fault> {
        let Some(api) = find(command) else {
            let command = shorten(command, 60);
            let text = format!("Unknown API command: {command}");
            return Err(Fault::new(Exception::UnsupportedAction, text));
        };
        refuse_control_characters(words)?;
        let reply = if api.spec.event.is_empty() {
            self.read(api, caller, words)
        } else if api.spec.mode == Mode::Now {
            self.write(api, caller, words)
        } else {
            self.job(api, caller, words)
        };
        if let Err(fault) = &reply {
            log(&api.spec, fault);
        }
        reply
    }

    fn read(&self, api: &'static Api, caller: &Caller, words: &Words) -> Result<Reply, Fault> {
        let now = (self.clock)();
        let done = self.store.read(|tx| {
            let mut cx = Cx::new(tx, now, caller, api.spec.name);
            (api.run)(&mut cx, words)
        })?;
        Ok(Reply { spec: &api.spec, body: body(&api.spec, done)?, job: None })
    }

    fn write(&self, api: &'static Api, caller: &Caller, words: &Words) -> Result<Reply, Fault> {
        let (caller, words, clock) = (caller.clone(), words.clone(), Arc::clone(&self.clock));
        let done = self.store.write(move |tx| {
            let mut cx = Cx::new(tx, clock(), &caller, api.spec.name);
            let done = (api.run)(&mut cx, &words)?;
            cx.event_done(api.spec.event)?;
            Ok::<_, Fault>(done)
        })?;
        Ok(Reply { spec: &api.spec, body: body(&api.spec, done)?, job: None })
    }

    /// Runs an asynchronous call. A fault of its parameters is answered at once; one that comes
    /// later leaves a failed job, and nothing else.
    fn job(&self, api: &'static Api, caller: &Caller, words: &Words) -> Result<Reply, Fault> {
        let (who, given, clock) = (caller.clone(), words.clone(), Arc::clone(&self.clock));
        let spec = &api.spec;
        let done = self.store.write(move |tx| {
            let mut cx = Cx::new(tx, clock(), &who, spec.name);
            let done = (api.run)(&mut cx, &given)?;
            let result = body_text(spec, &done);
            let id = cx.job_ended(&JobOutcome::Done(result.clone()))?;
            cx.events_of_job(spec.event, "INFO")?;
            let made = cx.subject.as_ref().map(|about| {
                let (a, b) = (about.a.unsigned_abs(), about.b.unsigned_abs());
                cx.tx.key().encode(about.kind, a, b).to_string()
            });
            Ok::<_, Fault>((id, made, result))
        });
        match done {
            Ok((id, made, result)) => {
                let (id, body) = (id.to_string(), parsed(&result)?);
                let made = made.filter(|_| spec.mode == Mode::Create);
                Ok(Reply { spec, body, job: Some(JobRef { id, made, failed: None }) })
            }
            Err(fault) if fault.in_job => self.failed_job(api, caller, fault),
            Err(fault) => Err(fault),
        }
    }

    fn failed_job(&self, api: &'static Api, caller: &Caller, fault: Fault) -> Result<Reply, Fault> {
        log(&api.spec, &fault);
        let body = json!({ "errorcode": fault.code(), "errortext": fault.text });
        let (who, clock) = (caller.clone(), Arc::clone(&self.clock));
        let outcome = JobOutcome::Failed(fault.code(), body.to_string());
        let id = self.store.write(move |tx| {
            let mut cx = Cx::new(tx, clock(), &who, api.spec.name);
            cx.events_of_job(api.spec.event, "ERROR")?;
            cx.job_ended(&outcome)
        })?;
        let job = JobRef { id: id.to_string(), made: None, failed: Some(fault) };
        Ok(Reply { spec: &api.spec, body, job: Some(job) })
    }
}

/// The inner object of an answer. A list without rows has neither count nor key, and a page past
/// the end has only the count, as in CloudStack.
fn body(spec: &Spec, done: Done) -> Result<Json, Fault> {
    if !matches!(done, Done::Rows(..)) {
        return parsed(&body_text(spec, &done));
    }
    let mut body = Map::new();
    if let Done::Rows(rows, total) = done {
        if total > 0 {
            body.insert("count".into(), total.into());
        }
        if !rows.is_empty() {
            body.insert(spec.key.into(), Json::Array(rows));
        }
    }
    Ok(Json::Object(body))
}

/// The inner object of an answer that is no list, as text. It is made while others wait for the
/// transaction, and read only when they no longer do.
fn body_text(spec: &Spec, done: &Done) -> String {
    match done {
        Done::Object(object) if spec.kind == Kind::Flat => object.clone(),
        Done::Object(object) => ["{\"", spec.key, "\":", object, "}"].concat(),
        Done::Success | Done::Rows(..) => r#"{"success":true}"#.to_owned(),
    }
}

fn parsed(text: &str) -> Result<Json, Fault> {
    serde_json::from_str(text)
        .map_err(|why| Fault::internal("The answer cannot be read", why.to_string()))
}

/// CloudStack's rule: control characters but line feed and carriage return are refused.
fn refuse_control_characters(words: &Words) -> Result<(), Fault> {
    let bad = words
        .iter()
        .find(|(_, value)| value.chars().any(|c| c.is_ascii_control() && c != '\n' && c != '\r'));
    let Some((name, _)) = bad else { return Ok(()) };
    let name = shorten(name, 60);
    Err(Fault::new(
        Exception::Parameter,
        format!(
            "Received value containing illegal ASCII non-printable characters for parameter {name}"
        ),
    ))
}

/// Writes a refusal to the log under the name of its exception, which operators search for.
fn log(spec: &Spec, fault: &Fault) {
    let (class, code, text) = (fault.exception.class(), fault.code(), fault.text.as_str());
    let logged = fault.logged.as_deref().unwrap_or_default();
    if fault.exception.code() >= 533 || fault.logged.is_some() {
        tracing::warn!(command = spec.name, code, logged, "{class}: {text}");
    } else {
        tracing::debug!(command = spec.name, code, "{class}: {text}");
    }
}
