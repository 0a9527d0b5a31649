//! `[network]`: which hosts outside the public internet this program may speak to.
//!
//! What is written here lifts the guard of [`http::client`](crate::http::client) for exactly these places. The
//! names and addresses are kept in one spelling, so that `LOCALHOST.` and `localhost` are the same host.

// The values only; no connection is made of them here.
use core::net::IpAddr;

use serde::Serialize;
use url::{Host, Url};

use crate::config::section;
use crate::spanned::{Fields, SourceText};

/// The settings of `[network]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Places that are spoken to although they are not public.
    pub allow: Vec<AllowedHost>,
}

impl Network {
    /// Whether the place of an address is named, so that whoever wrote the settings knows of it.
    pub fn names(&self, url: &Url) -> bool {
        let Some(port) = url.port_or_known_default() else { return false };
        self.allow.iter().any(|allowed| {
            let is_place = match url.host() {
                Some(Host::Domain(host)) => allowed.is_host(host),
                Some(Host::Ipv4(address)) => allowed.is_address(IpAddr::V4(address)),
                Some(Host::Ipv6(address)) => allowed.is_address(IpAddr::V6(address).to_canonical()),
                None => false,
            };
            is_place && allowed.has_port(port, |_| true)
        })
    }
}

/// A place that is spoken to although it is not public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AllowedHost {
    place: HostPattern,
    ports: Ports,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
enum HostPattern {
    /// In lower case and without a dot at the end.
    Host(String),
    /// Addresses that begin with the same bits.
    Range { first: IpAddr, bits: u8 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Ports {
    /// Those that are open everywhere.
    Usual,
    /// This one.
    One(u16),
    /// Every port, also those of mail and the like.
    All,
}

impl AllowedHost {
    /// Reads `localhost`, `localhost:8090`, `localhost:*`, `127.0.0.1:8090`, `[::1]:80` or `10.0.0.0/8`. The error
    /// says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (place, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, "")) => (address, None),
            Some((address, port)) => (address, Some(port.strip_prefix(':').unwrap_or(port))),
            // More than one colon is an address of version 6, which takes a port only in brackets.
            None => match text.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(port)),
                _ => (text, None),
            },
        };
        let ports = match port {
            None => Ports::Usual,
            Some("*") => Ports::All,
            Some(port) => Ports::One(
                port.parse()
                    .map_err(|_| format!("`{port}` is not a port; write a number, or `*` for all"))?,
            ),
        };
        Ok(Self { place: HostPattern::parse(place)?, ports })
    }

    /// Whether a host is meant by its name.
    pub fn is_host(&self, host: &str) -> bool {
        matches!(&self.place, HostPattern::Host(name) if *name == plain_host(host))
    }

    /// Whether an address is meant.
    pub fn is_address(&self, address: IpAddr) -> bool {
        match &self.place {
            HostPattern::Range { first, bits } => in_range(address, *first, *bits),
            HostPattern::Host(_) => false,
        }
    }

    /// Whether it is given by addresses, not by a name.
    pub fn is_range(&self) -> bool {
        matches!(self.place, HostPattern::Range { .. })
    }

    /// Whether the place may be spoken to on a port; `is_usual` tells whether it is open everywhere.
    pub fn has_port(&self, port: u16, is_usual: impl Fn(u16) -> bool) -> bool {
        match self.ports {
            Ports::Usual => is_usual(port),
            Ports::One(one) => one == port,
            Ports::All => true,
        }
    }
}

impl HostPattern {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some((first, bits)) = text.split_once('/') {
            let first: IpAddr = first.parse().map_err(|_| format!("`{first}` is not an address"))?;
            let most = if first.is_ipv4() { 32 } else { 128 };
            let bits = bits.parse().ok().filter(|bits| *bits <= most);
            let bits =
                bits.ok_or_else(|| format!("a range ends with a number from 0 to {most}: `{first}/8`"))?;
            return Ok(Self::Range { first: first.to_canonical(), bits });
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            let address = address.to_canonical();
            return Ok(Self::Range { first: address, bits: if address.is_ipv4() { 32 } else { 128 } });
        }
        if text.is_empty() || !text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_')) {
            return Err(format!("`{text}` is not a host"));
        }
        Ok(Self::Host(plain_host(text)))
    }
}

