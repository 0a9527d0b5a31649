//! The time, which tests replace.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// Returns the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The clock of the machine.
pub fn system() -> Clock {
    Arc::new(Utc::now)
}
