//! As much of HTTP as a test needs, by hand: no client of ours or of others hides anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.body))
    }

    /// What stands under the one key.
    #[track_caller]
    pub(super) fn inner(&self) -> Value {
        let json = self.json();
        let object = json.as_object().expect("an object");
        assert_eq!(object.len(), 1, "{json}");
        object.values().next().expect("a value").clone()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// A connection that is kept alive.
pub(super) struct Connection<S: Read + Write = TcpStream>(BufReader<S>);

/// A stream to the address, whose reads end in a minute.
pub(super) fn stream_to(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a time limit");
    stream.set_nodelay(true).expect("an option");
    stream
}

impl Connection {
    pub(super) fn to(address: &str) -> Self {
        Self::over(stream_to(address))
    }
}

impl<S: Read + Write> Connection<S> {
    pub(super) fn over(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    pub(super) fn stream(&mut self) -> &mut S {
        self.0.get_mut()
    }

    /// Sends bytes as they are; the server may have hung up.
    pub(super) fn send(&mut self, text: &str) -> bool {
        self.0.get_mut().write_all(text.as_bytes()).is_ok()
    }

    #[track_caller]
    pub(super) fn get(&mut self, target: &str) -> Answer {
        self.get_with(target, "")
    }

    /// With further lines of the head, each with its end.
    #[track_caller]
    pub(super) fn get_with(&mut self, target: &str, lines: &str) -> Answer {
        self.send(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n"));
        self.answer().expect("an answer")
    }

    #[track_caller]
    pub(super) fn post(&mut self, target: &str, form: &str) -> Answer {
        self.post_with(target, form, "")
    }

    /// With further lines of the head, each with its end.
    #[track_caller]
    pub(super) fn post_with(&mut self, target: &str, form: &str, lines: &str) -> Answer {
        let length = form.len();
        self.send(&format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{lines}\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
        ));
        self.answer().expect("an answer")
    }

    /// The next answer; none when the connection ended before one was complete.
    pub(super) fn answer(&mut self) -> Option<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Answer { status, head, body: String::new() };
        let length = answer.header("content-length")?.trim().parse().ok()?;
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        answer.body = String::from_utf8(body).ok()?;
        Some(answer)
    }
}

/// A value in a query string.
pub(super) fn encode(value: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(byte);
    let letters = value.bytes().map(|byte| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    letters.collect()
}

/// The query string of these parameters, signed.
pub(super) fn signed(params: &[(&str, &str)], secret: &str) -> String {
    let mut params = params.to_vec();
    params.sort_unstable();
    let parts: Vec<_> =
        params.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let query = parts.join("&");
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(query.to_lowercase().as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    format!("{query}&signature={}", encode(&signature))
}
