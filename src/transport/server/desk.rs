//! Requests on a connection: what is asked for, by whom, and the answer. Only this file knows
//! `hyper`; what a request to the API means is the front desk's business.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::limits::Gate;
use super::metrics::{self, Metrics};
use super::{PATIENCE, told};
use crate::transport::front::{Door, Front, Request, Response, plain};

/// The longest body, in bytes: CloudStack's limit for user data, and some.
const LONGEST_BODY: usize = 1 << 20;
/// The longest head, in bytes.
const LONGEST_HEAD: usize = 64 << 10;
/// The longest id of a request that a proxy gave it.
const LONGEST_ID: usize = 64;

type Answer = hyper::Response<Full<Bytes>>;
type Asked = hyper::Request<Incoming>;

/// What all connections share.
pub(super) struct Desk {
    pub(super) front: Front,
    pub(super) gate: Gate,
    pub(super) metrics: Metrics,
    /// The time since some moment, which only grows.
    pub(super) ticks: fn() -> Duration,
    /// When the server began: the first half of a request's id.
    pub(super) started: i64,
    pub(super) served: AtomicU64,
}

/// The client's end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    pub(super) address: IpAddr,
    pub(super) door: Door,
    /// Whether nobody between can read it.
    pub(super) secure: bool,
}

/// Who asks, as far as the connection and the head tell.
struct Asker {
    /// The id of the request, by which logs name it.
    id: String,
    client: IpAddr,
    secure: bool,
    /// Whether it came through somebody who is not known as a proxy of ours.
    strange: bool,
}

/// Answers requests until the client has no more, or the server closes.
pub(super) async fn converse<S>(
    stream: S,
    peer: Peer,
    desk: Arc<Desk>,
    mut closed: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.respond(peer, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .half_close(true)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // Whatever is wrong with a connection is its client's business.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = told(&mut closed) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

impl Desk {
    async fn respond(self: Arc<Self>, peer: Peer, request: Asked) -> Answer {
        let began = (self.ticks)();
        let asker = self.asker(peer, request.headers());
        let response = match request.uri().path() {
            "/client/api" | "/client/api/" => self.api(peer, &asker, request).await,
            "/healthz" if request.method() == Method::GET => {
                Ok(page("healthz", "text/plain; charset=UTF-8", "ok\n".to_owned()))
            }
            "/metrics" if request.method() == Method::GET => self.tell(&asker).await,
            _ => Err(plain(404, "there is nothing here; the API is at /client/api")),
        };
        let response = response.unwrap_or_else(|refused| refused);
        let took = (self.ticks)().saturating_sub(began);
        self.metrics.answered(response.command, response.status, took);
        note(&asker, &response, took);
        let retry_after = self.front.retry_after(response.status);
        answer(response, &asker.id, retry_after)
    }

    fn asker(&self, peer: Peer, headers: &HeaderMap) -> Asker {
        let access = self.front.access();
        let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let known = access.is_proxy(peer.address);
        let given = texts("x-request-id").next().filter(|id| known && is_id(id));
        let number = self.served.fetch_add(1, Ordering::Relaxed);
        let id = given.map_or_else(|| format!("{:x}-{number:x}", self.started), str::to_owned);
        let client = access.client(peer.address, texts("x-forwarded-for"));
        let proto = texts("x-forwarded-proto").next_back().and_then(|all| all.rsplit(',').next());
        let secure = match proto.filter(|_| known) {
            Some(proto) => proto.trim().eq_ignore_ascii_case("https"),
            None => peer.secure,
        };
        let strange = !known
            && (headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED));
        Asker { id, client, secure, strange }
    }

    async fn api(
        self: &Arc<Self>,
        peer: Peer,
        asker: &Asker,
        request: Asked,
    ) -> Result<Response, Response> {
        let post = request.method() == Method::POST;
        if request.method() != Method::GET && !post {
            return Err(plain(405, "the API is called by GET or POST"));
        }
        if peer.door == Door::Integration && !is_local(request.headers()) {
            return Err(plain(401, "the integration port serves programs on this machine only"));
        }
        let cookies = cookies(request.headers());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let form = if post { self.form(request).await?.to_vec() } else { Vec::new() };
        let Some(permit) = self.gate.begin() else { return Err(too_many()) };
        let in_flight = metrics::counted(&self.metrics.in_flight);
        let (client, secure) = (Some(asker.client), asker.secure);
        let request = Request { client, secure, post, cookies, query, form };
        let span = tracing::info_span!("request", id = asker.id);
        let desk = Arc::clone(self);
        let work = spawn_blocking(move || {
            let response = span.in_scope(|| desk.front.answer(peer.door, &request));
            drop((permit, in_flight));
            response
        });
        // Only a panic ends the work without a response; the engine has rolled back.
        work.await.map_err(|_| plain(530, "the call failed for a reason that is not yours"))
    }

    /// The body, which must be a form, within the limits of size, memory and time.
    async fn form(&self, request: Asked) -> Result<Bytes, Response> {
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
        let Some(_held) = self.gate.hold(size) else { return Err(too_many()) };
        let body = Limited::new(request.into_body(), LONGEST_BODY).collect();
        match timeout(PATIENCE, body).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(why)) if why.is::<http_body_util::LengthLimitError>() => Err(too_long()),
            Ok(Err(_)) => Err(plain(400, "the body ended early")),
            Err(_) => Err(plain(408, "the body took too long")),
        }
    }

    /// The metrics, for those who may read them.
    async fn tell(self: &Arc<Self>, asker: &Asker) -> Result<Response, Response> {
        if asker.strange || !self.front.access().shows_metrics(asker.client) {
            return Err(plain(403, "--metrics-from does not name this address"));
        }
        let Some(permit) = self.gate.begin() else { return Err(too_many()) };
        let desk = Arc::clone(self);
        let work = spawn_blocking(move || {
            let text = desk.metrics.write(&desk.front);
            drop(permit);
            text
        });
        let text = work.await.unwrap_or(Err(std::fmt::Error));
        let text = text.map_err(|_| plain(530, "the metrics cannot be written"))?;
        Ok(page("metrics", metrics::CONTENT_TYPE, text))
    }
}

