//! HTML of an old blog, put in order before it is written as Markdown: what its theme needed is taken out, wrappers that mean
//! nothing are taken off, quotes get their sources, and addresses lead to the new site. No word is lost here that a reader
//! saw; what goes is named.

use super::addresses::{AddressBook, Place};
use super::embeds::page_of_player_in_flash;
use super::fetching::WantedFile;
use super::fidelity::ATTRIBUTION;
use super::formulas;
use super::html_tree::{self, HtmlElement, HtmlNode, elements, is_block, is_html_space, text_of};
use crate::path::percent_encode;

/// What cleaning needs to know.
pub(super) struct CleaningContext<'a> {
    pub(super) addresses: &'a AddressBook,
    /// Where the text stood.
    pub(super) place: &'a Place,
}

/// What happened beside the text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct CleaningNotes {
    /// What was taken out, in words.
    pub(super) left_out: Vec<String>,
    /// Addresses of the old blog to which nothing of the new one answers.
    pub(super) dead_links: Vec<String>,
    /// Files that are to be fetched.
    pub(super) wanted: Vec<WantedFile>,
}

/// The tree in order.
pub(super) fn clean(
    nodes: Vec<HtmlNode>,
    context: &CleaningContext<'_>,
    notes: &mut CleaningNotes,
) -> Vec<HtmlNode> {
    let linked = fragments(&nodes);
    let mut cleaner = Cleaner { context, notes, linked, has_more: false };
    let nodes = cleaner.nodes(nodes, Surroundings::Flow);
    formulas::in_texts(merged(nodes))
}

/// Anchors that links in the text itself lead to.
fn fragments(nodes: &[HtmlNode]) -> Vec<String> {
    let links = elements(nodes).into_iter().filter_map(|element| element.attribute("href"));
    links.filter_map(|href| href.split_once('#')).map(|(_, fragment)| fragment.to_owned()).collect()
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    Flow,
    /// In `<pre>`, where every blank counts.
    Preformatted,
    /// In a form, whose buttons do nothing.
    Form,
}

struct Cleaner<'a, 'c> {
    context: &'a CleaningContext<'c>,
    notes: &'a mut CleaningNotes,
    linked: Vec<String>,
    has_more: bool,
}

/// What stands in the comment that ends a summary.
const MORE: &str = " more ";
/// Elements within a line that are kept.
const INLINE: [&str; 34] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var",
];
/// Elements that are kept with all that is in them.
const EMBEDDED: [&str; 9] = ["iframe", "audio", "video", "source", "track", "object", "embed", "svg", "math"];
/// Parts of forms, which nothing answers any more.
const CONTROLS: [&str; 6] = ["input", "button", "select", "textarea", "option", "datalist"];
/// Wrappers that are kept if they say something.
const WRAPPERS: [&str; 10] =
    ["div", "section", "article", "aside", "header", "footer", "main", "nav", "span", "font"];

/// Where the address of what a script loads later stands.
const LAZY: [&str; 6] =
    ["data-src", "data-lazy-src", "data-original", "data-image", "data-lazy", "data-echo"];
/// Parts of the names of files that stand there until then.
const PLACEHOLDERS: [&str; 8] =
    ["blank.", "placeholder", "spacer", "1x1", "trans.gif", "transparent", "loading", "lazy"];

/// Gives an element that a script would fill the address that it would get.
fn take_lazy_source(element: &mut HtmlElement) {
    let source = element.attribute("src").unwrap_or_default().trim();
    let name = source.rsplit('/').next().unwrap_or_default();
    let is_placeholder = source.is_empty()
        || source.starts_with("data:")
        || source == "about:blank"
        || PLACEHOLDERS.iter().any(|part| name.contains(part));
    let later = LAZY.iter().find_map(|key| element.attribute(key)).map(str::trim);
    let of_set = element.attribute("data-srcset").and_then(|set| set.split_whitespace().next());
    let found = later.or(of_set).filter(|later| is_placeholder && !later.is_empty());
    if let Some(found) = found.map(str::to_owned) {
        element.set("src", &found);
    }
}

impl Cleaner<'_, '_> {
    fn nodes(&mut self, nodes: Vec<HtmlNode>, surroundings: Surroundings) -> Vec<HtmlNode> {
        let mut out = Vec::with_capacity(nodes.len());
        let has_noscript = nodes.iter().any(|node| node.named("noscript").is_some());
        let has_picture =
            has_noscript && html_tree::elements(&nodes).iter().any(|element| element.name == "img");
        for node in nodes {
            match node {
                HtmlNode::Text(text) => out.push(HtmlNode::Text(text)),
                // A script would have put something else there, and where it shows a picture it is that one.
                HtmlNode::Element(element) if element.name == "noscript" && !has_picture => {
                    let inner = html_tree::parse(&element.text_content()).unwrap_or_default();
                    let is_picture = html_tree::elements(&inner).iter().any(|element| element.name == "img");
                    if is_picture {
                        out.extend(self.nodes(inner, surroundings));
                    }
                }
                HtmlNode::Comment(text) => out.extend(self.comment(&text)),
                HtmlNode::Element(element) => out.extend(self.element(element, surroundings)),
            }
        }
        out
    }

