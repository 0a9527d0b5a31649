//! Listening: a router behind limits on the size and time of requests, until it is stopped.
//!
//! [`Listener::bind`] takes the address, and says who has it if it is taken; [`Listener::serve`] answers on threads
//! of its own and returns a [`Server`], which ends when it is stopped or dropped. A handler finds the address of
//! its peer as axum's [`ConnectInfo`]. The bodies of requests are limited by whoever reads them.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Response, StatusCode, Version, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time;
use tokio_stream::StreamExt;

use crate::config::network::AllowedHost;
use crate::error::{Error, Result};
use crate::http::connection_limit::ConnectionLimit;
use crate::http::write_deadline::WriteDeadline;
use crate::sys::worker::Thread;

/// What a server grants to those who ask.
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// Connections at once. Others wait until one of them ends.
    pub connections: usize,
    /// How many of them may be of one address, or of one network of IPv6. More are closed at once.
    pub connections_of_one: usize,
    /// The size of a request's line and headers in bytes, at least 8192.
    pub head_size: usize,
    /// How long a connection may take to send a request's line and headers, or stay silent between two requests.
    pub head_time: Duration,
    /// How long it may take until an answer begins, the reading of the request's body included. How long an answer
    /// lasts is not limited, as long as the client reads it.
    pub answer_time: Duration,
    /// How long a client may read nothing of an answer. Then the connection is closed.
    pub write_time: Duration,
    /// How long answers under way may last when the server stops.
    pub grace: Duration,
}

/// What is read of a body that is too long, in bytes. Whoever is still sending may miss the answer: httpd as a proxy says 502.
const MOST_DISCARDED: usize = 1024 * 1024;

/// The whole body of a request. `None` if it has more than `longest` bytes, or breaks off.
pub(crate) async fn read_body(body: Body, longest: usize) -> Option<Bytes> {
    let mut parts = body.into_data_stream();
    let mut whole: Vec<u8> = Vec::new();
    let mut discarded = 0;
    while let Some(part) = parts.next().await {
        let part = part.ok()?;
        if discarded == 0 && whole.len() + part.len() <= longest {
            whole.extend_from_slice(&part);
            continue;
        }
        discarded += part.len();
        if discarded > MOST_DISCARDED {
            return None;
        }
    }
    (discarded == 0).then(|| whole.into())
}

/// A bound address on which no request is answered yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    proxies: Vec<AllowedHost>,
}

impl Listener {
    /// Takes an address. With port 0 the system chooses one.
    pub fn bind(address: SocketAddr) -> Result<Self> {
        Self::listen(address).map_err(|source| {
            let is_taken = source.kind() == io::ErrorKind::AddrInUse;
            let holder = if is_taken { holder_of(address.port()) } else { None };
            Error::Listen { address: address.to_string(), holder, source }
        })
    }

    fn listen(address: SocketAddr) -> io::Result<Self> {
        let socket = TcpListener::bind(address)?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, proxies: Vec::new() })
    }

    /// The address, with the port the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets these machines, which bring the requests of others, have as many connections as there are.
    pub fn behind(self, proxies: &[AllowedHost]) -> Self {
        Self { proxies: proxies.to_vec(), ..self }
    }

    /// Answers by `router`, on threads of its own.
    pub fn serve(self, router: Router, limits: ServerLimits) -> Result<Server> {
        let Self { socket, address, proxies } = self;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(|source| Error::Listen { address: address.to_string(), holder: None, source })?;
        let (stop, stopped) = watch::channel(());
        let thread = Thread::start("http server", move || {
            let limit = ConnectionLimit::new(limits.connections, limits.connections_of_one, proxies);
            runtime.block_on(accept(socket, limit, router, limits, stopped));
            // What a handler left behind on a thread for blocking work must not hold up the end.
            runtime.shutdown_background();
        })?;
        Ok(Server { address, stop: Some(stop), thread: Some(thread) })
    }
}

/// A server at work. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    /// Dropped to stop.
    stop: Option<watch::Sender<()>>,
    thread: Option<Thread>,
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: no connection is taken any more, and those under way end within the grace. Returns when all is over.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop = None;
        self.thread = None;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Returns when the process is asked to end: by Ctrl-C, or by whoever supervises it.
pub(crate) fn until_interrupted() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(interruption())
}

#[cfg(unix)]
async fn interruption() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interruption() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Accepting fails when the process has too many files open; that passes.
const BREATH: Duration = Duration::from_millis(100);

async fn accept(
    socket: TcpListener,
    limit: ConnectionLimit,
    router: Router,
    limits: ServerLimits,
    mut stopped: watch::Receiver<()>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(socket) else { return };
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let reservation = limit.reserve().await;
            (listener.accept().await, reservation)
        };
        let (accepted, reservation) = tokio::select! {
            next = next => next,
            _ = stopped.changed() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(permit) = limit.admit(reservation, peer) else { continue };
                let answer = connection(stream, peer, router.clone(), limits, stopped.clone());
                connections.spawn(async move {
                    answer.await;
                    drop(permit);
                });
            }
            Err(_) => time::sleep(BREATH).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    // Those that outlast the grace are cut off when the set is dropped.
    let _ = time::timeout(limits.grace, all).await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: ServerLimits,
    mut stopped: watch::Receiver<()>,
) {
    // Small answers are sent at once, whatever the other side acknowledged so far.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let has_host = has_one_host(&request);
        let answer = time::timeout(limits.answer_time, router.call(request));
        async move {
            if !has_host {
                return Ok(refused(StatusCode::BAD_REQUEST, "the request needs one `Host`\n"));
            }
            match answer.await {
                Ok(answer) => answer,
                Err(_) => Ok(refused(StatusCode::REQUEST_TIMEOUT, "the request took too long\n")),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head_size)
        .serve_connection(TokioIo::new(WriteDeadline::new(stream, limits.write_time)), service);
    let mut connection = std::pin::pin!(connection);
    // What goes wrong on a connection is the other side's affair.
    let ended = tokio::select! {
        _ = connection.as_mut() => true,
        _ = stopped.changed() => false,
    };
    if !ended {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Whether a request names the host that it is for, once (RFC 9112, section 3.2).
fn has_one_host(request: &hyper::Request<Incoming>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || hosts == 0 && request.version() < Version::HTTP_11
}

fn refused(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

/// The program that listens on a port, if the system tells: `python3 (process 812)`.
fn holder_of(port: u16) -> Option<String> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let processes = fs::read_dir("/proc").ok().filter(|_| !inodes.is_empty())?;
    let numbers = processes.flatten().filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    let (number, folder) = numbers
        .map(|number| (number, PathBuf::from(format!("/proc/{number}"))))
        .find(|(_, folder)| holds(folder, &inodes))?;
    let name = fs::read_to_string(folder.join("comm")).ok()?;
    Some(format!("`{}` (process {number})", name.trim()))
}

/// The inodes of sockets that listen on a port, from a table of the kernel: the local address stands in the second
/// column and ends in the port, the state in the fourth (`0A` is LISTEN), the inode in the tenth.
fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    let end = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&end) && row[3] == "0A")
        .map(|row| row[9].to_owned())
        .collect()
}

fn holds(process: &Path, inodes: &[String]) -> bool {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
    targets.any(|target| target.to_str().is_some_and(|target| inodes.iter().any(|inode| inode == target)))
}
