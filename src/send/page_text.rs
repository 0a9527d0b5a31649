//! The words of a published page, so that the page that is online can be compared with the one that was written.
//!
//! Hosts change pages on their way: they fold white space, leave out quotes and closing tags, add scripts, and hide
//! addresses of mail. None of that is what a page says, so bytes are not compared. A [`PageText`] is the title, and the words and
//! links to elsewhere of the text in their order, cut apart wherever an element begins or ends.

use url::Url;

use crate::dom::{Document, Node};
use crate::linkback::outbox::outlinks::without_directive;

/// The words and links of a page's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageText(Vec<String>);

/// Where two wordings part, with a few words around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextDifference {
    /// How the page that is online goes on.
    pub online: String,
    /// How the one that was written goes on.
    pub written: String,
}

impl PageText {
    /// Reads the text of a page. Its links are relative to `base`.
    pub(super) fn of(document: &Document, base: &Url) -> Self {
        let title = document.elements().find(|node| node.name() == "title");
        let mut words = Vec::new();
        for part in title.into_iter().chain([text_of(document)]) {
            let mut next = Some(part);
            while let Some(node) = next {
                let is_passed = node.is_hidden() || is_hidden_address(node);
                words.extend(is_hidden_address(node).then(|| ADDRESS.to_owned()));
                words.extend(link(node, base));
                words.extend(node.text().unwrap_or_default().split_whitespace().flat_map(without_address));
                next = if is_passed { node.following_beside(part) } else { node.following(part) };
            }
        }
        Self(words)
    }

    /// Where the page that is online parts from this one, which was written.
    pub(super) fn difference(&self, online: &Self) -> Option<TextDifference> {
        let (written, online) = (&self.0, &online.0);
        if written == online {
            return None;
        }
        let at = written.iter().zip(online).take_while(|(a, b)| a == b).count();
        Some(TextDifference { online: around(online, at), written: around(written, at) })
    }
}

/// The element that holds the text: the author's words, if the theme says where they are.
pub(super) fn text_of(document: &Document) -> Node<'_> {
    let marked = document.elements().find(|node| node.words("class").any(|class| class == "e-content"));
    let named = ["article", "main"];
    let named = named.into_iter().find_map(|name| document.elements().find(|node| node.name() == name));
    marked.or(named).unwrap_or(document.root())
}

/// What stands for an address of mail, which a host may hide.
const ADDRESS: &str = "@";

/// Whether an element stands for an address of mail that the host hides (Cloudflare's Email Address Obfuscation).
fn is_hidden_address(node: Node<'_>) -> bool {
    node.attribute("data-cfemail").is_some()
}

/// Where a link leads, and what it says it is to that page: a reply differs from a mention. Links within the
/// site are left out: no linkback concerns them, and hosts rewrite them.
fn link(node: Node<'_>, base: &Url) -> Option<String> {
    let url = base.join(node.attribute("href").filter(|_| node.name() == "a")?).ok()?;
    let is_elsewhere = matches!(url.scheme(), "http" | "https") && url.origin() != base.origin();
    let classes = node.words("class").filter(|class| class.starts_with("u-"));
    let parts: Vec<&str> = std::iter::once("").chain(classes).collect();
    is_elsewhere.then(|| format!("<{}{}>", without_directive(&url), parts.join(" ")))
}

/// A word, and an address of mail in it apart from what stands around it.
fn without_address(word: &str) -> Vec<String> {
    if let Some((before, after)) = word.split_once('@') {
        let start = before.trim_end_matches(is_of_address);
        let end = after.trim_start_matches(is_of_address);
        let host = after[..after.len() - end.len()].trim_end_matches(['.', '-']);
        if start.len() < before.len() && host.contains('.') {
            let parts = [start, ADDRESS, &after[host.len()..]];
            return parts.into_iter().filter(|part| !part.is_empty()).map(str::to_owned).collect();
        }
    }
    vec![word.to_owned()]
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
}

