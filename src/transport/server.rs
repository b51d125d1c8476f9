//! The sockets of the server. Only this file knows `hyper` and `tokio`; what a request means is
//! the front desk's business.
//!
//! Everything is bounded: connections, requests in flight, bytes of bodies held, and the time to
//! send a head or a body. What is beyond a bound is turned away at once.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::transport::front::{Door, Front, Request, Response, plain};

/// The longest body, in bytes: CloudStack's limit for user data, and some.
const LONGEST_BODY: usize = 1 << 20;
/// The bodies held at one time, in KiB.
const BODIES: usize = 256 << 10;
/// The longest head, in bytes.
const LONGEST_HEAD: usize = 64 << 10;
/// How long a head or a body may take, and how long a connection may be idle.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long what was begun may take to finish after the signal to stop.
const LAST_CALL: Duration = Duration::from_secs(10);
/// Open connections.
const CONNECTIONS: u32 = 16 << 10;
/// Requests that are being answered or wait for it.
const IN_FLIGHT: usize = 512;
/// Requests that are being answered at one time.
const WORKERS: usize = 64;

/// Where to listen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listen {
    /// The public door.
    pub(crate) address: SocketAddr,
    /// The port of the integration door, which is on the loopback only.
    pub(crate) integration: Option<u16>,
}

/// The limits, counted down.
struct Gate {
    connections: Arc<Semaphore>,
    in_flight: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
}

type Answer = hyper::Response<Full<Bytes>>;

/// Serves until the process is told to stop. `ready` is given the addresses once all are bound.
pub(crate) fn serve(
    front: Front,
    listen: Listen,
    ready: impl FnOnce(SocketAddr, Option<SocketAddr>),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(WORKERS)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(run(Arc::new(front), listen, ready));
    runtime.shutdown_timeout(LAST_CALL);
    outcome
}

async fn run(
    front: Arc<Front>,
    listen: Listen,
    ready: impl FnOnce(SocketAddr, Option<SocketAddr>),
) -> io::Result<()> {
    let public = bind(listen.address).await?;
    let integration = match listen.integration {
        Some(port) => Some(bind((Ipv4Addr::LOCALHOST, port).into()).await?),
        None => None,
    };
    let mut stop = Stop::new()?;
    let gate = Arc::new(Gate {
        connections: Arc::new(Semaphore::new(CONNECTIONS as usize)),
        in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        bodies: Arc::new(Semaphore::new(BODIES)),
    });
    let (closing, closed) = watch::channel(false);
    let address = public.local_addr()?;
    let inner = integration.as_ref().map(TcpListener::local_addr).transpose()?;
    for (listener, door) in [(Some(public), Door::Signed), (integration, Door::Integration)] {
        let Some(listener) = listener else { continue };
        let desk = Desk { front: Arc::clone(&front), gate: Arc::clone(&gate), door };
        tokio::spawn(accept(listener, desk, closed.clone()));
    }
    ready(address, inner);
    stop.wait().await;
    tracing::info!("stopping: finishing what was begun");
    // Nobody listens any more if the send fails, which is what it is for.
    let _ = closing.send(true);
    // All permits are back when all connections are closed.
    let all = gate.connections.acquire_many(CONNECTIONS);
    if timeout(LAST_CALL, all).await.is_err() {
        tracing::warn!("stopped with clients still connected");
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|why| io::Error::new(why.kind(), format!("cannot listen on {address}: {why}")))
}

