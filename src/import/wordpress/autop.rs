//! Paragraphs and line breaks of a classic post: WordPress's `wpautop`, step by step, as its readers have seen every quirk of
//! it (wp-includes/formatting.php, 6.1.9). A blank line ends a paragraph, a line end becomes `<br />`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Elements that stand beside paragraphs, as WordPress lists them.
const BLOCKS: &str = "(?:table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote|address|style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|menu|summary)";

/// Stands for a line end within a tag.
const NEWLINE_IN_TAG: &str = " <!-- wpnl --> ";
/// Stands for a line end in a script.
const KEPT_NEWLINE: &str = "<WPPreserveNewline />";

/// A step: what is looked for, and what takes its place.
struct Step {
    pattern: Regex,
    with: &'static str,
}

impl Step {
    /// A step whose pattern has the list of blocks for `BLOCKS`.
    fn new(pattern: &str, with: &'static str) -> Self {
        let pattern =
            Regex::new(&pattern.replace("BLOCKS", BLOCKS)).expect("the patterns of this file are valid");
        Self { pattern, with }
    }

    fn run(&self, text: &mut String) {
        if let Cow::Owned(changed) = self.pattern.replace_all(text, self.with) {
            *text = changed;
        }
    }
}

/// Before the text is cut into paragraphs.
static BEFORE: LazyLock<Vec<Step>> = LazyLock::new(|| {
    vec![
        Step::new(r"<br\s*/?>\s*<br\s*/?>", "\n\n"),
        Step::new(r"(<BLOCKS[\s/>])", "\n\n$1"),
        Step::new(r"(</BLOCKS>)", "$1\n\n"),
        Step::new(r"(<hr\s*?/?>)", "$1\n\n"),
    ]
});

/// After line ends in tags are hidden.
static COLLAPSE: LazyLock<Vec<Step>> = LazyLock::new(|| {
    vec![
        Step::new(r"\s*<option", "<option"),
        Step::new(r"</option>\s*", "</option>"),
        Step::new(r"(<object[^>]*>)\s*", "$1"),
        Step::new(r"\s*</object>", "</object>"),
        Step::new(r"\s*(</?(?:param|embed)[^>]*>)\s*", "$1"),
        Step::new(r"([<\[](?:audio|video)[^>\]]*[>\]])\s*(<(?:source|track))", "$1$2"),
        Step::new(r"\s*(<(?:source|track)[^>]*>)\s*", "$1"),
        Step::new(r"\s*(<figcaption[^>]*>)", "$1"),
        Step::new(r"</figcaption>\s*", "</figcaption>"),
        Step::new(r"\n\n+", "\n\n"),
    ]
});

/// On the paragraphs.
static AFTER: LazyLock<Vec<Step>> = LazyLock::new(|| {
    vec![
        Step::new(r"<p>\s*</p>", ""),
        Step::new(r"<p>([^<]+)</(div|address|form)>", "<p>$1</p></$2>"),
        Step::new(r"<p>\s*(</?BLOCKS[^>]*>)\s*</p>", "$1"),
        Step::new(r"<p>(<li.+?)</p>", "$1"),
        Step::new(r"(?i)<p><blockquote([^>]*)>", "<blockquote$1><p>"),
        Step::new(r"</blockquote></p>", "</p></blockquote>"),
        Step::new(r"<p>\s*(</?BLOCKS[^>]*>)", "$1"),
        Step::new(r"(</?BLOCKS[^>]*>)\s*</p>", "$1"),
    ]
});

/// On the line breaks.
static BREAKS: LazyLock<Vec<Step>> = LazyLock::new(|| {
    vec![
        Step::new(r"(</?BLOCKS[^>]*>)\s*<br />", "$1"),
        Step::new(r"<br />(\s*</?(?:p|li|div|dl|dd|dt|th|pre|td|ul|ol)[^>]*>)", "$1"),
        Step::new(r"\n</p>$", "</p>"),
    ]
});

static BLANK_LINES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\n\s*\n").expect("the pattern is valid"));
static TAGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<!--(?s:.*?)-->|<[^>]*>").expect("the pattern is valid"));
static SCRIPTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)<script.*?</script>|<style.*?</style>|<svg.*?</svg>|<math.*?</math>")
        .expect("the pattern is valid")
});
static LINE_ENDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(<br />)?\s*\n").expect("the pattern is valid"));