    /// The end of the summary is the one comment with a meaning.
    fn comment(&mut self, text: &str) -> Option<HtmlNode> {
        let label = text.trim().strip_prefix("more")?;
        if self.has_more || !(label.is_empty() || label.starts_with(char::is_whitespace)) {
            return None;
        }
        self.has_more = true;
        if !label.trim().is_empty() {
            self.notes.left_out.push(format!("the words of the link to the rest: `{}`", label.trim()));
        }
        Some(HtmlNode::Comment(MORE.to_owned()))
    }

    fn element(&mut self, mut element: HtmlElement, surroundings: Surroundings) -> Vec<HtmlNode> {
        match element.name.as_str() {
            "script" => return self.script(&element),
            "style" | "noscript" | "template" | "link" | "meta" | "title" | "base" => {
                if element.name == "style" {
                    self.notes.left_out.push("a style sheet within the text".to_owned());
                }
                return Vec::new();
            }
            "form" => self.notes.left_out.push("a form, which nothing would answer".to_owned()),
            "button" if surroundings != Surroundings::Form => return self.button(element, surroundings),
            name if CONTROLS.contains(&name) => return Vec::new(),
            _ if element.attribute("role") == Some("button")
                && element.text_content().trim().is_empty()
                && !holds_image(&element) =>
            {
                return Vec::new();
            }
            "blockquote" => name_sources(&mut element),
            "acronym" => "abbr".clone_into(&mut element.name),
            "object" | "embed" if let Some(page) = page_of_flash(&element) => return vec![link_to(&page)],
            "code" | "math" if let Some(formula) = formulas::of_element(&element) => return vec![formula],
            "svg" | "math" => return vec![HtmlNode::Element(self.drawing(element))],
            // KaTeX draws each formula a second time, for the eye.
            "span" if element.has_class("katex-html") => return Vec::new(),
            _ => {}
        }
        if matches!(element.name.as_str(), "img" | "iframe" | "video" | "source") {
            take_lazy_source(&mut element);
        }
        let inner = match element.name.as_str() {
            "pre" => Surroundings::Preformatted,
            "form" => Surroundings::Form,
            _ => surroundings,
        };
        element.children = self.nodes(element.children, inner);
        if inner != Surroundings::Preformatted
            && !matches!(element.name.as_str(), "code" | "kbd" | "samp" | "tt")
        {
            element.children = formulas::in_texts(element.children);
        }
        if inner != Surroundings::Preformatted {
            take_marks_of_style(&mut element);
        }
        self.rewrite(&mut element);
        self.tidy(&mut element);
        self.shaped(element, surroundings)
    }

    /// A button outside of forms is its words: it opened a part of the page, which is open here. A drawn one copied code or
    /// closed a window.
    fn button(&mut self, mut button: HtmlElement, surroundings: Surroundings) -> Vec<HtmlNode> {
        if button.text_content().trim().is_empty() && !holds_image(&button) {
            return Vec::new();
        }
        // Its arrow or plus sign.
        button.children.retain(|child| {
            child
                .element()
                .is_none_or(|inner| inner.name != "svg" && inner.attribute("aria-hidden") != Some("true"))
        });
        self.nodes(button.children, surroundings)
    }

    /// A drawing or formula without what would run in it (SVG 2, section 15).
    fn drawing(&mut self, mut element: HtmlElement) -> HtmlElement {
        let count = element.attributes.len();
        element.attributes.retain(|attribute| {
            let is_address = attribute.name == "href" || attribute.name.ends_with(":href");
            !(attribute.name.starts_with("on") || is_address && runs_script(&attribute.value))
        });
        let mut has_script = element.attributes.len() < count;
        element.children = html_tree::with_elements(element.children, &mut |inner| {
            if inner.name == "script" || inner.name == "handler" {
                has_script = true;
                return Vec::new();
            }
            vec![HtmlNode::Element(self.drawing(inner))]
        });
        if has_script {
            self.notes.left_out.push("a script within a drawing".to_owned());
        }
        element
    }

    /// A script from elsewhere becomes a link to it: most are embeds, and the link is what is left without them.
    fn script(&mut self, element: &HtmlElement) -> Vec<HtmlNode> {
        match element.attribute("src").filter(|source| source.contains("//")) {
            Some(source) if !is_widget(source) => {
                self.notes.left_out.push(format!("a script, which is a link now: `{source}`"));
                vec![link_to(source)]
            }
            _ => {
                self.notes.left_out.push("a script".to_owned());
                Vec::new()
            }
        }
    }

