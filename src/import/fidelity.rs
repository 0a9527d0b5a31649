//! What a reader finds on a page, as bags that can be compared: the proof that a post came over whole.
//!
//! Two pieces of HTML are alike if they have the same words in the same order, and the same links, images, media, code,
//! blocks, marks and anchors. The score is the lowest of the eight measures: a mean would hide a lost paragraph. What
//! does not count, as no reader sees it, is decided here and nowhere else:
//!
//! - quotation marks, dashes, ellipses, × and kinds of space of one family are the same;
//! - `b` is `strong`, `i` is `em`, `del` and `strike` are `s`, `tt` and `samp` are `code`;
//! - a paragraph without words or around a player, a paragraph of a list item, and a figure without a caption are not
//!   counted;
//! - a heading, list, item or quote with nothing in it is not counted;
//! - a line break at the edge of its block is not counted;
//! - the frames that Backmatter puts around code, quotes and tables are not counted;
//! - a thumbnail (`-300x200`) is the same image as its original;
//! - the source of a quote is compared by its words, wherever the page puts it.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::html_tree::{self, HtmlElement, HtmlNode};
use crate::path::nfc;

/// How alike two pieces of HTML are: eight measures between 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FidelityScore {
    measures: [Measure; 8],
}

/// One measure of a [`FidelityScore`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measure {
    pub(super) name: &'static str,
    /// From 0 to 1.
    pub(super) value: f64,
}

impl FidelityScore {
    /// The lowest measure.
    pub(super) fn lowest(&self) -> Measure {
        let lowest = self.measures.iter().min_by(|a, b| a.value.total_cmp(&b.value));
        lowest.copied().unwrap_or(Measure { name: "words", value: 1.0 })
    }

    /// Whether nothing differs.
    pub(super) fn is_whole(&self) -> bool {
        self.lowest().value >= 1.0
    }

    /// Compares what was with what is.
    pub(super) fn of(old: &PageFacts, new: &PageFacts) -> Self {
        let wanted: Vec<&String> = old.ids.iter().filter(|id| old.fragments.contains(id)).collect();
        let kept = wanted.iter().filter(|id| new.ids.contains(id)).count();
        let anchors = if wanted.is_empty() { 1.0 } else { ratio(kept, wanted.len()) };
        let measures = [
            ("words", sequence(&old.words, &new.words)),
            ("links", bags(&old.links, &new.links)),
            ("images", bags(&old.images, &new.images)),
            ("media", bags(&old.media, &new.media)),
            ("code", bags(&old.code, &new.code)),
            ("blocks", bags(&old.blocks, &new.blocks)),
            ("marks", bags(&old.marks, &new.marks)),
            ("anchors", anchors),
        ];
        Self { measures: measures.map(|(name, value)| Measure { name, value }) }
    }
}

type Bag = BTreeMap<String, usize>;

/// What a reader finds on a page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PageFacts {
    pub(super) words: Vec<String>,
    links: Bag,
    images: Bag,
    media: Bag,
    code: Bag,
    blocks: Bag,
    marks: Bag,
    ids: Vec<String>,
    /// Anchors that links on the page lead to.
    fragments: Vec<String>,
}

/// Blocks that are counted.
const BLOCKS: [&str; 26] = [
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "th",
    "dl",
    "dt",
    "dd",
    "hr",
    "figure",
    "figcaption",
    "details",
    "summary",
    "caption",
    "p",
    "br",
];
const MARKS: [&str; 13] =
    ["strong", "em", "s", "code", "sup", "sub", "u", "ins", "mark", "kbd", "q", "abbr", "small"];
const MEDIA: [&str; 7] = ["iframe", "embed", "video", "audio", "source", "track", "object"];
const HIDDEN: [&str; 6] = ["script", "style", "template", "noscript", "head", "title"];
/// Links that Backmatter adds.
const OWN_LINKS: [&str; 3] = ["anchor", "quote-permalink", "footnote-back"];

/// The element of a tree that holds the source of a quote until it is written.
pub(super) const ATTRIBUTION: &str = "x-attribution";

impl PageFacts {
    /// The facts of a tree.
    pub(super) fn of(nodes: &[HtmlNode]) -> Self {
        let mut reader = FactReader::default();
        reader.nodes(nodes, Parent { name: "", is_item: false });
        let mut facts = reader.facts;
        facts.words = words(&reader.text);
        facts
    }

    /// The facts of HTML.
    pub(super) fn of_html(html: &str) -> Self {
        html_tree::parse(html).map_or_else(|_| Self::default(), |nodes| Self::of(&nodes))
    }

