//! The one rule for links of the file system: what a build would publish is in the site, or where the settings allow.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::Diagnostic;

/// Where a link of a site may lead.
#[derive(Debug, Clone)]
pub(crate) struct SymlinkRule {
    /// The folder of the site, without links in its path.
    root: PathBuf,
    /// Files of the site that are not for readers.
    closed: Vec<PathBuf>,
    /// Where the settings allow links to lead.
    allowed: Vec<PathBuf>,
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkEnd {
    /// To a file or folder of the site.
    Inside,
    /// Out of the site, where the settings allow it.
    Allowed,
    /// Out of the site, or to a file of it that is not for readers.
    Outside,
}

impl SymlinkRule {
    /// The rule of a site. Paths that do not exist allow nothing.
    pub(crate) fn of(root: &Path, config: &Config) -> Self {
        let closed = [&config.linkbacks.database, &config.file, &config.output];
        let closed = closed.into_iter().filter(|path| !path.is_empty());
        Self {
            root: root.canonicalize().unwrap_or_else(|_| root.to_owned()),
            closed: closed.filter_map(|path| root.join(path).canonicalize().ok()).collect(),
            allowed: config
                .symlinks
                .allow
                .iter()
                .filter_map(|path| root.join(path).canonicalize().ok())
                .collect(),
        }
    }

    /// Where a path leads that has no links in it any more.
    pub(crate) fn end(&self, real: &Path) -> LinkEnd {
        let is_open = real.strip_prefix(&self.root).is_ok_and(|below| {
            // What begins with a dot is a secret or another program's: `.git`, `.env`.
            !below.iter().any(|part| part.as_encoded_bytes().starts_with(b".") && part != ".well-known")
        });
        if is_open && !self.closed.iter().any(|closed| real.starts_with(closed)) {
            LinkEnd::Inside
        } else if self.allowed.iter().any(|allowed| real.starts_with(allowed)) {
            LinkEnd::Allowed
        } else {
            LinkEnd::Outside
        }
    }
}

/// The error of a link that leads out of the site. It names the target, which is nothing that readers see.
pub(crate) fn leads_out(name: &str, real: &Path) -> Diagnostic {
    let target = real.display();
    Diagnostic::error(
        name,
        format!("this link leads out of the site, to `{target}`: what is there is left out"),
    )
    .hint(format!("if it is meant, allow it in the settings: `allow = [\"{target}\"]` below `[symlinks]`"))
}
