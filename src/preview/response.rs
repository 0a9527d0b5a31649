//! What is sent for an address: all of it, the part that is wanted, or that the browser has it already.

use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;

use crate::preview::file_body::FileBody;

/// What is sent, whole or in part.
pub(super) struct ResponseContent {
    pub(super) status: StatusCode,
    pub(super) content_type: String,
    /// Differs whenever the bytes do.
    pub(super) version: String,
    pub(super) bytes: FileBody,
}

impl ResponseContent {
    /// The answer to who has asked with these headers: all of it, a part, or that they have it already.
    pub(super) fn answer(self, headers: &HeaderMap) -> Response<Body> {
        let tag = format!("\"{}\"", self.version);
        let length = self.bytes.length();
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let is_known = self.status == StatusCode::OK
            && text(header::IF_NONE_MATCH).is_some_and(|known| matches_tag(known, &tag));
        let mut response = Response::builder()
            .header(header::ETAG, &tag)
            // To be asked again each time: that is what a preview is for.
            .header(header::CACHE_CONTROL, "no-cache")
            .header(header::ACCEPT_RANGES, "bytes");
        if is_known {
            return finish(response.status(StatusCode::NOT_MODIFIED), Body::empty());
        }
        response = response.header(header::CONTENT_TYPE, &self.content_type);
        let is_same = text(header::IF_RANGE).is_none_or(|known| known == tag);
        let wanted = text(header::RANGE).filter(|_| is_same && self.status == StatusCode::OK);
        match wanted.map_or(RangeRequest::All, |range| wanted_range(range, length)) {
            RangeRequest::All => {
                let response = response.status(self.status).header(header::CONTENT_LENGTH, length);
                finish(response, self.bytes.body(0..length))
            }
            RangeRequest::Part(range) => {
                let content_range = format!("bytes {}-{}/{length}", range.start, range.end - 1);
                let response = response
                    .status(StatusCode::PARTIAL_CONTENT)
                    .header(header::CONTENT_RANGE, content_range)
                    .header(header::CONTENT_LENGTH, range.end - range.start);
                finish(response, self.bytes.body(range))
            }
            RangeRequest::Nothing => {
                let response = response
                    .status(StatusCode::RANGE_NOT_SATISFIABLE)
                    .header(header::CONTENT_RANGE, format!("bytes */{length}"));
                finish(response, Body::empty())
            }
        }
    }
}

fn finish(response: axum::http::response::Builder, body: Body) -> Response<Body> {
    response
        .body(body)
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "this answer cannot be sent"))
}

/// Whether one of the tags a browser has is ours (RFC 9110 section 13.1.2, compared weakly).
fn matches_tag(known: &str, tag: &str) -> bool {
    known
        .split(',')
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == "*" || known == tag)
}

/// Which bytes are wanted.
#[derive(Debug, PartialEq, Eq)]
enum RangeRequest {
    All,
    Part(Range<u64>),
    Nothing,
}

/// One range of bytes (RFC 9110 section 14.1.2). Several at once, or what is not a range, may be answered with all bytes.
fn wanted_range(written: &str, length: u64) -> RangeRequest {
    let Some((first, last)) =
        written.trim().strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'))
    else {
        return RangeRequest::All;
    };
    let number =
        |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let range = match (first.is_empty(), number(first), last.is_empty(), number(last)) {
        (true, _, _, Some(count)) => length.saturating_sub(count)..length,
        (_, Some(first), true, _) => first..length,
        (_, Some(first), _, Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        _ => return RangeRequest::All,
    };
    if range.start < range.end { RangeRequest::Part(range) } else { RangeRequest::Nothing }
}

/// A sentence as an answer.
pub(super) fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], format!("{text}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        let part = |range| RangeRequest::Part(range);
        for (written, expected) in [
            ("bytes=0-0", part(0..1)),
            ("bytes=2-5", part(2..6)),
            ("bytes=2-", part(2..10)),
            ("bytes=-3", part(7..10)),
            ("bytes=-30", part(0..10)),
            ("bytes=5-900", part(5..10)),
            ("bytes=10-", RangeRequest::Nothing),
            ("bytes=-0", RangeRequest::Nothing),
            ("bytes=5-2", RangeRequest::All),
            ("bytes=0-1,3-4", RangeRequest::All),
            ("bytes=+1-2", RangeRequest::All),
            ("bytes=1-99999999999999999999", RangeRequest::All),
            ("lines=1-2", RangeRequest::All),
            ("bytes=", RangeRequest::All),
            ("bytes=-", RangeRequest::All),
        ] {
            assert_eq!(wanted_range(written, 10), expected, "{written}");
        }
        assert_eq!(wanted_range("bytes=0-0", 0), RangeRequest::Nothing);
    }

    #[test]
    fn tags_are_compared_weakly() {
        assert!(matches_tag("\"a\", W/\"b\"", "\"b\""));
        assert!(matches_tag("*", "\"b\""));
        assert!(!matches_tag("\"a\"", "\"b\""));
    }
}
