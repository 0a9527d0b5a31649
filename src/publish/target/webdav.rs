//! A folder of a WebDAV server (RFC 4918): PUT, DELETE and MKCOL, with a name and a password.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::client::{Request, Response};
use crate::path::OutputPath;
use crate::publish::headers;
use crate::publish::local::Local;
use crate::publish::manifest;
use crate::publish::secret::{Secret, Secrets};
use crate::publish::target::web::{Web, below, those};
use crate::publish::target::{Failure, Manner, Opening, Seen, Target};

/// A folder of a WebDAV server.
pub struct Webdav {
    web: Web,
    to: String,
    login: Option<Secret>,
    /// Folders that are known to be there.
    folders: Mutex<BTreeSet<String>>,
    tag: Mutex<Option<String>>,
}

/// The value of `Authorization`, if the environment holds a name and a password.
pub fn login(secrets: &Secrets<'_>) -> Result<Option<Secret>, Failure> {
    let Some(user) = secrets.find("USER", "WEBDAV_USER")? else { return Ok(None) };
    let password = secrets.needed("PASSWORD", "WEBDAV_PASSWORD")?;
    let pair = format!("{}:{}", user.reveal(), password.reveal());
    Ok(Some(Secret::of(&format!("Basic {}", STANDARD.encode(pair)))))
}

impl Webdav {
    /// The folder at an address.
    pub(super) fn new(web: Web, to: &str, login: Option<Secret>) -> Self {
        Self { web, to: to.to_owned(), login, folders: Mutex::default(), tag: Mutex::default() }
    }

    fn send(&self, request: Request) -> Result<Response, Failure> {
        let request = match &self.login {
            Some(login) => request.header("authorization", login.reveal()),
            None => request,
        };
        self.web.send(&request)
    }

    /// Makes the folders of a path that are not known to be there.
    fn make_folders(&self, path: &str) -> Result<(), Failure> {
        // One at a time: of two that make the same folder one would be told that it is there, or locked.
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
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

    fn put_manifest(
        &self,
        bytes: &[u8],
        condition: Option<(&'static str, String)>,
    ) -> Result<Response, Failure> {
        let request = Request::put(&below(&self.to, manifest::FILE_NAME), bytes.to_vec());
        let request = request.header("content-type", "application/json");
        let request = match &condition {
            Some((name, value)) => request.header(name, value),
            None => request,
        };
        self.send(request)
    }
}

impl Target for Webdav {
    fn manner(&self) -> Manner {
        Manner { workers: 4, batch: 1, seen: Seen::AtOnce }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, Failure> {
        let request = Request::get(&below(&self.to, manifest::FILE_NAME)).accept("*/*");
        let response = self.send(request)?;
        let mut tag = self.tag.lock().unwrap_or_else(PoisonError::into_inner);
        *tag = None;
        if response.status == 404 {
            return Ok(None);
        }
        self.web.checked(&response)?;
        // A weak one compares with nothing (RFC 9110 section 13.1.1).
        let strong = response.headers.first("etag").filter(|tag| !tag.starts_with("W/"));
        *tag = strong.map(str::to_owned);
        Ok(Some(response.body))
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, Failure> {
        those(paths, self.manner().workers, |path| {
            let response = self.send(Request::head(&below(&self.to, path.as_str())).accept("*/*"))?;
            self.web.is_there(&response)
        })
    }

    fn begin(&self, opening: &Opening<'_>) -> Result<(), Failure> {
        let stored = self.manifest()?;
        if stored.as_deref() != opening.old {
            return Err(Failure::overtaken());
        }
        if stored.is_none() {
            // The folder itself may be the first thing to make. Where it is there already, this says so.
            self.send(Request::mkcol(&format!("{}/", self.to.trim_end_matches('/'))))?;
        }
        let tag = self.tag.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let condition = match (tag, stored) {
            (Some(tag), _) => Some(("if-match", tag)),
            (None, None) => Some(("if-none-match", "*".to_owned())),
            // A server without tags; the manifest is read again before anything is deleted.
            (None, Some(_)) => None,
        };
        let response = self.put_manifest(opening.during, condition)?;
        match response.status {
            412 => Err(Failure::overtaken()),
            _ => self.web.checked(&response),
        }
    }

    fn upload(&self, batch: &[&OutputPath], local: &Local) -> Result<(), Failure> {
        for path in batch {
            self.make_folders(path.as_str())?;
            let kind = local.file(path).entry.kind;
            let request = Request::put(&below(&self.to, path.as_str()), local.bytes(path)?)
                .header("content-type", &headers::content_type(path, kind));
            let response = self.send(request)?;
            self.web.checked(&response)?;
        }
        Ok(())
    }

    /// Folders stay: deleting one would delete what others put there.
    fn delete(&self, batch: &[&OutputPath]) -> Result<(), Failure> {
        for path in batch {
            let response = self.send(Request::delete(&below(&self.to, path.as_str())))?;
            if !matches!(response.status, 404 | 410) {
                self.web.checked(&response)?;
            }
        }
        Ok(())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), Failure> {
        let response = self.put_manifest(manifest, None)?;
        self.web.checked(&response)
    }
}
