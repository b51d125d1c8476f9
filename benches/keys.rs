//! What somebody at the terminal waits for: the first prompt, and each key until it shows.

use rexpect::process::PtyProcess;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

type Failed = Box<dyn std::error::Error>;

/// Lines in a history that is full.
const LINES: usize = 100_000;
/// Starts that are timed.
const STARTS: usize = 40;
/// How long after Tab the next key is pressed.
const ASKING: Duration = Duration::from_millis(30);
/// What ends each drawing of a line.
const DRAWN: &str = "\u{1b}[?2026l";

/// Prints the figures.
pub(crate) fn keys(program: &str) -> Result<(), Failed> {
    let folder = PathBuf::from(program).with_file_name(format!("keys-{}", std::process::id()));
    let done = measured(Path::new(program), &folder);
    let _ = fs::remove_dir_all(&folder);
    done
}

fn measured(program: &Path, folder: &Path) -> Result<(), Failed> {
    say("\nthe shell at a terminal (median, worst)");
    let data = folder.join("data/capuchin");
    fs::create_dir_all(&data)?;
    let shell = |words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).env_clear().env("HOME", folder).env("TERM", "xterm-256color");
        command.env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8").current_dir(folder);
        command.env("XDG_DATA_HOME", folder.join("data"));
        command
    };
    Shell::open(shell(&[]), "> ")?;
    let nothing = || {
        let mut command = Command::new("printf");
        command.arg("> ");
        command
    };
    starts("an empty program", nothing)?;
    fs::remove_file(data.join("history")).ok();
    starts("first prompt, no history", || shell(&[]))?;
    let lines = (0..LINES).map(|line| format!("list public ip addresses page={line} state=Free\n"));
    fs::write(data.join("history"), format!("#V2\n{}", lines.collect::<String>()))?;
    starts("first prompt, 100,000 lines", || shell(&[]))?;

    let mut typist = Shell::open(shell(&[]), "> ")?;
    shows("keys of a line", &mut typist, &letters("create network name=web zoneid=sandbox", 5))?;
    typist.press("\u{15}")?;
    shows("Up, 200 times", &mut typist, &vec!["\u{1b}[A"; 200])?;
    typist.press("\u{15}")?;
    typist.press("\u{12}")?;
    shows("Ctrl-R to the oldest line", &mut typist, &letters("page=0 state", 1))?;
    drop(typist);

    let server = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", server.local_addr()?);
    let words = ["-u", &address, "-k", "key", "-s", "secret"];
    let mut typist = Shell::open(shell(&words), "> ")?;
    shows("keys of a line, 917 commands", &mut typist, &letters("list virtual machines ", 5))?;
    typist.press("\u{15}")?;
    letters("list virtual machines zoneid=", 1).iter().try_for_each(|key| typist.press(key))?;
    // Nothing shows before the server answers, which it never does: the next key must.
    let mut seen = Vec::new();
    for _ in 0..20 {
        typist.send("\t")?;
        let (_sender, never) = channel::<()>();
        // Nobody sends anything: this is but a pause.
        let _ = never.recv_timeout(ASKING);
        let began = Instant::now();
        typist.send("x")?;
        typist.until("x")?;
        seen.push(began.elapsed());
        typist.press("\u{7f}")?;
    }
    tell("keys while a lookup runs", seen);
    Ok(())
}

fn letters(text: &str, times: usize) -> Vec<&str> {
    let once: Vec<_> = text.split_inclusive(|_: char| true).collect();
    let back = vec!["\u{7f}"; once.len()];
    let mut all = once.clone();
    for _ in 1..times {
        all.extend(&back);
        all.extend(&once);
    }
    all
}

fn starts(what: &str, command: impl Fn() -> Command) -> Result<(), Failed> {
    let mut seen = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let _shell = Shell::open(command(), "> ")?;
        seen.push(began.elapsed());
    }
    tell(what, seen);
    Ok(())
}

fn shows(what: &str, shell: &mut Shell, keys: &[&str]) -> Result<(), Failed> {
    let mut seen = Vec::new();
    for key in keys {
        let began = Instant::now();
        shell.press(key)?;
        seen.push(began.elapsed());
    }
    tell(what, seen);
    Ok(())
}

fn tell(what: &str, mut seen: Vec<Duration>) {
    seen.sort_unstable();
    let of = |at: usize| seen.get(at).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let (median, worst) = (of(seen.len() / 2), of(seen.len() - 1));
    say(&format!("{what:<34} {median:>8.3} ms  {worst:>8.3} ms"));
}

/// Prints a line.
pub(crate) fn say(text: &str) {
    // Whoever closed the pipe has seen enough.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A program at a terminal.
struct Shell {
    _process: PtyProcess,
    keys: File,
    output: File,
}

impl Shell {
    fn open(command: Command, prompt: &str) -> Result<Self, Failed> {
        let mut process = PtyProcess::new(command)?;
        process.set_kill_timeout(Some(500));
        let (keys, output) = (process.get_file_handle()?, process.get_file_handle()?);
        let mut shell = Self { _process: process, keys, output };
        shell.until(prompt)?;
        Ok(shell)
    }

    /// Reads until this shows and all of the line is drawn.
    fn until(&mut self, mark: &str) -> Result<(), Failed> {
        let mut text = String::new();
        let mut bytes = [0; 8192];
        loop {
            let count = self.output.read(&mut bytes)?;
            text.push_str(&String::from_utf8_lossy(bytes.get(..count).unwrap_or_default()));
            let drawn = text.ends_with(DRAWN) || !text.contains("\u{1b}[?2026h");
            if text.contains(mark) && drawn {
                return Ok(());
            }
        }
    }

    fn send(&mut self, key: &str) -> Result<(), Failed> {
        Ok(self.keys.write_all(key.as_bytes())?)
    }

    /// Presses a key and waits until the line is drawn.
    fn press(&mut self, key: &str) -> Result<(), Failed> {
        self.send(key)?;
        self.until(DRAWN)
    }
}
