//! The engine in this process.

use crate::api::{APIS, Engine};
use crate::engine::Caller;
use crate::schema::{Catalogue, Spec, Words};
use crate::transport::remote::ended;
use crate::transport::{Answer, Apart, Failure, Transport};

/// Calls the engine directly.
pub(crate) struct Local {
    engine: Engine,
    caller: Caller,
    catalogue: Catalogue,
}

/// The APIs that the engine answers.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::new(APIS.iter().map(|api| &api.spec))
}

impl Local {
    /// A transport to `engine`, calling as `caller`.
    pub(crate) fn new(engine: Engine, caller: Caller) -> Self {
        Self { engine, caller, catalogue: catalogue() }
    }
}

impl Transport for Local {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        let refused = |fault| Failure::Refused { fault, job: None };
        let reply = self.engine.call(&self.caller, spec.name, words).map_err(refused)?;
        let Some(job) = reply.job else {
            return Ok(Answer { body: reply.body, job: None, made: None });
        };
        match job.failed {
            Some(fault) => Err(Failure::Refused { fault, job: Some(job.id) }),
            None => Ok(Answer { body: reply.body, job: Some(job.id), made: job.made }),
        }
    }

    fn apart(&self, spec: &Spec, words: &Words) -> Option<Apart> {
        let (engine, caller) = (self.engine.clone(), self.caller.clone());
        let (name, words) = (spec.name, words.clone());
        Some(Box::new(move || {
            let refused = |fault| Failure::Refused { fault, job: None };
            engine.call(&caller, name, &words).map(|reply| reply.body).map_err(refused)
        }))
    }

    /// Jobs end within the call that begins them: what there is to wait for is there.
    fn wait(&self, job: &str) -> Result<Answer, Failure> {
        let words: Words = [("jobid", job)].into_iter().collect();
        let refused = |fault| Failure::Refused { fault, job: None };
        let reply = self.engine.call(&self.caller, "queryAsyncJobResult", &words);
        ended(job, reply.map_err(refused)?.body).unwrap_or_else(|| {
            Err(Failure::Unavailable { why: format!("the job {job} has not ended") })
        })
    }
}
