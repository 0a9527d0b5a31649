//! Who may be connected: so many in all, and so many from one network, so that nobody can hold every connection.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::network::AllowedHost;
use crate::http::server::Limits;

/// The network that an address stands for: who has one IPv6 address has the 2^64 beside it.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

/// All seats of a server.
pub(super) struct Seats {
    free: Arc<Semaphore>,
    per_network: usize,
    proxies: Vec<AllowedHost>,
    taken: Arc<Taken>,
}

/// Connections by the network that holds them. A network that holds none has no entry.
#[derive(Default)]
struct Taken(Mutex<HashMap<IpAddr, usize>>);

/// A seat that is kept for whoever comes next. It is free again when it is dropped.
pub(super) type Kept = OwnedSemaphorePermit;

/// A seat that somebody has. It is free again when it is dropped.
pub(super) struct Seat {
    _kept: Kept,
    /// Whose share it is of, if it is of any.
    share: Option<(IpAddr, Arc<Taken>)>,
}

impl Seats {
    /// The proxies bring requests of many: only the limit for all is theirs.
    pub(super) fn new(limits: Limits, proxies: Vec<AllowedHost>) -> Self {
        Self {
            free: Arc::new(Semaphore::new(limits.connections)),
            per_network: limits.connections_of_one,
            proxies,
            taken: Arc::default(),
        }
    }

    /// Waits until a seat is free.
    pub(super) async fn next(&self) -> Kept {
        Arc::clone(&self.free).acquire_owned().await.expect("it is never closed")
    }

    /// Gives a seat to who came; `None` if its network has its share already.
    pub(super) fn give(&self, kept: Kept, peer: SocketAddr) -> Option<Seat> {
        let address = peer.ip().to_canonical();
        if self.proxies.iter().any(|range| range.is_address(address)) {
            return Some(Seat { _kept: kept, share: None });
        }
        let network = network_of(address);
        let mut taken = self.taken.0.lock();
        let count = taken.entry(network).or_default();
        if *count >= self.per_network {
            return None;
        }
        *count += 1;
        Some(Seat { _kept: kept, share: Some((network, Arc::clone(&self.taken))) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((network, taken)) = &self.share else { return };
        let mut taken = taken.0.lock();
        if let Some(count) = taken.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn seats(connections: usize, of_one: usize, proxies: &[&str]) -> Seats {
        let limits = Limits {
            connections,
            connections_of_one: of_one,
            head_size: 8192,
            head_time: Duration::ZERO,
            answer_time: Duration::ZERO,
            grace: Duration::ZERO,
        };
        Seats::new(limits, proxies.iter().map(|range| AllowedHost::parse(range).unwrap()).collect())
    }

    fn give(seats: &Seats, peer: &str) -> Option<Seat> {
        let kept = Arc::clone(&seats.free).try_acquire_owned().unwrap();
        seats.give(kept, SocketAddr::new(peer.parse().unwrap(), 5))
    }

    #[test]
    fn a_network_has_its_share_and_no_more_until_one_of_it_leaves() {
        let seats = seats(10, 2, &[]);
        let first = give(&seats, "2001:db8::1").expect("the first");
        let _second = give(&seats, "2001:db8::ffff:2").expect("the second");
        assert!(give(&seats, "2001:db8::3").is_none());
        assert!(give(&seats, "2001:db8:0:1::1").is_some(), "another network");
        drop(first);
        assert!(give(&seats, "2001:db8::3").is_some());
        assert_eq!(seats.free.available_permits(), 9, "who was sent away holds nothing");
    }

    #[test]
    fn who_left_is_forgotten() {
        let seats = seats(10, 2, &[]);
        drop(give(&seats, "192.0.2.1"));
        drop((give(&seats, "192.0.2.2"), give(&seats, "::ffff:192.0.2.2")));
        assert_eq!(seats.taken.0.lock().len(), 0);
    }

    #[test]
    fn a_proxy_brings_many() {
        let seats = seats(10, 1, &["127.0.0.0/8"]);
        let held: Vec<_> = (0..5).filter_map(|_| give(&seats, "127.0.0.1")).collect();
        assert_eq!(held.len(), 5);
    }
}
