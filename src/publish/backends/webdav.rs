//! A folder of a WebDAV server (RFC 4918): PUT, DELETE and MKCOL, with a name and a password. Folders are never deleted, as
//! everything in them would be deleted too.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;

use crate::http::client::{Request, Response};
use crate::path::OutputPath;
use crate::publish::backends::BackendError;
use crate::publish::backends::http::{Web, below};
use crate::publish::backends::object_store::{HttpStore, StoreCall, StoreHeaders, StoreMethod};
use crate::publish::headers;
use crate::publish::manifest::ManifestEntry;
use crate::publish::secret::{Secret, Secrets};

/// A folder of a WebDAV server.
pub(crate) struct Webdav {
    web: Web,
    to: String,
    login: Option<Secret>,
    /// Folders that are known to be there.
    folders: Mutex<BTreeSet<String>>,
}

/// The value of `Authorization`, if the environment holds a name and a password.
pub(crate) fn login(secrets: &Secrets<'_>) -> Result<Option<Secret>, BackendError> {
    let Some(user) = secrets.find("USER", "WEBDAV_USER")? else { return Ok(None) };
    let password = secrets.needed("PASSWORD", "WEBDAV_PASSWORD")?;
    let pair = format!("{}:{}", user.reveal(), password.reveal());
    Ok(Some(Secret::of(&format!("Basic {}", STANDARD.encode(pair)))))
}

impl Webdav {
    /// The folder at an address.
    pub(super) fn new(web: Web, to: &str, login: Option<Secret>) -> Self {
        Self { web, to: to.to_owned(), login, folders: Mutex::default() }
    }

    fn send_request(&self, request: Request) -> Result<Response, BackendError> {
        let request = match &self.login {
            Some(login) => request.header("authorization", login.reveal()),
            None => request,
        };
        self.web.send(&request)
    }
}

impl HttpStore for Webdav {
    fn web(&self) -> &Web {
        &self.web
    }

    fn workers(&self) -> usize {
        4
    }

    fn send(&self, path: &str, call: StoreCall) -> Result<Response, BackendError> {
        let is_read = matches!(call.method, StoreMethod::Get | StoreMethod::Head);
        let request = call.request(&below(&self.to, path));
        self.send_request(if is_read { request.accept("*/*") } else { request })
    }

    fn headers(&self, path: &OutputPath, entry: &ManifestEntry) -> StoreHeaders {
        StoreHeaders::from([("content-type", headers::content_type(path, entry.kind))])
    }

    fn manifest_headers(&self) -> StoreHeaders {
        StoreHeaders::from([("content-type", "application/json".to_owned())])
    }

    /// The server refuses to make a folder that is there.
    fn make_root(&self) -> Result<(), BackendError> {
        let made = self.send_request(Request::mkcol(&format!("{}/", self.to.trim_end_matches('/'))))?;
        if made.status == 409 {
            let reason =
                format!("the folder above `{}` is not there; make it by hand, or name another one", self.to);
            return Err(BackendError::permanent(reason));
        }
        Ok(())
    }

    fn make_folders(&self, path: &OutputPath) -> Result<(), BackendError> {
        // One at a time: of two that make the same folder at once a server refuses one, or locks it.
        let mut known = self.folders.lock();
        for (at, _) in path.as_str().match_indices('/') {
            let folder = &path.as_str()[..at];
            if known.contains(folder) {
                continue;
            }
            let response = self.send_request(Request::mkcol(&format!("{}/", below(&self.to, folder))))?;
            // It is there (RFC 4918 section 9.3.1).
            if response.status != 405 {
                self.web.checked(&response)?;
            }
            known.insert(folder.to_owned());
        }
        Ok(())
    }

    /// 409 says here that a folder is missing (RFC 4918 section 9.7.1).
    fn is_conflict(&self, refusal: &Response) -> bool {
        refusal.status == 412
    }
}
