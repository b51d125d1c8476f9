//! Files that are no store of ours, or no longer a whole one: the text says what is wrong and what
//! to do, and not a byte is changed.

use crate::sim::processes::{STORE, hear, spawn_as, tell};
use crate::sim::scratch::{self, Scratch};
use crate::sim::{World, invariants};
use crate::store::{Db, Sqlite, StoreError};
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A whole store with one address held, closed again.
fn store(scratch: &Scratch) -> PathBuf {
    let path = scratch.file("store");
    let world = scratch::world(&path);
    let network = scratch::network(&world);
    world.ok("associateIpAddress", &[("networkid", &network)]);
    path
}

/// Opens what must be refused; the error and its text. The file stays as it is.
fn refused(path: &Path) -> (StoreError, String) {
    let before = fs::read(path).expect("a file");
    let error = scratch::open(path).err().expect("a refusal");
    assert!(fs::read(path).expect("a file") == before, "{} was changed", path.display());
    let text = error.to_string();
    (error, text)
}

#[test]
fn a_file_of_anything_is_no_store() {
    let scratch = Scratch::new();
    for (name, bytes) in [
        ("text", b"zones:\n  - sandbox\n".repeat(100)),
        ("zeros", vec![0; 5000]),
        ("short", b"SQLite format 3\0".to_vec()),
    ] {
        let path = scratch.file(name);
        fs::write(&path, bytes).unwrap();
        let (error, text) = refused(&path);
        assert!(matches!(error, StoreError::Damaged(_)), "{name}: {error:?}");
        assert!(text.contains("the store is damaged (file is not a database)"), "{name}: {text}");
        assert!(text.contains("nothing was changed") && text.contains("--store"), "{name}: {text}");
    }
}

#[test]
fn a_store_that_was_cut_off_is_refused_at_once() {
    let scratch = Scratch::new();
    let whole = fs::read(store(&scratch)).unwrap();
    let lengths = (1..10).map(|tenth| whole.len() / 10 * tenth);
    for length in lengths.chain([100, 4096, whole.len() - 4096, whole.len() - 1]) {
        let path = scratch.file("cut");
        fs::write(&path, &whole[..length]).unwrap();
        let (error, text) = refused(&path);
        assert!(matches!(error, StoreError::Damaged(_)), "{length}: {error:?}");
        assert!(text.contains("restore a backup"), "{length}: {text}");
    }
}

#[test]
fn a_store_with_garbage_inside_fails_calls_and_nothing_else() {
    let scratch = Scratch::new();
    let path = store(&scratch);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let (error, _) = refused(&path);
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
}

#[test]
fn a_page_of_garbage_fails_the_calls_that_meet_it() {
    let scratch = Scratch::new();
    let path = store(&scratch);
    let network = scratch::network(&scratch::world(&path));
    let whole = fs::read(&path).unwrap();
    let mut met = 0;
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(&path, &bytes).unwrap();
        let Ok(store) = scratch::open(&path) else {
            met += 1;
            continue;
        };
        let engine = crate::api::Engine::new(std::sync::Arc::new(store), crate::sim::clock());
        let world = World { engine };
        if let Err(fault) = world.call("associateIpAddress", &[("networkid", &network)]) {
            met += 1;
            assert_eq!(fault.code(), 534, "{fault}");
            assert!(fault.text.contains("the store is damaged"), "{fault}");
        }
    }
    assert!(met > 5, "{met}");
}

#[test]
fn databases_of_other_programs_are_left_alone() {
    let scratch = Scratch::new();
    for (name, sql) in [
        ("tables", "CREATE TABLE cars (id INTEGER); INSERT INTO cars VALUES (1)"),
        ("versioned", "PRAGMA user_version = 1; CREATE TABLE zone (id INTEGER)"),
        ("version only", "PRAGMA user_version = 3"),
        ("logged", "PRAGMA journal_mode = WAL; CREATE TABLE cars (id INTEGER)"),
    ] {
        let path = scratch.file(name);
        Sqlite::open(&path, true).unwrap().script(sql).unwrap();
        let (error, text) = refused(&path);
        assert_eq!(error, StoreError::Foreign, "{name}");
        assert!(text.contains("a database of another program"), "{text}");
        assert!(text.contains("nothing was changed"), "{text}");
    }
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let scratch = Scratch::new();
    let path = store(&scratch);
    Sqlite::open(&path, false).unwrap().script("PRAGMA user_version = 99").unwrap();
    let (_, text) = refused(&path);
    assert!(text.contains("schema version 99"), "{text}");
    assert!(text.contains("Use a newer capuchin"), "{text}");
}

