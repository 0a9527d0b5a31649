//! Stores that are reached over HTTP and keep a file under a name: S3, Azure, WebDAV.
//!
//! They know no locks. The manifest is written on the condition that the one that was read is still there (RFC 9110
//! section 13), so that of two publishes that begin at once one is refused.

use std::collections::BTreeMap;

use crate::http::client::{Request, Response};
use crate::path::OutputPath;
use crate::publish::backends::http::{Web, those};
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest::{self, ManifestEntry};

/// Headers of a request, by their names in lower case.
pub(super) type StoreHeaders = BTreeMap<&'static str, String>;

/// What is done with one file of a store.
pub(super) struct StoreCall {
    pub method: StoreMethod,
    pub headers: StoreHeaders,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreMethod {
    Get,
    Head,
    Put,
    Delete,
}

impl StoreMethod {
    /// Its name in HTTP.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl StoreCall {
    fn new(method: StoreMethod) -> Self {
        Self { method, headers: StoreHeaders::new(), body: Vec::new() }
    }

    fn put(headers: StoreHeaders, body: Vec<u8>) -> Self {
        Self { method: StoreMethod::Put, headers, body }
    }

    /// The request for an address, with all headers.
    pub(super) fn request(self, url: &str) -> Request {
        let request = match self.method {
            StoreMethod::Get => Request::get(url),
            StoreMethod::Head => Request::head(url),
            StoreMethod::Put => Request::put(url, self.body),
            StoreMethod::Delete => Request::delete(url),
        };
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }
}

/// A store that is reached over HTTP.
pub(super) trait HttpStore: Sync {
    /// The client.
    fn web(&self) -> &Web;

    /// How many requests are sent at a time.
    fn workers(&self) -> usize;

    /// Sends a request for the file of a path, with what proves who asks.
    fn send(&self, path: &str, call: StoreCall) -> Result<Response, BackendError>;

    /// The headers with which a file is stored.
    fn headers(&self, path: &OutputPath, entry: &ManifestEntry) -> StoreHeaders;

    /// The headers with which the manifest is stored.
    fn manifest_headers(&self) -> StoreHeaders;

    /// Makes the place of all files, before the first publish.
    fn make_root(&self) -> Result<(), BackendError> {
        Ok(())
    }

    /// Makes the folders of a file.
    fn make_folders(&self, _path: &OutputPath) -> Result<(), BackendError> {
        Ok(())
    }

    /// Whether "not found" says that the place of all files is missing, not only the manifest.
    fn is_root_missing(&self, _not_found: &Response) -> bool {
        false
    }

    /// Whether a refusal says that the condition of a write does not hold.
    fn is_conflict(&self, refusal: &Response) -> bool {
        matches!(refusal.status, 409 | 412)
    }
}

impl<S: HttpStore> Backend for S {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: self.workers(), batch: 1, visibility: Visibility::Immediate }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(read(self)?.map(|stored| stored.bytes))
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        those(paths, self.workers(), |path| {
            let response = self.send(path.as_str(), StoreCall::new(StoreMethod::Head))?;
            self.web().is_there(&response)
        })
    }

    fn begin(&self, start: &PublishStart<'_>) -> Result<(), BackendError> {
        if start.old.is_none() {
            self.make_root()?;
        }
        let stored = read(self)?;
        if stored.as_ref().map(|stored| &*stored.bytes) != start.old {
            return Err(BackendError::conflict());
        }
        let condition = match stored {
            Some(stored) => stored.tag.map(|tag| ("if-match", tag)),
            None => Some(("if-none-match", "*".to_owned())),
        };
        let mut headers = self.manifest_headers();
        headers.extend(condition.clone());
        let response = self.send(manifest::FILE_NAME, StoreCall::put(headers, start.during.to_vec()))?;
        match response.status {
            _ if self.is_conflict(&response) => Err(BackendError::conflict()),
            // It knows no conditions; the manifest is read again before anything is deleted.
            400 | 501 if condition.is_some() => self.finish(start.during),
            _ => self.web().checked(&response),
        }
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        for path in batch {
            self.make_folders(path)?;
            let headers = self.headers(path, &desired.file(path).entry);
            let response = self.send(path.as_str(), StoreCall::put(headers, desired.bytes(path)?))?;
            self.web().checked(&response)?;
        }
        Ok(())
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        for path in batch {
            let response = self.send(path.as_str(), StoreCall::new(StoreMethod::Delete))?;
            if !matches!(response.status, 404 | 410) {
                self.web().checked(&response)?;
            }
        }
        Ok(())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        let call = StoreCall::put(self.manifest_headers(), manifest.to_vec());
        let response = self.send(manifest::FILE_NAME, call)?;
        self.web().checked(&response)
    }
}

/// A manifest, and the store's tag of this version.
struct StoredManifest {
    bytes: Vec<u8>,
    tag: Option<String>,
}

fn read(store: &impl HttpStore) -> Result<Option<StoredManifest>, BackendError> {
    let response = store.send(manifest::FILE_NAME, StoreCall::new(StoreMethod::Get))?;
    if response.status == 404 && !store.is_root_missing(&response) {
        return Ok(None);
    }
    store.web().checked(&response)?;
    // A weak tag compares with nothing (RFC 9110 section 13.1.1).
    let strong = response.headers.first("etag").filter(|tag| !tag.starts_with("W/"));
    let tag = strong.map(str::to_owned);
    Ok(Some(StoredManifest { bytes: response.body, tag }))
}
