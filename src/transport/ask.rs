//! Requests to a server: signed or with a session, repeated where that is safe, and given up when
//! the person does not want to wait.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::schema::{Spec, Words};
use crate::text::{Secret, is_secret_name, printable};
use crate::transport::answer;
use crate::transport::entries::reads_only;
use crate::transport::http::{Head, Lost, Request, Wire};
use crate::transport::remote::{Remote, plain};
use crate::transport::sign::sign;
use crate::transport::stream::{Ended, Rows, hand_on, split};
use crate::transport::{Failure, Transport, signin};

/// How long a signature is good for, in seconds.
const GOOD_FOR: i64 = 15 * 60;
/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
/// The first wait before a request is repeated; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest that a server may make us wait before a request is repeated.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How soon an interrupt is noticed.
const TICK: Duration = Duration::from_millis(50);
/// How many pieces of an answer may wait to be taken.
const PIECES: usize = 4;

/// What comes back, as the thread that asks hands it over; after the last there is nothing.
enum Part {
    Head(Head),
    Piece(Vec<u8>),
    Lost(Lost),
}

/// Why a request may be worth sending again.
pub(super) enum Vain {
    /// The server wants us to come back, after so many seconds if it says how many.
    Busy(Option<u64>),
    Lost(String),
}

impl From<Lost> for Vain {
    fn from(Lost(why): Lost) -> Self {
        Self::Lost(why)
    }
}

/// What is made of an answer: what was wanted, or a reason to ask again.
type Read<T> = Result<Result<T, Vain>, Failure>;

/// An answer that comes.
pub(super) struct Coming<'r> {
    remote: &'r Remote,
    parts: Receiver<Part>,
}

impl Coming<'_> {
    /// The next part; it has a thread of its own, so that a person need not wait for it.
    fn part(&self) -> Result<Option<Part>, Failure> {
        loop {
            match self.parts.recv_timeout(TICK) {
                Ok(part) => return Ok(Some(part)),
                Err(RecvTimeoutError::Timeout) => self.remote.go_on()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }

    fn piece(&self) -> Result<Result<Option<Vec<u8>>, Lost>, Failure> {
        Ok(match self.part()? {
            Some(Part::Piece(bytes)) => Ok(Some(bytes)),
            Some(Part::Lost(lost)) => Err(lost),
            Some(Part::Head(_)) | None => Ok(None),
        })
    }

    /// All of the body.
    pub(super) fn whole(&self) -> Result<Result<Vec<u8>, Lost>, Failure> {
        let mut body = Vec::new();
        loop {
            match self.piece()? {
                Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                Ok(None) => return Ok(Ok(body)),
                Err(lost) => return Ok(Err(lost)),
            }
        }
    }
}

/// Counts the rows that are handed on.
struct Counted<'r> {
    rows: &'r mut dyn Rows,
    has_begun: bool,
    count: u64,
}

impl Rows for Counted<'_> {
    fn begin(&mut self, key: &str, before: &Map<String, Json>) -> io::Result<()> {
        self.has_begun = true;
        self.rows.begin(key, before)
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        self.count += 1;
        self.rows.row(row)
    }
}

impl Remote {
    /// Calls and returns the inner object of the answer.
    pub(super) fn ask(&self, command: &str, words: &Words) -> Result<Json, Failure> {
        self.asked(command, words, &mut |head, coming| {
            Ok(match coming.whole()? {
                Ok(body) => {
                    tracing::debug!("HTTP {}, {} bytes", head.status, body.len());
                    Ok(answer::read(head.status, &body)?)
                }
                Err(lost) => Err(lost.into()),
            })
        })
    }

    /// Calls an API that lists, hands its rows on while they come, and returns what stands behind
    /// them.
    pub(super) fn ask_for_list(
        &self,
        spec: &Spec,
        words: &Words,
        rows: &mut dyn Rows,
    ) -> Result<Map<String, Json>, Failure> {
        self.asked(spec.name, words, &mut |head, coming| {
            if matches!(head.status, 200..300) {
                return self.split(spec, head, coming, rows);
            }
            Ok(match coming.whole()? {
                Ok(body) => Ok(hand_on(answer::read(head.status, &body)?, spec.key, rows)?),
                Err(lost) => Err(lost.into()),
            })
        })
    }

