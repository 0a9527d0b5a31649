//! A page in four parts that readers, and machines, see apart.

use serde::{Deserialize, Serialize};

use crate::citation::report_text::ReportText;
use crate::dom::{Document, Node, Step};

/// What a page holds, each part in lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PageDigest {
    /// The text, a line for each block.
    pub(super) words: Vec<String>,
    /// Links and pictures, with their words.
    pub(super) links: Vec<String>,
    /// Title, description, JSON-LD and whatever else a head says.
    pub(super) metadata: Vec<String>,
    /// The tags with their attributes.
    pub(super) markup: Vec<String>,
    /// The entries of a feed: address and id.
    pub(super) entries: Vec<EntryDigest>,
    /// Where it leads, if it is a redirect.
    pub(super) redirect: String,
}

/// An entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EntryDigest {
    pub(super) link: String,
    pub(super) id: String,
}

impl PageDigest {
    /// Reads a file.
    pub(super) fn of(path: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        if path.ends_with(".html") {
            return Self::of_html(&text);
        }
        let is_feed = text.contains("<entry>") || text.contains("<item>");
        if is_feed {
            return Self { entries: entries(&text), metadata: feed_head(&text), ..Self::default() };
        }
        Self { metadata: text.lines().map(normal).collect(), ..Self::default() }
    }

    fn of_html(html: &str) -> Self {
        let document = Document::parse(html);
        let mut digest = Self {
            words: ReportText::of(&document).as_str().lines().map(str::to_owned).collect(),
            ..Self::default()
        };
        for step in document.root().steps() {
            let Step::Into(node) = step else { continue };
            if node.is_element() {
                digest.add(node);
            }
        }
        digest
    }

    fn add(&mut self, node: Node<'_>) {
        let is_in_head = node.ancestors().any(|around| around.name() == "head");
        match node.name() {
            "a" => {
                let words = node.text_content().split_whitespace().collect::<Vec<_>>().join(" ");
                self.links.push(format!("{} ({words})", normal(node.attribute("href").unwrap_or_default())));
            }
            "img" => {
                let alt = node.attribute("alt").unwrap_or_default();
                self.links.push(format!("{} [{alt}]", normal(node.attribute("src").unwrap_or_default())));
            }
            "title" => self.metadata.push(format!("title: {}", node.text_content().trim())),
            "script" if node.attribute("type").is_some_and(|kind| kind.ends_with("json")) => {
                let text: String = node.children().filter_map(Node::text).collect();
                self.metadata.push(normal(&text));
            }
            "meta"
                if node.attribute("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh")) =>
            {
                self.redirect = node.attribute("content").unwrap_or_default().to_owned();
            }
            // The name of the program is another one with each version.
            "meta" if node.attribute("name") == Some("generator") => {}
            "meta" | "link" if is_in_head => self.metadata.push(tag(node)),
            _ => self.markup.push(tag(node)),
        }
    }
}

/// An element as one line: its attributes in their order, without those that say where a link leads, which are compared apart.
fn tag(node: Node<'_>) -> String {
    let mut line = format!("<{}", node.local_name());
    for attribute in node.attributes() {
        let is_of_link = matches!((node.name(), attribute.name), ("a", "href") | ("img", "src" | "alt"));
        // An id of a post's own says nothing of the template.
        let is_own =
            matches!(attribute.name, "id" | "datetime" | "cite" | "style" | "width" | "height" | "srcset");
        if !is_of_link && !is_own {
            line.push_str(&format!(" {}=\"{}\"", attribute.name, normal(attribute.value)));
        }
    }
    line.push('>');
    line
}

/// A text in which names that hold a fingerprint are one: `style.3f2a9c01.css`, `style.css?v=3f2a9c01`.
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_hexdigit() {
            run.push(c);
            continue;
        }
        let is_word = c.is_ascii_alphanumeric();
        let begins =
            out.chars().next_back().is_none_or(|before| matches!(before, '.' | '-' | '=' | '_' | '/'));
        let is_mixed =
            run.contains(|c: char| c.is_ascii_digit()) && run.contains(|c: char| c.is_ascii_alphabetic());
        if run.len() >= 8 && is_mixed && begins && !is_word {
            out.push('*');
        } else {
            out.push_str(&run);
        }
        run.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out.trim().to_owned()
}

/// The entries of a feed of Atom or RSS.
fn entries(text: &str) -> Vec<EntryDigest> {
    let pieces = text.split("<entry>").skip(1).chain(text.split("<item>").skip(1));
    pieces
        .map(|piece| {
            let piece = piece.split("</entry>").next().unwrap_or(piece);
            let piece = piece.split("</item>").next().unwrap_or(piece);
            let id = between(piece, "<id>", "</id>").or_else(|| {
                // Behind the attributes of the element.
                between(piece, "<guid", "</guid>")?.split_once('>').map(|(_, id)| id)
            });
            let link = between(piece, "<link>", "</link>").or_else(|| {
                let tag = between(piece, "<link", ">")?;
                between(tag, "href=\"", "\"")
            });
            EntryDigest { link: link.unwrap_or_default().to_owned(), id: id.unwrap_or_default().to_owned() }
        })
        .collect()
}

/// What a feed says before its first entry, without the moment of its last change.
fn feed_head(text: &str) -> Vec<String> {
    let head = text.split("<entry>").next().unwrap_or(text);
    let head = head.split("<item>").next().unwrap_or(head);
    head.lines()
        .map(str::trim)
        .filter(|line| {
            !line.contains("<updated>") && !line.contains("BuildDate>") && !line.contains("generator")
        })
        .map(normal)
        .collect()
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_four_parts() {
        let page = PageDigest::of(
            "a/index.html",
            b"<title>T</title><meta name=generator content=1><meta name=description content=D><p class=x id=q-1>One <a href=/b/>two</a></p>\
              <script src=/s.3f2a9c01.js></script>",
        );
        assert!(page.words.contains(&"One two".to_owned()), "{page:?}");
        assert_eq!(page.links, ["/b/ (two)"]);
        assert_eq!(page.metadata, ["title: T", "<meta name=\"description\" content=\"D\">"]);
        assert!(page.markup.contains(&"<p class=\"x\">".to_owned()));
        assert_eq!(normal("/s.3f2a9c01.js"), "/s.*.js");
        assert_eq!(normal("/2026/11/22/facade/"), "/2026/11/22/facade/");
    }

    #[test]
    fn feeds_are_their_entries() {
        let atom = PageDigest::of(
            "atom.xml",
            b"<feed><updated>1</updated><entry><id>tag:1</id><link href=\"/a\"/></entry></feed>",
        );
        assert_eq!(atom.entries, [EntryDigest { link: "/a".into(), id: "tag:1".into() }]);
        let rss = PageDigest::of(
            "rss.xml",
            b"<rss><item><link>/a</link><guid isPermaLink=\"false\">g</guid></item></rss>",
        );
        assert_eq!(rss.entries, [EntryDigest { link: "/a".into(), id: "g".into() }]);
    }
}
