//! A CloudStack server: calls are signed, sent, repeated where that is safe, and waited for.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::model::Time;
use crate::schema::{Catalogue, Spec, Words};
use crate::text::{Secret, is_secret_name, printable};
use crate::transport::answer;
use crate::transport::curl;
use crate::transport::entries::{Entries, ORIGIN, reads_only};
use crate::transport::http::{Lost, Raw, Way, Wire};
use crate::transport::learn::learn;
use crate::transport::sign::{Algorithm, sign};
use crate::transport::{Answer, Apart, Failure, Transport};

/// How long a signature is good for, in seconds.
const GOOD_FOR: i64 = 15 * 60;
/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
/// The first wait before a request is repeated; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest that a server may make us wait before a request is repeated.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The first wait before a job is asked after.
const FIRST_POLL: Duration = Duration::from_millis(100);
/// The longest wait between two questions after a job.
const LONGEST_POLL: Duration = Duration::from_secs(2);
/// How soon an interrupt is noticed.
const TICK: Duration = Duration::from_millis(50);

/// A server and how to talk to it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) way: Way,
    pub(crate) api_key: Option<String>,
    pub(crate) algorithm: Algorithm,
    /// The longest wait for a job; zero is no limit.
    pub(crate) job_limit: Duration,
}

/// What a server's calls need from the program around them.
pub(crate) trait Attend {
    /// The time it is.
    fn now(&self) -> Time;
    /// The secret key; asked for once, when it is first needed.
    fn secret_key(&self) -> Result<Secret, String>;
    /// The secret key, got on another thread, where nobody can be asked for a password.
    fn secret_key_apart(&self) -> SecretApart;
    /// Whether the person does not want to wait any longer; asking forgets it.
    fn interrupted(&self) -> bool;
    /// Shows that something is waited for.
    fn waiting(&self, what: &str);
    /// Shows it no more.
    fn waited(&self);
}

/// Gets the secret key on another thread.
pub(crate) type SecretApart = Box<dyn FnOnce() -> Result<Secret, String> + Send>;

/// Calls a server.
pub(crate) struct Remote {
    server: Server,
    catalogue: Catalogue,
    attend: Box<dyn Attend>,
    wire: OnceLock<Arc<Wire>>,
    secret: Arc<OnceLock<Secret>>,
}

impl Remote {
    /// A transport to `server`. `kept` is what it told of its APIs before, if it did.
    pub(crate) fn new(server: Server, kept: Option<String>, attend: Box<dyn Attend>) -> Self {
        let kept =
            kept.map(Entries::kept).filter(|kept| kept.json(ORIGIN) == Some(origin(&server)));
        let catalogue = Catalogue::read_from(kept.unwrap_or_else(Entries::built_in));
        Self { server, catalogue, attend, wire: OnceLock::new(), secret: Arc::default() }
    }

    /// What the server tells of its APIs, as text to keep, and how many there are.
    pub(crate) fn learn(&self) -> Result<(String, usize), Failure> {
        let answer = self.ask("listApis", &Words::default())?;
        learn(&answer, origin(&self.server)).ok_or_else(|| Failure::Unavailable {
            why: format!("{} tells of no APIs", self.server.way.url),
        })
    }

    fn wire(&self) -> Result<&Arc<Wire>, Failure> {
        if let Some(wire) = self.wire.get() {
            return Ok(wire);
        }
        let wire =
            Wire::new(self.server.way.clone()).map_err(|why| Failure::Unavailable { why })?;
        Ok(self.wire.get_or_init(|| Arc::new(wire)))
    }

    fn secret(&self) -> Result<&Secret, Failure> {
        if let Some(secret) = self.secret.get() {
            return Ok(secret);
        }
        let secret = self.attend.secret_key().map_err(|why| Failure::Denied { why })?;
        Ok(self.secret.get_or_init(|| secret))
    }

