//! Ways to have a call answered in this process, and to answer those of others.

pub(crate) mod front;
mod local;
mod login;
pub(crate) mod server;
mod sessions;
pub(crate) mod sign;
pub(crate) mod wire;
mod wire_json;
mod wire_xml;

pub(crate) use local::{Local, catalogue};

use crate::schema::{Catalogue, Fault, Spec, Words};
use serde_json::Value as Json;

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
    /// Nobody could be asked: there is no store, or no way to a server.
    Unavailable {
        /// What is wrong and what to do.
        why: String,
    },
}

/// Something that answers calls.
pub(crate) trait Transport {
    /// The APIs that it answers.
    fn catalogue(&self) -> &Catalogue;
    /// Calls an API; of an asynchronous one, waits for the result.
    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure>;
}
