//! Random tokens and delays.

use chrono::TimeDelta;

use crate::hash::hex;

/// A text of random bytes, in hexadecimal, which cannot be guessed.
pub(crate) fn token<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    hex(&bytes)
}

/// A random part of a time: at least a fifth of it, at most all of it.
pub(crate) fn jitter(time: TimeDelta) -> TimeDelta {
    let chance = getrandom::u32().expect("the system has random numbers");
    let fifth = time / 5;
    let rest = (time - fifth).num_milliseconds();
    fifth + TimeDelta::milliseconds(rest * i64::from(chance) / i64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_delay_is_never_longer() {
        let longest = TimeDelta::seconds(10);
        let delays: Vec<_> = (0..100).map(|_| jitter(longest)).collect();
        assert!(delays.iter().all(|delay| (longest / 5..=longest).contains(delay)), "{delays:?}");
        assert!(delays.iter().any(|delay| *delay != delays[0]));
        assert_eq!(jitter(TimeDelta::zero()), TimeDelta::zero());
    }

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (token::<16>(), token::<16>());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
