//! Linkbacks as JF2 (W3C Note 2018-01-10), with the names webmention.io gave to what JF2 has none for, so that one
//! reader understands both a receiver of this program and that service.
//!
//! ```json
//! {"type": "entry", "wm-id": 7, "wm-source": "https://…", "wm-target": "https://…", "wm-protocol": "webmention",
//!  "wm-property": "in-reply-to", "wm-received": "2026-11-22T12:00:00Z", "in-reply-to": "https://…", "url": "https://…",
//!  "name": "…", "author": {"type": "card", "name": "…", "url": "…"}, "content": {"text": "…"}, "published": "…"}
//! ```
//!
//! A comment has no page: its `wm-source` is `comment:…`, its `wm-protocol` is `comment`, `content` holds all of its words
//! in Markdown, and `parent` the id of the response that it answers. What is no longer approved is an entry with
//! `"deleted": true`.

use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::config::Author;
use crate::date::Date;
use crate::linkback::address::Address;
use crate::linkback::inbox::state::{COMMENT_SOURCE, Mention};
use crate::linkback::source::sanitize::{self, MAX_EXCERPT, MAX_NAME, MAX_TITLE};
use crate::linkback::{LinkbackKind, Relation, is_id};

/// A linkback as it is handed from one program to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jf2Entry {
    /// Its number where it comes from; each has a higher one than those before it.
    pub id: u64,
    /// The page that links.
    pub source: String,
    /// The page it links to.
    pub target: String,
    pub protocol: LinkbackKind,
    /// What is shown of it.
    pub words: Mention,
    pub received: Option<Date>,
    /// Whether it is one no longer.
    pub is_deleted: bool,
}

/// What was read of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Jf2Feed {
    /// Its entries, as they stand.
    pub entries: Vec<Jf2Entry>,
    /// Entries that could not be understood, or are private.
    pub skipped: usize,
    /// The highest number of all entries, understood or not.
    pub last_id: u64,
    /// Where the next entries begin, if the feed says so.
    pub cursor: Option<String>,
}

const PROPERTIES: [(&str, Relation); 6] = [
    ("mention-of", Relation::Mention),
    ("in-reply-to", Relation::Reply),
    ("like-of", Relation::Like),
    ("repost-of", Relation::Repost),
    ("bookmark-of", Relation::Bookmark),
    ("quotation-of", Relation::Quotation),
];

/// A feed of entries. `cursor` is what the next request is to say to get those that follow.
pub(crate) fn feed(name: &str, entries: &[Jf2Entry], cursor: Option<&str>) -> Value {
    let children: Vec<Value> = entries.iter().map(entry).collect();
    let mut feed = json!({ "type": "feed", "name": name, "children": children });
    if let (Some(cursor), Some(fields)) = (cursor, feed.as_object_mut()) {
        fields.insert("cursor".to_owned(), cursor.into());
    }
    feed
}

/// One entry.
pub(crate) fn entry(entry: &Jf2Entry) -> Value {
    let Jf2Entry { words, .. } = entry;
    let property = PROPERTIES.iter().find(|(_, relation)| *relation == words.relation);
    let property = property.map_or("mention-of", |(name, _)| *name);
    let mut fields = Map::new();
    put(&mut fields, "type", "entry");
    put(&mut fields, "wm-id", entry.id);
    put(&mut fields, "wm-source", entry.source.as_str());
    put(&mut fields, "wm-target", entry.target.as_str());
    put(&mut fields, "wm-protocol", entry.protocol.name());
    put(&mut fields, "wm-property", property);
    put(&mut fields, "wm-private", false);
    if entry.is_deleted {
        put(&mut fields, "deleted", true);
        return Value::Object(fields);
    }
    if let Some(received) = entry.received {
        put(&mut fields, "wm-received", received.rfc3339());
    }
    // A comment stands on the page that it is about, and nowhere else.
    let is_comment = entry.protocol == LinkbackKind::Comment;
    put(&mut fields, "url", if is_comment { entry.target.as_str() } else { entry.source.as_str() });
    put(&mut fields, property, entry.target.as_str());
    put(&mut fields, "published", words.published.map(|date| date.to_text()));
    let texts = [("name", &words.title), ("publication", &words.site)];
    for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        put(&mut fields, key, text.as_str());
    }
    let text = if words.content.is_empty() { &words.excerpt } else { &words.content };
    if !text.is_empty() {
        put(&mut fields, "content", json!({ "text": text }));
    }
    if let Some(parent) = &words.parent {
        put(&mut fields, "parent", parent.as_str());
    }
    if let Some(author) = &words.author {
        put(&mut fields, "author", card(author));
    }
    Value::Object(fields)
}

fn put(fields: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    fields.insert(key.to_owned(), value.into());
}

