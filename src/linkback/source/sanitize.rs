//! Strangers' words as plain text: one line, nothing invisible that changes what is seen, and of bounded length.

use unicode_segmentation::UnicodeSegmentation;

use crate::dom::Document;
use crate::html::shorten;

/// How long a title may be, in characters.
pub(crate) const MAX_TITLE: usize = 250;
/// How long the name of a person or a site may be.
pub(crate) const MAX_NAME: usize = 100;
/// How long an excerpt may be.
pub(crate) const MAX_EXCERPT: usize = 300;

/// How many characters a reader may be shown as one. The longest emoji have eleven; letters buried under marks have more.
const MAX_CLUSTER: usize = 16;

/// Text as one line of at most `limit` characters, with an ellipsis if it was longer.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    shorten(&clean(text), limit)
}

/// Text as one line: white space folded, controls and invisible characters taken out.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(1024));
    for word in text.split_whitespace() {
        let before = line.len();
        if !line.is_empty() {
            line.push(' ');
        }
        let start = line.len();
        for cluster in word.graphemes(true) {
            line.extend(cluster.chars().filter(|c| !is_invisible(*c)).take(MAX_CLUSTER));
        }
        if line.len() == start {
            line.truncate(before);
        }
    }
    line
}

/// A text without the characters that show nothing, its lines kept.
pub(crate) fn visible_lines(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_invisible(*c)).collect()
}

/// The text of a field in which HTML may stand, or text that was escaped for HTML: tags taken out, entities decoded once.
pub(crate) fn of_html(html: &str) -> String {
    Document::parse(html).root().text_content()
}

/// A text that was escaped for HTML where no HTML can stand, such as in JSON: entities decoded once, all else as it is.
pub(crate) fn unescaped(text: &str) -> String {
    if text.contains('&') { of_html(&text.replace('<', "&lt;")) } else { text.to_owned() }
}

/// Whether a text can be the name of a person: an address is not one.
pub(crate) fn is_name(text: &str) -> bool {
    let text = text.trim();
    let is_address = !text.contains(char::is_whitespace) && url::Url::parse(text).is_ok();
    !text.is_empty() && !is_address && !text.starts_with("//")
}

/// Whether a text turns the direction of other letters, so that it is read otherwise than it is written. Letters have a
/// direction of their own; Arabic and Hebrew are written without these marks.
pub(crate) fn reorders(text: &str) -> bool {
    text.contains(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// Characters that show nothing and change how others are shown (Unicode Technical Report 36 section 2.5): controls, the
/// marks that turn the direction of text, tags, and code points that are not characters. Joiners stay, as scripts and emoji need them.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_one_line_of_visible_characters() {
        assert_eq!(clean(" a\n\tb\u{a0}c\u{2028}d\0e "), "a b c de");
        assert_eq!(clean("user\u{202e}gpj.exe \u{2066}x\u{2069} \u{200f} y\u{feff}"), "usergpj.exe x y");
        assert_eq!(clean("👩‍👩‍👧‍👦 می‌خواهم e\u{301}"), "👩‍👩‍👧‍👦 می‌خواهم e\u{301}");
        assert_eq!(clean(&format!("a{}", "\u{301}".repeat(500))).chars().count(), MAX_CLUSTER);
    }

    #[test]
    fn long_text_is_cut_between_words() {
        assert_eq!(plain("one two three four", 13), "one two…");
        assert_eq!(plain("one two", 7), "one two");
    }

    #[test]
    fn html_is_undone_once() {
        assert_eq!(of_html("News &#038; <b>views</b> &amp;lt;b&gt;"), "News & views &lt;b>");
        assert_eq!(of_html("a<script>b</script> &lt;script&gt;"), "a <script>");
        assert_eq!(of_html("1 < 2"), "1 < 2");
    }
}
