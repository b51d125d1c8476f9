//! Ways to have a call answered: in this process, or by a server; and to answer those of others.

pub(crate) mod access;
mod admission;
pub(crate) mod answer;
mod apart;
mod ask;
mod curl;
pub(crate) mod entries;
pub(crate) mod front;
mod gauges;
mod http;
pub(crate) mod learn;
mod local;
mod login;
pub(crate) mod remote;
pub(crate) mod server;
mod sessions;
pub(crate) mod sign;
mod signin;
mod stream;
mod throttle;
pub(crate) mod wire;
mod wire_json;
pub(crate) mod wire_xml;

pub(crate) use answer::class;
#[cfg(any(test, feature = "bench"))]
pub(crate) use entries::built_in;
pub(crate) use http::{Probe, Way, probe};
pub(crate) use local::{Local, catalogue};
pub(crate) use remote::{Attend, Remote, SecretApart, Server};
pub(crate) use signin::Login;
pub(crate) use stream::{Rows, hand_on};

use std::io;
use std::sync::Arc;

use crate::schema::{Catalogue, Fault, Spec, Words};
use serde_json::{Map, Value as Json};

/// The answer to a call that was done.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The inner object of the answer; of an asynchronous call, of its result.
    pub(crate) body: Json,
    /// The job of an asynchronous call.
    pub(crate) job: Option<String>,
    /// The id of what an asynchronous call made.
    pub(crate) made: Option<String>,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The API refused the call, or its job failed.
    Refused {
        /// Why.
        fault: Fault,
        /// The job that failed.
        job: Option<String>,
    },
    /// A server refused the call, or its job failed there.
    Remote {
        /// The HTTP status and API error code.
        code: i64,
        /// `cserrorcode`, where the server says it.
        cs_code: Option<i64>,
        /// What the server says.
        text: String,
        /// The job that failed.
        job: Option<String>,
    },
    /// The server does not accept the credentials, or there are none.
    Denied {
        /// What is wrong and what to do.
        why: String,
    },
    /// Nobody could be asked: there is no store, or no way to a server.
    Unavailable {
        /// What is wrong and what to do.
        why: String,
    },
    /// What came could not be handed on.
    Unread(Arc<io::Error>),
    /// The person does not want to wait any longer.
    Interrupted {
        /// The job that goes on.
        job: Option<String>,
    },
}

/// A call that another thread can make.
pub(crate) type Apart = Box<dyn FnOnce() -> Result<Json, Failure> + Send>;

impl From<io::Error> for Failure {
    fn from(why: io::Error) -> Self {
        Self::Unread(Arc::new(why))
    }
}

/// Something that answers calls.
pub(crate) trait Transport {
    /// The APIs that it answers.
    fn catalogue(&self) -> &Catalogue;
    /// Calls an API; of an asynchronous one, waits for the result.
    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure>;

    /// Calls an API that lists: hands its rows on and returns what stands behind them.
    fn list(
        &self,
        spec: &Spec,
        words: &Words,
        rows: &mut dyn Rows,
    ) -> Result<Map<String, Json>, Failure> {
        hand_on(self.call(spec, words)?.body, spec.key, rows).map_err(Failure::from)
    }

    /// Calls an API without waiting for its job; where jobs end at once, there is nothing to wait
    /// for.
    fn start(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        self.call(spec, words)
    }

    /// The same call of an API that answers at once, for another thread; nothing where there is
    /// no other way than [`call`](Self::call).
    fn apart(&self, spec: &Spec, words: &Words) -> Option<Apart> {
        let _ = (spec, words);
        None
    }

    /// Waits for the end of a job that was started before.
    fn wait(&self, job: &str) -> Result<Answer, Failure>;

    /// Learns which APIs there are, how many it says; nothing where there is nobody to ask.
    fn learn(&self) -> Option<Result<usize, Failure>> {
        None
    }

    /// What would be sent, as a command of the system's shell; nothing where nothing is sent.
    fn rehearse(&self, spec: &Spec, words: &Words) -> Option<String> {
        let _ = (spec, words);
        None
    }
}
