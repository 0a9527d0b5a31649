//! WordPress's export, WXR 1.0 to 1.2: items one at a time, whatever their prefixes are declared as.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use chrono::DateTime;

use super::dates::local_time;
use crate::hash::Hash;
use crate::import::decoding::Mended;
use crate::import::xml::{
    SectionEnd, XmlError, XmlReader, XmlTag, XmlText, XmlToken, decode_entities, local,
};

/// What stands before the items: the blog, its authors and terms.
#[derive(Debug, Default, Clone)]
pub(super) struct WxrChannel {
    pub(super) title: String,
    pub(super) link: String,
    pub(super) description: String,
    pub(super) language: String,
    pub(super) version: String,
    pub(super) base_site_url: String,
    pub(super) base_blog_url: String,
    /// Names to print by login.
    pub(super) authors: BTreeMap<String, String>,
    pub(super) terms: Vec<WxrTerm>,
}

/// A term of any taxonomy.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct WxrTerm {
    pub(super) taxonomy: String,
    pub(super) slug: String,
    pub(super) parent: String,
    pub(super) name: String,
    pub(super) description: String,
}

/// An item: a post, a page, an attachment, or anything else that WordPress keeps as one.
#[derive(Debug, Default, Clone)]
pub(super) struct WxrItem {
    pub(super) title: WxrTitle,
    pub(super) link: String,
    pub(super) guid: String,
    pub(super) creator: String,
    pub(super) content: String,
    pub(super) excerpt: String,
    pub(super) id: u64,
    pub(super) date: String,
    pub(super) date_gmt: String,
    /// As RSS has it, which other programs write alone.
    pub(super) pub_date: String,
    pub(super) modified: String,
    pub(super) modified_gmt: String,
    pub(super) comment_status: String,
    pub(super) ping_status: String,
    pub(super) slug: String,
    pub(super) status: String,
    pub(super) parent: u64,
    pub(super) menu_order: i64,
    pub(super) kind: String,
    pub(super) password: String,
    pub(super) is_sticky: bool,
    pub(super) attachment_url: String,
    pub(super) terms: Vec<WxrTermOfItem>,
    pub(super) meta: Vec<WxrMeta>,
    pub(super) comments: Vec<WxrComment>,
    /// Whether the file ends in it.
    pub(super) is_cut: bool,
}

/// A title, and whether it is HTML that was never shown yet.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct WxrTitle {
    pub(super) text: String,
    /// In a CDATA section since WordPress 5.7; before that it had been made typographic already.
    pub(super) is_raw: bool,
}

/// A term of an item.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct WxrTermOfItem {
    pub(super) taxonomy: String,
    pub(super) slug: String,
    pub(super) name: String,
}

/// A key and its value.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct WxrMeta {
    pub(super) key: String,
    pub(super) value: String,
}

/// A comment or linkback.
#[derive(Debug, Default, Clone)]
pub(super) struct WxrComment {
    pub(super) id: String,
    pub(super) author: String,
    pub(super) author_url: String,
    pub(super) date: String,
    pub(super) date_gmt: String,
    pub(super) content: String,
    pub(super) approved: String,
    pub(super) kind: String,
    pub(super) parent: String,
    pub(super) meta: Vec<WxrMeta>,
}

impl WxrItem {
    /// What tells it from another item that has the same number.
    fn identity(&self) -> &str {
        let told = [&self.guid, &self.link, &self.title.text];
        told.into_iter().find(|told| !told.is_empty()).map_or("", String::as_str)
    }

    /// Takes the date of RSS where WordPress's own is missing.
    fn complete_date(&mut self) {
        let has_own = local_time(&self.date).is_some() || local_time(&self.date_gmt).is_some();
        if !has_own && let Ok(moment) = DateTime::parse_from_rfc2822(self.pub_date.trim()) {
            self.date_gmt = moment.to_utc().format("%Y-%m-%d %H:%M:%S").to_string();
        }
    }

    /// The value of a key.
    pub(super) fn meta(&self, key: &str) -> Option<&str> {
        value_of(&self.meta, key)
    }

    /// All values of a key.
    pub(super) fn metas(&self, key: &str) -> impl Iterator<Item = &str> {
        self.meta.iter().filter(move |meta| meta.key == key).map(|meta| meta.value.as_str())
    }
}

impl WxrComment {
    /// The value of a key.
    pub(super) fn meta(&self, key: &str) -> Option<&str> {
        value_of(&self.meta, key)
    }
}

