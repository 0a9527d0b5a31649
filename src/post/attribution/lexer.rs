//! Cuts an attribution into pieces: words, links, emphasised and quoted texts, dates and parentheses, with what joins them.

use std::ops::Range;

use crate::date::reader::{DateForm, DateReader, DateReading, FoundDate};
use crate::path::has_scheme;

use super::line::{AttributionLine, LineSpanKind};
use super::vocabulary::{
    JoinRole, begins_with_article, is_article, is_before_dates, is_helper, is_of_a_life, is_ordinal,
    is_part_of_a_year, looks_like_a_person, may_begin_a_line, role_of,
};

/// A piece of an attribution.
#[derive(Debug, Clone)]
pub(super) struct LinePiece {
    /// Its bytes of the text, without the words that join it and the marks around it.
    pub(super) range: Range<usize>,
    pub(super) kind: PieceKind,
    /// What the words before it say of it.
    pub(super) role: Option<JoinRole>,
    /// What stands between it and the piece before it.
    pub(super) before: Joint,
}

#[derive(Debug, Clone)]
pub(super) enum PieceKind {
    Words,
    Link {
        url: String,
        is_bare: bool,
        is_emphasised: bool,
        /// What its text says, if that is a date and nothing else.
        date: Option<DateReading>,
    },
    Emphasis,
    /// A text in quotation marks, without them.
    Quoted,
    Date(FoundDate),
    /// A `<time>` that is not a date, such as an hour or a duration.
    OtherTime,
    /// Parentheses, with their pieces; the range holds the parentheses.
    Aside(Vec<LinePiece>),
}

/// What stands between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    Start,
    /// Nothing but white space and joining words.
    Space,
    /// A comma or another sign that separates.
    Separator,
    /// `and`, `&`, or a semicolon.
    And,
}

impl LinePiece {
    pub(super) fn is_link(&self) -> bool {
        matches!(self.kind, PieceKind::Link { .. })
    }

    pub(super) fn is_words(&self) -> bool {
        matches!(self.kind, PieceKind::Words)
    }
}

/// Cuts a line.
pub(super) fn pieces(line: &AttributionLine, dates: &DateReader) -> Vec<LinePiece> {
    let lexer = Lexer { line, dates };
    lexer.within(lexer.start()..line.text.len(), 0)
}

/// Signs that separate the parts of an attribution, in all scripts.
fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '،' | '؛' | '，' | '、' | '；' | '|' | '·' | '•' | '：' | '。' | '→')
}

/// Dashes and strokes that separate where white space is on both sides.
fn is_dash(c: char) -> bool {
    matches!(c, '—' | '―' | '–' | '-' | '‒' | '−' | '~' | '/' | '⁄')
}

/// What stands around a name or a title, and does not belong to it.
fn is_outer(c: char) -> bool {
    c.is_whitespace() || is_separator(c) || is_quotation_mark(c)
}

/// The mark that closes a quotation, and those that may.
fn closing_marks(open: char) -> &'static [char] {
    match open {
        '“' => &['”', '“'],
        '„' => &['“', '”', '„'],
        '”' => &['”'],
        '"' => &['"'],
        '«' => &['»'],
        '»' => &['«', '»'],
        '‹' => &['›'],
        '›' => &['‹', '›'],
        '‘' => &['’', '‘'],
        '‚' => &['‘', '’'],
        '’' => &['’'],
        '\'' => &['\''],
        '״' => &['״'],
        '「' => &['」'],
        '『' => &['』'],
        '《' => &['》'],
        '〈' => &['〉'],
        '＂' => &['＂'],
        _ => &[],
    }
}

/// Whether a mark is also an apostrophe, so that it closes before a boundary only.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '’' | '\'' | '‘' | '״')
}

pub(super) fn is_quotation_mark(c: char) -> bool {
    !closing_marks(c).is_empty() || matches!(c, '」' | '』' | '》' | '〉')
}

/// Parentheses within parentheses that are read; deeper ones are words.
const DEEPEST_ASIDE: usize = 4;

/// A token of the scan: a piece in the making, or a sign.
enum Token {
    Piece(LinePiece),
    Sign(Joint),
}

struct Lexer<'l> {
    line: &'l AttributionLine,
    dates: &'l DateReader,
}

