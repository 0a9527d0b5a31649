//! The account of an import: what was in the file, what became of each of its items, and what the user has to know.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::decoding::Mended;
use super::fidelity::Measure;
use super::old_addresses::{HostScore, NewAddresses};
use super::rendered::RenderedProof;
use crate::config::authors::AuthorPages;
use crate::config::{Config, TermFeeds};
use crate::diagnostic::counted;

/// What became of an item of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EntryFate {
    Post,
    Page,
    Draft,
    /// It was imported before, and is left as it is.
    ThereAlready,
    /// A picture or another file, whose address stays.
    File,
    /// Its text stands in the posts that use it.
    PutIntoPosts,
    /// In the navigation of the settings.
    MenuEntry,
    /// Its comments stand under its post.
    Thread,
    /// It has no comments.
    EmptyThread,
    /// A file of settings or data, read for what the new site knows as well.
    Settings,
    /// In another file of the same export as well.
    Twice,
    /// Named in the report.
    LeftOut,
}

impl EntryFate {
    /// As the report counts it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Post => "posts",
            Self::Page => "pages",
            Self::Draft => "drafts",
            Self::ThereAlready => "there already, left as they are",
            Self::File => "files, at their old addresses",
            Self::PutIntoPosts => "reusable blocks, put into the posts",
            Self::MenuEntry => "entries of the menu",
            Self::Thread => "threads of comments, under their posts",
            Self::EmptyThread => "threads without comments",
            Self::Settings => "files of settings and data, read",
            Self::Twice => "in two files, taken once",
            Self::LeftOut => "left out, and named below",
        }
    }
}

/// What became of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ResponseFate {
    Kept,
    /// It waits for approval.
    Held,
    /// It waits for approval, and is in the file that the user named.
    HeldInFile,
    /// It was thrown away on the old blog.
    Binned,
    /// The file of its post was there already.
    ThereAlready,
    /// Its post was left out.
    WithItsPost,
}

impl ResponseFate {
    /// As the report counts it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Kept => "in back matter",
            Self::Held => "waiting for approval, not written (`--held FILE` writes them)",
            Self::HeldInFile => "waiting for approval, in the file of `--held`",
            Self::Binned => "thrown away on the old blog, left out",
            Self::ThereAlready => "there already, left as they are",
            Self::WithItsPost => "of entries that were left out",
        }
    }
}

/// An item that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOutItem {
    pub(super) what: String,
    pub(super) why: String,
}

/// A remark, and where it applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CountedRemark {
    pub(super) count: usize,
    /// The first entries it is about.
    pub(super) examples: Vec<String>,
}

/// An entry that did not come over whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ImperfectEntry {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) lowest: Measure,
    pub(super) added: Vec<String>,
    /// The file with the old text, if much of it differs.
    pub(super) original: Option<String>,
}

/// An entry that is not what the saved page of the old site shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DifferentEntry {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) lowest: Measure,
    pub(super) missing: Vec<String>,
    pub(super) added: Vec<String>,
}

/// Entries beside the saved pages of the old site.
#[derive(Debug, Default)]
pub(super) struct RenderedAccount {
    pub(super) compared: usize,
    pub(super) different_count: usize,
    /// The first of them.
    pub(super) different: Vec<DifferentEntry>,
    pub(super) without_page: usize,
}

/// The account.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) items: usize,
    pub(super) fates: BTreeMap<EntryFate, usize>,
    pub(super) left_out: Vec<LeftOutItem>,
    pub(super) responses: usize,
    pub(super) response_fates: BTreeMap<ResponseFate, usize>,
    pub(super) remarks: BTreeMap<String, CountedRemark>,
    /// Entries that were written and proven.
    pub(super) proven: usize,
    pub(super) imperfect: Vec<ImperfectEntry>,
    pub(super) html_blocks: BTreeMap<String, usize>,
    pub(super) kept_blocks: BTreeMap<String, usize>,
    pub(super) media_copied: usize,
    pub(super) media_missing: usize,
    pub(super) media_fetched: usize,
    /// How many files were written.
    pub(super) written_count: usize,
    /// The first of them, below the site's folder.
    pub(super) written: Vec<String>,
    /// Entries beside the saved pages of the old site, if there are any.
    pub(super) rendered: Option<RenderedAccount>,
    /// The addresses of posts and pages.
    pub(super) addresses: AddressAccount,
    /// How each kind of host answers old addresses.
    pub(super) hosts: Vec<HostScore>,
    /// How each answers those of a list of the user.
    pub(super) listed: Vec<HostScore>,
    /// The file with what settings that were there before lack of the old blog.
    pub(super) offered_settings: Option<&'static str>,
    /// Whether an item ended with the file.
    pub(super) is_cut: bool,
}

