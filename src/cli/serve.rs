//! `capuchin serve`: the embedded store, answered to others.

use std::io;
use std::net::SocketAddr;

use crate::cli::store::Embedded;
use crate::cli::{clock, keys};
use crate::shell::Status;
use crate::shell::out::Out;
use crate::transport::front::Front;
use crate::transport::server::{self, Listen};

/// Serves until the process is told to stop.
pub(crate) fn serve(store: &Embedded, listen: Listen) -> Status {
    let front = store.engine().and_then(|engine| {
        Ok(Front::new(engine, keys::vault()?, clock::now, || clock::random().ok()))
    });
    let served = front.and_then(|front| {
        server::serve(front, listen, announce).map_err(|why: io::Error| why.to_string())
    });
    match served {
        Ok(()) => Status::Done,
        Err(why) => {
            Out::std().error(format_args!("{why}"));
            Status::Unavailable
        }
    }
}

/// Says where; a program that started the server waits for these lines.
fn announce(public: SocketAddr, integration: Option<SocketAddr>) {
    // A server serves, whether or not anybody reads where.
    let _ = Out::std().result(|to| {
        writeln!(to, "serving http://{public}/client/api")?;
        match integration {
            Some(address) => writeln!(to, "serving http://{address}/client/api without signatures"),
            None => Ok(()),
        }
    });
}
