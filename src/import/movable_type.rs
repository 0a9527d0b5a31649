//! Movable Type and TypePad: the import/export format, text with keys, and lines of dashes between its parts.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufRead, BufReader, Read};

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use super::account::{Account, EntryFate};
use super::addresses::{AddressBook, Place};
use super::decoding::TextReader;
use super::export_files::ExportFile;
use super::html_tree;
use super::model::{
    BlogFacts, Entry, EntryBody, EntryState, FurtherKeys, ImportedResponse, LinkbackSwitch, RedirectFact,
    ResponseState, Survey,
};
use super::naming::FileNames;
use super::permalinks::{PermalinkSample, PermalinkVotes};
use super::wordpress::{autop, moment_text, utc_text};
use super::{EntrySink, ImportOptions, Origin};
use crate::error::{Error, Result};
use crate::html::fold_white_space;
use crate::linkback::LinkbackKind;
use crate::path::{SourcePath, UrlPath};
use crate::post::slug::slugify;

/// How many entries are converted at once.
const BATCH: usize = 256;
/// The longest part of an entry that is read.
const MAX_PART: usize = 16 * 1024 * 1024;

/// Exports of Movable Type.
pub(super) struct MovableType {
    files: Vec<ExportFile>,
    options: ImportOptions,
    /// In the order of the entries, which have no ids.
    heads: Vec<MovableTypeHead>,
    has_several_authors: bool,
}

/// Addresses that its templates made, and what is nearest to them.
const USUAL: [(&str, &str); 4] = [
    ("/index.xml", "/rss.xml"),
    ("/index.rdf", "/rss.xml"),
    ("/rss2.xml", "/rss.xml"),
    ("/archives.html", "/archives/"),
];

struct MovableTypeHead {
    file: SourcePath,
    address: Option<UrlPath>,
    id: String,
}

/// An entry as its parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RawEntry {
    keys: Vec<RawKey>,
    parts: Vec<RawPart>,
}

#[derive(Debug, PartialEq, Eq)]
struct RawKey {
    name: String,
    value: String,
}

/// A part that begins with its name in a line of its own.
#[derive(Debug, Default, PartialEq, Eq)]
struct RawPart {
    name: String,
    text: String,
}

impl RawEntry {
    fn key(&self, name: &str) -> &str {
        self.keys.iter().find(|key| key.name == name).map_or("", |key| key.value.as_str())
    }

    fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|part| part.name == name).map_or("", |part| part.text.trim_matches('\n'))
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.parts.is_empty()
    }

    fn is_public(&self) -> bool {
        matches!(self.key("STATUS").to_ascii_lowercase().as_str(), "publish" | "future" | "published" | "")
    }

    fn slug(&self) -> String {
        let last = self.key("UNIQUE URL").trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let from_url = last.strip_suffix(".html").unwrap_or(last);
        match (from_url.is_empty(), self.key("BASENAME")) {
            (false, _) => from_url.to_owned(),
            (true, "") => slugify(self.key("TITLE")),
            (true, basename) => basename.to_owned(),
        }
    }

    fn name(&self) -> String {
        format!("entry of {} “{}”", self.key("DATE"), crate::html::shorten(self.key("TITLE"), 60))
    }
}

/// Reads entries one at a time.
pub(super) struct EntryReader<R> {
    lines: BufReader<DecodedBytes<R>>,
}

/// The text of a file as bytes of UTF-8.
struct DecodedBytes<R> {
    reader: TextReader<R>,
    text: String,
    at: usize,
}

impl<R: Read> Read for DecodedBytes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.text.clear();
            self.at = 0;
            if !self.reader.read_to(&mut self.text)? {
                return Ok(0);
            }
        }
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl<R: Read> EntryReader<R> {
    /// A reader of the entries in a text.
    pub(super) fn new(input: R) -> Self {
        let bytes = DecodedBytes { reader: TextReader::new(input), text: String::new(), at: 0 };
        Self { lines: BufReader::new(bytes) }
    }

    /// The next entry; the last one may lack its end.
    pub(super) fn next(&mut self) -> io::Result<Option<RawEntry>> {
        let mut entry = RawEntry::default();
        let mut part: Option<RawPart> = None;
        let mut is_head = true;
        let mut line = String::new();
        loop {
            line.clear();
            if self.lines.read_line(&mut line)? == 0 {
                entry.parts.extend(part);
                return Ok(Some(entry).filter(|entry| !entry.is_empty()));
            }
            let text = line.trim_end_matches(['\r', '\n']);
            match text {
                "--------" => {
                    entry.parts.extend(part.take());
                    if !entry.is_empty() {
                        return Ok(Some(entry));
                    }
                    is_head = true;
                }
                "-----" => {
                    entry.parts.extend(part.take());
                    is_head = false;
                }
                text if is_head => {
                    if let Some((name, value)) = text.split_once(':') {
                        entry
                            .keys
                            .push(RawKey { name: name.trim().to_owned(), value: value.trim().to_owned() });
                    }
                }
                text => match &mut part {
                    // The first line of a part is its name; TypePad puts empty ones before the comments.
                    None if text.trim().is_empty() => {}
                    None => {
                        let name = text.trim_end().trim_end_matches(':');
                        part = Some(RawPart { name: name.to_owned(), text: String::new() });
                    }
                    Some(part) if part.text.len() < MAX_PART => {
                        part.text.push_str(text);
                        part.text.push('\n');
                    }
                    Some(_) => {}
                },
            }
        }
    }
}