    /// Leads the addresses of an element to the new site.
    fn rewrite(&mut self, element: &mut HtmlElement) {
        for name in ["href", "src", "poster", "cite", "data"] {
            let Some(written) = element.attribute(name) else { continue };
            if runs_script(written) {
                self.notes.left_out.push("a link that would run a script".to_owned());
                element.remove(name);
                continue;
            }
            if let Some(file) = self.wanted_file(element, name, written) {
                let mut address = String::new();
                percent_encode(&file.path, &mut address);
                element.set(name, &address);
                self.notes.wanted.push(file);
                continue;
            }
            let read = self.context.addresses.rewrite(written, self.context.place);
            if let Some(dead) =
                read.dead.filter(|dead| name == "href" && !self.notes.dead_links.contains(dead))
            {
                self.notes.dead_links.push(dead);
            }
            element.set(name, &read.address);
        }
    }

    /// The file that an attribute names, if it is to be fetched: what an element shows, or the file that a picture leads to.
    fn wanted_file(&self, element: &HtmlElement, name: &str, written: &str) -> Option<WantedFile> {
        let is_shown =
            matches!(element.name.as_str(), "img" | "audio" | "video" | "source" | "track") && name != "cite";
        let is_linked = element.name == "a" && has_media_extension(written);
        (is_shown || is_linked)
            .then(|| self.context.addresses.wanted_file(written, self.context.place))
            .flatten()
    }

    /// Takes out the attributes that mean nothing on the new site.
    fn tidy(&mut self, element: &mut HtmlElement) {
        let anchor =
            element.remove("name").filter(|_| element.name == "a" && element.attribute("id").is_none());
        if let Some(anchor) = anchor {
            element.set("id", &anchor);
        }
        if matches!(element.name.as_str(), "pre" | "code") {
            name_code_options(element);
        }
        let style = element.attribute("style").map(meaningful_style).filter(|style| !style.is_empty());
        let alignment =
            ["center", "right"].into_iter().find(|side| element.has_class(&format!("has-text-align-{side}")));
        let style = style.or_else(|| alignment.map(|side| format!("text-align:{side}")));
        let keeps_class =
            matches!(element.name.as_str(), "div" | "section" | "aside" | "article" | "code" | "pre" | "sup");
        let linked = &self.linked;
        let name = element.name.clone();
        element.attributes.retain(|attribute| match attribute.name.as_str() {
            "id" => {
                linked.contains(&attribute.value)
                    || (name == "a" || is_heading(&name)) && !is_made_up(&attribute.value)
            }
            "class" => keeps_class,
            "href" | "src" | "alt" | "title" | "lang" | "dir" | "cite" | "datetime" | "colspan"
            | "rowspan" | "start" | "reversed" | "type" | "value" | "controls" | "poster" | "open"
            | "data" | "allowfullscreen" | "loop" | "muted" | "kind" | "srclang" | "label" | "color"
            | "bgcolor" | "abbr" | "headers" | "align" => true,
            "width" | "height" => matches!(name.as_str(), "img" | "iframe" | "video" | "object" | "embed"),
            _ => false,
        });
        if let Some(style) =
            style.filter(|_| !matches!(name.as_str(), "img" | "figure" | "audio" | "video" | "iframe"))
        {
            element.set("style", &style);
        }
        if element.name == "img" {
            tidy_image(element);
        } else if !matches!(name.as_str(), "td" | "th" | "p" | "div")
            || element.attribute("align") == Some("left")
        {
            element.remove("align");
        }
        if !matches!(name.as_str(), "ol" | "li" | "source" | "object" | "embed") {
            element.remove("type");
        }
        if !matches!(name.as_str(), "abbr" | "a" | "img" | "dfn" | "span" | "iframe") {
            element.remove("title");
        }
    }

    /// The element as what it means.
    fn shaped(&mut self, element: HtmlElement, surroundings: Surroundings) -> Vec<HtmlNode> {
        let name = element.name.as_str();
        if surroundings == Surroundings::Preformatted && name == "span" {
            return element.children;
        }
        match name {
            "blockquote" => {
                let quote = with_source(element);
                let children = with_paragraphs(quote.children);
                vec![HtmlNode::Element(HtmlElement { children, ..quote })]
            }
            "figure" => figure(element),
            "p" | "div" if is_address_alone(&element) => vec![HtmlNode::Element(address_alone(element))],
            "p" if holds_more(&element) => around_more(element),
            "p" => {
                vec![HtmlNode::Element(HtmlElement { children: linked_lines(element.children), ..element })]
            }
            "a" if element.children.iter().any(is_block_node) => link_of_blocks(element),
            "sup" if element.has_class("footnote-ref") => vec![HtmlNode::Element(element)],
            "div" if element.has_class("footnotes") => vec![HtmlNode::Element(element)],
            name if WRAPPERS.contains(&name) && says_nothing(&element) => unwrapped(element),
            name if INLINE.contains(&name)
                || EMBEDDED.contains(&name)
                || is_block(name) && name != "form" =>
            {
                vec![HtmlNode::Element(element)]
            }
            "tbody" | "thead" | "tfoot" | "tr" | "td" | "th" | "col" | "wbr" => {
                vec![HtmlNode::Element(element)]
            }
            // Elements that HTML does not know, and those of forms, are their words.
            _ => unwrapped(element),
        }
    }
}

