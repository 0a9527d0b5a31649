//! A bucket of S3, or of a store that speaks its language: R2, GCS with HMAC keys, MinIO, B2 and others.
//!
//! Requests are signed with AWS Signature Version 4. Objects carry their type, how long they may be kept, and for an
//! old address where it leads. The manifest is stored on the condition that it is the one that was read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::config::publish::{Bucket, BucketStyle};
use crate::hash::hex;
use crate::http::client::{Request, Response};
use crate::path::OutputPath;
use crate::publish::backends::http::{Web, those};
use crate::publish::backends::object_store::{self, ManifestStore, WriteCondition};
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest;
use crate::publish::secret::{Secret, Secrets};

/// A bucket of an object store.
pub struct S3 {
    web: Web,
    bucket: Bucket,
    keys: S3Credentials,
}

/// Who asks.
pub struct S3Credentials {
    id: Secret,
    secret: Secret,
    session: Option<Secret>,
}

impl S3Credentials {
    /// The keys of a target: those of its own name, else those that Amazon's programs use.
    pub fn find(secrets: &Secrets<'_>) -> Result<Self, BackendError> {
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

    fn send(&self, method: &'static str, path: &str, payload: Payload<'_>) -> Result<Response, BackendError> {
        let url = self.url(path);
        let request = match method {
            "PUT" => Request::put(&url, payload.body.clone()),
            "DELETE" => Request::delete(&url),
            "HEAD" => Request::head(&url),
            _ => Request::get(&url),
        };
        let message = CanonicalRequest { method, url: &url, headers: &payload.headers, body: payload.body };
        let signed = sign(&message, &self.keys, &self.bucket.region, Utc::now());
        let headers = payload.headers.into_iter().chain(signed);
        let request = headers.fold(request, |request, (name, value)| request.header(name, &value));
        self.web.send(&request)
    }
}

/// What a request carries.
struct Payload<'a> {
    headers: BTreeMap<&'static str, String>,
    body: &'a Vec<u8>,
}

impl ManifestStore for S3 {
    fn web(&self) -> &Web {
        &self.web
    }

    fn get_manifest(&self) -> Result<Response, BackendError> {
        self.send("GET", manifest::FILE_NAME, Payload { headers: BTreeMap::new(), body: &Vec::new() })
    }

    fn put_manifest(
        &self,
        bytes: &[u8],
        condition: Option<WriteCondition>,
    ) -> Result<Response, BackendError> {
        let mut headers = BTreeMap::from([
            ("content-type", "application/json".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ]);
        headers.extend(condition);
        self.send("PUT", manifest::FILE_NAME, Payload { headers, body: &bytes.to_vec() })
    }

    fn is_missing(&self, not_found: &Response) -> bool {
        String::from_utf8_lossy(&not_found.body).contains("NoSuchBucket")
    }
}

impl Backend for S3 {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 8, batch: 1, visibility: Visibility::Immediate }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        object_store::manifest(self)
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        those(paths, self.capabilities().workers, |path| {
            let response =
                self.send("HEAD", path.as_str(), Payload { headers: BTreeMap::new(), body: &Vec::new() })?;
            self.web.is_there(&response)
        })
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        object_store::begin(self, opening)
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        for path in batch {
            let body = desired.bytes(path)?;
            let headers = object_headers(&desired.file(path).entry.headers);
            let response = self.send("PUT", path.as_str(), Payload { headers, body: &body })?;
            self.web.checked(&response)?;
        }
        Ok(())
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        for path in batch {
            let nothing = Payload { headers: BTreeMap::new(), body: &Vec::new() };
            let response = self.send("DELETE", path.as_str(), nothing)?;
            if response.status != 404 {
                self.web.checked(&response)?;
            }
        }
        Ok(())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        object_store::finish(self, manifest)
    }
}

/// Headers of a file under the names that the request has them.
fn object_headers(headers: &BTreeMap<String, String>) -> BTreeMap<&'static str, String> {
    let known = ["content-type", "content-encoding", "cache-control", "x-amz-website-redirect-location"];
    let value = |name: &str| headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.into_iter().filter_map(|name| Some((name, value(name)?.1.clone()))).collect()
}

/// A key as it stands in an address: everything but RFC 3986's unreserved characters and `/` is encoded, as the
/// signature is made of exactly this form.
fn encoded(key: &str) -> String {
    let mut url = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

/// What is signed.
struct CanonicalRequest<'a> {
    method: &'static str,
    url: &'a str,
    headers: &'a BTreeMap<&'static str, String>,
    body: &'a [u8],
}

/// The headers that prove who asks (AWS Signature Version 4, in one chunk).
fn sign(
    message: &CanonicalRequest<'_>,
    keys: &S3Credentials,
    region: &str,
    now: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
    let (time, day) = (now.format("%Y%m%dT%H%M%SZ").to_string(), now.format("%Y%m%d").to_string());
    let after_scheme = message.url.split_once("://").map_or(message.url, |(_, rest)| rest);
    let (host, path) = after_scheme.split_once('/').unwrap_or((after_scheme, ""));
    let body_hash = hex(&Sha256::digest(message.body));
    let mut own = vec![("x-amz-content-sha256", body_hash.clone()), ("x-amz-date", time.clone())];
    own.extend(keys.session.as_ref().map(|session| ("x-amz-security-token", session.reveal().to_owned())));
    let mut signed: BTreeMap<&str, &str> = BTreeMap::from([("host", host)]);
    let amazon = message.headers.iter().filter(|(name, _)| name.starts_with("x-amz-"));
    signed.extend(amazon.map(|(name, value)| (*name, value.trim())));
    signed.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
    let names = signed.keys().copied().collect::<Vec<_>>().join(";");
    let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let request = format!("{}\n/{path}\n\n{lines}\n{names}\n{body_hash}", message.method);
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

    /// The keys and the object of Amazon's documentation; the signature is the one that its own library makes.
    #[test]
    fn a_request_is_signed_as_amazon_signs_it() {
        let keys = S3Credentials {
            id: Secret::of("AKIAIOSFODNN7EXAMPLE"),
            secret: Secret::of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session: None,
        };
        let headers = BTreeMap::from([("x-amz-storage-class", "REDUCED_REDUNDANCY".to_owned())]);
        let message = CanonicalRequest {
            method: "PUT",
            url: "https://examplebucket.s3.amazonaws.com/test%24file.text",
            headers: &headers,
            body: b"Welcome to Amazon S3.",
        };
        let now = DateTime::parse_from_rfc3339("2013-05-24T00:00:00Z").unwrap().to_utc();
        let signed = sign(&message, &keys, "us-east-1", now);
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
