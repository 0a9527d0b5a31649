//! Neocities, by its API: files are listed with their SHA-1, uploaded in forms and deleted by name.
//!
//! A file cannot be read by the API, so our list of files is read from the site itself, and compared with the digest
//! that the API tells.

use parking_lot::Mutex;
use serde_json::Value;
use sha1::{Digest, Sha1};

use crate::hash::hex;
use crate::http::client::{Limits, Request, Response};
use crate::path::OutputPath;
use crate::publish::backends::http::{Web, below};
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::secret::Secret;

/// Our list of files: a name that begins with a dot is none for Neocities.
const MANIFEST: &str = "backmatter-manifest.json";

/// Between the parts of a form. No file holds a line like it.
const BOUNDARY: &str = "backmatter-73f1c2e09d5b4a68a7de-boundary";

/// A site at Neocities.
pub(crate) struct Neocities {
    web: Web,
    api: String,
    /// The address of the site.
    address: String,
    key: Secret,
    /// The list of files as it was last uploaded from here.
    known: Mutex<Option<Vec<u8>>>,
    listed: Mutex<Vec<String>>,
}

impl Neocities {
    /// The site of a name. `known` is the list of files as it was last uploaded from here.
    pub(super) fn new(web: Web, api: &str, name: &str, key: Secret, known: Option<Vec<u8>>) -> Self {
        Self {
            web,
            api: api.to_owned(),
            // The site of a name stands below the host of the API.
            address: api.replacen("://", &format!("://{name}."), 1),
            key,
            known: Mutex::new(known),
            listed: Mutex::default(),
        }
    }

    fn ask(&self, request: Request) -> Result<Value, BackendError> {
        let response = self.web.send(&request.bearer(self.key.reveal()).accept("application/json"))?;
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if response.is_success() && answer["result"] == "success" {
            return Ok(answer);
        }
        Err(match answer["message"].as_str() {
            Some(message) => BackendError::permanent(format!("Neocities: {message}")),
            None => self.web.refusal(&response),
        })
    }

    /// Reads what is there. Returns the digest of our list of files.
    fn list(&self) -> Result<Option<String>, BackendError> {
        let answer = self.ask(Request::get(&format!("{}/api/list", self.api)))?;
        let mut digest = None;
        let mut listed = Vec::new();
        for file in answer["files"].as_array().into_iter().flatten() {
            let Some(path) = file["path"].as_str().filter(|_| file["is_directory"] != true) else { continue };
            if path == MANIFEST {
                digest = file["sha1_hash"].as_str().map(str::to_owned);
            }
            listed.push(path.to_owned());
        }
        *self.listed.lock() = listed;
        Ok(digest)
    }

    fn put(&self, files: &[(&str, Vec<u8>)]) -> Result<(), BackendError> {
        let mut body = Vec::new();
        for (path, bytes) in files {
            let name = path.replace('%', "%25").replace('"', "%22");
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = Request::post(&format!("{}/api/upload", self.api), "", body);
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.ask(request.header("content-type", &content_type)).map(|_| ())
    }

    fn read(&self, digest: &str) -> Result<Vec<u8>, BackendError> {
        let known = self.known.lock().clone();
        if let Some(known) = known.filter(|known| self::digest(known) == digest) {
            return Ok(known);
        }
        // The query makes it an address that no cache has yet.
        let url = format!("{}?{digest}", below(&self.address, MANIFEST));
        let limits = Limits { body: 64 << 20, ..Limits::default() };
        let response: Response = self.web.ask(&Request::get(&url).accept("*/*").limits(limits))?;
        if self::digest(&response.body) == digest {
            return Ok(response.body);
        }
        Err(BackendError::transient(format!("`{url}` is not yet what was uploaded")))
    }
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

impl Backend for Neocities {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 1, batch: 20, visibility: Visibility::Immediate }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        match self.list()? {
            Some(digest) => self.read(&digest).map(Some),
            None => Ok(None),
        }
    }

    fn taken(&self, paths: &[&OutputPath]) -> Result<Vec<OutputPath>, BackendError> {
        self.list()?;
        let listed = self.listed.lock();
        let there = paths.iter().filter(|path| listed.iter().any(|listed| listed == path.as_str()));
        Ok(there.map(|path| (*path).clone()).collect())
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        if self.list()? != opening.old.map(digest) {
            return Err(BackendError::conflict());
        }
        self.put(&[(MANIFEST, opening.during.to_vec())])?;
        *self.known.lock() = Some(opening.during.to_vec());
        match self.list()? == Some(digest(opening.during)) {
            true => Ok(()),
            false => Err(BackendError::conflict()),
        }
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        let mut files = Vec::with_capacity(batch.len());
        for path in batch {
            files.push((path.as_str(), desired.bytes(path)?));
        }
        self.put(&files)
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        self.list()?;
        let listed = self.listed.lock().clone();
        // A name that is not there would make the whole call fail.
        let there =
            batch.iter().map(|path| path.as_str()).filter(|path| listed.iter().any(|known| known == path));
        let fields: Vec<(&str, &str)> = there.map(|path| ("filenames[]", path)).collect();
        if fields.is_empty() {
            return Ok(());
        }
        self.ask(Request::post_form(&format!("{}/api/delete", self.api), &fields)).map(|_| ())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        self.put(&[(MANIFEST, manifest.to_vec())])
    }
}