/// A host as it is compared: `LOCALHOST.` is `localhost`.
fn plain_host(host: &str) -> String {
    host.trim_end_matches('.').to_lowercase()
}

fn in_range(address: IpAddr, first: IpAddr, bits: u8) -> bool {
    // A shift by all bits of a number is none in Rust.
    match (address, first) {
        (IpAddr::V4(address), IpAddr::V4(first)) => {
            let mask = u32::MAX.checked_shl(u32::from(32 - bits.min(32))).unwrap_or(0);
            (address.to_bits() ^ first.to_bits()) & mask == 0
        }
        (IpAddr::V6(address), IpAddr::V6(first)) => {
            let mask = u128::MAX.checked_shl(u32::from(128 - bits.min(128))).unwrap_or(0);
            (address.to_bits() ^ first.to_bits()) & mask == 0
        }
        _ => false,
    }
}

/// Reads `[network]`.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> Network {
    section(source, fields, "network", |fields| {
        let mut allow = Vec::new();
        for taken in fields.texts("allow") {
            match AllowedHost::parse(&taken.value) {
                Ok(allowed) => allow.push(allowed),
                Err(reason) => {
                    let hint =
                        "write it as `localhost:8090`, `127.0.0.1:*`, `10.0.0.0/8` or `[::1]:80`".to_owned();
                    fields.report(
                        taken.span,
                        format!("invalid entry in `network.allow`: {reason}"),
                        Some(hint),
                    );
                }
            }
        }
        Network { allow }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, host: &str, port: u16) -> bool {
        let allowed = AllowedHost::parse(pattern).unwrap_or_else(|reason| panic!("{pattern}: {reason}"));
        let is_meant = match host.parse() {
            Ok(address) => allowed.is_address(address),
            Err(_) => allowed.is_host(host),
        };
        is_meant && allowed.has_port(port, |port| port == 80)
    }

    #[test]
    fn a_place_is_meant_as_it_is_written() {
        for (pattern, host, port, expected) in [
            ("localhost", "localhost", 80, true),
            ("localhost", "LOCALHOST.", 80, true),
            ("localhost", "localhost", 25, false),
            ("localhost:25", "localhost", 25, true),
            ("localhost:25", "localhost", 80, false),
            ("localhost:*", "localhost", 25, true),
            ("localhost", "notlocalhost", 80, false),
            ("localhost", "127.0.0.1", 80, false),
            ("127.0.0.1:8090", "127.0.0.1", 8090, true),
            ("127.0.0.1:8090", "127.0.0.2", 8090, false),
            ("10.0.0.0/8", "10.255.0.1", 80, true),
            ("10.0.0.0/8", "11.0.0.1", 80, false),
            ("10.0.0.0/8:*", "10.0.0.1", 22, true),
            ("0.0.0.0/0", "198.51.100.1", 80, true),
            ("0.0.0.0/0", "::1", 80, false),
            ("[::1]:90", "::1", 90, true),
            ("::1", "::1", 80, true),
            ("fd00::/8", "fd12::1", 80, true),
            ("::ffff:10.0.0.1", "10.0.0.1", 80, true),
        ] {
            assert_eq!(allows(pattern, host, port), expected, "{pattern} for {host}:{port}");
        }
    }

    #[test]
    fn what_is_no_place_is_named() {
        for (pattern, reason) in [
            ("", "`` is not a host"),
            ("localhost:http", "`http` is not a port; write a number, or `*` for all"),
            ("10.0.0.0/64", "a range ends with a number from 0 to 32: `10.0.0.0/8`"),
            ("ten/8", "`ten` is not an address"),
            ("http://localhost", "`//localhost` is not a port; write a number, or `*` for all"),
            ("*", "`*` is not a host"),
        ] {
            assert_eq!(AllowedHost::parse(pattern), Err(reason.to_owned()), "{pattern}");
        }
    }
}
