//! Reads an attribution: what each of its pieces is, laid over the text as its author wrote it.
//!
//! The grammar adds nothing and drops nothing. A piece that it does not understand has no data and is printed all the same.

use std::ops::Range;

use crate::config::is_language_tag;
use crate::date::reader::{DateForm, DateReader, FoundDate};
use crate::html::fold_white_space;

use super::lexer::{Joint, LinePiece, PieceKind, is_quotation_mark, leading_dash, pieces};
use super::line::{AttributionLine, DatePrint, LineSpanKind, Mark, MarkKind, Unread, UnreadReason};
use super::links::{self, LinkRole};
use super::names::{NameKind, is_given_name, kind_of_name};
use super::vocabulary::{
    JoinRole, before_interview, begins_with_article, is_before_publications, is_case_at_law, is_medium,
    is_place_within, is_publisher, is_remark, looks_like_a_person, names_a_copy, quotes_publications,
    role_of, says_what_it_is,
};
use super::{Attribution, FurtherReport, ViaSource};

/// An attribution that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributionReading {
    /// What is known of the source.
    pub source: Attribution,
    /// What is marked in the caption, by place.
    pub marks: Vec<Mark>,
    /// What is not understood, by place.
    pub unread: Vec<Unread>,
}

/// What stands around a remark.
const BRACKETS: [char; 6] = ['(', ')', '（', '）', '[', ']'];

/// More text than this is not a line, and reading it would take long.
pub(crate) const LONGEST_LINE: usize = 4000;

/// Reads an attribution with the dates of the page's language.
pub fn read(line: &AttributionLine, dates: &DateReader) -> AttributionReading {
    if line.text.len() > LONGEST_LINE {
        let unread = vec![Unread { range: 0..line.text.len(), reason: UnreadReason::NotUnderstood }];
        return AttributionReading { unread, ..AttributionReading::default() };
    }
    let starts = starts_of_sources(line);
    let mut reading = AttributionReading::default();
    for (number, &start) in starts.iter().enumerate() {
        let range = start..starts.get(number + 1).copied().unwrap_or(line.text.len());
        let source = read_source(&line.part(&range), dates);
        if number == 0 {
            reading = source;
        } else {
            reading.add_source(source, start);
        }
    }
    reading.marks.sort_by_key(|mark| (mark.range.start, usize::MAX - mark.range.end));
    reading.unread.sort_by_key(|unread| unread.range.start);
    reading
}

/// Where each of the sources of an attribution begins: a line of its own that begins with a dash, with a name or a report
/// behind it.
fn starts_of_sources(line: &AttributionLine) -> Vec<usize> {
    let mut starts = vec![0];
    for (end, _) in line.text.match_indices('\n') {
        let rest = &line.text[end + 1..];
        let words = end + 1 + leading_dash(rest);
        let last = starts.last().copied().unwrap_or_default();
        let is_dashed = !rest[..words - end - 1].trim().is_empty();
        if !is_dashed || !line.text[last..end].contains(char::is_alphanumeric) {
            continue;
        }
        let has_report = line.spans.iter().any(|span| {
            matches!(span.kind, LineSpanKind::Link { .. }) && (last..end).contains(&span.range.start)
        });
        let element = line.spans.iter().find(|span| span.range.start == words);
        let begins_source = match element.map(|span| &span.kind) {
            // A link to a front page is the publication of the report in the line before.
            Some(LineSpanKind::Link { url }) => has_report && !links::leads_to_a_front_page(url),
            Some(_) => false,
            None => {
                let name = line.text[words..].split(['\n', ',', ':', '(']).next().unwrap_or_default();
                looks_like_a_person(name)
            }
        };
        if begins_source {
            starts.push(end + 1);
        }
    }
    starts
}

fn read_source(line: &AttributionLine, dates: &DateReader) -> AttributionReading {
    let mut pieces = pieces(line, dates);
    let mut roles = links::roles(&pieces, &line.text);
    let prose = prose_behind_report(&pieces, &roles, &line.text);
    let said = pieces.split_off(prose.unwrap_or(pieces.len()));
    roles.truncate(pieces.len());
    let mut grammar = AttributionGrammar {
        line,
        language: dates.language(),
        dates,
        reading: AttributionReading::default(),
        publication_is_sure: false,
        is_listing_authors: false,
    };
    grammar.dashes();
    grammar.links(&pieces, &roles);
    grammar.emphasis(&pieces, &roles);
    grammar.dates(&pieces, &roles);
    for (at, piece) in pieces.iter().enumerate() {
        if let PieceKind::Aside(inner) = &piece.kind {
            if inner.first().is_some_and(|first| first.role == Some(JoinRole::Life))
                || (follows_author(&pieces[..at], &roles)
                    && is_life_span(inner, &line.text[piece.range.clone()]))
            {
                grammar.note(piece);
            } else {
                grammar.aside(piece, inner);
            }
        }
    }
    grammar.words(&pieces, &roles);
    grammar.prose(&said);
    grammar.reading
}

