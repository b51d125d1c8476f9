//! What the operator says while the server runs: stop, or read the certificate anew.

use std::io::{self, IsTerminal};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Finish, and end.
    Stop,
    /// Read the certificate anew.
    Reload,
}

/// The signals that are listened for.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    /// Whether there is a terminal that can go away.
    attended: bool,
}

impl Signals {
    /// Listens from now on.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            attended: io::stdin().is_terminal(),
        })
    }

    /// Waits for the next one. SIGHUP comes from an operator, but also from a terminal that is
    /// closed, and then nobody is left to stop the server otherwise.
    pub(super) async fn next(&mut self) -> Said {
        tokio::select! {
            _ = self.terminate.recv() => Said::Stop,
            _ = self.interrupt.recv() => Said::Stop,
            _ = self.hang_up.recv() => match self.attended && !io::stdin().is_terminal() {
                true => Said::Stop,
                false => Said::Reload,
            },
        }
    }
}
