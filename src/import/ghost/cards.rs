//! Cards: what stands between the paragraphs of a post of Ghost. Its two editors store their facts alike, and pages have
//! them as HTML with the buttons and icons of a player, which is shaped into what they mean.

use serde_json::Value;

use crate::html::{escape, fold_white_space, shorten};
use crate::import::comment_exports::html_of_markdown;
use crate::import::html_tree::{HtmlElement, HtmlNode, to_html, with_elements};

/// Cards that ask readers for something, or that only a mail has.
const REQUESTS: [&str; 4] = ["signup", "email", "email-cta", "paywall"];

/// The HTML of a card in the form that a page of Ghost has it. One that is not known is the words in it.
pub(super) fn html(kind: &str, facts: &Value, remarks: &mut Vec<String>) -> String {
    let source = escape(of(facts, "src"));
    match kind {
        "html" => of(facts, "html").to_owned(),
        "markdown" | "card-markdown" => html_of_markdown(of(facts, "markdown")),
        "hr" | "horizontalrule" => "<hr>".to_owned(),
        "code" | "codeblock" => {
            let language = escape(of(facts, "language"));
            let class =
                if language.is_empty() { language } else { format!(" class=\"language-{language}\"") };
            let code = format!("<pre><code{class}>{}</code></pre>", escape(of(facts, "code")));
            if of(facts, "caption").is_empty() { code } else { figure(&code, of(facts, "caption")) }
        }
        "image" => {
            let image = format!("<img src=\"{source}\" alt=\"{}\">", escape(of(facts, "alt")));
            let image = match of(facts, "href") {
                "" => image,
                href => format!("<a href=\"{}\">{image}</a>", escape(href)),
            };
            figure(&image, of(facts, "caption"))
        }
        "gallery" => {
            let images = facts["images"].as_array().into_iter().flatten();
            let images = images.map(|image| html("image", image, &mut Vec::new()));
            figure(&images.collect::<String>(), of(facts, "caption"))
        }
        "bookmark" => bookmark(facts),
        "embed" => match of(facts, "html") {
            "" => format!("<p><a href=\"{0}\">{0}</a></p>", escape(of(facts, "url"))),
            html => figure(html, of(facts, "caption")),
        },
        "audio" => format!(
            "<div class=\"kg-audio-card\"><audio src=\"{source}\"></audio><div class=\"kg-audio-title\">{}</div></div>",
            escape(of(facts, "title"))
        ),
        "video" => figure(
            &format!("<div class=\"kg-video-card\"><video src=\"{source}\"></video></div>"),
            of(facts, "caption"),
        ),
        "file" => format!(
            "<p><a href=\"{source}\">{}</a></p>{}",
            escape(first(facts, &["fileTitle", "title", "fileName", "src"])),
            paragraph(first(facts, &["fileCaption", "caption"]))
        ),
        "callout" => format!(
            "<div class=\"kg-callout-card\"><div class=\"kg-callout-emoji\">{}</div><div class=\"kg-callout-text\">{}</div></div>",
            escape(of(facts, "calloutEmoji")),
            of(facts, "calloutText")
        ),
        "toggle" => {
            format!("<details><summary>{}</summary>{}</details>", of(facts, "heading"), of(facts, "content"))
        }
        "button" => button(of(facts, "buttonUrl"), of(facts, "buttonText")),
        "header" => format!(
            "<h2>{}</h2>{}{}",
            of(facts, "header"),
            paragraph(of(facts, "subheader")),
            button(of(facts, "buttonUrl"), of(facts, "buttonText"))
        ),
        "product" => {
            let image = match of(facts, "productImageSrc") {
                "" => String::new(),
                image => figure(&format!("<img src=\"{}\" alt=\"\">", escape(image)), ""),
            };
            let title = of(facts, "productTitle");
            let button = button(of(facts, "productUrl"), of(facts, "productButton"));
            format!("{image}<h4>{title}</h4>{}{button}", of(facts, "productDescription"))
        }
        "call-to-action" => {
            let image = match of(facts, "imageUrl") {
                "" => String::new(),
                image => figure(&format!("<img src=\"{}\" alt=\"\">", escape(image)), ""),
            };
            format!(
                "{image}{}{}",
                of(facts, "textValue"),
                button(of(facts, "buttonUrl"), of(facts, "buttonText"))
            )
        }
        kind if REQUESTS.contains(&kind) => {
            remarks.push(format!("a card of Ghost, `{kind}`, which only its own pages and mails have"));
            String::new()
        }
        kind => {
            remarks.push(format!("a card that is not known, `{kind}`, is the words in it"));
            let mut words = String::new();
            push_words(facts, &mut words);
            words
        }
    }
}

