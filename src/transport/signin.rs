//! Logging in at a server with a user's name and password, where there are no keys.
//!
//! The session is kept for later commands, but not the password: the session ends by itself. It is
//! used only for the user and the address that it was begun for.

use serde_json::{Value as Json, json};

use crate::model::Time;
use crate::schema::Words;
use crate::text::Secret;
use crate::transport::http::{Head, Request};
use crate::transport::remote::{Remote, plain};
use crate::transport::{Failure, answer};

/// How long a session lives without a request where the server does not say it, in seconds.
const TIMEOUT: i64 = 1800;
/// How much longer a session must live than what was kept says, to be kept anew, in seconds.
const WORTH_KEEPING: i64 = 60;

/// Who logs in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Login {
    pub(crate) username: String,
    /// The path of the user's domain; ROOT where there is none.
    pub(crate) domain: Option<String>,
}

/// A session at a server.
pub(crate) struct Session {
    /// For whom it is.
    owner: Json,
    key: Secret,
    /// The cookies as a header has them.
    cookies: Secret,
    /// How long it lives without a request, in seconds.
    timeout: i64,
    ends: Time,
}

impl Login {
    /// The parameters of `login`, but for the password.
    pub(super) fn params(&self) -> Vec<(String, String)> {
        let mut params = plain("login", &Words::default());
        params.push(("username".to_owned(), self.username.clone()));
        params.extend(self.domain.iter().map(|domain| ("domain".to_owned(), domain.clone())));
        params
    }
}

impl Session {
    /// Adds what shows that a request is of this session.
    pub(super) fn request(&self, mut params: Vec<(String, String)>) -> Request {
        params.push(("sessionkey".to_owned(), self.key.expose().to_owned()));
        Request { params, cookies: self.cookies.expose().to_owned(), post: false }
    }

    /// Reads a session that was kept.
    fn read(text: &str, owner: &Json, now: Time) -> Option<Self> {
        let kept: Json = serde_json::from_str(text).ok()?;
        let secret = |name: &str| kept.get(name)?.as_str().map(Secret::new);
        let session = Self {
            owner: kept.get("owner")?.clone(),
            key: secret("sessionkey")?,
            cookies: secret("cookies")?,
            timeout: kept.get("timeout")?.as_i64()?,
            ends: Time::parse(kept.get("ends")?.as_str()?)?,
        };
        Some(session).filter(|session| session.owner == *owner && now < session.ends)
    }

    fn text(&self) -> String {
        let text = json!({
            "owner": self.owner,
            "sessionkey": self.key.expose(),
            "cookies": self.cookies.expose(),
            "timeout": self.timeout,
            "ends": self.ends,
        });
        format!("{text}\n")
    }

    /// The session that an answer to `login` begins.
    fn begun(owner: Json, head: &Head, answer: &Json, now: Time) -> Option<Self> {
        let of_cookie = || head.cookies.iter().find(|(name, _)| name == "sessionkey");
        let of_cookie = || of_cookie().map(|(_, value)| value.as_str());
        let key = answer.get("sessionkey").and_then(Json::as_str).or_else(of_cookie)?;
        let cookies: Vec<_> =
            head.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let timeout = answer.get("timeout").and_then(answer::number).filter(|length| *length > 0);
        let timeout = timeout.unwrap_or(TIMEOUT);
        let (key, cookies) = (Secret::new(key), Secret::new(cookies.join("; ")));
        Some(Self { owner, key, cookies, timeout, ends: now.plus_seconds(timeout) })
    }
}

/// Whether the server does not know the session any more, or wants the code of the second factor.
pub(super) fn is_over(failure: &Failure) -> bool {
    matches!(failure, Failure::Denied { .. } | Failure::Remote { code: 511, .. })
}

impl Remote {
    /// Begins a session if calls need one and there is none; whether there was one.
    pub(super) fn sign_in_unless_done(&self) -> Result<bool, Failure> {
        if self.server.api_key.is_some() {
            return Ok(false);
        }
        if self.has_session()? {
            return Ok(true);
        }
        self.sign_in().map(|()| false)
    }

    /// Whether there is a session, this program's or one that was kept.
    pub(super) fn has_session(&self) -> Result<bool, Failure> {
        if self.session.borrow().is_some() {
            return Ok(true);
        }
        let (owner, now) = (self.owner()?, self.attend.now());
        let kept = self.attend.session();
        let kept = kept.and_then(|text| Session::read(&text, &owner, now));
        let is_there = kept.is_some();
        *self.session.borrow_mut() = kept;
        Ok(is_there)
    }

