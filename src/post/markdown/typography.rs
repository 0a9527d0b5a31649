//! Typographic quotation marks, apostrophes, dashes and ellipses for those of a typewriter.
//!
//! A mark turns by what stands around it: after a space or an opening mark it opens, after a letter, a digit or a closing
//! mark it closes. Marks that belong together are those of the page's language; one without a partner is as English has
//! it (`12”`), and so is the apostrophe.

use std::ops::Range;
use std::sync::LazyLock;

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, Script};
use memchr::memmem;
use pulldown_cmark::{CowStr, Event, InlineStr, LinkType, Tag, TagEnd};

use crate::config::QuotationMarks;

use super::cjk::is_wide;
use super::events::{is_escaped, is_inline};
use super::html_elements::OpenElements;

/// A place in the events: the index of one, and a byte of its text.
type Spot = (usize, usize);

/// A mark, and what takes its place.
struct Turned<'m> {
    spot: Spot,
    mark: &'m str,
}

/// The events with typographic marks, each an event of its own with the bytes of what is written.
pub(super) fn set<'t>(
    list: Vec<(Event<'t>, Range<usize>)>,
    text: &str,
    marks: &QuotationMarks,
) -> Vec<(Event<'t>, Range<usize>)> {
    let own = own_texts(&list, text);
    if !own.iter().any(|&is_own| is_own) {
        return list;
    }
    let mut turned = Vec::new();
    let mut carried = Carried::default();
    let mut at = 0;
    while at < list.len() {
        // A quotation may span emphasis and links, so its marks are paired in the whole block.
        let end = at + list[at..].iter().take_while(|(event, _)| is_inline(event)).count();
        if own[at..end].contains(&true) {
            Line::of(&list, &own, text, at..end).turn(marks, &mut carried, &mut turned);
        }
        if !matches!(list.get(end), Some((Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph), _))) {
            carried = Carried::default();
        }
        at = end.max(at + 1);
    }
    // A mark that opens is known only when its partner is.
    turned.sort_unstable_by_key(|turned| turned.spot);
    // Each mark makes two more events of one; dashes and ellipses are few.
    let mut set = Vec::with_capacity(list.len() + 2 * turned.len() + 16);
    let mut events = list.into_iter();
    let mut index = 0;
    let mut turned = turned.as_slice();
    while let Some(run) = own[index..].iter().position(|is_own| *is_own) {
        // Most events stay, and are moved without a look at them.
        set.extend(events.by_ref().take(run));
        index += run;
        match events.next() {
            Some((Event::Text(CowStr::Borrowed(part)), span)) => {
                let from = usize::from(is_escaped(text, span.start, &set));
                let count = turned.partition_point(|turned| turned.spot.0 <= index);
                let (here, behind) = turned.split_at(count);
                replace(part, span.start, from, here, &mut set);
                turned = behind;
            }
            other => set.extend(other),
        }
        index += 1;
    }
    set.extend(events);
    set
}

/// Which events are text that marks are set in: as it is written, with a mark, and neither in code nor an address.
fn own_texts(list: &[(Event<'_>, Range<usize>)], text: &str) -> Vec<bool> {
    let mut code = OpenElements::of_code();
    let mut closed_until = 0;
    let own = list.iter().map(|(event, span)| {
        if !is_inline(event) {
            code.end_block();
        }
        match event {
            Event::Html(html) => code.read_block(html),
            Event::InlineHtml(html) => code.read(html),
            Event::Start(
                Tag::CodeBlock(_)
                | Tag::HtmlBlock
                | Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. },
            ) => closed_until = span.end,
            Event::Text(CowStr::Borrowed(part)) => {
                return has_mark(part)
                    && span.start >= closed_until
                    && !code.any()
                    && text[span.clone()] == **part;
            }
            _ => {}
        }
        false
    });
    own.collect()
}

/// Full stops stand in every text, three of them hardly: the searcher passes over the others many bytes at a time.
static ELLIPSIS: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new("..."));

fn has_mark(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr3_iter(b'"', b'\'', b'-', bytes)
        .any(|at| bytes[at] != b'-' || bytes[at..].starts_with(b"--"))
        || ELLIPSIS.find(bytes).is_some()
}