fn card(author: &Author) -> Value {
    let mut card = json!({ "type": "card", "name": author.name });
    if let Some(fields) = card.as_object_mut() {
        let addresses = [("url", &author.url), ("photo", &author.photo)];
        fields.extend(
            addresses.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.as_deref()?.into()))),
        );
    }
    card
}

/// Reads a feed. Texts of other sites become plain text.
pub(crate) fn parse(bytes: &[u8], zone: Tz) -> Result<Jf2Feed, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("this is not JSON: {error}"))?;
    if let Some(error) = value.get("error").and_then(Value::as_str) {
        return Err(value.get("error_description").and_then(Value::as_str).unwrap_or(error).to_owned());
    }
    let Some(children) = value.get("children").and_then(Value::as_array) else {
        return Err("this is not a feed in JF2: it has no `children`".to_owned());
    };
    let mut feed = Jf2Feed { cursor: text_at(&value, "cursor"), ..Jf2Feed::default() };
    for child in children {
        feed.last_id = feed.last_id.max(child.get("wm-id").and_then(Value::as_u64).unwrap_or(0));
        match read_entry(child, zone) {
            Some(entry) => feed.entries.push(entry),
            None => feed.skipped += 1,
        }
    }
    Ok(feed)
}

fn read_entry(value: &Value, zone: Tz) -> Option<Jf2Entry> {
    // What was meant for one person is not for a page.
    if value.get("wm-private").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let property = text_at(value, "wm-property").unwrap_or_default();
    let relation = match PROPERTIES.iter().find(|(name, _)| *name == property) {
        Some((_, relation)) => *relation,
        // An answer to an invitation is an answer.
        None if property == "rsvp" => Relation::Reply,
        None => Relation::Mention,
    };
    let protocol = text_at(value, "wm-protocol").unwrap_or_default();
    let protocol = LinkbackKind::ALL
        .iter()
        .find(|(name, _)| *name == protocol)
        .map_or(LinkbackKind::Webmention, |(_, kind)| *kind);
    let is_comment = protocol == LinkbackKind::Comment;
    let content = content(value);
    let excerpt = sanitize::plain(&content, MAX_EXCERPT);
    let title = sanitize::plain(&name_at(value), MAX_TITLE);
    let begins = excerpt.trim_end_matches('…').starts_with(title.trim_end_matches('…'));
    Some(Jf2Entry {
        id: value.get("wm-id")?.as_u64()?,
        source: if is_comment { comment_at(value)? } else { page_at(value, "wm-source")? },
        target: page_at(value, "wm-target")?,
        protocol,
        words: Mention {
            relation,
            // A note has its own first words for a name.
            title: if begins && !excerpt.is_empty() { String::new() } else { title },
            site: sanitize::plain(&text_at(value, "publication").unwrap_or_default(), MAX_NAME),
            author: value.get("author").and_then(read_author),
            excerpt,
            published: date_at(value, "published", zone),
            content: if is_comment { sanitize::visible_lines(&content) } else { String::new() },
            parent: text_at(value, "parent").filter(|_| is_comment).filter(|id| is_id(id)),
        },
        received: date_at(value, "wm-received", zone),
        is_deleted: value.get("deleted").and_then(Value::as_bool) == Some(true),
    })
}

/// What a comment has for a source, which is not an address.
fn comment_at(value: &Value) -> Option<String> {
    let source = text_at(value, "wm-source")?;
    let token = source.strip_prefix(COMMENT_SOURCE)?;
    let is_token = !token.is_empty() && token.len() <= 64 && token.chars().all(|c| c.is_ascii_alphanumeric());
    is_token.then_some(source)
}

/// The text of an entry: its own, else its summary.
fn content(value: &Value) -> String {
    content_at(value, "content").or_else(|| content_at(value, "summary")).unwrap_or_default()
}