/// The page of a film that a player in Flash showed, which browsers play no more.
fn page_of_flash(element: &HtmlElement) -> Option<String> {
    let sources = element.elements().into_iter().filter_map(|inner| match inner.name.as_str() {
        "param" if inner.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("movie")) => {
            inner.attribute("value")
        }
        "embed" => inner.attribute("src"),
        "object" => inner.attribute("data"),
        _ => None,
    });
    sources.filter_map(page_of_player_in_flash).next()
}

fn holds_image(element: &HtmlElement) -> bool {
    element.elements().iter().any(|inner| inner.name == "img")
}

/// The options of highlighters as an attribute of code has them, and the attributes that have them: of Enlighter, Prism, WP-Syntax
/// and editors.
const CODE_OPTIONS: [(&str, &[&str]); 4] = [
    ("brush", &["data-enlighter-language", "data-language", "data-lang"]),
    ("title", &["data-enlighter-title", "data-title", "data-file"]),
    ("highlight", &["data-enlighter-highlight", "data-line"]),
    ("first-line", &["data-enlighter-lineoffset", "data-start", "line"]),
];

/// Puts the options of code into its class, where they are read from.
fn name_code_options(code: &mut HtmlElement) {
    let mut class = code.attribute("class").unwrap_or_default().to_owned();
    for (option, keys) in CODE_OPTIONS {
        let value = keys.iter().find_map(|key| code.attribute(key)).map(str::trim);
        let is_default = value == Some("1") && option == "first-line";
        if let Some(value) = value.filter(|value| !value.is_empty() && !is_default) {
            class.push_str(&format!("; {option}: {}", value.replace(';', " ")));
        }
    }
    if !class.is_empty() {
        code.set("class", class.trim_start_matches("; "));
    }
}

/// Files that pages show or play, by their endings.
const MEDIA: [&str; 15] = [
    "jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "mp3", "m4a", "ogg", "wav", "mp4", "webm", "mov",
    "pdf",
];

/// Whether an address ends like a file that is shown or played, and not like a page.
fn has_media_extension(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let extension = last.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    path.contains('/') && MEDIA.contains(&extension.as_str())
}

/// Lines that stand loose in a quote are paragraphs.
fn with_paragraphs(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let mut out: Vec<HtmlNode> = Vec::new();
    let mut loose: Vec<HtmlNode> = Vec::new();
    for node in nodes.into_iter().map(Some).chain([None]) {
        let is_apart =
            node.as_ref().is_none_or(|node| is_block_node(node) || node.named(ATTRIBUTION).is_some());
        if is_apart && loose.iter().any(|node| !node.is_blank()) {
            out.push(HtmlNode::Element(HtmlElement::new("p", std::mem::take(&mut loose))));
        }
        match node {
            Some(node) if is_apart => out.push(node),
            Some(node) => loose.push(node),
            None => {}
        }
    }
    out
}

fn is_block_node(node: &HtmlNode) -> bool {
    node.element().is_some_and(|element| is_block(&element.name))
}

fn is_more(node: &HtmlNode) -> bool {
    matches!(node, HtmlNode::Comment(text) if text == MORE)
}

fn holds_more(element: &HtmlElement) -> bool {
    element.children.iter().any(is_more)
}

/// The end of the summary within a paragraph ends the paragraph.
fn around_more(mut element: HtmlElement) -> Vec<HtmlNode> {
    let Some(at) = element.children.iter().position(is_more) else { return vec![HtmlNode::Element(element)] };
    let after = element.children.split_off(at + 1);
    let more = element.children.pop();
    let after = HtmlElement { children: after, ..element.clone() };
    let parts = [Some(HtmlNode::Element(element)), more, Some(HtmlNode::Element(after))];
    parts
        .into_iter()
        .flatten()
        .filter(|part| is_more(part) || part.element().is_some_and(has_content))
        .collect()
}

fn has_content(element: &HtmlElement) -> bool {
    element.children.iter().any(|child| !child.is_blank() && child.named("br").is_none())
}

/// A link around blocks, as cards have it: its first words are the link, the others stand below.
fn link_of_blocks(link: HtmlElement) -> Vec<HtmlNode> {
    let mut blocks = link.children;
    let named = blocks
        .iter()
        .position(|block| is_block_node(block) && !text_of(std::slice::from_ref(block)).trim().is_empty());
    let at = named.or_else(|| blocks.iter().position(is_block_node));
    if let Some(HtmlNode::Element(first)) = at.and_then(|at| blocks.get_mut(at)) {
        let children = std::mem::take(&mut first.children);
        first.children =
            vec![HtmlNode::Element(HtmlElement { name: link.name, attributes: link.attributes, children })];
    }
    blocks
}

