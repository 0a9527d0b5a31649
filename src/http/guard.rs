//! The guard of outbound requests: which addresses of other machines are spoken to at all.
//!
//! Strangers tell us where to look: a link in a post, a redirect, a header. So each place is checked before
//! anything is sent to it: scheme, port, and every address its host has. Only what is public passes, and what the
//! operator allowed by name.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};

use url::{Host, Url};

use crate::config::network::Network;
use crate::http::fetch_error::FetchError;

/// Who knows the addresses of a host.
pub trait Resolve: fmt::Debug + Send + Sync + 'static {
    /// All addresses of a host. It may take its time: whoever asks waits no longer than a request may last.
    fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Debug)]
pub(crate) struct System;

impl Resolve for System {
    fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }
}

/// What is spoken to: the public internet, and what the operator allowed.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    network: Network,
}

impl Guard {
    pub(super) fn new(network: &Network) -> Self {
        Self { network: network.clone() }
    }

    /// Checks an address from an outside source before a connection is made.
    pub(super) fn check_url(&self, url: &Url) -> Result<(), FetchError> {
        let refused = |reason| FetchError::Address { url: url.to_string(), reason };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("only http and https are spoken here"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("an address that holds a user's name is not followed"));
        }
        let host = url.host_str().ok_or_else(|| refused("it has no host"))?;
        let port = url.port_or_known_default().ok_or_else(|| refused("it has no port"))?;
        if is_usual_port(port) || self.network.allow.iter().any(|allowed| allowed.has_port(port, |_| false)) {
            return Ok(());
        }
        Err(FetchError::RefusedPort { host: host.to_owned(), port })
    }

    /// The addresses of a host that may be connected to: all it has, or none if one of them is refused.
    pub(super) fn check_addresses(
        &self,
        host: &str,
        port: u16,
        addresses: &[IpAddr],
    ) -> Result<(), FetchError> {
        for address in addresses {
            self.check_address(host, port, *address)?;
        }
        Ok(())
    }

    fn check_address(&self, host: &str, port: u16, address: IpAddr) -> Result<(), FetchError> {
        let address = address.to_canonical();
        let is_allowed = self.network.allow.iter().any(|allowed| {
            (allowed.is_host(host) || allowed.is_address(address)) && allowed.has_port(port, is_usual_port)
        });
        if is_allowed {
            return Ok(());
        }
        if !is_usual_port(port) {
            return Err(FetchError::RefusedPort { host: host.to_owned(), port });
        }
        if !is_public(address) {
            return Err(FetchError::RefusedAddress { host: host.to_owned(), address });
        }
        Ok(())
    }
}

/// The address that a host is, if it is one in whatever form: `2130706433`, `0x7f.1` and `[::1]` are.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    match Host::parse(host).ok()? {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    }
}

/// Ports that are spoken to everywhere: the web's, and those that no system's service has.
fn is_usual_port(port: u16) -> bool {
    matches!(port, 80 | 443 | 8080) || port > 1023
}

/// Whether an address belongs to the public internet, by IANA's registries of special addresses (RFC 6890).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // This network; private; shared by carriers; loopback; link-local.
        (0 | 10 | 127, ..) | (100, 64..=127, _) | (169, 254, _) => false,
        // Private; assigned to protocols; documentation; relays of 6to4.
        (172, 16..=31, _) | (192, 168, _) | (192, 0, 0 | 2) | (192, 88, 99) => false,
        // Benchmarks; documentation.
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => false,
        // Multicast, reserved and broadcast.
        (224.., ..) => false,
        _ => true,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64 (RFC 6052): it is the address that it stands for.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        // Assigned to protocols, Teredo among them; documentation; 6to4, whose relays lead anywhere.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast. All else is loopback, unique local, link-local, site-local, multicast, or unassigned.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
    }

    #[test]
    fn their_neighbours_are_public() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "3ffe::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn addresses_in_odd_forms_are_addresses() {
        for odd in
            ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.1.", "[::ffff:127.0.0.1]", "[::1]"]
        {
            assert!(literal(odd).is_some_and(|address| !is_public(address)), "{odd}");
        }
        assert_eq!(literal("example.org"), None);
    }
}