impl Lexer<'_> {
    fn role_of(&self, word: &str) -> Option<JoinRole> {
        role_of(word, self.dates.language())
    }

    /// Whether a word can be part of a name: it joins nothing, and no mark separates it from the next word.
    fn is_word_of_name(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        word.ends_with(char::is_alphanumeric) && self.role_of(&lower).is_none() && !is_part_of_a_year(&lower)
    }

    /// Behind the dash that begins the line.
    fn start(&self) -> usize {
        leading_dash(&self.line.text)
    }

    fn text(&self, range: Range<usize>) -> &str {
        &self.line.text[range]
    }

    /// The pieces of a range.
    fn within(&self, range: Range<usize>, depth: usize) -> Vec<LinePiece> {
        let dates = self.dates_within(&range);
        let mut tokens: Vec<Token> = Vec::new();
        let mut words: Option<Range<usize>> = None;
        // Marks that close a quotation which is not a headline, as it holds a link. They do not open another.
        let mut closed: Vec<usize> = Vec::new();
        let mut at = range.start;
        while let Some(c) = self.text(at..range.end).chars().next() {
            let next = at + c.len_utf8();
            if let Some(quoted) = self.quotation_at(at, &range).filter(|quoted| !self.is_headline(quoted)) {
                let behind = self.end_of(&quoted, &range);
                closed.push(
                    self.text(range.start..behind)
                        .char_indices()
                        .next_back()
                        .map_or(behind, |(last, _)| range.start + last),
                );
            }
            if let Some(end) = self.nickname_at(at, &range, words.as_ref()) {
                words = Some(words.map_or(at, |words| words.start)..end);
                at = end;
                continue;
            }
            let special = self
                .element_at(at, &range)
                .or_else(|| self.date_at(at, &dates))
                .or_else(|| self.address_at(at, &range))
                .or_else(|| {
                    self.quotation_at(at, &range)
                        .filter(|quoted| self.is_headline(quoted) && !closed.contains(&at))
                })
                .or_else(|| self.aside_at(at, &range, depth));
            if let Some(piece) = special {
                flush(&mut words, &mut tokens);
                at = self.end_of(&piece, &range);
                tokens.push(Token::Piece(piece));
            } else if let Some(joint) = self.sign_at(at, &range, &words) {
                flush(&mut words, &mut tokens);
                tokens.push(Token::Sign(joint));
                at = next;
            } else if c.is_whitespace() {
                at = next;
            } else {
                words = Some(words.map_or(at, |words| words.start)..next);
                at = next;
            }
        }
        flush(&mut words, &mut tokens);
        self.joined(tokens)
    }

    /// Behind a piece: its closing mark as well.
    fn end_of(&self, piece: &LinePiece, range: &Range<usize>) -> usize {
        let mut end = piece.range.end;
        if matches!(piece.kind, PieceKind::Quoted) {
            let behind = self.text(end..range.end);
            end += behind
                .find(is_quotation_mark)
                .map_or(0, |at| at + behind[at..].chars().next().map_or(0, char::len_utf8));
        }
        end
    }

    /// A link or an emphasised text that begins here.
    fn element_at(&self, at: usize, range: &Range<usize>) -> Option<LinePiece> {
        let spans = &self.line.spans;
        let first = spans.iter().position(|span| {
            span.range.start == at && !span.range.is_empty() && span.range.end <= range.end
        })?;
        let span = &spans[first];
        let trimmed = self.trimmed(span.range.clone());
        // Emphasis on signs alone is left to the signs: a piece without words would be read again without end.
        if trimmed.is_empty() {
            return None;
        }
        let link_within = spans.iter().find(|other| {
            matches!(other.kind, LineSpanKind::Link { .. })
                && other.range.start >= span.range.start
                && other.range.end <= span.range.end
        });
        let (kind, range) = match (&span.kind, link_within) {
            (LineSpanKind::Link { url }, _) => {
                let range = span.range.clone();
                let date = self.date_of(range.clone());
                (PieceKind::Link { url: url.clone(), is_bare: false, is_emphasised: false, date }, range)
            }
            (LineSpanKind::Time { datetime }, _) => {
                let range = span.range.clone();
                let kind = match self.dates.read(datetime) {
                    Ok(reading) => PieceKind::Date(FoundDate {
                        range: range.clone(),
                        day: range.clone(),
                        reading: Ok(reading),
                        form: DateForm::Words,
                    }),
                    Err(_) => PieceKind::OtherTime,
                };
                (kind, range)
            }
            (_, Some(link)) if self.trimmed(link.range.clone()) == trimmed => {
                let LineSpanKind::Link { url } = &link.kind else { return None };
                let range = link.range.clone();
                let date = self.date_of(range.clone());
                (PieceKind::Link { url: url.clone(), is_bare: false, is_emphasised: true, date }, range)
            }
            // With a link and more in it, or all of the line, emphasis separates nothing.
            (_, Some(_)) => return None,
            (emphasis, None) => {
                if self.is_transparent(emphasis, &trimmed) {
                    return None;
                }
                (PieceKind::Emphasis, trimmed)
            }
        };
        Some(LinePiece { range, kind, role: None, before: Joint::Space })
    }

    /// What the text of a link says, if it is a date. A year alone may be a title.
    fn date_of(&self, link: Range<usize>) -> Option<DateReading> {
        let text = self.text(link).trim();
        let found = self.dates.find(text).into_iter().find(|date| date.range == (0..text.len()))?;
        found.reading.ok().filter(|date| date.month.is_some())
    }

    /// Whether emphasis on some words says nothing of them.
    fn is_transparent(&self, emphasis: &LineSpanKind, trimmed: &Range<usize>) -> bool {
        let text = self.text(trimmed.clone());
        let is_all = self.trimmed(self.start()..self.line.text.len()) == *trimmed;
        // `<cite>Jane Doe</cite>` is how WordPress and others write an attribution.
        let is_attribution = text.contains(is_separator)
            || (*emphasis == LineSpanKind::Cite && !begins_with_article(text))
            || looks_like_a_person(text);
        // A date in emphasis is a date; a year alone may be a title.
        let dates = self.dates.find(text);
        let is_date =
            dates.iter().any(|date| date.range == (0..trimmed.len()) && date.form != DateForm::Year);
        (is_all && is_attribution) || is_date
    }

    /// A range without white space, separators and quotation marks at its ends.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text(range.clone());
        let mut start = text.len() - text.trim_start_matches(is_outer).len();
        // `'Allo` begins with an apostrophe, unless a mark closes it as a quotation.
        let opening = text[..start].chars().next_back().filter(|&c| is_apostrophe(c));
        let is_closed =
            text.trim_end().ends_with(is_apostrophe) && text[start..].starts_with(char::is_alphanumeric);
        if let Some(mark) = opening.filter(|_| !is_closed && text[start..].starts_with(char::is_alphanumeric))
        {
            start -= mark.len_utf8();
        }
        let end = text.trim_end_matches(|c: char| is_outer(c) && !is_apostrophe(c)).len();
        range.start + start.min(end)..range.start + end
    }

    /// The dates of a range that stand outside of links, emphasis and addresses.
    fn dates_within(&self, range: &Range<usize>) -> Vec<FoundDate> {
        let mut found = self.dates.find(self.text(range.clone()));
        for date in &mut found {
            date.range = date.range.start + range.start..date.range.end + range.start;
            date.day = date.day.start + range.start..date.day.end + range.start;
        }
        found.retain(|date| !self.is_covered(date, range) && !self.is_part_of_a_name(date, range));
        found
    }

    /// Whether a date is a part of a link, or of emphasis with other words.
    fn is_covered(&self, date: &FoundDate, range: &Range<usize>) -> bool {
        self.line.spans.iter().any(|span| {
            let overlaps = span.range.start < date.range.end && date.range.start < span.range.end;
            let is_all_of_it = self.trimmed(span.range.clone()) == date.range && span.kind.is_emphasis();
            overlaps
                && !is_all_of_it
                && (matches!(span.kind, LineSpanKind::Link { .. })
                    || self.element_at(span.range.start, range).is_some())
        })
    }

    /// Whether four figures belong to a name: `Expo 2026 Report`, or `Expo 2026` before a link.
    fn is_part_of_a_name(&self, date: &FoundDate, range: &Range<usize>) -> bool {
        if date.form != DateForm::Year {
            return false;
        }
        let behind = self.text(date.range.end..range.end);
        let next = behind.strip_prefix(char::is_whitespace).and_then(|rest| rest.split_whitespace().next());
        let is_element_next =
            self.element_at(date.range.end + behind.len() - behind.trim_start().len(), range).is_some();
        let before = self.text(range.start..date.range.start);
        let last = before.split_whitespace().next_back().filter(|_| before.ends_with(char::is_whitespace));
        let link_follows =
            self.line.spans.iter().any(|span| {
                matches!(span.kind, LineSpanKind::Link { .. }) && span.range.start >= date.range.end
            });
        let is_element_before =
            self.line.spans.iter().any(|span| before.trim_end().len() + range.start == span.range.end);
        // `The 1619 Project`
        let is_behind_article = last.is_some_and(|word| is_article(&word.to_lowercase()))
            && next.is_some_and(|word| word.starts_with(char::is_uppercase));
        is_behind_article
            || next.is_some_and(|word| word.starts_with(char::is_alphabetic) && self.is_word_of_name(word))
                && !is_element_next
            || last.is_some_and(|word| self.is_word_of_name(word)) && link_follows && !is_element_before
    }

    fn date_at(&self, at: usize, dates: &[FoundDate]) -> Option<LinePiece> {
        let date = dates.iter().find(|date| date.range.start == at)?;
        Some(LinePiece {
            range: date.range.clone(),
            kind: PieceKind::Date(date.clone()),
            role: None,
            before: Joint::Space,
        })
    }

    /// `https://…`, `www.…` or `paper.example/x` without mark-up.
    fn address_at(&self, at: usize, range: &Range<usize>) -> Option<LinePiece> {
        let text = self.text(at..range.end);
        let is_address = ["https://", "http://", "www."]
            .iter()
            .any(|start| text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)))
            || begins_with_host_and_path(text);
        let before = self.text(range.start..at);
        let is_new_word =
            !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '@' | '-' | '_'));
        if !is_address || !is_new_word {
            return None;
        }
        let end = text
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '”' | '“' | '»' | '«'))
            .unwrap_or(text.len());
        let mut address = &text[..end];
        loop {
            // As in GitHub's extended autolinks: marks at the end belong to the sentence, a bracket if it has no partner.
            let trimmed = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’', '*', '_']);
            let trimmed = match trimmed.strip_suffix(')') {
                Some(shorter) if trimmed.matches('(').count() < trimmed.matches(')').count() => shorter,
                _ => trimmed,
            };
            if trimmed.len() == address.len() {
                break;
            }
            address = trimmed;
        }
        if address.len() < "www.a.b".len()
            || self
                .line
                .spans
                .iter()
                .any(|span| span.range.contains(&at) && matches!(span.kind, LineSpanKind::Link { .. }))
        {
            return None;
        }
        let url = if has_scheme(address) { address.to_owned() } else { format!("https://{address}") };
        let kind = PieceKind::Link { url, is_bare: true, is_emphasised: false, date: None };
        Some(LinePiece { range: at..at + address.len(), kind, role: None, before: Joint::Space })
    }

    /// Whether a text in quotation marks is a headline: it has words, and no link has it.
    fn is_headline(&self, quoted: &LinePiece) -> bool {
        let range = &quoted.range;
        self.text(range.clone()).contains(char::is_alphanumeric)
            && !self.line.spans.iter().any(|span| {
                matches!(span.kind, LineSpanKind::Link { .. })
                    && span.range.start >= range.start
                    && span.range.end <= range.end
            })
    }

    /// Behind a name in quotation marks within a name: `Jane "Jo" Doe`.
    fn nickname_at(&self, at: usize, range: &Range<usize>, words: Option<&Range<usize>>) -> Option<usize> {
        let quoted = self.quotation_at(at, range)?;
        let end = self.end_of(&quoted, range);
        let next_word = self.text(end..range.end).split_whitespace().next()?;
        let last_word = self.text(words?.clone()).split_whitespace().next_back()?;
        let is_within_a_name = self.role_of(&last_word.to_lowercase()).is_none()
            && next_word.starts_with(char::is_uppercase)
            && self.text(quoted.range).split_whitespace().count() <= 2;
        is_within_a_name.then_some(end)
    }

    /// A text in quotation marks that begins here: a headline.
    fn quotation_at(&self, at: usize, range: &Range<usize>) -> Option<LinePiece> {
        let text = self.text(at..range.end);
        let open = text.chars().next()?;
        let closers = closing_marks(open);
        // `山田太郎『本』` has no space before the mark, which cannot be an apostrophe.
        let is_wide = matches!(open, '「' | '『' | '《' | '〈');
        let follows_word = self.text(range.start..at).ends_with(|c: char| c.is_alphanumeric());
        if closers.is_empty() || (follows_word && !is_wide) {
            return None;
        }
        let inner = &text[open.len_utf8()..];
        let (end, _) = inner.char_indices().find(|&(place, c)| {
            let behind = &inner[place + c.len_utf8()..];
            closers.contains(&c)
                && place > 0
                && (!is_apostrophe(c) || !behind.starts_with(|c: char| c.is_alphanumeric()))
        })?;
        let start = at + open.len_utf8();
        let inner_range = self.trimmed(start..start + end);
        Some(LinePiece { range: inner_range, kind: PieceKind::Quoted, role: None, before: Joint::Space })
    }

    fn aside_at(&self, at: usize, range: &Range<usize>, depth: usize) -> Option<LinePiece> {
        let text = self.text(at..range.end);
        let open = text.chars().next().filter(|c| matches!(c, '(' | '（' | '['))?;
        if depth == DEEPEST_ASIDE {
            return None;
        }
        let mut open_now = 0_usize;
        for (place, c) in text.char_indices() {
            match c {
                '(' | '（' | '[' => open_now += 1,
                ')' | '）' | ']' => open_now = open_now.saturating_sub(1),
                _ => continue,
            }
            // A bracket in the text of a link belongs to the link.
            let is_in_link = self.line.spans.iter().any(|span| {
                matches!(span.kind, LineSpanKind::Link { .. }) && span.range.contains(&(at + place))
            });
            if open_now == 0 && !is_in_link {
                let inner = at + open.len_utf8()..at + place;
                let kind = PieceKind::Aside(self.within(inner, depth + 1));
                return Some(LinePiece {
                    range: at..at + place + c.len_utf8(),
                    kind,
                    role: None,
                    before: Joint::Space,
                });
            }
            if open_now == 0 {
                open_now = 1;
            }
        }
        None
    }

    /// A sign that separates parts.
    fn sign_at(&self, at: usize, range: &Range<usize>, words: &Option<Range<usize>>) -> Option<Joint> {
        let text = self.text(at..range.end);
        let c = text.chars().next()?;
        let behind = &text[c.len_utf8()..];
        let before = self.text(range.start..at);
        let is_open_before = before.is_empty() || before.ends_with(char::is_whitespace);
        let is_open_behind = behind.is_empty() || behind.starts_with(char::is_whitespace);
        match c {
            ';' | '；' | '؛' => Some(Joint::And),
            c if is_separator(c) => Some(Joint::Separator),
            ':' if is_open_behind || self.element_at(at + 1, range).is_some() => Some(Joint::Separator),
            c if is_dash(c) && (is_open_before || words.is_none()) && is_open_behind => {
                Some(Joint::Separator)
            }
            // `Заголовок // Журнал`
            '/' if is_open_before && behind.starts_with("/ ") => Some(Joint::Separator),
            '—' | '―' if !is_open_before && !is_open_behind => Some(Joint::Separator),
            '!' | '?' | '.' | '…' if words.is_none() => Some(Joint::Separator),
            '.' if is_open_behind && !is_abbreviation(before) && self.ends_words(at + 1, range) => {
                Some(Joint::Separator)
            }
            // `'t Hooft` begins with an apostrophe.
            c if is_apostrophe(c)
                && words.is_none()
                && behind.starts_with(char::is_alphanumeric)
                && self.quotation_at(at, range).is_none()
                && self.element_at(at + c.len_utf8(), range).is_none() =>
            {
                None
            }
            c if is_quotation_mark(c)
                && (!is_apostrophe(c) || words.is_none() || (is_open_behind && is_open_before)) =>
            {
                Some(Joint::Space)
            }
            '(' | ')' | '（' | '）' | '[' | ']' if words.is_none() || is_open_behind => Some(Joint::Space),
            _ => None,
        }
    }

    /// Whether nothing, or something other than words, follows a full stop.
    fn ends_words(&self, at: usize, range: &Range<usize>) -> bool {
        let rest = self.text(at..range.end);
        let start = at + rest.len() - rest.trim_start().len();
        let next = self.text(start..range.end).chars().next();
        next.is_none_or(|c| !c.is_alphanumeric() || self.element_at(start, range).is_some())
    }

    /// Takes the joining words off the pieces, and says of each piece what stands before it.
    fn joined(&self, tokens: Vec<Token>) -> Vec<LinePiece> {
        let mut pieces: Vec<LinePiece> = Vec::new();
        let mut before = Joint::Start;
        let mut role: Option<JoinRole> = None;
        let mut begins = true;
        let mut dates_at: Vec<bool> = vec![false; tokens.len()];
        for at in (0..tokens.len()).rev() {
            // A weekday is followed by a comma, and then by its date.
            dates_at[at] = match &tokens[at] {
                Token::Sign(_) => dates_at.get(at + 1).copied().unwrap_or_default(),
                Token::Piece(piece) if piece.is_words() => {
                    // `Mittwoch, den 4. März`.
                    is_before_dates(&self.text(piece.range.clone()).to_lowercase())
                        && dates_at.get(at + 1).copied().unwrap_or_default()
                }
                Token::Piece(piece) => matches!(piece.kind, PieceKind::Date(_)),
            };
        }
        let mut tokens = tokens.into_iter().enumerate().peekable();
        while let Some((at, token)) = tokens.next() {
            let next_is_sign = matches!(tokens.peek(), Some((_, Token::Sign(_))));
            let piece = match token {
                Token::Sign(Joint::Space) => continue,
                Token::Sign(joint) => {
                    before = if before == Joint::Start { before } else { joint };
                    // `Source: …` and `published on: …` speak of what follows the sign; a name before a comma does not.
                    continue;
                }
                Token::Piece(piece) => piece,
            };
            if piece.is_words() {
                let behind = self.text(piece.range.end..self.line.text.len()).trim_start();
                let place = WordsPlace {
                    begins,
                    is_before_colon: behind.starts_with([':', '：']),
                    is_before_date: !next_is_sign && dates_at.get(at + 1) == Some(&true),
                    date_follows: dates_at.get(at + 1) == Some(&true),
                    is_before_element: matches!(tokens.peek(), Some((_, Token::Piece(piece))) if !piece.is_words()),
                };
                let trimmed = self.without_joining(piece.range.clone(), &place);
                begins = false;
                role = trimmed.lead.or(role);
                if trimmed.is_and && before != Joint::Start {
                    before = Joint::And;
                }
                if !trimmed.core.is_empty() {
                    pieces.push(LinePiece {
                        range: trimmed.core,
                        kind: PieceKind::Words,
                        role: role.take(),
                        before,
                    });
                    before = Joint::Space;
                }
                if trimmed.trail_is_and {
                    before = Joint::And;
                }
                role = trimmed.trail.or(role);
                continue;
            }
            begins = false;
            pieces.push(LinePiece { role: role.take(), before, ..piece });
            before = Joint::Space;
        }
        pieces
    }

    /// Takes joining words off the ends of some words.
    fn without_joining(&self, range: Range<usize>, place: &WordsPlace) -> Trimmed {
        let text = self.text(range.clone());
        let words: Vec<(usize, &str)> = word_places(text).collect();
        let role_at = |index: usize| {
            let (_, word) = words[index];
            let lower = word.to_lowercase();
            let bare = lower.trim_end_matches(['.', ':', ',']);
            // `onsdagen` is `onsdag` with its article; the `Sunday Times` has no weekday.
            let is_last = words.get(index + 1).is_none_or(|(_, next)| {
                let next = next.to_lowercase();
                self.role_of(&next).is_some() || is_before_dates(&next)
            });
            if place.date_follows
                && is_last
                && (self.dates.is_weekday(bare)
                    || bare.strip_suffix("en").is_some_and(|word| self.dates.is_weekday(word)))
            {
                return Some(JoinRole::Neutral);
            }
            if place.is_before_date && is_of_a_life(bare) {
                return Some(JoinRole::Life);
            }
            // `1. Quartal 2026`
            let is_counted = is_ordinal(bare)
                && words.get(index + 1).is_some_and(|(_, next)| is_part_of_a_year(&next.to_lowercase()));
            if place.is_before_date && (is_counted || is_part_of_a_year(bare)) {
                return Some(JoinRole::Neutral);
            }
            // `Propos recueillis par Eva Petit` names the author.
            let is_interview = text.to_lowercase().starts_with("propos recueillis par ");
            if is_interview && index < 2 {
                return Some(JoinRole::By);
            }
            // `De [Título](…)`, `extrait de [Titre](…)`
            if bare == "de"
                && index + 1 == words.len()
                && place.is_before_element
                && place.begins
                && index < 2
            {
                return Some(JoinRole::Within);
            }
            // `Version vom 4. März 2026`
            let date_is_next = place.is_before_date || (place.date_follows && place.is_before_colon);
            if date_is_next && ["version", "versión", "stand", "fassung"].contains(&bare) {
                return Some(JoinRole::Neutral);
            }
            let helps_by =
                words.get(index + 1).is_some_and(|(_, next)| self.role_of(next) == Some(JoinRole::By));
            if (place.is_before_colon || helps_by) && (is_helper(bare) || (helps_by && bare == "edited")) {
                return Some(JoinRole::Helper);
            }
            let role = self.role_of(bare)?;
            // `The Paper: [Headline](…)`, where the article belongs to the name.
            let is_of_name = word.starts_with(char::is_uppercase)
                && is_article(&lower)
                && index + 1 < words.len()
                && self.role_of(&words[index + 1].1.to_lowercase()).is_none();
            if is_of_name {
                return None;
            }
            let is_lower = word.chars().next().is_some_and(|c| !c.is_uppercase());
            (is_lower
                || place.is_before_colon
                || (place.begins && index == 0 && (may_begin_a_line(role) || place.is_before_element)))
                .then_some(role)
        };
        // `in der *Zeitung*`, `dans le *Journal*`: the article belongs to what follows.
        let is_joined_article = |index: usize| {
            is_article(words[index].1) && index.checked_sub(1).is_some_and(|before| role_at(before).is_some())
        };
        let mut from = 0;
        let mut lead = None;
        let mut is_and = false;
        while from < words.len() {
            // `published online`, but `heise online`.
            let is_online = from > 0 && words[from].1 == "online";
            let is_article_of_name = !matches!(lead, Some(JoinRole::By | JoinRole::And))
                && is_joined_article(from)
                && words
                    .get(from + 1)
                    .map_or(place.is_before_element, |(_, next)| next.starts_with(char::is_uppercase));
            let is_neutral = is_online || is_article_of_name;
            let Some(role) = role_at(from).or(is_neutral.then_some(JoinRole::Neutral)) else { break };
            // `von der Leyen` and `de Beauvoir` are names.
            if words[from].1 == "von"
                && words.get(from + 1).is_some_and(|(_, next)| next.starts_with(char::is_lowercase))
            {
                break;
            }
            is_and |= role == JoinRole::And;
            lead = stronger(lead, role);
            from += 1;
        }
        let mut to = words.len();
        let mut trail = None;
        let mut trail_is_and = false;
        while to > from {
            let is_neutral = (place.is_before_date && is_before_dates(&words[to - 1].1.to_lowercase()))
                || (place.is_before_element && is_joined_article(to - 1));
            let Some(role) = role_at(to - 1).or(is_neutral.then_some(JoinRole::Neutral)) else { break };
            // `von der *Zeitung*` names where she writes, `von *Eva*` who wrote it.
            let is_von_der =
                words[to - 1].1 == "von" && words.get(to).is_some_and(|(_, next)| is_article(next));
            let role = if is_von_der { JoinRole::Within } else { role };
            // `et al.` ends a list of authors, and joins nothing.
            trail_is_and |= role == JoinRole::And;
            trail = stronger(trail, role);
            to -= 1;
        }
        if from == to {
            // All of it joins: what it says, it says of the next piece.
            let role = lead.or(trail);
            let is_and = is_and || trail_is_and;
            return Trimmed {
                core: range.start..range.start,
                lead: None,
                trail: role,
                is_and,
                trail_is_and: is_and,
            };
        }
        let (last, word) = words[to - 1];
        // `― Jane Doe ―`
        let shown = Some(word.trim_end_matches(['—', '―']).len()).filter(|&length| length > 0);
        let core = range.start + words[from].0..range.start + last + shown.unwrap_or(word.len());
        Trimmed { core: self.without_et_al(core), lead, trail, is_and, trail_is_and }
    }

    fn without_et_al(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text(range.clone());
        let shorter = [
            "et al.",
            "et al",
            "u. a.",
            "u.a.",
            "m. fl.",
            "m.fl.",
            "y otros",
            "and others",
            "and colleagues",
        ]
        .iter()
        .find_map(|end| text.strip_suffix(end))
        .filter(|rest| !rest.trim().is_empty());
        let rest = shorter
            .map_or(text, |rest| rest.trim_end_matches(|c: char| c.is_whitespace() || is_separator(c)));
        range.start..range.start + rest.len()
    }
}