/// Where a sentence goes on behind the link to the report: `[Jane on Mastodon](…) explaining how *this* works`. What stands in
/// it names no publication, author or date.
fn prose_behind_report(pieces: &[LinePiece], roles: &[Option<LinkRole>], text: &str) -> Option<usize> {
    let report = roles.iter().position(|role| *role == Some(LinkRole::Report))?;
    let at = report + 1;
    let words = pieces.get(at).filter(|piece| piece.is_words() && piece.role.is_none())?;
    let said = &text[words.range.clone()];
    let goes_on = match pieces.get(at + 1) {
        Some(next) => {
            next.role.is_none()
                && next.before == Joint::Space
                && matches!(next.kind, PieceKind::Link { .. } | PieceKind::Emphasis | PieceKind::Quoted)
        }
        None => word_count(said) > 2,
    };
    let is_prose = goes_on
        && words.before == Joint::Space
        && said.starts_with(char::is_lowercase)
        && !is_remark(said)
        && !is_place_within(said);
    is_prose.then_some(at)
}

impl AttributionReading {
    /// Adds a further source of the same words, which begins at a byte of the text. Of it are known its report and what leads
    /// to copies; its author is not one of the first report.
    fn add_source(&mut self, other: Self, start: usize) {
        let names_another_author = other.source.url.is_empty();
        if names_another_author {
            for author in other.source.authors {
                if !self.source.authors.contains(&author) {
                    self.source.authors.push(author);
                }
            }
        } else {
            let report = FurtherReport { title: other.source.title, url: other.source.url, target: None };
            self.source.further.push(report);
        }
        self.source.further.extend(other.source.further);
        self.source.notes.extend(other.source.notes);
        for mark in other.marks {
            let is_of_first_report =
                matches!(mark.kind, MarkKind::Publication | MarkKind::Published { .. } | MarkKind::Hidden)
                    || (mark.kind == MarkKind::Author && !names_another_author);
            if !is_of_first_report {
                self.marks.push(Mark { range: moved(&mark.range, start), kind: mark.kind });
            }
        }
        self.unread.extend(
            other
                .unread
                .into_iter()
                .map(|unread| Unread { range: moved(&unread.range, start), reason: unread.reason }),
        );
    }
}

struct AttributionGrammar<'l> {
    line: &'l AttributionLine,
    /// The primary subtag of the page's language.
    language: &'l str,
    dates: &'l DateReader,
    reading: AttributionReading,
    /// Whether the publication is marked as one, by emphasis or a link.
    publication_is_sure: bool,
    /// Whether the piece before names an author behind the report.
    is_listing_authors: bool,
}

fn moved(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// A name as data: white space folded, without controls that turn the direction of what stands beside it.
fn name(text: &str) -> String {
    let visible: String = text.chars().filter(|&c| !is_direction_control(c)).collect();
    fold_white_space(&visible)
}

/// Controls of the bidirectional algorithm (UAX #9, section 2), which have no business in a name.
pub(crate) fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The words that stand before the report, the publication or a link.
struct WordsAhead<'p> {
    pieces: Vec<&'p LinePiece>,
    /// Whether a report, a publication or a link follows.
    has_mark: bool,
    has_authors_by_link: bool,
}

