//! Pages for machines: JSON in which the value of a property is the address of the post (Webmention section 3.2.2), or HTML that
//! links to it.
//!
//! Microformats as JSON, JF2, JSON Feed items and ActivityStreams name the same things differently; whichever name is there is taken.

use serde_json::{Map, Value};
use url::Url;

use super::{LinkCheck, LinkPlacement, LinkingPage, MAX_TEXT, NoLinkReason, SourcePage, date};
use crate::config::Author;
use crate::dom::Document;
use crate::linkback::Relation;
use crate::linkback::address::{Address, Targets};
use crate::linkback::inbox::state::Mention;
use crate::linkback::source::sanitize::{MAX_EXCERPT, MAX_NAME, MAX_TITLE, of_html, plain, reorders};

/// How many characters of a text are shown that says nowhere in particular what it is about.
const START: usize = 200;

pub(super) fn read(page: &SourcePage<'_>, targets: &Targets) -> LinkCheck {
    // serde_json itself ends at a depth of 128, so the walk may call itself.
    let Ok(value) = serde_json::from_slice::<Value>(page.body) else {
        return LinkCheck::Missing(NoLinkReason::NotAPage);
    };
    let Some(name) = property(&value, "", targets) else { return LinkCheck::Missing(NoLinkReason::NoLink) };
    let Some(thing) = thing_that_links(&value, targets) else {
        return LinkCheck::Missing(NoLinkReason::NoLink);
    };
    LinkCheck::Linked(Box::new(found(thing, relation(name), page.url)))
}

/// The name of the first property whose value is the address of the post, else of the first whose HTML links to it.
fn property<'v>(value: &'v Value, name: &'v str, targets: &Targets) -> Option<&'v str> {
    let is_address = |_: &str, text: &str| Url::parse(text.trim()).is_ok_and(|url| targets.contain(&url));
    let is_link =
        |name: &str, text: &str| matches!(name, "content" | "content_html" | "html") && links(text, targets);
    property_with(value, name, &is_address).or_else(|| property_with(value, name, &is_link))
}

/// The name of the first property with a wanted value.
fn property_with<'v>(
    value: &'v Value,
    name: &'v str,
    is_wanted: &dyn Fn(&str, &str) -> bool,
) -> Option<&'v str> {
    match value {
        Value::String(text) => is_wanted(name, text).then_some(name),
        Value::Array(list) => list.iter().find_map(|inner| property_with(inner, name, is_wanted)),
        Value::Object(map) => map.iter().find_map(|(key, inner)| {
            // What the thing answers may be an object with an address.
            let key = if matches!(key.as_str(), "url" | "id" | "@id" | "value" | "properties")
                && !name.is_empty()
            {
                name
            } else {
                key
            };
            property_with(inner, key, is_wanted)
        }),
        _ => None,
    }
}

/// Whether a text in HTML has a link to the post.
fn links(html: &str, targets: &Targets) -> bool {
    if !html.contains('<') {
        return false;
    }
    let document = Document::parse(html);
    let mut addresses = document.elements().filter_map(|node| node.attribute("href"));
    addresses.any(|address| Url::parse(address.trim()).is_ok_and(|url| targets.contain(&url)))
}

fn relation(name: &str) -> Relation {
    match name {
        "in-reply-to" | "inReplyTo" => Relation::Reply,
        "like-of" => Relation::Like,
        "repost-of" => Relation::Repost,
        "bookmark-of" => Relation::Bookmark,
        "quotation-of" => Relation::Quotation,
        _ => Relation::Mention,
    }
}

/// The object that has the link: of a list the one that does, else the object itself.
fn thing_that_links<'v>(value: &'v Value, targets: &Targets) -> Option<&'v Map<String, Value>> {
    match value {
        Value::Array(list) => {
            let linking = list.iter().find(|inner| property(inner, "", targets).is_some());
            linking.or_else(|| list.first()).and_then(|inner| thing_that_links(inner, targets))
        }
        Value::Object(map) => {
            let lists = ["items", "children", "properties", "orderedItems", "@graph", "object"];
            let inner = lists.iter().filter_map(|key| map.get(*key)).find(|inner| {
                property(inner, "", targets).is_some() && (inner.is_array() || inner.is_object())
            });
            inner.and_then(|inner| thing_that_links(inner, targets)).or(Some(map))
        }
        _ => None,
    }
}

fn found(thing: &Map<String, Value>, relation: Relation, url: &Url) -> LinkingPage {
    let title = first_text(thing, &["name", "title", "headline"]);
    let content = first_text(thing, &["content", "content_text", "content_html", "summary"]);
    let author = ["author", "authors", "attributedTo"].iter().find_map(|name| thing.get(*name)).map(author);
    let (name, author_url) = author.unwrap_or_default();
    let has_reordering_marks = [&title, &content, &name].into_iter().any(|text| reorders(text));
    let name = plain(&name, MAX_NAME);
    let author_url = url.join(author_url.trim()).ok().filter(|_| !author_url.trim().is_empty());
    let author_url = author_url.and_then(|url| Address::of_url(url).ok()).map(|url| url.as_str().to_owned());
    LinkingPage {
        words: Mention {
            relation,
            title: plain(&title, MAX_TITLE),
            site: String::new(),
            author: (!name.is_empty()).then(|| Author { name, url: author_url, ..Author::default() }),
            excerpt: plain(&content, START.min(MAX_EXCERPT)),
            published: date(&first_text(thing, &["published", "date_published", "datePublished"])),
            content: String::new(),
            parent: None,
        },
        place: LinkPlacement::Text,
        links: 0,
        text: content.chars().take(MAX_TEXT / 4).collect(),
        has_reordering_marks,
        canonical: None,
    }
}

/// The text of the first property that has one.
fn first_text(thing: &Map<String, Value>, names: &[&str]) -> String {
    names.iter().find_map(|name| text_of(thing.get(*name)?)).unwrap_or_default()
}

/// A text: a string, the first of a list, or an object with `text` or `html`.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(of_html(text)),
        Value::Array(list) => list.first().and_then(text_of),
        Value::Object(map) => ["text", "value", "html"].iter().find_map(|key| text_of(map.get(*key)?)),
        _ => None,
    }
}

/// The name and address of an author, which may be a string, a list or an object of any of the formats.
fn author(value: &Value) -> (String, String) {
    match value {
        Value::String(text) => (text.clone(), String::new()),
        Value::Array(list) => list.first().map(author).unwrap_or_default(),
        Value::Object(map) => match map.get("properties") {
            Some(inner) => author(inner),
            None => (first_text(map, &["name"]), first_text(map, &["url"])),
        },
        _ => Default::default(),
    }
}
