//! The server keeps its limits, whoever asks, and stops when it is told to.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
#[cfg(target_os = "linux")]
use backmatter::internals::config::network::AllowedHost;
use backmatter::internals::http::server::{Listener, Server, ServerLimits};

use crate::wire::{self, DEADLINE, connect};

const LIMITS: ServerLimits = ServerLimits {
    connections: 8,
    connections_of_one: 8,
    head_size: 8192,
    head_time: DEADLINE,
    answer_time: DEADLINE,
    write_time: DEADLINE,
    grace: Duration::from_millis(10),
};

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().expect("it is an address")
}

fn server(limits: ServerLimits) -> Server {
    let router = Router::new()
        .route("/", get(async || "hello"))
        .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
        .route("/body", post(async |body: Bytes| body.len().to_string()))
        .route("/panic", get(async || if true { panic!("a fault of ours") } else { "unreachable" }))
        .route("/stream", get(async || Sse::new(tokio_stream::pending::<Result<Event, Infallible>>())));
    Listener::bind(loopback()).and_then(|listener| listener.serve(router, limits)).expect("it starts")
}

fn read_all(mut stream: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_router_is_served_and_knows_its_peer() {
    let server = server(LIMITS);
    assert_eq!(wire::get(server.address(), "/").text(), "hello");
    assert_eq!(wire::get(server.address(), "/peer").text(), "127.0.0.1");
    assert_eq!(wire::get(server.address(), "/nothing").status, 404);
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let server = server(LIMITS);
    let padding = "x".repeat(9000);
    assert_eq!(wire::request(server.address(), "GET", "/", &[("X-Padding", &padding)]).status, 431);
    assert_eq!(wire::get(server.address(), &format!("/?{padding}")).status, 431);
    let many: Vec<(String, String)> =
        (0..200).map(|number| (format!("X-{number}"), "1".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(wire::request(server.address(), "GET", "/", &many).status, 431);
    assert_eq!(wire::get(server.address(), "/").status, 200);
}

#[test]
fn a_request_names_its_host_once() {
    let server = server(LIMITS);
    let status = |request: &str| wire::raw(server.address(), request, "GET").status;
    assert_eq!(status("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), 400);
    assert_eq!(status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"), 400);
    assert_eq!(status("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
    assert_eq!(status("GET / HTTP/1.0\r\n\r\n"), 200);
}

#[test]
fn a_head_that_is_sent_too_slowly_is_cut_off() {
    let server = server(ServerLimits { head_time: Duration::from_millis(50), ..LIMITS });
    let mut slow = connect(server.address());
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").expect("it can be sent");
    let _ = read_all(&slow);
    let silent = connect(server.address());
    assert_eq!(read_all(&silent), "");
}

#[test]
fn a_connection_that_stays_silent_after_an_answer_is_cut_off() {
    let server = server(ServerLimits { head_time: Duration::from_millis(50), ..LIMITS });
    let mut kept = connect(server.address());
    kept.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("it can be sent");
    assert!(read_all(&kept).ends_with("hello"));
}

#[test]
fn a_body_that_is_sent_too_slowly_is_cut_off() {
    let server = server(ServerLimits { answer_time: Duration::from_millis(50), ..LIMITS });
    let mut slow = connect(server.address());
    slow.write_all(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        .expect("it can be sent");
    assert!(read_all(&slow).starts_with("HTTP/1.1 408"));
}

#[test]
fn connections_above_the_limit_wait_for_a_seat() {
    let server = server(ServerLimits { connections: 2, ..LIMITS });
    let first = connect(server.address());
    let second = connect(server.address());
    let mut third = connect(server.address());
    third.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it can be sent");
    third.set_nonblocking(true).expect("it can be set");
    assert!(third.read(&mut [0; 1]).is_err(), "it is answered before there is a seat");
    third.set_nonblocking(false).expect("it can be set");
    drop((first, second));
    assert!(read_all(&third).ends_with("hello"));
}

/// A connection from an address of this machine that is not the usual one. Only Linux has them all.
#[cfg(target_os = "linux")]
fn connect_from(own: &str, to: SocketAddr) -> std::net::TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it starts");
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("there are sockets");
        socket.bind(SocketAddr::new(own.parse().expect("it is an address"), 0)).expect("it is ours");
        socket.connect(to).await.expect("somebody listens")
    });
    let stream = stream.into_std().expect("it can be taken out");
    stream.set_nonblocking(false).expect("it can be set");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout can be set");
    stream
}

#[cfg(target_os = "linux")]
const HELLO: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[cfg(target_os = "linux")]
#[test]
fn one_address_cannot_hold_all_connections() {
    let server = server(ServerLimits { connections: 4, connections_of_one: 2, ..LIMITS });
    let held: Vec<_> = (0..8).map(|_| connect_from("127.0.0.2", server.address())).collect();
    let mut other = connect_from("127.0.0.3", server.address());
    other.write_all(HELLO).expect("it can be sent");
    assert!(read_all(other).ends_with("hello"));
    // Who comes first is served first, so the third of an address is the first that is sent away.
    for (number, mut connection) in held.into_iter().enumerate().rev() {
        let _ = connection.write_all(HELLO);
        assert_eq!(read_all(connection).ends_with("hello"), number < 2, "connection {number}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_proxy_may_hold_as_many_connections_as_there_are() {
    let router = Router::new().route("/", get(async || "hello"));
    let limits = ServerLimits { connections: 4, connections_of_one: 1, ..LIMITS };
    let proxy = AllowedHost::parse("127.0.0.2").expect("it is an address");
    let listener = Listener::bind(loopback()).expect("it starts").behind(&[proxy]);
    let server = listener.serve(router, limits).expect("it starts");
    let held: Vec<_> = (0..3).map(|_| connect_from("127.0.0.2", server.address())).collect();
    assert_eq!(wire::get(server.address(), "/").text(), "hello");
    for mut connection in held {
        connection.write_all(HELLO).expect("it can be sent");
        assert!(read_all(connection).ends_with("hello"));
    }
}

#[test]
fn a_fault_of_a_handler_ends_its_connection_and_nothing_else() {
    let server = server(LIMITS);
    let mut broken = connect(server.address());
    broken.write_all(b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").expect("it can be sent");
    assert_eq!(read_all(&broken), "");
    assert_eq!(wire::get(server.address(), "/").text(), "hello");
}

#[test]
fn stopping_ends_answers_without_end() {
    let server = server(LIMITS);
    let address = server.address();
    let mut stream = connect(address);
    stream.write_all(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n").expect("it can be sent");
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("the answer begins");
    assert_eq!(&head, b"HTTP/1.1 200");
    server.stop();
    assert!(!read_all(&stream).ends_with("0\r\n\r\n"), "it did not end by itself");
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[test]
fn an_address_that_is_taken_names_who_has_it() {
    let server = server(LIMITS);
    let error = Listener::bind(server.address()).expect_err("it is taken").to_string();
    let address = server.address();
    let who = match cfg!(target_os = "linux") {
        true => {
            let name = std::fs::read_to_string("/proc/self/comm").expect("we have a name");
            format!("`{}` (process {})", name.trim(), std::process::id())
        }
        false => "another program".to_owned(),
    };
    assert_eq!(
        error,
        format!(
            "cannot listen on `{address}`: {who} does already; stop it, or choose another address with `--port` (serve) or `--listen` (receive)"
        )
    );
}
