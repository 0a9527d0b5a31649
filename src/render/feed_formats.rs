//! Atom, RSS and JSON Feed, written by hand: their forms are fixed by specifications, not by taste.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::html::{self, escape, escape_xml, escape_xml_to};
use crate::page::kinds::feed::{FeedEntry, FeedExtent, FeedFormat, FeedView};
use crate::page::quote_view::QuoteView;
use crate::page::view::AuthorView;
use crate::path::{has_scheme, with_origin};

/// Writes a feed; `contents` holds the HTML of each entry.
pub(super) fn write(view: &FeedView<'_>, contents: &[Arc<str>]) -> String {
    let written = match view.format {
        FeedFormat::Atom => atom(view, contents),
        FeedFormat::Rss => rss(view, contents),
        FeedFormat::Json => Ok(json_feed(view, contents)),
    };
    written.expect("writing to a string cannot fail")
}

/// A quote as an entry's content.
pub(super) fn quote(quote: &QuoteView<'_>) -> String {
    let title = match (&quote.url, quote.title.is_empty()) {
        (Some(url), false) => {
            format!("<a href=\"{}\"><cite>{}</cite></a>", escape(url), escape(quote.title))
        }
        (Some(url), true) => format!("<a href=\"{}\">{}</a>", escape(url), escape(url)),
        (None, _) => escape(quote.title),
    };
    let parts = [
        escape(&quote.author),
        title,
        escape(quote.publication),
        escape(quote.published.unwrap_or_default()),
    ];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut out = format!("<figure><figcaption>{}</figcaption><blockquote", parts.join(", "));
    if let Some(cite) = &quote.cite {
        out.push_str(&format!(" cite=\"{}\"", escape(cite)));
    }
    if let Some(language) = quote.language {
        out.push_str(&format!(" lang=\"{}\"", escape(language)));
    }
    out.push_str(" dir=\"auto\">");
    out.push_str(quote.text_html);
    if quote.is_cut {
        out.push_str(&format!("<p><a href=\"{}\">…</a></p>", escape(&quote.permalink)));
    }
    out.push_str("</blockquote></figure>");
    out
}

/// Makes the addresses in a post's HTML absolute.
pub(super) fn absolute(html: &str, permalink: &str, origin: &str) -> String {
    let page = permalink.split('#').next().unwrap_or(permalink);
    let folder = &page[..=page.rfind('/').unwrap_or(page.len() - 1)];
    html::change_addresses(html, |url| {
        if let Some(anchor) = url.strip_prefix('#') {
            return Some(format!("{page}#{anchor}"));
        }
        if has_scheme(url) {
            return None;
        }
        if url.starts_with("//") {
            // A reader has no page of which it could take the scheme.
            let scheme = origin.split("//").next().unwrap_or_default();
            return Some(format!("{scheme}{url}"));
        }
        Some(if url.starts_with('/') { format!("{origin}{url}") } else { format!("{folder}{url}") })
    })
}

fn generator() -> &'static str {
    concat!("<generator version=\"", env!("CARGO_PKG_VERSION"), "\">Backmatter</generator>")
}

/// RFC 4287. Every element it requires (section 4.1.1, 4.1.2) is there for every feed and entry.
fn atom(view: &FeedView<'_>, contents: &[Arc<str>]) -> Result<String, std::fmt::Error> {
    let mut out = String::with_capacity(64 * 1024);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>")?;
    writeln!(
        out,
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"{} xml:lang=\"{}\">",
        if has_responses(view) { " xmlns:thr=\"http://purl.org/syndication/thread/1.0\"" } else { "" },
        escape_xml(view.language)
    )?;
    writeln!(out, "<title>{}</title>", escape_xml(&view.title))?;
    if !view.subtitle.is_empty() {
        writeln!(out, "<subtitle>{}</subtitle>", escape_xml(view.subtitle))?;
    }
    writeln!(out, "<id>{}</id>", escape_xml(&view.id))?;
    writeln!(out, "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>", escape_xml(&view.url))?;
    writeln!(out, "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", escape_xml(&view.home))?;
    if let Some(hub) = view.hub {
        writeln!(out, "<link rel=\"hub\" href=\"{}\"/>", escape_xml(hub))?;
    }
    // A feed without entries has never changed; the epoch says so and stays the same.
    writeln!(out, "<updated>{}</updated>", view.updated.as_deref().unwrap_or("1970-01-01T00:00:00Z"))?;
    match &view.author {
        Some(author) => writeln!(out, "{}", atom_author(author, view.origin))?,
        // Section 4.1.1: a feed needs an author unless all its entries have one.
        None => writeln!(out, "<author><name>{}</name></author>", escape_xml(&view.title))?,
    }
    if !view.copyright.is_empty() {
        writeln!(out, "<rights>{}</rights>", escape_xml(view.copyright))?;
    }
    writeln!(out, "{}", generator())?;
    for (entry, content) in view.entries.iter().zip(contents) {
        atom_entry(&mut out, view, entry, content)?;
    }
    writeln!(out, "</feed>")?;
    Ok(out)
}

