//! Large answers of a server: what a person pays to see 100,000 addresses in each format, and what
//! a million cost where they only pass.

use crate::bench::{Failed, Report, line};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Rows of the answer.
const ROWS: usize = 100_000;
/// How often they come in the largest answer.
const TIMES: usize = 10;
/// How often the memory of the program is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// What the kernel counts processor time in, in seconds.
const TICK: f64 = 0.01;

/// What the run of a program took.
struct Taken {
    wall: f64,
    cpu: f64,
    megabytes: u64,
    printed: u64,
}

pub(super) fn client(report: &mut Report) -> Result<(), Failed> {
    let rows = Arc::new(rows());
    line(&format!(
        "\n{ROWS} addresses of 25 fields from a server, {:.1} MB of JSON",
        size(rows.len())
    ))?;
    let url = serve(Arc::clone(&rows), 1)?;
    let home = report.folder.join("client");
    std::fs::create_dir_all(&home)?;
    let nothing = run(&report.program, &["version"], &url, &home)?;
    line(&format!("{:<28} {}", "version", nothing.show()))?;
    let list = ["list", "public", "ip", "addresses"];
    for words in [
        &["-o", "json"][..],
        &["-o", "jsonl"],
        &["-o", "csv"],
        &["-o", "csv", "filter=id,ipaddress,state"],
        &["-o", "table"],
        &["-o", "column"],
        &["-o", "text"],
        &["--query", ".publicipaddress|length"],
    ] {
        let taken = run(&report.program, &[&list[..], words].concat(), &url, &home)?;
        line(&format!("{:<28} {}", words.join(" "), taken.show()))?;
    }
    line(&format!("\n{} of them, {:.1} MB", ROWS * TIMES, size(rows.len() * TIMES)))?;
    let url = serve(rows, TIMES)?;
    for words in [&["-o", "jsonl"][..], &["-o", "csv"], &["-o", "csv", "filter=id,ipaddress,state"]]
    {
        let taken = run(&report.program, &[&list[..], words].concat(), &url, &home)?;
        line(&format!("{:<28} {}", words.join(" "), taken.show()))?;
    }
    Ok(())
}

impl Taken {
    fn show(&self) -> String {
        format!(
            "{:>5.2} s CPU {:>5.2} s wall {:>4} MB peak {:>6.1} MB printed",
            self.cpu,
            self.wall,
            self.megabytes,
            size(usize::try_from(self.printed).unwrap_or(usize::MAX))
        )
    }
}

/// In millions, for people.
#[expect(clippy::cast_precision_loss, reason = "for people")]
fn size(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The rows that `listPublicIpAddresses` answers with.
fn rows() -> String {
    let mut text = String::new();
    for number in 0..ROWS {
        let id = format!("{number:08x}-6f1c-4a9e-8b7d-{number:012x}");
        let (b, c, d) = (number >> 16, number >> 8 & 255, number & 255);
        let state = if number % 3 == 0 { "Free" } else { "Allocated" };
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "{}{{\"id\":\"{id}\",\"ipaddress\":\"10.{b}.{c}.{d}\",\
             \"allocated\":\"2026-11-23T08:00:00+0000\",\
             \"zoneid\":\"7d9a4d1c-3f0a-4d57-9f3f-0d9d5b1a2c3e\",\"zonename\":\"zone-{}\",\
             \"issourcenat\":false,\"account\":\"account-{}\",\
             \"domainid\":\"5c1b7bb2-90f4-11f0-b6a5-525400a1b2c3\",\"domain\":\"ROOT\",\
             \"domainpath\":\"ROOT\",\"forvirtualnetwork\":true,\
             \"vlanid\":\"f3b0b0f4-7a53-4d89-8d57-0c8f8f6a1b2c\",\
             \"vlanname\":\"vlan://{}\",\"isstaticnat\":false,\"issystem\":false,\
             \"associatednetworkid\":\"0b6c4f0e-1d2c-4b3a-9e8f-7a6b5c4d3e2f\",\
             \"associatednetworkname\":\"network {}\",\
             \"networkid\":\"9e107d9d-372b-4b68-8d2a-7c1f4e5d6a7b\",\"state\":\"{state}\",\
             \"physicalnetworkid\":\"1f0e3dad-9990-4d8e-8b55-0a1b2c3d4e5f\",\
             \"purpose\":\"addresses of tenants\",\"tags\":[{{\"key\":\"env\",\
             \"value\":\"e{}\"}}],\"isportable\":false,\"fordisplay\":true,\
             \"hasannotations\":false}}",
            if number == 0 { "" } else { "," },
            number % 7,
            number % 997,
            number % 4094,
            number % 311,
            number % 10,
        );
    }
    text
}

/// Serves the rows, so many times, to whoever asks for anything.
fn serve(rows: Arc<String>, times: usize) -> Result<String, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/client/api", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let rows = Arc::clone(&rows);
            // A client that has gone is in its right.
            thread::spawn(move || drop(reply(&stream, &rows, times)));
        }
    });
    Ok(url)
}

fn reply(mut stream: &TcpStream, rows: &str, times: usize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut head = String::new();
        reader.read_line(&mut head)?;
        let head = head.trim_end().to_ascii_lowercase();
        if head.is_empty() {
            break;
        }
        if let Some(text) = head.strip_prefix("content-length: ") {
            length = text.parse().unwrap_or(0);
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let count = ROWS * times;
    let before =
        format!("{{\"listpublicipaddressesresponse\":{{\"count\":{count},\"publicipaddress\":[");
    let after = "]}}";
    // There is a comma between the rows and the same rows again.
    let length = before.len() + times * (rows.len() + 1) - 1 + after.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{before}",
    )?;
    for time in 0..times {
        stream.write_all(if time == 0 { b"" } else { b"," })?;
        stream.write_all(rows.as_bytes())?;
    }
    stream.write_all(after.as_bytes())
}

/// Runs the program and reads what it prints.
fn run(program: &Path, words: &[&str], url: &str, home: &Path) -> Result<Taken, Failed> {
    let mut command = Command::new(program);
    command.args(words).env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin");
    command.env("CAPUCHIN_URL", url).env("CAPUCHIN_KEY", "k").env("CAPUCHIN_SECRET", "s");
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut output = child.stdout.take().ok_or("no output")?;
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(std::io::copy(&mut output, &mut std::io::sink())));
    let mut megabytes = 0;
    let printed = loop {
        match receiver.recv_timeout(LOOK) {
            Ok(printed) => break printed?,
            Err(RecvTimeoutError::Timeout) => megabytes = megabytes.max(peak(&child).unwrap_or(0)),
            Err(why) => return Err(why.into()),
        }
    };
    let cpu = processor(&mut child)?;
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("{words:?} failed: {status}").into());
    }
    Ok(Taken { wall: began.elapsed().as_secs_f64(), cpu, megabytes, printed })
}

/// The most memory that a program has had so far, in MB.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// The processor time of a program that has ended and was not waited for, in seconds.
fn processor(child: &mut Child) -> Result<f64, Failed> {
    let (_sender, never) = channel::<()>();
    for _ in 0..1000 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let fields: Vec<_> = fields.split_whitespace().collect();
        if let [state, ..] = fields[..]
            && state == "Z"
        {
            let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok());
            return Ok((ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) * TICK);
        }
        // Nobody sends: this only takes its time.
        let _ = never.recv_timeout(LOOK);
    }
    Err("the program does not end".into())
}
