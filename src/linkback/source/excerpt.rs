//! The words around a link: WordPress's idea of what a linkback shows, done on a tree.
//!
//! The paragraph, list item or other block that directly holds the link is looked at, and of it at most
//! `SIDE` characters before and after the link are kept, cut between words. `[…]` stands where text was cut, and only there.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::dom::{Node, Step};
use crate::html::{self, shorten};
use crate::linkback::source::sanitize::{MAX_EXCERPT, clean, is_invisible};

/// How many characters are kept on each side of the link, the space between included.
const SIDE: usize = 100;

/// How many characters of an entry are kept whose link does not stand in its text.
const START: usize = 200;

/// What stands for text that was cut.
const CUT: &str = "[…]";

/// A text with a place in it.
#[derive(Debug, Default)]
pub struct Paragraph {
    /// The text, as it stands in the page.
    pub text: String,
    link: Range<usize>,
}

impl Paragraph {
    /// The paragraph that holds a link, which is an element below `top`.
    pub fn around(link: Node<'_>, top: Node<'_>) -> Self {
        let block = link.ancestors().find(|node| is_block(*node) || *node == top).unwrap_or(top);
        let mut paragraph = Self::default();
        let mut is_past = false;
        let mut closed = None;
        for step in visible(block) {
            if stand_apart(&mut closed, step) {
                paragraph.text.push(' ');
            }
            match step {
                Step::Into(node) if node == link => paragraph.link.start = paragraph.text.len(),
                Step::OutOf(node) if node == link => {
                    paragraph.link.end = paragraph.text.len();
                    is_past = true;
                }
                Step::Into(node) | Step::OutOf(node) if is_block(node) && node != block => {
                    if node.is_inside(link) {
                        paragraph.text.push(' ');
                    } else if is_past {
                        break;
                    } else if !link.is_inside(node) {
                        paragraph.text.clear();
                    }
                }
                Step::Into(node) => push(node, &mut paragraph.text),
                Step::OutOf(_) => {}
            }
        }
        paragraph
    }

    /// Whether the words beside the link are at most a few that introduce it, as in "In reply to".
    pub fn is_bare(&self) -> bool {
        const MOST_WORDS: usize = 3;
        let (before, rest) = self.text.split_at(self.link.start);
        let after = &rest[self.link.end - self.link.start..];
        before.split_whitespace().count() <= MOST_WORDS && !after.contains(char::is_alphanumeric)
    }

    /// The words around the link.
    pub fn excerpt(&self) -> String {
        let (before, rest) = self.text.split_at(self.link.start);
        let (inside, after) = rest.split_at(self.link.end - self.link.start);
        let (gap_before, gap_after) = (has_gap(before, inside), has_gap(inside, after));
        let mut before = clean(before);
        let mut after = clean(after);
        let inside = clean(inside);
        if gap_before && !before.is_empty() {
            before.push(' ');
        }
        if gap_after && !after.is_empty() {
            after.insert(0, ' ');
        }
        let last = last_words(&before, SIDE);
        let first = first_words(&after, SIDE);
        let start = if last.len() < before.len() { format!("{CUT} ") } else { String::new() };
        let end = if first.len() < after.len() { format!(" {CUT}") } else { String::new() };
        let around: usize = [&start, last, first, &end].iter().map(|part| part.chars().count()).sum();
        let inside = shorten(&inside, MAX_EXCERPT.saturating_sub(around));
        format!("{start}{last}{inside}{first}{end}").trim().to_owned()
    }
}

/// Whether white space stands between two texts, invisible characters aside.
fn has_gap(left: &str, right: &str) -> bool {
    let last = left.chars().rev().find(is_seen);
    let first = right.chars().find(is_seen);
    last.is_some_and(char::is_whitespace) || first.is_some_and(char::is_whitespace)
}

fn is_seen(c: &char) -> bool {
    c.is_whitespace() || !is_invisible(*c)
}

/// The first words of an element, besides those of an element within.
pub(crate) fn start_of(content: Node<'_>, skipped: Option<Node<'_>>) -> String {
    let text = clean(&text_outside(content, skipped, 16 * START));
    let first = first_words(&text, START);
    if first.len() < text.len() { format!("{first} {CUT}") } else { first.to_owned() }
}

