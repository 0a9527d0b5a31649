//! The one client for every request that leaves this machine.
//!
//! [`Client::fetch`] asks the [guard](crate::http::guard) about every address, also about each a redirect leads to;
//! the addresses that were checked are the ones connected to, so that a name cannot mean something else a moment
//! later. Time, size and redirects are limited. There is no proxy and no cookie, and no connection is kept
//! open unless one place is asked many times.

use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use tracing::debug;
use ureq::http;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use url::Url;

use crate::config::network::Network;
use crate::http::content_coding::{self, UnknownCoding};
use crate::http::fetch_error::FetchError;
use crate::http::guard::{Guard, Resolve, System, literal};
use crate::sys::worker;

/// How much of a stranger's time and bytes one request takes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// For everything, redirects and the last byte included.
    pub total: Duration,
    /// Bytes of a body, when it is unpacked.
    pub body: usize,
    /// Bytes of a response before its body.
    pub head: usize,
    /// How often a response may send us elsewhere. With 0, one that would is the answer.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
            body: 1 << 20,
            head: 32 << 10,
            redirects: 5,
        }
    }
}

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// The head only.
    Head,
    /// Head and body.
    Get,
    /// With a body of our own.
    Post,
    /// A file of our own takes a place.
    Put,
    /// What is there is taken away.
    Delete,
    /// A folder is made (RFC 4918 section 9.3).
    Mkcol,
}

/// What is asked of another machine.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    url: String,
    purpose: String,
    accept: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
    bearer: Option<String>,
    headers: Vec<(&'static str, String)>,
    limits: Option<Limits>,
}

/// What a page is asked as.
const PAGES: &str = "text/html, application/xhtml+xml;q=0.9, application/json;q=0.5, */*;q=0.1";

impl Request {
    /// The address that is asked.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks for a page.
    pub fn get(url: &str) -> Self {
        Self {
            method: Method::Get,
            url: url.to_owned(),
            purpose: String::new(),
            accept: PAGES,
            content_type: "",
            body: Vec::new(),
            bearer: None,
            headers: Vec::new(),
            limits: None,
        }
    }

    /// Asks for the head of a page.
    pub fn head(url: &str) -> Self {
        Self { method: Method::Head, ..Self::get(url) }
    }

    /// Sends the fields of a form.
    pub fn post_form(url: &str, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(url, "application/x-www-form-urlencoded; charset=utf-8", body.into_bytes())
    }

    /// Sends XML.
    pub fn post_xml(url: &str, xml: &str) -> Self {
        Self::post(url, "text/xml", xml.as_bytes().to_owned())
    }

    /// Sends any bytes.
    pub fn post(url: &str, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { method: Method::Post, accept: "*/*", content_type, body, ..Self::get(url) }
    }

    /// Puts a file there. Its type is a header like any other.
    pub fn put(url: &str, body: Vec<u8>) -> Self {
        Self { method: Method::Put, accept: "*/*", body, ..Self::get(url) }
    }

    /// Takes a file away.
    pub fn delete(url: &str) -> Self {
        Self { method: Method::Delete, accept: "*/*", ..Self::get(url) }
    }

    /// Makes a folder of a WebDAV server.
    pub fn mkcol(url: &str) -> Self {
        Self { method: Method::Mkcol, accept: "*/*", ..Self::get(url) }
    }

    /// Why it is sent, for the one whose log it stands in: `verifying webmention from 198.51.100.7`.
    pub fn purpose(self, purpose: &str) -> Self {
        Self { purpose: purpose.to_owned(), ..self }
    }

    /// What kinds of answer are understood.
    pub fn accept(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// A secret that shows who asks. It is never sent to another place than the first.
    pub fn bearer(self, secret: &str) -> Self {
        Self { bearer: Some(secret.to_owned()), ..self }
    }

    /// Another header. It may hold a secret as well, and is never sent to another place than the first.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Other limits than the client's.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits: Some(limits), ..self }
    }
}

