//! A bucket of S3, or of a store that speaks its language: R2, GCS with HMAC keys, MinIO, B2 and others.
//!
//! Requests are signed with AWS Signature Version 4. Objects carry their type, how long they may be kept, and for an
//! old address where it leads. The manifest is stored on the condition that it is the one that was read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::config::publish::{Bucket, BucketStyle};
use crate::hash::hex;
use crate::http::client::Response;
use crate::path::OutputPath;
use crate::publish::backends::BackendError;
use crate::publish::backends::http::Web;
use crate::publish::backends::object_store::{HttpStore, StoreCall, StoreHeaders};
use crate::publish::manifest::ManifestEntry;
use crate::publish::secret::{Secret, Secrets};
use crate::sys::clock::Clock;

/// A bucket of an object store.
pub(crate) struct S3 {
    web: Web,
    bucket: Bucket,
    keys: S3Credentials,
}

/// Who asks.
pub(crate) struct S3Credentials {
    id: Secret,
    secret: Secret,
    session: Option<Secret>,
}

impl S3Credentials {
    /// The keys of a target: those of its own name, else those that Amazon's programs use.
    pub(crate) fn find(secrets: &Secrets<'_>) -> Result<Self, BackendError> {
        Ok(Self {
            id: secrets.needed("ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID")?,
            secret: secrets.needed("SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY")?,
            session: secrets.find("SESSION_TOKEN", "AWS_SESSION_TOKEN")?,
        })
    }
}

impl S3 {
    /// The bucket.
    pub(super) fn new(web: Web, bucket: Bucket, keys: S3Credentials) -> Self {
        Self { web, bucket, keys }
    }

    fn url(&self, path: &str) -> String {
        let Bucket { endpoint, name, prefix, style, .. } = &self.bucket;
        let key = encoded(&format!("{prefix}{path}"));
        match (style, endpoint.split_once("://")) {
            (BucketStyle::Host, Some((scheme, host))) => format!("{scheme}://{name}.{host}/{key}"),
            _ => format!("{endpoint}/{name}/{key}"),
        }
    }
}

impl HttpStore for S3 {
    fn web(&self) -> &Web {
        &self.web
    }

    fn workers(&self) -> usize {
        8
    }

    fn send(&self, path: &str, mut call: StoreCall) -> Result<Response, BackendError> {
        let url = self.url(path);
        let signed = sign(&call, &url, &self.keys, &self.bucket.region, Clock::system().now());
        call.headers.extend(signed);
        self.web.send(&call.request(&url))
    }

    fn headers(&self, _: &OutputPath, entry: &ManifestEntry) -> StoreHeaders {
        let known = ["content-type", "content-encoding", "cache-control", "x-amz-website-redirect-location"];
        let mut headers = StoreHeaders::new();
        for (name, value) in &entry.headers {
            let known = known.into_iter().find(|known| known.eq_ignore_ascii_case(name));
            headers.extend(known.map(|known| (known, value.clone())));
        }
        headers
    }

    fn manifest_headers(&self) -> StoreHeaders {
        StoreHeaders::from([
            ("content-type", "application/json".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ])
    }

    fn is_root_missing(&self, not_found: &Response) -> bool {
        String::from_utf8_lossy(&not_found.body).contains("NoSuchBucket")
    }
}

/// All but RFC 3986's unreserved characters and `/`: the signature is made of exactly this form.
const OUTSIDE_KEY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A key as it stands in an address.
fn encoded(key: &str) -> String {
    utf8_percent_encode(key, OUTSIDE_KEY).to_string()
}

/// The headers that prove who asks (AWS Signature Version 4, in one chunk).
fn sign(
    call: &StoreCall,
    url: &str,
    keys: &S3Credentials,
    region: &str,
    now: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
    let (time, day) = (now.format("%Y%m%dT%H%M%SZ").to_string(), now.format("%Y%m%d").to_string());
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = after_scheme.split_once('/').unwrap_or((after_scheme, ""));
    let body_hash = hex(&Sha256::digest(&call.body));
    let mut own = vec![("x-amz-content-sha256", body_hash.clone()), ("x-amz-date", time.clone())];
    own.extend(keys.session.as_ref().map(|session| ("x-amz-security-token", session.reveal().to_owned())));
    let mut signed: BTreeMap<&str, &str> = BTreeMap::from([("host", host)]);
    let amazon = call.headers.iter().filter(|(name, _)| name.starts_with("x-amz-"));
    signed.extend(amazon.map(|(name, value)| (*name, value.trim())));
    signed.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
    let names = signed.keys().copied().collect::<Vec<_>>().join(";");
    let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let request = format!("{}\n/{path}\n\n{lines}\n{names}\n{body_hash}", call.method.name());
    let scope = format!("{day}/{region}/s3/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(request.as_bytes())));
    let first = format!("AWS4{}", keys.secret.reveal()).into_bytes();
    let key = [day.as_str(), region, "s3", "aws4_request"]
        .iter()
        .fold(first, |key, part| hmac(&key, part.as_bytes()));
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    let id = keys.id.reveal();
    let credential =
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={signature}");
    own.push(("authorization", credential));
    own
}

/// HMAC with SHA-256 (RFC 2104).
pub(super) fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::backends::object_store::StoreMethod;

    /// The keys and the object of Amazon's documentation; the signature is the one that its own library makes.
    #[test]
    fn a_request_is_signed_as_amazon_signs_it() {
        let keys = S3Credentials {
            id: Secret::of("AKIAIOSFODNN7EXAMPLE"),
            secret: Secret::of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session: None,
        };
        let call = StoreCall {
            method: StoreMethod::Put,
            headers: StoreHeaders::from([("x-amz-storage-class", "REDUCED_REDUNDANCY".to_owned())]),
            body: b"Welcome to Amazon S3.".to_vec(),
        };
        let url = "https://examplebucket.s3.amazonaws.com/test%24file.text";
        let now = DateTime::parse_from_rfc3339("2013-05-24T00:00:00Z").unwrap().to_utc();
        let signed = sign(&call, url, &keys, "us-east-1", now);
        let (_, credential) = signed.iter().find(|(name, _)| *name == "authorization").unwrap();
        let expected = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,\
             Signature=1ee3a9a719bf9cd67d34043a52b3d1f8b674e378dc99c0748019b43f49b5b9bb";
        assert_eq!(credential, expected);
    }

    /// RFC 4231, test case 2.
    #[test]
    fn the_authentication_code_is_that_of_the_standard() {
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn keys_are_encoded_as_the_signature_wants_them() {
        assert_eq!(encoded("ü/a b+c~'.html"), "%C3%BC/a%20b%2Bc~%27.html");
    }
}
