//! From a command and its parameters to an answer: one transaction, with its job and its events.

use crate::api::{Api, Done, find, refuse};
use crate::engine::{
    Answered, Caller, ClientToken, Cx, JobOutcome, NoSecrets, Prepared, Secrets, is_there,
    may_call, password_hash,
};
use crate::model::{EntityKind, Time, Uid, UidKey, User};
use crate::schema::{self, Exception, Fault, Kind, Mode, Needs, Params, Spec, Words};
use crate::store::{Sharing, Store};
use crate::text::shorten;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// The engine behind the table: a store and a clock.
#[derive(Clone)]
pub(crate) struct Engine {
    store: Arc<Store>,
    clock: Arc<dyn Fn() -> Time + Send + Sync>,
    secrets: Arc<dyn Secrets>,
    /// Held while a password is hashed, which takes 19 MiB.
    hashing: Arc<Mutex<()>>,
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
        let (clock, secrets, hashing) = (Arc::new(clock), Arc::new(NoSecrets), Arc::default());
        Self { store, clock, secrets, hashing }
    }

    /// The engine, with secrets for the calls that need any.
    pub(crate) fn with_secrets(self, secrets: impl Secrets + 'static) -> Self {
        Self { secrets: Arc::new(secrets), ..self }
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
            return Err(self.unknown(caller, command));
        };
        refuse_control_characters(words)?;
        let words = &*given_to(caller, &api.spec, words);
        let reply = if api.spec.event.is_empty() {
            self.read(api, caller, words)
        } else if api.spec.mode == Mode::Now {
            self.write(api, caller, words)
        } else {
            self.job(api, caller, words)
        };
        match reply {
            Ok(reply) => Ok(reply.shown_to(caller)),
            Err(fault) => {
                log(&api.spec, &fault);
                Err(fault.shown_to(caller.is_root()))
            }
        }
    }

    /// The fault for a command that nobody has heard of. Who may not call everything is not told
    /// that it is not there.
    fn unknown(&self, caller: &Caller, command: &str) -> Fault {
        let command = shorten(command, 60);
        if caller.is_root() {
            let text = format!("Unknown API command: {command}");
            return Fault::new(Exception::UnsupportedAction, text);
        }
        forbidden(self.store().key(), caller, &command)
    }

    fn read(&self, api: &'static Api, caller: &Caller, words: &Words) -> Result<Reply, Fault> {
        let now = (self.clock)();
        let prepared = self.prepare(&api.spec, caller, words)?;
        let done = self.store.read(|tx| {
            let mut cx = Cx::new(tx, now, caller, api.spec.name);
            cx.prepared = prepared.clone();
            admit(api, &mut cx)?;
            (api.run)(&mut cx, words)
        })?;
        Ok(Reply { spec: &api.spec, body: body(&api.spec, done)?, job: None })
    }

    fn write(&self, api: &'static Api, caller: &Caller, words: &Words) -> Result<Reply, Fault> {
        let spec = &api.spec;
        let prepared = self.prepare(spec, caller, words)?;
        let token = self.token(spec, caller, words)?;
        let (caller, words, clock) = (caller.clone(), words.clone(), Arc::clone(&self.clock));
        let result = self.store.write_as(sharing(spec, token.as_ref()), move |tx| {
            let mut cx = Cx::new(tx, clock(), &caller, spec.name);
            cx.prepared = prepared.clone();
            answer_once(&mut cx, api, token.as_ref(), |cx| {
                let done = (api.run)(cx, &words)?;
                cx.event_done(spec.event)?;
                Ok(Answered { result: body_text(spec, done), job: None, made: None })
            })
        })?;
        Ok(Reply { spec, body: parsed(&result.result)?, job: None })
    }

    /// The word by which a call may be repeated, where one is given.
    fn token(
        &self,
        spec: &Spec,
        caller: &Caller,
        words: &Words,
    ) -> Result<Option<ClientToken>, Fault> {
        if !spec.token || words.get("clienttoken").is_none() {
            return Ok(None);
        }
        let given = schema::ClientToken::take(words);
        let given = given.map_err(|refusal| refuse(spec.name, words, refusal))?;
        let Some(word) = given.clienttoken else { return Ok(None) };
        // Secrets are hashed.
        let _turn = self.hashing.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(ClientToken::new(&word, spec, words, caller)))
    }

    /// Makes the secrets ready that a call needs, if the caller may make that call.
    fn prepare(&self, spec: &Spec, caller: &Caller, words: &Words) -> Result<Prepared, Fault> {
        if spec.needs == Needs::Nothing {
            return Ok(Prepared::default());
        }
        let user = words.get("id").and_then(Uid::parse);
        let (may, current) = self.store.read(|tx| {
            let may = may_call(tx, caller, spec.name, spec.roles)?;
            let user = user.and_then(|user| tx.row_of::<User>(user));
            let hash = user.map(|user| password_hash(tx, user)).transpose()?.flatten();
            Ok::<_, Fault>((may, hash))
        })?;
        if !may {
            return Err(forbidden(self.store.key(), caller, spec.name));
        }
        let given = |name| words.get(name).filter(|word| !word.is_empty());
        match spec.needs {
            Needs::Nothing => Ok(Prepared::default()),
            Needs::KeyPair => Prepared::key_pair(&*self.secrets),
            Needs::Vault => Prepared::vault(&*self.secrets),
            Needs::Password => {
                let _turn = self.hashing.lock().unwrap_or_else(PoisonError::into_inner);
                let mut prepared = match given("password") {
                    Some(password) => Prepared::password(&*self.secrets, password)?,
                    None => Prepared::default(),
                };
                if let Some(password) = given("currentpassword") {
                    prepared.compare(password, current.as_deref());
                }
                Ok(prepared)
            }
        }
    }

    /// Runs an asynchronous call. A fault of its parameters is answered at once; one that comes
    /// later leaves a failed job, and nothing else.
    fn job(&self, api: &'static Api, caller: &Caller, words: &Words) -> Result<Reply, Fault> {
        let (who, given, clock) = (caller.clone(), words.clone(), Arc::clone(&self.clock));
        let spec = &api.spec;
        let token = self.token(spec, caller, words)?;
        let done = self.store.write_as(sharing(spec, token.as_ref()), move |tx| {
            let mut cx = Cx::new(tx, clock(), &who, spec.name);
            let answered =
                answer_once(&mut cx, api, token.as_ref(), |cx| run_job(cx, api, &given))?;
            Ok::<_, Fault>((answered, cx.failed))
        });
        match done {
            Ok((Answered { result, job, made }, failed)) => {
                let made = made.filter(|_| spec.mode == Mode::Create);
                let job = job.map(|id| JobRef { id, made, failed });
                Ok(Reply { spec, body: parsed(&result)?, job })
            }
            Err(fault) if fault.in_job => self.failed_job(api, caller, fault),
            Err(fault) => Err(fault),
        }
    }

    fn failed_job(&self, api: &'static Api, caller: &Caller, fault: Fault) -> Result<Reply, Fault> {
        log(&api.spec, &fault);
        let body = failure(&fault);
        let (who, clock) = (caller.clone(), Arc::clone(&self.clock));
        let outcome = JobOutcome::Failed(fault.code(), body.to_string());
        let id = self.store.write_as(Sharing::Beside, move |tx| {
            let mut cx = Cx::new(tx, clock(), &who, api.spec.name);
            cx.events_of_job(api.spec.event, "ERROR")?;
            cx.job_ended(&outcome)
        })?;
        let job = JobRef { id: id.to_string(), made: None, failed: Some(fault) };
        Ok(Reply { spec: &api.spec, body, job: Some(job) })
    }
}

