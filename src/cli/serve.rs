//! `capuchin serve`: the embedded store, answered to others.

use std::io;
use std::net::SocketAddr;

use crate::cli::args::ServeArgs;
use crate::cli::store::Embedded;
use crate::cli::{clock, descriptors, keys, self_signed};
use crate::shell::Status;
use crate::shell::out::Out;
use crate::transport::access::Access;
use crate::transport::front::Front;
use crate::transport::server::{self, Bound, Bounds, Certificate, Clocks, Listen};

/// Serves until the process is told to stop.
pub(crate) fn serve(store: &Embedded, how: ServeArgs) -> Status {
    let clocks = Clocks { started: clock::now(), ticks: clock::ticks };
    if how.listen.0.is_none() && how.tls_cert.is_none() && !how.self_signed {
        Out::std().error(format_args!(
            "--listen none leaves nowhere to listen; add --tls-cert and --tls-key, or --self-signed"
        ));
        return Status::Misused;
    }
    let served = begin(store, &how).and_then(|(front, listen)| {
        warn_of_readers(&listen);
        let bounds = bounds(&how);
        server::serve(front, listen, bounds, clocks, announce)
            .map_err(|why: io::Error| why.to_string())
    });
    match served {
        Ok(()) => Status::Done,
        Err(why) => {
            Out::std().error(format_args!("{why}"));
            Status::Unavailable
        }
    }
}

fn begin(store: &Embedded, how: &ServeArgs) -> Result<(Front, Listen), String> {
    let files = match (&how.tls_cert, &how.tls_key) {
        (Some(chain), Some(key)) => Some(Certificate { chain: chain.clone(), key: key.clone() }),
        _ if how.self_signed => Some(self_signed::certificate(how.tls_listen.ip())?),
        _ => None,
    };
    let listen = Listen {
        http: how.listen.0,
        https: files.map(|files| (how.tls_listen, files)),
        integration: Some(how.integration_port).filter(|port| *port != 0),
    };
    let access = Access {
        allow: how.allow_from.clone(),
        proxies: how.trusted_proxy.clone(),
        metrics: how.metrics_from.clone(),
    };
    let engine = store.engine()?;
    let front = Front::new(engine, keys::vault()?, clock::now, || clock::random().ok());
    Ok((front.guarded(access)?, listen))
}

/// The limits that were asked for, as far as the system lets the process open files.
fn bounds(how: &ServeArgs) -> Bounds {
    let possible = descriptors::for_connections();
    let connections = how.max_connections.min(possible);
    if connections < how.max_connections {
        tracing::warn!(
            connections,
            "the system lets the process open too few files for --max-connections; raise its \
             limit (ulimit -Hn, LimitNOFILE=)"
        );
    }
    Bounds { connections, per_client: how.max_connections_per_client }
}

/// Says if others may come in by HTTP, which whoever is between can read.
fn warn_of_readers(listen: &Listen) {
    if let Some(address) = listen.http.filter(|address| !address.ip().is_loopback()) {
        tracing::warn!(%address, "HTTP is not encrypted; serve others by HTTPS: --tls-cert");
    }
}

/// Says where; a program that started the server waits for these lines.
fn announce(bound: Bound) {
    let api = |scheme, address: SocketAddr| format!("serving {scheme}://{address}/client/api");
    let http = bound.http.map(|address| api("http", address));
    let https = bound.https.map(|address| api("https", address));
    let integration = bound.integration;
    let integration = integration.map(|address| api("http", address) + " without signatures");
    // A server serves, whether or not anybody reads where.
    let _ = Out::std().result(|to| {
        let lines = [http, https, integration].into_iter().flatten();
        lines.into_iter().try_for_each(|line| writeln!(to, "{line}"))
    });
}
