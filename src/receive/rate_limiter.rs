//! The rate limit of a network address: submissions an hour, and submissions at once.

use std::collections::HashMap;
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::http::connection_limit::network_of;

/// Counts the submissions of each address. Old submissions are forgotten.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    /// What one submission costs of the hour.
    interval: TimeDelta,
    /// How far ahead of its time an address may be.
    burst: TimeDelta,
    /// The moment until which an address has used up its share (the generic cell rate algorithm).
    used: HashMap<IpAddr, DateTime<Utc>>,
    /// When those whose share is whole again were last forgotten.
    forgot: DateTime<Utc>,
}

/// Addresses that are counted at once. Beyond them, new addresses have to wait, so that memory stays bounded.
const MOST_ADDRESSES: usize = 50_000;

impl RateLimiter {
    /// A limit of `hourly` submissions an hour and `burst` at once.
    pub(crate) fn new(hourly: usize, burst: usize) -> Self {
        let hourly = i32::try_from(hourly).unwrap_or(i32::MAX).max(1);
        let burst = i32::try_from(burst).unwrap_or(i32::MAX).max(1);
        let interval = TimeDelta::hours(1) / hourly;
        Self { interval, burst: interval * (burst - 1), used: HashMap::new(), forgot: DateTime::UNIX_EPOCH }
    }

    /// How long an address has to wait now, if it has sent too much.
    pub(crate) fn wait(&self, address: IpAddr, now: DateTime<Utc>) -> Option<TimeDelta> {
        let used = self.used_of(network_of(address), now)?;
        Some(used - now - self.burst).filter(|wait| *wait > TimeDelta::zero())
    }

    /// The moment until which an address has used up its share. One that is further ahead than a share goes was counted
    /// by a clock that was set back since.
    fn used_of(&self, address: IpAddr, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let used = *self.used.get(&address)?;
        (used - now <= self.burst + self.interval).then_some(used)
    }

    /// Counts a submission of an address. The error is how long it has to wait.
    pub(crate) fn take(&mut self, address: IpAddr, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        if let Some(wait) = self.wait(address, now) {
            return Err(wait);
        }
        let address = network_of(address);
        let used = self.used_of(address, now).unwrap_or(now).max(now);
        if self.used.len() >= MOST_ADDRESSES && !self.used.contains_key(&address) {
            self.forget(now);
            if self.used.len() >= MOST_ADDRESSES {
                return Err(self.interval);
            }
        }
        self.used.insert(address, used + self.interval);
        Ok(())
    }

    /// Forgets whose share is whole again. Not at every submission: walking through the addresses is work.
    fn forget(&mut self, now: DateTime<Utc>) {
        if (now - self.forgot).abs() >= TimeDelta::seconds(10) {
            self.used.retain(|_, used| *used > now);
            self.forgot = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ten_at_once_and_then_one_a_minute() {
        let mut limiter = RateLimiter::new(60, 10);
        let mut take = |seconds| limiter.take(address("192.0.2.7"), at(seconds));
        for _ in 0..10 {
            assert_eq!(take(0), Ok(()));
        }
        assert_eq!(take(0), Err(TimeDelta::seconds(60)));
        assert_eq!(take(59), Err(TimeDelta::seconds(1)));
        assert_eq!(take(60), Ok(()));
        assert_eq!(take(60), Err(TimeDelta::seconds(60)));
        assert_eq!((0..20).filter(|_| take(3600).is_ok()).count(), 10, "an hour later all is forgotten");
    }

    #[test]
    fn one_address_does_not_use_up_the_share_of_another() {
        let mut limiter = RateLimiter::new(60, 1);
        let mut take = |text| limiter.take(address(text), at(0)).is_ok();
        assert!(take("192.0.2.7"));
        assert!(!take("192.0.2.7"));
        assert!(!take("::ffff:192.0.2.7"), "the same address in another form");
        assert!(take("192.0.2.8"));
        assert!(take("2001:db8::1"));
        assert!(!take("2001:db8::ffff:2"), "the same network");
        assert!(take("2001:db8:0:1::1"));
    }

    #[test]
    fn a_clock_that_was_ahead_locks_nobody_out() {
        let mut limiter = RateLimiter::new(60, 1);
        let year = TimeDelta::days(365).num_seconds();
        assert_eq!(limiter.take(address("192.0.2.7"), at(year)), Ok(()));
        assert_eq!(limiter.take(address("192.0.2.7"), at(0)), Ok(()));
        assert!(limiter.take(address("192.0.2.7"), at(0)).is_err());
    }

    #[test]
    fn a_flood_of_addresses_fills_no_memory() {
        let mut limiter = RateLimiter::new(60, 1);
        let mut taken = 0;
        for number in 0..60_000_u32 {
            taken += usize::from(limiter.take(IpAddr::V4(number.into()), at(0)).is_ok());
        }
        assert_eq!((taken, limiter.used.len()), (MOST_ADDRESSES, MOST_ADDRESSES));
        assert_eq!(limiter.take(address("192.0.2.7"), at(61)), Ok(()));
        assert_eq!(limiter.used.len(), 1);
    }
}
