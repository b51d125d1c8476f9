//! What a session says of a call that has no answer.

use super::Session;
use crate::schema::Spec;
use crate::shell::hints;
use crate::shell::status::Status;
use crate::transport::{Failure, class};

impl Session<'_> {
    /// Says why a call has no answer, and what to try next.
    pub(super) fn refused(&mut self, spec: &Spec, failure: &Failure) -> Status {
        let status = self.failed(failure);
        let catalogue = self.transport.catalogue();
        let hint = match failure {
            Failure::Refused { fault, .. } => {
                hints::next(catalogue, spec, i64::from(fault.code()), &fault.to_string())
            }
            Failure::Remote { code, text, .. } => hints::next(catalogue, spec, *code, text),
            _ => None,
        };
        if let Some(hint) = hint {
            self.out.message(format_args!("{hint}"));
        }
        status
    }

    /// Says why there is no answer.
    pub(crate) fn failed(&mut self, failure: &Failure) -> Status {
        self.refusal = match failure {
            Failure::Refused { fault, .. } => Some(fault.code().into()),
            Failure::Remote { code, .. } => Some(*code),
            _ => None,
        };
        match failure {
            Failure::Refused { fault, job } => {
                let (code, cs_code) = (fault.code(), fault.exception.cs_code());
                let class = fault.exception.class();
                self.out.message(format_args!("error ({code}/{cs_code}) {class}: {fault}"));
                if let Some(job) = job {
                    self.out.message(format_args!("job {job}"));
                }
                Status::Refused
            }
            Failure::Remote { code, cs_code, text, job } => {
                let codes =
                    cs_code.map_or(format!("{code}"), |cs_code| format!("{code}/{cs_code}"));
                let class = cs_code.and_then(class).map(|class| format!(" {class}"));
                let class = class.unwrap_or_default();
                self.out.message(format_args!("error ({codes}){class}: {text}"));
                if let Some(job) = job {
                    self.out.message(format_args!("job {job}"));
                }
                Status::Refused
            }
            Failure::Denied { why } => {
                self.out.error(format_args!("{why}"));
                if !why.contains("doctor") {
                    self.out.message(format_args!("`capuchin doctor` checks the credentials"));
                }
                Status::Denied
            }
            Failure::Unavailable { why } => {
                self.out.error(format_args!("{why}"));
                Status::Unavailable
            }
            Failure::Unread(why) => {
                self.out.error(format_args!("the answer is no JSON of CloudStack: {why}"));
                Status::Unavailable
            }
            Failure::Interrupted { job } => {
                if let Some(job) = job {
                    self.out.message(format_args!(
                        "job {job} goes on; `capuchin wait {job}` waits for it"
                    ));
                }
                Status::Interrupted
            }
        }
    }
}
