//! A plain HTTP client on a socket: it sends what it is told to, byte for byte, and reads what comes back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Nothing in the tests waits longer than this. It is reached only by a test that fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, in the order they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection.
pub(crate) fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("somebody listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout can be set");
    stream
}

/// Asks for a path, and closes the connection.
pub(crate) fn get(to: SocketAddr, path: &str) -> Answer {
    request(to, "GET", path, &[])
}

/// Asks with headers of one's own.
pub(crate) fn request(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {to}\r\n"));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    raw(to, &format!("{text}\r\n"), method)
}

/// Posts a body with headers of one's own.
pub(crate) fn post(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    send(to, &post_request(to, path, headers, body), "POST")
}

/// The same to a server that may end meanwhile; `None` if there is no whole answer.
pub(crate) fn try_post(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(to).ok()?;
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    stream.write_all(&post_request(to, path, headers, body)).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let is_head_whole = bytes.windows(4).any(|four| four == b"\r\n\r\n");
    is_head_whole.then(|| parse(&bytes, "POST"))
}

fn post_request(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut request = format!("POST {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n");
    request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    [request.as_bytes(), body].concat()
}

/// Sends a request as it is written, and reads until the other side closes.
pub(crate) fn raw(to: SocketAddr, request: &str, method: &str) -> Answer {
    send(to, request.as_bytes(), method)
}

fn send(to: SocketAddr, request: &[u8], method: &str) -> Answer {
    let mut stream = connect(to);
    // A server that refuses early may close before all is written.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    // The same server resets the connection when it has answered.
    let _ = stream.read_to_end(&mut bytes);
    parse(&bytes, method)
}

fn parse(bytes: &[u8], method: &str) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = std::str::from_utf8(&bytes[..end]).expect("a head is text");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("it has a status");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let body = bytes[end + 4..].to_vec();
    let answer = Answer { status, headers, body };
    let length = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
    match length {
        Some(length) if method != "HEAD" => assert_eq!(answer.body.len(), length, "a body that was cut off"),
        Some(_) => assert_eq!(answer.body.len(), 0, "an answer to HEAD has no body"),
        None if answer.header("transfer-encoding").is_some() => {
            let body = unchunked(&answer.body);
            return Answer { body, ..answer };
        }
        None => {}
    }
    answer
}

/// A body that was sent in chunks (RFC 9112 section 7.1).
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").expect("a chunk has a size");
        let size = std::str::from_utf8(&rest[..end]).expect("it is text");
        let size = usize::from_str_radix(size.trim(), 16).expect("it is a number");
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
}