/// A few words from a place on, beginning a little before it, as they would be read. Links are shown where they are what
/// differs.
fn around(words: &[String], at: usize) -> String {
    const BEFORE: usize = 3;
    const LENGTH: usize = 7;
    let shown = words
        .iter()
        .enumerate()
        .skip(at.saturating_sub(BEFORE))
        .filter(|(place, word)| *place == at || !word.starts_with('<'))
        .take(LENGTH);
    let mut text = String::new();
    for (_, word) in shown {
        if !text.is_empty() && !word.starts_with(['.', ',', ';', ':', '!', '?', ')']) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(html: &str) -> PageText {
        let base = Url::parse("https://blog.example/post/").unwrap();
        PageText::of(&Document::parse(html), &base)
    }

    const WRITTEN: &str = "<!doctype html><html><head><title>On tides</title></head><body><nav>News</nav>\
        <article class=\"h-entry\"><h1>On tides</h1>\n<div class=\"e-content\">\n<p><a href=\"/tides.html\">It</a> rises “twice” <em>a</em> day, says \
        <a class=\"u-quotation-of\" href=\"https://a.example/x#:~:text=twice\">the report</a>.</p>\n\
        <p>Write to jane@blog.example, or not.</p></div></article><aside><a href=\"https://c.example/\">An answer</a></aside></body></html>";

    #[test]
    fn what_hosts_do_to_a_page_is_no_other_wording() {
        for online in [
            "<title>On tides</title><div class=e-content><p><a href=/tides>It</a> rises “twice” <em>a</em> day, says <a href=https://a.example/x \
             class=u-quotation-of rel=noopener>the report</a>.<p>Write to jane@blog.example, or not.</div><script>x()</script>"
                .to_owned(),
            WRITTEN.replace(
                "jane@blog.example",
                "<a href=\"/cdn-cgi/l/email-protection\" class=\"__cf_email__\" data-cfemail=\"a1b2\">[email&#160;protected]</a>",
            ),
            WRITTEN.replace("</p>\n<p>", "</p><script>count()</script><noscript>x</noscript>\n\n<p>"),
            WRITTEN.replace("An answer", "Another answer").replace("News", "Newer news"),
            WRITTEN.replace("“twice”", "&ldquo;twice&#8221;"),
            WRITTEN.replace("/tides.html", "https://blog.example/tides"),
        ] {
            assert_eq!(wording(WRITTEN).difference(&wording(&online)), None, "{online}");
        }
    }

    #[test]
    fn an_older_page_parts_where_it_was_changed() {
        for (was, older, online, written) in [
            ("rises", "falls", "On tides It falls “twice” a day,", "On tides It rises “twice” a day,"),
            (", or not", ", or so", "@, or so.", "@, or not."),
            (
                "https://a.example/x",
                "https://b.example/y",
                "a day, says <https://b.example/y u-quotation-of> the report.",
                "a day, says <https://a.example/x u-quotation-of> the report.",
            ),
            (
                "u-quotation-of",
                "u-in-reply-to",
                "a day, says <https://a.example/x u-in-reply-to> the report.",
                "a day, says <https://a.example/x u-quotation-of> the report.",
            ),
            (
                "<title>On tides",
                "<title>On water",
                "On water It rises “twice” a day,",
                "On tides It rises “twice” a day,",
            ),
            ("not.</p>", "not.</p><p>More.</p>", ", or not. More.", ", or not."),
        ] {
            let difference = wording(WRITTEN).difference(&wording(&WRITTEN.replace(was, older))).unwrap();
            assert_eq!((difference.online.as_str(), difference.written.as_str()), (online, written));
        }
    }

    #[test]
    fn words_are_those_of_the_text_as_the_theme_marks_it() {
        for (html, expected) in [
            ("<p>a<div class=e-content>b</div><article>c</article>", "b"),
            ("<p>a<main>b<article>c</article></main>", "c"),
            ("<p>a<main>b</main>", "b"),
            ("<p>a", "a"),
        ] {
            assert_eq!(wording(html).0, [expected], "{html}");
        }
    }

    #[test]
    fn only_an_address_of_mail_is_taken_for_one() {
        for (word, expected) in [
            ("(jane.doe@blog.example).", &["(", "@", ")."][..]),
            ("jane@blog.example.", &["@", "."]),
            ("@jane", &["@jane"]),
            ("jane@", &["jane@"]),
            ("a@b", &["a@b"]),
            ("ключ@блог.example", &["ключ@блог.example"]),
        ] {
            assert_eq!(without_address(word), expected, "{word}");
        }
    }
}
