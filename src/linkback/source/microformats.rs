//! What a page says of itself in microformats2, as much of it as linkbacks need: its entries, and what they, their
//! authors and the pages they answer are called.
//!
//! Classic microformats (`hentry`, `vcard`) are read as well where they say something; only the new ones are believed when
//! they say where an entry ends, as themes put `hentry` on what is none.

use std::collections::BTreeMap;

use url::Url;

use crate::dom::{Node, NodeId, Step};
use crate::linkback::address::Address;
use crate::linkback::source::place;

/// The items of a page, in the order in which they begin.
#[derive(Debug, Default)]
pub struct Microformats<'a> {
    items: Vec<MicroformatItem<'a>>,
    by_node: BTreeMap<NodeId, usize>,
}

/// A thing that the page describes.
#[derive(Debug)]
pub struct MicroformatItem<'a> {
    /// The element it is made of.
    pub node: Node<'a>,
    /// What it is: `h-entry`.
    kinds: Vec<&'a str>,
    /// What it is to the item around it: `comment`, `in-reply-to`.
    roles: Vec<&'a str>,
    /// Whether classes of microformats2 say so, or only classic ones.
    vocabulary: Vocabulary,
    parent: Option<usize>,
    properties: Vec<MicroformatProperty<'a>>,
}

/// The two generations of microformats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    /// `h-entry`, `p-name`.
    Microformats2,
    /// `hentry`, `entry-title`.
    Classic,
}

/// Something that is said of an item.
#[derive(Debug, Clone, Copy)]
pub struct MicroformatProperty<'a> {
    name: &'a str,
    /// Whether its text is an address, as the prefix `u-` says.
    is_address: bool,
    /// The element that says it.
    pub node: Node<'a>,
    /// The item that it is, if it is one.
    item: Option<usize>,
}

/// Classic names of what begins an item.
const CLASSIC_ROOTS: [(&str, &str); 8] = [
    ("hentry", "h-entry"),
    ("vcard", "h-card"),
    ("hfeed", "h-feed"),
    ("vevent", "h-event"),
    ("hreview", "h-review"),
    ("hrecipe", "h-recipe"),
    ("hproduct", "h-product"),
    ("hresume", "h-resume"),
];

/// Classes of CSS frameworks for heights, which would begin an item by their form.
const HEIGHTS: [&str; 16] = [
    "h-auto",
    "h-dvh",
    "h-dvw",
    "h-fill",
    "h-fit",
    "h-full",
    "h-half",
    "h-inherit",
    "h-lh",
    "h-lvh",
    "h-max",
    "h-min",
    "h-none",
    "h-px",
    "h-screen",
    "h-svh",
];

/// The items that are a page's text, and may so hold a link of its author.
const ENTRIES: [&str; 5] = ["h-entry", "h-event", "h-review", "h-recipe", "h-resume"];

/// Classic names of properties.
const CLASSIC: [(&str, &str); 9] = [
    ("entry-title", "name"),
    ("entry-content", "content"),
    ("entry-summary", "summary"),
    ("published", "published"),
    ("author", "author"),
    ("fn", "name"),
    ("url", "url"),
    ("bookmark", "url"),
    ("summary", "summary"),
];

