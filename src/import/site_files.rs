//! The folder of a site: what is there already, and what an import adds to it. Nothing that is there is changed.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::account::{Account, EntryFate, ImperfectEntry, ResponseFate};
use super::entry_files::{ConvertedEntry, RenderedResult};
use super::naming::FileNames;
use super::report::ImportReport;
use crate::config::FILE_NAME;
use crate::error::{Error, Result};
use crate::path::{SourcePath, UrlPath};
use crate::post::{self, front_matter};
use crate::spanned::{SourceText, Value};
use crate::sys::atomic_file;

/// Lines for settings that were there before.
pub(super) const OFFERED_SETTINGS: &str = "import-settings.toml";

/// Where old texts lie that did not come back the same: beside `content/`, so that nothing of them is published.
const ORIGINALS: &str = "import-originals";

/// How many addresses to which nothing answers are kept in mind.
const MOST_DEAD: usize = 20_000;

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteMode {
    Write,
    Nothing,
}

/// What became of a file that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFate {
    Written,
    /// There is one, and it stays.
    ThereAlready,
}

/// The folder of a site.
pub(super) struct SiteFolder {
    root: PathBuf,
    mode: WriteMode,
}

impl SiteFolder {
    /// The site in a folder, which is made when something is written.
    pub(super) fn open(root: &Path, mode: WriteMode) -> Result<Self> {
        match fs::metadata(root) {
            Ok(found) if !found.is_dir() => {
                let given = root.display().to_string();
                Err(Error::Argument {
                    given,
                    reason: "this is a file; `--into` names the folder of a site".to_owned(),
                })
            }
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("read", root)(error)),
            _ => Ok(Self { root: root.to_owned(), mode }),
        }
    }

    /// The settings, if there are any.
    pub(super) fn settings(&self) -> Result<Option<String>> {
        self.read(FILE_NAME)
    }

    /// The names of the files in `content/`, and the ids of the posts in them.
    pub(super) fn names(&self) -> Result<FileNames> {
        let mut names = FileNames::default();
        let content = self.root.join(post::CONTENT);
        if !content.is_dir() {
            return Ok(names);
        }
        for entry in walkdir::WalkDir::new(&content).sort_by_file_name() {
            let entry = entry.map_err(|error| Error::io("read", &content)(error.into()))?;
            let below = entry.path().strip_prefix(&self.root).unwrap_or(entry.path());
            let Some(path) = SourcePath::new(&below.to_string_lossy().replace('\\', "/")) else { continue };
            if entry.file_type().is_file() && path.extension() == "md" {
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                names.add_existing(&path, &id_in(&path, &text));
            }
        }
        Ok(names)
    }

    /// Writes the settings of a new site.
    pub(super) fn write_settings(&self, text: &str, account: &mut Account) -> Result<()> {
        if self.write_new(FILE_NAME, text.as_bytes())? == FileFate::Written {
            account.wrote(FILE_NAME.to_owned());
        }
        Ok(())
    }

    /// Writes lines that the settings of a site lack, for its author to paste: settings that are there are not changed.
    pub(super) fn offer_settings(&self, lines: &str, account: &mut Account) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let head = "# Redirects and terms of the old blog that `backmatter.toml` does not have. Paste them at its end.\n";
        self.replace(OFFERED_SETTINGS, format!("{head}{lines}").as_bytes())?;
        let count = |key: &str| lines.matches(key).count();
        account.remark(
            &format!(
                "the settings that are there stay as they are, and lack {} redirects and {} terms of the old blog: paste \
                 `{OFFERED_SETTINGS}` at their end, or those addresses lead nowhere",
                count("[[redirects]]"),
                count("[[terms]]")
            ),
            "",
        );
        account.offered_settings = Some(OFFERED_SETTINGS);
        Ok(())
    }

    /// Writes the files of an entry, and accounts for it.
    pub(super) fn write_entry(&self, entry: ConvertedEntry, account: &mut Account) -> Result<()> {
        let file = entry.file.as_str();
        let fate = self.write_new(file, entry.text.as_bytes())?;
        let (kept, held, binned) = (entry.responses.kept, entry.responses.held_count, entry.responses.binned);
        account.respond(ResponseFate::Held, held);
        account.respond(ResponseFate::Binned, binned);
        if fate == FileFate::ThereAlready {
            account.item(EntryFate::ThereAlready);
            account.respond(ResponseFate::ThereAlready, kept);
            // It answers its addresses as before.
            note_addresses(&entry, account);
            return Ok(());
        }
        account.wrote(file.to_owned());
        account.item(match (entry.is_draft, entry.is_page) {
            (true, _) => EntryFate::Draft,
            (_, true) => EntryFate::Page,
            _ => EntryFate::Post,
        });
        if kept > 0 {
            let back_matter = format!("{}.backmatter.toml", file.strip_suffix(".md").unwrap_or(file));
            let fate = self.write_new(&back_matter, entry.responses.back_matter.as_bytes())?;
            match fate {
                FileFate::Written => {
                    account.wrote(back_matter);
                    account.respond(ResponseFate::Kept, kept);
                }
                FileFate::ThereAlready => account.respond(ResponseFate::ThereAlready, kept),
            }
        }
        let original = self.write_original(&entry, account)?;
        note(entry, original, account);
        Ok(())
    }

    /// Writes the old text of an entry that did not come back the same. Returns its path.
    fn write_original(&self, entry: &ConvertedEntry, account: &mut Account) -> Result<Option<String>> {
        let Some(html) = &entry.original else { return Ok(None) };
        let below = entry.file.below(post::CONTENT).unwrap_or(entry.file.as_str());
        let path = format!("{ORIGINALS}/{}.html", below.strip_suffix(".md").unwrap_or(below));
        if self.write_new(&path, html.as_bytes())? == FileFate::Written {
            account.wrote(path.clone());
        }
        Ok(Some(path))
    }

    /// Writes a file that is not there, whole or not at all.
    pub(super) fn write_new(&self, path: &str, bytes: &[u8]) -> Result<FileFate> {
        self.make_new(path, |file| atomic_file::replace(file, bytes).map_err(Error::io("write", file)))
    }

    /// Whether there is a file.
    pub(super) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// Copies a file that is not there, whole or not at all.
    pub(super) fn copy_new(&self, from: &mut dyn Read, path: &str) -> Result<FileFate> {
        self.make_new(path, |file| {
            let copied = atomic_file::replace_with(file, |new| io::copy(from, new));
            copied.map(|_| ()).map_err(Error::io("write", file))
        })
    }

    /// Makes a file in a folder that may not be there yet, unless something has its name.
    fn make_new(&self, path: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<FileFate> {
        let file = self.root.join(path);
        // A link that leads nowhere is there as well.
        if file.symlink_metadata().is_ok() {
            return Ok(FileFate::ThereAlready);
        }
        if self.mode == WriteMode::Write {
            self.make_folder(&file)?;
            make(&file)?;
        }
        Ok(FileFate::Written)
    }

    /// Whether nothing is written.
    pub(super) fn is_dry(&self) -> bool {
        self.mode == WriteMode::Nothing
    }

    /// The text of a file, if there is one.
    pub(super) fn read(&self, path: &str) -> Result<Option<String>> {
        let file = self.root.join(path);
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &file)(error)),
        }
    }

    /// Writes a file, whether there is one or not.
    pub(super) fn replace(&self, path: &str, bytes: &[u8]) -> Result<()> {
        if self.mode == WriteMode::Nothing {
            return Ok(());
        }
        let file = self.root.join(path);
        self.make_folder(&file)?;
        atomic_file::replace(&file, bytes).map_err(Error::io("write", &file))
    }

    /// Writes the report, in which the numbers of the run that wrote something stay.
    pub(super) fn write_report(&self, report: &ImportReport) -> Result<()> {
        match report.has_written() {
            HasWritten::Yes => self.replace(&report.file_name(), report.markdown().as_bytes()),
            HasWritten::No => Ok(()),
        }
    }

    /// Makes the folder of a file. One that is a link could lead out of the site.
    fn make_folder(&self, file: &Path) -> Result<()> {
        let Some(folder) = file.parent() else { return Ok(()) };
        let mut above = folder;
        while above.starts_with(&self.root) && above != self.root {
            if above.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                let reason =
                    "this folder is a symbolic link, and an import does not write through one".to_owned();
                return Err(Error::Argument { given: above.display().to_string(), reason });
            }
            let Some(next) = above.parent() else { break };
            above = next;
        }
        fs::create_dir_all(folder).map_err(Error::io("make", folder))
    }
}