/// Scripts that only make something of what stands in the text anyway.
fn is_widget(source: &str) -> bool {
    [
        "platform.twitter.com",
        "embed.js",
        "embeds.js",
        "widgets.js",
        "googlesyndication",
        "google-analytics",
        "addthis",
    ]
    .iter()
    .any(|known| source.contains(known))
}

/// A link whose words are its address.
fn link_to(address: &str) -> HtmlNode {
    let address = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
    HtmlNode::Element(HtmlElement::new("a", vec![HtmlNode::text(&address)]).with("href", &address))
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Anchors that editors give to everything, which nothing outside leads to.
fn is_made_up(id: &str) -> bool {
    [
        "h-",
        "attachment_",
        "caption-attachment",
        "gallery-",
        "audio-",
        "video-",
        "block-",
        "_",
        "docs-internal",
        "yui_",
    ]
    .iter()
    .any(|start| id.starts_with(start))
}

/// Whether an address is a script: browsers take white space and control characters out of it (URL standard, section 4.4).
fn runs_script(address: &str) -> bool {
    let bare = address.chars().filter(|c| !c.is_whitespace() && !c.is_control());
    let start: String = bare.take("data:text/html".len()).collect();
    let start = start.to_ascii_lowercase();
    ["javascript:", "vbscript:", "data:text/html"].iter().any(|script| start.starts_with(script))
}

/// Emphasis that editors write as a style: a span that is bold is `<strong>`, and a `<b>` that is not, as Google Docs puts it
/// around all that is copied, is a wrapper.
fn take_marks_of_style(element: &mut HtmlElement) {
    let style = element.attribute("style").unwrap_or_default().to_ascii_lowercase();
    let value = |wanted: &str| {
        let declarations = style.split(';').filter_map(|declaration| declaration.split_once(':'));
        let mut values = declarations.filter(|(property, _)| property.trim() == wanted);
        values.next_back().map_or("", |(_, value)| value.trim())
    };
    let [weight, slant] = [value("font-weight"), value("font-style")];
    let is_plain = match element.name.as_str() {
        "b" | "strong" => matches!(weight, "normal" | "400" | "300"),
        "i" | "em" => slant == "normal",
        _ => false,
    };
    if is_plain {
        "span".clone_into(&mut element.name);
    }
    if element.name != "span" || element.children.iter().any(is_block_node) {
        return;
    }
    let marks = [
        ("strong", matches!(weight, "bold" | "bolder" | "600" | "700" | "800" | "900")),
        ("em", matches!(slant, "italic" | "oblique")),
        ("s", value("text-decoration").contains("line-through")),
        ("sup", value("vertical-align") == "super"),
        ("sub", value("vertical-align") == "sub"),
    ];
    for (mark, _) in marks.into_iter().filter(|(_, is_set)| *is_set) {
        let children = std::mem::take(&mut element.children);
        element.children = vec![HtmlNode::Element(HtmlElement::new(mark, children))];
    }
}

/// The declarations of a style that change what a reader sees.
fn meaningful_style(style: &str) -> String {
    let declarations = style.split(';').filter_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        let (property, value) = (property.trim().to_lowercase(), value.trim());
        let is_meant = match property.as_str() {
            "text-align" => matches!(value, "center" | "right" | "end"),
            "color" | "background-color" | "background" => !matches!(
                value.to_lowercase().as_str(),
                "black"
                    | "#000"
                    | "#000000"
                    | "inherit"
                    | "transparent"
                    | "white"
                    | "#fff"
                    | "#ffffff"
                    | "initial"
            ),
            // What no reader saw stays unseen: links that intruders left, and parts that scripts open.
            "display" => value.eq_ignore_ascii_case("none"),
            "visibility" => value.eq_ignore_ascii_case("hidden"),
            "border" | "direction" | "writing-mode" | "font-variant" | "text-decoration" | "columns" => {
                !matches!(value, "none" | "normal" | "ltr" | "0" | "inherit" | "line-through")
            }
            _ => false,
        };
        is_meant.then(|| format!("{property}:{value}"))
    });
    declarations.collect::<Vec<_>>().join(";")
}

/// The size of a picture stays only where it is shown in another one than its file has.
fn tidy_image(element: &mut HtmlElement) {
    element.remove("align");
    let source = element.attribute("src").unwrap_or_default();
    let size = match (element.attribute("width"), element.attribute("height")) {
        (Some(width), Some(height)) => format!("-{width}x{height}."),
        _ => String::new(),
    };
    let is_natural = !size.is_empty() && source.contains(&size);
    let has_both = !size.is_empty();
    let width: Option<u32> = element.attribute("width").and_then(|width| width.parse().ok());
    if is_natural || width.is_none_or(|width| width <= 1) || has_both {
        element.remove("width");
        element.remove("height");
    }
    if element.attribute("title") == element.attribute("alt") {
        element.remove("title");
    }
    if element.attribute("alt").is_none() {
        element.set("alt", "");
    }
}

