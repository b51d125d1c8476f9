//! A network that can be cut: what is between a store and its server forwards, or stays silent.

use super::{all_is_well, database, is_clear, reads, warm, world, writes};
use crate::sim::databases::MariaServer;
use crate::store::Server;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A port that leads to the socket of a server.
pub(crate) struct Proxy {
    port: u16,
    cut: Arc<AtomicBool>,
    /// The ends of all connections, to break them.
    ends: Arc<Mutex<Vec<(TcpStream, UnixStream)>>>,
}

impl Proxy {
    pub(crate) fn to(socket: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (cut, ends) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Vec<_>>>::default());
        let (its_cut, its_ends, socket) = (Arc::clone(&cut), Arc::clone(&ends), socket.to_owned());
        std::thread::spawn(move || accept(&listener, &socket, &its_cut, &its_ends));
        Self { port, cut, ends }
    }

    /// The store on the server as it is reached through here, with short limits of time.
    pub(crate) fn place(&self, server: &Server) -> Server {
        Server {
            host: "127.0.0.1".into(),
            port: self.port,
            socket: None,
            connect_time: Duration::from_secs(1),
            statement_time: Duration::from_secs(2),
            ..server.clone()
        }
    }

    /// Lets nothing through any more, in either direction, and says nothing.
    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    /// Lets what comes now through again; what was there breaks, or stays silent for ever.
    fn mend(&self, breaks: bool) {
        let old = std::mem::take(&mut *self.ends.lock().unwrap());
        if breaks {
            for (client, server) in old {
                let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
            }
        }
        self.cut.store(false, Ordering::SeqCst);
    }
}

fn accept(
    listener: &TcpListener,
    socket: &PathBuf,
    cut: &Arc<AtomicBool>,
    ends: &Arc<Mutex<Vec<(TcpStream, UnixStream)>>>,
) {
    while let Ok((client, _)) = listener.accept() {
        let Ok(server) = UnixStream::connect(socket) else { continue };
        let both = (client.try_clone().unwrap(), server.try_clone().unwrap());
        ends.lock().unwrap().push((client.try_clone().unwrap(), server.try_clone().unwrap()));
        let (one, other) = (Arc::clone(cut), Arc::clone(cut));
        std::thread::spawn(move || forward(client, server, &one));
        std::thread::spawn(move || forward(both.1, both.0, &other));
    }
}

/// Forwards until an end is closed; what comes while the network is cut is lost, and so is all
/// that would come after it.
fn forward(mut from: impl Read, mut to: impl Write, cut: &AtomicBool) {
    let (mut bytes, mut lost) = ([0; 16 << 10], false);
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        lost |= cut.load(Ordering::SeqCst);
        if !lost && to.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

#[test]
fn a_network_that_is_cut_fails_calls_in_time_and_is_forgotten_afterwards() {
    let maria = MariaServer::fast();
    let proxy = Proxy::to(&maria.socket());
    let world = world(&proxy.place(&database(&maria, "epsilon")));
    for breaks in [true, false] {
        warm(&world);
        proxy.cut();
        let (read, write) = std::thread::scope(|scope| {
            let read = scope.spawn(|| reads(&world).unwrap_err());
            let write = scope.spawn(|| writes(&world).unwrap_err());
            (read.join().unwrap(), write.join().unwrap())
        });
        is_clear(&read);
        is_clear(&write);
        proxy.mend(breaks);
        all_is_well(&world);
    }
}