fn value_of<'m>(meta: &'m [WxrMeta], key: &str) -> Option<&'m str> {
    meta.iter().find(|meta| meta.key == key).map(|meta| meta.value.as_str()).filter(|value| !value.is_empty())
}

/// Numbers of items, one for each. WordPress gives every item its own; other programs that write its format leave them out, or
/// use one twice.
#[derive(Debug, Default)]
pub(super) struct WxrItemIds {
    owners: HashMap<u64, ItemMark>,
}

/// What tells an item from others, as fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ItemMark {
    identity: u64,
    title: u64,
    content: u64,
}

impl ItemMark {
    fn of(item: &WxrItem) -> Self {
        let fingerprint = |text: &str| Hash::of(text.as_bytes()).long();
        Self {
            identity: fingerprint(&format!("{} {}", item.kind, item.identity())),
            title: fingerprint(&item.title.text),
            content: fingerprint(&item.content),
        }
    }

    /// Whether both are of one item, which may have been edited between two exports.
    fn is_of_same(&self, other: &Self) -> bool {
        self.identity == other.identity && (self.title == other.title || self.content == other.content)
    }
}

/// Numbers from here on are not of the export.
const FIRST_MADE_ID: u64 = 1 << 62;

impl WxrItemIds {
    /// Gives an item a number of its own, if it has none or that of another one. The same item gets the same number again.
    pub(super) fn complete(&mut self, item: &mut WxrItem) {
        let mark = ItemMark::of(item);
        if item.id == 0 {
            item.id = mark.identity | FIRST_MADE_ID;
        }
        if !self.owners.entry(item.id).or_insert(mark).is_of_same(&mark) {
            let all = format!("{} {} {}", mark.identity, mark.title, mark.content);
            item.id = Hash::of(all.as_bytes()).long() | FIRST_MADE_ID;
        }
    }
}

/// Whether a number is of the export, so that addresses and reports may show it.
pub(super) fn is_own_id(id: u64) -> bool {
    id < FIRST_MADE_ID
}

/// Reads a file.
pub(super) struct WxrReader<R> {
    xml: XmlReader<R>,
    pub(super) channel: WxrChannel,
    /// Prefixes whose elements are WordPress's, whatever they are called.
    own_prefixes: Vec<String>,
    /// Prefixes that were declared for something else.
    foreign_prefixes: Vec<String>,
}

/// Prefixes that WordPress uses, with the local names that need one.
const USUAL_PREFIXES: [&str; 5] = ["", "wp", "content", "excerpt", "dc"];

impl<R: Read> WxrReader<R> {
    /// Opens a file.
    pub(super) fn open(input: R) -> Result<Self, XmlError> {
        Ok(Self {
            xml: XmlReader::open(input, "rss")?,
            channel: WxrChannel::default(),
            own_prefixes: Vec::new(),
            foreign_prefixes: Vec::new(),
        })
    }

    /// What was mended up to now.
    pub(super) fn mended(&self) -> &Mended {
        self.xml.mended()
    }

    /// The next item; nothing at the end of the file. What stands before it is put into the channel.
    pub(super) fn next(&mut self) -> io::Result<Option<WxrItem>> {
        loop {
            let tag = match self.xml.next()? {
                XmlToken::EndOfFile => return Ok(None),
                XmlToken::End(_) => continue,
                XmlToken::Start(tag) => tag,
            };
            self.learn(&tag);
            if !self.is_own(&tag) {
                continue;
            }
            match tag.local_name() {
                "item" => return Ok(Some(self.item()?)),
                "rss" | "channel" => {}
                "image" | "cloud" => self.skip(&tag)?,
                "author" => self.author(&tag)?,
                "category" | "tag" | "term" if tag.prefix() != "" => self.term(&tag)?,
                name @ ("title" | "link" | "description" | "language" | "wxr_version" | "base_site_url"
                | "base_blog_url") => {
                    let text = self.text(&tag)?.text.trim().to_owned();
                    let channel = &mut self.channel;
                    let field = match name {
                        "title" => &mut channel.title,
                        "link" => &mut channel.link,
                        "description" => &mut channel.description,
                        "language" => &mut channel.language,
                        "wxr_version" => &mut channel.version,
                        "base_site_url" => &mut channel.base_site_url,
                        _ => &mut channel.base_blog_url,
                    };
                    if field.is_empty() {
                        *field = text;
                    }
                }
                _ => {}
            }
        }
    }

