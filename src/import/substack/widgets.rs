//! What Substack's editor puts between paragraphs: pictures behind a proxy, players, cards, notes, and widgets that ask for
//! a subscription.

use serde_json::Value;
use url::Url;

use crate::html::{fold_white_space, shorten};
use crate::import::embeds::{link_paragraph, links_of_players};
use crate::import::html_tree::{self, HtmlElement, HtmlNode, elements};

/// A text with the meaning of its widgets, and those that were left out.
pub(super) struct Shaped {
    pub(super) html: String,
    /// As the report names them.
    pub(super) left_out: Vec<String>,
}

/// Makes of widgets what they mean.
pub(super) fn shaped(nodes: Vec<HtmlNode>) -> Shaped {
    let mut shaper = WidgetShaper { left_out: Vec::new(), notes: Vec::new(), numbers: note_numbers(&nodes) };
    let mut nodes = shaper.nodes(nodes);
    if !shaper.notes.is_empty() {
        let items = std::mem::take(&mut shaper.notes);
        let items = items.into_iter().map(|note| HtmlNode::Element(HtmlElement::new("li", note))).collect();
        let list = HtmlNode::Element(HtmlElement::new("ol", items));
        nodes.push(HtmlNode::Element(HtmlElement::new("div", vec![list]).with("class", "footnotes")));
    }
    Shaped { html: html_tree::to_html(&nodes), left_out: shaper.left_out }
}

/// The anchors of the notes that have a mark in the text, in their order.
fn note_numbers(nodes: &[HtmlNode]) -> Vec<String> {
    let all = elements(nodes);
    let marks = all.iter().filter(|element| element.has_class("footnote-anchor"));
    let marked: Vec<&str> = marks.filter_map(|mark| mark.attribute("href")?.strip_prefix('#')).collect();
    let notes = all.iter().filter(|element| element.has_class("footnote"));
    notes.filter_map(|note| note_anchor(note)).filter(|anchor| marked.contains(&anchor.as_str())).collect()
}

fn note_anchor(note: &HtmlElement) -> Option<String> {
    let number = note.elements().into_iter().find(|inner| inner.has_class("footnote-number"))?;
    number.attribute("id").map(str::to_owned)
}

/// Widgets that ask the reader for something, by their classes.
const REQUESTS: [(&str, &str); 12] = [
    ("subscription-widget-wrap", "a form to subscribe"),
    ("subscription-widget-wrap-editor", "a form to subscribe"),
    ("subscription-widget", "a form to subscribe"),
    ("subscribe-widget", "a form to subscribe"),
    ("install-substack-app-embed", "an advertisement of the app"),
    ("community-chat", "a link to the chat"),
    ("directMessage", "a button to write to the author"),
    ("poll-embed", "a poll"),
    ("paywall-jump", "the line behind which only subscribers read on"),
    ("comments-page", "the comments"),
    ("captioned-button-wrap", "a button with a caption"),
    ("header-anchor-parent", ""),
];

/// Widgets whose content the export does not hold.
const NOT_HELD: [(&str, &str); 2] =
    [("native-audio-embed", "a sound file"), ("native-video-embed", "a video")];

struct WidgetShaper {
    left_out: Vec<String>,
    /// The notes, which stand at the end of the text.
    notes: Vec<Vec<HtmlNode>>,
    numbers: Vec<String>,
}

impl WidgetShaper {
    fn nodes(&mut self, nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
        html_tree::with_elements(nodes, &mut |element| self.element(element))
    }

    fn element(&mut self, mut element: HtmlElement) -> Vec<HtmlNode> {
        if let Some((_, what)) = REQUESTS.iter().find(|(class, _)| element.has_class(class)) {
            self.leave_out(what, &element);
            return Vec::new();
        }
        if let Some((_, what)) = NOT_HELD.iter().find(|(class, _)| element.has_class(class)) {
            self.left_out.push(format!("{what} of Substack is not in the export, and is missing here"));
            return Vec::new();
        }
        if let Some(nodes) = self.widget(&element) {
            return nodes;
        }
        let name = element.name.clone();
        match name.as_str() {
            "p" if element.has_class("button-wrapper") => return self.button(element),
            "a" if element.has_class("button") => return self.button(element),
            "a" if element.has_class("footnote-anchor") => return self.note_mark(element),
            "div" if element.has_class("footnote") => {
                let is_marked = note_anchor(&element).is_some_and(|anchor| self.numbers.contains(&anchor));
                let note = note(self.nodes(element.children));
                // One that nothing refers to would not be printed as a note.
                if !is_marked {
                    return note;
                }
                self.notes.push(note);
                return Vec::new();
            }
            "picture" => {
                let images =
                    element.children.into_iter().filter(|child| child.named("img").is_some()).collect();
                return self.nodes(images);
            }
            "img" => image(&mut element),
            // The label of a block is for the editor.
            "svg" | "button" | "label" => return Vec::new(),
            "div" if element.has_class("pullquote") => "blockquote".clone_into(&mut element.name),
            "div" if is_wrapper(&element) => return self.nodes(element.children),
            _ => {}
        }
        element.children = self.nodes(element.children);
        if element.name == "a" && element.has_class("image-link") {
            return linked_image(element);
        }
        vec![HtmlNode::Element(element)]
    }