/// The first words of the quotation whose source a link is. None if the link is not in the caption of a quotation.
pub(crate) fn of_quotation(link: Node<'_>) -> Option<String> {
    let is_source = |node: &Node<'_>| matches!(node.name(), "figcaption" | "footer" | "cite");
    let is_quotation = |node: &Node<'_>| node.name() == "blockquote";
    let mut sources = link.ancestors().filter(is_source);
    let (words, source) = match link.ancestors().find(is_quotation) {
        // The last part of the blockquote, as WordPress and many themes have it.
        Some(words) => {
            let source = sources.next().filter(|source| source.is_inside(words))?;
            let part = source.ancestors().find(|node| node.parent() == Some(words));
            (words, part.unwrap_or(source))
        }
        None => {
            let in_figure = |node: &Node<'_>| node.parent().is_some_and(|parent| parent.name() == "figure");
            let Some(caption) = sources.find(in_figure) else {
                let words = quotation_above(link)?;
                return Some(start_of(words, None)).filter(|words| !words.is_empty());
            };
            let figure = caption.parent()?;
            let Some(words) = figure.descendants().find(is_quotation) else {
                let above = elements_before(figure).find(|node| !node.text_content().trim().is_empty())?;
                return Some(start_of(above, None)).filter(|words| !words.is_empty());
            };
            (words, caption)
        }
    };
    Some(start_of(words, Some(source))).filter(|words| !words.is_empty())
}

/// The quotation above a paragraph that is only its source: one that begins with a dash.
fn quotation_above(link: Node<'_>) -> Option<Node<'_>> {
    let paragraph = link.ancestors().find(|node| is_block(*node)).filter(|node| node.name() == "p")?;
    let begins_with_dash = paragraph.text_content().trim_start().starts_with(['—', '―', '–']);
    elements_before(paragraph).next().filter(|node| begins_with_dash && node.name() == "blockquote")
}

/// The elements beside one and before it, the nearest first.
fn elements_before(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let siblings: Vec<Node<'_>> = node
        .parent()
        .into_iter()
        .flat_map(Node::children)
        .take_while(|sibling| *sibling != node)
        .filter(|sibling| sibling.is_element())
        .collect();
    siblings.into_iter().rev()
}

/// The text below a node, blocks kept apart by spaces; a little more than `limit` bytes of it.
pub(crate) fn text_of(top: Node<'_>, limit: usize) -> String {
    text_outside(top, None, limit)
}

/// The text below a node, besides that of a node within.
fn text_outside(top: Node<'_>, skipped: Option<Node<'_>>, limit: usize) -> String {
    let mut text = String::new();
    let mut closed = None;
    for step in visible(top) {
        if stand_apart(&mut closed, step) {
            text.push(' ');
        }
        match step {
            Step::Into(node) | Step::OutOf(node)
                if skipped.is_some_and(|skipped| node == skipped || node.is_inside(skipped)) => {}
            Step::Into(node) | Step::OutOf(node) if is_block(node) => text.push(' '),
            Step::Into(node) => push(node, &mut text),
            Step::OutOf(_) => {}
        }
        if text.len() > limit {
            break;
        }
    }
    text
}

/// A walk that leaves out what a browser never shows.
pub(crate) fn visible(top: Node<'_>) -> impl Iterator<Item = Step<'_>> {
    let mut hidden: Option<Node<'_>> = None;
    top.steps().filter(move |step| match (*step, hidden) {
        (Step::OutOf(node), Some(outermost)) if node == outermost => {
            hidden = None;
            false
        }
        (_, Some(_)) => false,
        (Step::Into(node), None) if node.is_hidden() || is_mark(node) => {
            hidden = Some(node);
            false
        }
        _ => true,
    })
}

/// Whether a link is a mark, such as `#` or the number of a note, that leads to another place on the page.
fn is_mark(node: Node<'_>) -> bool {
    node.name() == "a"
        && node.attribute("href").is_some_and(|href| href.trim().starts_with('#'))
        && !node.text_content().contains(char::is_alphabetic)
}

/// Whether the words of two elements have to be kept apart: one follows right behind the other, and one of them is a
/// thing of its own, such as a link or a date. `closed` is the element that ended last, with nothing behind it.
fn stand_apart<'a>(closed: &mut Option<Node<'a>>, step: Step<'a>) -> bool {
    const OWN: [&str; 7] = ["a", "address", "button", "cite", "label", "output", "time"];
    let is_own = |node: Node<'_>| {
        let is_property =
            |class: &str| ["p-", "u-", "dt-", "h-"].iter().any(|prefix| class.starts_with(prefix));
        OWN.contains(&node.name()) || node.words("class").any(is_property)
    };
    match step {
        Step::Into(node) if node.is_element() => {
            closed.take().is_some_and(|other| is_own(other) || is_own(node))
        }
        Step::Into(_) => {
            *closed = None;
            false
        }
        Step::OutOf(node) if node.is_element() => {
            *closed = Some(node);
            false
        }
        Step::OutOf(_) => false,
    }
}

