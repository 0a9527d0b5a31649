//! Players of other sites, as links to the pages that they show: a page of Backmatter asks no other host for anything.

use url::Url;

use super::html_tree::{HtmlElement, HtmlNode};

/// The page that a player shows. One that is not known is its own page.
pub(super) fn page_of_player(source: &str) -> String {
    let absolute = if source.starts_with("//") { format!("https:{source}") } else { source.to_owned() };
    let Ok(url) = Url::parse(&absolute) else { return source.to_owned() };
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let parameter = |wanted: &str| {
        url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let parts: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    let page = match (host, parts.as_slice()) {
        ("cdn.embedly.com", _) => parameter("url").or_else(|| parameter("src")).filter(|page| is_web(page)),
        ("youtube.com" | "youtube-nocookie.com", ["embed", "videoseries", ..]) => {
            parameter("list").map(|list| format!("https://www.youtube.com/playlist?list={list}"))
        }
        ("youtube.com" | "youtube-nocookie.com", ["embed" | "v", id, ..]) if !id.is_empty() => {
            Some(format!("https://www.youtube.com/watch?v={id}"))
        }
        ("player.vimeo.com", ["video", id, ..]) => Some(format!("https://vimeo.com/{id}")),
        ("w.soundcloud.com", ["player", ..]) => parameter("url").filter(|page| is_web(page)),
        ("open.spotify.com", ["embed", rest @ ..]) if !rest.is_empty() => {
            Some(format!("https://open.spotify.com/{}", rest.join("/")))
        }
        ("dailymotion.com", ["embed", "video", id, ..]) => {
            Some(format!("https://www.dailymotion.com/video/{id}"))
        }
        ("gist.github.com", _) => Some(absolute.split(".js").next().unwrap_or(&absolute).to_owned()),
        ("codepen.io", [user, "embed", rest @ ..]) => rest
            .iter()
            .rfind(|part| **part != "preview" && !part.is_empty())
            .map(|name| format!("https://codepen.io/{user}/pen/{name}")),
        _ => None,
    };
    page.unwrap_or(absolute)
}

/// The page of what a player in Flash showed, if the site has one for it.
pub(super) fn page_of_player_in_flash(source: &str) -> Option<String> {
    let absolute = if source.starts_with("//") { format!("https:{source}") } else { source.to_owned() };
    let url = Url::parse(&absolute).ok()?;
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let parts: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    match (host, parts.as_slice()) {
        ("youtube.com" | "youtube-nocookie.com", ["v", id, ..]) => {
            let id = id.split('&').next().unwrap_or(id);
            Some(format!("https://www.youtube.com/watch?v={id}"))
        }
        ("youtube.com" | "youtube-nocookie.com", ["p", list, ..]) => {
            let list = list.split('&').next().unwrap_or(list);
            Some(format!("https://www.youtube.com/playlist?list=PL{list}"))
        }
        ("vimeo.com", ["moogaloop.swf"]) => {
            let id = url.query_pairs().find(|(name, _)| name == "clip_id").map(|(_, id)| id.into_owned());
            id.map(|id| format!("https://vimeo.com/{id}"))
        }
        ("dailymotion.com", ["swf", "video", id, ..] | ["swf", id, ..]) => {
            let id = id.split(['&', '_']).next().unwrap_or(id);
            Some(format!("https://www.dailymotion.com/video/{id}"))
        }
        _ => None,
    }
}

fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

/// A paragraph with a link whose words are its address.
pub(super) fn link_paragraph(address: &str) -> HtmlNode {
    let link = HtmlElement::new("a", vec![HtmlNode::text(address)]).with("href", address);
    HtmlNode::Element(HtmlElement::new("p", vec![HtmlNode::Element(link)]))
}

/// The paragraphs that stand for players and scripts in an element.
pub(super) fn links_of_players(element: &HtmlElement) -> Vec<HtmlNode> {
    let players =
        element.elements().into_iter().filter(|inner| matches!(inner.name.as_str(), "iframe" | "script"));
    let sources = players.filter_map(|player| player.attribute("src").filter(|source| source.contains("//")));
    sources.map(|source| link_paragraph(&page_of_player(source))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_of_flash_have_pages() {
        for (source, page) in [
            ("http://www.youtube.com/v/abc&hl=en&fs=1", Some("https://www.youtube.com/watch?v=abc")),
            ("http://www.youtube.com/v/abc?fs=1", Some("https://www.youtube.com/watch?v=abc")),
            ("http://www.youtube.com/p/1F?hl=en", Some("https://www.youtube.com/playlist?list=PL1F")),
            ("http://vimeo.com/moogaloop.swf?clip_id=12&server=vimeo.com", Some("https://vimeo.com/12")),
            ("http://www.dailymotion.com/swf/x1&related=0", Some("https://www.dailymotion.com/video/x1")),
            ("http://game.example/play.swf", None),
        ] {
            assert_eq!(page_of_player_in_flash(source).as_deref(), page, "{source}");
        }
    }

    #[test]
    fn players_are_the_pages_they_show() {
        for (source, page) in [
            ("https://www.youtube.com/embed/abc?feature=oembed", "https://www.youtube.com/watch?v=abc"),
            ("//www.youtube-nocookie.com/embed/abc", "https://www.youtube.com/watch?v=abc"),
            ("https://www.youtube.com/embed/videoseries?list=L1", "https://www.youtube.com/playlist?list=L1"),
            ("https://player.vimeo.com/video/12?h=1", "https://vimeo.com/12"),
            (
                "https://cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fx.example%2Fe&url=https%3A%2F%2Fx.example%2Fv",
                "https://x.example/v",
            ),
            (
                "https://cdn.embedly.com/widgets/media.html?url=javascript%3Ax",
                "https://cdn.embedly.com/widgets/media.html?url=javascript%3Ax",
            ),
            ("https://open.spotify.com/embed/track/1", "https://open.spotify.com/track/1"),
            ("https://gist.github.com/ann/1f.js?file=a.rs", "https://gist.github.com/ann/1f"),
            ("https://codepen.io/ann/embed/preview/xyz?height=1", "https://codepen.io/ann/pen/xyz"),
            ("https://maps.example/embed?x=1", "https://maps.example/embed?x=1"),
            ("not an address", "not an address"),
        ] {
            assert_eq!(page_of_player(source), page, "{source}");
        }
    }
}
