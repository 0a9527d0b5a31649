//! Who may ask: a page of a stranger's that makes this browser ask us is turned away.
//!
//! A server on this machine can be reached by every page that a browser here shows. A name that a stranger owns may
//! be pointed at `127.0.0.1` ("DNS rebinding"); then the browser takes our answers for theirs. Addresses cannot be
//! pointed anywhere, so they and `localhost` are trusted, and any other name only if it was given to us.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// The names we are called by.
#[derive(Debug, Clone)]
pub(super) struct HostCheck {
    names: Vec<String>,
    port: u16,
}

impl HostCheck {
    /// A check that knows these names, besides addresses and `localhost`.
    pub(super) fn new(address: SocketAddr, names: &[String]) -> Self {
        Self { names: names.iter().map(|name| name.to_lowercase()).collect(), port: address.port() }
    }

    /// Whether a request was meant for us; if not, the name it was meant for.
    pub(super) fn admits(&self, headers: &HeaderMap) -> Result<(), String> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let name = without_port(host).to_lowercase();
        let is_ours = is_address(&name)
            || name == "localhost"
            || name.ends_with(".localhost")
            || self.names.contains(&name);
        if is_ours { Ok(()) } else { Err(name) }
    }

    /// Whether a request comes from a page of this preview. Browsers say with every POST where it comes from (Fetch
    /// section 3.2).
    pub(super) fn is_from_our_page(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        match (text(header::ORIGIN), text(header::HOST)) {
            (Some(origin), Some(host)) => {
                let from = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
                from == Some(host)
            }
            _ => false,
        }
    }

    /// The port we listen on.
    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

/// A host without its port: `[::1]:4000` is `[::1]`.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

fn is_address(name: &str) -> bool {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    bare.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("it is a value"))).collect()
    }

    #[test]
    fn only_addresses_and_our_own_names_are_admitted() {
        let host_check =
            HostCheck::new("127.0.0.1:4000".parse().expect("it is one"), &["Desk.example".to_owned()]);
        let admits = |host: &str| host_check.admits(&headers(&[(header::HOST, host)])).is_ok();
        for host in [
            "127.0.0.1:4000",
            "localhost",
            "LOCALHOST:1",
            "[::1]:4000",
            "192.168.1.7:4000",
            "desk.example:4000",
        ] {
            assert!(admits(host), "{host}");
        }
        for host in [
            "evil.example:4000",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "",
            "[::1].evil.example",
        ] {
            assert!(!admits(host), "{host}");
        }
        assert!(host_check.admits(&HeaderMap::new()).is_err());
    }

    #[test]
    fn only_our_own_pages_may_ask_for_deeds() {
        let host_check = HostCheck::new("127.0.0.1:4000".parse().expect("it is one"), &[]);
        let own = |origin: &str| {
            host_check
                .is_from_our_page(&headers(&[(header::HOST, "localhost:4000"), (header::ORIGIN, origin)]))
        };
        assert!(own("http://localhost:4000"));
        assert!(!own("http://localhost:4001"));
        assert!(!own("https://evil.example"));
        assert!(!own("null"));
        assert!(!host_check.is_from_our_page(&headers(&[(header::HOST, "localhost:4000")])));
    }
}
