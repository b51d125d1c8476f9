//! Programs of the system's shell: what follows `|` and `!`.

use std::io::{self, BufWriter, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use signal_hook::consts::SIGINT;

use super::status::Status;

/// Keeps Ctrl-C, which the terminal sends to the program that runs and to us alike, from ending
/// us too. The program is not concerned: it starts with the system's own handler.
pub(crate) fn outlive_interrupts() -> io::Result<()> {
    interrupts().map(drop)
}

/// Whether Ctrl-C was pressed since this was asked last. From the first time on it does not end
/// us: who asks also ends what goes on.
pub(crate) fn interrupted() -> bool {
    // A system without signals does not interrupt.
    interrupts().is_ok_and(|pressed| pressed.swap(false, Ordering::Relaxed))
}

/// Pauses so long, or until Ctrl-C; whether it was no Ctrl-C.
pub(crate) fn pause(time: Duration) -> bool {
    const SLICE: Duration = Duration::from_millis(50);
    let (_sender, never) = mpsc::channel::<()>();
    let mut left = time;
    while !left.is_zero() {
        if interrupted() {
            return false;
        }
        let slice = left.min(SLICE);
        // Nobody sends anything: this is but a pause.
        let _ = never.recv_timeout(slice);
        left -= slice;
    }
    !interrupted()
}

fn interrupts() -> io::Result<&'static AtomicBool> {
    static PRESSED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(pressed) = PRESSED.get() {
        return Ok(pressed);
    }
    let pressed = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGINT, Arc::clone(&pressed))?;
    Ok(PRESSED.get_or_init(|| pressed))
}

/// Runs `command` and waits for its end.
pub(crate) fn run(command: &str) -> io::Result<Status> {
    shell(command).status().map(status)
}

/// A program that runs and reads what is written here.
pub(crate) struct Fed {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
}

impl Fed {
    pub(crate) fn start(command: &str) -> io::Result<Self> {
        Self::spawn(shell(command))
    }

    /// Starts a pager. One that was not told how to behave shows colours and leaves what was read
    /// on the screen.
    pub(crate) fn start_pager(command: &str) -> io::Result<Self> {
        let mut pager = shell(command);
        if std::env::var_os("LESS").is_none() {
            pager.env("LESS", "FRX");
        }
        Self::spawn(pager)
    }

    fn spawn(mut command: Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        let input = child.stdin.take().map(|input| BufWriter::with_capacity(64 * 1024, input));
        Ok(Self { child, input })
    }

    /// Ends its input and waits for its end.
    pub(crate) fn end(mut self) -> io::Result<Status> {
        if let Some(input) = self.input.take() {
            drop(input.into_parts());
        }
        self.child.wait().map(status)
    }
}

impl Write for Fed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.as_mut().map_or(Ok(bytes.len()), |input| input.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.as_mut().map_or(Ok(()), Write::flush)
    }
}

fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

fn status(status: std::process::ExitStatus) -> Status {
    match status.code() {
        Some(0) => Status::Done,
        Some(code) => Status::Foreign(u8::try_from(code).unwrap_or(u8::MAX)),
        None => Status::Foreign(128 + signal(status)),
    }
}

/// The signal that ended the program: a shell adds 128 to it.
fn signal(status: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = status.code();
    signal.and_then(|signal| u8::try_from(signal).ok()).filter(|signal| *signal < 128).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_reads_what_is_written_and_its_status_is_ours() {
        let fed = |command, text: &str| {
            let mut program = Fed::start(command)?;
            program.write_all(text.as_bytes()).and_then(|()| program.flush())?;
            program.end()
        };
        assert_eq!(fed("grep -q b", "a\nb\n").unwrap(), Status::Done);
        assert_eq!(fed("grep -q c", "a\nb\n").unwrap(), Status::Foreign(1));
        assert_eq!(run("exit 7").unwrap(), Status::Foreign(7));
        assert_eq!(run("kill -9 $$").unwrap(), Status::Foreign(137));
    }

    #[test]
    fn a_program_may_end_before_it_has_read_all() {
        let text = vec![b'x'; 1 << 20];
        let mut program = Fed::start("true").unwrap();
        let lost = program.write_all(&text).and_then(|()| program.flush()).unwrap_err();
        assert_eq!(lost.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(program.end().unwrap(), Status::Done);
    }
}