    fn split(
        &self,
        spec: &Spec,
        head: &Head,
        coming: &Coming<'_>,
        rows: &mut dyn Rows,
    ) -> Read<Map<String, Json>> {
        let mut counted = Counted { rows, has_begun: false, count: 0 };
        let (mut start, mut length, mut lost) = (Vec::new(), 0, None);
        let mut next = || match coming.piece()? {
            Ok(Some(piece)) => {
                length += piece.len();
                if start.len() < answer::SHOWN {
                    start.extend_from_slice(&piece);
                }
                Ok(Some(piece))
            }
            Ok(None) => Ok(None),
            Err(Lost(why)) => {
                lost = Some(why.clone());
                Err(Failure::Unavailable { why })
            }
        };
        let read = split(&mut next, spec.key, &mut counted);
        tracing::debug!("HTTP {}, {length} bytes, {} rows", head.status, counted.count);
        let broken = |why: &str| {
            let (url, count) = (&self.server.way.url, counted.count);
            let why = format!("{url}: the answer broke off after {count} rows: {why}");
            Err(Failure::Unavailable { why })
        };
        match (read, lost) {
            (Ok((Json::Object(around), true)), _) => Ok(Ok(around)),
            (Ok((around, _)), _) => match answer::refusal(&around, None) {
                Some(failure) => Err(failure),
                None => Ok(Ok(hand_on(around, spec.key, counted.rows)?)),
            },
            (Err(Ended::Failed(_)), Some(why)) if !counted.has_begun => Ok(Err(Vain::Lost(why))),
            (Err(Ended::Failed(_)), Some(why)) => broken(&why),
            (Err(Ended::Failed(failure)), None) => Err(failure),
            (Err(Ended::Refused(why)), _) => Err(why.into()),
            (Err(Ended::Garbled), _) if counted.has_begun => broken("what follows is no JSON"),
            (Err(Ended::Garbled), _) => Err(answer::foreign(head.status, &start)),
        }
    }

