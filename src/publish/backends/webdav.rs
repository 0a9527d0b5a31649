//! A folder of a WebDAV server (RFC 4918): PUT, DELETE and MKCOL, with a name and a password.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;

use crate::http::client::{Request, Response};
use crate::path::OutputPath;
use crate::publish::backends::http::{Web, below, those};
use crate::publish::backends::object_store::{self, ManifestStore, WriteCondition};
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::headers;
use crate::publish::manifest;
use crate::publish::secret::{Secret, Secrets};

/// A folder of a WebDAV server.
pub struct Webdav {
    web: Web,
    to: String,
    login: Option<Secret>,
    /// Folders that are known to be there.
    folders: Mutex<BTreeSet<String>>,
}

/// The value of `Authorization`, if the environment holds a name and a password.
pub fn login(secrets: &Secrets<'_>) -> Result<Option<Secret>, BackendError> {
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

    fn send(&self, request: Request) -> Result<Response, BackendError> {
        let request = match &self.login {
            Some(login) => request.header("authorization", login.reveal()),
            None => request,
        };
        self.web.send(&request)
    }

    /// Makes the folders of a path that are not known to be there.
    fn make_folders(&self, path: &str) -> Result<(), BackendError> {
        // One at a time: of two that make the same folder one would be told that it is there, or locked.
        let mut known = self.folders.lock();
        for (at, _) in path.match_indices('/') {
            let folder = &path[..at];
            if known.contains(folder) {
                continue;
            }
            let response = self.send(Request::mkcol(&format!("{}/", below(&self.to, folder))))?;
            // It is there (RFC 4918 section 9.3.1).
            if response.status != 405 {
                self.web.checked(&response)?;
            }
            known.insert(folder.to_owned());
        }
        Ok(())
    }
}

impl ManifestStore for Webdav {
    fn web(&self) -> &Web {
        &self.web
    }

    fn get_manifest(&self) -> Result<Response, BackendError> {
        self.send(Request::get(&below(&self.to, manifest::FILE_NAME)).accept("*/*"))
    }

    fn put_manifest(
        &self,
        bytes: &[u8],
        condition: Option<WriteCondition>,
    ) -> Result<Response, BackendError> {
        let request = Request::put(&below(&self.to, manifest::FILE_NAME), bytes.to_vec());
        let request = request.header("content-type", "application/json");
        let with = |request: Request, (name, value): WriteCondition| request.header(name, &value);
        self.send(condition.into_iter().fold(request, with))
    }

    /// 409 says here that a folder is missing (RFC 4918 section 9.7.1).
    fn is_overtaken(&self, refusal: &Response) -> bool {
        refusal.status == 412
    }
}

impl Backend for Webdav {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 4, batch: 1, visibility: Visibility::Immediate }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        object_store::manifest(self)
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        those(paths, self.capabilities().workers, |path| {
            let response = self.send(Request::head(&below(&self.to, path.as_str())).accept("*/*"))?;
            self.web.is_there(&response)
        })
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        if opening.old.is_none() {
            // The folder itself may be the first thing to make. Where it is there already, this says so.
            let made = self.send(Request::mkcol(&format!("{}/", self.to.trim_end_matches('/'))))?;
            if made.status == 409 {
                let reason = format!(
                    "the folder above `{}` is not there; make it by hand, or name another one",
                    self.to
                );
                return Err(BackendError::permanent(reason));
            }
        }
        object_store::begin(self, opening)
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        for path in batch {
            self.make_folders(path.as_str())?;
            let kind = desired.file(path).entry.kind;
            let request = Request::put(&below(&self.to, path.as_str()), desired.bytes(path)?)
                .header("content-type", &headers::content_type(path, kind));
            let response = self.send(request)?;
            self.web.checked(&response)?;
        }
        Ok(())
    }

    /// Folders stay: deleting one would delete what others put there.
    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        for path in batch {
            let response = self.send(Request::delete(&below(&self.to, path.as_str())))?;
            if !matches!(response.status, 404 | 410) {
                self.web.checked(&response)?;
            }
        }
        Ok(())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        object_store::finish(self, manifest)
    }
}
