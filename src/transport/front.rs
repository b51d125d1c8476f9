//! The front desk of the server: who asks, may they, what do they want, and the answer. Pure but
//! for the engine behind it; knows no socket.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use crate::api::{self, Engine};
use crate::engine::{Caller, Vault, holder};
use crate::model::{EntityKind, Time};
use crate::schema::Spec;
use crate::store::{Moment, StoreError};
use crate::transport::access::Access;
use crate::transport::login::Unknown;
use crate::transport::sign::{self, Pairs};
use crate::transport::throttle::Limits;
use crate::transport::wire::{self, Envelope, Format};

/// What CloudStack says to everybody whose request it cannot tie to a user.
pub(super) const REFUSED: &str = "unable to verify user credentials and/or request signature";

/// The commands that the desk answers itself.
const LOGIN: &str = "login";
const LOGOUT: &str = "logout";

/// The door at which a request came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Door {
    /// The public one: requests are signed.
    Signed,
    /// The integration port: whoever reaches it is the system.
    Integration,
}

/// A request, whatever carried it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// The address of the client, where it has one.
    pub(crate) client: Option<IpAddr>,
    /// Whether nobody between can read it.
    pub(crate) secure: bool,
    /// Whether it came by POST.
    pub(crate) post: bool,
    /// The header `Cookie`.
    pub(crate) cookies: String,
    /// The query string, encoded.
    pub(crate) query: String,
    /// The form in the body, encoded.
    pub(crate) form: Vec<u8>,
}

/// An answer, whatever carries it.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// The HTTP status.
    pub(crate) status: u16,
    /// What the body is.
    pub(crate) content_type: &'static str,
    /// What is wrong, if something is.
    pub(crate) description: Option<String>,
    /// Values of `Set-Cookie`.
    pub(crate) cookies: Vec<String>,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// The command by its name, `unknown` for all that are none, and `none` without any.
    pub(crate) command: &'static str,
    /// The id of the user who is known to ask.
    pub(crate) user: Option<String>,
}

/// The front desk.
pub(crate) struct Front {
    pub(super) engine: Engine,
    pub(super) clock: fn() -> Time,
    /// Random bytes for sessions.
    pub(super) random: fn() -> Option<[u8; 64]>,
    /// Held while a password is hashed; and how many hash or wait for it.
    pub(super) hashing: (Mutex<()>, AtomicUsize),
    /// Who may come from where.
    pub(super) access: Access,
    /// How often.
    pub(super) throttle: Limits,
    vault: Vault,
}

impl Front {
    /// A desk in front of `engine`; `vault` opens the secrets of users.
    pub(crate) fn new(
        engine: Engine,
        vault: Vault,
        clock: fn() -> Time,
        random: fn() -> Option<[u8; 64]>,
    ) -> Self {
        let hashing = (Mutex::new(()), AtomicUsize::new(0));
        let (access, throttle) = (Access::default(), Limits::default());
        Self { engine, clock, random, hashing, access, throttle, vault }
    }

    /// Answers a request.
    pub(crate) fn answer(&self, door: Door, request: &Request) -> Response {
        let Some(params) = wire::params(&request.query, &request.form) else {
            return plain(431, "too many parameters");
        };
        let format = Format::of(&params);
        let command = sign::get(&params, "command").unwrap_or_default().to_owned();
        let spec = api::find(&command).map(|api| &api.spec);
        let name = named(spec, &command);
        let (caller, (envelope, cookies)) = if door == Door::Integration {
            (Some(Caller::SYSTEM), self.call(&Caller::SYSTEM, spec, &command, params).bare())
        } else if !self.admits(request) {
            (None, Envelope::refusal(spec, 401, REFUSED).bare())
        } else if name == LOGIN {
            (None, self.log_in(request, &params))
        } else if name == LOGOUT {
            self.log_out(request, &params)
        } else {
            let moment = self.engine.store().moment();
            match self.admit(request, spec, &params, moment) {
                Ok(caller) => {
                    let envelope = match self.let_in(&caller, request, spec, moment) {
                        Ok(()) => self.call(&caller, spec, &command, params),
                        Err(refused) => refused,
                    };
                    (Some(caller), envelope.bare())
                }
                Err(envelope) => (None, envelope.bare()),
            }
        };
        // Whoever is refused learns no more than others.
        let known = caller.is_some() && envelope.status != 401;
        let user = caller.as_ref().map(|caller| self.user_uid(caller.user_id));
        Response {
            status: envelope.status,
            content_type: format.content_type(),
            description: envelope.error_text().map(str::to_owned),
            cookies,
            body: envelope.write(format, known),
            command: name,
            user: user.or_else(|| envelope.field("userid").map(str::to_owned)),
        }
    }

