//! Netlify, by its API of digests: a deploy gets the SHA-1 of every file, lists those it lacks, and goes live
//! as a whole.
//!
//! A deploy holds all of a site, so files of others are named in it as well, by the digests that Netlify has of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::hash::hex;
use crate::http::client::{Request, Response};
use crate::path::{OutputPath, percent_encode};
use crate::publish::backends::http::Web;
use crate::publish::backends::{Backend, BackendError, Capabilities, PublishStart, Visibility};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest::{self, Manifest};
use crate::publish::secret::Secret;
use crate::sys::clock;

/// A site at Netlify.
pub(crate) struct Netlify {
    web: Web,
    /// The address of the site in the API.
    site: String,
    api: String,
    token: Secret,
    state: Mutex<DeployState>,
}

#[derive(Default)]
struct DeployState {
    /// The deploy that visitors see.
    published: Option<String>,
    /// The digest of each file of it, by its path without a slash.
    digests: BTreeMap<String, String>,
    /// The deploy in the making.
    deploy: Option<Deploy>,
}

struct Deploy {
    id: String,
    /// The digest of each of our files.
    digests: BTreeMap<String, String>,
    /// Digests that it lacks.
    required: BTreeSet<String>,
}

/// How long a deploy may take to be looked at, or to go live.
const PATIENCE: Duration = Duration::from_secs(600);
/// The longest time between two looks.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

impl Netlify {
    /// The site of an id or a name.
    pub(super) fn new(web: Web, api: &str, site: &str, token: Secret) -> Self {
        let mut address = format!("{api}/api/v1/sites/");
        percent_encode(site, &mut address);
        Self { web, site: address, api: api.to_owned(), token, state: Mutex::default() }
    }

    fn ask(&self, request: Request) -> Result<Response, BackendError> {
        self.web.ask(&request.bearer(self.token.reveal()))
    }

    fn json(&self, request: Request) -> Result<Value, BackendError> {
        let response = self.ask(request.accept("application/json"))?;
        as_json(&response.body)
    }

    fn published(&self) -> Result<Option<String>, BackendError> {
        let site = self.json(Request::get(&self.site))?;
        Ok(site["published_deploy"]["id"].as_str().map(str::to_owned))
    }

    /// The digests of the files that visitors see.
    fn digests(&self) -> Result<BTreeMap<String, String>, BackendError> {
        let mut digests = BTreeMap::new();
        let mut next = Some(format!("{}/files?per_page=1000", self.site));
        while let Some(url) = next {
            let response = self.ask(Request::get(&url).accept("application/json"))?;
            for file in as_json(&response.body)?.as_array().into_iter().flatten() {
                if let (Some(path), Some(digest)) = (file["path"].as_str(), file["sha"].as_str()) {
                    digests.insert(path.trim_start_matches('/').to_owned(), digest.to_owned());
                }
            }
            next = response.headers.all("link").find_map(next_page).filter(|next| *next != url);
        }
        Ok(digests)
    }

    fn put(&self, deploy: &str, path: &str, bytes: Vec<u8>) -> Result<(), BackendError> {
        let mut url = format!("{}/api/v1/deploys/{deploy}/files/", self.api);
        percent_encode(path, &mut url);
        let request = Request::put(&url, bytes).header("content-type", "application/octet-stream");
        self.ask(request).map(|_| ())
    }

