//! Runs the real binary in a world of its own, and checks all that comes out of it.
//!
//! ```text
//! let capuchin = Capuchin::new();
//! capuchin.run("list zones name=sandbox").stdout_has("sandbox").check();
//! capuchin.run("lsit zones").stderr_has("did you mean").status(2).check();
//! let zones = capuchin.run("list zones").json();
//! ```
//!
//! Standard output, standard error and the exit status are checked every time: what is not
//! expected is empty, or 0. `.text()` and `.json()` hand standard output over to the caller, so
//! they serve set-up steps too. `$DIR` stands for the scratch directory in arguments, in standard
//! input and in what is compared.

mod child;
mod diff;
mod home;
mod screen;
mod words;

pub(crate) use child::Running;
use home::Home;
pub(crate) use screen::{Screen, all_of};
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// One user with a home directory: no environment but ours, a clock and ids that repeat.
pub(crate) struct Capuchin {
    home: Home,
    program: PathBuf,
    runs: AtomicU32,
}

impl Capuchin {
    pub(crate) fn new() -> Self {
        Self::with_program(env!("CARGO_BIN_EXE_capuchin"))
    }

    fn with_program(program: &str) -> Self {
        Self { home: Home::new(), program: program.into(), runs: AtomicU32::new(0) }
    }

    /// The scratch directory, also the working directory; gone when this value is.
    pub(crate) fn dir(&self) -> &Path {
        self.home.path()
    }

    /// Where the embedded store is.
    pub(crate) fn store_path(&self) -> PathBuf {
        self.dir().join("data/capuchin/store.db")
    }

    /// A run with the arguments of a shell-like line: blanks separate, quotes and `\` protect.
    pub(crate) fn run(&self, line: &str) -> Run<'_> {
        self.args(words::split(line))
    }

    /// A run with these arguments as they are.
    pub(crate) fn args<A: AsRef<str>>(&self, args: impl IntoIterator<Item = A>) -> Run<'_> {
        let args = args.into_iter().map(|arg| self.expand(arg.as_ref()));
        Run {
            capuchin: self,
            number: self.runs.fetch_add(1, Ordering::Relaxed),
            args: args.collect(),
            env: Vec::new(),
            stdin: String::new(),
            stdout: Want::default(),
            stderr: Want::default(),
            status: 0,
        }
    }

    fn expand(&self, text: &str) -> String {
        text.replace("$DIR", &self.dir().to_string_lossy())
    }

    fn normalise(&self, text: &[u8]) -> String {
        let text = std::str::from_utf8(text).expect("output in UTF-8");
        text.replace(&*self.dir().to_string_lossy(), "$DIR")
    }
}

/// What a stream must say: nothing at all unless a text or parts of one are expected.
#[derive(Default)]
struct Want {
    exact: Option<String>,
    parts: Vec<String>,
}

impl Want {
    fn complaint(&self, name: &str, found: &str) -> Option<String> {
        let missing: Vec<_> = self.parts.iter().filter(|part| !found.contains(*part)).collect();
        if !missing.is_empty() {
            return Some(format!("{name} lacks {missing:#?}\n--- {name} found\n{found}"));
        }
        if self.exact.is_none() && !self.parts.is_empty() {
            return None;
        }
        let wanted = self.exact.as_deref().unwrap_or_default();
        (wanted != found).then(|| diff::report(name, wanted, found))
    }
}

/// What came out of a run, with `$DIR` for the scratch directory.
#[derive(Debug)]
struct Outcome {
    stdout: String,
    stderr: String,
    status: Option<i32>,
}

/// A run to be: arguments and input first, then expectations, then one of the finishing calls.
#[must_use = "finish with .check(), .text(), .json(), .spawn() or .command()"]
pub(crate) struct Run<'a> {
    capuchin: &'a Capuchin,
    number: u32,
    args: Vec<String>,
    env: Vec<(OsString, OsString)>,
    stdin: String,
    stdout: Want,
    stderr: Want,
    status: i32,
}

impl<'a> Run<'a> {
    /// Text for standard input; without it standard input is empty.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = self.capuchin.expand(&diff::unindent(text));
        self
    }

    /// Sets a variable of the environment, also one that the harness sets.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Standard output is exactly this (a text that opens with a newline is unindented first).
    pub(crate) fn stdout(mut self, text: &str) -> Self {
        self.stdout.exact = Some(diff::unindent(text));
        self
    }

    /// Standard output has this part.
    pub(crate) fn stdout_has(mut self, part: &str) -> Self {
        self.stdout.parts.push(part.into());
        self
    }

    /// Standard error is exactly this (a text that opens with a newline is unindented first).
    pub(crate) fn stderr(mut self, text: &str) -> Self {
        self.stderr.exact = Some(diff::unindent(text));
        self
    }

    /// Standard error has this part.
    pub(crate) fn stderr_has(mut self, part: &str) -> Self {
        self.stderr.parts.push(part.into());
        self
    }

    /// The exit status is this; without it 0.
    pub(crate) fn status(mut self, status: i32) -> Self {
        self.status = status;
        self
    }

    /// Runs and checks.
    #[track_caller]
    pub(crate) fn check(self) {
        self.judge(&child::run(&self));
    }

    /// Runs, checks standard error and the status, returns standard output.
    #[track_caller]
    pub(crate) fn text(mut self) -> String {
        let outcome = child::run(&self);
        self.stdout.exact.get_or_insert_with(|| outcome.stdout.clone());
        self.judge(&outcome);
        outcome.stdout
    }

    /// As `text`, with standard output parsed.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("no JSON: {error}\n{text}"))
    }

    /// Starts it and leaves it running; it is killed when the guard is dropped.
    pub(crate) fn spawn(self) -> Running<'a> {
        Running::new(&self)
    }

    /// The command in its world, for a pseudo-terminal to start.
    pub(crate) fn command(&self) -> Command {
        let dir = self.capuchin.dir();
        let mut command = Command::new(&self.capuchin.program);
        command.args(&self.args).current_dir(dir).env_clear();
        command.env("HOME", dir.join("home")).env("TMPDIR", dir.join("tmp"));
        command.env("XDG_DATA_HOME", dir.join("data")).env("XDG_CONFIG_HOME", dir.join("config"));
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("COLUMNS", "100");
        command.env("TZ", "UTC").env("LANG", "C.UTF-8");
        command.env("CAPUCHIN_CLOCK", clock(self.number));
        command.env("CAPUCHIN_SEED", self.number.to_string());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    #[track_caller]
    fn judge(&self, outcome: &Outcome) {
        let mut complaints = Vec::new();
        complaints.extend(self.stdout.complaint("stdout", &outcome.stdout));
        complaints.extend(self.stderr.complaint("stderr", &outcome.stderr));
        if outcome.status != Some(self.status) {
            complaints.push(format!("status is {:?}, not {}", outcome.status, self.status));
        }
        let Outcome { stdout, stderr, status } = outcome;
        let text = complaints.join("\n");
        assert!(
            complaints.is_empty(),
            "capuchin {:?}\n{text}\n=== stdout\n{stdout}=== stderr\n{stderr}=== status {status:?}",
            self.args
        );
    }
}

