//! Exit codes.
//!
//! | code | meaning |
//! | ---: | --- |
//! | 0 | done; also when the reader of the results has seen enough |
//! | 1 | refused by the API |
//! | 2 | the command line is wrong |
//! | 3 | the credentials are wrong or missing |
//! | 4 | no server, no answer in time, no usable store, or results that cannot be written |
//! | 5 | the query of `--query` failed |
//! | 130 | interrupted, as a shell reports the signal; a job that was waited for goes on |

use std::process::ExitCode;

use crate::shell::Status;

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