    /// Looks at a deploy until it is in one of some states.
    fn wait_for(&self, deploy: &str, states: &[&str]) -> Result<Value, BackendError> {
        let mut waited = Duration::ZERO;
        let mut pause = Duration::from_millis(200);
        loop {
            let seen = self.json(Request::get(&format!("{}/api/v1/deploys/{deploy}", self.api)))?;
            let state = seen["state"].as_str().unwrap_or_default();
            if states.contains(&state) {
                return Ok(seen);
            }
            if state == "error" || state == "rejected" {
                let message = seen["error_message"].as_str().unwrap_or("it does not say why");
                return Err(BackendError::permanent(format!("Netlify gave up on the deploy: {message}")));
            }
            if waited >= PATIENCE {
                let reason = format!("after {} minutes the deploy is still {state}", PATIENCE.as_secs() / 60);
                return Err(BackendError::permanent(format!("Netlify: {reason}")));
            }
            clock::sleep(pause);
            waited += pause;
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }
}

/// The address that a `Link` header calls the next page (RFC 8288).
fn next_page(header: &str) -> Option<String> {
    let link = header.split(',').find(|link| link.contains("rel=\"next\"") || link.contains("rel=next"))?;
    let (_, rest) = link.split_once('<')?;
    rest.split_once('>').map(|(url, _)| url.to_owned())
}

fn as_json(bytes: &[u8]) -> Result<Value, BackendError> {
    serde_json::from_slice(bytes).map_err(|error| {
        BackendError::permanent(format!("Netlify's answer is not JSON: {error}")).caused_by(error)
    })
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

impl Backend for Netlify {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 6, batch: 1, visibility: Visibility::AtFinish }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        let published = self.published()?;
        let digests = if published.is_some() { self.digests()? } else { BTreeMap::new() };
        let is_there = digests.contains_key(manifest::FILE_NAME);
        *self.state.lock() = DeployState { published, digests, deploy: None };
        if !is_there {
            return Ok(None);
        }
        let url = format!("{}/files/{}", self.site, manifest::FILE_NAME);
        self.ask(Request::get(&url).accept("application/vnd.bitballoon.v1.raw"))
            .map(|response| Some(response.body))
    }

    fn begin(&self, opening: &PublishStart<'_>) -> Result<(), BackendError> {
        if self.published()? != self.state.lock().published {
            return Err(BackendError::conflict());
        }
        let there = self.state.lock().digests.clone();
        let old = opening.old.and_then(|bytes| Manifest::parse(bytes).ok()).unwrap_or_default();
        let uploads: BTreeSet<&OutputPath> = opening.diff.uploads.iter().map(|upload| &upload.path).collect();
        let mut ours = BTreeMap::from([(manifest::FILE_NAME.to_owned(), digest(opening.after))]);
        for path in opening.desired.files.keys() {
            let known = there.get(path.as_str()).filter(|_| !uploads.contains(path));
            let digest = match known {
                Some(digest) => digest.clone(),
                None => digest(&opening.desired.bytes(path)?),
            };
            ours.insert(path.as_str().to_owned(), digest);
        }
        let foreign = there.iter().filter(|(path, _)| {
            !ours.contains_key(*path)
                && OutputPath::new(path).is_none_or(|path| !old.files.contains_key(&path))
        });
        let all = foreign.chain(&ours).map(|(path, digest)| (format!("/{path}"), json!(digest)));
        let body = json!({ "files": all.collect::<serde_json::Map<_, _>>(), "async": true });
        let request = Request::post(
            &format!("{}/deploys", self.site),
            "application/json",
            body.to_string().into_bytes(),
        );
        let made = self.json(request)?;
        let id = made["id"].as_str().ok_or_else(|| BackendError::permanent("Netlify's deploy has no id"))?;
        let seen =
            self.wait_for(id, &["prepared", "uploading", "uploaded", "processing", "processed", "ready"])?;
        let required = seen["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let required = required.map(str::to_owned).collect();
        self.state.lock().deploy = Some(Deploy { id: id.to_owned(), digests: ours, required });
        Ok(())
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        for path in batch {
            let (id, is_required) = {
                let state = self.state.lock();
                let deploy = state.deploy.as_ref().ok_or_else(no_deploy)?;
                let is_required =
                    deploy.digests.get(path.as_str()).is_some_and(|it| deploy.required.contains(it));
                (deploy.id.clone(), is_required)
            };
            if is_required {
                self.put(&id, path.as_str(), desired.bytes(path)?)?;
            }
        }
        Ok(())
    }

    /// What a deploy does not name is not part of it.
    fn delete(&self, _: &[&OutputPath]) -> Result<(), BackendError> {
        Ok(())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        let (id, is_required) = {
            let state = self.state.lock();
            let deploy = state.deploy.as_ref().ok_or_else(no_deploy)?;
            (deploy.id.clone(), deploy.required.contains(&digest(manifest)))
        };
        if is_required {
            self.put(&id, manifest::FILE_NAME, manifest.to_vec())?;
        }
        self.wait_for(&id, &["ready"]).map(|_| ())
    }
}

fn no_deploy() -> BackendError {
    BackendError::permanent("no deploy has begun")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_the_links() {
        let header = "<https://a.example/?page=1>; rel=\"prev\", <https://a.example/?page=3>; rel=\"next\"";
        assert_eq!(next_page(header).as_deref(), Some("https://a.example/?page=3"));
        assert_eq!(next_page("<https://a.example/>; rel=\"last\""), None);
    }
}