    /// Learns what prefixes stand for. Those that WordPress uses are taken for its own whatever is declared.
    fn learn(&mut self, tag: &XmlTag) {
        for (prefix, address) in tag.namespaces() {
            let is_own = address.contains("wordpress.org/export/");
            let list = if is_own { &mut self.own_prefixes } else { &mut self.foreign_prefixes };
            if !list.iter().any(|known| known == prefix) {
                list.push(prefix.to_owned());
            }
        }
    }

    fn is_own(&self, tag: &XmlTag) -> bool {
        let prefix = tag.prefix();
        USUAL_PREFIXES.contains(&prefix)
            || self.own_prefixes.iter().any(|known| known == prefix)
            || tag.local_name() == "encoded" && !prefix.is_empty()
    }

    fn text(&mut self, tag: &XmlTag) -> io::Result<XmlText> {
        let is_long = matches!(tag.local_name(), "encoded" | "meta_value" | "comment_content");
        self.xml.text(tag, if is_long { SectionEnd::BeforeTag } else { SectionEnd::First })
    }

    fn skip(&mut self, tag: &XmlTag) -> io::Result<()> {
        if tag.is_empty {
            return Ok(());
        }
        loop {
            match self.xml.next()? {
                XmlToken::EndOfFile => return Ok(()),
                XmlToken::End(name) if name == tag.name => return Ok(()),
                _ => {}
            }
        }
    }

    /// The children of an element that hold text, by their local names.
    fn fields(&mut self, tag: &XmlTag) -> io::Result<BTreeMap<String, String>> {
        let mut fields = BTreeMap::new();
        if tag.is_empty {
            return Ok(fields);
        }
        loop {
            match self.xml.next()? {
                XmlToken::EndOfFile => break,
                XmlToken::End(name) if name == tag.name => break,
                XmlToken::End(_) => {}
                XmlToken::Start(inner) if inner.local_name() == "termmeta" => self.skip(&inner)?,
                XmlToken::Start(inner) => {
                    let text = self.text(&inner)?.text;
                    fields.entry(inner.local_name().to_owned()).or_insert(text);
                }
            }
        }
        Ok(fields)
    }

    fn author(&mut self, tag: &XmlTag) -> io::Result<()> {
        let mut fields = self.fields(tag)?;
        let login = fields.remove("author_login").unwrap_or_default();
        let name = decode_entities(fields.remove("author_display_name").unwrap_or_default().trim());
        if !login.is_empty() {
            let name = if name.is_empty() { login.clone() } else { name };
            self.channel.authors.entry(login).or_insert(name);
        }
        Ok(())
    }

    fn term(&mut self, tag: &XmlTag) -> io::Result<()> {
        let kind = tag.local_name().to_owned();
        let mut fields = self.fields(tag)?;
        let mut term = match kind.as_str() {
            "category" => WxrTerm {
                taxonomy: "category".to_owned(),
                slug: take(&mut fields, "category_nicename"),
                parent: take(&mut fields, "category_parent"),
                name: take(&mut fields, "cat_name"),
                description: take(&mut fields, "category_description"),
            },
            "tag" => WxrTerm {
                taxonomy: "post_tag".to_owned(),
                slug: take(&mut fields, "tag_slug"),
                parent: String::new(),
                name: take(&mut fields, "tag_name"),
                description: take(&mut fields, "tag_description"),
            },
            _ => WxrTerm {
                taxonomy: take(&mut fields, "term_taxonomy"),
                slug: take(&mut fields, "term_slug"),
                parent: take(&mut fields, "term_parent"),
                name: take(&mut fields, "term_name"),
                description: take(&mut fields, "term_description"),
            },
        };
        // Names are escaped for HTML within their sections as well.
        term.name = decode_entities(&term.name);
        term.description = decode_entities(&term.description);
        let is_known =
            self.channel.terms.iter().any(|known| known.taxonomy == term.taxonomy && known.slug == term.slug);
        if !is_known {
            self.channel.terms.push(term);
        }
        Ok(())
    }

    fn item(&mut self) -> io::Result<WxrItem> {
        let mut item = WxrItem::default();
        loop {
            match self.xml.next()? {
                XmlToken::EndOfFile => {
                    item.is_cut = true;
                    return Ok(item);
                }
                XmlToken::End(name) if local(&name) == "item" => {
                    item.complete_date();
                    return Ok(item);
                }
                XmlToken::End(_) => {}
                XmlToken::Start(tag) => {
                    self.learn(&tag);
                    if self.is_own(&tag) {
                        self.item_field(&tag, &mut item)?;
                    }
                }
            }
            if item.is_cut {
                return Ok(item);
            }
        }
    }