    fn user_uid(&self, id: i64) -> String {
        self.engine.store().key().encode(EntityKind::User, 0, id.unsigned_abs()).to_string()
    }

    /// Who calls, or the refusal: the user of a session, else who signed.
    fn admit(
        &self,
        request: &Request,
        spec: Option<&Spec>,
        params: &Pairs,
        moment: Moment,
    ) -> Result<Caller, Envelope> {
        if let Some(user) = self.session_user(request, params) {
            return user.map_err(|why| match why {
                Unknown::Not(status, text) => Envelope::refusal(spec, status, text),
                Unknown::Failed(why) => Envelope::fault(spec, &why.into()),
            });
        }
        match self.signer(spec, params, moment) {
            Ok(caller) => caller.ok_or_else(|| Envelope::refusal(spec, 401, REFUSED)),
            Err(why) => Err(Envelope::fault(spec, &why.into())),
        }
    }

    /// The user who signed. The order is CloudStack's: the command, what must be there, the time
    /// limit, the user, and the signature last.
    fn signer(
        &self,
        spec: Option<&Spec>,
        params: &Pairs,
        moment: Moment,
    ) -> Result<Option<Caller>, StoreError> {
        let given = |name| sign::get(params, name).filter(|value| !value.is_empty());
        let (Some(_), Some(signature), Some(api_key)) = (spec, given("signature"), given("apikey"))
        else {
            return Ok(None);
        };
        if sign::check_expiry(params, (self.clock)()).is_err() {
            return Ok(None);
        }
        let found = self.engine.store().read_at(moment, |tx| holder(tx, api_key))?;
        let Some(holder) = found.filter(|holder| holder.admitted) else { return Ok(None) };
        let Some(secret) = self.vault.open(&holder.secret, api_key) else {
            tracing::error!(
                user = holder.caller.user_id,
                "the key file does not open the secret of this user; make the user new keys"
            );
            return Ok(None);
        };
        Ok(sign::verify(params, signature, &secret).then_some(holder.caller))
    }

    fn call(
        &self,
        caller: &Caller,
        spec: Option<&Spec>,
        command: &str,
        params: Vec<(String, String)>,
    ) -> Envelope {
        let words = match spec.map(|spec| wire::words(spec, params)) {
            Some(Ok(words)) => words,
            Some(Err(fault)) => return Envelope::fault(spec, &fault),
            // The engine says what it says to an unknown command.
            None => crate::schema::Words::default(),
        };
        match self.engine.call(caller, command, &words) {
            Ok(reply) => Envelope::reply(reply),
            Err(fault) => Envelope::fault(spec, &fault),
        }
    }
}

/// The name under which a command is logged and counted: one of a fixed number.
fn named(spec: Option<&Spec>, command: &str) -> &'static str {
    match spec {
        Some(spec) => spec.name,
        None if command.eq_ignore_ascii_case(LOGIN) => LOGIN,
        None if command.eq_ignore_ascii_case(LOGOUT) => LOGOUT,
        None if command.is_empty() => "none",
        None => "unknown",
    }
}

impl Envelope {
    /// Without cookies.
    fn bare(self) -> (Self, Vec<String>) {
        (self, Vec::new())
    }
}

/// A refusal of what did not get as far as a command.
pub(crate) fn plain(status: u16, text: &str) -> Response {
    let envelope = Envelope::refusal(None, status, text);
    Response {
        status,
        content_type: Format::Json.content_type(),
        description: Some(text.to_owned()),
        cookies: Vec::new(),
        body: envelope.write(Format::Json, false),
        command: "none",
        user: None,
    }
}

#[cfg(test)]
mod tests;
