//! How a command ended, as an exit code tells it.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// It was done.
    Done,
    /// The API refused it.
    Refused,
    /// The command line is wrong; nothing was called.
    Misused,
    /// The credentials are wrong or missing.
    Denied,
    /// The query has no answer.
    Unanswered,
    /// The person did not want to wait any longer.
    Interrupted,
    /// The store cannot be used, or results could not be written.
    Unavailable,
    /// A program of the system's shell ended with this code.
    Foreign(u8),
}

impl Status {
    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Misused => 2,
            Self::Denied => 3,
            Self::Unavailable => 4,
            Self::Unanswered => 5,
            Self::Interrupted => 130,
            Self::Foreign(code) => code,
        }
    }
}
