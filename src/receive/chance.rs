//! Random tokens and delays.

use chrono::TimeDelta;

use crate::hash::hex;

/// A text of random bytes, in hexadecimal, which cannot be guessed.
pub(super) fn token<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    hex(&bytes)
}

/// A part of a time: from a fifth of it to all of it.
pub(super) fn part_of(time: TimeDelta) -> TimeDelta {
    let chance = getrandom::u32().expect("the system has random numbers");
    let fifth = time / 5;
    let rest = (time - fifth).num_milliseconds();
    fifth + TimeDelta::milliseconds(rest * i64::from(chance) / i64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_left_to_chance_is_never_longer() {
        let most = TimeDelta::seconds(10);
        let times: Vec<_> = (0..100).map(|_| part_of(most)).collect();
        assert!(times.iter().all(|time| (most / 5..=most).contains(time)), "{times:?}");
        assert!(times.iter().any(|time| *time != times[0]));
        assert_eq!(part_of(TimeDelta::zero()), TimeDelta::zero());
    }

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (token::<16>(), token::<16>());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