impl AttributionGrammar<'_> {
    fn text(&self, range: &Range<usize>) -> &str {
        &self.line.text[range.clone()]
    }

    fn name(&self, range: &Range<usize>) -> String {
        name(self.text(range).trim_matches(|c: char| is_quotation_mark(c) && c != '’' && c != '\''))
    }

    fn mark(&mut self, range: Range<usize>, kind: MarkKind) {
        self.reading.marks.push(Mark { range, kind });
    }

    fn unread(&mut self, range: Range<usize>) {
        self.reading.unread.push(Unread { range, reason: UnreadReason::NotUnderstood });
    }

    /// What goes on behind the report is printed, and is one part that is not understood.
    fn prose(&mut self, said: &[LinePiece]) {
        let ([first, ..], [.., last]) = (said, said) else { return };
        for piece in said {
            if let PieceKind::Link { url, is_bare: true, .. } = &piece.kind {
                self.mark(piece.range.clone(), MarkKind::BareLink { url: url.clone() });
            }
        }
        let range = first.range.start..last.range.end;
        self.reading.source.notes.push(name(self.text(&range)));
        self.unread(range);
    }

    /// Gives each link of the line what it leads to.
    fn links(&mut self, pieces: &[LinePiece], roles: &[Option<LinkRole>]) {
        let headline = self.headline(pieces, roles);
        for (piece, role) in pieces.iter().zip(roles) {
            let (PieceKind::Link { url, is_bare, .. }, Some(role)) = (&piece.kind, role) else { continue };
            if *is_bare {
                self.mark(piece.range.clone(), MarkKind::BareLink { url: url.clone() });
            }
            let range = piece.range.clone();
            match role {
                LinkRole::Report => self.report(piece, url, headline),
                LinkRole::Author => self.author(range),
                LinkRole::Publication => self.publication(range),
                LinkRole::Via => {
                    self.reading.source.via = Some(ViaSource { text: self.name(&range), url: url.clone() });
                    self.mark(range, MarkKind::Via);
                }
                LinkRole::Archived => self.archived(range, url),
                LinkRole::Other => {}
            }
        }
        if self.reading.source.title.is_empty()
            && let Some(headline) = headline
        {
            self.title(headline.range.clone());
        }
        for piece in pieces.iter().filter(|piece| matches!(piece.kind, PieceKind::Quoted)) {
            let is_headline = headline.is_some_and(|headline| headline.range == piece.range);
            // Between two quotations stands what looks like a third one.
            let text = self.text(&piece.range);
            let is_quotation = text.starts_with(char::is_alphanumeric) && !text.contains(is_quotation_mark);
            if !is_headline && is_quotation && !self.publication_is_sure {
                self.publication(piece.range.clone());
            }
        }
    }

    /// The text in quotation marks that is the headline: not one behind `in`, and not one behind a link where newspapers have
    /// their names in quotation marks.
    fn headline<'p>(&self, pieces: &'p [LinePiece], roles: &[Option<LinkRole>]) -> Option<&'p LinePiece> {
        let report = roles.iter().position(|role| *role == Some(LinkRole::Report));
        let is_in_quotation_marks = report.is_some_and(|at| self.is_in_quotation_marks(&pieces[at].range));
        let quotes_publications = is_in_quotation_marks || quotes_publications(self.language);
        pieces
            .iter()
            .enumerate()
            .map(|(at, piece)| (report.is_some_and(|report| report < at), piece))
            .find_map(|(is_behind, piece)| {
                // Without a report, `in „Die Zeitung“` names where the words stand.
                let is_within = piece.role == Some(JoinRole::Within)
                    && (is_behind || (report.is_none() && word_count(self.text(&piece.range)) <= 3));
                let is_publication = is_within || (is_behind && quotes_publications);
                (matches!(piece.kind, PieceKind::Quoted) && !is_publication).then_some(piece)
            })
    }

    /// Whether a link stands in quotation marks, so that it has the headline.
    fn is_in_quotation_marks(&self, range: &Range<usize>) -> bool {
        self.line.text[..range.start].trim_end().ends_with(is_quotation_mark)
            && self.line.text[range.end..].trim_start().starts_with(is_quotation_mark)
    }

    fn report(&mut self, piece: &LinePiece, url: &str, headline: Option<&LinePiece>) {
        let PieceKind::Link { is_bare, date, .. } = piece.kind else { return };
        let range = piece.range.clone();
        self.mark(range.clone(), MarkKind::Report { url: url.to_owned() });
        let is_address = is_bare || self.text(&range).trim() == url;
        let text = self.name(&range);
        if !self.reading.source.url.is_empty() {
            self.mark(range, MarkKind::Title);
            self.reading.source.further.push(FurtherReport {
                title: text,
                url: url.to_owned(),
                target: None,
            });
            return;
        }
        url.clone_into(&mut self.reading.source.url);
        if let Some(date) = date {
            self.reading.source.published = date.iso();
            self.mark(range, MarkKind::Published { iso: date.iso(), print: DatePrint::AsWritten });
            return;
        }
        match headline {
            // The headline stands in quotation marks, and the link is on its publication or an address.
            Some(headline) => {
                self.title(headline.range.clone());
                if !is_address && !self.publication_is_sure {
                    self.publication(range);
                }
            }
            None => {
                self.reading.source.title = text;
                self.mark(range, MarkKind::Title);
            }
        }
    }

    fn archived(&mut self, range: Range<usize>, url: &str) {
        if self.reading.source.archive.is_empty() {
            url.clone_into(&mut self.reading.source.archive);
        }
        self.mark(range, MarkKind::Archived);
    }

    fn title(&mut self, range: Range<usize>) {
        self.reading.source.title = self.name(&range);
        self.mark(range, MarkKind::Title);
    }

    fn author(&mut self, range: Range<usize>) {
        // `張三著`: the sign says that she wrote it.
        let text = self.text(&range);
        let is_signed = text.ends_with('著') && text.chars().count() > 2;
        let range = range.start..range.end - if is_signed { '著'.len_utf8() } else { 0 };
        let name = self.name(&range);
        if name.is_empty() {
            return;
        }
        if !self.reading.source.authors.contains(&name) {
            self.reading.source.authors.push(name);
        }
        self.mark(range, MarkKind::Author);
    }

    fn publication(&mut self, range: Range<usize>) {
        self.reading.source.publication = self.name(&range);
        self.publication_is_sure = true;
        self.mark(range, MarkKind::Publication);
    }

    /// `*The Example*`: the publication; a title or an author where the line has another publication.
    fn emphasis(&mut self, pieces: &[LinePiece], roles: &[Option<LinkRole>]) {
        let report = roles.iter().position(|role| *role == Some(LinkRole::Report));
        let has_named_author = !self.reading.source.authors.is_empty()
            || pieces[..report.unwrap_or(0)].iter().any(LinePiece::is_words);
        let emphasised: Vec<usize> =
            (0..pieces.len()).filter(|&at| matches!(pieces[at].kind, PieceKind::Emphasis)).collect();
        for (number, &at) in emphasised.iter().enumerate() {
            let range = pieces[at].range.clone();
            let has_more = emphasised.len() > number + 1 || self.publication_is_sure;
            // `*Doe v. Roe*, 123 U.S. 456 (1976)`
            if is_case_at_law(self.text(&range)) {
                if self.reading.source.title.is_empty() && report.is_none() {
                    self.title(range);
                } else {
                    self.reading.source.notes.push(name(self.text(&range)));
                }
                continue;
            }
            let is_before_report = report.is_some_and(|report| at < report);
            if pieces[at].role == Some(JoinRole::By)
                || (is_before_report && !has_named_author && has_more && pieces[at].role.is_none())
            {
                self.author(range);
            } else if self.reading.source.title.is_empty() && report.is_none() && has_more {
                self.title(range);
            } else if !self.publication_is_sure {
                self.publication(range);
            } else {
                self.unread(range);
            }
        }
    }

    /// Hides the dashes that begin the line. An element may begin between two of them.
    fn dashes(&mut self) {
        let end = leading_dash(&self.line.text);
        let mut start = 0;
        for (at, c) in self.line.text[..end].char_indices().skip(1) {
            if !c.is_whitespace() && self.line.text[..at].ends_with(char::is_whitespace) {
                self.mark(start..at, MarkKind::Hidden);
                start = at;
            }
        }
        if start < end {
            self.mark(start..end, MarkKind::Hidden);
        }
    }

    /// The first date that says nothing else is that of the report.
    fn dates(&mut self, pieces: &[LinePiece], roles: &[Option<LinkRole>]) {
        for (at, piece) in pieces.iter().enumerate() {
            let PieceKind::Date(date) = &piece.kind else { continue };
            // `Jane Doe, 1899–1975`
            let is_life = at + 1 == pieces.len()
                && date.form == DateForm::Span
                && date.reading.as_ref().is_ok_and(|reading| reading.month.is_none())
                && follows_author(&pieces[..at], roles);
            if is_life {
                self.reading.source.notes.push(name(self.text(&piece.range)));
                continue;
            }
            self.date(date, piece.role);
        }
    }

    fn date(&mut self, date: &FoundDate, role: Option<JoinRole>) {
        let reading = match &date.reading {
            Ok(reading) => reading,
            Err(doubt) => {
                let reason = UnreadReason::Date(doubt.clone());
                self.reading.unread.push(Unread { range: date.range.clone(), reason });
                return;
            }
        };
        let iso = reading.iso();
        match role {
            Some(JoinRole::Updated | JoinRole::Life) => {}
            Some(JoinRole::Accessed | JoinRole::Archived) => {
                if self.reading.source.accessed.is_empty() {
                    self.reading.source.accessed = iso;
                }
            }
            _ if self.reading.source.published.is_empty() => {
                self.reading.source.published.clone_from(&iso);
                // The form of the page has no time: it is printed behind the date as it is written.
                let (range, print) = match date.form {
                    DateForm::Figures | DateForm::Year => (date.day.clone(), DatePrint::InPageForm),
                    DateForm::Words | DateForm::Span => (date.range.clone(), DatePrint::AsWritten),
                };
                self.mark(range, MarkKind::Published { iso, print });
            }
            _ => self.unread(date.range.clone()),
        }
    }

    /// `(via X)`, `(archived 2026-03-05)`, `(lang: de)`, `(*The Example*, 2026)`, or a remark.
    fn aside(&mut self, piece: &LinePiece, inner: &[LinePiece]) {
        let text = self.text(&piece.range).trim_matches(BRACKETS).trim().to_owned();
        if let Some(tag) = language_note(&text.to_lowercase()) {
            tag.clone_into(&mut self.reading.source.language);
            // With the space before it, as nothing of it is printed.
            let before = &self.line.text[..piece.range.start];
            self.mark(before.trim_end().len()..piece.range.end, MarkKind::Hidden);
            return;
        }
        let role = inner.first().and_then(|first| first.role);
        let link = inner.iter().find_map(|piece| match &piece.kind {
            PieceKind::Link { url, .. } => Some((piece.range.clone(), url.clone())),
            _ => None,
        });
        for piece in inner {
            if let PieceKind::Link { url, is_bare: true, .. } = &piece.kind {
                self.mark(piece.range.clone(), MarkKind::BareLink { url: url.clone() });
            }
        }
        if role == Some(JoinRole::Via) && self.reading.source.via.is_none() {
            let (range, url) = link.unwrap_or_else(|| (inner[0].range.clone(), String::new()));
            self.reading.source.via = Some(ViaSource { text: self.name(&range), url });
            self.mark(piece.range.clone(), MarkKind::Via);
            return;
        }
        let mut is_note = true;
        let role = role.or_else(|| names_a_copy(&text).then_some(JoinRole::Archived));
        for part in inner {
            is_note &= !self.part_of_aside(part, role);
        }
        if is_note && !text.is_empty() {
            self.note(piece);
        }
    }

    /// A remark in parentheses.
    fn note(&mut self, piece: &LinePiece) {
        let text = self.text(&piece.range).trim_matches(BRACKETS).trim().to_owned();
        self.reading.source.notes.push(name(&text));
        self.mark(piece.range.clone(), MarkKind::Note);
    }

    /// Reads a piece in parentheses. Whether it is more than a remark.
    fn part_of_aside(&mut self, part: &LinePiece, role: Option<JoinRole>) -> bool {
        let range = part.range.clone();
        match &part.kind {
            PieceKind::Link { url, is_bare, .. } => {
                let is_copy = role == Some(JoinRole::Archived)
                    || names_a_copy(self.text(&range))
                    || links::leads_to_a_copy(url);
                if is_copy {
                    self.archived(range, url);
                } else if self.reading.source.url.is_empty() {
                    url.clone_into(&mut self.reading.source.url);
                    self.mark(range.clone(), MarkKind::Report { url: url.clone() });
                    if self.reading.source.title.is_empty() && !is_bare {
                        self.title(range);
                    }
                } else if !self.publication_is_sure && links::leads_to_a_front_page(url) {
                    self.publication(range);
                } else {
                    return false;
                }
                true
            }
            PieceKind::Emphasis if !self.publication_is_sure => {
                self.publication(range);
                true
            }
            PieceKind::Date(date) => {
                let is_published = self.reading.source.published.is_empty()
                    && !matches!(role, Some(JoinRole::Updated | JoinRole::Accessed | JoinRole::Archived));
                if date.reading.is_ok() && (is_published || !matches!(role, None | Some(JoinRole::Updated))) {
                    self.date(date, part.role.or(role));
                }
                is_published || matches!(role, Some(JoinRole::Accessed | JoinRole::Archived))
            }
            PieceKind::Words
                if !self.publication_is_sure
                    && self.reading.source.publication.is_empty()
                    && !self.reading.source.title.is_empty() =>
            {
                let text = self.text(&range);
                let is_publication = begins_with_article(text)
                    || (part.role == Some(JoinRole::Within) && is_name(text) && !is_remark(text));
                if is_publication {
                    self.publication(range);
                }
                is_publication
            }
            _ => false,
        }
    }

    /// Authors before the report, the publication and remarks behind it.
    fn words(&mut self, pieces: &[LinePiece], roles: &[Option<LinkRole>]) {
        let is_report = |at: &usize| {
            roles[*at] == Some(LinkRole::Report) || matches!(pieces[*at].kind, PieceKind::Quoted)
        };
        let is_mark = |at: &usize| {
            is_report(at) || matches!(pieces[*at].kind, PieceKind::Emphasis | PieceKind::Link { .. })
        };
        let report = (0..pieces.len()).find(is_report);
        let first = report.or_else(|| (0..pieces.len()).find(is_mark));
        // Without a mark the line has authors and what is said of them; a date is behind them.
        let end = first.unwrap_or(pieces.len());
        self.words_ahead(&WordsAhead {
            pieces: pieces[..end].iter().filter(|piece| piece.is_words()).collect(),
            has_mark: first.is_some(),
            has_authors_by_link: roles[..end].contains(&Some(LinkRole::Author)),
        });
        let mut surname = None;
        for (at, piece) in pieces.iter().enumerate().skip(end).filter(|(_, piece)| piece.is_words()) {
            let next = pieces.get(at + 1);
            if let Some(start) = surname.take() {
                self.author(start..piece.range.end);
            } else if self.is_surname_before(piece, next) {
                surname = Some(piece.range.start);
            } else if self.is_part_of_a_date(piece, next) {
                self.reading.source.notes.push(name(self.text(&piece.range)));
                self.unread(piece.range.clone());
            } else if !self.person_behind(piece, &pieces[at + 1..]) {
                self.words_behind(piece);
            }
        }
    }

    /// Whether a piece behind the report is the surname of `Doe, Jane` or `Doe, J.`.
    fn is_surname_before(&self, piece: &LinePiece, next: Option<&LinePiece>) -> bool {
        let text = self.text(&piece.range);
        let Some(next) = next.filter(|next| next.is_words() && next.role.is_none()) else { return false };
        let given = self.text(&next.range);
        piece.role.is_none()
            && self.reading.source.authors.is_empty()
            && next.before == Joint::Separator
            && text.starts_with(char::is_uppercase)
            && kind_of_name(text) == NameKind::Publication
            && !is_medium(text)
            && is_surname_before(text, given)
    }

    /// Takes a piece behind the report as its authors if it names persons: `[H](…), Jane Doe, The Paper`. Warns if it may name
    /// one, and is taken for the publication.
    fn person_behind(&mut self, piece: &LinePiece, later: &[LinePiece]) -> bool {
        let text = self.text(&piece.range).to_owned();
        let is_open = piece.role.is_none() && is_name(&text) && !is_never_a_name(&text) && !is_remark(&text);
        let has_authors = !self.reading.source.authors.is_empty();
        let is_listed = has_authors && (piece.before == Joint::And || self.is_listing_authors);
        self.is_listing_authors = false;
        // `[El titular](…), de Eva Pérez`
        let can_be_by = piece.role.is_none() && !has_authors && ROMANCE.contains(&self.language);
        let by = text.strip_prefix("de ").filter(|_| can_be_by);
        if by.is_some_and(|by| kind_of_name(by) == NameKind::Person) {
            self.authors_in(piece.range.start + "de ".len()..piece.range.end);
            self.is_listing_authors = true;
            return true;
        }
        if !is_open || (has_authors && !is_listed && self.publication_is_sure) {
            return false;
        }
        let kind = kind_of_name(&text);
        let is_list = splits(&text, self.language).len() > 1;
        let later = self.kinds_of_names(later);
        let is_person = match kind {
            NameKind::Person => !has_authors || is_listed,
            NameKind::Unclear => is_list || (!has_authors && later.contains(&NameKind::Publication)),
            NameKind::Publication => is_list,
        };
        if is_person {
            self.authors_in(piece.range.clone());
            self.is_listing_authors = true;
        } else if kind == NameKind::Unclear
            && !has_authors
            && !self.publication_is_sure
            && !later.contains(&NameKind::Person)
        {
            let reason = UnreadReason::PersonOrPublication;
            self.reading.unread.push(Unread { range: piece.range.clone(), reason });
        }
        is_person
    }

    fn words_ahead(&mut self, ahead: &WordsAhead<'_>) {
        let pieces = &ahead.pieces;
        let is_list = pieces.iter().any(|piece| {
            piece.before == Joint::And || splits(self.text(&piece.range), self.language).len() > 1
        });
        let mut taken = 0;
        for (number, piece) in pieces.iter().enumerate() {
            if piece.range.end <= taken {
                continue;
            }
            let range = piece.range.clone();
            let text = self.text(&range).to_owned();
            let is_first = self.reading.source.authors.is_empty() && !ahead.has_authors_by_link;
            let may_be_publication = !self.publication_is_sure && self.reading.source.publication.is_empty();
            let is_within = piece.role == Some(JoinRole::Within) && is_name(&text);
            // `The Paper's Washington correspondent` names an office.
            let is_title = begins_with_article(&text) && !text.contains("'s ") && !text.contains("’s ");
            let names_a_paper = number > 0 && (is_host(&text) || (number + 1 == pieces.len() && is_title));
            if piece.role == Some(JoinRole::Via) {
                self.via_words(range);
            } else if is_never_a_name(&text)
                || (number > 0 && is_remark(&text))
                || (piece.role == Some(JoinRole::Helper)
                    && (number > 0 || (pieces.len() == 1 && !ahead.has_mark)))
                || (piece.role == Some(JoinRole::By) && is_medium(&text))
            {
                self.reading.source.notes.push(name(&text));
            } else if may_be_publication && (is_within || names_a_paper) {
                self.publication(range);
            } else if is_first
                || piece.before == Joint::And
                || piece.role == Some(JoinRole::By)
                || ((ahead.has_mark || is_list) && looks_like_a_person(&text))
            {
                let given = pieces.get(number + 1).filter(|next| {
                    next.role.is_none()
                        && next.before == Joint::Separator
                        && is_surname_before(&text, self.text(&next.range))
                });
                match given {
                    Some(next) => {
                        taken = next.range.end;
                        self.author(range.start..taken);
                    }
                    None => self.authors_and_place(range),
                }
            } else {
                // What is said of an author: her office, her city.
                self.reading.source.notes.push(name(&text));
            }
        }
    }

    /// `Jane Doe on The Example`: an author, and where she writes.
    fn authors_and_place(&mut self, range: Range<usize>) {
        let text = self.text(&range).to_owned();
        if let Some(end) = before_interview(&text) {
            self.reading.source.notes.push(name(&text[end..]));
            return self.authors_in(range.start..range.start + end);
        }
        // `Jane Doe to John Roe`: a letter.
        if let Some((from, to)) = text.split_once(" to ")
            && kind_of_name(from) == NameKind::Person
            && kind_of_name(to) == NameKind::Person
        {
            self.reading.source.notes.push(name(&text[from.len()..]));
            return self.authors_in(range.start..range.start + from.len());
        }
        let language = self.language;
        let mut words = text.match_indices(' ').map(|(at, _)| at + 1);
        let joint = words.find(|&start| {
            let word = text[start..].split(' ').next().unwrap_or_default();
            let before = text[..start].trim_end();
            let is_author = looks_like_a_person(before) || before.starts_with('@');
            is_author && is_before_publications(word, language)
        });
        let place = joint.and_then(|joint| Some((joint, text[joint..].find(' ')? + joint + 1)));
        let Some((joint, place)) = place else { return self.authors_in(range) };
        self.authors_in(range.start..range.start + text[..joint].trim_end().len());
        let behind = &text[place..];
        let is_place = text[joint..].starts_with("in ")
            || text[joint..].starts_with("i ")
            || text[joint..].starts_with("at ");
        let is_publication = begins_with_article(behind) || is_host(behind) || !is_place;
        if is_publication
            && is_name(behind)
            && !self.publication_is_sure
            && self.reading.source.publication.is_empty()
        {
            self.publication(range.start + place..range.end);
        } else {
            self.reading.source.notes.push(name(behind));
        }
    }

    fn via_words(&mut self, range: Range<usize>) {
        self.reading.source.via = Some(ViaSource { text: self.name(&range), url: String::new() });
        self.mark(range, MarkKind::Via);
    }

    /// `Jane Doe and John Roe` are two.
    fn authors_in(&mut self, range: Range<usize>) {
        let text = self.text(&range);
        for part in splits(text, self.language) {
            self.author(range.start + part.start..range.start + part.end);
        }
    }

    /// Whether words without a role are likely to belong to a date that is not understood as a whole: `Spring 2026`, or
    /// `4 mars, 2026` on an English page.
    fn is_part_of_a_date(&self, piece: &LinePiece, next: Option<&LinePiece>) -> bool {
        let text = self.text(&piece.range);
        if piece.role.is_some() || begins_with_article(text) || is_place_within(text) || is_remark(text) {
            return false;
        }
        let date = next.and_then(|next| match &next.kind {
            PieceKind::Date(date) => Some(date),
            _ => None,
        });
        let touches_a_date = date.is_some_and(|date| {
            // `The Paper 4 March 2026`: a whole day needs no word before it but its weekday.
            let is_whole = date.reading.as_ref().is_ok_and(|reading| reading.day.is_some());
            let is_apart =
                is_whole && text.starts_with(char::is_uppercase) && !self.dates.is_weekday_of_any(text);
            self.text(&(piece.range.end..date.range.start)).trim().is_empty() && !is_apart
        });
        touches_a_date || begins_with_a_day(text)
    }

    /// Whose names stand among pieces that nothing else is known of.
    fn kinds_of_names(&self, pieces: &[LinePiece]) -> Vec<NameKind> {
        let words = pieces.iter().filter(|piece| piece.is_words() && piece.role.is_none());
        let texts = words.map(|piece| self.text(&piece.range));
        texts.filter(|text| is_name(text) && !is_remark(text)).map(kind_of_name).collect()
    }

    fn words_behind(&mut self, piece: &LinePiece) {
        let range = piece.range.clone();
        let text = self.text(&range).to_owned();
        let may_be_publication = !self.publication_is_sure && self.reading.source.publication.is_empty();
        // `d’Eva Petit` behind the report.
        let elided = text.strip_prefix("d’").or_else(|| text.strip_prefix("d'")).unwrap_or_default();
        let is_by = piece.before == Joint::Space && elided.starts_with(char::is_uppercase);
        match piece.role {
            Some(JoinRole::By) if is_medium(&text) => self.reading.source.notes.push(name(&text)),
            Some(JoinRole::By) => self.authors_in(range),
            Some(JoinRole::Via) => self.via_words(range),
            Some(JoinRole::Helper | JoinRole::Life) => self.reading.source.notes.push(name(&text)),
            _ if is_never_a_name(&text) || is_remark(&text) => self.reading.source.notes.push(name(&text)),
            // `『本』山田太郎著`
            None if text.ends_with('著') && self.reading.source.authors.is_empty() => self.authors_in(range),
            None if is_by && self.reading.source.authors.is_empty() => {
                self.authors_in(range.end - elided.len()..range.end)
            }
            _ if may_be_publication && is_name(&text) => self.publication(range),
            None if self.reading.source.authors.is_empty() && looks_like_a_person(&text) => {
                self.authors_in(range)
            }
            None if self.publication_is_sure && is_publisher(&text) => {
                self.reading.source.notes.push(name(&text));
            }
            _ => {
                self.reading.source.notes.push(name(&text));
                self.unread(range);
            }
        }
    }
}