/// The text with paragraphs and line breaks.
pub(in crate::import) fn autop(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let Hidden { mut text, parts } = hide_pre(&format!("{text}\n"));
    BEFORE.iter().for_each(|step| step.run(&mut text));
    text = text.replace("\r\n", "\n").replace('\r', "\n");
    text = TAGS.replace_all(&text, |tag: &Captures<'_>| tag[0].replace('\n', NEWLINE_IN_TAG)).into_owned();
    COLLAPSE.iter().for_each(|step| step.run(&mut text));

    let paragraphs = BLANK_LINES.split(&text).filter(|paragraph| !paragraph.is_empty());
    let mut text: String =
        paragraphs.map(|paragraph| format!("<p>{}</p>\n", paragraph.trim_matches('\n'))).collect();
    AFTER.iter().for_each(|step| step.run(&mut text));
    text = SCRIPTS
        .replace_all(&text, |script: &Captures<'_>| script[0].replace('\n', KEPT_NEWLINE))
        .into_owned();
    text = text.replace("<br>", "<br />").replace("<br/>", "<br />");
    text = break_lines(&text).replace(KEPT_NEWLINE, "\n");
    BREAKS.iter().for_each(|step| step.run(&mut text));

    for (number, part) in parts.iter().enumerate() {
        text = text.replacen(&pre_name(number), part, 1);
    }
    text.replace(NEWLINE_IN_TAG, "\n").replace("<!-- wpnl -->", "\n")
}

/// A text without its `<pre>`, and these.
struct Hidden {
    text: String,
    parts: Vec<String>,
}

fn pre_name(number: usize) -> String {
    format!("<pre wp-pre-tag-{number}></pre>")
}

/// Takes out what is not to be touched.
fn hide_pre(text: &str) -> Hidden {
    let mut parts = Vec::new();
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = rest.find("</pre>") {
        let (part, after) = rest.split_at(end + "</pre>".len());
        match part.find("<pre") {
            Some(start) => {
                hidden.push_str(&part[..start]);
                hidden.push_str(&pre_name(parts.len()));
                parts.push(part[start..].to_owned());
            }
            // An end without a start is dropped, as WordPress does.
            None => hidden.push_str(&part[..end]),
        }
        rest = after;
    }
    hidden.push_str(rest);
    Hidden { text: hidden, parts }
}

/// Puts `<br />` before each line end that has none.
fn break_lines(text: &str) -> String {
    // Where a break stands already, the white space behind it stays, as the look-behind of the original has it.
    LINE_ENDS
        .replace_all(text, |found: &Captures<'_>| match found.get(1) {
            Some(_) => found[0].to_owned(),
            None => "<br />\n".to_owned(),
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(autop(text), expected);
    }

    #[test]
    fn blank_lines_end_paragraphs_and_line_ends_are_breaks() {
        check("one\ntwo\n\nthree", "<p>one<br />\ntwo</p>\n<p>three</p>\n");
        check("a\r\nb", "<p>a<br />\nb</p>\n");
        check("", "");
    }

    #[test]
    fn blocks_stand_beside_paragraphs() {
        check("a\n<ul>\n\t<li>one</li>\n</ul>\nb", "<p>a</p>\n<ul>\n<li>one</li>\n</ul>\n<p>b</p>\n");
        check("<blockquote>a\n\nb</blockquote>", "<blockquote><p>a</p>\n<p>b</p></blockquote>\n");
        check("x <p>y</p> z", "<p>x </p>\n<p>y</p>\n<p> z</p>\n");
    }

    #[test]
    fn pre_and_tags_keep_their_line_ends() {
        check("a\n\n<pre>b\n\nc</pre>", "<p>a</p>\n<pre>b\n\nc</pre>\n");
        check("<a\nhref='x'>y</a>", "<p><a\nhref='x'>y</a></p>\n");
        check("<script>a\n\nb</script>", "<p><script>a</p>\n<p>b</script></p>\n");
    }
}