fn atom_author(author: &AuthorView<'_>, origin: &str) -> String {
    let mut out = format!("<author><name>{}</name>", escape_xml(author.name));
    if let Some(url) = address(author) {
        out.push_str(&format!("<uri>{}</uri>", escape_xml(&with_origin(url, origin))));
    }
    if let Some(email) = author.email {
        out.push_str(&format!("<email>{}</email>", escape_xml(email)));
    }
    out.push_str("</author>");
    out
}

/// A page of the person: their own, else the one with their posts.
fn address<'a>(author: &'a AuthorView<'_>) -> Option<&'a str> {
    author.url.or(author.posts.as_deref())
}

fn has_responses(view: &FeedView<'_>) -> bool {
    view.entries.iter().any(|entry| entry.responses > 0)
}

/// Where the built-in theme shows the responses to a post.
fn responses_url(entry: &FeedEntry<'_>) -> String {
    format!("{}#_responses", entry.url)
}

fn atom_entry(
    out: &mut String,
    view: &FeedView<'_>,
    entry: &FeedEntry<'_>,
    content: &str,
) -> std::fmt::Result {
    if entry.language == view.language {
        writeln!(out, "<entry>")?;
    } else {
        writeln!(out, "<entry xml:lang=\"{}\">", escape_xml(&entry.language))?;
    }
    writeln!(out, "<title>{}</title>", escape_xml(&entry.title))?;
    writeln!(out, "<id>{}</id>", escape_xml(&entry.id))?;
    writeln!(out, "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", escape_xml(&entry.url))?;
    if let Some(link) = &entry.link {
        writeln!(out, "<link rel=\"related\" href=\"{}\"/>", escape_xml(link))?;
    }
    if entry.responses > 0 {
        // RFC 4685, sections 4 and 5.
        writeln!(
            out,
            "<link rel=\"replies\" type=\"text/html\" href=\"{}\" thr:count=\"{}\"/>",
            escape_xml(&responses_url(entry)),
            entry.responses
        )?;
        writeln!(out, "<thr:total>{}</thr:total>", entry.responses)?;
    }
    writeln!(out, "<published>{}</published>", entry.published)?;
    writeln!(out, "<updated>{}</updated>", entry.updated)?;
    for author in &entry.authors {
        writeln!(out, "{}", atom_author(author, view.origin))?;
    }
    for category in &entry.categories {
        writeln!(out, "<category term=\"{}\"/>", escape_xml(category))?;
    }
    if view.extent == FeedExtent::Summary {
        // RFC 4287, section 4.1.2: an entry without `content` needs an alternate link, which it has.
        write!(out, "<summary type=\"html\" xml:base=\"{}\">", escape_xml(&entry.url))?;
        escape_xml_to(content, out);
        return writeln!(out, "</summary>\n</entry>");
    }
    if !entry.summary.is_empty() {
        writeln!(out, "<summary>{}</summary>", escape_xml(&entry.summary))?;
    }
    write!(out, "<content type=\"html\" xml:base=\"{}\">", escape_xml(&entry.url))?;
    escape_xml_to(content, out);
    writeln!(out, "</content>\n</entry>")
}

/// RSS 2.0 with the profile of the RSS Advisory Board: descriptions are HTML, so text is escaped twice; `atom:link` to itself, `dc:creator` for names
/// without an address, `content:encoded` for the text.
fn rss(view: &FeedView<'_>, contents: &[Arc<str>]) -> Result<String, std::fmt::Error> {
    let mut out = String::with_capacity(64 * 1024);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>")?;
    writeln!(
        out,
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"{}>",
        if has_responses(view) { " xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\"" } else { "" }
    )?;
    writeln!(out, "<channel>")?;
    writeln!(out, "<title>{}</title>", escape_xml(&view.title))?;
    writeln!(out, "<link>{}</link>", escape_xml(&view.home))?;
    let description = if view.subtitle.is_empty() { &view.title } else { view.subtitle };
    writeln!(out, "<description>{}</description>", escape_xml(&escape(description)))?;
    writeln!(out, "<language>{}</language>", escape_xml(&view.language.to_lowercase()))?;
    if !view.copyright.is_empty() {
        writeln!(out, "<copyright>{}</copyright>", escape_xml(view.copyright))?;
    }
    if let Some(newest) = view.entries.first() {
        writeln!(out, "<pubDate>{}</pubDate>", newest.published_rfc2822)?;
    }
    writeln!(out, "<generator>Backmatter {}</generator>", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "<docs>https://www.rssboard.org/rss-specification</docs>")?;
    writeln!(
        out,
        "<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{}\"/>",
        escape_xml(&view.url)
    )?;
    if let Some(hub) = view.hub {
        writeln!(out, "<atom:link rel=\"hub\" href=\"{}\"/>", escape_xml(hub))?;
    }
    for (entry, content) in view.entries.iter().zip(contents) {
        rss_item(&mut out, view.extent, entry, content)?;
    }
    writeln!(out, "</channel>\n</rss>")?;
    Ok(out)
}

