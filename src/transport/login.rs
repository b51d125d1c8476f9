//! Logging in and out, and requests of those who did.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use crate::engine::{Caller, Login, domain_of_login, is_password, login};
use crate::model::{Domain, EntityKind};
use crate::schema::Fault;
use crate::store::{Moment, StoreError};
use crate::text::{Secret, shorten};
use crate::transport::front::{Front, Request};
use crate::transport::sessions::{self, Asker, TIMEOUT, Ticket, cookie};
use crate::transport::sign::{self, Pairs};
use crate::transport::wire::Envelope;

/// What CloudStack says to a session that is none, or not its user's.
const NO_SESSION: &str = "unable to verify user credentials";

/// How many may wait to log in.
const MOST_WAITING: usize = 8;

/// The cookies that end a session in a browser.
const FORGET: [&str; 2] =
    ["JSESSIONID=; Path=/client; Max-Age=0", "sessionkey=; Path=/client; Max-Age=0"];

/// An answer and the cookies that go with it.
pub(crate) type WithCookies = (Envelope, Vec<String>);

impl Front {
    /// Answers `login`.
    pub(crate) fn log_in(&self, request: &Request, params: &Pairs) -> WithCookies {
        match self.try_log_in(request, params) {
            Ok(done) => done,
            Err(envelope) => (envelope, Vec::new()),
        }
    }

    fn try_log_in(&self, request: &Request, params: &Pairs) -> Result<WithCookies, Envelope> {
        let refuse = |status, text: &str| Envelope::refused_as("loginresponse", status, text);
        if !request.post {
            return Err(refuse(405, "Please use HTTP POST to authenticate using this API"));
        }
        let given = |name| sign::get(params, name).unwrap_or_default();
        let (username, path) = (given("username"), given("domain"));
        let password = Secret::new(given("password"));
        let id = Some(given("domainid")).filter(|id| !id.is_empty());
        let found = self.engine.store().read(|tx| {
            let domain = domain_of_login(tx, path, id)?;
            let login = match &domain {
                Some(domain) => login(tx, domain, username)?,
                None => None,
            };
            Ok((domain, login))
        });
        let (domain, login) = found.map_err(|why: Fault| Envelope::fault(None, &why))?;
        let Some(domain) = domain else {
            return Err(match id {
                Some(_) => refuse(401, NO_SESSION),
                None => {
                    let path = shorten(path, 60);
                    refuse(531, &format!("Unable to find the domain from the path {path}"))
                }
            });
        };
        // A hash takes 19 MiB: one at a time, so that many logins at once cannot take all memory.
        let hash = login.as_ref().and_then(|login| login.hash.as_deref());
        let right = self.in_turn(|| is_password(&password, hash));
        let right = right.ok_or_else(|| refuse(503, "too many log in; try again soon"))?;
        // Nor does a right password help from where the account may not call.
        let right = right
            && login.as_ref().is_some_and(|login| {
                self.is_source(login.account.id, request, Moment::default()).unwrap_or_default()
            });
        let Some(login) = login.filter(|_| right) else {
            let (username, id) = (shorten(username, 60), domain.id);
            return Err(refuse(
                531,
                &format!(
                    "Failed to authenticate user {username} in domain {id}; please provide valid \
                 credentials"
                ),
            ));
        };
        let begun = self.begin(request, &login, &domain);
        let begun = begun.map_err(|why| Envelope::fault(None, &why.into()))?;
        begun.ok_or_else(|| refuse(530, "there is no session key"))
    }