    /// The parameters of a call as they are sent, but for the signature.
    fn params(&self, command: &str, words: &Words, api_key: &str) -> Vec<(String, String)> {
        let expires = self.attend.now().plus_seconds(GOOD_FOR).to_string();
        let ours = [
            ("apiKey", api_key),
            ("command", command),
            ("expires", &expires),
            ("response", "json"),
            ("signatureversion", "3"),
        ];
        let all = ours.into_iter().chain(words.iter());
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn signed(&self, command: &str, words: &Words) -> Result<Vec<(String, String)>, Failure> {
        let api_key = self.server.api_key.as_deref().ok_or_else(|| Failure::Denied {
            why: format!(
                "there is no API key for {}; give one with -k, CAPUCHIN_KEY or \
                 `capuchin profile edit`",
                self.server.way.url
            ),
        })?;
        let mut params = self.params(command, words, api_key);
        let signature = sign(&params, self.secret()?, self.server.algorithm);
        params.push(("signature".to_owned(), signature));
        Ok(params)
    }

    /// Calls and returns the inner object of the answer. Calls that change nothing are repeated
    /// where the server is busy or cannot be reached.
    fn ask(&self, command: &str, words: &Words) -> Result<Json, Failure> {
        let attempts = if reads_only(command) { ATTEMPTS } else { 1 };
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let last = attempt >= attempts;
            let outcome = self.exchange(command, words)?;
            let asked_to_wait = match outcome {
                Ok(raw) if last || !matches!(raw.status, 429 | 503) => {
                    tracing::debug!("HTTP {}, {} bytes", raw.status, raw.body.len());
                    return answer::read(raw.status, &raw.body);
                }
                Ok(raw) => raw.retry_after.map(Duration::from_secs),
                Err(Lost(why)) if last => {
                    let url = &self.server.way.url;
                    return Err(Failure::Unavailable { why: format!("{url}: {why}") });
                }
                Err(Lost(_)) => None,
            };
            let pause = asked_to_wait.unwrap_or(wait).min(LONGEST_WAIT);
            tracing::debug!("again in {} ms", pause.as_millis());
            self.pause(pause)?;
            wait *= 2;
        }
        Err(Failure::Unavailable { why: "no attempt was made".to_owned() })
    }

    /// Sends one request. It has a thread of its own, so that a person need not wait for it.
    fn exchange(&self, command: &str, words: &Words) -> Result<Result<Raw, Lost>, Failure> {
        let params = self.signed(command, words)?;
        let way = &self.server.way;
        tracing::debug!("{} {} {}", if way.get { "GET" } else { "POST" }, way.url, shown(&params));
        let wire = Arc::clone(self.wire()?);
        let (sender, receiver) = channel();
        thread::spawn(move || drop(sender.send(wire.send(&params))));
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(outcome) => return Ok(outcome),
                Err(RecvTimeoutError::Timeout) => self.go_on()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Err(Lost("the request was given up".to_owned())));
                }
            }
        }
    }

    fn pause(&self, mut rest: Duration) -> Result<(), Failure> {
        let (_sender, never) = channel::<()>();
        while !rest.is_zero() {
            let step = rest.min(TICK);
            // Nobody sends: this only takes its time.
            let _ = never.recv_timeout(step);
            self.go_on()?;
            rest = rest.saturating_sub(step);
        }
        Ok(())
    }

    fn go_on(&self) -> Result<(), Failure> {
        let interrupted = self.attend.interrupted();
        if interrupted { Err(Failure::Interrupted { job: None }) } else { Ok(()) }
    }

    /// Asks after a job until it has ended.
    fn outcome(&self, job: &str) -> Result<Answer, Failure> {
        let words: Words = [("jobid", job)].into_iter().collect();
        let (mut wait, mut waited) = (FIRST_POLL, Duration::ZERO);
        loop {
            if let Some(ended) = ended(job, self.ask("queryAsyncJobResult", &words)?) {
                return ended;
            }
            if !self.server.job_limit.is_zero() && waited >= self.server.job_limit {
                let why = format!("the job has not ended in {} s", waited.as_secs());
                return Err(Failure::Unavailable { why });
            }
            self.pause(wait)?;
            waited += wait;
            wait = (wait * 3 / 2).min(LONGEST_POLL);
        }
    }
}

