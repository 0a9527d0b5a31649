//! The network address of a client: behind a connection, or behind the trusted proxies in front of the receiver.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::config::network::AllowedHost;

/// The address a request comes from, for a handler.
pub(super) fn of(parts: &Parts, trusted: &[AllowedHost]) -> Result<IpAddr, StatusCode> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    // A server without the address of its peer is put together wrongly.
    let peer = peer.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(address(peer, &parts.headers, trusted))
}

/// The address a request comes from. A trusted proxy appends the address of its client to `X-Forwarded-For`; what stands
/// before that may be invented.
fn address(peer: SocketAddr, headers: &HeaderMap, trusted: &[AllowedHost]) -> IpAddr {
    let peer = peer.ip().to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut sender = peer;
    for name in named.iter().rev() {
        let Some(address) = read(name) else { break };
        sender = address;
        if !is_trusted(address, trusted) {
            break;
        }
    }
    sender
}

fn is_trusted(address: IpAddr, trusted: &[AllowedHost]) -> bool {
    trusted.iter().any(|range| range.is_address(address))
}

/// `192.0.2.7`, `192.0.2.7:1234`, `2001:db8::1` or `[2001:db8::1]:1234`.
fn read(name: &str) -> Option<IpAddr> {
    let address = match name.parse::<SocketAddr>() {
        Ok(address) => address.ip(),
        Err(_) => name.trim_matches(['[', ']']).parse().ok()?,
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let trusted = ["127.0.0.0/8", "10.0.0.0/8"].map(|range| AllowedHost::parse(range).unwrap());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("X-Forwarded-For", value.parse().unwrap());
        }
        let address = address(peer.parse().unwrap(), &headers, &trusted);
        assert_eq!(address.to_string(), expected, "{peer} {forwarded:?}");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        check("192.0.2.7:5", &[], "192.0.2.7");
        check("192.0.2.7:5", &["198.51.100.1"], "192.0.2.7");
        check("127.0.0.1:5", &[], "127.0.0.1");
        check("127.0.0.1:5", &["198.51.100.1"], "198.51.100.1");
        check("[::ffff:127.0.0.1]:5", &["198.51.100.1:80"], "198.51.100.1");
        check("127.0.0.1:5", &["198.51.100.1, 10.0.0.2"], "198.51.100.1");
        check("127.0.0.1:5", &["[2001:db8::1]:99"], "2001:db8::1");
    }

    #[test]
    fn what_a_sender_invents_is_not_believed() {
        check("127.0.0.1:5", &["203.0.113.9, 198.51.100.1"], "198.51.100.1");
        check("127.0.0.1:5", &["203.0.113.9", "198.51.100.1"], "198.51.100.1");
        check("127.0.0.1:5", &["127.0.0.1, unknown"], "127.0.0.1");
        check("127.0.0.1:5", &["<script>"], "127.0.0.1");
    }
}