impl Reply {
    /// The reply as the caller may see it.
    fn shown_to(mut self, caller: &Caller) -> Self {
        if !caller.is_root() && !self.spec.root_fields.is_empty() {
            hide(&mut self.body, self.spec.root_fields);
        }
        self
    }
}

/// How the transaction of an API stands to those of other servers. Of two calls with one word one
/// must see the other.
fn sharing(spec: &Spec, token: Option<&ClientToken>) -> Sharing {
    if spec.shares && token.is_none() { Sharing::Beside } else { Sharing::Alone }
}

/// Makes a call, unless it was made before with the same word: then it is answered as it was.
fn answer_once<'c>(
    cx: &mut Cx<'c>,
    api: &Api,
    token: Option<&ClientToken>,
    call: impl FnOnce(&mut Cx<'c>) -> Result<Answered, Fault>,
) -> Result<Answered, Fault> {
    admit(api, cx)?;
    let Some(token) = token else { return call(cx) };
    if let Some(answered) = cx.answered(token)? {
        return Ok(answered);
    }
    let answered = call(cx)?;
    // One that failed may be made again.
    if cx.failed.is_none() {
        cx.keep_answer(token, &answered)?;
    }
    Ok(answered)
}

/// Makes an asynchronous call, and writes its job and its events.
fn run_job(cx: &mut Cx<'_>, api: &Api, words: &Words) -> Result<Answered, Fault> {
    let spec = &api.spec;
    let done = (api.run)(cx, words)?;
    let (result, outcome, level) = match &cx.failed {
        None => {
            let result = body_text(spec, done);
            (result.clone(), JobOutcome::Done(result), "INFO")
        }
        Some(fault) => {
            let result = failure(fault).to_string();
            (result.clone(), JobOutcome::Failed(fault.code(), result), "ERROR")
        }
    };
    let id = cx.job_ended(&outcome)?;
    cx.events_of_job(spec.event, level)?;
    let made = cx.subject.as_ref().map(|about| {
        let (a, b) = (about.a.unsigned_abs(), about.b.unsigned_abs());
        cx.tx.key().encode(about.kind, a, b).to_string()
    });
    Ok(Answered { result, job: Some(id.to_string()), made })
}

