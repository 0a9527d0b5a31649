//! Wakes the threads that verify when something was submitted.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// A counter to wait on.
#[derive(Debug, Default)]
pub(crate) struct WorkSignal {
    state: Mutex<SignalState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SignalState {
    count: u64,
    is_closed: bool,
}

impl WorkSignal {
    /// Wakes all that wait.
    pub(crate) fn notify(&self) {
        self.state.lock().count += 1;
        self.changed.notify_all();
    }

    /// Wakes all that wait, and ends all waiting.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// How often it was notified; `None` if it is closed. A thread reads this before it looks for work, so that what
    /// is submitted in between wakes it.
    pub(crate) fn count(&self) -> Option<u64> {
        let state = self.state.lock();
        (!state.is_closed).then_some(state.count)
    }

    /// Waits until the count is not `count` any more, or this long.
    pub(crate) fn wait(&self, count: u64, at_most: Duration) {
        let mut state = self.state.lock();
        let is_idle = |state: &mut SignalState| state.count == count && !state.is_closed;
        self.changed.wait_while_for(&mut state, is_idle, at_most);
    }
}
