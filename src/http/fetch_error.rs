//! Why a request that leaves this machine got no answer.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// The address is none that is followed.
    Address {
        /// As it was written.
        url: String,
        /// Why not.
        reason: &'static str,
    },
    /// The host has an address that is not public.
    RefusedAddress {
        /// The host, as it was written.
        host: String,
        address: IpAddr,
    },
    /// The port is below 1024 and is neither 80 nor 443.
    RefusedPort { host: String, port: u16 },
    /// Each answer sent us elsewhere.
    TooManyRedirects {
        /// How often we followed.
        followed: usize,
    },
    Timeout {
        /// How long it was waited for.
        after: Duration,
    },
    /// The head of the answer has no end.
    TooLarge {
        /// How many bytes it may have.
        limit: usize,
    },
    /// The body is packed in a way that is not understood.
    Coding {
        /// The value of `Content-Encoding`.
        coding: String,
    },
    /// The host has no address.
    Dns { host: String },
    /// No safe connection came about.
    Tls { reason: String },
    /// The connection failed, or the answer is not HTTP.
    Io { reason: String },
}

impl FetchError {
    /// Whether it may be otherwise another time.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Timeout { .. }
            | Self::Dns { .. }
            | Self::Tls { .. }
            | Self::Io { .. }
            | Self::Coding { .. } => true,
            Self::Address { .. }
            | Self::RefusedAddress { .. }
            | Self::RefusedPort { .. }
            | Self::TooManyRedirects { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// What went wrong, without the address that was asked: it may hold a secret.
    pub fn without_address(&self) -> String {
        match self {
            Self::Address { reason, .. } => (*reason).to_owned(),
            error => error.to_string(),
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { url, reason } => write!(f, "`{url}`: {reason}"),
            Self::RefusedAddress { host, address } => write!(
                f,
                "`{host}` is not on the public internet (it is {address}); `[network] allow` in the settings can allow it"
            ),
            Self::RefusedPort { host, port } => write!(
                f,
                "port {port} of `{host}` is below 1024 and is neither 80 nor 443; `[network] allow` in the settings can allow it"
            ),
            Self::TooManyRedirects { followed } => write!(f, "more than {followed} redirects"),
            Self::Timeout { after } => write!(f, "no whole answer within {}", in_words(*after)),
            Self::TooLarge { limit } => write!(f, "the headers are longer than {limit} bytes"),
            Self::Coding { coding } => write!(f, "the content coding `{coding}` is not understood"),
            Self::Dns { host } => write!(f, "there is no host `{host}`"),
            Self::Tls { reason } => write!(f, "no safe connection: {reason}"),
            Self::Io { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for FetchError {}

fn in_words(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} milliseconds", time.as_millis())
    } else {
        format!("{} seconds", time.as_secs())
    }
}
