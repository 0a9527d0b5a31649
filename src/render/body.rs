//! Fills the holes of a body.

use memchr::memmem;
use serde_json::Value;

use crate::html;
use crate::page::question::Question;
use crate::path::SourcePath;
use crate::post::markdown::{Body, CodeBlock, Fill, ShownSize};
use crate::render::Highlight;
use crate::theme::words::Locale;

/// Where a body is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    /// On the post's own page.
    Page,
    /// In a feed, where no style input follows it: without colours and without links to itself.
    Feed,
}

/// What holes are filled with.
pub(crate) struct BodyContext<'a> {
    pub path: &'a SourcePath,
    pub medium: Medium,
    /// The language it is printed in.
    pub locale: &'a Locale,
    pub highlight: &'a dyn Highlight,
    /// Answers questions, and records them.
    pub ask: &'a dyn Fn(Question) -> Value,
}

/// The body as HTML.
pub(crate) fn fill(body: &Body, context: &BodyContext<'_>) -> String {
    // Coloured code is longer than the code; a second growth would copy the page.
    let mut out = String::with_capacity(body.html.len() + body.html.len() / 4);
    let mut written = 0;
    for hole in &body.holes {
        out.push_str(&body.html[written..hole.at]);
        written = hole.at;
        fill_hole(&hole.fill, context, &mut out);
    }
    out.push_str(&body.html[written..]);
    if context.medium == Medium::Feed { without_own_links(&out) } else { out }
}

fn fill_hole(fill: &Fill, context: &BodyContext<'_>, out: &mut String) {
    match fill {
        Fill::PostUrl(path, written) => {
            let url = (context.ask)(Question::PostUrl(path.clone()));
            html::escape_to(url.as_str().unwrap_or(written), out);
        }
        Fill::FileUrl(path, written) => {
            let url = (context.ask)(Question::FileUrl(path.clone()));
            html::escape_to(url.as_str().unwrap_or(written), out);
        }
        Fill::ImageSize(path, shown) => {
            let size = (context.ask)(Question::ImageSize(path.clone()));
            let side = |at: usize| size["size"][at].as_u64().and_then(|side| u32::try_from(side).ok());
            let proportions = side(0).zip(side(1));
            let is_ratio = size["is_ratio"].as_bool() == Some(true);
            match proportions.filter(|_| is_ratio && shown.width.is_none() && shown.height.is_none()) {
                // Without a width it fills the column, and so is its place as high as it will be.
                Some((x, y)) => {
                    let width = if shown.style.is_empty() { "width:100%" } else { &shown.style };
                    let style = format!("aspect-ratio:{x}/{y};{width}");
                    out.push_str(&ShownSize { style, ..ShownSize::default() }.attributes(None));
                }
                None => out.push_str(&shown.attributes(proportions)),
            }
        }
        Fill::Word(key) => html::escape_to(context.locale.word(key, None).unwrap_or(key), out),
        Fill::Date(date) => html::escape_to(context.locale.date(date, "long").as_ref().unwrap_or(date), out),
        Fill::Code(block) => code(block, context, out),
    }
}

fn code(block: &CodeBlock, context: &BodyContext<'_>, out: &mut String) {
    let language = html::escape(&block.options.language);
    if context.medium == Medium::Feed {
        out.push_str("<pre><code>");
        html::escape_to(&block.code, out);
        out.push_str("</code></pre>");
        return;
    }
    out.push_str("<figure class=\"code\"");
    if !language.is_empty() {
        out.push_str(&format!(" data-language=\"{language}\""));
    }
    out.push('>');
    if let Some(name) = &block.options.name {
        out.push_str("<figcaption>");
        html::escape_to(name, out);
        out.push_str("</figcaption>");
    }
    out.push_str("<pre tabindex=\"0\"><code");
    if !language.is_empty() {
        out.push_str(&format!(" class=\"language-{language}\""));
    }
    out.push('>');
    out.push_str(&context.highlight.code(context.path, block));
    out.push_str("</code></pre></figure>");
}

/// Takes out the links by which headings and quotes point to themselves.
fn without_own_links(html: &str) -> String {
    const START: &str = " <a class=\"";
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    // Each feed looks through all its posts: a searcher that is made once compares many bytes at a time.
    let finder = memmem::Finder::new(START);
    while let Some(start) = finder.find(rest.as_bytes()) {
        let link = &rest[start..];
        let class = &link[START.len()..];
        if class.starts_with("anchor\"") || class.starts_with("quote-permalink\"") {
            out.push_str(&rest[..start]);
            rest = link.find("</a>").map_or("", |end| &link[end + 4..]);
        } else {
            out.push_str(&rest[..start + START.len()]);
            rest = class;
        }
    }
    out.push_str(rest);
    out
}