/// The time of a run, a second after the run before it.
fn clock(run: u32) -> String {
    let (hours, minutes, seconds) = (3 + run / 3600, run / 60 % 60, run % 60);
    format!("2026-01-02T{hours:02}:{minutes:02}:{seconds:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn shell() -> Capuchin {
        Capuchin::with_program("/bin/sh")
    }

    #[track_caller]
    fn fails(run: Run<'_>, reason: &str) {
        let payload = catch_unwind(AssertUnwindSafe(|| run.check())).expect_err("a failed check");
        let text = payload.downcast_ref::<String>().expect("a message");
        assert!(text.contains(reason), "{text}");
    }

    #[test]
    fn the_real_binary_is_started() {
        let capuchin = Capuchin::new();
        assert!(capuchin.run("").command().get_program().to_string_lossy().ends_with("/capuchin"));
        assert!(capuchin.store_path().ends_with("data/capuchin/store.db"));
    }

    #[test]
    fn streams_and_status_are_checked_as_expected() {
        let shell = shell();
        let script = "cat; echo oops >&2; exit 3";
        let run = || shell.args(["-c", script]).stdin("\n    a\n      b\n");
        run().stdout("a\n  b\n").stderr("oops\n").status(3).check();
        run().stdout_has("b").stderr_has("oop").status(3).check();
        assert_eq!(run().stderr("oops\n").status(3).text(), "a\n  b\n");
    }

    #[test]
    fn what_is_not_expected_fails() {
        let shell = shell();
        let run = |script: &str| shell.args(["-c", script]);
        fails(run("echo a"), "+ a\n");
        fails(run("echo a >&2"), "+ a\n");
        fails(run("exit 1"), "status is Some(1), not 0");
        fails(run("kill -9 $$"), "status is None, not 0");
        fails(run("echo a; echo b").stdout("a\nc\n"), "  a\n- c\n+ b\n");
        fails(run("echo a").stdout_has("b"), "stdout lacks");
        fails(run("echo a >&2").stderr_has("b"), "stderr lacks");
        fails(run("true").status(1), "status is Some(0), not 1");
    }

    #[test]
    fn the_world_is_closed_and_repeats() {
        let shell = shell();
        let script = "env | grep -E '^(HOME|TMPDIR|XDG_|TZ|LANG|COLUMNS|CAPUCHIN|CARGO)' | sort";
        shell.args(["-c", "test -d $HOME && test -d $TMPDIR"]).check();
        let expected = "
            CAPUCHIN_CLOCK=2026-01-02T03:00:01Z
            CAPUCHIN_SEED=7
            COLUMNS=100
            HOME=$DIR/home
            LANG=C.UTF-8
            TMPDIR=$DIR/tmp
            TZ=UTC
            XDG_CONFIG_HOME=$DIR/config
            XDG_DATA_HOME=$DIR/data
        ";
        shell.args(["-c", script]).env("CAPUCHIN_SEED", "7").stdout(expected).check();
    }

    #[test]
    fn the_clock_ticks_once_a_run() {
        assert_eq!(clock(0), "2026-01-02T03:00:00Z");
        assert_eq!(clock(3661), "2026-01-02T04:01:01Z");
    }

    #[test]
    fn json_is_parsed_and_dir_is_expanded() {
        let shell = shell();
        let value = shell.args(["-c", r#"echo "{\"a\": \"$0\"}""#, "$DIR/b"]).json();
        assert_eq!(value["a"], "$DIR/b");
    }

    #[test]
    fn a_running_child_can_be_talked_to_and_dies_with_its_guard() {
        let shell = shell();
        let script = "echo $$; trap 'echo bye >&2; exit 7' INT; read word; echo $word; read word";
        let mut running = shell.args(["-c", script]).spawn();
        let pid = running.line();
        assert_eq!(running.id().to_string(), pid);
        running.send("hello\n");
        assert_eq!(running.line(), "hello");
        running.signal("INT");
        assert_eq!(running.wait(), Some(7));
        assert_eq!(running.stderr(), "bye\n");

        let mut other = shell.args(["-c", "echo $$; read word"]).spawn();
        let process = Path::new("/proc").join(other.line());
        assert!(process.exists());
        drop(other);
        assert!(!process.exists());
    }
}