impl Transport for Remote {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        let started = self.start(spec, words)?;
        match &started.job {
            Some(job) => Ok(Answer { made: started.made, ..self.wait(job)? }),
            None => Ok(started),
        }
    }

    fn start(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        // An interrupt that came before is of no concern.
        let _ = self.attend.interrupted();
        let body = self.ask(spec.name, words)?;
        let text = |key: &str| body.get(key).and_then(Json::as_str).map(str::to_owned);
        let job = text("jobid").filter(|_| spec.is_async());
        let made = text("id").filter(|_| job.is_some());
        Ok(Answer { body, job, made })
    }

    fn apart(&self, spec: &Spec, words: &Words) -> Option<Apart> {
        let api_key = self.server.api_key.as_deref()?;
        let wire = Arc::clone(self.wire().ok()?);
        let mut params = self.params(spec.name, words, api_key);
        let (known, get) = (Arc::clone(&self.secret), self.attend.secret_key_apart());
        let (algorithm, url) = (self.server.algorithm, self.server.way.url.clone());
        Some(Box::new(move || {
            let secret = match known.get() {
                Some(secret) => secret,
                None => {
                    let got = get().map_err(|why| Failure::Denied { why })?;
                    known.get_or_init(|| got)
                }
            };
            params.push(("signature".to_owned(), sign(&params, secret, algorithm)));
            let raw = wire
                .send(&params)
                .map_err(|Lost(why)| Failure::Unavailable { why: format!("{url}: {why}") })?;
            answer::read(raw.status, &raw.body)
        }))
    }

    fn wait(&self, job: &str) -> Result<Answer, Failure> {
        self.attend.waiting(&format!("job {}", printable(job)));
        let ended = self.outcome(job);
        self.attend.waited();
        let job = job.to_owned();
        ended.map_err(|failure| match failure {
            Failure::Interrupted { .. } => Failure::Interrupted { job: Some(job) },
            Failure::Unavailable { why } => {
                let why = format!("{why}\njob {job} goes on; `capuchin wait {job}` waits for it");
                Failure::Unavailable { why }
            }
            other => other,
        })
    }

    fn rehearse(&self, spec: &Spec, words: &Words) -> Option<String> {
        let api_key = self.server.api_key.as_deref().unwrap_or("KEY");
        let params = self.params(spec.name, words, api_key);
        Some(curl::command(
            &self.server.way.url,
            self.server.way.get,
            &params,
            self.server.algorithm,
        ))
    }
}

/// What a description that was kept must say to be of this server.
fn origin(server: &Server) -> Json {
    json!({ "url": server.way.url })
}

/// The outcome of a job that has ended.
pub(super) fn ended(job: &str, status: Json) -> Option<Result<Answer, Failure>> {
    let code = |key: &str| status.get(key).and_then(Json::as_i64);
    let result = status.get("jobresult").cloned().unwrap_or_else(|| json!({}));
    match code("jobstatus") {
        Some(0) => None,
        Some(1) => Some(Ok(Answer { body: result, job: Some(job.to_owned()), made: None })),
        _ => Some(Err(answer::refusal(&result, Some(job)).unwrap_or_else(|| {
            let code = code("jobresultcode").filter(|code| *code != 0).unwrap_or(530);
            let text = match &result {
                Json::String(text) => text.clone(),
                other => format!("the job failed and says {other}"),
            };
            Failure::Remote { code, cs_code: None, text, job: Some(job.to_owned()) }
        }))),
    }
}

/// The parameters for the log.
fn shown(params: &[(String, String)]) -> String {
    let each = params.iter().map(|(name, value)| {
        let value = if is_secret_name(name) { "********".into() } else { printable(value) };
        format!("{name}={value}")
    });
    each.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_ends_in_one_of_three_ways() {
        assert!(ended("j", json!({"jobstatus": 0})).is_none());
        let done = ended("j", json!({"jobstatus": 1, "jobresult": {"vpc": {"id": "7"}}}));
        let done = done.unwrap().unwrap();
        assert_eq!((done.body, done.job.as_deref()), (json!({"vpc": {"id": "7"}}), Some("j")));
        let failed = json!({"jobstatus": 2, "jobresultcode": 530,
            "jobresult": {"errorcode": 533, "errortext": "full"}});
        let Some(Err(Failure::Remote { code, cs_code, text, job })) = ended("j", failed) else {
            panic!()
        };
        assert_eq!((code, cs_code, text.as_str(), job.as_deref()), (533, None, "full", Some("j")));
        let odd = ended("j", json!({"jobstatus": 3, "jobresult": "stopped"}));
        assert!(matches!(odd, Some(Err(Failure::Remote { code: 530, text, .. }))
            if text == "stopped"));
    }

    #[test]
    fn the_log_has_no_secrets() {
        let params = [("apiKey", "K"), ("signature", "S"), ("password", "P"), ("name", "a\u{1b}")];
        let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            shown(&params),
            "apiKey=******** signature=******** password=******** name=a\\x1b"
        );
    }
}