/// Splits a text at its marks, of which `turned` are those for quotations.
fn replace<'t>(
    part: &'t str,
    start: usize,
    from: usize,
    turned: &[Turned<'_>],
    out: &mut Vec<(Event<'t>, Range<usize>)>,
) {
    let bytes = part.as_bytes();
    let mut turned = turned.iter();
    let mut push = |event: CowStr<'t>, range: Range<usize>| {
        if !range.is_empty() {
            out.push((Event::Text(event), range.start + start..range.end + start));
        }
    };
    // Each kind is looked for by itself, with instructions that compare many bytes at once.
    let mut marks = memchr::memchr3_iter(b'"', b'\'', b'-', &bytes[from..]).map(|at| at + from).peekable();
    let mut dots = ELLIPSIS.find_iter(&bytes[from..]).map(|at| at + from).peekable();
    let mut written = 0;
    loop {
        let is_dots = match (marks.peek(), dots.peek()) {
            (Some(mark), Some(dot)) => dot < mark,
            (mark, _) => mark.is_none(),
        };
        let Some(found) = (if is_dots { dots.next() } else { marks.next() }) else { break };
        let (len, mark) = match bytes[found] {
            b'.' => (3, CowStr::Borrowed("…")),
            b'-' => {
                let count = bytes[found..].iter().take_while(|byte| **byte == b'-').count();
                while marks.next_if(|at| *at < found + count).is_some() {}
                // One hyphen is not a mark.
                if count == 1 {
                    continue;
                }
                (count, short(&dashes(count)))
            }
            _ => match turned.as_slice().first().filter(|next| next.spot.1 == found) {
                Some(next) => {
                    turned.next();
                    (1, short(next.mark))
                }
                None => continue,
            },
        };
        push(CowStr::Borrowed(&part[written..found]), written..found);
        push(mark, found..found + len);
        written = found + len;
    }
    push(CowStr::Borrowed(&part[written..]), written..part.len());
}

/// A text that the events own, without memory of its own if it is as short as marks are.
fn short<'t>(mark: &str) -> CowStr<'t> {
    InlineStr::try_from(mark).map_or_else(|_| CowStr::from(mark.to_owned()), CowStr::Inlined)
}

/// Hyphens as dashes: of the long ones as many as possible, as cmark has it.
fn dashes(count: usize) -> String {
    let (long, short) = match count % 3 {
        0 => (count / 3, 0),
        _ if count.is_multiple_of(2) => (0, count / 2),
        2 => (count / 3, 1),
        _ => ((count - 4) / 3, 2),
    };
    "—".repeat(long) + &"–".repeat(short)
}

/// Which way a mark turns by what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Opens,
    Closes,
    /// Letters stand on both sides.
    Within,
    /// Spaces stand on both sides.
    Alone,
}

/// Which quotations the paragraphs before leave open. A speech of several paragraphs opens at the start of each, or only of
/// the first, and closes at the end of the last.
#[derive(Debug, Default)]
struct Carried {
    double: bool,
    single: bool,
}

/// What one paragraph says, and its marks.
#[derive(Default)]
struct Line {
    text: String,
    marks: Vec<Mark>,
}

struct Mark {
    char: char,
    /// Its byte in the text of the line.
    at: usize,
    /// Where it is written; `None` for one that is typographic already.
    spot: Option<Spot>,
    turn: Turn,
}

impl Mark {
    fn end(&self) -> usize {
        self.at + self.char.len_utf8()
    }
}

/// A mark of a quotation within another, or an apostrophe.
#[derive(Clone, Copy)]
struct SingleMark<'m> {
    mark: &'m Mark,
    /// Where the quotation around it ends, or the paragraph.
    end: usize,
}

/// Marks in a row that are passed over. More of them have no sense that could be found, and each would pass over the rest.
const LONGEST_RUN: usize = 32;

/// What stands for code, formulas and pictures: it is as good as a letter.
const THING: char = 'x';