/// Languages in which `de` before a name says who wrote a report.
const ROMANCE: [&str; 5] = ["ca", "es", "fr", "gl", "pt"];

/// Whether a text is a place within the report or says what it is, so that it names no author and no publication.
fn is_never_a_name(text: &str) -> bool {
    is_place_within(text) || says_what_it_is(text)
}

/// The names of a list such as `Jane Doe and Ann Poe`, by their bytes, on a page in a language.
fn splits(text: &str, language: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim();
        let is_joint =
            role_of(bare, language) == Some(JoinRole::And) && bare.chars().all(|c| !c.is_uppercase());
        if at > start && is_joint {
            parts.push(start..start + text[start..at].trim_end().len());
            start = at + word.len();
        }
        at += word.len();
    }
    if start < text.len() {
        parts.push(start..text.len());
    }
    // `Ortega y Gasset` and `Johnson & Johnson` are one name each: a part of a list has a given name and a surname.
    let is_list = parts.len() > 1
        && parts.iter().all(|part| {
            let name = &text[part.clone()];
            word_count(name) > 1 && is_name(name) && looks_like_a_person(name)
        });
    if is_list { parts } else { std::iter::once(0..text.len()).collect() }
}

/// Whether a text is the surname of `Doe, Jane`, `Doe, Jane M.` or `Doe, J.`, by what stands behind its comma.
fn is_surname_before(text: &str, given: &str) -> bool {
    let has_given_name = given.split_once(' ').map_or_else(
        || is_given_name(given.trim_end_matches('.')),
        |(first, initials)| is_given_name(first) && is_initials(initials),
    );
    word_count(text) == 1 && !is_given_name(text) && (is_initials(given) || has_given_name)
}

