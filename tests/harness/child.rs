//! Processes: one that is run to its end, and one that is left running under a guard.

use super::{Capuchin, Outcome, Run};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Longer than any step of a test takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// Runs it to its end, or kills it after [`LIMIT`].
pub(super) fn run(run: &Run<'_>) -> Outcome {
    let mut command = run.command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let text = run.stdin.clone();
    // A program that does not read its input to the end is in its right.
    thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let stdout = read_all(child.stdout.take().expect("a pipe"));
    let stderr = read_all(child.stderr.take().expect("a pipe"));
    let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(LIMIT), stderr.recv_timeout(LIMIT)) else {
        let _ = child.kill();
        panic!("capuchin {:?} did not end in {LIMIT:?}", run.args);
    };
    let status = child.wait().expect("an exit status").code();
    let normalise = |text: &[u8]| run.capuchin.normalise(text);
    Outcome { stdout: normalise(&stdout), stderr: normalise(&stderr), status }
}

fn read_all(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.read_to_end(&mut bytes);
        drop(read.map(|_| sender.send(bytes)));
    });
    receiver
}

/// A process that runs beside the test and is killed when this guard is dropped.
pub(crate) struct Running<'a> {
    capuchin: &'a Capuchin,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: PathBuf,
}

impl<'a> Running<'a> {
    pub(super) fn new(run: &Run<'a>) -> Self {
        let stderr = run.capuchin.dir().join(format!("tmp/stderr-{}", run.number));
        let mut command = run.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::create(&stderr).expect("a file for standard error"));
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take();
        if let Some(stdin) = &mut stdin {
            let _ = stdin.write_all(run.stdin.as_bytes());
        }
        let lines = read_lines(child.stdout.take().expect("a pipe"));
        Self { capuchin: run.capuchin, child, stdin, lines, stderr }
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of standard output; the test fails if there is none in time.
    #[track_caller]
    pub(crate) fn line(&mut self) -> String {
        let Ok(line) = self.lines.recv_timeout(LIMIT) else {
            panic!("no further line on stdout; stderr:\n{}", self.stderr());
        };
        self.capuchin.normalise(line.as_bytes())
    }

    /// Writes to standard input.
    pub(crate) fn send(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("standard input is open");
        stdin.write_all(text.as_bytes()).expect("the program reads");
    }

    /// Sends the signal of this name (`INT`, `TERM`, `KILL`).
    pub(crate) fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.id());
        let status = Command::new("/bin/sh").args(["-c", &script]).status().expect("a shell");
        assert!(status.success(), "{script}");
    }

    /// Closes standard input and waits for the end; the status, or none after a signal.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.stdin = None;
        let end = loop {
            if let Err(end) = self.lines.recv_timeout(LIMIT) {
                break end;
            }
        };
        assert_ne!(end, RecvTimeoutError::Timeout, "it did not end in {LIMIT:?}");
        self.child.wait().expect("an exit status").code()
    }

    /// What standard error has so far.
    pub(crate) fn stderr(&self) -> String {
        self.capuchin.normalise(&fs::read(&self.stderr).expect("the file of standard error"))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
