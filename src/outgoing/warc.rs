//! A copy of one's own: a response in a file of the form WARC/1.1 (ISO 28500), compressed.

use std::io::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::client::Response;

/// The file of a response: one record, compressed by itself as readers of WARC expect it. `id` is 32 hexadecimal digits that no
/// other record has.
pub(crate) fn record(response: &Response, id: &str, now: DateTime<Utc>) -> std::io::Result<Vec<u8>> {
    let mut http = format!("HTTP/1.1 {} \r\n", response.status).into_bytes();
    for (name, value) in response.headers.iter() {
        // The body is kept unpacked and whole, so these would be untrue.
        if !matches!(name, "content-encoding" | "transfer-encoding" | "content-length") {
            http.extend(format!("{name}: {}\r\n", value.replace(['\r', '\n'], " ")).bytes());
        }
    }
    http.extend(format!("content-length: {}\r\n\r\n", response.body.len()).bytes());
    http.extend(&response.body);
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| id.get(range).unwrap_or_default());
    let head = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{}>\r\nWARC-Date: {}\r\nWARC-Target-URI: {}\r\n\
         Content-Type: application/http;msgtype=response\r\nContent-Length: {}\r\n{}\r\n",
        groups.join("-"),
        now.to_rfc3339_opts(SecondsFormat::Secs, true),
        response.url,
        http.len(),
        if response.is_cut { "WARC-Truncated: length\r\n" } else { "" },
    );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(head.as_bytes())?;
    encoder.write_all(&http)?;
    encoder.write_all(b"\r\n\r\n")?;
    encoder.finish()
}