/// Takes fields away, wherever they stand.
fn hide(body: &mut Json, fields: &[&str]) {
    match body {
        Json::Object(object) => {
            object.retain(|name, _| !fields.contains(&name.as_str()));
            object.values_mut().for_each(|inner| hide(inner, fields));
        }
        Json::Array(all) => all.iter_mut().for_each(|one| hide(one, fields)),
        _ => {}
    }
}

/// The parameters that count: those that are for root admins only do not count from others, as in
/// CloudStack.
fn given_to<'w>(caller: &Caller, spec: &Spec, words: &'w Words) -> Cow<'w, Words> {
    if caller.is_root() || spec.root_params.is_empty() {
        return Cow::Borrowed(words);
    }
    Cow::Owned(words.iter().filter(|(name, _)| !spec.root_params.contains(name)).collect())
}

/// The result of a job that failed.
fn failure(fault: &Fault) -> Json {
    json!({ "errorcode": fault.code(), "errortext": fault.text })
}

/// Refuses a call if the caller is no longer there, or its role may not make it.
fn admit(api: &Api, cx: &mut Cx<'_>) -> Result<(), Fault> {
    cx.tx.know_aliases()?;
    if !is_there(cx.tx, cx.caller)? {
        let text = "The user or the account was deleted in the meantime";
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    if !may_call(cx.tx, cx.caller, api.spec.name, api.spec.roles)? {
        return Err(forbidden(cx.tx.key(), cx.caller, api.spec.name));
    }
    Ok(())
}

/// The fault for a command that the caller's role may not call.
fn forbidden(key: UidKey, caller: &Caller, command: &str) -> Fault {
    let user = key.encode(EntityKind::User, 0, caller.user_id.unsigned_abs());
    let text = format!(
        "The API [{command}] does not exist or is not available for the account for user id \
         [{user}]."
    );
    Fault::new(Exception::UnsupportedAction, text)
}

/// The inner object of an answer. A list without rows has neither count nor key, and a page past
/// the end has only the count, as in CloudStack.
fn body(spec: &Spec, done: Done) -> Result<Json, Fault> {
    match done {
        Done::Rows(rows, total) => Ok(page(spec, rows, total)),
        _ => parsed(&body_text(spec, done)),
    }
}

fn page(spec: &Spec, rows: Vec<Json>, total: u64) -> Json {
    let mut body = Map::new();
    if total > 0 {
        body.insert("count".into(), total.into());
    }
    if !rows.is_empty() {
        body.insert(spec.key.into(), Json::Array(rows));
    }
    Json::Object(body)
}

/// The inner object of an answer as text. It is made while others wait for the transaction, and
/// read only when they no longer do.
fn body_text(spec: &Spec, done: Done) -> String {
    match done {
        Done::Object(object) if spec.kind == Kind::Flat => object,
        Done::Object(object) => ["{\"", spec.key, "\":", &object, "}"].concat(),
        Done::Success => r#"{"success":true}"#.to_owned(),
        Done::Rows(rows, total) => page(spec, rows, total).to_string(),
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