impl<'a> Microformats<'a> {
    /// The items below a node.
    pub fn below(top: Node<'a>) -> Self {
        let mut items: Vec<MicroformatItem<'a>> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        for step in top.steps() {
            match step {
                Step::Into(node) if node.attribute("class").is_some() => {
                    let begins = MicroformatItem::beginning(node, open.last().copied());
                    let item = begins.is_some().then_some(items.len());
                    let mut roles = Vec::new();
                    if let Some(parent) = open.last().map(|at| &mut items[*at]) {
                        let said: Vec<_> = properties(node, parent.vocabulary, item).collect();
                        roles.extend(said.iter().map(|property| property.name));
                        parent.properties.extend(said);
                    }
                    if let Some(mut begun) = begins {
                        begun.roles = roles;
                        open.push(items.len());
                        items.push(begun);
                    }
                }
                Step::OutOf(node) if open.last().is_some_and(|at| items[*at].node == node) => {
                    open.pop();
                }
                _ => {}
            }
        }
        let by_node = items.iter().enumerate().map(|(at, item)| (item.node.id(), at)).collect();
        Self { items, by_node }
    }

    /// The entries that microformats2 marks, which say where they end.
    pub fn entries(&self) -> impl Iterator<Item = &MicroformatItem<'a>> {
        self.items.iter().filter(|item| item.is_entry() && item.vocabulary == Vocabulary::Microformats2)
    }

    /// The items that hold a node, the innermost first.
    fn holders(&self, node: Node<'a>) -> impl Iterator<Item = &MicroformatItem<'a>> {
        node.ancestors().filter_map(|holder| self.items.get(*self.by_node.get(&holder.id())?))
    }

    /// The item whose author says what a node says: the innermost entry or response that holds it. What an entry
    /// cites or quotes does not speak.
    pub fn speaker_of(&self, node: Node<'a>) -> Option<&MicroformatItem<'a>> {
        self.holders(node).find(|item| self.is_speaker(item))
    }

    fn is_speaker(&self, item: &MicroformatItem<'a>) -> bool {
        if self.is_response(item) {
            return item.is_entry() || item.is_citation();
        }
        let parent = item.parent.map(|at| &self.items[at]);
        let is_referred_to = !item.roles.is_empty() && parent.is_some_and(MicroformatItem::is_entry);
        item.is_entry() && !is_referred_to && !self.is_in_content(item)
    }

    /// Whether an item is a response to the page.
    pub fn is_response(&self, item: &MicroformatItem<'a>) -> bool {
        item.roles.contains(&"comment") || place::is_in_comments(item.node)
    }

    /// Whether an item stands in the text of an entry around it.
    fn is_in_content(&self, item: &MicroformatItem<'a>) -> bool {
        let entries = self.holders(item.node).filter(|holder| holder.is_entry());
        let mut contents = entries.flat_map(|entry| self.values(entry, "content"));
        contents.any(|content| item.node.is_inside(content.node))
    }

    /// The thing that the page cites and that a link stands in, or is.
    pub fn citation_of(&self, link: Node<'a>) -> Option<&MicroformatItem<'a>> {
        let own = self.by_node.get(&link.id()).map(|at| &self.items[*at]);
        let cited = |item: &&MicroformatItem<'a>| {
            !self.is_response(item) && (item.is_citation() || item.is_entry() && !self.is_speaker(item))
        };
        own.into_iter().chain(self.holders(link)).find(cited)
    }

    /// What an item says under a name, in the order of the page.
    pub fn values<'m>(
        &'m self,
        item: &'m MicroformatItem<'a>,
        name: &'m str,
    ) -> impl Iterator<Item = &'m MicroformatProperty<'a>> {
        item.properties.iter().filter(move |property| property.name == name)
    }

    /// The first thing an item says under a name.
    pub fn value<'m>(
        &'m self,
        item: &'m MicroformatItem<'a>,
        name: &'m str,
    ) -> Option<&'m MicroformatProperty<'a>> {
        self.values(item, name).next()
    }

    /// The authors of an entry: its own, then those of the feed it stands in.
    pub fn authors_of<'m>(
        &'m self,
        entry: &'m MicroformatItem<'a>,
    ) -> impl Iterator<Item = &'m MicroformatProperty<'a>> {
        let feed = entry.parent.map(|at| &self.items[at]).filter(|item| item.kinds.contains(&"h-feed"));
        self.values(entry, "author").chain(feed.into_iter().flat_map(|feed| self.values(feed, "author")))
    }

    /// The person whose page is at an address.
    pub fn card_at(&self, url: &Url, base: &Url) -> Option<&MicroformatItem<'a>> {
        let wanted = Address::of_url(url.clone()).ok()?.key();
        let is_there = |card: &&MicroformatItem<'a>| {
            let mut urls: Vec<Url> =
                self.values(card, "url").filter_map(|url| url_value(url.node, base)).collect();
            urls.extend(self.url_of(card, base));
            urls.into_iter().filter_map(|url| Address::of_url(url).ok()).any(|url| url.key() == wanted)
        };
        self.cards().find(is_there)
    }

    /// The first person that an element describes.
    pub fn card_in(&self, node: Node<'a>) -> Option<&MicroformatItem<'a>> {
        self.cards().find(|card| card.node == node || card.node.is_inside(node))
    }

    fn cards(&self) -> impl Iterator<Item = &MicroformatItem<'a>> {
        self.items.iter().filter(|item| item.kinds.contains(&"h-card"))
    }

    /// The only person that the page describes by itself.
    pub fn only_card(&self) -> Option<&MicroformatItem<'a>> {
        let mut cards =
            self.items.iter().filter(|item| item.kinds.contains(&"h-card") && item.parent.is_none());
        let first = cards.next()?;
        cards.next().is_none().then_some(first)
    }

    /// The name of the feed an entry stands in.
    pub fn feed_name(&self, entry: &MicroformatItem<'a>) -> Option<String> {
        let feed = &self.items[entry.parent?];
        self.value(feed, "name").map(|name| self.text(name))
    }

    /// A property as text.
    pub fn text(&self, property: &MicroformatProperty<'a>) -> String {
        match property.item.map(|at| &self.items[at]) {
            Some(item) => self.name(item),
            None => plain_value(property.node),
        }
    }

    /// A property as an address.
    pub fn url(&self, property: &MicroformatProperty<'a>, base: &Url) -> Option<Url> {
        match property.item.map(|at| &self.items[at]) {
            Some(item) => self.url_of(item, base),
            None => url_value(property.node, base).or_else(|| {
                let text = property.is_address.then(|| property.node.text_content())?;
                base.join(text.trim()).ok()
            }),
        }
    }

    /// What an item is called: what it says, else the parts of its name, else its text without that of items in it.
    pub fn name(&self, item: &MicroformatItem<'a>) -> String {
        if let Some(name) = self.value(item, "name") {
            return plain_value(name.node);
        }
        let parts = ["given-name", "additional-name", "family-name"].map(|part| self.value(item, part));
        let parts: Vec<String> = parts.into_iter().flatten().map(|part| plain_value(part.node)).collect();
        if !parts.is_empty() {
            return parts.join(" ");
        }
        let inner = |node: Node<'a>| node.is_inside(item.node) && self.by_node.contains_key(&node.id());
        if !item.node.descendants().any(inner) {
            return plain_value(item.node);
        }
        let texts = item.node.descendants().filter(|node| !node.ancestors().any(inner));
        texts.filter_map(Node::text).collect()
    }

    /// The texts of a property that is a date: also of one written in parts, one for the day and one for the time
    /// (microformats2 parsing, value class pattern).
    pub fn dates<'m>(
        &'m self,
        item: &'m MicroformatItem<'a>,
        name: &'m str,
    ) -> impl Iterator<Item = String> + 'm {
        self.values(item, name).map(|property| {
            let parts = property.node.descendants().filter_map(|part| {
                if part.words("class").any(|class| class == "value-title") {
                    return part.attribute("title").map(str::to_owned);
                }
                part.words("class").any(|class| class == "value").then(|| plain_value(part))
            });
            let parts: Vec<String> = parts.collect();
            if parts.is_empty() { self.text(property) } else { parts.join(" ") }
        })
    }

    /// Where an item is: what it says, else where it or the only link in it leads.
    pub fn url_of(&self, item: &MicroformatItem<'a>, base: &Url) -> Option<Url> {
        if let Some(url) = self.value(item, "url") {
            return url_value(url.node, base);
        }
        if item.node.attribute("href").is_some() {
            return url_value(item.node, base);
        }
        let mut links =
            item.node.descendants().filter(|node| node.name() == "a" && node.attribute("href").is_some());
        let only = links.next()?;
        links.next().is_none().then(|| url_value(only, base)).flatten()
    }
}