    /// Cards and players, whose facts are JSON in an attribute.
    fn widget(&mut self, element: &HtmlElement) -> Option<Vec<HtmlNode>> {
        let facts: Value = serde_json::from_str(element.attribute("data-attrs")?).ok()?;
        let is = |class: &str| element.classes().any(|found| found == class);
        if is("youtube-wrap") {
            let id = facts["videoId"].as_str()?;
            return Some(vec![link_paragraph(&format!("https://www.youtube.com/watch?v={id}"))]);
        }
        if is("vimeo-wrap") {
            let id = facts["videoId"].as_str()?;
            return Some(vec![link_paragraph(&format!("https://vimeo.com/{id}"))]);
        }
        if is("tweet") || is("twitter-embed") {
            return Some(vec![tweet(&facts)?]);
        }
        if is("digest-post-embed") || is("embedded-post-wrap") {
            return Some(card(
                &facts,
                &["canonical_url", "url"],
                &["title"],
                &["caption", "truncated_body_text"],
            ));
        }
        if is("embedded-publication-wrap") {
            return Some(card(&facts, &["base_url"], &["name"], &["hero_text"]));
        }
        if is("image-gallery-embed") {
            return Some(vec![gallery(&facts["gallery"])?]);
        }
        if is("latex-rendered") {
            let formula = facts["persistentExpression"].as_str()?;
            let code =
                HtmlElement::new("code", vec![HtmlNode::text(formula)]).with("class", "language-latex");
            self.left_out
                .push("a formula became code; write it between `$$` if the settings have `math`".to_owned());
            return Some(vec![HtmlNode::Element(HtmlElement::new("pre", vec![HtmlNode::Element(code)]))]);
        }
        if is("file-embed-wrapper") {
            return None;
        }
        if is("spotify-wrap")
            || is("soundcloud-wrap")
            || is("apple-podcast-container")
            || is("tiktok-wrap")
            || is("instagram")
        {
            let url = ["url", "targetUrl", "canonical_url"].iter().find_map(|key| facts[*key].as_str());
            return url.filter(|url| is_web(url)).map(|url| vec![link_paragraph(url)]);
        }
        let links = links_of_players(element);
        (!links.is_empty()).then_some(links)
    }

    /// A button that asks the reader for something goes; any other is a link.
    fn button(&mut self, element: HtmlElement) -> Vec<HtmlNode> {
        let link = element.elements().into_iter().find(|inner| inner.name == "a").cloned();
        let facts: Value = element
            .attribute("data-attrs")
            .and_then(|facts| serde_json::from_str(facts).ok())
            .unwrap_or_default();
        let href = link.as_ref().and_then(|link| link.attribute("href")).or_else(|| facts["url"].as_str());
        let href = href.unwrap_or_default().to_owned();
        if !is_web(&href) || is_request(&href) {
            self.leave_out("a button", &element);
            return Vec::new();
        }
        let words = fold_white_space(&element.text_content());
        let words = if words.is_empty() { facts["text"].as_str().unwrap_or(&href).to_owned() } else { words };
        let link = HtmlElement::new("a", vec![HtmlNode::Text(words)]).with("href", &href);
        vec![HtmlNode::Element(HtmlElement::new("p", vec![HtmlNode::Element(link)]))]
    }

    fn leave_out(&mut self, what: &str, element: &HtmlElement) {
        if what.is_empty() {
            return;
        }
        let words = shorten(&fold_white_space(&element.text_content()), 120);
        let words = if words.is_empty() { String::new() } else { format!(": “{words}”") };
        self.left_out.push(format!("{what} of Substack was left out{words}"));
    }

