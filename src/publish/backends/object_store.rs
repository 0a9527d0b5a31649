//! The manifest in a store that is spoken to over HTTP and knows no locks: it is written on the condition that the one
//! that was read is still there (RFC 9110 section 13), so that of two publishes that begin at once one is refused.

use crate::http::client::Response;
use crate::publish::backends::http::Web;
use crate::publish::backends::{BackendError, PublishStart};

/// A header that says on which condition something is written.
pub(super) type WriteCondition = (&'static str, String);

/// A store that holds a manifest.
pub(super) trait ManifestStore {
    /// How it is spoken to.
    fn web(&self) -> &Web;

    /// Asks for the manifest.
    fn get_manifest(&self) -> Result<Response, BackendError>;

    /// Writes it.
    fn put_manifest(&self, bytes: &[u8], condition: Option<WriteCondition>)
    -> Result<Response, BackendError>;

    /// Whether "not found" says that the place of all files is missing, not only the manifest.
    fn is_missing(&self, _not_found: &Response) -> bool {
        false
    }

    /// Whether a refusal says that the condition does not hold.
    fn is_overtaken(&self, refusal: &Response) -> bool {
        matches!(refusal.status, 409 | 412)
    }
}

/// A manifest, and what the store calls this version of it.
struct StoredManifest {
    bytes: Vec<u8>,
    tag: Option<String>,
}

fn read(store: &dyn ManifestStore) -> Result<Option<StoredManifest>, BackendError> {
    let response = store.get_manifest()?;
    if response.status == 404 && !store.is_missing(&response) {
        return Ok(None);
    }
    store.web().checked(&response)?;
    // A weak one compares with nothing (RFC 9110 section 13.1.1).
    let strong = response.headers.first("etag").filter(|tag| !tag.starts_with("W/"));
    let tag = strong.map(str::to_owned);
    Ok(Some(StoredManifest { bytes: response.body, tag }))
}

/// The manifest that is stored.
pub(super) fn manifest(store: &dyn ManifestStore) -> Result<Option<Vec<u8>>, BackendError> {
    Ok(read(store)?.map(|stored| stored.bytes))
}

/// Stores the manifest of a publish that begins, unless another one is there than was.
pub(super) fn begin(store: &dyn ManifestStore, opening: &PublishStart<'_>) -> Result<(), BackendError> {
    let stored = read(store)?;
    if stored.as_ref().map(|stored| &*stored.bytes) != opening.old {
        return Err(BackendError::conflict());
    }
    let condition = match stored {
        Some(stored) => stored.tag.map(|tag| ("if-match", tag)),
        None => Some(("if-none-match", "*".to_owned())),
    };
    let response = store.put_manifest(opening.during, condition.clone())?;
    match response.status {
        _ if store.is_overtaken(&response) => Err(BackendError::conflict()),
        // It knows no conditions; the manifest is read again before anything is deleted.
        400 | 501 if condition.is_some() => finish(store, opening.during),
        _ => store.web().checked(&response),
    }
}

/// Stores the manifest of a publish that ends.
pub(super) fn finish(store: &dyn ManifestStore, manifest: &[u8]) -> Result<(), BackendError> {
    let response = store.put_manifest(manifest, None)?;
    store.web().checked(&response)
}
