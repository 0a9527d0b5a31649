//! Engines whose blogs are folders of files: Jekyll, Hugo, Zola and Pelican.
//!
//! ```text
//!  source_tree    every file of the folder, and what becomes of it
//!  head           front matter, key by key
//!  site           addresses, files, terms and redirects, collected
//!  jekyll, …      how the engine reads names, settings, tags and links
//! ```
//!
//! Bodies are Markdown already and stay as they are written wherever Backmatter shows the same. An engine rewrites what it
//! would have acted upon: tags, shortcodes, attributes and references to files.

mod comments;
mod head;
mod hugo;
mod jekyll;
mod kramdown;
mod liquid;
mod markdown_parts;
mod pelican;
mod replacements;
mod rst;
mod shortcodes;
mod site;
mod source_tree;
#[cfg(test)]
mod tests;
mod zola;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use self::site::EngineDocument;
use super::account::Account;
use super::model::{Entry, EntryBody, Survey};
use super::naming::FileNames;
use super::{EntrySink, ImportFormat, ImportRequest, Origin, nothing_in};
use crate::error::{Error, Result};

use self::hugo::Hugo;
use self::jekyll::Jekyll;
use self::pelican::Pelican;
use self::source_tree::SourceTree;
use self::zola::Zola;

/// The engine whose site a folder is.
pub(super) fn told_by_looking(folder: &Path) -> Result<Option<ImportFormat>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let tree = SourceTree::read(folder, &[])?;
    Ok(if Jekyll::is_in(&tree) {
        Some(ImportFormat::Jekyll)
    } else if Hugo::is_in(&tree) {
        Some(ImportFormat::Hugo)
    } else if Zola::is_in(&tree) {
        Some(ImportFormat::Zola)
    } else if Pelican::is_in(&tree) {
        Some(ImportFormat::Pelican)
    } else {
        None
    })
}

/// The site of an engine in a folder.
pub(super) fn origin(format: ImportFormat, request: &ImportRequest) -> Result<Box<dyn Origin>> {
    let [folder] = &request.sources[..] else {
        let reason = format!("a site of {} is one folder", format.name());
        return Err(Error::Argument { given: "import".to_owned(), reason });
    };
    if !folder.is_dir() {
        return Err(nothing_in(folder));
    }
    check_apart(folder, &request.into)?;
    let options = request.options.clone();
    Ok(match format {
        ImportFormat::Hugo => {
            Box::new(EngineOrigin::new(Hugo::new(options), SourceTree::read(folder, &Hugo::OUTPUTS)?))
        }
        ImportFormat::Zola => {
            Box::new(EngineOrigin::new(Zola::new(options), SourceTree::read(folder, &Zola::OUTPUTS)?))
        }
        ImportFormat::Pelican => {
            Box::new(EngineOrigin::new(Pelican::new(options), SourceTree::read(folder, &Pelican::OUTPUTS)?))
        }
        _ => {
            let mut tree = SourceTree::read(folder, &Jekyll::OUTPUTS)?;
            Jekyll::narrow(&mut tree);
            Box::new(EngineOrigin::new(Jekyll::new(options), tree))
        }
    })
}

/// A new site within the old one would be a part of it when it is imported again.
fn check_apart(source: &Path, into: &Path) -> Result<()> {
    let (Ok(old), Some(new)) = (source.canonicalize(), existing_part(into)) else { return Ok(()) };
    if !new.starts_with(&old) {
        return Ok(());
    }
    let reason = "the new site needs a folder of its own, outside of the old one; name it with `--into DIR`"
        .to_owned();
    Err(Error::Argument { given: into.display().to_string(), reason })
}

/// The nearest folder that is there, without symbolic links in its path.
fn existing_part(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|part| {
        let part = if part.as_os_str().is_empty() { Path::new(".") } else { part };
        part.canonicalize().ok()
    })
}

/// Why a text is not read.
const TOO_LONG: &str = "longer than 16 MiB, or not to be read";

/// How many documents are converted at once.
const BATCH: usize = 256;

/// An engine: its rules for addresses, and for bodies.
trait SiteEngine: Sync {
    /// Reads the settings, names and heads of all files.
    fn survey(
        &mut self,
        tree: &SourceTree,
        names: &mut FileNames,
        account: &mut Account,
    ) -> Result<EngineSurvey>;

    /// The body of a document as it is written, without what the engine acts upon.
    fn body(&self, document: &EngineDocument, written: &str, remarks: &mut Vec<String>) -> EntryBody;
}

/// What an engine's first pass finds.
struct EngineSurvey {
    survey: Survey,
    documents: Vec<EngineDocument>,
    /// Files that no address can be given to.
    refused: Vec<String>,
}

/// A folder of files, read by the rules of an engine.
struct EngineOrigin<E> {
    engine: E,
    tree: SourceTree,
    documents: Vec<EngineDocument>,
}

impl<E: SiteEngine> EngineOrigin<E> {
    fn new(engine: E, tree: SourceTree) -> Self {
        Self { engine, tree, documents: Vec::new() }
    }

    fn entry(&self, document: &EngineDocument) -> Entry {
        let mut entry = document.entry.clone();
        let text = self.tree.text(&document.source).unwrap_or_default();
        let written = text.get(document.body_at..).unwrap_or_default().trim_start_matches(['\r', '\n']);
        let mut remarks = Vec::new();
        entry.body = self.engine.body(document, &written.replace("\r\n", "\n"), &mut remarks);
        entry.remarks.append(&mut remarks);
        entry
    }
}

impl<E: SiteEngine> Origin for EngineOrigin<E> {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        self.tree.account_for_unread(account);
        let EngineSurvey { survey, documents, refused } = self.engine.survey(&self.tree, names, account)?;
        for source in refused {
            account.leave_out(format!("`{source}`"), "its address leads out of the site, or cannot be one");
        }
        self.documents = documents;
        Ok(survey)
    }

    fn entries(&mut self, _: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        let documents = std::mem::take(&mut self.documents);
        for batch in documents.chunks(BATCH) {
            let entries = batch.par_iter().map(|document| self.entry(document)).collect();
            sink(entries, account)?;
        }
        Ok(())
    }
}