impl<'a> MicroformatItem<'a> {
    /// The item that begins with an element, if one does.
    fn beginning(node: Node<'a>, parent: Option<usize>) -> Option<Self> {
        let mut kinds: Vec<&'a str> = node.words("class").filter(|class| is_root(class)).collect();
        let mut vocabulary = Vocabulary::Microformats2;
        if kinds.is_empty() {
            let classic = |class: &'a str| CLASSIC_ROOTS.iter().find(|(classic, _)| *classic == class);
            kinds = node.words("class").filter_map(classic).map(|(_, name)| *name).collect();
            vocabulary = Vocabulary::Classic;
        }
        let roles = Vec::new();
        (!kinds.is_empty()).then(|| Self { node, kinds, roles, vocabulary, parent, properties: Vec::new() })
    }

    fn is_entry(&self) -> bool {
        self.kinds.iter().any(|kind| ENTRIES.contains(kind))
    }

    fn is_citation(&self) -> bool {
        self.kinds.contains(&"h-cite")
    }
}

/// Whether a class begins an item.
fn is_root(class: &str) -> bool {
    class.strip_prefix("h-").is_some_and(is_name) && !HEIGHTS.contains(&class)
}

/// Whether a name has the form of microformats2 (parsing, section 1): words of small letters, and before them perhaps a
/// prefix with digits.
fn is_name(name: &str) -> bool {
    let (prefix, rest) = name.split_once('-').unwrap_or(("", name));
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_prefix = prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    is_prefix && (!prefix.is_empty() || !name.starts_with('-')) && rest.split('-').all(is_word)
}

