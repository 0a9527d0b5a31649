//! Checks the internal links of every page that is about to be uploaded. The page is read as a browser reads it, so that the
//! links of templates are checked as well as those of posts.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::dom::Document;
use crate::path::{OutputPath, UrlPath, percent_decode};
use crate::publish::desired::DesiredFiles;
use crate::publish::diff::{Diff, Upload};

/// Attributes that hold a link.
const ATTRIBUTES: [&str; 3] = ["href", "src", "poster"];
/// How many broken links are named; the others are counted.
const MOST_NAMED: usize = 20;

/// The links of changed pages for which the site has no file.
pub(super) fn broken_links(desired: &DesiredFiles, diff: &Diff, config: &Config) -> Vec<Diagnostic> {
    let pages: Vec<&Upload> =
        diff.uploads.iter().filter(|upload| upload.path.as_str().ends_with(".html")).collect();
    let found: Vec<BTreeSet<String>> =
        pages.par_iter().map(|upload| broken_in(&upload.path, desired, config)).collect();
    let mut faults = Vec::new();
    let mut more = 0;
    for (upload, links) in pages.iter().zip(found) {
        for link in links {
            if faults.len() == MOST_NAMED {
                more += 1;
                continue;
            }
            let message = format!("broken internal link: `{link}`");
            let hint = "correct the link where it is written; with `check_links = false` in the target it is published as it is";
            faults.push(Diagnostic::error(upload.path.as_str(), message).hint(hint));
        }
    }
    if more > 0 {
        faults.push(Diagnostic::error("", format!("{more} more broken internal links")));
    }
    faults
}

fn broken_in(path: &OutputPath, desired: &DesiredFiles, config: &Config) -> BTreeSet<String> {
    let Ok(bytes) = desired.bytes(path) else { return BTreeSet::new() };
    let document = Document::parse(&String::from_utf8_lossy(&bytes));
    let base = page_address(path, config);
    let links = document
        .elements()
        .flat_map(|element| ATTRIBUTES.into_iter().filter_map(move |name| element.attribute(name)));
    links
        .filter(|link| base.as_ref().is_some_and(|base| !is_answered(base, link, desired, config)))
        .map(str::to_owned)
        .collect()
}

fn page_address(path: &OutputPath, config: &Config) -> Option<url::Url> {
    let path = path.as_str();
    let folder = path.strip_suffix("index.html").unwrap_or(path);
    url::Url::parse(&config.absolute(&UrlPath::new(folder)?)).ok()
}

/// Whether a link leads to another site or to a file of this one.
fn is_answered(page: &url::Url, link: &str, desired: &DesiredFiles, config: &Config) -> bool {
    let Ok(url) = page.join(link.trim()) else { return true };
    let is_own = url.origin() == page.origin() && matches!(url.scheme(), "http" | "https");
    if !is_own {
        return true;
    }
    let path = percent_decode(url.path());
    // Beside the site, on the same host, may stand anything.
    let base = percent_decode(config.base_path());
    let Some(below) = path.strip_prefix(&base).filter(|below| below.is_empty() || below.starts_with('/'))
    else {
        return true;
    };
    let Some(address) = UrlPath::new(below) else { return false };
    let folder = UrlPath::new(&format!("{address}/"));
    desired.files.contains_key(&address.output())
        || folder.is_some_and(|folder| desired.files.contains_key(&folder.output()))
}