    /// Words that `other` has and this one has not.
    pub(super) fn additions(&self, other: &Self) -> Vec<String> {
        if self.words == other.words {
            return Vec::new();
        }
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for word in &self.words {
            *known.entry(word).or_default() += 1;
        }
        let added = other.words.iter().filter(|word| match known.get_mut(word.as_str()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        added.cloned().collect()
    }
}

/// What a node stands in.
#[derive(Clone, Copy)]
struct Parent<'t> {
    name: &'t str,
    /// Whether it is an item of a list.
    is_item: bool,
}

#[derive(Default)]
struct FactReader {
    facts: PageFacts,
    text: String,
}

impl FactReader {
    fn nodes(&mut self, nodes: &[HtmlNode], parent: Parent<'_>) {
        for (at, node) in nodes.iter().enumerate() {
            match node {
                HtmlNode::Text(text) => self.text.push_str(text),
                HtmlNode::Comment(_) => {}
                HtmlNode::Element(element) if element.name == "br" => {
                    self.text.push('\n');
                    if is_inner(nodes, at) {
                        count(&mut self.facts.blocks, "br".to_owned());
                    }
                }
                HtmlNode::Element(element) => self.element(element, parent),
            }
        }
    }

    fn element(&mut self, element: &HtmlElement, parent: Parent<'_>) {
        let name = common_name(&element.name);
        let is_frame = name == "figure" && (element.has_class("code") || element.has_class("quote"));
        if HIDDEN.contains(&name) || name == "input" || is_own_link(element) {
            return;
        }
        let is_source = (name == "figcaption" && parent.name == "quote")
            || name == ATTRIBUTION
            || (matches!(name, "cite" | "footer") && parent.name == "blockquote");
        if is_source {
            let source = words(&text_without_own_links(element));
            let source =
                source.iter().map(|word| word.trim_matches(['-', ',', '―'])).filter(|word| !word.is_empty());
            count(&mut self.facts.marks, format!("source {}", source.collect::<Vec<_>>().join(" ")));
            return;
        }
        if name == "figcaption" && parent.name == "code" {
            return;
        }
        self.note_addresses(element, name);
        if BLOCKS.contains(&name) && !is_frame && is_counted(element, name, parent) {
            count(&mut self.facts.blocks, name.to_owned());
        }
        let is_mark = MARKS.contains(&name) && !(name == "code" && parent.name == "pre");
        if is_mark || name == "a" {
            let text = words(&element.text_content()).join(" ");
            if is_mark && !text.is_empty() {
                count(&mut self.facts.marks, format!("{name} {text}"));
            }
            let href = element.attribute("href").filter(|_| name == "a");
            let href = href.filter(|_| !text.is_empty() || holds_picture(element));
            if let Some(href) = href {
                count(&mut self.facts.links, format!("{} {text}", address(href)));
                self.facts.fragments.extend(href.strip_prefix('#').map(str::to_owned));
            }
        }
        if name == "pre" {
            count(&mut self.facts.code, element.text_content().trim_matches('\n').trim_end().to_owned());
        }
        let is_apart = html_tree::is_block(name) || matches!(name, "iframe" | "video" | "audio");
        if is_apart {
            self.text.push('\n');
        }
        let inner = if element.has_class("quote") && name == "figure" {
            "quote"
        } else if element.has_class("code") && name == "figure" {
            "code"
        } else {
            name
        };
        self.nodes(&element.children, Parent { name: inner, is_item: name == "li" });
        if is_apart {
            self.text.push('\n');
        }
    }

    fn note_addresses(&mut self, element: &HtmlElement, name: &str) {
        self.facts.ids.extend(element.attribute("id").map(str::to_owned));
        if name == "a" {
            self.facts.ids.extend(element.attribute("name").map(str::to_owned));
        }
        if name == "img" {
            let source = original_image(&address(element.attribute("src").unwrap_or_default()));
            let alt = words(element.attribute("alt").unwrap_or_default()).join(" ");
            count(&mut self.facts.images, format!("{source} {alt}"));
        }
        if MEDIA.contains(&name) {
            let source = element.attribute("src").or_else(|| element.attribute("data")).unwrap_or_default();
            count(&mut self.facts.media, address(source));
        }
    }
}

fn holds_picture(element: &HtmlElement) -> bool {
    element.elements().iter().any(|inner| inner.name == "img")
}

/// Whether a block counts.
fn is_counted(element: &HtmlElement, name: &str, parent: Parent<'_>) -> bool {
    match name {
        "p" => {
            !parent.is_item && !html_tree::is_medium_alone(&element.children) && has_word(&element.children)
        }
        "li" | "blockquote" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            has_word(&element.children)
                || element.elements().iter().any(|inner| matches!(inner.name.as_str(), "img" | "iframe"))
        }
        "figure" => element.children.iter().any(|child| child.named("figcaption").is_some()),
        _ => true,
    }
}