#[test]
fn an_empty_file_becomes_a_store() {
    let scratch = Scratch::new();
    let path = scratch.file("empty");
    fs::write(&path, "").unwrap();
    assert!(scratch::open(&path).unwrap().is_fresh());
    assert!(!scratch::open(&path).unwrap().is_fresh());
}

#[test]
fn a_place_where_no_store_can_be_says_why() {
    let scratch = Scratch::new();
    let folder = scratch.file("folder");
    fs::create_dir(&folder).unwrap();
    let text = scratch::open(&folder).err().unwrap().to_string();
    assert!(text.contains("is a directory, not a store"), "{text}");
    let nowhere = scratch.file("nowhere/store");
    let text = scratch::open(&nowhere).err().unwrap().to_string();
    assert!(text.contains("nowhere/store"), "{text}");
}

/// Opens the store as whoever it runs as, and tells how that went.
#[test]
fn worker() {
    let Some(path) = std::env::var_os(STORE) else { return };
    let path = Path::new(&path);
    let store = match scratch::open(path) {
        Ok(store) => store,
        Err(why) => return tell("refused", &why.to_string()),
    };
    let wrote = store.write(|tx| tx.run("DELETE FROM event", &[]));
    tell("opened", &wrote.err().map_or_else(|| "and wrote".to_owned(), |why| why.to_string()));
}

/// Makes the worker open the store as a user without any rights.
#[cfg(unix)]
fn as_nobody(path: &Path) -> Option<(String, String)> {
    let mut child = spawn_as("sim::reopen::worker", path, Some(65534)).ok()?;
    let mut output = BufReader::new(child.stdout.take()?);
    let told = hear(&mut output);
    while hear(&mut output).is_some() {}
    child.wait().ok()?;
    told
}

#[cfg(unix)]
#[test]
fn a_store_that_may_not_be_written_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !is_root {
        println!("only root can become somebody else; nothing was tested");
        return;
    }
    let scratch = Scratch::new();
    let path = store(&scratch);
    let before = fs::read(&path).unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    for (file, folder) in [(0o444, 0o555), (0o444, 0o777), (0o666, 0o555), (0o000, 0o777)] {
        mode(&path, file).unwrap();
        mode(path.parent().unwrap(), folder).unwrap();
        let (word, text) = as_nobody(&path).expect("a worker");
        assert!(text.contains("cannot be written; check its owner"), "{file:o} {word}: {text}");
        assert!(fs::read(&path).unwrap() == before);
    }
    let (_, text) = as_nobody(&scratch.file("new/none")).expect("a worker");
    assert!(text.contains("new/none"), "{text}");
    mode(path.parent().unwrap(), 0o555).unwrap();
    let (_, text) = as_nobody(&scratch.file("new")).expect("a worker");
    assert!(text.contains("cannot be written; check its owner"), "{text}");
}

/// A file system of its own that is soon full; gone when the test ends.
struct Small(PathBuf);

impl Small {
    fn mount(path: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir(&path).ok()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", size, "none"]).arg(&path);
        mount.output().is_ok_and(|out| out.status.success()).then_some(Self(path))
    }

    fn grow(&self, size: &str) {
        let options = format!("remount,{size}");
        let grown = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_calls_until_there_is_room() {
    let scratch = Scratch::new();
    let Some(small) = Small::mount(scratch.file("small"), "size=2000k") else {
        println!("no file system can be mounted here; nothing was tested");
        return;
    };
    let path = small.0.join("store");
    let world = scratch::world(&path);
    let network = scratch::network(&world);
    let take = || world.call("associateIpAddress", &[("networkid", &network)]);
    let mut taken = 0;
    let fault = loop {
        match take() {
            Ok(_) => taken += 1,
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault.code(), 534, "{fault}");
    assert!(fault.text.contains("the disk is full; make room and try again"), "{fault}");
    let count = || world.ok("listPublicIpAddresses", &[])["count"].as_u64().unwrap_or(0);
    assert_eq!(count(), taken, "what failed is not there");
    small.grow("size=9000k");
    take().expect("room for one more");
    assert_eq!(count(), taken + 1);
    invariants::check(world.engine.store());
    drop(world);
    invariants::check(&scratch::open(&path).unwrap());
}