/// A text of a card; empty if it has none.
fn of<'v>(facts: &'v Value, key: &str) -> &'v str {
    facts[key].as_str().unwrap_or_default()
}

fn first<'v>(facts: &'v Value, keys: &[&str]) -> &'v str {
    let texts = keys.iter().filter_map(|key| facts[*key].as_str());
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// The texts of a card that are not addresses, colours or names of sizes.
fn push_words(facts: &Value, words: &mut String) {
    match facts {
        Value::String(text) if text.contains(' ') => words.push_str(&format!("<p>{text}</p>")),
        Value::Array(values) => values.iter().for_each(|value| push_words(value, words)),
        Value::Object(values) => values.values().for_each(|value| push_words(value, words)),
        _ => {}
    }
}

fn figure(inner: &str, caption: &str) -> String {
    match caption {
        "" => format!("<figure>{inner}</figure>"),
        caption => format!("<figure>{inner}<figcaption>{caption}</figcaption></figure>"),
    }
}

fn paragraph(html: &str) -> String {
    if html.is_empty() { String::new() } else { format!("<p>{html}</p>") }
}

fn button(address: &str, label: &str) -> String {
    match (address, label) {
        ("", "") => String::new(),
        ("", label) => paragraph(&escape(label)),
        (address, "") => format!("<p><a href=\"{0}\">{0}</a></p>", escape(address)),
        (address, label) => format!("<p><a href=\"{}\">{}</a></p>", escape(address), escape(label)),
    }
}

/// A link to another page with what it says of itself.
fn bookmark(facts: &Value) -> String {
    let metadata = &facts["metadata"];
    let address = escape(first(facts, &["url"]));
    let title = if escape(of(metadata, "title")).is_empty() {
        address.clone()
    } else {
        escape(of(metadata, "title"))
    };
    let source: Vec<String> = ["author", "publisher"]
        .iter()
        .map(|key| escape(of(metadata, key)))
        .filter(|text| !text.is_empty())
        .collect();
    let link = format!("<p><a href=\"{address}\">{title}</a></p>");
    let words =
        [escape(of(metadata, "description")), source.join(" · ")].map(|text| paragraph(&text)).concat();
    let caption = paragraph(first(facts, &["caption"]));
    format!("{link}{words}{caption}")
}

/// The nodes of a page with its cards as what they mean.
pub(super) fn shaped(nodes: Vec<HtmlNode>, remarks: &mut Vec<String>) -> Vec<HtmlNode> {
    with_elements(nodes, &mut |element| shape(element, remarks))
}

fn shape(mut element: HtmlElement, remarks: &mut Vec<String>) -> Vec<HtmlNode> {
    if element.has_class("kg-signup-card") {
        let words = shorten(&fold_white_space(&element.text_content()), 60);
        remarks.push(format!("a form that asks readers for their address was left out: “{words}”"));
        return Vec::new();
    }
    if element.has_class("kg-audio-card") || element.has_class("kg-video-card") {
        return player(&element);
    }
    if element.has_class("kg-toggle-card") {
        return toggle(element, remarks);
    }
    if element.has_class("kg-bookmark-card") {
        return card_of_link(&element);
    }
    if element.has_class("kg-file-card") {
        return file(&element);
    }
    if element.has_class("kg-callout-card") {
        return callout(element, remarks);
    }
    // Its stars are drawn for the theme.
    if element.has_class("kg-product-card-rating") {
        return Vec::new();
    }
    element.children = shaped(element.children, remarks);
    vec![HtmlNode::Element(element)]
}

fn with_class<'t>(element: &'t HtmlElement, class: &str) -> Option<&'t HtmlElement> {
    element.elements().into_iter().find(|inner| inner.has_class(class))
}

fn words_of(element: &HtmlElement, class: &str) -> Option<HtmlNode> {
    let found = with_class(element, class)?;
    let has_words = !found.text_content().trim().is_empty();
    has_words.then(|| HtmlNode::Element(HtmlElement::new("p", found.children.clone())))
}

/// A player of the browser's own, with the title or caption that it had.
fn player(card: &HtmlElement) -> Vec<HtmlNode> {
    let all = card.elements();
    let Some(medium) = all.iter().find(|inner| matches!(inner.name.as_str(), "audio" | "video")) else {
        return Vec::new();
    };
    let source = medium.attribute("src").unwrap_or_default();
    let link = HtmlElement::new("a", vec![HtmlNode::text(source)]).with("href", source);
    let player = HtmlElement::new(&medium.name, vec![HtmlNode::Element(link)]).with("controls", "");
    let mut nodes = vec![HtmlNode::Element(player.with("src", source))];
    nodes.extend(words_of(card, "kg-audio-title"));
    let caption = all.iter().find(|inner| inner.name == "figcaption");
    if let Some(caption) = caption {
        nodes.push(HtmlNode::Element((*caption).clone()));
        return vec![HtmlNode::Element(HtmlElement::new("figure", nodes))];
    }
    nodes
}