/// What another machine answered, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    /// Where the answer came from, after all redirects.
    pub url: Url,
    /// The statuses of the redirects that led there.
    pub redirects: Vec<u16>,
    pub headers: Headers,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// Whether there was more than the limit.
    pub is_cut: bool,
}

/// The headers of a response. Their names are in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Headers from their names and values.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect())
    }

    /// All values of a name, in their order.
    pub fn all<'h>(&'h self, name: &str) -> impl Iterator<Item = &'h str> {
        self.0
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// All headers, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Response {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The media type in lower case, without parameters: `text/html`. Empty if there is none.
    pub fn media_type(&self) -> String {
        let value = self.headers.first("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// For how long the other machine wants to be left alone (RFC 9110 section 10.2.3).
    pub fn retry_after(&self, now: chrono::DateTime<chrono::Utc>) -> Option<Duration> {
        let value = self.headers.first("retry-after")?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = chrono::DateTime::parse_from_rfc2822(value).ok()?;
        (until.to_utc() - now).to_std().ok()
    }
}

/// How many idle connections to one host the client keeps open.
const MOST_KEPT: usize = 8;

/// The client.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    guard: Guard,
    resolver: Arc<dyn Resolve>,
    site: String,
    limits: Limits,
}

impl Client {
    /// A client that speaks for a site, and to the public internet and what its operator allowed.
    pub fn new(network: &Network, site_url: &str) -> Self {
        Self::with_resolver(network, site_url, Arc::new(System))
    }

    /// A client that asks one place many times, and keeps connections to it open.
    pub fn for_many(network: &Network, site_url: &str) -> Self {
        Self::assemble(network, site_url, Arc::new(System), MOST_KEPT)
    }

    /// A client that looks up hosts in its own way.
    pub fn with_resolver(network: &Network, site_url: &str, resolver: Arc<dyn Resolve>) -> Self {
        Self::assemble(network, site_url, resolver, 0)
    }

    fn assemble(network: &Network, site_url: &str, resolver: Arc<dyn Resolve>, kept: usize) -> Self {
        let limits = Limits::default();
        let guard = Guard::new(network);
        let config = ureq::Agent::config_builder()
            // A proxy would look up names by itself, past the guard.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(kept)
            .max_idle_connections_per_host(kept)
            .allow_non_standard_methods(true)
            .max_response_header_size(limits.head)
            .build();
        let checked = CheckedResolver { guard: guard.clone(), resolver: Arc::clone(&resolver) };
        let agent = ureq::Agent::with_parts(config, DefaultConnector::new(), checked);
        let site = Url::parse(site_url).map_or_else(|_| site_url.to_owned(), String::from);
        Self { agent, guard, resolver, site, limits }
    }