fn too_many() -> Response {
    plain(503, "too many requests are waiting; try again soon")
}

/// A page that is no answer of the API.
fn page(name: &'static str, content_type: &'static str, text: String) -> Response {
    Response {
        status: 200,
        content_type,
        description: None,
        cookies: Vec::new(),
        body: text.into_bytes(),
        command: name,
        user: None,
    }
}

/// Writes the line of a request to the log. What watches the server asks too often to be told of.
fn note(asker: &Asker, response: &Response, took: Duration) {
    let (request, client) = (asker.id.as_str(), asker.client);
    let (command, status) = (response.command, response.status);
    let user = response.user.as_deref().unwrap_or("-");
    let error = response.description.as_deref().unwrap_or_default();
    let millis = (took.as_secs_f64() * 1e6).round() / 1e3;
    if status == 200 && matches!(command, "healthz" | "metrics") {
        tracing::debug!(request, %client, command, status, millis, "answered");
    } else if error.is_empty() {
        tracing::info!(request, %client, user, command, status, millis, "answered");
    } else {
        tracing::info!(request, %client, user, command, status, millis, error, "answered");
    }
}

/// Whether a proxy's id of a request can stand in logs and headers.
fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(plain)
}

/// All cookies of a request.
fn cookies(headers: &HeaderMap) -> String {
    let values = headers.get_all(header::COOKIE).iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join("; ")
}

/// Whether a program of this machine asks, and not a page in a browser, which would reach the
/// loopback too: a page's requests name their origin, or the host that the page came from.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    let is_loopback = matches!(name, Some("localhost" | "127.0.0.1"));
    is_loopback && !headers.contains_key(header::ORIGIN)
}

/// The response as HTTP, with the headers that CloudStack sends, and the id of the request.
fn answer(response: Response, id: &str, retry_after: Option<i64>) -> Answer {
    let mut answer = hyper::Response::new(Full::from(response.body));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or_default();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(response.content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_XSS_PROTECTION, HeaderValue::from_static("1;mode=block"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
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
