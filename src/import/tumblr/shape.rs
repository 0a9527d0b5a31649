//! The HTML of posts of Tumblr: what each type shows, reblogs as quotes with their sources, players as links.

use crate::html::escape;
use crate::import::embeds::{link_paragraph, links_of_players, page_of_player};
use crate::import::html_tree::{self, HtmlElement, HtmlNode, elements};

/// A picture of a post.
#[derive(Debug, Default, Clone)]
pub(super) struct Photo {
    pub(super) source: String,
    pub(super) alt: String,
    /// HTML.
    pub(super) caption: String,
    pub(super) link: String,
}

/// Pictures, several of them as one figure, and the caption below.
pub(super) fn photos(photos: &[Photo], caption: &str) -> String {
    let figures: Vec<String> = photos
        .iter()
        .map(|photo| {
            let image = format!("<img src=\"{}\" alt=\"{}\">", escape(&photo.source), escape(&photo.alt));
            let image = match photo.link.is_empty() {
                true => image,
                false => format!("<a href=\"{}\">{image}</a>", escape(&photo.link)),
            };
            let words = match photo.caption.is_empty() {
                true => String::new(),
                false => format!("<figcaption>{}</figcaption>", photo.caption),
            };
            format!("<figure>{image}{words}</figure>")
        })
        .collect();
    match figures.as_slice() {
        [one] => format!("{one}{caption}"),
        several => format!("<figure>{}</figure>{caption}", several.concat()),
    }
}

/// A quote with its source.
pub(super) fn quote(text: &str, source: &str) -> String {
    let source = source.trim();
    let source = match source.is_empty() {
        true => String::new(),
        // A source is a line; Tumblr puts its paragraphs around it.
        false => format!("<footer>{}</footer>", source.replace("<p>", "").replace("</p>", "")),
    };
    format!("<blockquote>{}{source}</blockquote>", with_paragraphs(text))
}

/// Text without markup as paragraphs with lines.
pub(super) fn with_paragraphs(text: &str) -> String {
    if ["<p", "<div", "<ul", "<ol", "<blockquote"].iter().any(|tag| text.contains(tag)) {
        return text.to_owned();
    }
    let paragraphs = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    paragraphs.map(|part| format!("<p>{}</p>", part.replace('\n', "<br>"))).collect()
}

/// A question of a reader and its answer.
pub(super) fn answer(question: &str, asker: &str, asker_url: &str, answer: &str) -> String {
    let source = match (asker.is_empty(), asker_url.is_empty()) {
        (true, _) => String::new(),
        (_, true) => escape(asker),
        _ => format!("<a href=\"{}\">{}</a>", escape(asker_url), escape(asker)),
    };
    format!("{}{answer}", quote(question, &source))
}

/// What was said by one person in a chat.
pub(super) struct ChatLine {
    pub(super) label: String,
    pub(super) phrase: String,
}

/// A chat, a line for each of its lines.
pub(super) fn chat(lines: &[ChatLine]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| match line.label.trim() {
            "" => escape(&line.phrase),
            label => format!("<strong>{}</strong> {}", escape(label), escape(&line.phrase)),
        })
        .collect();
    if lines.is_empty() { String::new() } else { format!("<p>{}</p>", lines.join("<br>")) }
}

/// A sound or video: of Tumblr itself as a player of the browser, of another site as a link to its page.
pub(super) fn medium(element: &str, source: &str, player: &str) -> String {
    let is_file = source.contains(".tumblr.com/") && !source.contains("/post/")
        || [".mp3", ".mp4", ".m4a", ".mov", ".ogg"].iter().any(|ending| source.ends_with(ending));
    if is_file {
        let source = escape(source);
        return format!("<{element} controls src=\"{source}\"><a href=\"{source}\">{source}</a></{element}>");
    }
    if !source.is_empty() {
        return html_tree::to_html(&[link_paragraph(&page_of_player(source))]);
    }
    player.to_owned()
}

