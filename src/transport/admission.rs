//! Who is let in beyond knowing a secret: by the client's address and by the number of requests.

use std::sync::Arc;

use serde_json::json;

use crate::engine::{Caller, Cx, Place};
use crate::net::Block;
use crate::schema::{Fault, Spec};
use crate::store::Moment;
use crate::transport::access::{Access, is_in};
use crate::transport::front::{Front, REFUSED, Request};
use crate::transport::throttle::Throttle;
use crate::transport::wire::Envelope;

/// The setting that says whence an account may call.
const SOURCES: &str = "api.allowed.source.cidr.list";

impl Front {
    /// The desk with rules of who may come from where, and with the limit of requests that the
    /// settings say.
    pub(crate) fn guarded(mut self, access: Access) -> Result<Self, String> {
        self.limit().map_err(|why| why.to_string())?;
        self.access = access;
        Ok(self)
    }

    /// The limit of requests, if there is one.
    fn limit(&self) -> Result<Option<Arc<Throttle>>, Fault> {
        let now = (self.clock)();
        self.throttle.get(now, || {
            self.engine.store().read(|tx| {
                let mut cx = Cx::new(tx, now, &Caller::SYSTEM, "");
                if !cx.setting_flag("api.throttling.enabled")? {
                    return Ok(None);
                }
                let most = cx.setting_int("api.throttling.max")?;
                let most = u32::try_from(most).unwrap_or(u32::MAX);
                Ok(Some((cx.setting_int("api.throttling.interval")?, most)))
            })
        })
    }

    /// The rules of who may come from where.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// Seconds after which a refused request may be repeated.
    pub(crate) fn retry_after(&self, status: u16) -> Option<i64> {
        match status {
            429 => self.throttle.known().map(|throttle| throttle.seconds()),
            503 => Some(1),
            _ => None,
        }
    }

    /// Whether the API may be called from there at all.
    pub(super) fn admits(&self, request: &Request) -> bool {
        let admitted = request.client.is_none_or(|client| self.access.admits(client));
        if let Some(client) = request.client.filter(|_| !admitted) {
            tracing::warn!(%client, "refused: --allow-from does not name this address");
        }
        admitted
    }

    /// Lets in a caller who is known: from where the account may call, and not too often.
    pub(super) fn let_in(
        &self,
        caller: &Caller,
        request: &Request,
        spec: Option<&Spec>,
        moment: Moment,
    ) -> Result<(), Envelope> {
        match self.is_source(caller.account_id, request, moment) {
            Ok(true) => {}
            Ok(false) => return Err(Envelope::refusal(spec, 401, REFUSED)),
            Err(why) => return Err(Envelope::fault(spec, &why)),
        }
        // No limit holds up the root administrators, as in CloudStack.
        if caller.is_root() {
            return Ok(());
        }
        match self.limit().map_err(|why| Envelope::fault(spec, &why))? {
            Some(throttle) => throttle
                .count(caller.account_id, (self.clock)())
                .map_err(|millis| limited(spec, millis)),
            None => Ok(()),
        }
    }

    /// Whether the setting of the account has the client's address.
    pub(super) fn is_source(
        &self,
        account_id: i64,
        request: &Request,
        moment: Moment,
    ) -> Result<bool, Fault> {
        let Some(client) = request.client else { return Ok(true) };
        let now = (self.clock)();
        let sources = self.engine.store().read_at(moment, |tx| {
            let mut cx = Cx::new(tx, now, &Caller::SYSTEM, "");
            cx.setting_in(SOURCES, Place::Account(account_id))
        })?;
        let blocks: Vec<Block> = sources.split(',').filter_map(|text| text.parse().ok()).collect();
        let is_source = is_in(&blocks, client);
        if !is_source {
            tracing::warn!(%client, account_id, "refused: {SOURCES} does not name this address");
        }
        Ok(is_source)
    }
}

fn limited(spec: Option<&Spec>, millis: i64) -> Envelope {
    let text = format!(
        "The given user has reached his/her account api limit, please retry after {millis} ms."
    );
    let key = spec.map_or_else(|| "errorresponse".to_owned(), Spec::response_name);
    let body = json!({
        "uuidList": [], "errorcode": 429, "cserrorcode": 9999, "errortext": text,
    });
    Envelope::new(429, &key, body)
}

#[cfg(test)]
mod tests;
