//! A container of Azure's blob storage, by its key or by a shared access signature.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::http::client::{Request, Response};
use crate::path::OutputPath;
use crate::publish::backends::http::{Web, below, those};
use crate::publish::backends::object_store::{self, ManifestStore, WriteCondition};
use crate::publish::backends::s3::hmac;
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest;
use crate::publish::secret::{Secret, Secrets};

/// The version of the protocol.
const VERSION: &str = "2021-08-06";

/// A container.
pub struct Azure {
    web: Web,
    account: String,
    /// The address of the container.
    container: String,
    credentials: AzureCredentials,
}

/// How it is proved who asks.
pub enum AzureCredentials {
    /// The key of the account, decoded.
    Key(Vec<u8>),
    /// A shared access signature: the query of every address.
    Signature(Secret),
}

impl AzureCredentials {
    /// What the environment holds.
    pub fn find(secrets: &Secrets<'_>) -> Result<Self, BackendError> {
        if let Some(signature) = secrets.find("SAS_TOKEN", "AZURE_STORAGE_SAS_TOKEN")? {
            return Ok(Self::Signature(Secret::of(signature.reveal().trim_start_matches('?'))));
        }
        let key = secrets.needed("KEY", "AZURE_STORAGE_KEY")?;
        let decoded = STANDARD.decode(key.reveal());
        decoded.map(Self::Key).map_err(|_| BackendError::permanent("the key of the storage account is no base64; copy it whole from the access keys of the account"))
    }
}

impl Azure {
    /// The container `container` of an account that answers at `endpoint`.
    pub(super) fn new(
        web: Web,
        (account, container): (&str, &str),
        endpoint: &str,
        credentials: AzureCredentials,
    ) -> Self {
        Self { web, account: account.to_owned(), container: format!("{endpoint}/{container}"), credentials }
    }

    fn send(
        &self,
        method: &'static str,
        path: &str,
        headers: Headers,
        body: Vec<u8>,
    ) -> Result<Response, BackendError> {
        let mut url = below(&self.container, path);
        let mut headers = headers;
        headers.insert("x-ms-version", VERSION.to_owned());
        headers.insert("x-ms-date", http_date(Utc::now()));
        match &self.credentials {
            AzureCredentials::Key(key) => {
                let message = StringToSign { method, url: &url, headers: &headers, length: body.len() };
                let signature = STANDARD.encode(hmac(key, message.to_sign(&self.account).as_bytes()));
                headers.insert("authorization", format!("SharedKey {}:{signature}", self.account));
            }
            AzureCredentials::Signature(signature) => url = format!("{url}?{}", signature.reveal()),
        }
        let request = match method {
            "PUT" => Request::put(&url, body),
            "DELETE" => Request::delete(&url),
            "HEAD" => Request::head(&url),
            _ => Request::get(&url),
        };
        self.web.send(&headers.iter().fold(request, |request, (name, value)| request.header(name, value)))
    }

    fn put(&self, path: &str, headers: Headers, body: Vec<u8>) -> Result<Response, BackendError> {
        let mut headers = headers;
        headers.insert("x-ms-blob-type", "BlockBlob".to_owned());
        self.send("PUT", path, headers, body)
    }
}

type Headers = BTreeMap<&'static str, String>;

impl ManifestStore for Azure {
    fn web(&self) -> &Web {
        &self.web
    }

    fn get_manifest(&self) -> Result<Response, BackendError> {
        self.send("GET", manifest::FILE_NAME, Headers::new(), Vec::new())
    }

    fn put_manifest(
        &self,
        bytes: &[u8],
        condition: Option<WriteCondition>,
    ) -> Result<Response, BackendError> {
        let mut headers = Headers::from([("x-ms-blob-content-type", "application/json".to_owned())]);
        headers.extend(condition);
        self.put(manifest::FILE_NAME, headers, bytes.to_vec())
    }

    fn is_missing(&self, not_found: &Response) -> bool {
        String::from_utf8_lossy(&not_found.body).contains("ContainerNotFound")
    }
}

impl Backend for Azure {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 8, batch: 1, visibility: Visibility::Immediate }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        object_store::manifest(self)
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        those(paths, self.capabilities().workers, |path| {
            let response = self.send("HEAD", path.as_str(), Headers::new(), Vec::new())?;
            self.web.is_there(&response)
        })
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        object_store::begin(self, opening)
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        for path in batch {
            let stored = [
                ("Content-Type", "x-ms-blob-content-type"),
                ("Content-Encoding", "x-ms-blob-content-encoding"),
                ("Cache-Control", "x-ms-blob-cache-control"),
            ];
            let known = &desired.file(path).entry.headers;
            let headers =
                stored.into_iter().filter_map(|(name, here)| Some((here, known.get(name)?.clone())));
            let response = self.put(path.as_str(), headers.collect(), desired.bytes(path)?)?;
            self.web.checked(&response)?;
        }
        Ok(())
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        for path in batch {
            let response = self.send("DELETE", path.as_str(), Headers::new(), Vec::new())?;
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

/// What is signed.
struct StringToSign<'a> {
    method: &'static str,
    url: &'a str,
    headers: &'a Headers,
    length: usize,
}

impl StringToSign<'_> {
    /// The text to sign ("Authorize with Shared Key", for Blob services).
    fn to_sign(&self, account: &str) -> String {
        let header = |name: &str| self.headers.get(name).map_or("", String::as_str);
        let length = if self.length == 0 { String::new() } else { self.length.to_string() };
        let own = self.headers.iter().filter(|(name, _)| name.starts_with("x-ms-"));
        let own: String = own.map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let after_scheme = self.url.split_once("://").map_or(self.url, |(_, rest)| rest);
        let path = after_scheme.split_once('/').map_or("", |(_, path)| path);
        format!(
            "{}\n\n\n{length}\n\n\n\n\n{}\n{}\n\n\n{own}/{account}/{path}",
            self.method,
            header("if-match"),
            header("if-none-match"),
        )
    }
}

/// RFC 9110 section 5.6.7.
fn http_date(now: DateTime<Utc>) -> String {
    now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
