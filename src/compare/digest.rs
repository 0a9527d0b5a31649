//! A page in four parts that readers, and machines, see apart.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
        let feed = match path {
            path if path.ends_with(".xml") => XmlFeed::read(&text),
            path if path.ends_with(".json") => json_feed(&text),
            _ => None,
        };
        feed.unwrap_or_else(|| Self { metadata: text.lines().map(normal).collect(), ..Self::default() })
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
            out.chars().next_back().is_none_or(|before| matches!(before, '.' | '-' | '=' | '_' | '/' | '"'));
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

/// A feed of Atom or RSS: its entries, and what it says before them.
struct XmlFeed {
    digest: PageDigest,
    /// The names of the open elements.
    open: Vec<String>,
    /// The text of the innermost element.
    text: String,
    is_in_entry: bool,
}

/// Elements of a feed that differ with each build.
const OF_BUILD: [&str; 4] = ["updated", "lastBuildDate", "generator", "docs"];

impl XmlFeed {
    /// Reads a feed; `None` if the text is something else, or not well-formed.
    fn read(text: &str) -> Option<PageDigest> {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().expand_empty_elements = true;
        let mut feed =
            Self { digest: PageDigest::default(), open: Vec::new(), text: String::new(), is_in_entry: false };
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) => feed.begin(&tag)?,
                Event::Text(text) => feed.text.push_str(&text),
                Event::CData(text) => feed.text.push_str(&text),
                Event::GeneralRef(reference) => feed.text.push_str(&resolved(&reference)?),
                Event::End(_) => feed.end(),
                Event::Eof => return feed.open.is_empty().then_some(feed.digest),
                _ => {}
            }
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>) -> Option<()> {
        let name = tag.local_name().as_ref().to_owned();
        if self.open.is_empty() && !matches!(name.as_str(), "feed" | "rss" | "RDF") {
            return None;
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let name = attribute.key.as_ref().to_owned();
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
            attributes.push((name, value.into_owned()));
        }
        if matches!(name.as_str(), "entry" | "item") {
            self.is_in_entry = true;
            self.digest.entries.push(EntryDigest { link: String::new(), id: String::new() });
        }
        if self.is_in_entry && name == "link" {
            let value =
                |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
            if let (Some(href), None | Some("alternate")) = (value("href"), value("rel")) {
                self.entry(|entry| href.clone_into(&mut entry.link));
            }
        }
        if !self.is_in_entry && !attributes.is_empty() {
            let line: String =
                attributes.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect();
            self.digest.metadata.push(normal(&format!("<{name}{line}>")));
        }
        self.open.push(name);
        self.text.clear();
        Some(())
    }

    fn end(&mut self) {
        let name = self.open.pop().unwrap_or_default();
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        let is_of_entry = self.open.last().is_some_and(|around| matches!(around.as_str(), "entry" | "item"));
        match name.as_str() {
            "entry" | "item" => self.is_in_entry = false,
            "id" | "guid" if is_of_entry => self.entry(|entry| text.clone_into(&mut entry.id)),
            "link" if is_of_entry && !text.is_empty() => self.entry(|entry| text.clone_into(&mut entry.link)),
            name if !self.is_in_entry && !text.is_empty() && !OF_BUILD.contains(&name) => {
                self.digest.metadata.push(normal(&format!("{name}: {text}")));
            }
            _ => {}
        }
    }

    fn entry(&mut self, change: impl FnOnce(&mut EntryDigest)) {
        if let Some(entry) = self.digest.entries.last_mut() {
            change(entry);
        }
    }
}

/// The characters that a reference stands for.
fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(c) = reference.resolve_char_ref().ok()? {
        return Some(c.to_string());
    }
    quick_xml::escape::resolve_xml_entity(reference).map(str::to_owned)
}

/// A JSON Feed (version 1.1): its items, and what else it says.
fn json_feed(text: &str) -> Option<PageDigest> {
    let feed: Map<String, Value> = serde_json::from_str(text).ok()?;
    let is_feed = feed.get("version")?.as_str()?.starts_with("https://jsonfeed.org/");
    let items = feed.get("items").and_then(Value::as_array).filter(|_| is_feed)?;
    let entries = items.iter().map(|item| {
        let [link, id] = ["url", "id"].map(|key| item[key].as_str().unwrap_or_default().to_owned());
        EntryDigest { link, id }
    });
    let head = feed.iter().filter(|(key, _)| key.as_str() != "items");
    let metadata = head.map(|(key, value)| normal(&format!("{key}: {value}")));
    Some(PageDigest { entries: entries.collect(), metadata: metadata.collect(), ..PageDigest::default() })
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
        assert_eq!(normal("[[\"2026-11\",5,\"95f17c86\",2]]"), "[[\"2026-11\",5,\"*\",2]]");
    }

    #[test]
    fn feeds_are_their_entries() {
        let entry = |link: &str, id: &str| EntryDigest { link: link.to_owned(), id: id.to_owned() };
        let atom = PageDigest::of(
            "atom.xml",
            b"<feed xml:lang=\"en\"><title>A &amp; B</title><updated>1</updated><entry>\n<id>tag:1</id>\
              <link rel=\"replies\" href=\"/r\"/><link href='/a?x=1&amp;y=2'/><source><id>other</id></source></entry></feed>",
        );
        assert_eq!(atom.entries, [entry("/a?x=1&y=2", "tag:1")]);
        assert_eq!(
            atom.metadata,
            ["<feed lang=\"en\">".replace("lang", "xml:lang"), "title: A & B".to_owned()]
        );
        let rss = PageDigest::of(
            "rss.xml",
            b"<rss><channel><link>/</link><lastBuildDate>x</lastBuildDate><item><link><![CDATA[/a]]></link>\
              <description>&lt;item&gt; of a text &lt;guid&gt;</description><guid isPermaLink=\"false\">g</guid></item></channel></rss>",
        );
        assert_eq!(rss.entries, [entry("/a", "g")]);
        assert_eq!(rss.metadata, ["link: /"]);
        let json = PageDigest::of(
            "feed.json",
            br#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"i","url":"/a"}]}"#,
        );
        assert_eq!(json.entries, [entry("/a", "i")]);
        for (path, text) in
            [("sitemap.xml", "<urlset><url/></urlset>"), ("x.xml", "<feed><entry>"), ("x.json", "{}")]
        {
            let digest = PageDigest::of(path, text.as_bytes());
            assert_eq!((digest.entries.len(), digest.metadata.len()), (0, 1), "{path}");
        }
    }
}