impl Line {
    fn of(list: &[(Event<'_>, Range<usize>)], own: &[bool], text: &str, range: Range<usize>) -> Self {
        let mut line = Self::default();
        for index in range {
            let (event, span) = &list[index];
            match event {
                Event::Text(part) => {
                    // A mark behind a backslash means itself.
                    let from = usize::from(is_escaped(text, span.start, &list[..index]));
                    line.read(part, index, own[index].then_some(from));
                }
                Event::SoftBreak | Event::HardBreak => line.text.push('\n'),
                Event::Code(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::Start(Tag::Image { .. }) => {
                    line.text.push(THING);
                }
                _ => {}
            }
        }
        line
    }

    /// Adds a text with its marks. Straight ones are replaced from a byte on, if at all.
    fn read(&mut self, part: &str, index: usize, replaced_from: Option<usize>) {
        let start = self.text.len();
        self.text.push_str(part);
        let mut add = |byte: usize, char: char| {
            let is_replaced = matches!(char, '"' | '\'') && replaced_from.is_some_and(|from| byte >= from);
            if is_replaced || partner(char).is_some() {
                let spot = is_replaced.then_some((index, byte));
                self.marks.push(Mark { char, at: start + byte, spot, turn: Turn::Alone });
            }
        };
        // Nearly all texts are ASCII, and nearly no character is a mark.
        if part.is_ascii() {
            let bytes = part.as_bytes();
            memchr::memchr2_iter(b'"', b'\'', bytes).for_each(|at| add(at, char::from(bytes[at])));
        } else {
            part.char_indices().for_each(|(at, c)| add(at, c));
        }
    }

    fn turn<'m>(mut self, marks: &'m QuotationMarks, carried: &mut Carried, turned: &mut Vec<Turned<'m>>) {
        for index in 0..self.marks.len() {
            self.marks[index].turn = self.turn_of(index);
        }
        if self.marks.first().is_some_and(|mark| mark.at == 0 && mark.turn == Turn::Opens) {
            // What is open is opened again here.
            *carried = Carried::default();
        }
        self.double(marks, carried, turned);
        self.single(marks, carried, turned);
    }

    fn before(&self, mark: &Mark) -> Option<char> {
        self.text[..mark.at].chars().next_back()
    }

    fn after(&self, mark: &Mark) -> Option<char> {
        self.text[mark.end()..].chars().next()
    }

    fn turn_of(&self, index: usize) -> Turn {
        let mark = &self.marks[index];
        let before = self.before(mark).unwrap_or(' ');
        let rest = &self.text[mark.end()..];
        let after = rest.chars().take(LONGEST_RUN).find(|c| !matches!(c, '"' | '\'')).unwrap_or(' ');
        // Of two marks side by side the second goes with the first.
        let previous =
            index.checked_sub(1).map(|index| &self.marks[index]).filter(|other| other.end() == mark.at);
        match (before.is_whitespace(), after.is_whitespace()) {
            // Two marks with nothing between them, or a tag.
            (true, true) if rest.starts_with(['"', '\'']) => Turn::Opens,
            (true, true) => Turn::Alone,
            (true, false) => Turn::Opens,
            (false, true) => Turn::Closes,
            (false, false) => match previous.map(|previous| previous.turn) {
                Some(turn @ (Turn::Opens | Turn::Closes)) => turn,
                _ if opens_what_follows(before) => Turn::Opens,
                _ if after.is_alphanumeric() && before.is_alphanumeric() => Turn::Within,
                _ if after.is_alphanumeric() && !closes_what_precedes(before) => Turn::Opens,
                _ if after.is_alphanumeric() => Turn::Within,
                _ => Turn::Closes,
            },
        }
    }

    /// `"` and its partners.
    fn double<'m>(&self, marks: &'m QuotationMarks, carried: &mut Carried, turned: &mut Vec<Turned<'m>>) {
        let doubles: Vec<&Mark> =
            self.marks.iter().filter(|mark| !matches!(mark.char, '\'' | '‘' | '‚' | '‹')).collect();
        let mut open: Vec<&Mark> = Vec::new();
        for (number, mark) in doubles.iter().enumerate() {
            let turn = match mark.turn {
                Turn::Within if self.is_hebrew(mark) => Turn::Alone,
                // `he said,"Yes."`
                Turn::Within
                    if open.is_empty()
                        && self.before(mark).is_some_and(|before| !before.is_alphanumeric())
                        && doubles[number + 1..].iter().any(|later| later.turn == Turn::Closes) =>
                {
                    Turn::Opens
                }
                Turn::Within if open.is_empty() && !self.is_beside_wide(mark) && mark.spot.is_some() => {
                    Turn::Closes
                }
                Turn::Within if open.is_empty() => Turn::Opens,
                Turn::Within => Turn::Closes,
                turn => turn,
            };
            match (turn, mark.spot) {
                (Turn::Opens, _) => open.push(mark),
                (Turn::Closes, Some(spot)) => {
                    // `"a 3.5" disk"`: the mark behind figures is inches, if another one closes.
                    let is_inch = self.is_behind_figure(mark)
                        && doubles.get(number + 1).is_some_and(|next| next.turn == Turn::Closes)
                        && open.len() < 2;
                    let partner_of = if is_inch { None } else { open.pop() };
                    let (opening, closing) = match partner_of.map(|first| (first, first.char)) {
                        Some((first, '"')) => (first.spot, marks.close.as_str()),
                        Some((_, typed)) if marks.open.starts_with(typed) => (None, marks.close.as_str()),
                        Some((_, typed)) => (None, partner(typed).unwrap_or("”")),
                        None if carried.double && !self.is_behind_figure(mark) => {
                            carried.double = false;
                            (None, marks.close.as_str())
                        }
                        None => (None, "”"),
                    };
                    turned.extend(opening.map(|spot| Turned { spot, mark: &marks.open }));
                    turned.push(Turned { spot, mark: closing });
                }
                (Turn::Closes, None) => {
                    // A mark that is typed as what closes.
                    let opening = open.pop().and_then(|first| first.spot);
                    turned.extend(opening.map(|spot| Turned { spot, mark: &marks.open }));
                }
                _ => {}
            }
        }
        carried.double |= !open.is_empty();
        let opening = open.iter().filter_map(|mark| mark.spot);
        turned.extend(opening.map(|spot| Turned { spot, mark: &marks.open }));
    }

    fn is_behind_figure(&self, mark: &Mark) -> bool {
        self.before(mark).is_some_and(|c| c.is_ascii_digit())
    }

    /// `'`: quotations within others, and apostrophes.
    fn single<'m>(&self, marks: &'m QuotationMarks, carried: &mut Carried, turned: &mut Vec<Turned<'m>>) {
        let singles: Vec<SingleMark<'_>> = self
            .marks
            .iter()
            .zip(self.ends_of_quotations())
            .filter(|(mark, _)| mark.char == '\'' && mark.turn != Turn::Alone && !self.is_hebrew(mark))
            .map(|(mark, end)| SingleMark { mark, end })
            .collect();
        let mut closing: Option<usize> = None;
        for (number, SingleMark { mark, .. }) in singles.iter().enumerate() {
            let Some(spot) = mark.spot else { continue };
            if closing == Some(number) {
                closing = None;
                turned.push(Turned { spot, mark: &marks.inner_close });
                continue;
            }
            let opens = mark.turn == Turn::Opens || mark.turn == Turn::Within && self.is_beside_wide(mark);
            let partner = if opens && closing.is_none() { self.partner_of(&singles, number) } else { None };
            let mark = match partner {
                Some(partner) => {
                    closing = Some(partner);
                    marks.inner_open.as_str()
                }
                None if carried.double && opens && self.begins_speech(mark) => {
                    carried.single = true;
                    &marks.inner_open
                }
                None if carried.single && mark.turn == Turn::Closes && !self.is_genitive(mark) => {
                    carried.single = false;
                    &marks.inner_close
                }
                None => "’",
            };
            turned.push(Turned { spot, mark });
        }
    }

