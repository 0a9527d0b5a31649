//! What a page says of itself in microformats2, as much of it as linkbacks need: its entries, and what they, their
//! authors and the pages they answer are called.
//!
//! Classic microformats (`hentry`, `vcard`) are read as well where they say something; only the new ones are believed when
//! they say where an entry ends, as themes put `hentry` on what is none.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::dom::{Node, NodeId, Step};

/// The items of a page, in the order in which they begin.
#[derive(Debug, Default)]
pub struct Microformats<'a> {
    items: Vec<MicroformatItem<'a>>,
    by_node: BTreeMap<NodeId, usize>,
    /// The elements of responses to the page.
    responses: BTreeSet<NodeId>,
}

/// A thing that the page describes.
#[derive(Debug)]
pub struct MicroformatItem<'a> {
    /// The element it is made of.
    pub node: Node<'a>,
    /// What it is: `h-entry`.
    kinds: Vec<&'static str>,
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

/// What begins an item, and its classic name.
const ROOTS: [(&str, &str); 11] = [
    ("h-entry", "hentry"),
    ("h-card", "vcard"),
    ("h-feed", "hfeed"),
    ("h-cite", ""),
    ("h-event", "vevent"),
    ("h-review", "hreview"),
    ("h-recipe", "hrecipe"),
    ("h-product", "hproduct"),
    ("h-resume", "hresume"),
    ("h-item", ""),
    ("h-adr", ""),
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
                    if let Some(parent) = open.last().map(|at| &mut items[*at]) {
                        parent.properties.extend(properties(node, parent.vocabulary, item));
                    }
                    if let Some(begun) = begins {
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
        let said = items.iter().flat_map(|item| &item.properties);
        let responses = said.filter(|said| said.name == "comment").map(|said| said.node.id()).collect();
        Self { items, by_node, responses }
    }

    /// Whether the page says where its entries are.
    pub fn has_entries(&self) -> bool {
        self.items.iter().any(|item| item.is_entry() && item.vocabulary == Vocabulary::Microformats2)
    }

    /// The outermost entry that holds a node; an entry in a feed is one, a response below an entry is not.
    pub fn entry_of(&self, node: Node<'a>) -> Option<&MicroformatItem<'a>> {
        let holders = node.ancestors().filter_map(|holder| self.items.get(*self.by_node.get(&holder.id())?));
        holders.filter(|item| item.is_entry()).last()
    }

    /// Whether a node stands in another author's response to the page.
    pub fn is_in_response(&self, node: Node<'a>) -> bool {
        node.ancestors().any(|holder| self.responses.contains(&holder.id()))
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

    /// The author of an entry: its own, else that of the feed it stands in, else the only person of the page.
    pub fn author_of<'m>(&'m self, entry: &'m MicroformatItem<'a>) -> Option<&'m MicroformatProperty<'a>> {
        let own = self.value(entry, "author");
        own.or_else(|| self.value(&self.items[entry.parent?], "author"))
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

    /// What an item is called: what it says, else its text.
    pub fn name(&self, item: &MicroformatItem<'a>) -> String {
        self.value(item, "name").map_or_else(|| plain_value(item.node), |name| plain_value(name.node))
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
        let classes: BTreeSet<&str> = node.words("class").collect();
        let modern = ROOTS.iter().filter(|(name, _)| classes.contains(name)).map(|(name, _)| *name);
        let mut kinds: Vec<&'static str> = modern.collect();
        let mut vocabulary = Vocabulary::Microformats2;
        if kinds.is_empty() {
            // A kind without a classic name has an empty one, which is not a class.
            let classic = ROOTS.iter().filter(|(_, classic)| classes.contains(classic));
            kinds = classic.map(|(name, _)| *name).collect();
            vocabulary = Vocabulary::Classic;
        }
        (!kinds.is_empty()).then(|| Self { node, kinds, vocabulary, parent, properties: Vec::new() })
    }

    fn is_entry(&self) -> bool {
        self.kinds.iter().any(|kind| ENTRIES.contains(kind))
    }
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
                ["p-", "u-", "dt-", "e-"].iter().find_map(|prefix| class.strip_prefix(prefix))?
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
        let told = formats.entry_of(link).map(|entry| {
            let author = formats.author_of(entry);
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
    fn a_response_below_an_entry_does_not_speak_for_it() {
        check(
            "<div class=h-entry><p class=p-name>T</p><div class='u-comment h-cite'><p class=p-name>C</p><p class='p-author h-card'>Bob</p><a href=#x>y</a></div></div>",
            "T|||",
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