/// Whether a run wrote anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HasWritten {
    Yes,
    No,
}

/// Puts what is to be said of an entry into the account.
fn note(entry: ConvertedEntry, original: Option<String>, account: &mut Account) {
    note_addresses(&entry, account);
    match entry.rendered {
        RenderedResult::NotAsked => {}
        RenderedResult::NoPage => account.compared(&entry.name, entry.file.as_str(), None),
        RenderedResult::Compared(proof) => {
            account.compared(&entry.name, entry.file.as_str(), Some(*proof));
        }
    }
    for remark in &entry.remarks {
        account.remark(remark, &entry.name);
    }
    for left_out in &entry.notes.left_out {
        account.remark(left_out, &entry.name);
    }
    for dead in &entry.notes.dead_links {
        account.remark(&format!("a link to `{dead}`, where nothing is"), &entry.name);
    }
    let Some(proof) = entry.proof else { return };
    account.proven += 1;
    for name in proof.html_blocks {
        *account.html_blocks.entry(name).or_default() += 1;
    }
    for name in proof.kept_blocks {
        *account.kept_blocks.entry(name).or_default() += 1;
    }
    let lowest = proof.score.lowest();
    if lowest.value < 1.0 || !proof.added.is_empty() {
        let file = entry.file.as_str().to_owned();
        let added = proof.added;
        account.imperfect.push(ImperfectEntry { name: entry.name, file, lowest, added, original });
    }
}