/// Whether something that is shown stands before and behind a node within its block.
fn is_inner(nodes: &[HtmlNode], at: usize) -> bool {
    nodes[..at].iter().any(is_shown) && nodes[at + 1..].iter().any(is_shown)
}

/// Whether a node is seen within a line.
fn is_shown(node: &HtmlNode) -> bool {
    match node {
        HtmlNode::Element(element) => element.name != "br" && !html_tree::is_block(&element.name),
        node => !node.is_blank(),
    }
}

fn is_own_link(element: &HtmlElement) -> bool {
    element.name == "a" && OWN_LINKS.iter().any(|class| element.has_class(class))
}

fn text_without_own_links(element: &HtmlElement) -> String {
    let mut text = String::new();
    for child in &element.children {
        match child {
            HtmlNode::Text(part) => text.push_str(part),
            HtmlNode::Element(inner) if !is_own_link(inner) => text.push_str(&text_without_own_links(inner)),
            _ => {}
        }
    }
    text
}

fn common_name(name: &str) -> &str {
    match name {
        "b" => "strong",
        "i" => "em",
        "strike" | "del" => "s",
        "tt" | "samp" => "code",
        name => name,
    }
}

fn count(bag: &mut Bag, key: String) {
    *bag.entry(key).or_default() += 1;
}

/// An address in the form in which it is compared.
fn address(written: &str) -> String {
    let written = written.trim();
    let decoded = percent_decode_str(written).decode_utf8_lossy();
    let (path, rest) = decoded.split_at(decoded.find(['?', '#']).unwrap_or(decoded.len()));
    let path = path.strip_prefix("https:").or_else(|| path.strip_prefix("http:")).unwrap_or(path);
    let path = path.trim_end_matches('/');
    // WordPress numbers the players of a page (`?_=1`).
    let rest = if rest.starts_with("?_=") { "" } else { rest };
    nfc(&format!("{path}{rest}")).into_owned()
}

/// The address without the size that WordPress puts into the names of thumbnails.
pub(super) fn original_image(address: &str) -> String {
    let Some((stem, extension)) = address.rsplit_once('.') else { return address.to_owned() };
    let Some((start, size)) = stem.rsplit_once('-') else { return address.to_owned() };
    let is_size = size.split_once('x').is_some_and(|(width, height)| {
        [width, height].iter().all(|side| !side.is_empty() && side.bytes().all(|byte| byte.is_ascii_digit()))
    });
    if is_size || size == "scaled" { format!("{start}.{extension}") } else { address.to_owned() }
}

/// The words of a text as they are compared.
pub(super) fn words(text: &str) -> Vec<String> {
    let text = nfc(text);
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{2039}' | '\u{203a}' => {
                folded.push('\'')
            }
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2033}' | '«' | '»' => folded.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            '…' => folded.push('.'),
            '×' => folded.push('x'),
            c if is_unseen(c) => {}
            c if c.is_whitespace() => folded.push(' '),
            c if is_wide(c) => {
                folded.push(' ');
                folded.push(c);
                folded.push(' ');
            }
            c => folded.push(c),
        }
    }
    folded.split(' ').filter(|word| !word.is_empty()).map(without_runs).collect()
}

/// Whether nodes have anything that is a word or a part of one.
fn has_word(nodes: &[HtmlNode]) -> bool {
    nodes.iter().any(|node| match node {
        HtmlNode::Text(text) => text.chars().any(|c| !c.is_whitespace() && !is_unseen(c)),
        HtmlNode::Element(element) => !html_tree::is_raw_text(&element.name) && has_word(&element.children),
        HtmlNode::Comment(_) => false,
    })
}

/// Marks within words that no reader sees: where a line may be broken, in which form a sign is shown.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{fe0f}')
}

/// `--` as `-`, `...` as `.`, `''` as `"`.
fn without_runs(word: &str) -> String {
    if !word.contains(['-', '.', '\'']) {
        return word.to_owned();
    }
    let mut out = String::with_capacity(word.len());
    for c in word.replace("''", "\"").chars() {
        if !(matches!(c, '-' | '.') && out.ends_with(c)) {
            out.push(c);
        }
    }
    out
}

