//! Calls to a server that another thread makes, while a person goes on typing: one attempt each,
//! and nobody is asked for anything.

use std::sync::Arc;

use crate::schema::{Spec, Words};
use crate::transport::http::{Lost, Request, Wire};
use crate::transport::remote::{Remote, plain};
use crate::transport::sign::sign;
use crate::transport::{Apart, Failure, answer};

impl Remote {
    /// The call, with keys, or with the session that there is.
    pub(super) fn prepared(&self, spec: &Spec, words: &Words) -> Option<Apart> {
        let wire = Arc::clone(self.wire().ok()?);
        let url = self.server.way.url.clone();
        let Some(api_key) = &self.server.api_key else {
            // To log in may need a person; the first command does it.
            self.has_session().ok()?;
            let session = self.session.borrow();
            let request = session.as_ref().map(|session| session.request(plain(spec.name, words)));
            let why = "log in first: any command does".to_owned();
            let request = request.ok_or(Failure::Denied { why });
            return Some(Box::new(move || exchange(&wire, &url, &request?)));
        };
        let mut params = self.params(spec.name, words, api_key);
        let (known, get) = (Arc::clone(&self.secret), self.attend.secret_key_apart());
        let algorithm = self.server.algorithm;
        Some(Box::new(move || {
            let secret = match known.get() {
                Some(secret) => secret,
                None => {
                    let got = get().map_err(|why| Failure::Denied { why })?;
                    known.get_or_init(|| got)
                }
            };
            params.push(("signature".to_owned(), sign(&params, secret, algorithm)));
            exchange(&wire, &url, &Request { params, cookies: String::new(), post: false })
        }))
    }
}

fn exchange(wire: &Wire, url: &str, request: &Request) -> Result<serde_json::Value, Failure> {
    let lost = |Lost(why)| Failure::Unavailable { why: format!("{url}: {why}") };
    let (head, mut rest) = wire.send(request).map_err(lost)?;
    let mut body = Vec::new();
    while let Some(piece) = rest.piece().map_err(lost)? {
        body.extend_from_slice(&piece);
    }
    answer::read(head.status, &body)
}