fn note_addresses(entry: &ConvertedEntry, account: &mut Account) {
    let addresses = &mut account.addresses;
    addresses.drafts.extend(entry.draft_address.as_ref().map(|address| address.encoded("")));
    // Every host leads from the address of a folder without its slash to the one with it.
    match (&entry.old_address, &entry.new_address) {
        (Some(old), Some(new))
            if old.as_str().trim_end_matches('/') == new.as_str().trim_end_matches('/') =>
        {
            addresses.kept += 1
        }
        (Some(old), _) => addresses.lost.push(old.as_str().to_owned()),
        _ => {}
    }
    if !entry.is_draft {
        let pages = entry.lists.iter().map(String::as_str);
        for page in pages.chain(entry.new_address.as_ref().map(UrlPath::as_str)) {
            addresses.new.add_page(page);
        }
        if !entry.is_page {
            addresses.author_pages.extend(entry.author_pages.iter().cloned());
        }
        for alias in &entry.aliases {
            addresses.new.add_alias(alias.clone());
        }
    }
    if addresses.dead.len() < MOST_DEAD {
        addresses.dead.extend(entry.notes.dead_links.iter().cloned());
    }
}

/// The id in the front matter of a file.
fn id_in(path: &SourcePath, text: &str) -> String {
    let Ok(split) = front_matter::split(SourceText { path: path.as_str(), text }) else {
        return String::new();
    };
    let id = split.table.iter().find(|(key, _)| key.value == "id").map(|(_, node)| &node.value);
    match id {
        Some(Value::Text(id)) => id.trim().to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::entry_files::Converter;
    use crate::import::model::Survey;
    use crate::import::tests::entry_of_html;

    #[test]
    fn the_old_text_is_kept_where_much_of_it_differs() {
        let folder = tempfile::tempdir().unwrap();
        let site = SiteFolder::open(folder.path(), WriteMode::Write).unwrap();
        let (config, survey) = (crate::config::Config::parse("").0, Survey::default());
        let converter = Converter { config: &config, survey: &survey, rendered: None };
        let mut account = Account::default();
        let whole = converter.convert(entry_of_html("content/2020/a.md", "<p>One</p>"));
        assert_eq!(whole.original, None);
        // No form of it comes back the same, so a part of another text stands for one.
        let mut other = converter.convert(entry_of_html("content/2020/b.md", "<p>Two</p>"));
        other.original = Some("<p>Two, <x>as it was</x></p>".to_owned());
        site.write_entry(whole, &mut account).unwrap();
        site.write_entry(other, &mut account).unwrap();
        let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
        assert_eq!(read("import-originals/2020/b.html"), "<p>Two, <x>as it was</x></p>");
        assert!(!folder.path().join("import-originals/2020/a.html").exists());
        assert_eq!(account.written.len(), 3);
    }
}