    /// Whether a mark stands directly behind one that opens, and before a whole word.
    fn begins_speech(&self, mark: &Mark) -> bool {
        let before = self.marks.partition_point(|other| other.end() < mark.at);
        let before = self.marks.get(before).filter(|other| other.end() == mark.at);
        before.is_some_and(|other| other.turn == Turn::Opens && other.char != '\'')
            && !self.is_shortened(mark.at)
    }

    /// The mark that closes what one opens, if that is a quotation and not a word whose beginning is left out.
    fn partner_of(&self, singles: &[SingleMark<'_>], number: usize) -> Option<usize> {
        let SingleMark { mark: opening, end } = singles[number];
        let start = opening.at;
        let later = singles.iter().map(|single| single.mark).enumerate().skip(number + 1);
        let later = later.take_while(|(_, mark)| mark.turn != Turn::Opens && mark.at < end);
        if self.is_shortened(start) {
            // Of `'em and James'` and `'90s, 3'` no mark is sure to close a quotation.
            let mut later = later.filter(|(_, mark)| {
                let may_be_genitive =
                    |before: char| before.is_ascii_digit() || matches!(before, 's' | 'x' | 'z' | '\'');
                self.closes(mark) && !self.before(mark).is_some_and(may_be_genitive)
            });
            let is_cut_short = self.text[start..].chars().nth(2) == Some('\'');
            return later.next().map(|(at, _)| at).filter(|_| !is_cut_short);
        }
        let mut first = None;
        for (at, mark) in later.filter(|(_, mark)| self.closes(mark)) {
            if !self.is_genitive(mark) {
                return Some(at);
            }
            first = first.or(Some(at));
        }
        first
    }

    fn closes(&self, mark: &Mark) -> bool {
        mark.turn == Turn::Closes || self.is_beside_wide(mark)
    }

    /// Whether a mark can be the apostrophe of a genitive: `James' book`.
    fn is_genitive(&self, mark: &Mark) -> bool {
        let next = self.text[mark.end()..].strip_prefix(' ').and_then(|rest| rest.chars().next());
        matches!(self.before(mark), Some('s' | 'S' | 'x' | 'z')) && next.is_some_and(char::is_alphanumeric)
    }

    /// For each mark, where the quotation around it ends, or the paragraph.
    fn ends_of_quotations(&self) -> Vec<usize> {
        let mut ends = vec![self.text.len(); self.marks.len()];
        // The marks behind that close what none behind opens, the next one last.
        let mut closing = Vec::new();
        for (mark, end) in self.marks.iter().zip(&mut ends).rev() {
            *end = closing.last().copied().unwrap_or(*end);
            match mark.turn {
                _ if mark.char == '\'' => {}
                Turn::Closes => closing.push(mark.at),
                Turn::Opens => drop(closing.pop()),
                Turn::Within | Turn::Alone => {}
            }
        }
        ends
    }

    /// Whether the word behind an apostrophe lacks its beginning: `'tis`, `'em`, `'90s`, `rock 'n' roll`.
    fn is_shortened(&self, apostrophe: usize) -> bool {
        let rest = self.text[apostrophe..].chars().skip(1);
        let word: String = rest.take_while(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let digits = word.trim_end_matches('s');
        SHORTENED.contains(&word.as_str())
            || digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn is_beside_wide(&self, mark: &Mark) -> bool {
        self.before(mark).is_some_and(is_wide) || self.after(mark).is_some_and(is_wide)
    }

    /// Hebrew writes abbreviations and numbers with these marks.
    fn is_hebrew(&self, mark: &Mark) -> bool {
        mark.turn != Turn::Opens
            && (mark.turn == Turn::Within || mark.char == '\'')
            && self.before(mark).is_some_and(|c| CodePointMapData::<Script>::new().get(c) == Script::Hebrew)
    }
}

/// Words whose beginning is often left out, in English, German and Dutch.
const SHORTENED: [&str; 48] = [
    "tis", "twas", "twere", "twill", "twould", "em", "til", "till", "cause", "cuz", "coz", "bout", "round",
    "n", "nuff", "cept", "sup", "kay", "ere", "er", "im", "un", "gainst", "neath", "tween", "fraid", "scuse",
    "hood", "burbs", "gram", "s", "ne", "nen", "nem", "ner", "nes", "ran", "rein", "raus", "rauf", "runter",
    "rum", "rüber", "t", "k", "m", "r", "d",
];

/// What closes a quotation that a typographic mark has opened.
fn partner(mark: char) -> Option<&'static str> {
    Some(match mark {
        '“' | '”' => "”",
        '„' => "“",
        '«' => "»",
        '»' => "«",
        '「' | '」' => "」",
        '『' | '』' => "』",
        _ => return None,
    })
}

/// Opening brackets and marks, dashes, and what stands before a word without a space.
fn opens_what_follows(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(c, '¿' | '¡' | '/' | '=' | '>' | '+' | '|')
        || [
            GeneralCategory::OpenPunctuation,
            GeneralCategory::InitialPunctuation,
            GeneralCategory::DashPunctuation,
        ]
        .contains(&category)
}

fn closes_what_precedes(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(c, '.' | ',' | ';' | '!' | '?' | '%' | '…' | '°')
        || [GeneralCategory::ClosePunctuation, GeneralCategory::FinalPunctuation].contains(&category)
}
