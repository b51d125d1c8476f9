//! The sockets of the server. Only this folder knows `tokio`.
//!
//! Everything is bounded: connections, requests in flight, bytes of bodies held, and the time to
//! shake hands, to send a head or a body, and to take an answer. What is beyond a bound is turned
//! away at once.

mod desk;
mod house;
mod limits;
mod metrics;
mod signals;
mod stall;
mod tls;

pub(crate) use limits::Bounds;
pub(crate) use tls::{Certificate, fingerprint};

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::model::Time;
use crate::transport::front::{Door, Front};
use desk::{Desk, Peer, converse};
use limits::Gate;
use metrics::Metrics;
use signals::{Said, Signals};
use stall::Stalling;
use tls::Keeper;

/// How long a head, a body or the taking of an answer may last, and a connection may be idle.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client may take to agree on how to talk.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long what was begun may take to finish after the signal to stop.
const LAST_CALL: Duration = Duration::from_secs(10);
/// Connections that the system keeps until they are taken.
const BACKLOG: u32 = 4096;
/// Requests that are being answered at one time.
const WORKERS: usize = 64;

/// Where to listen.
#[derive(Clone, Debug)]
pub(crate) struct Listen {
    /// For HTTP.
    pub(crate) http: Option<SocketAddr>,
    /// For HTTPS, and as whom.
    pub(crate) https: Option<(SocketAddr, Certificate)>,
    /// The port of the integration door, which is on the loopback only.
    pub(crate) integration: Option<u16>,
}

/// Where it listens indeed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bound {
    pub(crate) http: Option<SocketAddr>,
    pub(crate) https: Option<SocketAddr>,
    pub(crate) integration: Option<SocketAddr>,
}

/// Time, which comes from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clocks {
    /// When the server began.
    pub(crate) started: Time,
    /// The time since some moment, which only grows.
    pub(crate) ticks: fn() -> Duration,
}

/// One way in.
struct Entrance {
    listener: TcpListener,
    name: &'static str,
    door: Door,
    tls: Option<Arc<Keeper>>,
}

/// Serves until the process is told to stop. `ready` is given the addresses once all are bound.
pub(crate) fn serve(
    front: Front,
    listen: Listen,
    bounds: Bounds,
    clocks: Clocks,
    ready: impl FnOnce(Bound),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(WORKERS)
        .enable_all()
        .build()?;
    let desk = Desk {
        front,
        gate: Gate::new(bounds),
        metrics: Metrics::new(clocks.started),
        ticks: clocks.ticks,
        started: clocks.started.millis(),
        served: AtomicU64::new(0),
    };
    desk.front.measure(clocks.ticks);
    let outcome = runtime.block_on(run(Arc::new(desk), listen, ready));
    runtime.shutdown_timeout(LAST_CALL);
    outcome
}

async fn run(desk: Arc<Desk>, listen: Listen, ready: impl FnOnce(Bound)) -> io::Result<()> {
    let (entrances, bound, keeper) = open(listen)?;
    let mut signals = Signals::new()?;
    let (closing, closed) = watch::channel(false);
    for entrance in entrances {
        tokio::spawn(accept(entrance, Arc::clone(&desk), closed.clone()));
    }
    tokio::spawn(house::keep(Arc::clone(&desk), closed.clone()));
    ready(bound);
    while signals.next().await == Said::Reload {
        reload(keeper.as_deref());
    }
    tracing::info!("stopping: finishing what was begun");
    // Nobody listens any more if the send fails, which is what it is for.
    let _ = closing.send(true);
    if !desk.gate.emptied(LAST_CALL).await {
        tracing::warn!("stopped with clients still connected");
    }
    Ok(())
}