/// What opens at a press of its heading.
fn toggle(card: HtmlElement, remarks: &mut Vec<String>) -> Vec<HtmlNode> {
    let heading = with_class(&card, "kg-toggle-heading-text").map(|found| found.children.clone());
    let content = with_class(&card, "kg-toggle-content").map(|found| found.children.clone());
    let (Some(heading), Some(content)) = (heading, content) else {
        return shaped(card.children, remarks);
    };
    let mut children = vec![HtmlNode::Element(HtmlElement::new("summary", heading))];
    children.extend(shaped(content, remarks));
    vec![HtmlNode::Element(HtmlElement::new("details", children))]
}

/// A link with the words below it. The icon and the picture are of the other site.
fn card_of_link(card: &HtmlElement) -> Vec<HtmlNode> {
    let all = card.elements();
    let link = all.iter().find(|inner| inner.name == "a");
    let href = link.and_then(|link| link.attribute("href")).unwrap_or_default();
    let title = with_class(card, "kg-bookmark-title").map(|title| title.children.clone());
    let title = title.unwrap_or_else(|| vec![HtmlNode::text(href)]);
    let link = HtmlElement::new("a", title).with("href", href);
    let mut nodes = vec![HtmlNode::Element(HtmlElement::new("p", vec![HtmlNode::Element(link)]))];
    nodes.extend(words_of(card, "kg-bookmark-description"));
    let source = ["kg-bookmark-author", "kg-bookmark-publisher"];
    let source: Vec<String> = source
        .iter()
        .filter_map(|class| with_class(card, class))
        .map(|found| fold_white_space(&found.text_content()))
        .filter(|text| !text.is_empty())
        .collect();
    if !source.is_empty() {
        let source = HtmlNode::Text(source.join(" · "));
        nodes.push(HtmlNode::Element(HtmlElement::new("p", vec![source])));
    }
    let caption = all.iter().find(|inner| inner.name == "figcaption");
    nodes.extend(caption.map(|caption| HtmlNode::Element(HtmlElement::new("p", caption.children.clone()))));
    nodes
}

/// A file to download: its title as the link, and what is said of it.
fn file(card: &HtmlElement) -> Vec<HtmlNode> {
    let all = card.elements();
    let link = all.iter().find(|inner| inner.name == "a");
    let href = link.and_then(|link| link.attribute("href")).unwrap_or_default();
    let title = ["kg-file-card-title", "kg-file-card-filename"]
        .iter()
        .filter_map(|class| with_class(card, class))
        .map(|found| fold_white_space(&found.text_content()))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| href.to_owned());
    let link = HtmlElement::new("a", vec![HtmlNode::Text(title)]).with("href", href);
    let mut nodes = vec![HtmlNode::Element(HtmlElement::new("p", vec![HtmlNode::Element(link)]))];
    nodes.extend(words_of(card, "kg-file-card-caption"));
    nodes
}

/// A box with a sign before its words: the sign belongs into their line.
fn callout(card: HtmlElement, remarks: &mut Vec<String>) -> Vec<HtmlNode> {
    let sign = with_class(&card, "kg-callout-emoji").map(|sign| fold_white_space(&sign.text_content()));
    let Some(words) = with_class(&card, "kg-callout-text").cloned() else {
        return shaped(card.children, remarks);
    };
    let mut words = shaped(words.children, remarks);
    let sign = sign.filter(|sign| !sign.is_empty()).map(|sign| HtmlNode::Text(format!("{sign} ")));
    let target = match words.first_mut() {
        Some(HtmlNode::Element(first)) if first.name == "p" => &mut first.children,
        _ => &mut words,
    };
    target.splice(0..0, sign);
    let is_loose = words.first().is_none_or(|node| node.named("p").is_none());
    let words = if is_loose { vec![HtmlNode::Element(HtmlElement::new("p", words))] } else { words };
    vec![HtmlNode::Element(HtmlElement::new("aside", words))]
}

/// The HTML of a page with its cards as what they mean. One that is nested too deep stays as it is.
pub(super) fn shaped_html(html: &str, remarks: &mut Vec<String>) -> String {
    match crate::import::html_tree::parse(html) {
        Ok(nodes) => to_html(&shaped(nodes, remarks)),
        Err(_) => html.to_owned(),
    }
}
