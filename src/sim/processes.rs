//! Several processes on one store file: the test binary runs itself again as a worker.

use crate::sim::invariants;
use crate::sim::scratch::{self, Scratch};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Says to a worker where the store is; without it the worker has nothing to do.
pub(crate) const STORE: &str = "CAPUCHIN_SIM_STORE";
const PROCESSES: usize = 4;
const SIZE: usize = 253;

/// Starts this very binary as the test `worker` alone, on the store at `path`.
pub(crate) fn spawn(worker: &str, path: &Path) -> Child {
    spawn_as(worker, path, None).expect("a process")
}

/// The same as another user.
pub(crate) fn spawn_as(worker: &str, path: &Path, user: Option<u32>) -> std::io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", worker, "--nocapture", "--test-threads=1"]).env(STORE, path);
    // What belongs to the store, such as a certificate, lies beside it.
    command.env("XDG_DATA_HOME", path.parent().unwrap_or(path));
    #[cfg(unix)]
    if let Some(user) = user {
        std::os::unix::process::CommandExt::uid(&mut command, user);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

/// Writes a line that the parent sees at once. Before it the test harness may have left half a
/// line of its own.
pub(crate) fn tell(word: &str, what: &str) {
    let line = format!("\n@{word} {what}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("a parent that listens");
    std::io::stdout().flush().expect("a parent that listens");
}

/// The next line that a worker told, as word and rest; `None` at its end.
pub(crate) fn hear(lines: &mut impl BufRead) -> Option<(String, String)> {
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).expect("text");
        if !line.ends_with('\n') {
            return None;
        }
        let told = line.trim_end().strip_prefix('@');
        if let Some((word, what)) = told.and_then(|told| told.split_once(' ')) {
            return Some((word.to_owned(), what.to_owned()));
        }
    }
}

/// Opens the store, waits for the word to go, and takes addresses until there are none.
#[test]
fn worker() {
    let Some(path) = std::env::var_os(STORE) else { return };
    let world = scratch::world(Path::new(&path));
    tell("ready", "-");
    std::io::stdin().lock().read_line(&mut String::new()).expect("the word to go");
    let network = scratch::network(&world);
    loop {
        match world.call("associateIpAddress", &[("networkid", &network)]) {
            Ok(body) => tell("took", body["ipaddress"]["ipaddress"].as_str().unwrap()),
            Err(fault) if fault.code() == 533 => return,
            Err(fault) => return tell("failed", &fault.to_string()),
        }
    }
}

#[test]
fn four_processes_share_one_store_and_nobody_starves() {
    let scratch = Scratch::new();
    let path = scratch.file("store");
    // They also race to make it.
    let mut children: Vec<Child> =
        (0..PROCESSES).map(|_| spawn("sim::processes::worker", &path)).collect();
    let mut outputs: Vec<_> =
        children.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap())).collect();
    for output in &mut outputs {
        assert_eq!(hear(output).map(|told| told.0).as_deref(), Some("ready"));
    }
    for child in &mut children {
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let listen = |mut output: BufReader<_>| {
        move || std::iter::from_fn(move || hear(&mut output)).collect::<Vec<_>>()
    };
    let readers: Vec<_> =
        outputs.into_iter().map(|output| std::thread::spawn(listen(output))).collect();
    let told: Vec<Vec<_>> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let all: Vec<_> = told.iter().flatten().collect();
    assert!(all.iter().all(|(word, _)| word == "took"), "{all:?}");
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), different.len()), (SIZE, SIZE));
    let shares: Vec<usize> = told.iter().map(Vec::len).collect();
    println!("shares: {shares:?}");
    assert!(shares.iter().all(|share| *share >= SIZE / PROCESSES / 4), "{shares:?}");
    invariants::check(&scratch::open(&path).unwrap());
}
