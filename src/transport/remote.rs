//! A CloudStack server: its APIs, calls to them, and the jobs that calls begin.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::model::Time;
use crate::schema::{Catalogue, Spec, Words};
use crate::text::{Secret, printable};
use crate::transport::answer;
use crate::transport::curl;
use crate::transport::entries::{Entries, ORIGIN};
use crate::transport::http::{Way, Wire};
use crate::transport::learn::learn;
use crate::transport::sign::Algorithm;
use crate::transport::signin::{Login, Session};
use crate::transport::{Answer, Apart, Failure, Rows, Transport};

/// The first wait before a job is asked after.
const FIRST_POLL: Duration = Duration::from_millis(100);
/// The longest wait between two questions after a job.
const LONGEST_POLL: Duration = Duration::from_secs(2);

/// A server and how to talk to it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) way: Way,
    pub(crate) api_key: Option<String>,
    /// Who logs in; keys, where there are some, go before.
    pub(crate) login: Option<Login>,
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
    fn secret_key_apart(&self) -> SecretApart {
        Box::new(|| Err("there is no secret key".to_owned()))
    }

    /// The password; asked for once, when it is first needed.
    fn password(&self) -> Result<Secret, String> {
        Err("there is no password".to_owned())
    }

    /// The code of the second factor.
    fn code(&self) -> Result<Secret, String> {
        Err("there is no code of a second factor".to_owned())
    }

    /// The session that was kept, if there is one.
    fn session(&self) -> Option<String> {
        None
    }

    /// Keeps a session for later commands, or forgets the one that was kept.
    fn keep_session(&self, session: Option<&str>) -> Result<(), String> {
        let _ = session;
        Ok(())
    }

    /// Keeps what the server told of its APIs.
    fn keep_apis(&self, text: &str) -> Result<(), String> {
        let _ = text;
        Ok(())
    }

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
    pub(super) server: Server,
    catalogue: Cell<&'static Catalogue>,
    pub(super) attend: Box<dyn Attend>,
    pub(super) wire: OnceLock<Arc<Wire>>,
    /// The secret key, or the password.
    pub(super) secret: Arc<OnceLock<Secret>>,
    pub(super) session: RefCell<Option<Session>>,
}

impl Remote {
    /// A transport to `server`. `kept` is what it told of its APIs before, if it did.
    pub(crate) fn new(server: Server, kept: Option<String>, attend: Box<dyn Attend>) -> Self {
        let kept =
            kept.map(Entries::kept).filter(|kept| kept.json(ORIGIN) == Some(origin(&server)));
        let catalogue = Cell::new(lasting(kept.unwrap_or_else(Entries::built_in)));
        let (wire, secret, session) = (OnceLock::new(), Arc::default(), RefCell::default());
        Self { server, catalogue, attend, wire, secret, session }
    }

    /// Learns the server's APIs, how many it says, and keeps what it tells of them.
    fn learn_all(&self) -> Result<usize, Failure> {
        let answer = self.ask("listApis", &Words::default())?;
        let learned = learn(&answer, origin(&self.server)).ok_or_else(|| Failure::Unavailable {
            why: format!("{} tells of no APIs", self.server.way.url),
        })?;
        let (text, count) = learned;
        self.attend.keep_apis(&text).map_err(|why| Failure::Unavailable { why })?;
        self.catalogue.set(lasting(Entries::kept(text)));
        Ok(count)
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
        self.catalogue.get()
    }

    fn learn(&self) -> Option<Result<usize, Failure>> {
        Some(self.learn_all())
    }

    fn list(
        &self,
        spec: &Spec,
        words: &Words,
        rows: &mut dyn Rows,
    ) -> Result<Map<String, Json>, Failure> {
        // An interrupt that came before is of no concern.
        let _ = self.attend.interrupted();
        self.ask_for_list(spec, words, rows)
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
        self.prepared(spec, words)
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
        let way = &self.server.way;
        Some(match (&self.server.api_key, &self.server.login) {
            (None, Some(login)) => {
                curl::with_login(&way.url, way.get, &login.params(), &plain(spec.name, words))
            }
            (key, _) => {
                let params = self.params(spec.name, words, key.as_deref().unwrap_or("KEY"));
                curl::command(&way.url, way.get, &params, self.server.algorithm)
            }
        })
    }
}

/// A call's parameters without anything that tells who calls.
pub(super) fn plain(command: &str, words: &Words) -> Vec<(String, String)> {
    let ours = [("command", command), ("response", "json")];
    let all = ours.into_iter().chain(words.iter());
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A catalogue for as long as the program runs: who reads it keeps what is in it.
fn lasting(entries: Entries) -> &'static Catalogue {
    Box::leak(Box::new(Catalogue::read_from(entries)))
}

/// What a description that was kept must say to be of this server.
fn origin(server: &Server) -> Json {
    json!({ "url": server.way.url })
}

/// The outcome of a job that has ended.
pub(crate) fn ended(job: &str, status: Json) -> Option<Result<Answer, Failure>> {
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
}