fn push(node: Node<'_>, text: &mut String) {
    match node.name() {
        "br" | "img" | "video" | "audio" => text.push(' '),
        _ => text.push_str(node.text().unwrap_or_default()),
    }
}

/// As many of the last words as fit, beginning with a word.
fn last_words(text: &str, limit: usize) -> &str {
    let Some((start, _)) = limit.checked_sub(1).and_then(|nth| text.char_indices().rev().nth(nth)) else {
        return text;
    };
    if start == 0 || text[..start].ends_with(char::is_whitespace) {
        return &text[start..];
    }
    let half = text.char_indices().rev().nth(limit / 2).map_or(0, |(at, _)| at);
    let space = text[start..half].find(char::is_whitespace).map(|at| start + at);
    let at = space.or_else(|| edge_after(text, start)).unwrap_or(start);
    text[at..].trim_start()
}

/// As many of the first words as fit, ending with a word.
fn first_words(text: &str, limit: usize) -> &str {
    let Some((end, next)) = text.char_indices().nth(limit) else { return text };
    if next.is_whitespace() {
        return &text[..end];
    }
    let half = text.char_indices().nth(limit / 2).map_or(0, |(at, _)| at);
    let space = text[half..end].rfind(char::is_whitespace).map(|at| half + at);
    let at = space.or_else(|| edge_before(text, end)).unwrap_or(end);
    text[..at].trim_end()
}

/// Where a text without spaces may be cut at or after a place: between words, else between what is seen as characters.
/// A few characters are looked at, as words are found by looking back.
fn edge_after(text: &str, from: usize) -> Option<usize> {
    let back = text[..from].char_indices().rev().nth(REACH).map_or(0, |(at, _)| at);
    let until = text[from..].char_indices().nth(REACH).map_or(text.len(), |(at, _)| from + at);
    let words = text[back..until].split_word_bound_indices().map(|(at, _)| back + at);
    let clusters = text[back..until].grapheme_indices(true).map(|(at, _)| back + at);
    words.chain(clusters).find(|at| *at >= from)
}

/// As [`edge_after`], at or before a place.
fn edge_before(text: &str, to: usize) -> Option<usize> {
    let back = text[..to].char_indices().rev().nth(REACH).map_or(0, |(at, _)| at);
    let until = text[to..].char_indices().nth(REACH).map_or(text.len(), |(at, _)| to + at);
    let near = &text[back..until];
    let range = back + 1..=to;
    let word = near.split_word_bound_indices().map(|(at, _)| back + at).rfind(|at| range.contains(at));
    word.or_else(|| near.grapheme_indices(true).map(|(at, _)| back + at).rfind(|at| range.contains(at)))
}

/// How far a cut may be moved to stand between words.
const REACH: usize = 30;