    /// The same client with other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sends a request and follows where it is sent to. An answer of any status is an answer.
    pub fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let limits = request.limits.unwrap_or(self.limits);
        let deadline = Instant::now() + limits.total;
        let mut url = read_url(&request.url)?;
        let first_origin = url.origin();
        let mut redirects = Vec::new();
        for _ in 0..=limits.redirects {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(FetchError::Timeout { after: limits.total });
            }
            let is_first_place = url.origin() == first_origin;
            let hop = Hop { url: &url, left, limits, is_first_place };
            let response = self.ask(request, &hop)?;
            debug!(method = ?request.method, url = ?url.as_str(), status = response.status, "fetched");
            match next_place(request.method, &response) {
                Some(next) if limits.redirects > 0 => {
                    redirects.push(response.status);
                    url = next;
                }
                _ => return Ok(Response { redirects, ..response }),
            }
        }
        Err(FetchError::TooManyRedirects { followed: limits.redirects })
    }

    /// The addresses of a host, whether they are spoken to or not. It takes no longer than a connection may.
    pub fn addresses_of(&self, host: &str) -> Result<Vec<IpAddr>, FetchError> {
        if let Some(address) = literal(host) {
            return Ok(vec![address]);
        }
        match look_up(&self.resolver, host, self.limits.connect) {
            Some(Ok(addresses)) => Ok(addresses),
            Some(Err(_)) => Err(FetchError::Dns { host: host.to_owned() }),
            None => Err(FetchError::Timeout { after: self.limits.connect }),
        }
    }

    /// One request and its answer.
    fn ask(&self, request: &Request, hop: &Hop<'_>) -> Result<Response, FetchError> {
        self.guard.check_url(hop.url)?;
        let message = self.message(request, hop)?;
        let message = self
            .agent
            .configure_request(message)
            .timeout_global(Some(hop.left))
            .timeout_connect(Some(hop.limits.connect))
            .max_response_header_size(hop.limits.head)
            .build();
        // A body of no bytes is a body, and a GET with one is refused by many.
        let answer = match request.method {
            Method::Post | Method::Put => self.agent.run(message.map(|()| request.body.as_slice())),
            Method::Get | Method::Head | Method::Delete | Method::Mkcol => self.agent.run(message),
        };
        let (head, mut body) = answer.map_err(|error| to_fault(error, hop))?.into_parts();
        let mut bytes = Vec::new();
        // One byte more than the limit tells a body that is cut from one that ends there. What is counted is unpacked.
        let limit = hop.limits.body as u64 + 1;
        let codings = head.headers.get_all("content-encoding");
        let codings = codings.iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let unpacked = content_coding::unpacked(body.as_reader(), codings)
            .map_err(|UnknownCoding(coding)| FetchError::Coding { coding })?;
        let read = unpacked.take(limit).read_to_end(&mut bytes);
        read.map_err(|error| to_fault(error.into(), hop))?;
        let is_cut = bytes.len() > hop.limits.body;
        bytes.truncate(hop.limits.body);
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok(Response {
            status: head.status.as_u16(),
            url: hop.url.clone(),
            redirects: Vec::new(),
            headers: Headers(headers.collect()),
            body: bytes,
            is_cut,
        })
    }

    fn message(&self, request: &Request, hop: &Hop<'_>) -> Result<http::Request<()>, FetchError> {
        let method = match request.method {
            Method::Head => http::Method::HEAD,
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
            Method::Mkcol => http::Method::from_bytes(b"MKCOL").expect("letters are a method"),
        };
        let mut builder = http::Request::builder()
            .method(method)
            .uri(hop.url.as_str())
            .header("user-agent", self.name(&request.purpose))
            .header("accept", request.accept)
            .header("accept-encoding", content_coding::ACCEPTED);
        if !request.content_type.is_empty() {
            builder = builder.header("content-type", request.content_type);
        }
        if let Some(secret) = request.bearer.as_ref().filter(|_| hop.is_first_place) {
            builder = builder.header("authorization", format!("Bearer {secret}"));
        }
        for (name, value) in request.headers.iter().filter(|_| hop.is_first_place) {
            builder = builder.header(*name, value);
        }
        let reason = "it cannot be asked for over HTTP";
        builder.body(()).map_err(|_| FetchError::Address { url: hop.url.to_string(), reason })
    }

    /// Who we are, on whose behalf, and what for.
    fn name(&self, purpose: &str) -> String {
        let purpose = if purpose.is_empty() { String::new() } else { format!("; {purpose}") };
        let name = format!("Backmatter/{} ({}{purpose})", env!("CARGO_PKG_VERSION"), self.site);
        name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect()
    }
}

/// One of the places that a request comes to.
struct Hop<'a> {
    url: &'a Url,
    left: Duration,
    limits: Limits,
    is_first_place: bool,
}

fn read_url(written: &str) -> Result<Url, FetchError> {
    let mut url = Url::parse(written)
        .map_err(|_| FetchError::Address { url: written.to_owned(), reason: "this is not an address" })?;
    url.set_fragment(None);
    Ok(url)
}