/// Letters of scripts without spaces are words of their own.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn ratio(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of words are far below 2^52")]
    let value = part as f64 / whole as f64;
    value
}

fn bags(old: &Bag, new: &Bag) -> f64 {
    if old == new {
        return 1.0;
    }
    let common: usize = old.iter().map(|(key, count)| (*count).min(new.get(key).copied().unwrap_or(0))).sum();
    let all: usize = old.values().chain(new.values()).sum();
    ratio(2 * common, all)
}

/// Twice the longest common subsequence over the sum of both lengths.
fn sequence(old: &[String], new: &[String]) -> f64 {
    if old == new {
        return 1.0;
    }
    let start = std::iter::zip(old, new).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[start..], &new[start..]);
    let end = std::iter::zip(a.iter().rev(), b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let common = start + end + longest_common(a, b);
    ratio(2 * common, old.len() + new.len())
}

/// For more pairs of words than this the order is not looked at: two texts that differ that much are not alike in any
/// case.
const MOST_PAIRS: usize = 25_000_000;

fn bag_of(words: &[String]) -> Bag {
    let mut bag = Bag::new();
    for word in words {
        count(&mut bag, word.clone());
    }
    bag
}

fn longest_common(a: &[String], b: &[String]) -> usize {
    if a.len().saturating_mul(b.len()) > MOST_PAIRS {
        let (a, b) = (bag_of(a), bag_of(b));
        return a.iter().map(|(word, count)| (*count).min(b.get(word).copied().unwrap_or(0))).sum();
    }
    let mut row = vec![0_usize; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (at, other) in b.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if word == other { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lowest(old: &str, new: &str) -> Measure {
        FidelityScore::of(&PageFacts::of_html(old), &PageFacts::of_html(new)).lowest()
    }

    #[test]
    fn what_a_reader_does_not_see_does_not_count() {
        for (old, new) in [
            ("<p>“a” – b…</p>", "<p>\"a\" -- b...</p>"),
            ("<p><b>x</b> <del>y</del></p><p>&nbsp;</p>", "<p><strong>x</strong> <s>y</s></p>"),
            ("<ul><li>a</li></ul>", "<ul><li><p>a</p></li></ul>"),
            ("<p>a<br></p>", "<p>a</p>"),
            ("<h3></h3><ul></ul><p>a</p>", "<p>a</p>"),
            (
                "<pre>a\n</pre>",
                "<figure class=\"code\"><figcaption>n</figcaption><pre><code>a</code></pre></figure>",
            ),
            ("<img src=\"/a-300x200.png\" alt=x>", "<img src=/a.png alt=x>"),
            ("<a href='https://e.example/%C3%A9/'>x</a>", "<a href='http://e.example/é'>x</a>"),
            (
                "<blockquote><p>q</p><cite>— Ann, T</cite></blockquote>",
                "<figure class=quote><blockquote><p>q</p></blockquote><figcaption>Ann, T <a class=quote-permalink href=#q>¶</a></figcaption></figure>",
            ),
        ] {
            assert_eq!(lowest(old, new).value, 1.0, "{old} {new}: {:?}", lowest(old, new));
        }
    }

    #[test]
    fn each_measure_sees_its_own() {
        for (old, new, name) in [
            ("<p>one two</p>", "<p>two one</p>", "words"),
            ("<p><a href=/a>x</a></p>", "<p><a href=/b>x</a></p>", "links"),
            ("<p>x<img src=a.png alt=a></p>", "<p>x<img src=a.png alt=b></p>", "images"),
            ("<iframe src=/a></iframe>", "", "media"),
            ("<pre>a  b</pre>", "<pre>a b</pre>", "code"),
            ("<p>a<br>b</p>", "<p>a b</p>", "blocks"),
            ("<p><em>a</em> b</p>", "<p>a b</p>", "marks"),
            ("<h2 id=a>x</h2><a href=#a>y</a>", "<h2>x</h2><a href=#a>y</a>", "anchors"),
        ] {
            assert_eq!(lowest(old, new).name, name, "{old}");
            assert!(lowest(old, new).value < 1.0);
        }
    }

    #[test]
    fn the_order_of_words_is_measured() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!((sequence(&words("a b c d"), &words("a x c d")) - 0.75).abs() < 1e-9);
        assert_eq!(PageFacts::of_html("a b").additions(&PageFacts::of_html("a b b c")), ["b", "c"]);
    }
}