/// Whether a wrapper says nothing to a reader.
fn says_nothing(element: &HtmlElement) -> bool {
    element.attributes.iter().all(|attribute| match attribute.name.as_str() {
        "class" => attribute.value.split_ascii_whitespace().all(is_class_of_an_editor),
        "align" => true,
        // Blogger centres every picture.
        "style" => element.has_class("separator"),
        "title" | "href" | "src" => element.name != "span",
        _ => false,
    })
}

/// Classes that editors and old platforms put on everything.
fn is_class_of_an_editor(class: &str) -> bool {
    const STARTS: [&str; 20] = [
        "wp-",
        "has-",
        "is-",
        "align",
        "Mso",
        "separator",
        "post-",
        "entry-",
        "kg-",
        "gallery-",
        "size-",
        "blocks-",
        "columns-",
        "mce",
        "Apple-",
        "paragraph",
        "tr-",
        "galleryid-",
        "section-",
        "graf",
    ];
    STARTS.iter().any(|start| class.starts_with(start))
        || matches!(class, "blogger-post-footer" | "text" | "captioned-image-container")
}

/// What is in a wrapper. A line of its own stays one.
fn unwrapped(element: HtmlElement) -> Vec<HtmlNode> {
    let has_blocks =
        element.children.iter().any(|child| child.element().is_some_and(|inner| is_block(&inner.name)));
    let has_words = element.children.iter().any(|child| !child.is_blank());
    if is_block(&element.name) && !has_blocks && has_words {
        return vec![HtmlNode::Element(HtmlElement::new("p", element.children))];
    }
    element.children
}

/// A figure without a caption is what it shows; one around a quote is the quote.
fn figure(mut element: HtmlElement) -> Vec<HtmlNode> {
    let caption = element.children.iter().position(|child| child.named("figcaption").is_some());
    let Some(caption) = caption else {
        let shown: Vec<HtmlNode> = element.children.into_iter().filter(|child| !child.is_blank()).collect();
        let is_picture = shown
            .iter()
            .all(|child| child.element().is_some_and(|inner| matches!(inner.name.as_str(), "a" | "img")));
        let has_figures = shown
            .iter()
            .any(|child| child.element().is_some_and(|inner| inner.name == "figure" || inner.name == "ul"));
        return match (is_picture && !shown.is_empty(), has_figures) {
            (true, _) => vec![HtmlNode::Element(HtmlElement::new("p", shown))],
            (false, true) => {
                vec![HtmlNode::Element(HtmlElement::new("div", shown).with("class", "gallery"))]
            }
            (false, false) => shown,
        };
    };
    let quote = element.children.iter().position(|child| child.named("blockquote").is_some());
    if let Some(quote) = quote {
        let words = match element.children.remove(caption) {
            HtmlNode::Element(caption) => caption.children,
            node => vec![node],
        };
        let quote = if caption < quote { quote - 1 } else { quote };
        if let HtmlNode::Element(inner) = &mut element.children[quote] {
            let source = without_dash(words);
            inner.children.push(HtmlNode::Element(HtmlElement::new(ATTRIBUTION, source)));
        }
        return element.children;
    }
    vec![HtmlNode::Element(element)]
}

/// Whether a block holds nothing but an address, which WordPress and others show as what is there.
fn is_address_alone(element: &HtmlElement) -> bool {
    let text = element.children.iter().all(|child| matches!(child, HtmlNode::Text(_)));
    text && is_address(text_of(&element.children).trim())
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        rest.contains('.') && !rest.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'))
    })
}

fn address_alone(element: HtmlElement) -> HtmlElement {
    let address = text_of(&element.children).trim().to_owned();
    let link = HtmlElement::new("a", vec![HtmlNode::text(&address)]).with("href", &address);
    HtmlElement::new("p", vec![HtmlNode::Element(link)])
}

fn is_break(node: Option<&HtmlNode>) -> bool {
    node.is_none_or(|node| node.named("br").is_some())
}

/// Lines of a paragraph that are an address are links.
fn linked_lines(children: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let linked = (0..children.len()).map(|at| {
        let node = &children[at];
        let HtmlNode::Text(text) = node else { return node.clone() };
        let before = at.checked_sub(1).and_then(|before| children.get(before));
        if is_address(text.trim()) && is_break(before) && is_break(children.get(at + 1)) {
            let link = HtmlElement::new("a", vec![HtmlNode::text(text.trim())]).with("href", text.trim());
            return HtmlNode::Element(link);
        }
        node.clone()
    });
    linked.collect()
}

