//! WordPress: its export (WXR), read twice. The first time tells where everything is, the second time brings the posts.

mod autop;
mod blocks;
mod dates;
mod entries;
mod responses;
mod shortcodes;
mod shown;
mod survey;
mod texturize;
mod wxr;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use chrono_tz::Tz;
use rayon::prelude::*;

#[cfg(test)]
pub(super) use self::entries::with_footnotes;

pub(super) use self::autop::autop;
pub(super) use self::dates::{moment_text, utc_text};

use self::entries::entry;
use self::shown::ShownContext;
use self::survey::Gathered;
use self::texturize::QuotationStyle;
use self::wxr::{WxrChannel, WxrItem, WxrItemIds, WxrReader, is_own_id};
use super::account::{Account, EntryFate, ResponseFate};
use super::export_files::ExportFile;
use super::model::{Entry, Survey};
use super::naming::FileNames;
use super::xml::XmlError;
use super::{EntrySink, ImportOptions, Origin};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::path::{SourcePath, UrlPath};

/// How many items are converted at once.
const BATCH: usize = 256;

/// One or several files of an export.
pub(super) struct WordPress {
    files: Vec<ExportFile>,
    options: ImportOptions,
    index: Index,
}

/// What the first pass keeps.
#[derive(Default)]
struct Index {
    channel: WxrChannel,
    /// Posts and pages by id.
    heads: HashMap<u64, Head>,
    shown: ShownContext,
    zone: Tz,
    has_several_authors: bool,
    /// Days on which more posts were changed than a person would.
    mass_edits: HashSet<String>,
    /// Whether closed posts are the exception, so that it means something.
    knows_closed: bool,
}

/// Where a post or page will stand.
#[derive(Debug, Clone)]
struct Head {
    file: SourcePath,
    /// If another entry has the one that the file names.
    id: Option<Box<str>>,
    /// If another entry has its address.
    moved: Option<UrlPath>,
    aliases: Box<[UrlPath]>,
}

impl Index {
    fn style(&self) -> QuotationStyle {
        let language = self.channel.language.to_lowercase();
        if language.is_empty() || language.starts_with("en") {
            QuotationStyle::English
        } else {
            QuotationStyle::Straight
        }
    }
}

impl WordPress {
    /// The exports in these files.
    pub(super) fn new(files: Vec<ExportFile>, options: ImportOptions) -> Self {
        Self { files, options, index: Index::default() }
    }

    /// The items of all files.
    fn items(&self) -> ItemStream<'_> {
        ItemStream { files: self.files.iter(), current: None, ids: WxrItemIds::default() }
    }
}

/// Items of several files, one after the other.
struct ItemStream<'f> {
    files: std::slice::Iter<'f, ExportFile>,
    current: Option<OpenExport<'f>>,
    ids: WxrItemIds,
}

struct OpenExport<'f> {
    file: &'f ExportFile,
    reader: WxrReader<Box<dyn Read>>,
}

impl ItemStream<'_> {
    fn next(&mut self, account: &mut Account) -> Result<Option<WxrItem>> {
        loop {
            if let Some(open) = &mut self.current {
                match open.reader.next().map_err(Error::io("read", open.file.path()))? {
                    Some(mut item) => {
                        self.ids.complete(&mut item);
                        return Ok(Some(item));
                    }
                    None => {
                        account.mended(open.file.name(), open.reader.mended());
                        self.current = None;
                    }
                }
            }
            let Some(file) = self.files.next() else { return Ok(None) };
            let reader = WxrReader::open(file.open()?).map_err(|error| explained(error, file))?;
            self.current = Some(OpenExport { file, reader });
        }
    }

    /// What the file that is being read says of the blog.
    fn channel(&self) -> Option<&WxrChannel> {
        self.current.as_ref().map(|open| &open.reader.channel)
    }
}