    fn item_field(&mut self, tag: &XmlTag, item: &mut WxrItem) -> io::Result<()> {
        match tag.local_name() {
            "postmeta" => {
                let meta = self.meta(tag)?;
                item.meta.push(meta);
                return Ok(());
            }
            "comment" if tag.prefix() != "" => {
                let comment = self.comment(tag)?;
                item.comments.push(comment);
                return Ok(());
            }
            _ => {}
        }
        let read = self.text(tag)?;
        item.is_cut |= read.is_cut;
        let is_excerpt = tag.prefix().contains("excerpt");
        let text = read.text;
        match tag.local_name() {
            "title" if item.title.text.is_empty() => {
                item.title = WxrTitle { text: text.trim().to_owned(), is_raw: read.has_section };
            }
            "category" => {
                item.terms.push(WxrTermOfItem {
                    taxonomy: tag.attribute("domain").unwrap_or_default().to_owned(),
                    slug: tag.attribute("nicename").unwrap_or_default().to_owned(),
                    name: decode_entities(text.trim()),
                });
            }
            "post_id" if item.id == 0 => item.id = text.trim().parse().unwrap_or_default(),
            "post_parent" => item.parent = text.trim().parse().unwrap_or_default(),
            "menu_order" => item.menu_order = text.trim().parse().unwrap_or_default(),
            "is_sticky" => item.is_sticky = text.trim() == "1",
            // Blanks in a body count, and those around it do no harm.
            "encoded" if is_excerpt => set(&mut item.excerpt, text),
            "encoded" => set(&mut item.content, text),
            name => {
                let field = match name {
                    "link" => &mut item.link,
                    "guid" => &mut item.guid,
                    "creator" => &mut item.creator,
                    "post_date" => &mut item.date,
                    "post_date_gmt" => &mut item.date_gmt,
                    "pubDate" => &mut item.pub_date,
                    "post_modified" => &mut item.modified,
                    "post_modified_gmt" => &mut item.modified_gmt,
                    "comment_status" => &mut item.comment_status,
                    "ping_status" => &mut item.ping_status,
                    "post_name" => &mut item.slug,
                    "status" => &mut item.status,
                    "post_type" => &mut item.kind,
                    "post_password" => &mut item.password,
                    "attachment_url" => &mut item.attachment_url,
                    _ => return Ok(()),
                };
                set(field, text.trim().to_owned());
            }
        }
        Ok(())
    }

    fn meta(&mut self, tag: &XmlTag) -> io::Result<WxrMeta> {
        let mut fields = self.fields(tag)?;
        Ok(WxrMeta {
            key: fields.remove("meta_key").unwrap_or_default().trim().to_owned(),
            value: fields.remove("meta_value").unwrap_or_default(),
        })
    }

    fn comment(&mut self, tag: &XmlTag) -> io::Result<WxrComment> {
        let mut comment = WxrComment::default();
        if tag.is_empty {
            return Ok(comment);
        }
        loop {
            let inner = match self.xml.next()? {
                XmlToken::EndOfFile => break,
                XmlToken::End(name) if name == tag.name => break,
                XmlToken::End(_) => continue,
                XmlToken::Start(inner) => inner,
            };
            if inner.local_name() == "commentmeta" {
                let meta = self.meta(&inner)?;
                comment.meta.push(meta);
                continue;
            }
            let text = self.text(&inner)?.text;
            let field = match inner.local_name() {
                "comment_id" => &mut comment.id,
                "comment_author" => &mut comment.author,
                "comment_author_url" => &mut comment.author_url,
                "comment_date" => &mut comment.date,
                "comment_date_gmt" => &mut comment.date_gmt,
                "comment_content" => &mut comment.content,
                "comment_approved" => &mut comment.approved,
                "comment_type" => &mut comment.kind,
                "comment_parent" => &mut comment.parent,
                // Addresses of mail and machines are not even kept in memory.
                _ => continue,
            };
            set(field, text.trim().to_owned());
        }
        Ok(comment)
    }
}

fn take(fields: &mut BTreeMap<String, String>, name: &str) -> String {
    fields.remove(name).unwrap_or_default().trim().to_owned()
}

/// The first of several counts, as prefixes that mean the same may stand beside each other.
fn set(field: &mut String, text: String) {
    if field.is_empty() {
        *field = text;
    }
}