/// Whether nothing but names stands before a place, and the last of them is an author's.
fn follows_author(before: &[LinePiece], roles: &[Option<LinkRole>]) -> bool {
    !before.is_empty()
        && before.iter().zip(roles).all(|(piece, role)| piece.is_words() || *role == Some(LinkRole::Author))
}

/// Whether parentheses hold the years of a life: `(1899–1975)`, `(1899–)`.
fn is_life_span(inner: &[LinePiece], text: &str) -> bool {
    let [LinePiece { kind: PieceKind::Date(date), .. }] = inner else { return false };
    let is_open = text.trim_end_matches([')', '）', ' ', '?']).ends_with(['-', '–', '—']);
    date.reading.as_ref().is_ok_and(|reading| reading.month.is_none())
        && (date.form == DateForm::Span || is_open)
}

/// Whether a text begins with the day of a date: `4 mars`, `4. März`. A name such as `20 Minutes` goes on in upper case.
fn begins_with_a_day(text: &str) -> bool {
    let Some((first, rest)) = text.split_once(char::is_whitespace) else { return false };
    let day = first.trim_end_matches(['.', 'º', '°']);
    let is_day = day.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day));
    is_day && (day.len() < first.len() || rest.trim_start().starts_with(char::is_lowercase))
}

/// Whether a text is the initials behind a surname: `M.`, `J. R.`.
fn is_initials(text: &str) -> bool {
    text.ends_with('.')
        && text
            .split(['.', ' ', '-'])
            .filter(|part| !part.is_empty())
            .all(|part| part.chars().count() == 1 && part.starts_with(char::is_uppercase))
}

/// Whether a text is the name of a host: `paper.example`.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    labels.len() > 1
        && labels
            .iter()
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
        && !text.contains(char::is_uppercase)
        && labels.last().is_some_and(|last| last.len() > 1 && last.chars().all(char::is_alphabetic))
}

fn word_count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Whether a text can be a name: it begins in upper case or a script without case, or is short, such as a host.
fn is_name(text: &str) -> bool {
    // `{.class}` is a list of attributes of another engine.
    if text.contains(['{', '}']) {
        return false;
    }
    // A single character of Han or kana is a word.
    if !text.is_ascii() && text.chars().count() == 1 {
        return false;
    }
    let first = text.chars().find(|c| c.is_alphanumeric()).filter(|_| text.contains(char::is_alphabetic));
    first.is_some_and(|c| !c.is_lowercase()) || (first.is_some() && text.split_whitespace().count() <= 2)
}

/// `lang: de`, `lang=de`, `lang de`.
fn language_note(note: &str) -> Option<&str> {
    let tag = note.strip_prefix("lang")?;
    let tag = tag.strip_prefix([':', '=', ' '])?.trim();
    is_language_tag(tag).then_some(tag)
}