/// The `<footer>` of a quote is its source, as `<cite>` is, and not a wrapper.
fn name_sources(quote: &mut HtmlElement) {
    for child in &mut quote.children {
        if let HtmlNode::Element(inner) = child
            && inner.name == "footer"
        {
            "cite".clone_into(&mut inner.name);
        }
    }
}

/// A quote with its source apart from its words.
fn with_source(mut quote: HtmlElement) -> HtmlElement {
    let cited = quote.remove("cite").filter(|cited| cited.starts_with("http"));
    if quote.children.iter().any(|child| child.named(ATTRIBUTION).is_some()) {
        return quote;
    }
    // Lines of a quote without paragraphs are one, whose last line may be its source.
    let has_parts = quote.children.iter().any(|child| is_block_node(child) || child.named("cite").is_some());
    if !has_parts {
        quote.children = with_paragraphs(quote.children);
    }
    let source = take_source(&mut quote.children);
    match (source, cited) {
        (Some(source), _) => {
            quote.children.push(HtmlNode::Element(HtmlElement::new(ATTRIBUTION, without_dash(source))));
        }
        (None, Some(cited)) => {
            let host = cited.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(&cited);
            let link = HtmlElement::new("a", vec![HtmlNode::text(host)]).with("href", &cited);
            quote
                .children
                .push(HtmlNode::Element(HtmlElement::new(ATTRIBUTION, vec![HtmlNode::Element(link)])));
        }
        (None, None) => {}
    }
    quote
}

/// Takes the source out of the end of a quote: `<cite>`, or a last line that begins with a dash.
fn take_source(children: &mut Vec<HtmlNode>) -> Option<Vec<HtmlNode>> {
    let last = children.iter().rposition(|child| !child.is_blank())?;
    let is_lone = children[..last].iter().all(HtmlNode::is_blank);
    match &mut children[last] {
        HtmlNode::Element(element) if element.name == "cite" && !is_lone => {
            let source = std::mem::take(&mut element.children);
            children.remove(last);
            let is_empty = text_of(&source).trim().is_empty();
            (!is_empty).then(|| inline_of(source))
        }
        HtmlNode::Element(element) if element.name == "p" => {
            let is_whole = begins_with_dash(&element.children) && is_source(&element.children);
            if is_whole && !is_lone {
                let source = std::mem::take(&mut element.children);
                children.remove(last);
                return Some(source);
            }
            take_last_line(&mut element.children)
        }
        _ => take_loose_end(children),
    }
}

/// The last line of a paragraph, if it is a `<cite>` or begins with a dash.
fn take_last_line(children: &mut Vec<HtmlNode>) -> Option<Vec<HtmlNode>> {
    let line_start = children.iter().rposition(|child| child.named("br").is_some()).map_or(0, |at| at + 1);
    let line = &children[line_start..];
    let shown: Vec<&HtmlNode> = line.iter().filter(|child| !child.is_blank()).collect();
    let is_cite = shown.len() == 1 && shown[0].named("cite").is_some();
    let is_dashed = begins_with_dash(line) && is_source(line);
    if line_start == 0 || !(is_cite || is_dashed) {
        return None;
    }
    let source: Vec<HtmlNode> = children.drain(line_start..).collect();
    while children.last().is_some_and(|child| child.is_blank() || child.named("br").is_some()) {
        children.pop();
    }
    Some(inline_of(source))
}

/// Text behind the last paragraph of a quote that begins with a dash, as embeds of Twitter have it.
fn take_loose_end(children: &mut Vec<HtmlNode>) -> Option<Vec<HtmlNode>> {
    let start = children
        .iter()
        .rposition(|child| child.element().is_some_and(|element| is_block(&element.name)))
        .map(|at| at + 1)?;
    let is_found = begins_with_dash(&children[start..]) && is_source(&children[start..]);
    is_found.then(|| children.drain(start..).collect())
}

/// `<cite>` alone as what is in it; paragraphs as their lines.
fn inline_of(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let mut out = Vec::new();
    for node in nodes {
        match node {
            HtmlNode::Element(element) if matches!(element.name.as_str(), "cite" | "p" | "div") => {
                out.extend(inline_of(element.children));
            }
            node => out.push(node),
        }
    }
    out
}

const DASHES: [&str; 6] = ["—", "–", "―", "--", "-", "~"];

fn begins_with_dash(nodes: &[HtmlNode]) -> bool {
    let text = text_of(nodes);
    DASHES.iter().any(|dash| text.trim_start().starts_with(dash))
}