fn content_at(value: &Value, key: &str) -> Option<String> {
    let content = match value.get(key)? {
        Value::String(plain) => return Some(plain.clone()),
        content => content,
    };
    let is_html = text_at(content, "content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let value = text_at(content, "value");
    let value = value.map(|value| if is_html { sanitize::of_html(&value) } else { value });
    let html = text_at(content, "html").map(|html| sanitize::of_html(&html));
    text_at(content, "text").or(value).or(html)
}

fn read_author(value: &Value) -> Option<Author> {
    let author = match value {
        Value::String(name) => Author { name: sanitize::plain(name, MAX_NAME), ..Author::default() },
        _ => Author {
            name: sanitize::plain(&name_at(value), MAX_NAME),
            url: address_at(value, "url"),
            photo: address_at(value, "photo"),
            email: None,
        },
    };
    (author != Author::default()).then_some(author)
}

/// The address of a page, without a fragment.
fn page_at(value: &Value, key: &str) -> Option<String> {
    let address = Address::parse(&text_at(value, key)?).ok()?;
    Some(address.without_fragment().as_str().to_owned())
}

fn address_at(value: &Value, key: &str) -> Option<String> {
    Some(Address::parse(&text_at(value, key)?).ok()?.as_str().to_owned())
}

fn date_at(value: &Value, key: &str, zone: Tz) -> Option<Date> {
    Date::parse(&text_at(value, key)?, zone).ok()
}

/// The name of a thing. Services hand on what pages have in JSON-LD, where entities stand that no reader decoded.
fn name_at(value: &Value) -> String {
    sanitize::unescaped(&text_at(value, "name").unwrap_or_default())
}

fn text_at(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Jf2Feed {
        parse(text.as_bytes(), Tz::UTC).unwrap()
    }

    /// As the service's documentation shows it.
    const SERVICE: &str = r#"{"type": "feed", "name": "Webmentions", "children": [
        {"type": "entry", "author": {"type": "card", "name": "Ann\u202e", "photo": "https://a.example/p.jpg",
         "url": "https://a.example/"}, "url": "https://a.example/1", "published": "2026-11-02T10:00:00+02:00",
         "wm-received": "2026-11-02T08:01:00Z", "wm-id": 900, "wm-source": "https://a.example/1",
         "wm-target": "https://me.example/post/#x", "wm-protocol": "webmention", "name": "I disagree",
         "content": {"html": "<p>I disagree &amp; say so</p>", "text": "I disagree & say so"},
         "in-reply-to": "https://me.example/post/", "wm-property": "in-reply-to", "wm-private": false},
        {"type": "entry", "author": {"type": "card", "name": "", "photo": "", "url": "javascript:alert(1)"},
         "url": "https://b.example/2", "published": null, "wm-received": "2026-11-03T08:01:00Z", "wm-id": 901,
         "wm-source": "https://b.example/2", "wm-target": "https://me.example/post/", "wm-property": "like-of",
         "wm-private": false},
        {"type": "entry", "wm-id": 903, "wm-source": "https://c.example/", "wm-target": "https://me.example/",
         "wm-private": true, "wm-property": "mention-of"},
        {"type": "entry", "wm-id": 902, "wm-source": "javascript:alert(1)", "wm-target": "https://me.example/"},
        {"type": "entry", "wm-id": 899, "wm-source": "https://d.example/", "wm-target": "https://me.example/",
         "wm-property": "mention-of", "wm-protocol": "pingback", "name": "D",
         "content": {"content-type": "text/html", "value": "a <b>b</b><script>c</script>"}}]}"#;

    #[test]
    fn the_feed_of_a_service_is_read_as_plain_text() {
        let feed = read(SERVICE);
        assert_eq!((feed.entries.len(), feed.skipped, feed.last_id), (3, 2, 903));
        let [reply, like, mention] = feed.entries.as_slice() else { panic!("{feed:#?}") };
        assert_eq!(reply.target, "https://me.example/post/");
        assert_eq!(reply.words.relation, Relation::Reply);
        assert_eq!((reply.words.title.as_str(), reply.words.excerpt.as_str()), ("", "I disagree & say so"));
        assert_eq!(reply.words.author.as_ref().unwrap().name, "Ann");
        assert_eq!(reply.words.published.unwrap().to_text(), "2026-11-02T08:00:00Z");
        assert_eq!((like.words.relation, &like.words.author), (Relation::Like, &None));
        assert_eq!((mention.protocol, mention.words.title.as_str()), (LinkbackKind::Pingback, "D"));
        assert_eq!(mention.words.excerpt, "a b");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut entries = read(SERVICE).entries;
        entries[0].words.site = "Ann's".to_owned();
        entries[0].words.relation = Relation::Quotation;
        let gone = Jf2Entry { is_deleted: true, ..entries[1].clone() };
        entries.push(gone);
        let text = feed("Linkbacks", &entries, Some("17-3")).to_string();
        let read = read(&text);
        assert_eq!((read.cursor.as_deref(), read.skipped), (Some("17-3"), 0));
        assert!(read.entries[3].is_deleted);
        assert_eq!(read.entries[..3], entries[..3]);
    }

    #[test]
    fn what_is_no_feed_is_said_to_be_none() {
        for (text, fault) in [
            ("<html>", "this is not JSON: expected value at line 1 column 1"),
            ("[]", "this is not a feed in JF2: it has no `children`"),
            (r#"{"error": "forbidden", "error_description": "Invalid token"}"#, "Invalid token"),
        ] {
            assert_eq!(parse(text.as_bytes(), Tz::UTC), Err(fault.to_owned()));
        }
        assert_eq!(read(r#"{"children": [1, null, "x", {}, {"wm-id": -1}]}"#).skipped, 5);
    }
}