    /// Calls with keys or a session. A session that the server does not know any more is begun
    /// anew, once: a call that was refused did nothing.
    fn asked<T>(
        &self,
        command: &str,
        words: &Words,
        read: &mut dyn FnMut(&Head, &Coming<'_>) -> Read<T>,
    ) -> Result<T, Failure> {
        let was_signed_in = self.sign_in_unless_done()?;
        match self.attempts(command, words, read) {
            Err(failure) if was_signed_in && signin::is_over(&failure) => {
                tracing::debug!("the session is over");
                self.sign_in()?;
                self.attempts(command, words, read)
            }
            done => done,
        }
        .inspect(|_| self.keep_signed_in())
    }

    /// Sends a request; again if that is safe and may help. Calls that change nothing are repeated
    /// where the server is busy or cannot be reached, and so are those that the server itself
    /// makes only once.
    fn attempts<T>(
        &self,
        command: &str,
        words: &Words,
        read: &mut dyn FnMut(&Head, &Coming<'_>) -> Read<T>,
    ) -> Result<T, Failure> {
        let is_safe = reads_only(command) || self.is_made_once(command, words);
        let attempts = if is_safe { ATTEMPTS } else { 1 };
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let last = attempt >= attempts;
            let vain = match self.exchange(self.request(command, words)?)? {
                Ok((head, _)) if !last && matches!(head.status, 429 | 503) => {
                    Vain::Busy(head.retry_after)
                }
                Ok((head, coming)) => match read(&head, &coming)? {
                    Ok(done) => return Ok(done),
                    Err(vain) => vain,
                },
                Err(lost) => lost.into(),
            };
            let asked_to_wait = match vain {
                Vain::Lost(why) if last => return Err(self.unreachable(&why)),
                Vain::Lost(_) => None,
                Vain::Busy(seconds) => seconds.map(Duration::from_secs),
            };
            let pause = asked_to_wait.unwrap_or(wait).min(LONGEST_WAIT);
            tracing::debug!("again in {} ms", pause.as_millis());
            self.pause(pause)?;
            wait *= 2;
        }
        Err(self.unreachable("no attempt was made"))
    }

    /// Whether the call names itself, to a server that told that it knows such calls again.
    fn is_made_once(&self, command: &str, words: &Words) -> bool {
        let named = words.get("clienttoken").is_some_and(|word| !word.trim().is_empty());
        let knows = || self.catalogue().find(command)?.param("clienttoken");
        named && knows().is_some()
    }

    pub(super) fn unreachable(&self, why: &str) -> Failure {
        Failure::Unavailable { why: format!("{}: {why}", self.server.way.url) }
    }

    /// Sends one request and waits for the head of its answer.
    pub(super) fn exchange(
        &self,
        request: Request,
    ) -> Result<Result<(Head, Coming<'_>), Lost>, Failure> {
        let way = &self.server.way;
        let method = if way.get && !request.post { "GET" } else { "POST" };
        tracing::debug!("{method} {} {}", way.url, shown(&request.params));
        let wire = Arc::clone(self.wire()?);
        let (sender, parts) = sync_channel(PIECES);
        thread::spawn(move || {
            // Whoever does not want to know more has hung up.
            let _ = send(&wire, &request, |part| sender.send(part));
        });
        let coming = Coming { remote: self, parts };
        Ok(match coming.part()? {
            Some(Part::Head(head)) => Ok((head, coming)),
            Some(Part::Lost(lost)) => Err(lost),
            Some(Part::Piece(_)) | None => Err(Lost("the request was given up".to_owned())),
        })
    }

    pub(super) fn wire(&self) -> Result<&Arc<Wire>, Failure> {
        if let Some(wire) = self.wire.get() {
            return Ok(wire);
        }
        let wire =
            Wire::new(self.server.way.clone()).map_err(|why| Failure::Unavailable { why })?;
        Ok(self.wire.get_or_init(|| Arc::new(wire)))
    }

    /// The secret key, or the password of those who log in.
    pub(super) fn secret(&self) -> Result<&Secret, Failure> {
        if let Some(secret) = self.secret.get() {
            return Ok(secret);
        }
        let secret = match self.server.api_key {
            Some(_) => self.attend.secret_key(),
            None => self.attend.password(),
        };
        let secret = secret.map_err(|why| Failure::Denied { why })?;
        Ok(self.secret.get_or_init(|| secret))
    }

    /// The parameters of a call as they are signed.
    pub(super) fn params(
        &self,
        command: &str,
        words: &Words,
        api_key: &str,
    ) -> Vec<(String, String)> {
        let expires = self.attend.now().plus_seconds(GOOD_FOR).to_string();
        let ours = [
            ("apiKey", api_key),
            ("command", command),
            ("expires", &expires),
            ("response", "json"),
            ("signatureversion", "3"),
        ];
        let all = ours.into_iter().chain(words.iter());
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn request(&self, command: &str, words: &Words) -> Result<Request, Failure> {
        let Some(api_key) = self.server.api_key.as_deref() else {
            let session = self.session.borrow();
            let session = session.as_ref().ok_or_else(|| self.nobody())?;
            return Ok(session.request(plain(command, words)));
        };
        let mut params = self.params(command, words, api_key);
        let signature = sign(&params, self.secret()?, self.server.algorithm);
        params.push(("signature".to_owned(), signature));
        Ok(Request { params, ..Request::default() })
    }

    /// That nobody knows who calls.
    pub(super) fn nobody(&self) -> Failure {
        let why = format!(
            "there is no API key for {}, nor a user to log in; give a key with -k, CAPUCHIN_KEY \
             or `capuchin profile edit`",
            self.server.way.url
        );
        Failure::Denied { why }
    }

    pub(super) fn pause(&self, mut rest: Duration) -> Result<(), Failure> {
        let (_sender, never) = channel::<()>();
        while !rest.is_zero() {
            let step = rest.min(TICK);
            // Nobody sends: this only takes its time.
            let _ = never.recv_timeout(step);
            self.go_on()?;
            rest = rest.saturating_sub(step);
        }
        Ok(())
    }

    fn go_on(&self) -> Result<(), Failure> {
        let interrupted = self.attend.interrupted();
        if interrupted { Err(Failure::Interrupted { job: None }) } else { Ok(()) }
    }
}

/// Asks, and hands over what comes back.
fn send<E>(
    wire: &Wire,
    request: &Request,
    mut hand_over: impl FnMut(Part) -> Result<(), E>,
) -> Result<(), E> {
    let (head, mut rest) = match wire.send(request) {
        Ok(begun) => begun,
        Err(lost) => return hand_over(Part::Lost(lost)),
    };
    hand_over(Part::Head(head))?;
    loop {
        match rest.piece() {
            Ok(Some(piece)) => hand_over(Part::Piece(piece))?,
            Ok(None) => return Ok(()),
            Err(lost) => return hand_over(Part::Lost(lost)),
        }
    }
}

/// The parameters for the log.
fn shown(params: &[(String, String)]) -> String {
    let each = params.iter().map(|(name, value)| {
        let value = if is_secret_name(name) { "********".into() } else { printable(value) };
        format!("{name}={value}")
    });
    each.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_no_secrets() {
        let params = [
            ("apiKey", "K"),
            ("signature", "S"),
            ("password", "P"),
            ("sessionkey", "Q"),
            ("codefor2fa", "2"),
            ("name", "a\u{1b}"),
        ];
        let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            shown(&params),
            "apiKey=******** signature=******** password=******** sessionkey=******** \
             codefor2fa=******** name=a\\x1b"
        );
    }
}
