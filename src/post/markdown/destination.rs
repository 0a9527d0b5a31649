//! Where a link in a post leads, by how it is written.

use crate::config::Config;
use crate::path::{MARKDOWN, SourcePath, UrlPath, has_scheme, nfc, percent_decode, percent_encode};
use crate::post::{CONTENT, Target};

/// A destination as it was written, understood.
pub(super) struct Destination {
    pub(super) target: Target,
    /// As it was written, without the suffix.
    pub(super) path: String,
    /// The `?…` and `#…` behind it, as written.
    pub(super) suffix: String,
}

impl Destination {
    /// `aleppo.md#part` and `@/2016/aleppo.md` are posts, `/x/` is an address on this site, `map.png` a
    /// file beside the post; what has a scheme or a host is another site.
    pub(super) fn of(written: &str, from: &SourcePath, config: &Config) -> Self {
        if let Some(anchor) = written.strip_prefix('#') {
            return Self {
                target: Target::Anchor(anchor_named(anchor)),
                path: String::new(),
                suffix: suffix_named(written),
            };
        }
        if has_scheme(written) || written.starts_with("//") || written.is_empty() {
            return Self::external(written);
        }
        let end = written.find(['?', '#']).unwrap_or(written.len());
        let (path, suffix) = written.split_at(end);
        let anchor = suffix.find('#').map_or("", |at| &suffix[at + 1..]);
        let decoded = percent_decode(path);
        let target = if names_section(&decoded) {
            // A folder has no page of its own here: its posts are in the list of all.
            UrlPath::new("/").map(|home| Target::Address(home, String::new()))
        } else if names_post(&decoded) {
            post_path(&decoded, from).map(|path| Target::Post(path, anchor_named(anchor)))
        } else if decoded.starts_with('/') {
            own_address(&decoded, config).map(|url| Target::Address(url, anchor_named(anchor)))
        } else {
            from.join(&decoded).map(Target::File)
        };
        match target {
            Some(target) => Self { target, path: path.to_owned(), suffix: suffix_named(suffix) },
            None => Self::external(written),
        }
    }

    /// Whether a browser can show it as a page: an address of this site, or one of `http` or `https`.
    pub(super) fn is_page(&self) -> bool {
        match &self.target {
            Target::External(url) => {
                let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
                url.starts_with("//")
                    || ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
            }
            Target::Post(..) | Target::File(_) | Target::Address(..) | Target::Anchor(_) => true,
        }
    }

    fn external(written: &str) -> Self {
        Self { target: Target::External(written.to_owned()), path: written.to_owned(), suffix: String::new() }
    }
}

/// A suffix with its anchor in the form NFC, as it is written if that is so already.
fn suffix_named(written: &str) -> String {
    let Some((query, fragment)) = written.split_once('#') else { return written.to_owned() };
    let (anchor, directive) = fragment.split_at(fragment.find(":~:").unwrap_or(fragment.len()));
    let named = anchor_named(anchor);
    if named == percent_decode(anchor) {
        return written.to_owned();
    }
    let mut suffix = format!("{query}#");
    percent_encode(&named, &mut suffix);
    suffix + directive
}

/// The anchor that a link names, besides directives for the browser: the ids of posts are in the form NFC, and a browser compares code point by code point.
fn anchor_named(written: &str) -> String {
    nfc(&percent_decode(written.split(":~:").next().unwrap_or_default())).into_owned()
}

fn names_post(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    MARKDOWN.contains(&extension.to_lowercase().as_str())
}

/// Whether a link of Zola's leads to the page of a folder.
fn names_section(path: &str) -> bool {
    path.starts_with("@/") && path.ends_with("/_index.md")
}

fn post_path(path: &str, from: &SourcePath) -> Option<SourcePath> {
    let from_root = path.strip_prefix("@/").or_else(|| path.strip_prefix('/'));
    match from_root {
        Some(path) => SourcePath::new(&format!("{CONTENT}/{path}")),
        None => from.join(path),
    }
}

/// An address on this site. One that already begins with the path of `base_url` is taken as it is.
fn own_address(path: &str, config: &Config) -> Option<UrlPath> {
    let base = config.base_path();
    let below = path.strip_prefix(base).filter(|rest| !base.is_empty() && rest.starts_with('/'));
    UrlPath::new(below.unwrap_or(path))
}