    /// The mark of a note, by the number that the note has.
    fn note_mark(&mut self, element: HtmlElement) -> Vec<HtmlNode> {
        let target = element.attribute("href").unwrap_or_default().trim_start_matches('#');
        let Some(at) = self.numbers.iter().position(|anchor| anchor == target) else {
            return vec![HtmlNode::Element(HtmlElement::new("sup", element.children))];
        };
        let number = (at + 1).to_string();
        let link =
            HtmlElement::new("a", vec![HtmlNode::text(&number)]).with("href", &format!("#fn-{number}"));
        let mark = HtmlElement::new("sup", vec![HtmlNode::Element(link)]).with("class", "footnote-ref");
        vec![HtmlNode::Element(mark)]
    }
}

/// The text of a note without its number.
fn note(children: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let mut out = Vec::new();
    for child in children {
        match child {
            HtmlNode::Element(element) if element.has_class("footnote-number") => {}
            HtmlNode::Element(element) if element.has_class("footnote-content") => {
                out.extend(element.children)
            }
            HtmlNode::Text(text) if text.trim().is_empty() => {}
            child => out.push(child),
        }
    }
    let has_blocks =
        out.iter().any(|node| node.element().is_some_and(|inner| html_tree::is_block(&inner.name)));
    if has_blocks { out } else { vec![HtmlNode::Element(HtmlElement::new("p", out))] }
}

fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

/// Whether a button leads to a form of Substack.
fn is_request(href: &str) -> bool {
    [
        "%%",
        "/subscribe",
        "action=share",
        "/comments",
        "checkout",
        "gift=true",
        "donate=true",
        "/chat",
        "/refer",
    ]
    .iter()
    .any(|part| href.contains(part))
        && (href.contains("%%")
            || href.contains("substack.com")
            || Url::parse(href).is_ok_and(|url| is_form(url.path())))
}

/// Whether a path of a site with a domain of its own is that of a form.
fn is_form(path: &str) -> bool {
    path.starts_with("/subscribe") || path.starts_with("/p/") && path.ends_with("/comments")
}

fn is_wrapper(element: &HtmlElement) -> bool {
    const WRAPPERS: [&str; 8] = [
        "captioned-image-container",
        "image2-inset",
        "image-link-expand",
        "pencraft",
        "body",
        "available-content",
        "preformatted-block",
        "file-embed-wrapper",
    ];
    element
        .classes()
        .any(|class| WRAPPERS.contains(&class) || class.starts_with("pc-") || class.starts_with("file-embed"))
}

/// The file itself, instead of an address of the proxy that makes it smaller.
fn direct(address: &str) -> String {
    let Some(at) = address.find("/image/fetch/") else { return address.to_owned() };
    let rest = &address[at..];
    let encoded = rest.rsplit('/').next().unwrap_or_default();
    let target = crate::path::percent_decode(encoded);
    if is_web(&target) {
        return target;
    }
    // Older addresses have the target as it is.
    rest.find("https://").map_or_else(|| address.to_owned(), |start| rest[start..].to_owned())
}

fn image(element: &mut HtmlElement) {
    let facts: Value = element
        .attribute("data-attrs")
        .and_then(|facts| serde_json::from_str(facts).ok())
        .unwrap_or_default();
    let source = facts["src"].as_str().filter(|source| is_web(source)).map(str::to_owned);
    let source = source.or_else(|| element.attribute("src").map(direct)).unwrap_or_default();
    let alt = element.attribute("alt").filter(|alt| !alt.is_empty()).or_else(|| facts["alt"].as_str());
    let alt = alt.unwrap_or_default().to_owned();
    *element = HtmlElement::new("img", Vec::new()).with("src", &source).with("alt", &alt);
}

/// A picture that leads to itself in its full size needs no link.
fn linked_image(mut link: HtmlElement) -> Vec<HtmlNode> {
    let target = direct(link.attribute("href").unwrap_or_default());
    let image = elements(&link.children).into_iter().find(|inner| inner.name == "img").cloned();
    let Some(image) = image else { return vec![HtmlNode::Element(link)] };
    let is_itself = target.is_empty() || image.attribute("src") == Some(target.as_str());
    if is_itself {
        return vec![HtmlNode::Element(image)];
    }
    link.set("href", &target);
    link.children = vec![HtmlNode::Element(image)];
    vec![HtmlNode::Element(link)]
}