/// What an element says of the item it stands in.
fn properties<'a>(
    node: Node<'a>,
    vocabulary: Vocabulary,
    item: Option<usize>,
) -> impl Iterator<Item = MicroformatProperty<'a>> {
    let names =
        node.words("class").chain(node.words("rel").filter(move |_| vocabulary == Vocabulary::Classic));
    names.filter_map(move |class| {
        let name = match vocabulary {
            Vocabulary::Classic => CLASSIC.iter().find(|(classic, _)| *classic == class)?.1,
            Vocabulary::Microformats2 => {
                let prefixes = ["p-", "u-", "dt-", "e-"].iter();
                prefixes.filter_map(|prefix| class.strip_prefix(prefix)).find(|name| is_name(name))?
            }
        };
        Some(MicroformatProperty { name, is_address: class.starts_with("u-"), node, item })
    })
}

/// The text of an element that says something (microformats2 parsing, `p-` and `dt-`).
fn plain_value(node: Node<'_>) -> String {
    let from_attribute = match node.name() {
        "abbr" | "link" => node.attribute("title"),
        "data" | "input" => node.attribute("value"),
        "time" | "ins" | "del" => node.attribute("datetime"),
        "img" | "area" => node.attribute("alt"),
        "meta" => node.attribute("content"),
        _ => None,
    };
    let text = from_attribute.map_or_else(|| node.text_content(), str::to_owned);
    if !text.trim().is_empty() {
        return text;
    }
    // A picture of a person stands for the name.
    let picture = node.descendants().find(|inner| inner.name() == "img");
    picture.and_then(|picture| picture.attribute("alt")).unwrap_or_default().to_owned()
}

