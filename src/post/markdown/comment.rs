//! Comments: Markdown of strangers under a post, as HTML.
//!
//! It is read as posts are, with less: raw HTML is text, an image is a link to it, a heading is a paragraph in bold, the end
//! of a line is one, and nothing gets an anchor. Every link has `rel="ugc nofollow"`; one with a scheme that is not of the
//! web or of mail stays as it is written.

use std::ops::Range;

use pulldown_cmark::LinkType;

use crate::config::Config;
use crate::path::{SourcePath, has_scheme};

use super::events::Events;
use super::writer::{Mode, Writer};
use super::{Context, Options};

/// The HTML of a comment, ready to be printed. `language` is the BCP 47 tag that its quotation marks are set by.
pub(crate) fn html(text: &str, language: &str, config: &Config) -> String {
    let options = Options { config, language, stored: &[], summary: None, take_title: false };
    let path = SourcePath::new("comment.md").expect("it is a path");
    let events = Events::parse(text, &options);
    let context = Context { path: &path, file: "", offset: 0, text, options: &options };
    let mut ignored = Vec::new();
    let mut writer = Writer::new(&events, context, Mode::Comment, &mut ignored);
    writer.run(0..events.list.len());
    writer.finish().body.html.trim_end().to_owned()
}

impl Writer<'_, '_> {
    pub(super) fn comment_link(
        &mut self,
        kind: LinkType,
        url: &str,
        inner: Range<usize>,
        span: &Range<usize>,
    ) {
        let address = match kind {
            LinkType::Email => Some(format!("mailto:{url}")),
            _ => comment_address(url, self.context.options.config),
        };
        let Some(address) = address else {
            let written = &self.context.text[span.clone()];
            self.out.push_text(written);
            return;
        };
        self.out.push("<a rel=\"ugc nofollow\" href=\"");
        self.out.push_text(&address);
        self.out.push("\">");
        self.is_in_link = true;
        self.run(inner);
        self.is_in_link = false;
        self.out.push("</a>");
    }

    /// A link to the image, which no reader's browser fetches unasked.
    pub(super) fn comment_image(&mut self, url: &str, inner: Range<usize>) {
        let description = self.events.plain_text(inner);
        let words = if description.trim().is_empty() { url } else { &description };
        match comment_address(url, self.context.options.config) {
            // A link within a link would end it.
            Some(address) if !self.is_in_link => {
                self.out.push("<a rel=\"ugc nofollow\" href=\"");
                self.out.push_text(&address);
                self.out.push("\">");
                self.out.push_text(words);
                self.out.push("</a>");
            }
            _ => self.out.push_text(words),
        }
    }

    /// A footnote where it is defined, as its mark is text.
    pub(super) fn comment_footnote(&mut self, name: &str, inner: Range<usize>) {
        self.out.push("<p>");
        self.out.push_text(&format!("[^{name}]:"));
        self.out.push("</p>\n");
        self.run(inner);
    }
}

/// An address that a link in a comment may have: of the web or of mail, of the site, or of a place on the page.
fn comment_address(written: &str, config: &Config) -> Option<String> {
    if written.starts_with('/') && !written.starts_with("//") {
        return Some(config.link_to(written));
    }
    let scheme = written.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_allowed = ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && has_scheme(written);
    (is_allowed || written.starts_with('#') || written.starts_with("//")).then(|| written.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(markdown: &str, expected: &str) {
        let (config, _) = Config::parse("base_url = 'https://e.example/blog'");
        assert_eq!(html(markdown, "en", &config), expected);
    }

    #[test]
    fn words_and_their_marks_are_kept() {
        is(
            "I *read* it **twice**,\nat `home`.",
            "<p>I <em>read</em> it <strong>twice</strong>,<br>\nat <code>home</code>.</p>",
        );
        is(
            "> The stairs creak.\n\nSo they do.",
            "<blockquote>\n<p>The stairs creak.</p>\n</blockquote>\n<p>So they do.</p>",
        );
        is(
            "> The stairs creak.\n>\n> — Dee Alder",
            "<blockquote>\n<p>The stairs creak.</p>\n<p>— Dee Alder</p>\n</blockquote>",
        );
        is("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>");
        is("```rust\nlet a = 1 < 2;\n```", "<pre><code>let a = 1 &lt; 2;\n</code></pre>");
        is("# Loud\n\n## Louder {#x}", "<p><strong>Loud</strong></p>\n<p><strong>Louder</strong></p>");
    }

    #[test]
    fn links_are_marked_and_only_those_of_the_web_are_links() {
        let link = |address: &str, words: &str| {
            format!("<p><a rel=\"ugc nofollow\" href=\"{address}\">{words}</a></p>")
        };
        is("[here](https://a.example/x?a=1&b=2 \"title\")", &link("https://a.example/x?a=1&amp;b=2", "here"));
        is("<https://a.example/>", &link("https://a.example/", "https://a.example/"));
        is("[own](/2026/a/)", &link("/blog/2026/a/", "own"));
        is("[above](#comment-1)", &link("#comment-1", "above"));
        is("<ann@a.example>", &link("mailto:ann@a.example", "ann@a.example"));
        is("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>");
        is("[x](JavaScript&#58;alert(1))", "<p>[x](JavaScript&amp;#58;alert(1))</p>");
        is("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>");
        is("[x](a.md)", "<p>[x](a.md)</p>");
    }

    #[test]
    fn html_and_images_are_off() {
        is("a <b>b</b> <!-- c -->", "<p>a &lt;b&gt;b&lt;/b&gt; &lt;!-- c --&gt;</p>");
        is("<script>\nalert(1)\n</script>", "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>");
        is(
            "![a cat](https://a.example/cat.png)",
            "<p><a rel=\"ugc nofollow\" href=\"https://a.example/cat.png\">a cat</a></p>",
        );
        is(
            "![a cat](https://a.example/cat.png \"title\")",
            "<p><a rel=\"ugc nofollow\" href=\"https://a.example/cat.png\">a cat</a></p>",
        );
        is(
            "[![a cat](https://a.example/cat.png)](https://a.example/)",
            "<p><a rel=\"ugc nofollow\" href=\"https://a.example/\">a cat</a></p>",
        );
        is("![x](javascript:y)", "<p>x</p>");
    }

    #[test]
    fn what_posts_make_anchors_of_is_text() {
        is("As told[^1].\n\n[^1]: By *Ann*.", "<p>As told[^1].</p>\n<p>[^1]:</p>\n<p>By <em>Ann</em>.</p>");
        is("- [x] done", "<ul>\n<li class=\"task\">☑ done</li>\n</ul>");
    }

    #[test]
    fn quotes_within_quotes_end_somewhere() {
        let (config, _) = Config::parse("base_url = 'https://e.example'");
        let html = html(&format!("{} deep", ">".repeat(3000)), "en", &config);
        assert!(html.contains("deep"), "{html}");
    }
}