/// The HTML of a post, with its own media at their new places.
pub(super) fn shaped(html: &str, media: &[String]) -> String {
    // What the editor of old wrote where the page of the blog went on.
    let html = &html.replace("[[MORE]]", "<!--more-->");
    let Ok(mut nodes) = html_tree::parse(html) else { return html.to_owned() };
    nodes = shape(nodes);
    place_media(&mut nodes, media);
    html_tree::to_html(&nodes)
}

fn shape(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let mut out: Vec<HtmlNode> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let HtmlNode::Element(mut element) = node else {
            out.push(node);
            continue;
        };
        let is_player = matches!(element.name.as_str(), "iframe" | "script" | "embed" | "object")
            || element.name == "figure"
                && elements(&element.children).iter().any(|inner| inner.name == "iframe");
        if is_player {
            let links = links_of_players(&element);
            if !links.is_empty() {
                out.extend(links);
                continue;
            }
        }
        if element.name == "blockquote"
            && let Some(source) = take_reblogged(&mut out)
        {
            out.extend(reblogged(element, source));
            continue;
        }
        if element.name == "div"
            && ["npf_row", "npf_photoset", "html_photoset"].iter().any(|class| element.has_class(class))
        {
            let children = shape(element.children);
            let figures = children.iter().filter(|child| child.named("figure").is_some()).count();
            match figures {
                0 | 1 => out.extend(children),
                _ => out.push(HtmlNode::Element(HtmlElement::new("figure", children))),
            }
            continue;
        }
        if let Some(target) = element.attribute("href").and_then(target_of_redirect) {
            element.set("href", &target);
        }
        element.children = shape(element.children);
        out.push(HtmlNode::Element(element));
    }
    out
}

/// Where a link leads by way of Tumblr, which counts clicks and hides the blog's name.
fn target_of_redirect(href: &str) -> Option<String> {
    if let Some((host, target)) = href.split_once("/?").filter(|(host, _)| host.ends_with("//href.li")) {
        return (host.starts_with("http") && target.starts_with("http")).then(|| target.to_owned());
    }
    let url = url::Url::parse(href).ok()?;
    let is_redirect = url.host_str() == Some("t.umblr.com") && url.path() == "/redirect";
    let target =
        url.query_pairs().find(|(name, _)| is_redirect && name == "z").map(|(_, value)| value.into_owned());
    target.filter(|target| target.starts_with("http"))
}

/// Takes the line `name:` from the end, which stands before what was reblogged.
fn take_reblogged(out: &mut Vec<HtmlNode>) -> Option<HtmlElement> {
    let at = out.iter().rposition(|node| !node.is_blank())?;
    let line = out[at].named("p")?;
    let mut shown = line.children.iter().filter(|child| !child.is_blank());
    let link =
        shown.next().and_then(|child| child.named("a")).filter(|link| link.has_class("tumblr_blog"))?;
    let is_alone = shown.all(|child| matches!(child, HtmlNode::Text(text) if text.trim() == ":"));
    let link = link.clone();
    is_alone.then(|| {
        out.truncate(at);
        link
    })
}

/// What was reblogged as a quote. What that one had reblogged stands before it.
fn reblogged(quote: HtmlElement, source: HtmlElement) -> Vec<HtmlNode> {
    let mut before = Vec::new();
    let mut own = Vec::new();
    for node in shape(quote.children) {
        let is_quoted = own.iter().all(HtmlNode::is_blank)
            && node
                .named("blockquote")
                .is_some_and(|inner| inner.children.iter().any(|child| child.named("footer").is_some()));
        if is_quoted { before.push(node) } else { own.push(node) }
    }
    if own.iter().all(HtmlNode::is_blank) && !before.is_empty() {
        // One that added nothing leaves no quote.
        return before;
    }
    own.push(HtmlNode::Element(HtmlElement::new("footer", vec![HtmlNode::Element(source)])));
    before.push(HtmlNode::Element(HtmlElement::new("blockquote", own)));
    before
}