/// Opens all ways in, or none.
fn open(listen: Listen) -> io::Result<(Vec<Entrance>, Bound, Option<Arc<Keeper>>)> {
    let (mut entrances, mut bound, mut keeper) = (Vec::new(), Bound::default(), None);
    if let Some(address) = listen.http {
        let listener = bind(address)?;
        bound.http = Some(listener.local_addr()?);
        entrances.push(Entrance { listener, name: "http", door: Door::Signed, tls: None });
    }
    if let Some((address, files)) = listen.https {
        let tls = Arc::new(Keeper::open(files).map_err(io::Error::other)?);
        let listener = bind(address)?;
        bound.https = Some(listener.local_addr()?);
        keeper = Some(Arc::clone(&tls));
        entrances.push(Entrance { listener, name: "https", door: Door::Signed, tls: Some(tls) });
    }
    if let Some(port) = listen.integration {
        let listener = bind((Ipv4Addr::LOCALHOST, port).into())?;
        bound.integration = Some(listener.local_addr()?);
        let (name, door) = ("integration", Door::Integration);
        entrances.push(Entrance { listener, name, door, tls: None });
    }
    Ok((entrances, bound, keeper))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Connections of a server that has just ended are no reason to refuse to begin.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    bound().map_err(|why| io::Error::new(why.kind(), format!("cannot listen on {address}: {why}")))
}

fn reload(keeper: Option<&Keeper>) {
    match keeper.map(Keeper::reload) {
        Some(Ok(())) => tracing::info!("the certificate was read anew"),
        Some(Err(why)) => tracing::error!("the certificate stays as it was: {why}"),
        None => tracing::info!("there is no certificate to read anew"),
    }
}

/// Takes connections until the server closes.
async fn accept(entrance: Entrance, desk: Arc<Desk>, mut closed: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = entrance.listener.accept() => accepted,
            () = told(&mut closed) => return,
        };
        match accepted {
            Ok((stream, from)) => connect(stream, from, &entrance, &desk, &closed),
            Err(why) => {
                // The process is out of file descriptors, or the client has gone again.
                tracing::warn!("a connection could not be taken: {why}");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Waits until the server closes.
async fn told(closed: &mut watch::Receiver<bool>) {
    // An error means that the server has gone already.
    drop(closed.wait_for(|closed| *closed).await);
}

/// Serves one connection beside the others. One too many is closed at once.
fn connect(
    stream: TcpStream,
    from: SocketAddr,
    entrance: &Entrance,
    desk: &Arc<Desk>,
    closed: &watch::Receiver<bool>,
) {
    let address = from.ip().to_canonical();
    // All clients behind a proxy come from one address.
    let client = Some(address).filter(|address| !desk.front.access().is_proxy(*address));
    let place = match desk.gate.enter(client) {
        Ok(place) => place,
        Err(limit) => return turn_away(&stream, limit, entrance, desk),
    };
    // An answer is one write, so there is nothing to be gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let open = desk.metrics.connected(entrance.name);
    let (door, tls) = (entrance.door, entrance.tls.clone());
    let peer = Peer { address, door, secure: tls.is_some() };
    let (desk, closed) = (Arc::clone(desk), closed.clone());
    tokio::spawn(async move {
        let stream = Stalling::new(stream, PATIENCE);
        match tls {
            None => converse(stream, peer, desk, closed).await,
            Some(keeper) => converse_tls(stream, &keeper, peer, desk, closed).await,
        }
        drop((place, open));
    });
}

/// Says why, where that can be said without waiting, and hangs up.
fn turn_away(stream: &TcpStream, limit: &'static str, entrance: &Entrance, desk: &Desk) {
    desk.metrics.turned_away(limit);
    tracing::debug!(limit, "a connection too many was closed");
    if entrance.tls.is_none() {
        // A client that is not reached by this sees the end of the connection.
        let _ = stream.try_write(
            b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\
              Retry-After: 1\r\n\r\n",
        );
    }
}

async fn converse_tls(
    stream: Stalling<TcpStream>,
    keeper: &Keeper,
    peer: Peer,
    desk: Arc<Desk>,
    mut closed: watch::Receiver<bool>,
) {
    let agreed = tokio::select! {
        agreed = timeout(HANDSHAKE, keeper.accept(stream)) => agreed,
        () = told(&mut closed) => return,
    };
    match agreed.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(stream) => converse(stream, peer, desk, closed).await,
        Err(why) => {
            desk.metrics.turned_away("handshake");
            tracing::debug!(client = %peer.address, "no handshake: {why}");
        }
    }
}
