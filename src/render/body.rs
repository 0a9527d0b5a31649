//! Fills the holes of a body.

use memchr::memmem;
use serde_json::Value;

use crate::html;
use crate::page::question::Question;
use crate::path::SourcePath;
use crate::post::markdown::{Body, CodeBlock, Fill};
use crate::render::Highlight;
use crate::render::picture::{self, NumberedPicture};
use crate::theme::PictureLayout;
use crate::theme::embeds::{EmbedFrame, EmbedTable};
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
    /// How wide the theme shows pictures.
    pub layout: &'a PictureLayout,
    pub highlight: &'a dyn Highlight,
    /// Sites whose pages can be shown in a frame.
    pub embeds: &'a EmbedTable,
    /// Answers questions, and records them.
    pub ask: &'a dyn Fn(Question) -> Value,
}

/// The body as HTML.
pub(crate) fn fill(body: &Body, context: &BodyContext<'_>) -> String {
    // Coloured code is longer than the code; a second growth would copy the page.
    let mut out = String::with_capacity(body.html.len() + body.html.len() / 4);
    let mut written = 0;
    for (number, hole) in body.holes.iter().enumerate() {
        out.push_str(&body.html[written..hole.at]);
        written = hole.at;
        fill_hole(&hole.fill, number, context, &mut out);
    }
    out.push_str(&body.html[written..]);
    if context.medium == Medium::Feed { without_own_links(&out) } else { out }
}

fn fill_hole(fill: &Fill, number: usize, context: &BodyContext<'_>, out: &mut String) {
    match fill {
        Fill::PostUrl(path, written) => {
            let url = (context.ask)(Question::PostUrl(path.clone()));
            html::escape_to(url.as_str().unwrap_or(written), out);
        }
        Fill::FileUrl(path, written) => {
            let url = (context.ask)(Question::FileUrl(path.clone()));
            html::escape_to(url.as_str().unwrap_or(written), out);
        }
        Fill::Picture(picture) => {
            let answer = (context.ask)(Question::Picture(picture.path.clone()));
            let numbered = NumberedPicture { picture, number };
            out.push_str(&picture::markup(numbered, picture::answer_of(answer).as_ref(), context));
        }
        Fill::PictureRatio(path) => {
            let answer = picture::answer_of((context.ask)(Question::Picture(path.clone())));
            let (width, height) = answer.and_then(|answer| answer.sides()).unwrap_or((3, 2));
            let hundredths = u64::from(width) * 100 / u64::from(height.max(1));
            out.push_str(&format!("{}.{:02}", hundredths / 100, hundredths % 100));
        }
        Fill::Word(key) => html::escape_to(context.locale.word(key, None).unwrap_or(key), out),
        Fill::Date(date) => html::escape_to(context.locale.date(date, "long").as_ref().unwrap_or(date), out),
        Fill::Code(block) => code(block, context, out),
        Fill::EmbedStart(address) => embed_start(address, context, out),
        Fill::EmbedEnd(address) => embed_end(address, context, out),
    }
}

/// The frame for an address. A feed has no script to load one with.
fn frame(address: &str, context: &BodyContext<'_>) -> Option<EmbedFrame> {
    context.embeds.frame(address).filter(|_| context.medium == Medium::Page)
}

/// How a box for a frame begins. Raw HTML in a post may have such a box as well.
pub(crate) const EMBED: &str = "<div class=\"embed embed";

/// A box that asks nothing of the other site: the link, and a button that a script shows and loads the frame with.
fn embed_start(address: &str, context: &BodyContext<'_>, out: &mut String) {
    let Some(frame) = frame(address, context) else {
        out.push_str("<p>");
        return;
    };
    out.push_str(EMBED);
    out.push_str(&format!(
        "-{}\" data-frame=\"{}\"><p>{}: ",
        html::escape(&frame.shape),
        html::escape(&frame.url),
        html::escape(&frame.name)
    ));
}

fn embed_end(address: &str, context: &BodyContext<'_>, out: &mut String) {
    out.push_str("</p>");
    if let Some(frame) = frame(address, context) {
        let word = context.locale.word("embed_load", None).unwrap_or("{name}");
        let words = html::escape(&word.replace("{name}", &frame.name));
        out.push_str(&format!("<button type=\"button\" hidden>{words}</button></div>"));
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
