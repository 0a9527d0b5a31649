//! Addresses that stand in the text without marks around them, as links.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use memchr::memmem;
use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::events::is_inline;
use super::html_elements::OpenElements;
use super::leaf::{Leaf, overlap};
use super::mask::Mask;

/// The addresses in a text, by their bytes.
fn addresses(text: &str) -> Vec<Range<usize>> {
    if !may_hold_address(text) {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let links = finder.links(text).filter(|link| is_of_the_web(link.as_str()));
    links.map(|link| link.start()..link.end()).collect()
}

fn may_hold_address(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"://").is_some()
}

/// Whether a text may hold an address with what could be a delimiter of emphasis.
pub(super) fn may_hold_delimiter(text: &str) -> bool {
    memmem::find_iter(text.as_bytes(), "://").any(|at| {
        let address = text[at..].split(char::is_whitespace).next();
        address.is_some_and(|address| address.contains(['*', '_', '~']))
    })
}

fn is_of_the_web(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

/// Keeps the parser from seeing emphasis, and everyone from seeing formulas, in addresses.
pub(super) fn close_addresses(text: &str, leaves: &mut [Leaf], mask: &mut Mask<'_>) {
    for leaf in leaves {
        let span = leaf.span();
        for found in addresses(&text[span.clone()]) {
            let address = span.start + found.start..span.start + found.end;
            let is_prose = leaf.prose.iter().any(|prose| prose.contains(&address.start));
            if !is_prose || leaf.closed.iter().chain(&leaf.links).any(|other| overlap(other, &address)) {
                continue;
            }
            for (at, _) in text[address.clone()].match_indices(['*', '_', '~']) {
                mask.hide(address.start + at);
            }
            leaf.closed.push(address);
        }
    }
}

/// The events with links around the addresses that are in none.
pub(super) fn link<'t>(list: Vec<(Event<'t>, Range<usize>)>) -> Vec<(Event<'t>, Range<usize>)> {
    if !list.iter().any(|(event, _)| matches!(event, Event::Text(text) if may_hold_address(text))) {
        return list;
    }
    let mut linked = Vec::with_capacity(list.len());
    let (mut code, mut links) = (OpenElements::of_code(), OpenElements::of_links());
    let mut closed_until = 0;
    for (event, span) in list {
        if !is_inline(&event) {
            code.end_block();
            links.end_block();
        }
        match &event {
            Event::Html(html) => {
                code.read_block(html);
                links.read_block(html);
            }
            Event::InlineHtml(html) => {
                code.read(html);
                links.read(html);
            }
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Link { .. } | Tag::Image { .. }) => {
                closed_until = closed_until.max(span.end);
            }
            Event::Text(CowStr::Borrowed(text))
                if span.start >= closed_until && !code.any() && !links.any() =>
            {
                link_within(text, span.start, &mut linked);
                continue;
            }
            _ => {}
        }
        linked.push((event, span));
    }
    linked
}

fn link_within<'t>(text: &'t str, start: usize, out: &mut Vec<(Event<'t>, Range<usize>)>) {
    let mut written = 0;
    for address in addresses(text) {
        let (before, url) = (&text[written..address.start], &text[address.clone()]);
        if !before.is_empty() {
            out.push((Event::Text(CowStr::Borrowed(before)), start + written..start + address.start));
        }
        let span = start + address.start..start + address.end;
        let link = Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: CowStr::Borrowed(url),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        };
        out.push((Event::Start(link), span.clone()));
        out.push((Event::Text(CowStr::Borrowed(url)), span.clone()));
        out.push((Event::End(TagEnd::Link), span));
        written = address.end;
    }
    if written < text.len() || text.is_empty() {
        out.push((Event::Text(CowStr::Borrowed(&text[written..])), start + written..start + text.len()));
    }
}