fn explained(error: XmlError, file: &ExportFile) -> Error {
    let reason = match error {
        XmlError::Io(error) => return Error::io("read", file.path())(error),
        XmlError::NoRoot => {
            "this is not an export of WordPress: it has no `<rss>`; make one with Tools, Export, All content"
        }
        XmlError::HasDoctype => {
            "it has a document type declaration (`<!DOCTYPE …>`), which no export has, and nothing of it is read; take it out if you know where it comes from"
        }
    };
    Error::Argument { given: file.name().to_owned(), reason: reason.to_owned() }
}

impl Origin for WordPress {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        let mut gathered = Gathered::default();
        let mut items = self.items();
        // Whatever is mended is noted when the file is read again.
        let mut ignored = Account::default();
        while let Some(item) = items.next(&mut ignored)? {
            if let Some(channel) = items.channel() {
                gathered.learn(channel);
            }
            gathered.add(item);
        }
        let found = gathered.finish(&self.options, names, account);
        self.index = found.index;
        Ok(found.survey)
    }

    fn entries(&mut self, survey: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        let mut seen: HashSet<Hash> = HashSet::new();
        let mut batch: Vec<WxrItem> = Vec::new();
        let mut items = self.items();
        while let Some(item) = items.next(account)? {
            if !seen.insert(Hash::of(format!("{} {}", item.id, item.guid).as_bytes())) {
                account.item(EntryFate::Twice);
                account.respond(ResponseFate::WithItsPost, item.comments.len());
            } else if self.admits(&item, account) {
                batch.push(item);
            }
            if batch.len() >= BATCH {
                self.convert(std::mem::take(&mut batch), survey, account, sink)?;
            }
        }
        self.convert(batch, survey, account, sink)
    }
}

impl WordPress {
    fn convert(
        &self,
        batch: Vec<WxrItem>,
        survey: &Survey,
        account: &mut Account,
        sink: &mut EntrySink<'_>,
    ) -> Result<()> {
        let index = &self.index;
        let entries: Vec<Entry> =
            batch.into_par_iter().filter_map(|item| entry(item, index, survey)).collect();
        sink(entries, account)
    }

    /// Whether an item is a post or page to be written. All others are accounted for here.
    fn admits(&self, item: &WxrItem, account: &mut Account) -> bool {
        account.is_cut |= item.is_cut;
        let name = name_of(item);
        let is_entry = matches!(item.kind.as_str(), "post" | "page") || item.is_cut && item.kind.is_empty();
        if is_entry && self.index.heads.contains_key(&item.id) {
            return true;
        }
        account.respond(ResponseFate::WithItsPost, item.comments.len());
        match (item.kind.as_str(), item.status.as_str()) {
            ("post" | "page", "trash") => account.leave_out(name, "it was in the bin"),
            ("post" | "page", "auto-draft") => account.leave_out(name, "a draft that was never saved"),
            ("post" | "page", _) => account.leave_out(name, "it has neither a title nor any text"),
            ("attachment", _) => account.item(EntryFate::File),
            ("nav_menu_item", _) => account.item(EntryFate::MenuEntry),
            ("wp_block", _) => account.item(EntryFate::PutIntoPosts),
            ("revision", _) => account.leave_out(name, "an earlier version"),
            ("", _) => account.leave_out(name, "it does not say what it is"),
            (kind, _) => {
                let why = format!("of the type `{kind}`, which only WordPress or a plugin knows");
                account.leave_out(name, &why);
            }
        }
        false
    }
}

/// What an item is called in the report.
fn name_of(item: &WxrItem) -> String {
    let kind = if item.kind.is_empty() { "item" } else { &item.kind };
    let title = crate::html::shorten(&crate::html::fold_white_space(&item.title.text), 60);
    match (title.is_empty(), is_own_id(item.id)) {
        (true, true) => format!("{kind} {}", item.id),
        (true, false) => format!("{kind} `{}`", item.link),
        (false, true) => format!("{kind} {} “{title}”", item.id),
        (false, false) => format!("{kind} “{title}”"),
    }
}
