//! What time it is.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};

/// Returns the time.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Fixed(DateTime<Utc>),
    From { start: DateTime<Utc>, began: Instant },
    Custom(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>),
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still.
    pub fn fixed(moment: DateTime<Utc>) -> Self {
        Self(Source::Fixed(moment))
    }

    /// A clock that runs, and shows `start` now.
    pub fn starting_at(start: DateTime<Utc>) -> Self {
        Self(Source::From { start, began: Instant::now() })
    }

    /// A clock that shows what a function returns.
    pub fn custom(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Source::Custom(Arc::new(now)))
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => Utc::now(),
            Source::Fixed(moment) => *moment,
            Source::From { start, began } => {
                *start + TimeDelta::from_std(began.elapsed()).unwrap_or_default()
            }
            Source::Custom(now) => now(),
        }
    }

    /// How long it is until a moment; zero if it is over. `None` for a clock that stands still.
    pub fn until(&self, moment: DateTime<Utc>) -> Option<Duration> {
        match self.0 {
            Source::Fixed(_) => None,
            _ => Some((moment - self.now()).to_std().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::System => f.write_str("Clock::system()"),
            Source::Fixed(moment) => write!(f, "Clock::fixed({moment})"),
            Source::From { start, .. } => write!(f, "Clock::starting_at({start})"),
            Source::Custom(_) => f.write_str("Clock::custom(..)"),
        }
    }
}

/// Nanoseconds since 1970 by the clock of the machine, as the stamps of files have them.
pub(crate) fn nanoseconds() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX))
}

/// The time by the clock of the machine, as files have it.
pub(crate) fn system_time() -> SystemTime {
    SystemTime::now()
}

/// Lets the thread wait.
pub(crate) fn sleep(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_run_or_stand_still() {
        let moment = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let hour = TimeDelta::hours(1);
        let fixed = Clock::fixed(moment);
        assert_eq!((fixed.now(), fixed.until(moment + hour)), (moment, None));
        let running = Clock::starting_at(moment);
        assert!(running.now() >= moment && running.now() < moment + hour);
        assert!(running.until(moment + hour).is_some_and(|left| left <= Duration::from_secs(3600)));
        assert_eq!(running.until(moment - hour), Some(Duration::ZERO));
        let custom = Clock::custom(move || moment);
        assert_eq!(custom.until(moment + hour), Some(Duration::from_secs(3600)));
        assert!(Clock::system().now() > moment);
        assert!(nanoseconds() > 0);
    }
}