fn rss_item(out: &mut String, extent: FeedExtent, entry: &FeedEntry<'_>, content: &str) -> std::fmt::Result {
    writeln!(out, "<item>")?;
    writeln!(out, "<title>{}</title>", escape_xml(&entry.title))?;
    writeln!(out, "<link>{}</link>", escape_xml(&entry.url))?;
    if entry.responses > 0 {
        writeln!(out, "<comments>{}</comments>", escape_xml(&responses_url(entry)))?;
        writeln!(out, "<slash:comments>{}</slash:comments>", entry.responses)?;
    }
    writeln!(out, "<guid isPermaLink=\"false\">{}</guid>", escape_xml(&entry.id))?;
    writeln!(out, "<pubDate>{}</pubDate>", entry.published_rfc2822)?;
    for author in &entry.authors {
        writeln!(out, "<dc:creator>{}</dc:creator>", escape_xml(author.name))?;
    }
    for category in &entry.categories {
        writeln!(out, "<category>{}</category>", escape_xml(category))?;
    }
    if extent == FeedExtent::Summary {
        write!(out, "<description>")?;
        escape_xml_to(content, out);
        return writeln!(out, "</description>\n</item>");
    }
    if !entry.summary.is_empty() {
        writeln!(out, "<description>{}</description>", escape_xml(&escape(&entry.summary)))?;
    }
    write!(out, "<content:encoded>")?;
    escape_xml_to(content, out);
    writeln!(out, "</content:encoded>\n</item>")
}

/// JSON Feed 1.1.
fn json_feed(view: &FeedView<'_>, contents: &[Arc<str>]) -> String {
    let mut feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": view.title,
        "home_page_url": view.home,
        "feed_url": view.url,
        "language": view.language,
    });
    if !view.subtitle.is_empty() {
        feed["description"] = view.subtitle.into();
    }
    if let Some(author) = &view.author {
        feed["authors"] = vec![json_author(author, view.origin)].into();
    }
    if let Some(hub) = view.hub {
        feed["hubs"] = json!([{ "type": "WebSub", "url": hub }]);
    }
    let items: Vec<Value> = view
        .entries
        .iter()
        .zip(contents)
        .map(|(entry, content)| json_item(entry, content, view.origin))
        .collect();
    feed["items"] = items.into();
    let mut text = serde_json::to_string_pretty(&feed).expect("it is plain data");
    text.push('\n');
    text
}

fn json_author(author: &AuthorView<'_>, origin: &str) -> Value {
    let mut value = json!({ "name": author.name });
    for (key, field) in [("url", address(author)), ("avatar", author.photo)] {
        if let Some(text) = field {
            value[key] = with_origin(text, origin).into();
        }
    }
    value
}

fn json_item(entry: &FeedEntry<'_>, content: &str, origin: &str) -> Value {
    let mut item = json!({
        "id": entry.id,
        "url": entry.url,
        "content_html": content,
        "date_published": entry.published,
        "date_modified": entry.updated,
        "language": entry.language,
    });
    // JSON Feed, unlike the others, knows entries without a title.
    if entry.has_title {
        item["title"] = entry.title.as_str().into();
    }
    if !entry.summary.is_empty() {
        item["summary"] = entry.summary.as_str().into();
    }
    for (key, field) in [("external_url", &entry.link), ("image", &entry.image)] {
        if let Some(url) = field {
            item[key] = url.as_str().into();
        }
    }
    if !entry.authors.is_empty() {
        item["authors"] =
            entry.authors.iter().map(|author| json_author(author, origin)).collect::<Vec<_>>().into();
    }
    if !entry.categories.is_empty() {
        item["tags"] = entry.categories.clone().into();
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_absolute_and_drawings_stay_whole() {
        for (html, expected) in [
            (
                "<svg><use href=\"#x\"/><use xlink:href='#x'/></svg>",
                "<svg><use href=\"#x\"/><use xlink:href='#x'/></svg>",
            ),
            ("<image xlink:href=\"/a.png\"/>", "<image xlink:href=\"https://e.org/a.png\"/>"),
            ("<a href=\"#x\">x</a>", "<a href=\"https://e.org/p/#x\">x</a>"),
            ("<img src=\"//host/x.png\">", "<img src=\"https://host/x.png\">"),
            ("<img src=\"x.png\">", "<img src=\"https://e.org/p/x.png\">"),
        ] {
            assert_eq!(absolute(html, "https://e.org/p/", "https://e.org"), expected);
        }
    }
}