/// Old addresses, by how the new site answers.
#[derive(Debug, Default)]
pub(super) struct AddressAccount {
    /// Posts and pages whose page stands where it stood.
    pub(super) kept: usize,
    /// Other addresses that lead on.
    pub(super) led_on: usize,
    /// Addresses of entries that have another one now.
    pub(super) lost: Vec<String>,
    /// The addresses of the new site.
    pub(super) new: NewAddresses,
    /// Pages of authors, which are made if there are several.
    pub(super) author_pages: BTreeSet<String>,
    /// Addresses in the texts to which nothing answers.
    pub(super) dead: HashSet<String>,
    /// Those of drafts, percent-encoded, to which no reader was led.
    pub(super) drafts: HashSet<String>,
    /// How many addresses were dead on the old site as well, as far as it was asked or its source tells all.
    pub(super) dead_before: usize,
}

impl AddressAccount {
    /// Notes the pages of authors and their feeds, as far as the site makes them.
    pub(super) fn note_author_pages(&mut self, config: &Config) {
        let are_made = match config.archives.authors {
            AuthorPages::Auto => self.author_pages.len() > 1,
            AuthorPages::Always => true,
            AuthorPages::Never => false,
        };
        if !are_made {
            return;
        }
        self.new.add_page(config.paths.authors.as_str());
        for page in &self.author_pages {
            self.new.add_page(page);
            if config.feed.terms != TermFeeds::None {
                ["atom.xml", "rss.xml"].iter().for_each(|feed| self.new.add_page(&format!("{page}{feed}")));
            }
        }
    }
}

/// How many examples a remark has.
const EXAMPLES: usize = 3;
/// How many words that differ are named.
const MOST_WORDS: usize = 20;
/// How many names of one kind a report holds.
const MOST_NAMES: usize = 2000;

impl Account {
    /// Counts an item and what became of it.
    pub(super) fn item(&mut self, fate: EntryFate) {
        self.items += 1;
        *self.fates.entry(fate).or_default() += 1;
    }

    /// Counts an item that is left out.
    pub(super) fn leave_out(&mut self, what: String, why: &str) {
        self.item(EntryFate::LeftOut);
        if self.left_out.len() < MOST_NAMES {
            self.left_out.push(LeftOutItem { what, why: why.to_owned() });
        }
    }

    /// Notes how an entry compares with the saved page of the old site; nothing if there is none.
    pub(super) fn compared(&mut self, name: &str, file: &str, proof: Option<RenderedProof>) {
        let account = self.rendered.get_or_insert_default();
        let Some(proof) = proof else {
            account.without_page += 1;
            return;
        };
        account.compared += 1;
        if proof.score.is_whole() && proof.added.is_empty() {
            return;
        }
        account.different_count += 1;
        if account.different.len() < MOST_NAMES {
            account.different.push(DifferentEntry {
                name: name.to_owned(),
                file: file.to_owned(),
                lowest: proof.score.lowest(),
                missing: proof.missing.into_iter().take(MOST_WORDS).collect(),
                added: proof.added.into_iter().take(MOST_WORDS).collect(),
            });
        }
    }

    /// Notes a file that was written.
    pub(super) fn wrote(&mut self, file: String) {
        self.written_count += 1;
        if self.written.len() < MOST_NAMES {
            self.written.push(file);
        }
    }

    /// Counts items that are left out for one reason, and names them together.
    pub(super) fn leave_out_all(&mut self, what: &str, count: usize, why: &str) {
        for _ in 0..count {
            self.item(EntryFate::LeftOut);
        }
        let files = counted(count, "file", "files");
        if count > 0 && self.left_out.len() < MOST_NAMES {
            self.left_out.push(LeftOutItem { what: format!("`{what}` ({files})"), why: why.to_owned() });
        }
    }

    /// Counts responses and what became of them.
    pub(super) fn respond(&mut self, fate: ResponseFate, count: usize) {
        if count > 0 {
            self.responses += count;
            *self.response_fates.entry(fate).or_default() += count;
        }
    }

    /// Notes that the responses that wait are in the file that the user named.
    pub(super) fn hold_in_file(&mut self) {
        if let Some(count) = self.response_fates.remove(&ResponseFate::Held) {
            self.response_fates.insert(ResponseFate::HeldInFile, count);
        }
    }

    /// Notes something about an entry; an empty name is about the whole.
    pub(super) fn remark(&mut self, text: &str, about: &str) {
        if self.remarks.len() >= MOST_NAMES && !self.remarks.contains_key(text) {
            return;
        }
        let remark = self.remarks.entry(text.to_owned()).or_default();
        remark.count += 1;
        if !about.is_empty() && remark.examples.len() < EXAMPLES {
            remark.examples.push(about.to_owned());
        }
    }

    /// Notes what had to be mended in a file.
    pub(super) fn mended(&mut self, file: &str, mended: &Mended) {
        if mended.control_characters > 0 {
            let count = mended.control_characters;
            self.remark(&format!("{count} control characters that XML forbids were taken out"), file);
        }
        for line in mended.lines_with_other_bytes.iter().take(20) {
            self.remark(
                "bytes that are not UTF-8 were read as windows-1252",
                &format!("{file}, line {line}"),
            );
        }
    }

    /// The items for which a fate is known: all of them.
    pub(super) fn accounted(&self) -> usize {
        self.fates.values().sum()
    }
}
