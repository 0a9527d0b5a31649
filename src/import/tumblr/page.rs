//! A page of Tumblr's own export: what the post shows, and a footer with its date and tags. Its name is the post's number.

use chrono::NaiveDateTime;

use super::TumblrPost;
use crate::html::fold_white_space;
use crate::import::html_tree::{self, HtmlElement, HtmlNode, elements};

/// The post on a page; nothing if there is none.
pub(super) fn read(html: &str, stem: &str) -> Option<TumblrPost> {
    let nodes = html_tree::parse(html).ok()?;
    let id = stem
        .split(['_', '-'])
        .next()
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))?;
    let all = elements(&nodes);
    let footer = all.iter().copied().find(|element| element.attribute("id") == Some("footer"));
    let of_footer = |wanted: &str| {
        let inner = footer.map(HtmlElement::elements).unwrap_or_default();
        let found = inner
            .into_iter()
            .filter(|element| element.attribute("id") == Some(wanted) || element.has_class(wanted));
        found.map(|element| fold_white_space(&element.text_content())).collect::<Vec<_>>()
    };
    let shown: Vec<HtmlNode> = nodes.iter().filter_map(without_frame).collect();
    let title = shown.iter().find_map(|node| node.named("h1")).map(|heading| heading.text_content());
    let body: Vec<HtmlNode> = shown.into_iter().filter(|node| node.named("h1").is_none()).collect();
    Some(TumblrPost {
        id: id.to_owned(),
        published: of_footer("timestamp").first().and_then(|written| moment(written)),
        tags: of_footer("tag")
            .into_iter()
            .map(|tag| tag.trim_start_matches('#').to_owned())
            .filter(|tag| !tag.is_empty())
            .collect(),
        title: crate::html::escape(&fold_white_space(&title.unwrap_or_default())),
        body: html_tree::to_html(&body),
        is_of_page: true,
        ..TumblrPost::default()
    })
}

/// A node of the page without what belongs to the page: its head and its footer.
fn without_frame(node: &HtmlNode) -> Option<HtmlNode> {
    let is_frame = node.element().is_some_and(|element| {
        matches!(element.name.as_str(), "title" | "link" | "meta" | "style" | "script")
            || element.attribute("id") == Some("footer")
    });
    (!is_frame).then(|| node.clone())
}

/// ` January 2nd, 2012 10:34pm `
fn moment(written: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let mut words: Vec<String> = written.split_whitespace().map(str::to_owned).collect();
    if let Some(day) = words.get_mut(1) {
        *day = day.replace(['s', 't', 'n', 'd', 'r', 'h'], "");
    }
    let text = words.join(" ");
    let forms = ["%B %d, %Y %I:%M%p", "%B %d, %Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S GMT"];
    forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .map(|moment| moment.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_post() {
        let html = "<!DOCTYPE HTML><html><head><meta charset=\"utf-8\"><title>x</title><link rel=\"stylesheet\" href=\"../style.css\"></head><body><h1>A <b>net</b></h1><p>Words.</p><div id=\"footer\"><span id=\"timestamp\"> January 2nd, 2012 10:34pm </span><span class=\"tag\">rope</span><span class=\"tag\">#two words</span></div></body></html>";
        let post = read(html, "123456").unwrap();
        assert_eq!((post.title.as_str(), post.body.as_str()), ("A net", "<p>Words.</p>"));
        assert_eq!(post.tags, ["rope", "two words"]);
        assert_eq!(post.published.unwrap().to_rfc3339(), "2012-01-02T22:34:00+00:00");
        assert!(read(html, "posts_index").is_none());
    }
}
