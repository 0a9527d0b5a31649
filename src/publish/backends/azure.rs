//! A container of Azure's blob storage, by its key or by a shared access signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::http::client::Response;
use crate::path::OutputPath;
use crate::publish::backends::BackendError;
use crate::publish::backends::http::{Web, below};
use crate::publish::backends::object_store::{HttpStore, StoreCall, StoreHeaders, StoreMethod};
use crate::publish::backends::s3::hmac;
use crate::publish::manifest::ManifestEntry;
use crate::publish::secret::{Secret, Secrets};
use crate::sys::clock::Clock;

/// The version of the protocol.
const VERSION: &str = "2021-08-06";

/// A container.
pub(crate) struct Azure {
    web: Web,
    account: String,
    /// The address of the container.
    container: String,
    credentials: AzureCredentials,
}

/// How it is proved who asks.
pub(crate) enum AzureCredentials {
    /// The key of the account, decoded.
    Key(Vec<u8>),
    /// A shared access signature: the query of every address.
    Signature(Secret),
}

impl AzureCredentials {
    /// What the environment holds.
    pub(crate) fn find(secrets: &Secrets<'_>) -> Result<Self, BackendError> {
        if let Some(signature) = secrets.find("SAS_TOKEN", "AZURE_STORAGE_SAS_TOKEN")? {
            return Ok(Self::Signature(Secret::of(signature.reveal().trim_start_matches('?'))));
        }
        let key = secrets.needed("KEY", "AZURE_STORAGE_KEY")?;
        let decoded = STANDARD.decode(key.reveal());
        decoded.map(Self::Key).map_err(|_| BackendError::permanent("the key of the storage account is not base64; copy it whole from the access keys of the account"))
    }
}

impl Azure {
    /// The container of an account, by its address.
    pub(super) fn new(web: Web, account: &str, container: String, credentials: AzureCredentials) -> Self {
        Self { web, account: account.to_owned(), container, credentials }
    }
}

impl HttpStore for Azure {
    fn web(&self) -> &Web {
        &self.web
    }

    fn workers(&self) -> usize {
        8
    }

    fn send(&self, path: &str, mut call: StoreCall) -> Result<Response, BackendError> {
        let mut url = below(&self.container, path);
        if call.method == StoreMethod::Put {
            call.headers.insert("x-ms-blob-type", "BlockBlob".to_owned());
        }
        call.headers.insert("x-ms-version", VERSION.to_owned());
        call.headers.insert("x-ms-date", http_date(Clock::system().now()));
        match &self.credentials {
            AzureCredentials::Key(key) => {
                let text = string_to_sign(&call, &url, &self.account);
                let signature = STANDARD.encode(hmac(key, text.as_bytes()));
                call.headers.insert("authorization", format!("SharedKey {}:{signature}", self.account));
            }
            AzureCredentials::Signature(signature) => url = format!("{url}?{}", signature.reveal()),
        }
        self.web.send(&call.request(&url))
    }

    fn headers(&self, _: &OutputPath, entry: &ManifestEntry) -> StoreHeaders {
        let stored = [
            ("Content-Type", "x-ms-blob-content-type"),
            ("Content-Encoding", "x-ms-blob-content-encoding"),
            ("Cache-Control", "x-ms-blob-cache-control"),
        ];
        stored.into_iter().filter_map(|(name, here)| Some((here, entry.headers.get(name)?.clone()))).collect()
    }

    fn manifest_headers(&self) -> StoreHeaders {
        StoreHeaders::from([("x-ms-blob-content-type", "application/json".to_owned())])
    }

    fn is_root_missing(&self, not_found: &Response) -> bool {
        String::from_utf8_lossy(&not_found.body).contains("ContainerNotFound")
    }
}

/// The text to sign ("Authorize with Shared Key", for Blob services).
fn string_to_sign(call: &StoreCall, url: &str, account: &str) -> String {
    let length = if call.body.is_empty() { String::new() } else { call.body.len().to_string() };
    let own = call.headers.iter().filter(|(name, _)| name.starts_with("x-ms-"));
    let own: String = own.map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.split_once('/').map_or("", |(_, path)| path);
    let conditions = ["if-match", "if-none-match"]
        .map(|name| call.headers.get(name).map_or("", String::as_str))
        .join("\n");
    format!("{}\n\n\n{length}\n\n\n\n\n{conditions}\n\n\n{own}/{account}/{path}", call.method.name())
}

/// RFC 9110 section 5.6.7.
fn http_date(now: DateTime<Utc>) -> String {
    now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