impl MovableType {
    pub(super) fn new(files: Vec<ExportFile>, options: ImportOptions) -> Self {
        Self { files, options, heads: Vec::new(), has_several_authors: false }
    }

    fn zone(&self) -> Tz {
        self.options.timezone.unwrap_or(Tz::UTC)
    }
}

/// `03/04/2004 11:15:00 PM`, months first, also with 24 hours.
fn local_text(date: &str) -> String {
    let forms = ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M"];
    let read = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(date.trim(), form).ok());
    read.map(|moment| moment.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

impl Origin for MovableType {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        let mut found = Vec::new();
        for file in &self.files {
            let mut reader = EntryReader::new(file.open()?);
            while let Some(mut entry) = reader.next().map_err(Error::io("read", file.path()))? {
                entry.parts.clear();
                found.push(entry);
            }
        }
        let told = found.iter().map(|entry| entry.key("UNIQUE URL")).find(|url| url.contains("://"));
        let told =
            told.and_then(|url| url::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization());
        let base_url = self.options.base_url_or(told, account);
        self.options.remark_zone(account);
        let mut book = AddressBook::new(&base_url);
        let mut ids: HashMap<String, usize> = HashMap::new();
        let mut votes = PermalinkVotes::default();
        for entry in &found {
            let local = local_text(entry.key("DATE"));
            let slug = entry.slug();
            let year = local.get(..4).unwrap_or("undated");
            let folder =
                if entry.is_public() { format!("content/{year}") } else { "content/drafts".to_owned() };
            let address = book.own_path(entry.key("UNIQUE URL")).and_then(|path| UrlPath::new(&path));
            if let Some(address) = &address {
                let path = address.as_str();
                votes.add(&PermalinkSample { path, date: &local, slug: &slug, category: None });
            }
            // Movable Type's own pattern, in which links within a blog are written.
            let usual = match slug.contains('/') {
                // Hatena's, whose basenames are dates or have their folders.
                true => Some(format!("/entry/{slug}")),
                false => local.get(..7).map(|month| format!("/{}/{slug}.html", month.replace('-', "/"))),
            };
            let address =
                address.or_else(|| usual.as_deref().and_then(UrlPath::new)).filter(|_| !slug.is_empty());
            let mut id = match entry.key("UNIQUE URL") {
                "" => format!("{local} {slug}").trim_start().to_owned(),
                url => url.to_owned(),
            };
            let count = ids.entry(id.clone()).or_default();
            *count += 1;
            if *count > 1 {
                id = format!("{id} {count}");
            }
            let stem = if slug.is_empty() {
                format!("untitled-{}", local.get(..10).unwrap_or_default())
            } else {
                slug
            };
            let file = names.place(&id, &folder, &stem);
            if let Some(address) = address.as_ref().filter(|_| entry.is_public()) {
                book.add(address.as_str(), address);
                book.add(&format!("/archives{address}"), address);
                book.add_file(address, &file);
            }
            self.heads.push(MovableTypeHead { file, address, id });
        }
        let authors: BTreeSet<&str> =
            found.iter().map(|entry| entry.key("AUTHOR")).filter(|author| !author.is_empty()).collect();
        self.has_several_authors = authors.len() > 1;
        let blog = BlogFacts {
            base_url,
            timezone: self.zone().name().to_owned(),
            permalink: votes.winner().unwrap_or("/:year/:month/:slug.html").to_owned(),
            author: authors.first().filter(|_| authors.len() == 1).map(|author| (*author).to_owned()),
            ..BlogFacts::default()
        };
        let redirects = USUAL.iter().map(|(from, to)| RedirectFact::of_address(from, to)).collect();
        Ok(Survey { blog, book, redirects, ..Survey::default() })
    }

    fn entries(&mut self, survey: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        let mut heads = self.heads.iter();
        let mut batch = Vec::new();
        for file in &self.files {
            let mut reader = EntryReader::new(file.open()?);
            while let Some(entry) = reader.next().map_err(Error::io("read", file.path()))? {
                match heads.next() {
                    Some(head) => batch.push(self.entry(&entry, head, survey)),
                    None => account.item(EntryFate::Twice),
                }
                if batch.len() >= BATCH {
                    sink(std::mem::take(&mut batch), account)?;
                }
            }
        }
        sink(batch, account)
    }
}

