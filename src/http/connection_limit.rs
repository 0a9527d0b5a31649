//! How many connections a server has at once: in all, and of one network, so that no client can hold them all.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::network::AllowedHost;

/// The network that an address stands for: who has one IPv6 address has the 2^64 beside it.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

/// The limit on the connections of a server.
pub(super) struct ConnectionLimit {
    free: Arc<Semaphore>,
    per_network: usize,
    proxies: Vec<AllowedHost>,
    open: Arc<OpenConnections>,
}

/// Connections by the network that holds them. A network that holds none has no entry.
#[derive(Default)]
struct OpenConnections(Mutex<HashMap<IpAddr, usize>>);

/// The right to accept the next connection. It is given back when it is dropped.
pub(super) type Reservation = OwnedSemaphorePermit;

/// The right of one connection to be open. It is given back when it is dropped.
pub(super) struct ConnectionPermit {
    _reservation: Reservation,
    /// The network whose connections it counts among, if it counts among any.
    share: Option<(IpAddr, Arc<OpenConnections>)>,
}

impl ConnectionLimit {
    /// At most `connections` in all, of them `per_network` of one network. Proxies bring requests of many clients: only
    /// the limit for all is theirs.
    pub(super) fn new(connections: usize, per_network: usize, proxies: Vec<AllowedHost>) -> Self {
        Self { free: Arc::new(Semaphore::new(connections)), per_network, proxies, open: Arc::default() }
    }

    /// Waits until there may be another connection.
    pub(super) async fn reserve(&self) -> Reservation {
        Arc::clone(&self.free).acquire_owned().await.expect("it is never closed")
    }

    /// Admits a connection; `None` if its network has as many as it may have.
    pub(super) fn admit(&self, reservation: Reservation, peer: SocketAddr) -> Option<ConnectionPermit> {
        let address = peer.ip().to_canonical();
        if self.proxies.iter().any(|range| range.is_address(address)) {
            return Some(ConnectionPermit { _reservation: reservation, share: None });
        }
        let network = network_of(address);
        let mut open = self.open.0.lock();
        let count = open.entry(network).or_default();
        if *count >= self.per_network {
            return None;
        }
        *count += 1;
        Some(ConnectionPermit { _reservation: reservation, share: Some((network, Arc::clone(&self.open))) })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let Some((network, open)) = &self.share else { return };
        let mut open = open.0.lock();
        if let Some(count) = open.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                open.remove(network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(connections: usize, of_one: usize, proxies: &[&str]) -> ConnectionLimit {
        ConnectionLimit::new(
            connections,
            of_one,
            proxies.iter().map(|range| AllowedHost::parse(range).unwrap()).collect(),
        )
    }

    fn admit(limit: &ConnectionLimit, peer: &str) -> Option<ConnectionPermit> {
        let reservation = Arc::clone(&limit.free).try_acquire_owned().unwrap();
        limit.admit(reservation, SocketAddr::new(peer.parse().unwrap(), 5))
    }

    #[test]
    fn a_network_has_its_share_and_no_more_until_one_of_it_leaves() {
        let limit = limit(10, 2, &[]);
        let first = admit(&limit, "2001:db8::1").expect("the first");
        let _second = admit(&limit, "2001:db8::ffff:2").expect("the second");
        assert!(admit(&limit, "2001:db8::3").is_none());
        assert!(admit(&limit, "2001:db8:0:1::1").is_some(), "another network");
        drop(first);
        assert!(admit(&limit, "2001:db8::3").is_some());
        assert_eq!(limit.free.available_permits(), 9, "who was sent away holds nothing");
    }

    #[test]
    fn who_left_is_forgotten() {
        let limit = limit(10, 2, &[]);
        drop(admit(&limit, "192.0.2.1"));
        drop((admit(&limit, "192.0.2.2"), admit(&limit, "::ffff:192.0.2.2")));
        assert_eq!(limit.open.0.lock().len(), 0);
    }

    #[test]
    fn a_proxy_brings_many() {
        let limit = limit(10, 1, &["127.0.0.0/8"]);
        let held: Vec<_> = (0..5).filter_map(|_| admit(&limit, "127.0.0.1")).collect();
        assert_eq!(held.len(), 5);
    }
}
