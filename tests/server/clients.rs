//! Clients that others wrote, as their users install them, driven against the server.

use super::Server;
use crate::harness::Capuchin;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is installed, and from where: the index that `pip` is set up to use.
const PACKAGES: [&str; 2] = ["cs==5.2.0", "apache-libcloud==3.9.0"];

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{command:?} failed; it needs python3-venv\n{text}");
}

/// A Python with the packages, made once for this tree: whoever else wants it waits, be it in this
/// process or in another.
pub(crate) fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let turn = fs::File::create(root.join("python.lock")).expect("a lock file");
    turn.lock().expect("a turn");
    let dir = root.join(format!("python-{}", PACKAGES.join("-")));
    if !dir.exists() {
        // What was begun and not finished is begun anew; the name is given to what is whole.
        let draft = root.join("python-draft");
        let _ = fs::remove_dir_all(&draft);
        run(Command::new("python3").args(["-m", "venv"]).arg(&draft));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(draft.join("bin/python")).args(pip).args(PACKAGES));
        fs::rename(&draft, &dir).expect("a name for the environment");
    }
    dir.join("bin/python")
}

#[test]
fn clients_that_others_wrote_are_served() {
    let python = python();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    for script in ["drive_cs.py", "drive_libcloud.py", "drive_libcloud_machines.py"] {
        let capuchin = Capuchin::new();
        let server = Server::new(&capuchin);
        run(Command::new(&python)
            .arg(scripts.join(script))
            .env("CLOUDSTACK_ENDPOINT", format!("http://{}/client/api", server.address))
            .env("CLOUDSTACK_KEY", &server.key)
            .env("CLOUDSTACK_SECRET", &server.secret));
    }
}