    /// Begins a session in place of the one that there may be.
    pub(super) fn sign_in(&self) -> Result<(), Failure> {
        *self.session.borrow_mut() = None;
        // One that cannot be taken away is not accepted either.
        let _ = self.attend.keep_session(None);
        let login = self.server.login.as_ref().ok_or_else(|| self.nobody())?;
        let (owner, mut params) = (self.owner()?, login.params());
        params.push(("password".to_owned(), self.secret()?.expose().to_owned()));
        let request = Request { params, cookies: String::new(), post: true };
        let user = &login.username;
        let refused =
            |why| denied(&format!("does not accept the user {user} or the password"), why);
        let (head, body) = self.whole(request)?;
        let answer = answer::read(head.status, &body).map_err(refused)?;
        let session = Session::begun(owner, &head, &answer, self.attend.now());
        let session = session
            .ok_or_else(|| self.unreachable("the answer to the login has no session key"))?;
        let is = |name: &str| match answer.get(name) {
            Some(Json::String(text)) => text == "true",
            value => value == Some(&json!(true)),
        };
        if is("is2faenabled") && !is("is2faverified") {
            self.verify(&session)?;
        }
        self.keep(&session);
        *self.session.borrow_mut() = Some(session);
        Ok(())
    }

    /// Shows the second factor.
    fn verify(&self, session: &Session) -> Result<(), Failure> {
        let code = self.attend.code().map_err(|why| Failure::Denied { why })?;
        let words = [("codefor2fa", code.expose())].into_iter().collect();
        let params = plain("validateUserTwoFactorAuthenticationCode", &words);
        let request = Request { post: true, ..session.request(params) };
        let (head, body) = self.whole(request)?;
        let answer = answer::read(head.status, &body);
        answer.map(drop).map_err(|why| denied("does not accept the code", why))
    }

    /// Sends a request that is not repeated and reads the whole answer.
    fn whole(&self, request: Request) -> Result<(Head, Vec<u8>), Failure> {
        let (head, coming) = self.exchange(request)?.map_err(|lost| self.unreachable(&lost.0))?;
        let body = coming.whole()?.map_err(|lost| self.unreachable(&lost.0))?;
        Ok((head, body))
    }

    /// The session was used: it lives on from now.
    pub(super) fn keep_signed_in(&self) {
        let mut session = self.session.borrow_mut();
        let Some(session) = session.as_mut() else { return };
        let ends = self.attend.now().plus_seconds(session.timeout);
        if ends > session.ends.plus_seconds(WORTH_KEEPING.min(session.timeout / 4)) {
            session.ends = ends;
            self.keep(session);
        }
    }

    fn keep(&self, session: &Session) {
        if let Err(why) = self.attend.keep_session(Some(&session.text())) {
            tracing::debug!("the session is not kept: {why}");
        }
    }

    /// Whom a session is for.
    fn owner(&self) -> Result<Json, Failure> {
        let login = self.server.login.as_ref().ok_or_else(|| self.nobody())?;
        Ok(json!([self.server.way.url, login.username, login.domain]))
    }
}

fn denied(what: &str, failure: Failure) -> Failure {
    let (code, text) = match failure {
        Failure::Remote { code: code @ (401 | 431 | 511 | 530 | 531), text, .. } => (code, text),
        other => return other,
    };
    Failure::Denied { why: format!("the server {what} ({code}): {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(cookies: &[(&str, &str)]) -> Head {
        let cookies = cookies.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Head { status: 200, retry_after: None, cookies: cookies.collect() }
    }

    #[test]
    fn a_session_is_read_back_for_its_owner_until_it_ends() {
        let now = Time::parse("2026-01-02T03:00:00Z").unwrap();
        let (owner, answer) =
            (json!(["u", "n", null]), json!({"timeout": "60", "sessionkey": "k"}));
        let session = Session::begun(owner.clone(), &head(&[("J", "1"), ("K", "2")]), &answer, now);
        let text = session.unwrap().text();
        let read = |owner: &Json, seconds| Session::read(&text, owner, now.plus_seconds(seconds));
        let request = read(&owner, 59).unwrap().request(Vec::new());
        assert_eq!(request.cookies, "J=1; K=2");
        assert_eq!(request.params, [("sessionkey".to_owned(), "k".to_owned())]);
        assert!(read(&owner, 60).is_none() && read(&json!(["u", "m", null]), 0).is_none());
        for text in ["", "{}", "7", "{\"owner\":[]}"] {
            assert!(Session::read(text, &json!([]), now).is_none());
        }
    }

    #[test]
    fn the_key_may_be_a_cookie_and_the_time_missing() {
        let begin = |cookies: &[(&str, &str)]| {
            Session::begun(json!(1), &head(cookies), &json!({}), Time::default())
        };
        let session = begin(&[("sessionkey", "k")]).unwrap();
        assert_eq!((session.key.expose(), session.timeout), ("k", TIMEOUT));
        assert!(begin(&[]).is_none());
    }
}