/// Where some words stand.
struct WordsPlace {
    /// Whether the line begins with them.
    begins: bool,
    is_before_date: bool,
    /// Whether a date follows, be it behind a comma.
    date_follows: bool,
    is_before_element: bool,
    is_before_colon: bool,
}

/// Words without those that join them.
struct Trimmed {
    core: Range<usize>,
    lead: Option<JoinRole>,
    trail: Option<JoinRole>,
    is_and: bool,
    trail_is_and: bool,
}

/// Of two joining words the one that says more: in `published in`, the place; in `updated on`, the update.
fn stronger(known: Option<JoinRole>, next: JoinRole) -> Option<JoinRole> {
    match (known, next) {
        (None, next) => Some(next),
        (Some(JoinRole::Neutral | JoinRole::And | JoinRole::Source), next) => Some(next),
        (known, JoinRole::Neutral | JoinRole::And) => known,
        (
            Some(JoinRole::Within),
            JoinRole::Published
            | JoinRole::Updated
            | JoinRole::Accessed
            | JoinRole::Archived
            | JoinRole::By
            | JoinRole::Via,
        ) => Some(next),
        (Some(JoinRole::Published), JoinRole::By | JoinRole::Updated) => Some(next),
        (_, JoinRole::Helper | JoinRole::Life) => Some(next),
        (known, _) => known,
    }
}

