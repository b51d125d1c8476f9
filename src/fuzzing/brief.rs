//! Every target for a moment in each run of the tests: its seeds, and what a seeded generator
//! makes of them.

use crate::fuzzing as targets;
use crate::sim::rng::{Rng, fresh_seed, given_seed};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("answer", targets::answer),
    ("entries", targets::entries),
    ("line", targets::line),
    ("login", targets::login),
    ("params", targets::params),
    ("profile", targets::profile),
    ("request", targets::request),
    ("signature", targets::signature),
    ("writing", targets::writing),
];

/// How long a target is run.
const LASTING: Duration = Duration::from_millis(250);
/// Enough where inputs are quick.
const MOST: u64 = 3000;
/// Far longer than any input should take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest input that is made.
const LONGEST: usize = 1 << 16;

/// What readers of texts stumble over.
const TOKENS: &[&[u8]] = &[
    b"%",
    b"%0",
    b"%00",
    b"%ff",
    b"%2A",
    b"+",
    b"~",
    b"&",
    b"=",
    b";",
    b"[0].",
    b"[99999999].k=",
    b"\"",
    b"'",
    b"`",
    b"\\",
    b"\n",
    b"\r\n",
    b"\t",
    b"\0",
    b"#",
    b"|",
    b">",
    b"!",
    b"@",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"<",
    b"]]>",
    b"-1",
    b"9223372036854775808",
    b"1e999",
    b"null",
    b"\xff",
    b"\xc3",
    "\u{202e}".as_bytes(),
    "\u{1f980}".as_bytes(),
    "\u{ffff}".as_bytes(),
    b"signature=",
    b"expires=",
    b"signatureversion=3",
    b"command=",
    b"JSESSIONID=",
    b"response=json",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder("corpus").join(target)).expect("a folder of seeds");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a seed")).collect()
}

/// A place in `0..=end`.
fn place(rng: &mut Rng, end: usize) -> usize {
    usize::try_from(rng.below(end as u64 + 1)).expect("a small number")
}

/// One of the seeds, changed here and there.
fn mutated(rng: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut data = rng.pick(seeds).expect("a seed").clone();
    for _ in 0..=rng.below(6) {
        let at = place(rng, data.len());
        let until = (at + place(rng, 40)).min(data.len());
        match rng.below(7) {
            0 if at < data.len() => data[at] ^= 1 << rng.below(8),
            1 => drop(data.drain(at..until)),
            2 => drop(data.splice(at..at, rng.next().to_be_bytes())),
            3 => {
                let part = data[at..until].repeat(1 + place(rng, 30));
                data.splice(at..at, part);
            }
            4 => {
                let other = rng.pick(seeds).expect("a seed");
                let from = place(rng, other.len());
                data.splice(until.., other[from..].iter().copied());
            }
            _ => {
                let token = rng.pick(TOKENS).expect("a token");
                let count = if rng.chance(5) { 300 } else { 1 };
                data.splice(at..at, token.repeat(count));
            }
        }
    }
    data.truncate(LONGEST);
    data
}

/// Runs the target; says the input where it fails.
fn run(name: &str, target: Target, data: &[u8], whence: &str) {
    let began = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| target(data)));
    let taken = began.elapsed();
    let input = data.escape_ascii().to_string();
    assert!(outcome.is_ok(), "{name}, {whence}, fails with b\"{input}\"");
    assert!(taken < PATIENCE, "{name}, {whence}, takes {taken:?} for b\"{input}\"");
}

fn brief(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for (number, data) in seeds.iter().enumerate() {
        run(name, *target, data, &format!("seed {number}"));
    }
    let first = given_seed().unwrap_or_else(fresh_seed);
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < LASTING && count < MOST {
        // Each input from a number of its own, which makes it again alone.
        let seed = first.wrapping_add(count);
        let data = mutated(&mut Rng::new(seed), &seeds);
        run(name, *target, &data, &format!("SIM_SEED={seed}"));
        count += 1;
    }
}

#[test]
fn answers_of_servers() {
    brief("answer");
}

#[test]
fn kept_descriptions() {
    brief("entries");
}

#[test]
fn typed_lines() {
    brief("line");
}

#[test]
fn logins() {
    brief("login");
}

#[test]
fn parameters() {
    brief("params");
}

#[test]
fn configurations() {
    brief("profile");
}

#[test]
fn requests() {
    brief("request");
}

#[test]
fn signatures() {
    brief("signature");
}

#[test]
fn written_answers() {
    brief("writing");
}

#[test]
fn every_target_has_its_program_and_no_seed_is_forgotten() {
    let names = |folder: PathBuf| {
        let files = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{folder:?}: {why}"));
        let paths = files.map(|file| file.expect("a file").path());
        let mut names: Vec<_> = paths
            .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let known: Vec<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(folder("fuzz_targets")), known);
    assert_eq!(names(folder("corpus")), known);
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("a manifest");
    for name in known {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in the manifest");
        let program = folder("fuzz_targets").join(format!("{name}.rs"));
        let program = fs::read_to_string(program).expect("a program");
        assert!(program.contains(&format!("fuzzing::{name}(data)")), "{name}");
    }
}