impl MovableType {
    fn entry(&self, entry: &RawEntry, head: &MovableTypeHead, survey: &Survey) -> Entry {
        let zone = self.zone();
        let local = local_text(entry.key("DATE"));
        let mut categories: Vec<String> = Vec::new();
        for key in
            entry.keys.iter().filter(|key| matches!(key.name.as_str(), "PRIMARY CATEGORY" | "CATEGORY"))
        {
            if !key.value.is_empty() && !categories.contains(&key.value) {
                categories.push(key.value.clone());
            }
        }
        let title = html_tree::parse(entry.key("TITLE")).unwrap_or_default();
        let at = head.address.as_ref().map_or("/", UrlPath::as_str);
        Entry {
            file: head.file.clone(),
            name: entry.name(),
            state: if entry.is_public() { EntryState::Public } else { EntryState::Draft("a draft") },
            title: fold_white_space(&html_tree::text_of(&title)),
            date: moment_text(&local, "", zone),
            updated: None,
            address: head.address.clone(),
            id: head.id.clone(),
            aliases: Vec::new(),
            categories,
            tags: tags(entry.key("TAGS")),
            series: None,
            authors: Some(entry.key("AUTHOR").to_owned())
                .filter(|author| self.has_several_authors && !author.is_empty())
                .into_iter()
                .collect(),
            language: None,
            summary: Some(entry.part("EXCERPT").to_owned()).filter(|text| !text.is_empty()),
            description: None,
            image: None,
            link: None,
            accepts_linkbacks: match (entry.key("ALLOW COMMENTS"), entry.key("ALLOW PINGS")) {
                ("0", "0" | "") => LinkbackSwitch::Closed,
                _ => LinkbackSwitch::Open,
            },
            body: body(entry),
            place: Place::of(&format!("{}{at}", survey.blog.base_url)),
            responses: responses(entry, zone),
            remarks: remarks(entry),
            more: FurtherKeys::default(),
        }
    }
}

fn remarks(entry: &RawEntry) -> Vec<String> {
    let mut remarks = Vec::new();
    if entry.key("CONVERT BREAKS").starts_with("textile") {
        remarks.push("its text is Textile, which is kept as it is written".to_owned());
    }
    if local_text(entry.key("DATE")).is_empty() {
        remarks.push("it has no date that can be read".to_owned());
    }
    remarks
}

/// The text as its format says: Markdown stays, HTML with or without its line breaks converted.
fn body(entry: &RawEntry) -> EntryBody {
    let (text, extended) = (entry.part("BODY"), entry.part("EXTENDED BODY"));
    let whole =
        if extended.is_empty() { text.to_owned() } else { format!("{text}\n\n<!--more-->\n\n{extended}") };
    match entry.key("CONVERT BREAKS") {
        "markdown" | "markdown_with_smartypants" => {
            EntryBody::Markdown(whole.replace("<!--more-->", "<!-- more -->"))
        }
        "1" | "__default__" | "convert_breaks" => EntryBody::Html(autop(&whole)),
        // The marks of Textile are meant for lines of their own.
        kind if kind.starts_with("textile") => EntryBody::Html(autop(&whole)),
        // Without the key the text is as the blog usually has it.
        "" if !has_blocks(&whole) => EntryBody::Html(autop(&whole)),
        _ => EntryBody::Html(whole),
    }
}

/// Whether a text has paragraphs or line breaks of its own.
fn has_blocks(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["<p>", "<p ", "<br", "<div"].iter().any(|tag| text.contains(tag))
}

/// Tags between commas, those with blanks in quotation marks.
fn tags(text: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut tag = String::new();
    let mut is_quoted = false;
    for c in text.chars().chain([',']) {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                let whole = std::mem::take(&mut tag).trim().to_owned();
                if !whole.is_empty() && !tags.contains(&whole) {
                    tags.push(whole);
                }
            }
            c => tag.push(c),
        }
    }
    tags
}

fn responses(entry: &RawEntry, zone: Tz) -> Vec<ImportedResponse> {
    let parts = entry.parts.iter().filter(|part| matches!(part.name.as_str(), "COMMENT" | "PING"));
    parts.enumerate().map(|(at, part)| response(part, at + 1, zone)).collect()
}

