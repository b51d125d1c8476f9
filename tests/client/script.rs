//! A server that answers from a script and remembers what it was asked.

use base64::Engine as _;
use hmac::{KeyInit, Mac};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// An answer, or none at all where there are no bytes.
#[derive(Clone, Default)]
pub(super) struct Reply {
    bytes: Vec<u8>,
    delay: u64,
}

pub(super) fn answer(status: u16, kind: &str, body: &str) -> Reply {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    Reply { bytes: (head + body).into_bytes(), delay: 0 }
}

pub(super) fn json(status: u16, body: Value) -> Reply {
    answer(status, "application/json; charset=UTF-8", &body.to_string())
}

/// An answer whose body is not as long as it says.
pub(super) fn broken_off(body: &str) -> Reply {
    let reply = answer(200, "application/json", body);
    let text = String::from_utf8(reply.bytes).unwrap();
    let length = format!("content-length: {}", body.len());
    let longer = format!("content-length: {}", body.len() + 100);
    Reply { bytes: text.replacen(&length, &longer, 1).into_bytes(), ..reply }
}

/// The answer, compressed.
pub(super) fn gzipped(body: &str) -> Reply {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body.as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    Reply { bytes: [head.into_bytes(), body].concat(), delay: 0 }
}

pub(super) fn with_header(header: &str, reply: Reply) -> Reply {
    let text = String::from_utf8(reply.bytes).unwrap();
    let bytes = text.replacen("\r\n", &format!("\r\n{header}\r\n"), 1).into_bytes();
    Reply { bytes, ..reply }
}

pub(super) fn delayed(delay: u64, reply: Reply) -> Reply {
    Reply { delay, ..reply }
}

/// The connection ends without an answer.
pub(super) fn cut_off() -> Reply {
    Reply::default()
}

/// A request as it came.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) line: String,
    /// The head in lower case.
    pub(super) head: String,
    body: String,
}

impl Request {
    /// All of it but the head.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}", self.line, self.body)
    }

    /// The parameters, decoded, in their order.
    pub(super) fn params(&self) -> Vec<(String, String)> {
        let in_line = self.line.split(' ').nth(1).and_then(|path| path.split_once('?'));
        let text = in_line.map_or(self.body.as_str(), |(_, query)| query);
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
    }

    pub(super) fn param(&self, name: &str) -> String {
        let mut params = self.params().into_iter();
        params.find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// The signature that CloudStack works out for these parameters.
pub(super) fn signature(params: &[(String, String)], secret: &str) -> String {
    let mut parts: Vec<_> = params.iter().map(|(name, value)| (name, escaped(value))).collect();
    parts.sort();
    let parts: Vec<_> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = parts.join("&").to_lowercase();
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

fn escaped(text: &str) -> String {
    let each = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    });
    each.collect()
}

type Seen = Arc<(Mutex<Vec<Request>>, Condvar)>;

/// The server; it ends with the process.
pub(super) struct Script {
    url: String,
    seen: Seen,
}

impl Script {
    /// Answers with these, one after the other, and with an error from then on.
    pub(super) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::over("http", replies, |stream| Box::new(stream))
    }

    /// The same over what `wrap` makes of a connection.
    pub(super) fn over(
        scheme: &str,
        replies: impl IntoIterator<Item = Reply>,
        wrap: impl Fn(TcpStream) -> Box<dyn Wire> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{}/client/api", listener.local_addr().unwrap());
        let wrap = Arc::new(wrap);
        let seen = Seen::default();
        let mut replies: Vec<_> = replies.into_iter().collect();
        replies.reverse();
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let over = || answer(500, "text/plain", "the script is over");
                let reply = replies.pop().unwrap_or_else(over);
                let (shared, wrap) = (Arc::clone(&shared), Arc::clone(&wrap));
                thread::spawn(move || serve(wrap(stream), &reply, &shared));
            }
        });
        Self { url, seen }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What was asked so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.seen.0.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub(super) fn await_requests(&self, count: usize) {
        let seen = self.seen.0.lock().unwrap();
        let limit = Duration::from_mins(1);
        let waited = self.seen.1.wait_timeout_while(seen, limit, |seen| seen.len() < count);
        assert!(!waited.unwrap().1.timed_out(), "{count} requests did not come");
    }
}

/// A connection.
pub(super) trait Wire: Read + Write + Send {}
impl<W: Read + Write + Send> Wire for W {}

fn serve(stream: Box<dyn Wire>, reply: &Reply, seen: &Seen) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        // Whoever does not trust us says nothing.
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let head = lines.join("\n").to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    seen.0.lock().unwrap().push(Request { line: lines.remove(0), head, body });
    seen.1.notify_all();
    let (_sender, never) = channel::<()>();
    let _ = never.recv_timeout(Duration::from_millis(reply.delay));
    // A client that has gone is in its right.
    let stream = reader.get_mut();
    let _ = stream.write_all(&reply.bytes).and_then(|()| stream.flush());
}