/// Takes connections until the server closes.
async fn accept(listener: TcpListener, desk: Desk, mut closed: watch::Receiver<bool>) {
    let desk = Arc::new(desk);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = told(&mut closed) => return,
        };
        match accepted {
            Ok((stream, _)) => connect(stream, &desk, closed.clone()),
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
fn connect(stream: TcpStream, desk: &Arc<Desk>, mut closed: watch::Receiver<bool>) {
    let Ok(permit) = Arc::clone(&desk.gate.connections).try_acquire_owned() else { return };
    // An answer is one write, so there is nothing to be gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let desk = Arc::clone(desk);
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.respond(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .half_close(true)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        // Whatever is wrong with a connection is its client's business.
        tokio::select! {
            _ = connection.as_mut() => {}
            () = told(&mut closed) => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
        drop(permit);
    });
}

/// One door with the desk behind it.
struct Desk {
    front: Arc<Front>,
    gate: Arc<Gate>,
    door: Door,
}

impl Desk {
    async fn respond(&self, request: hyper::Request<Incoming>) -> Answer {
        let response = match request.uri().path() {
            "/client/api" | "/client/api/" => self.api(request).await,
            "/healthz" if request.method() == Method::GET => {
                let content_type = "text/plain; charset=UTF-8";
                let body = b"ok\n".to_vec();
                let cookies = Vec::new();
                Ok(Response { status: 200, content_type, description: None, cookies, body })
            }
            _ => Err(plain(404, "there is nothing here; the API is at /client/api")),
        };
        answer(response.unwrap_or_else(|refused| refused))
    }

    async fn api(&self, request: hyper::Request<Incoming>) -> Result<Response, Response> {
        if request.method() != Method::GET && request.method() != Method::POST {
            return Err(plain(405, "the API is called by GET or POST"));
        }
        if self.door == Door::Integration && !is_local(&request) {
            return Err(plain(401, "the integration port serves programs on this machine only"));
        }
        let post = request.method() == Method::POST;
        let cookies = cookies(&request);
        let query = request.uri().query().unwrap_or_default().to_owned();
        let form =
            if request.method() == Method::POST { self.form(request).await? } else { Bytes::new() };
        let Ok(permit) = Arc::clone(&self.gate.in_flight).try_acquire_owned() else {
            return Err(plain(503, "too many requests are waiting; try again soon"));
        };
        let (front, door) = (Arc::clone(&self.front), self.door);
        let work = spawn_blocking(move || {
            let response =
                front.answer(door, &Request { post, cookies, query, form: form.to_vec() });
            drop(permit);
            response
        });
        // Only a panic ends the work without a response; the engine has rolled back.
        work.await.map_err(|_| plain(530, "the call failed for a reason that is not yours"))
    }

    /// The body, which must be a form, within the limits of size, memory and time.
    async fn form(&self, request: hyper::Request<Incoming>) -> Result<Bytes, Response> {
        let is_form = request.headers().get(header::CONTENT_TYPE).is_none_or(|kind| {
            kind.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded")
        });
        let too_long = || plain(413, "the body is longer than 1048576 bytes");
        let longest = LONGEST_BODY as u64;
        let size = request.body().size_hint().upper().unwrap_or(longest);
        if size > longest {
            return Err(too_long());
        }
        // The query string says all where the body is something else.
        if !is_form {
            return Ok(Bytes::new());
        }
        let share = u32::try_from(size >> 10).unwrap_or(u32::MAX).saturating_add(1);
        let Ok(_held) = self.gate.bodies.try_acquire_many(share) else {
            return Err(plain(503, "too many requests are waiting; try again soon"));
        };
        let body = Limited::new(request.into_body(), LONGEST_BODY).collect();
        match timeout(PATIENCE, body).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(why)) if why.is::<http_body_util::LengthLimitError>() => Err(too_long()),
            Ok(Err(_)) => Err(plain(400, "the body ended early")),
            Err(_) => Err(plain(408, "the body took too long")),
        }
    }
}

/// All cookies of a request.
fn cookies(request: &hyper::Request<Incoming>) -> String {
    let values = request.headers().get_all(header::COOKIE).iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join("; ")
}

/// Whether a program of this machine asks, and not a page in a browser, which would reach the
/// loopback too: a page's requests name their origin, or the host that the page came from.
fn is_local(request: &hyper::Request<Incoming>) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    let is_loopback = matches!(name, Some("localhost" | "127.0.0.1"));
    is_loopback && !request.headers().contains_key(header::ORIGIN)
}

/// The response as HTTP, with the headers that CloudStack sends.
fn answer(response: Response) -> Answer {
    let mut answer = hyper::Response::new(Full::from(response.body));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or_default();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(response.content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_XSS_PROTECTION, HeaderValue::from_static("1;mode=block"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if response.status == 503 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    for cookie in response.cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    if let Some(text) = response.description {
        let fits = |letter: char| letter == ' ' || letter.is_ascii_graphic();
        let text: String =
            text.chars().take(1024).map(|letter| if fits(letter) { letter } else { '?' }).collect();
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(HeaderName::from_static("x-description"), value);
        }
    }
    answer
}

/// The signals that end the server.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    /// Listens for them from now on.
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