/// The address an element says (microformats2 parsing, `u-`).
fn url_value(node: Node<'_>, base: &Url) -> Option<Url> {
    let text = match node.name() {
        "a" | "area" | "link" => node.attribute("href"),
        "img" | "audio" | "video" | "source" | "iframe" => node.attribute("src"),
        "object" => node.attribute("data"),
        "data" | "input" => node.attribute("value"),
        "abbr" => node.attribute("title"),
        _ => None,
    };
    base.join(text?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dom::Document;

    /// The entry of the first link, told in one line.
    fn check(html: &str, expected: &str) {
        let document = Document::parse(html);
        let formats = Microformats::below(document.root());
        let base = Url::parse("https://a.example/post/").unwrap();
        let link = document.elements().find(|node| node.attribute("href") == Some("#x")).unwrap();
        let told = formats.speaker_of(link).map(|entry| {
            let author = formats.authors_of(entry).next();
            let name = author.map_or_else(String::new, |author| formats.text(author));
            let url = author
                .and_then(|author| formats.url(author, &base))
                .map_or_else(String::new, |url| url.to_string());
            let title = formats.value(entry, "name").map_or_else(String::new, |name| formats.text(name));
            let date = formats.value(entry, "published").map_or_else(String::new, |date| formats.text(date));
            format!("{title}|{name}|{url}|{date}")
        });
        assert_eq!(told.as_deref().unwrap_or("none"), expected, "{html}");
    }

    #[test]
    fn an_entry_says_who_wrote_what_when() {
        check(
            "<div class=h-entry><h1 class=p-name>T</h1><a class='p-author h-card' href=/me><img alt=''>Ann</a><time class=dt-published datetime=2016-12-15>x</time><a href=#x>y</a></div>",
            "T|Ann|https://a.example/me|2016-12-15",
        );
        check(
            "<div class=h-entry><div class='p-author h-card'><img class=u-photo src=p.png alt=Ann><a class=u-url href=/me></a><span class=p-name>Ann B</span></div><a href=#x>y</a></div>",
            "|Ann B|https://a.example/me|",
        );
        check("<div class=h-entry><span class=p-author>Ann</span><a href=#x>y</a></div>", "|Ann||");
    }

    #[test]
    fn a_feed_speaks_for_its_entries() {
        check(
            "<div class=h-feed><a class='p-author h-card' href=/me>Ann</a><div class=h-entry><a href=#x>y</a></div></div>",
            "|Ann|https://a.example/me|",
        );
    }

    #[test]
    fn a_response_below_an_entry_speaks_for_itself() {
        check(
            "<div class=h-entry><p class=p-name>T</p><div class='u-comment h-cite'><p class=p-name>C</p><p class='p-author h-card'>Bob</p><a href=#x>y</a></div></div>",
            "C|Bob||",
        );
    }

    #[test]
    fn what_an_entry_cites_does_not_speak() {
        for cited in [
            "<div class=e-content><div class='h-cite'><p class=p-name>C</p><p class=p-author>Bob</p><a href=#x>y</a></div></div>",
            "<div class='u-in-reply-to h-cite'><p class=p-name>C</p><p class=p-author>Bob</p><a href=#x>y</a></div>",
            "<div class='u-repost-of h-entry'><p class=p-name>C</p><p class=p-author>Bob</p><a href=#x>y</a></div>",
        ] {
            check(&format!("<div class=h-entry><p class=p-name>T</p>{cited}</div>"), "T|||");
        }
    }

    #[test]
    fn unknown_items_keep_what_they_say() {
        for class in ["h-listing", "h-app", "h-geo", "h-review-aggregate", "h-x2-thing", "h-place"] {
            check(
                &format!(
                    "<div class=h-entry><div class='{class}'><p class=p-name>C</p><p class=p-author>Bob</p></div><p class=p-name>T</p><a href=#x>y</a></div>"
                ),
                "T|||",
            );
        }
        for class in ["h-full", "h-screen", "h-16", "h-auto", "h-1/2", "h-[3rem]", "h-", "h--x", "h-Card"] {
            check(
                &format!(
                    "<div class=h-entry><div class='{class}'><p class=p-name>T</p></div><a href=#x>y</a></div>"
                ),
                "T|||",
            );
        }
    }

    #[test]
    fn a_name_may_stand_in_parts_and_is_not_that_of_an_employer() {
        check(
            "<div class=h-entry><div class='p-author h-card'><div class='p-org h-card'><a class=p-name href=/o>Some Org</a></div><a class=u-url href=/me><span class=p-given-name>Ann</span> <span class=p-family-name>Author</span></a></div><a href=#x>y</a></div>",
            "|Ann Author|https://a.example/me|",
        );
        check(
            "<div class=h-entry><div class='p-author h-card'>Ann <div class='p-org h-card'>Org</div></div><a href=#x>y</a></div>",
            "|Ann ||",
        );
    }

    #[test]
    fn classic_names_are_understood() {
        check(
            "<div class='post hentry'><h2 class=entry-title>T</h2><span class='author vcard'><a class='url fn' href=/me>Ann</a></span><time class=published datetime=2016-12-15>x</time><a href=#x>y</a></div>",
            "T|Ann|https://a.example/me|2016-12-15",
        );
    }

    #[test]
    fn classes_that_only_look_like_it_are_nothing() {
        check("<div class='h-full h-4 p-4 h-screen'><a href=#x>y</a></div>", "none");
    }
}