/// A comment or trackback: keys up to the first line that is none, then its text.
fn response(part: &RawPart, number: usize, zone: Tz) -> ImportedResponse {
    // The last two are FC2's: a comment for the author alone, and the word with which its writer changes it.
    const KEYS: [&str; 10] =
        ["AUTHOR", "EMAIL", "IP", "URL", "DATE", "VISIBLE", "SECRET", "PASS", "TITLE", "BLOG NAME"];
    let mut keys: HashMap<&str, &str> = HashMap::new();
    let mut rest = part.text.as_str();
    while let Some((line, after)) = rest.split_once('\n') {
        let Some((name, value)) = line.split_once(':') else { break };
        // A key stands once; the same word again is text. The date is the last key of most, behind which mail and network
        // address may stand but no title.
        let is_text = keys.contains_key("DATE") && matches!(name, "TITLE" | "BLOG NAME");
        if !KEYS.contains(&name) || keys.contains_key(name) || is_text {
            break;
        }
        keys.insert(name, value.trim());
        rest = after;
    }
    let of = |name: &str| keys.get(name).copied().unwrap_or_default().to_owned();
    let local = local_text(&of("DATE"));
    let is_ping = part.name == "PING";
    let text = rest.trim().to_owned();
    ImportedResponse {
        kind: if is_ping { LinkbackKind::Trackback } else { LinkbackKind::Comment },
        relation: None,
        id: number.to_string(),
        parent: None,
        anchor: None,
        source: if is_ping { of("URL") } else { String::new() },
        title: of("TITLE"),
        site: of("BLOG NAME"),
        author: if is_ping { String::new() } else { of("AUTHOR") },
        author_url: if is_ping {
            String::new()
        } else {
            Some(of("URL")).filter(|url| url.starts_with("http")).unwrap_or_default()
        },
        content: if is_ping { String::new() } else { autop(&text) },
        excerpt: if is_ping {
            fold_white_space(&html_tree::text_of(&html_tree::parse(&text).unwrap_or_default()))
        } else {
            String::new()
        },
        published: utc_text(&local, "", zone),
        state: if of("SECRET") == "1" || of("VISIBLE") == "0" {
            ResponseState::Held
        } else {
            ResponseState::Approved
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_of_dashes_end_a_part() {
        let text = "TITLE: A\nDATE: 07/01/2006 09:00:00\n-----\nBODY:\none\n----\n------\ntwo\n-----\nCOMMENT:\nAUTHOR: B\nDATE: 07/01/2006 09:00:00 PM\nDATE: text\n-----\n--------\nTITLE: C\n-----\nBODY:\nlast";
        let mut reader = EntryReader::new(text.as_bytes());
        let first = reader.next().unwrap().unwrap();
        assert_eq!(first.part("BODY"), "one\n----\n------\ntwo");
        assert_eq!(responses(&first, Tz::UTC)[0].content, "<p>DATE: text</p>\n");
        let second = reader.next().unwrap().unwrap();
        assert_eq!((second.key("TITLE"), second.part("BODY")), ("C", "last"));
        assert_eq!(reader.next().unwrap(), None);
        let typepad = "TITLE: A\n-----\nKEYWORDS:\n\n-----\n\n\nCOMMENT:\nAUTHOR: B\nDATE: 07/01/2006 09:00:00\ntext\n-----\n\n\n--------\n";
        let entry = EntryReader::new(typepad.as_bytes()).next().unwrap().unwrap();
        assert_eq!(responses(&entry, Tz::UTC)[0].content, "<p>text</p>\n");
        let secret = RawPart {
            name: "COMMENT".to_owned(),
            text:
                "DATE: 07/01/2006 09:00:00\nAUTHOR: B\nEMAIL: b@mail.example\nSECRET: 1\nPASS: x\nTITLE: y\n"
                    .to_owned(),
        };
        let secret = response(&secret, 1, Tz::UTC);
        assert_eq!((secret.content.as_str(), secret.state), ("<p>TITLE: y</p>\n", ResponseState::Held));
        assert_eq!(local_text("03/04/2004 11:15:00 PM"), "2004-03-04 23:15:00");
        assert_eq!(tags("\"sheet bend\",rope,\"1904\""), ["sheet bend", "rope", "1904"]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let text = "TITLE: A\nCONVERT BREAKS: textile_2\nDATE: 02/30/2015 12:00:00\n-----\nBODY:\nh2. Head\n\n* one\n* two\n";
        let entry = EntryReader::new(text.as_bytes()).next().unwrap().unwrap();
        assert_eq!(body(&entry), EntryBody::Html("<p>h2. Head</p>\n<p>* one<br />\n* two</p>\n".to_owned()));
        assert_eq!(remarks(&entry).len(), 2);
    }
}