/// Whether an element begins a line of its own.
pub(super) fn is_block(node: Node<'_>) -> bool {
    html::is_block_element(node.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dom::Document;

    fn check(html: &str, expected: &str) {
        let document = Document::parse(html);
        let link = document.elements().find(|node| node.attribute("href") == Some("x")).unwrap();
        assert_eq!(Paragraph::around(link, document.root()).excerpt(), expected, "{html}");
    }

    #[test]
    fn a_short_paragraph_is_kept_whole() {
        check("<p>I read <a href=x>a great post</a> today.</p>", "I read a great post today.");
        check("<p>(<a href=x>this</a>)</p>", "(this)");
        check("<p><a href=x>this</a></p>", "this");
        check("<p>See<a href=x> this </a>now", "See this now");
    }

    #[test]
    fn blocks_end_the_words_and_line_breaks_do_not() {
        check("<p>one<p>two <a href=x>x</a><p>three", "two x");
        check("<div>one<div>two</div>three <a href=x>x</a> four<ul><li>five</ul>six</div>", "three x four");
        check("one<br>two <a href=x>x</a><br>three", "one two x three");
        check("<table><td>a<td><a href=x>x</a> b<td>c</table>", "x b");
        check("<a href=x><h2>Head</h2><p>Text</p></a>after", "Head Text after");
    }

    #[test]
    fn a_source_of_a_quotation_stands_for_the_quoted_words() {
        let quoted = |html: &str| {
            let document = Document::parse(html);
            let link = document.elements().find(|node| node.attribute("href") == Some("x"));
            link.and_then(of_quotation)
        };
        let words = Some("The council voted. It was late.".to_owned());
        for html in [
            "<p>Own words.<figure><figcaption>Jane, <cite><a href=x>H</a></cite>, 2026</figcaption><blockquote><P>The council voted.</p><p>It was late.</p></blockquote></figure>",
            "<figure><blockquote><p>The council voted.<p>It was late.</blockquote><figcaption><a href=x>H</a></figcaption></figure>",
            "<blockquote><p>The council voted.</p><p>It was late.</p><footer>— <a href=x>H</a></footer></blockquote>",
            "<blockquote><p>The council voted.</p><p>It was late.</p><cite><a href=x>H</a></cite></blockquote>",
            "<blockquote><p>The council voted.</p><p>It was late.</p><p>— <cite><a href=x>H</a></cite>, 2026</p></blockquote>",
        ] {
            assert_eq!(quoted(html), words, "{html}");
        }
        for html in [
            "<p>I read <cite><a href=x>H</a></cite> today.",
            "<blockquote><p>I read <cite><a href=x>H</a></cite> today.</blockquote>",
            "<figure><img src=i><figcaption><a href=x>H</a></figcaption></figure>",
            "<blockquote><p>I read <a href=x>H</a> today.</blockquote>",
        ] {
            assert_eq!(quoted(html), None, "{html}");
        }
        let long = "abcdefghi ".repeat(50);
        let html = format!(
            "<figure><figcaption><a href=x>H</a></figcaption><blockquote>{long}</blockquote></figure>"
        );
        let cut = quoted(&html).unwrap_or_default();
        assert!(cut.ends_with(" […]") && cut.chars().count() <= 210, "{cut}");
    }

    #[test]
    fn only_what_is_shown_counts() {
        check(
            "<p>a<script>b</script><!-- c --> <a href=x>x<style>y</style></a><noscript>d</noscript> e",
            "a x e",
        );
    }

    #[test]
    fn long_text_is_cut_between_words_and_says_so() {
        let words = "abcdefghi ".repeat(30);
        let ten = "abcdefghi ".repeat(10);
        check(&format!("<p>{words}<a href=x>x</a> {words}"), &format!("[…] {ten}x {ten}[…]"));
        check(&format!("<p>{ten}<a href=x>x</a> {}", ten.trim()), &format!("{ten}x {}", ten.trim()));
    }

    #[test]
    fn text_without_spaces_is_cut_too() {
        let text = "日本語の文章".repeat(60);
        let document = Document::parse(&format!("<p>{text}<a href=x>x</a>{text}"));
        let link = document.elements().find(|node| node.name() == "a").unwrap();
        let excerpt = Paragraph::around(link, document.root()).excerpt();
        assert!(excerpt.starts_with("[…] ") && excerpt.ends_with(" […]"), "{excerpt}");
        assert!((150..=220).contains(&excerpt.chars().count()), "{excerpt}");
    }

    #[test]
    fn an_excerpt_has_an_end() {
        let word = "word ".repeat(200);
        let document = Document::parse(&format!("<p>{word}<a href=x>{word}</a>{word}"));
        let link = document.elements().find(|node| node.name() == "a").unwrap();
        let excerpt = Paragraph::around(link, document.root()).excerpt();
        assert!(excerpt.chars().count() <= MAX_EXCERPT, "{}", excerpt.chars().count());
        assert_eq!(excerpt.matches("[…]").count(), 2);
        assert_eq!(excerpt.matches('…').count(), 3);
    }
}