/// Where a response sends us, if it may. A form or a call is never turned into a GET: what was to be said would be
/// lost, and the answer would look like success.
fn next_place(method: Method, response: &Response) -> Option<Url> {
    let is_followed = match response.status {
        301..=303 => matches!(method, Method::Get | Method::Head),
        307 | 308 => true,
        _ => false,
    };
    let place = response.headers.first("location").filter(|_| is_followed)?;
    let mut url = response.url.join(place).ok()?;
    url.set_fragment(None);
    Some(url)
}

/// Looks up a host and lets the guard see what came of it.
#[derive(Debug)]
struct CheckedResolver {
    guard: Guard,
    resolver: Arc<dyn Resolve>,
}

impl Resolver for CheckedResolver {
    fn resolve(
        &self,
        uri: &http::Uri,
        _: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default();
        let default_port = if uri.scheme() == Some(&http::uri::Scheme::HTTPS) { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(default_port);
        let addresses = match literal(host) {
            Some(address) => vec![address],
            None => match look_up(&self.resolver, host, *timeout.after) {
                Some(addresses) => addresses.map_err(|_| ureq::Error::HostNotFound)?,
                None => return Err(ureq::Error::Timeout(timeout.reason)),
            },
        };
        self.guard
            .check_addresses(host, port, &addresses)
            .map_err(|error| ureq::Error::Other(Box::new(error)))?;
        let mut resolved = self.empty();
        for address in addresses.into_iter().take(MOST_ADDRESSES) {
            resolved.push(SocketAddr::new(address, port));
        }
        if resolved.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(resolved) }
    }
}

/// A host with more addresses is asked at the first of them.
const MOST_ADDRESSES: usize = 8;

/// Looking up a name cannot be interrupted, so it is left alone when it takes too long: `None`.
fn look_up(resolver: &Arc<dyn Resolve>, host: &str, longest: Duration) -> Option<io::Result<Vec<IpAddr>>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let (resolver, name) = (Arc::clone(resolver), host.to_owned());
    worker::in_background("name lookup", move || {
        // It may have taken too long for anyone to wait.
        let _ = sender.send(resolver.addresses(&name));
    });
    receiver.recv_timeout(longest).ok()
}

fn to_fault(error: ureq::Error, hop: &Hop<'_>) -> FetchError {
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect) => FetchError::Timeout { after: hop.limits.connect },
        ureq::Error::Timeout(_) => FetchError::Timeout { after: hop.limits.total },
        ureq::Error::HostNotFound => {
            FetchError::Dns { host: hop.url.host_str().unwrap_or_default().to_owned() }
        }
        ureq::Error::LargeResponseHeader(_, limit) => FetchError::TooLarge { limit },
        ureq::Error::Tls(reason) => FetchError::Tls { reason: reason.to_owned() },
        ureq::Error::Rustls(error) => FetchError::Tls { reason: error.to_string() },
        ureq::Error::Io(error) => io_fault(&error),
        ureq::Error::Protocol(error) => {
            FetchError::Io { reason: format!("the answer is not HTTP ({error})") }
        }
        ureq::Error::Other(error) => match error.downcast::<FetchError>() {
            Ok(fault) => *fault,
            Err(error) => FetchError::Io { reason: error.to_string() },
        },
        error => FetchError::Io { reason: error.to_string() },
    }
}

/// What a connection that failed says, in words that need no manual.
fn io_fault(error: &io::Error) -> FetchError {
    // A certificate that is not believed reaches us wrapped in a fault of the connection.
    if let Some(error) = error.get_ref().filter(|_| error.kind() == io::ErrorKind::InvalidData) {
        return FetchError::Tls { reason: error.to_string() };
    }
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            "the other side hung up".to_owned()
        }
        io::ErrorKind::UnexpectedEof => "the answer ended too early".to_owned(),
        _ => error.to_string(),
    };
    FetchError::Io { reason }
}
