//! The log of the servers, for operators: on standard error, if `RUST_LOG` asks for it. Without it they print the lines of
//! their reports alone.

use std::io;

use tracing_subscriber::EnvFilter;

/// The variable of the environment that says what is logged, as for other programs in Rust: `info`, `backmatter=debug`.
const VARIABLE: &str = "RUST_LOG";

/// Begins to log what the variable asks for. What of it cannot be understood is named on standard error and left out.
pub(super) fn start() {
    let Some(filter) = std::env::var(VARIABLE).ok().filter(|filter| !filter.trim().is_empty()) else {
        return;
    };
    let filter = EnvFilter::builder().parse_lossy(filter);
    // In a test of the library another one may be there already, and stays.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(false).try_init();
}