    /// Does the work when nobody else does; none if too many wait for that, for those who wait
    /// keep others from being answered.
    fn in_turn<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let waiting = self.hashing.1.fetch_add(1, Ordering::Relaxed);
        let done = (waiting < MOST_WAITING).then(|| {
            let turn = self.hashing.0.lock().unwrap_or_else(PoisonError::into_inner);
            let done = work();
            drop(turn);
            done
        });
        self.hashing.1.fetch_sub(1, Ordering::Relaxed);
        done
    }

    /// A ticket that nobody can guess.
    fn ticket(&self) -> Option<Ticket> {
        let word = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let bytes = (self.random)()?;
        let (id, key) = bytes.split_at(32);
        Some(Ticket { id: word(id), key: word(key.get(..20)?) })
    }

    fn begin(
        &self,
        request: &Request,
        login: &Login,
        domain: &Domain,
    ) -> Result<Option<WithCookies>, StoreError> {
        let Some(ticket) = self.ticket() else { return Ok(None) };
        let store = self.engine.store();
        if let Some(old) = cookie(&request.cookies, "JSESSIONID") {
            sessions::end_of(store, old)?;
        }
        sessions::begin(store, &ticket, login.user.id, (self.clock)())?;
        let key = store.key();
        let uid = |kind, id: i64| key.encode(kind, 0, id.unsigned_abs()).to_string();
        let mut body = json!({
            "username": login.user.username,
            "userid": uid(EntityKind::User, login.user.id),
            "domainid": uid(EntityKind::Domain, domain.id),
            "timeout": TIMEOUT,
            "account": login.account.name,
            "firstname": login.user.firstname,
            "lastname": login.user.lastname,
            "type": login.account.kind.to_string(),
            "registered": "false",
            "sessionkey": ticket.key,
            "is2faenabled": "false",
            "is2faverified": "true",
        });
        if let Some(zone) = &login.user.timezone {
            body["timezone"] = zone.clone().into();
            body["timezoneoffset"] = format!("{:?}", (self.clock)().hours_ahead(zone)).into();
        }
        let cookies = [("JSESSIONID", &ticket.id), ("sessionkey", &ticket.key)];
        let secure = if request.secure { "; Secure" } else { "" };
        let cookies = cookies.map(|(name, value)| {
            format!("{name}={value}; Path=/client; HttpOnly; SameSite=Lax{secure}")
        });
        Ok(Some((Envelope::flat("loginresponse", body), cookies.into())))
    }

    /// Answers `logout`; and who did.
    pub(crate) fn log_out(
        &self,
        request: &Request,
        params: &Pairs,
    ) -> (Option<Caller>, WithCookies) {
        let caller = match self.session_user(request, params) {
            Some(Err(Unknown::Failed(why))) => {
                return (None, (Envelope::fault(None, &why.into()), Vec::new()));
            }
            Some(Ok(caller)) => Some(caller),
            _ => None,
        };
        let id = cookie(&request.cookies, "JSESSIONID").filter(|_| caller.is_some());
        let ended = id.map_or(Ok(false), |id| sessions::end_of(self.engine.store(), id));
        let envelope = match ended {
            Ok(true) => Envelope::flat("logoutresponse", json!({ "description": "success" })),
            Ok(false) => {
                let text = "Session not found for the logout process.";
                Envelope::refused_as("logoutresponse", 431, text)
            }
            Err(why) => return (caller, (Envelope::fault(None, &why.into()), Vec::new())),
        };
        (caller, (envelope, FORGET.map(str::to_owned).into()))
    }

    /// Who calls in a session; none if the request is of no session. A request of a session that
    /// does not prove itself, or whose user may not call any more, ends the session.
    pub(crate) fn session_user(
        &self,
        request: &Request,
        params: &Pairs,
    ) -> Option<Result<Caller, Unknown>> {
        let id = cookie(&request.cookies, "JSESSIONID")?;
        // Both, so that neither a page elsewhere nor a leaked address is enough.
        let keys = [cookie(&request.cookies, "sessionkey"), sign::get(params, "sessionkey")];
        let store = self.engine.store();
        let caller = match sessions::find(store, id, keys, (self.clock)()) {
            Ok(Asker::User(caller)) => caller,
            Ok(Asker::Nobody) => return None,
            Ok(Asker::Stranger) => {
                let not = |_| Unknown::Not(401, NO_SESSION);
                let ended = sessions::end_of(store, id);
                return Some(Err(ended.map_or_else(Unknown::Failed, not)));
            }
            Err(why) => return Some(Err(Unknown::Failed(why))),
        };
        if sign::get(params, "command").is_none_or(str::is_empty) {
            return Some(Err(Unknown::Not(400, "no command specified")));
        }
        Some(Ok(caller))
    }
}

/// Why nobody is known to call in a session.
pub(crate) enum Unknown {
    /// The request is not one of the session.
    Not(u16, &'static str),
    /// The store could not be asked.
    Failed(StoreError),
}

impl Envelope {
    /// An answer whose fields stand directly under `key`.
    fn flat(key: &str, body: Json) -> Self {
        Self::new(200, key, body)
    }

    /// A refusal under `key`.
    fn refused_as(key: &str, status: u16, text: &str) -> Self {
        let body = json!({ "uuidList": [], "errorcode": status, "errortext": text });
        Self::new(status, key, body)
    }
}