/// Leads addresses of the folder of media, and of Tumblr's servers where the export has as many files, to their places.
fn place_media(nodes: &mut [HtmlNode], media: &[String]) {
    let hosted = elements(nodes).iter().filter(|element| is_hosted(element)).count();
    let mut own = media.iter().filter(|_| hosted == media.len());
    place_each(nodes, &mut own);
}

fn is_hosted(element: &HtmlElement) -> bool {
    let is_medium = matches!(element.name.as_str(), "img" | "video" | "audio" | "source");
    is_medium && element.attribute("src").is_some_and(|source| source.contains(".tumblr.com/"))
}

fn place_each(nodes: &mut [HtmlNode], own: &mut dyn Iterator<Item = &String>) {
    for node in nodes {
        let HtmlNode::Element(element) = node else { continue };
        if is_hosted(element)
            && let Some(place) = own.next()
        {
            element.set("src", place);
        }
        for name in ["src", "href", "poster"] {
            let below = element.attribute(name).and_then(|source| source.rsplit_once("../media/"));
            if let Some((start, below)) =
                below.filter(|(start, _)| start.chars().all(|c| matches!(c, '.' | '/')))
            {
                let place = format!("{}{start}{below}", super::MEDIA_FOLDER).replace("../", "");
                element.set(name, &place);
            }
        }
        place_each(&mut element.children, own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_by_way_of_tumblr_lead_to_their_targets() {
        for (html, expected) in [
            (
                "<a href=\"https://href.li/?https://o.example/?a=b\">o</a>",
                "<a href=\"https://o.example/?a=b\">o</a>",
            ),
            (
                "<a href=\"https://t.umblr.com/redirect?z=https%3A%2F%2Fr.example%2F&amp;t=x\">r</a>",
                "<a href=\"https://r.example/\">r</a>",
            ),
            ("<p>a</p>[[MORE]]<p>b</p>", "<p>a</p><!--more--><p>b</p>"),
        ] {
            assert_eq!(shaped(html, &[]), expected);
        }
    }

    #[test]
    fn reblogs_are_quotes_in_their_order() {
        let html = "<p><a class=\"tumblr_blog\" href=\"https://b.tumblr.com/post/2\">b</a>:</p><blockquote><p><a class=\"tumblr_blog\" href=\"https://a.tumblr.com/post/1\">a</a>:</p><blockquote><p>A</p></blockquote><p>B</p></blockquote><p>Mine</p>";
        assert_eq!(
            shaped(html, &[]),
            "<blockquote><p>A</p><footer><a class=\"tumblr_blog\" href=\"https://a.tumblr.com/post/1\">a</a></footer></blockquote><blockquote><p>B</p><footer><a class=\"tumblr_blog\" href=\"https://b.tumblr.com/post/2\">b</a></footer></blockquote><p>Mine</p>"
        );
        let plain = "<p><a href=\"https://b.example\">b</a>:</p><blockquote><p>x</p></blockquote>";
        assert_eq!(shaped(plain, &[]), plain);
    }

    #[test]
    fn media_of_the_export_take_the_place_of_those_on_servers() {
        let html =
            "<img src=\"https://64.media.tumblr.com/x/s640x960/y.jpg\"><img src=\"../../media/5_1.png\">";
        assert_eq!(
            shaped(html, &["/media/5_0.jpg".to_owned()]),
            "<img src=\"/media/5_0.jpg\"><img src=\"/media/5_1.png\">"
        );
        assert_eq!(
            shaped("<img src=\"https://64.media.tumblr.com/a.jpg\">", &[]),
            "<img src=\"https://64.media.tumblr.com/a.jpg\">"
        );
    }

    #[test]
    fn players_are_links() {
        let html = "<figure class=\"tmblr-embed\"><iframe src=\"https://www.youtube.com/embed/x\"></iframe></figure>";
        assert!(shaped(html, &[]).contains("watch?v=x"));
    }
}