/// Whether a line that begins with a dash names a source: it has a link, or it is short and begins as a name does.
fn is_source(nodes: &[HtmlNode]) -> bool {
    const MOST_WORDS: usize = 6;
    if elements(nodes).iter().any(|element| element.name == "a" && element.attribute("href").is_some()) {
        return true;
    }
    let text = text_of(nodes);
    let words = text.trim_start_matches(|c: char| c.is_whitespace() || "—–―-~".contains(c));
    words.split_whitespace().count() <= MOST_WORDS
        && words.chars().next().is_some_and(|first| first.is_alphabetic() && !first.is_lowercase())
}

/// A source without the dash before it.
fn without_dash(mut nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    while nodes.first().is_some_and(HtmlNode::is_blank) {
        nodes.remove(0);
    }
    match nodes.first_mut() {
        Some(HtmlNode::Text(text)) => {
            *text =
                text.trim_start_matches(|c: char| is_html_space(c) || "—–―-~\u{a0}".contains(c)).to_owned();
        }
        Some(HtmlNode::Element(element)) => {
            let children = std::mem::take(&mut element.children);
            element.children = without_dash(children);
        }
        _ => {}
    }
    nodes
}

/// Texts that stand beside each other as one.
fn merged(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let mut out: Vec<HtmlNode> = Vec::with_capacity(nodes.len());
    for node in nodes {
        match (out.last_mut(), node) {
            (Some(HtmlNode::Text(before)), HtmlNode::Text(text)) => before.push_str(&text),
            (_, HtmlNode::Element(element)) => {
                let children = merged(element.children);
                out.push(HtmlNode::Element(HtmlElement { children, ..element }));
            }
            (_, node) => out.push(node),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The HTML in order, and what was left out.
    fn cleaned(html: &str) -> String {
        let (book, place) = (AddressBook::new("https://b.example"), Place::of("https://b.example/a/"));
        let context = CleaningContext { addresses: &book, place: &place };
        let nodes = html_tree::parse(html).unwrap();
        html_tree::to_html(&clean(nodes, &context, &mut CleaningNotes::default()))
    }

    #[track_caller]
    fn check(cases: &[(&str, &str)]) {
        for (html, expected) in cases {
            assert_eq!(cleaned(html), *expected, "{html}");
        }
    }

    #[test]
    fn buttons_are_their_words_unless_a_form_has_them() {
        check(&[
            ("<h3><button>Part <span aria-hidden=\"true\">+</span></button></h3>", "<h3>Part </h3>"),
            ("<p>a<button><svg></svg></button><span role=\"button\"><svg></svg></span></p>", "<p>a</p>"),
            ("<form><p>Name</p><button>Send</button></form>", "<p>Name</p>"),
        ]);
    }

    #[test]
    fn emphasis_of_styles_is_emphasis() {
        check(&[
            ("<p><span style=\"font-weight: 700\">a</span></p>", "<p><strong>a</strong></p>"),
            (
                "<p><span style=\"color:red;font-style:italic\">a</span></p>",
                "<p><span style=\"color:red\"><em>a</em></span></p>",
            ),
            ("<p><span style=\"font-weight: normal\">a</span></p>", "<p>a</p>"),
            ("<b style=\"font-weight:normal\"><p>a</p></b>", "<p>a</p>"),
            ("<p><acronym title=\"A B\">AB</acronym></p>", "<p><abbr title=\"A B\">AB</abbr></p>"),
        ]);
    }

    #[test]
    fn films_of_flash_are_links() {
        check(&[
            (
                "<p><object><param name=\"movie\" value=\"http://www.youtube.com/v/x&amp;fs=1\"></object></p>",
                "<p><a href=\"https://www.youtube.com/watch?v=x\">https://www.youtube.com/watch?v=x</a></p>",
            ),
            ("<embed src=\"/game.swf\">", "<embed src=\"/game.swf\">"),
        ]);
    }

    #[test]
    fn options_of_highlighters_are_in_the_class_of_the_code() {
        check(&[
            (
                "<pre class=\"E\" data-enlighter-language=\"js\" data-enlighter-title=\"f.js\">a</pre>",
                "<pre class=\"E; brush: js; title: f.js\">a</pre>",
            ),
            ("<pre lang=\"php\" line=\"5\">a</pre>", "<pre lang=\"php\" class=\"first-line: 5\">a</pre>"),
            ("<pre data-start=\"1\">a</pre>", "<pre>a</pre>"),
        ]);
    }

    #[test]
    fn formulas_are_those_of_backmatter() {
        let display = "<p><math display=\"block\"><mi>y</mi><annotation encoding=\"application/x-tex\">y</annotation></math></p>";
        assert!(cleaned(display).contains("data-latex=\"y\""), "{}", cleaned(display));
        assert!(cleaned("<p>a \\(x^2\\)</p>").contains("data-latex=\"x^2\""));
        check(&[
            ("<p><code>\\(x\\)</code></p>", "<p><code>\\(x\\)</code></p>"),
            ("<p><code class=\"wp-latex\">\\nosuch{</code></p>", "<p>$latex \\nosuch{$</p>"),
        ]);
    }
}