/// A quoted tweet, with its author and date.
fn tweet(facts: &Value) -> Option<HtmlNode> {
    let url = facts["url"].as_str().filter(|url| is_web(url))?;
    let url = url.split('?').next().unwrap_or(url);
    let text = facts["full_text"].as_str().unwrap_or_default();
    let mut lines = Vec::new();
    for line in text.lines() {
        if !lines.is_empty() {
            lines.push(HtmlNode::Element(HtmlElement::new("br", Vec::new())));
        }
        lines.push(HtmlNode::text(line));
    }
    let name = facts["name"].as_str().unwrap_or_default();
    let author = match facts["username"].as_str() {
        Some(user) if !user.is_empty() => format!("{name} (@{user})"),
        _ => name.to_owned(),
    };
    let date = facts["date"].as_str().and_then(|date| date.get(..10)).unwrap_or(url);
    let link = HtmlElement::new("a", vec![HtmlNode::text(date)]).with("href", url);
    if lines.is_empty() {
        return Some(HtmlNode::Element(HtmlElement::new("p", vec![HtmlNode::Element(link)])));
    }
    let source = vec![HtmlNode::Text(format!("{}, ", author.trim())), HtmlNode::Element(link)];
    let quote = vec![
        HtmlNode::Element(HtmlElement::new("p", lines)),
        HtmlNode::Element(HtmlElement::new("footer", source)),
    ];
    Some(HtmlNode::Element(HtmlElement::new("blockquote", quote)))
}

/// A card of another page: a link with its title, and the words below it.
fn card(facts: &Value, urls: &[&str], titles: &[&str], texts: &[&str]) -> Vec<HtmlNode> {
    let first =
        |keys: &[&str]| keys.iter().find_map(|key| facts[*key].as_str().filter(|text| !text.is_empty()));
    let title = first(titles).unwrap_or_default();
    let url = first(urls).filter(|url| is_web(url));
    let mut words = match url {
        Some(url) => {
            let title = if title.is_empty() { url } else { title };
            vec![HtmlNode::Element(HtmlElement::new("a", vec![HtmlNode::text(title)]).with("href", url))]
        }
        None => vec![HtmlNode::text(title)],
    };
    if let Some(text) = first(texts) {
        words.push(HtmlNode::Element(HtmlElement::new("br", Vec::new())));
        words.push(HtmlNode::text(text));
    }
    vec![HtmlNode::Element(HtmlElement::new("p", words))]
}

fn gallery(facts: &Value) -> Option<HtmlNode> {
    let images = facts["images"].as_array()?;
    let figures = images.iter().filter_map(|image| image["src"].as_str()).map(|source| {
        let image = HtmlElement::new("img", Vec::new()).with("src", &direct(source)).with("alt", "");
        HtmlNode::Element(HtmlElement::new("figure", vec![HtmlNode::Element(image)]))
    });
    let mut children: Vec<HtmlNode> = figures.collect();
    if let Some(caption) = facts["caption"].as_str().filter(|caption| !caption.is_empty()) {
        children.push(HtmlNode::Element(HtmlElement::new("figcaption", vec![HtmlNode::text(caption)])));
    }
    Some(HtmlNode::Element(HtmlElement::new("figure", children)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_their_files() {
        let bucket = "https://bucketeer-1.s3.amazonaws.com/public/images/a_10x20.png";
        for address in [
            "https://substackcdn.com/image/fetch/w_1456,c_limit,f_auto/https%3A%2F%2Fbucketeer-1.s3.amazonaws.com%2Fpublic%2Fimages%2Fa_10x20.png",
            "https://cdn.substack.com/image/fetch/w_1456,c_limit/https://bucketeer-1.s3.amazonaws.com/public/images/a_10x20.png",
            bucket,
        ] {
            assert_eq!(direct(address), bucket);
        }
        assert_eq!(direct("/image/fetch/x/y.png"), "/image/fetch/x/y.png");
    }

    #[test]
    fn buttons_that_ask_for_something_go() {
        for (href, is_gone) in [
            ("%%checkout_url%%", true),
            ("%%share_url%%", true),
            ("https://tide.substack.com/subscribe?", true),
            ("https://www.tide.example/subscribe", true),
            ("https://tide.substack.com/p/a/comments", true),
            ("https://tide.substack.com/p/a?action=share", true),
            ("https://shop.example/checkout", false),
            ("https://tide.example/p/a", false),
        ] {
            let html = format!(
                "<p class=\"button-wrapper\"><a class=\"button primary\" href=\"{href}\"><span>Go</span></a></p>"
            );
            let Shaped { html, left_out } = shaped(html_tree::parse(&html).unwrap());
            assert_eq!((html.is_empty(), left_out.len()), (is_gone, usize::from(is_gone)), "{href}: {html}");
        }
    }

    #[test]
    fn a_note_without_a_mark_is_text() {
        let note = "<div class=\"footnote\"><a id=\"footnote-1\" class=\"footnote-number\">1</a><div class=\"footnote-content\"><p>By two.</p></div></div>";
        assert_eq!(shaped(html_tree::parse(note).unwrap()).html, "<p>By two.</p>");
    }
}
