//! What time it is, and waiting: what tests replace.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use parking_lot::{Condvar, Mutex};

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The clock of the machine.
pub fn system() -> Clock {
    Arc::new(Utc::now)
}

/// Wakes those who wait for work.
#[derive(Debug, Default)]
pub struct Bell {
    state: Mutex<Rung>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Rung {
    times: u64,
    is_over: bool,
}

impl Bell {
    /// Wakes all who wait.
    pub fn ring(&self) {
        self.state.lock().times += 1;
        self.changed.notify_all();
    }

    /// Wakes all who wait, and lets nobody wait any more.
    pub fn end(&self) {
        self.state.lock().is_over = true;
        self.changed.notify_all();
    }

    /// How often it was rung; `None` if it is over. Asked before looking for work, so that a ring in between is not
    /// missed.
    pub fn times(&self) -> Option<u64> {
        let state = self.state.lock();
        (!state.is_over).then_some(state.times)
    }

    /// Waits until it is rung more often than `times`, or for so long.
    pub fn wait(&self, times: u64, longest: Duration) {
        let is_quiet = |state: &mut Rung| state.times == times && !state.is_over;
        self.changed.wait_while_for(&mut self.state.lock(), is_quiet, longest);
    }
}