/// Whether a text can be a part of the name of a host.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a text begins with the name of a host and a path on it: `paper.example/x`, but not `u.a./et`.
fn begins_with_host_and_path(text: &str) -> bool {
    let Some((host, path)) = text.split_once('/') else { return false };
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() > 1
        && labels.iter().all(|label| is_label(label))
        && labels
            .last()
            .is_some_and(|last| last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !path.starts_with('/')
}

fn flush(words: &mut Option<Range<usize>>, tokens: &mut Vec<Token>) {
    if let Some(range) = words.take() {
        tokens.push(Token::Piece(LinePiece {
            range,
            kind: PieceKind::Words,
            role: None,
            before: Joint::Space,
        }));
    }
}

/// The words of a text, each with its first byte.
fn word_places(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Whether a text ends in a word whose full stop belongs to it.
fn is_abbreviation(text: &str) -> bool {
    let word = text.rsplit(|c: char| c.is_whitespace() || c == '.').next().unwrap_or_default();
    let is_initial = word.chars().count() == 1 && word.starts_with(char::is_uppercase);
    is_initial
        || ["Jr", "Sr", "Inc", "Ltd", "Corp", "Co", "Dr", "St", "al", "ed", "eds", "Hg", "Hrsg", "dir"]
            .contains(&word)
}

/// The bytes of the dashes that begin an attribution, and the white space around them.
pub(crate) fn leading_dash(text: &str) -> usize {
    let mut rest = behind_dashes(text).len();
    // A line with another dash has an em dash put before it.
    if let Some(own) = text.trim_start().strip_prefix("— ").filter(|own| own.starts_with(LEADING_DASHES)) {
        rest = behind_dashes(own).len();
    }
    text.len() - text[text.len() - rest..].trim_start().len()
}

const LEADING_DASHES: [char; 9] = ['—', '―', '–', '-', '‒', '~', '\u{2212}', '⸺', '⸻'];

fn behind_dashes(text: &str) -> &str {
    text.trim_start().trim_start_matches(LEADING_DASHES)
}
