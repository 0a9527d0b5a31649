//! What a check of quotations found, written into the attributions of posts: the copy of a report that was changed or is gone, with
//! a remark for readers, and the new address of a report that has moved.
//!
//! An attribution in a blockquote is written to, at its end, and a report of the front matter in its fields. Each change is read
//! back, and a post in which the quotation would not say what is meant is left alone.

use std::fs;
use std::path::Path;

use super::post_file;
use super::quote_check::CheckedQuote;
use crate::citation::watch_list::QuoteState;
use crate::citation::written_quote::destination;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::path::SourcePath;
use crate::post::attribution::{Attribution, ReportStatus, status_remarks};
use crate::post::quote::Quote;
use crate::scan;
use crate::sys::atomic_file;

/// A quotation that is to be mended in its post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuoteFix {
    pub(crate) file: SourcePath,
    pub(crate) anchor: String,
    pub(crate) end: QuoteFixEnd,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuoteFixEnd {
    Written,
    /// Its attribution is written in a way that is not changed by a program.
    LeftAlone,
}

/// What is written about a report.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Amendment {
    /// The address that takes the place of another; empty if it stays.
    url: String,
    /// The address of a copy; empty if none is added.
    archive: String,
    /// A remark; empty if none is added.
    remark: String,
}

/// Writes what was found into the posts. What stands there already is not written again.
pub(crate) fn fix(root: &Path, config: &Config, quotes: &[CheckedQuote]) -> Result<Vec<QuoteFix>> {
    let mut fixes = Vec::new();
    for checked in quotes {
        let file = scan::on_disk(root, checked.quote.file.as_str());
        let text = fs::read_to_string(&file).map_err(Error::io("read", &file))?;
        let quotes = quotes_in(&checked.quote.file, &text, config);
        let Some(at) = quotes.iter().position(|quote| quote.anchor == checked.quote.anchor) else { continue };
        let Some(amendment) = Amendment::of(checked, &quotes[at].source, config) else { continue };
        let amended = amendment.texts(&text, &checked.quote.url).into_iter().find(|text| {
            let now = quotes_in(&checked.quote.file, text, config);
            now.len() == quotes.len() && now.get(at).is_some_and(|quote| amendment.is_in(&quote.source))
        });
        let end = match amended {
            Some(text) => {
                atomic_file::replace(&file, text.as_bytes()).map_err(Error::io("write", &file))?;
                QuoteFixEnd::Written
            }
            None => QuoteFixEnd::LeftAlone,
        };
        let (file, anchor) = (checked.quote.file.clone(), checked.quote.anchor.clone());
        fixes.push(QuoteFix { file, anchor, end });
    }
    Ok(fixes)
}

fn quotes_in(path: &SourcePath, text: &str, config: &Config) -> Vec<Quote> {
    crate::post::parse(path, text, config).post.map(|(post, _)| post.quotes).unwrap_or_default()
}

impl Amendment {
    /// What is to be written; `None` if there is nothing, or it stands there.
    fn of(checked: &CheckedQuote, source: &Attribution, config: &Config) -> Option<Self> {
        let status = status_of(checked.state)
            .filter(|status| ReportStatus::of_remarks(&source.notes) != Some(*status));
        let is_without_copy = source.archive.is_empty() && checked.state.can_be_mended();
        let amendment = Self {
            url: if checked.state == QuoteState::Moved { checked.found_at.clone() } else { String::new() },
            archive: if is_without_copy { checked.archive.clone() } else { String::new() },
            remark: status.map_or("", |status| status.remark(&config.language)).to_owned(),
        };
        let is_empty =
            amendment.url.is_empty() && amendment.archive.is_empty() && amendment.remark.is_empty();
        (!is_empty).then_some(amendment)
    }

    /// The text with the amendment in each of the places that may be that of the report: its attribution, or its fields in
    /// the front matter with the remark behind its id. Words that stand in the text by their id alone have no line for a
    /// remark, which is then one of the fields.
    fn texts(&self, text: &str, url: &str) -> Vec<String> {
        let mut texts = self.in_attributions(text, url);
        let bare = Self { remark: String::new(), ..self.clone() };
        if self.remark.is_empty() {
            texts.extend(self.in_stored(text, url));
        } else {
            let stored = bare.in_stored(text, url);
            texts.extend(stored.iter().flat_map(|stored| self.behind_ids(stored)));
            texts.extend(self.in_stored(text, url));
        }
        texts
    }

    /// The text with the address, the copy and the remark in each of the reports of the front matter that have the address.
    fn in_stored(&self, text: &str, url: &str) -> Vec<String> {
        let front_matter = post_file::front_matter(text);
        let mut texts = Vec::new();
        let mut start = front_matter.start;
        for line in text[front_matter].split_inclusive('\n') {
            let (begin, end) = (start, start + line.len());
            start = end;
            let Some(field) = AddressField::of(line, url) else { continue };
            let address = begin + field.at..begin + field.at + url.len();
            let mut amended = text[..address.start].to_owned();
            amended.push_str(if self.url.is_empty() { url } else { &self.url });
            amended.push_str(&text[address.end..end]);
            let newline = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
            if !self.archive.is_empty() {
                amended.push_str(&(field.line_of("archive", &destination(&self.archive)) + newline));
            }
            amended.push_str(&match self.remark.as_str() {
                "" => text[end..].to_owned(),
                remark => with_remark(&text[end..], &(field.line_of("remark", remark) + newline)),
            });
            texts.push(amended);
        }
        texts
    }

    /// The text with the remark behind each of the ids of stored reports in blockquotes.
    fn behind_ids(&self, text: &str) -> Vec<String> {
        let mut texts = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end().len();
            start += line.len();
            if is_quoted(line) && line.contains('@') {
                let begin = end - line.trim_end().len();
                let line = without_remarks(&text[begin..end]);
                texts.push(format!("{}{line} ({}){}", &text[..begin], self.remark, &text[end..]));
            }
        }
        texts
    }

    /// The text with the amendment in each of the attributions that name the report.
    fn in_attributions(&self, text: &str, url: &str) -> Vec<String> {
        let mut texts = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let (begin, end) = (start, start + line.len());
            start = end;
            let Some(found) = line.find(url).filter(|_| is_quoted(line)) else { continue };
            let address = begin + found..begin + found + url.len();
            // An attribution may go on in the next lines.
            let rest = text[end..].split_inclusive('\n').take_while(|line| is_quoted(line) && !is_bare(line));
            let end = end + rest.map(str::len).sum::<usize>();
            let end = begin + text[begin..end].trim_end().len();
            let mut amended = text[..address.start].to_owned();
            amended.push_str(if self.url.is_empty() { url } else { &self.url });
            let behind = &text[address.end..end];
            amended.push_str(&if self.remark.is_empty() {
                behind.to_owned()
            } else {
                without_remarks(behind)
            });
            if !self.archive.is_empty() {
                amended.push_str(&format!(" ([archived]({}))", destination(&self.archive)));
            }
            if !self.remark.is_empty() {
                amended.push_str(&format!(" ({})", self.remark));
            }
            amended.push_str(&text[end..]);
            texts.push(amended);
        }
        texts
    }

    /// Whether an attribution says it.
    fn is_in(&self, source: &Attribution) -> bool {
        (self.url.is_empty() || source.url.starts_with(&self.url))
            && (self.archive.is_empty() || source.archive == destination(&self.archive))
            && (self.remark.is_empty()
                || ReportStatus::of_remarks(&source.notes) == ReportStatus::of_remark(&self.remark))
    }
}

/// The address of a report in a line of the front matter: `url = "https://…"`, `- url: https://…`.
struct AddressField<'l> {
    /// Where the address stands in the line.
    at: usize,
    /// What stands before the next field of the report.
    indent: String,
    sign: &'l str,
}

impl AddressField<'_> {
    fn of(line: &str, url: &str) -> Option<Self> {
        let at = line.find(url)?;
        let bare = line.trim_start();
        let field = bare.strip_prefix("- ").unwrap_or(bare);
        let sign = ["=", ":"]
            .into_iter()
            .find(|sign| field.strip_prefix("url").is_some_and(|rest| rest.trim_start().starts_with(sign)))?;
        let indent = " ".repeat(line.len() - field.trim_start().len());
        Some(Self { at, indent, sign: if sign == "=" { " = " } else { ": " } })
    }

    /// Another field of the report, as a line without its end. A JSON string is a string of TOML (1.1, section String) and of YAML
    /// (1.2, section 7.3.1).
    fn line_of(&self, key: &str, value: &str) -> String {
        format!("{}{key}{}{}", self.indent, self.sign, serde_json::Value::from(value))
    }
}

/// Whether a line of the front matter is the remark of a check.
fn is_status_remark(line: &str) -> bool {
    let value = line.trim_start().strip_prefix("remark").unwrap_or_default().trim_start();
    let value = value.trim_start_matches(['=', ':']).trim().trim_matches('"');
    ReportStatus::of_remark(value).is_some()
}

/// Whether a line stands in a blockquote.
fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Whether a line of a blockquote is empty.
fn is_bare(line: &str) -> bool {
    line.trim().trim_start_matches(['>', ' ']).is_empty()
}

/// What the remark on a state says.
fn status_of(state: QuoteState) -> Option<ReportStatus> {
    match state {
        QuoteState::Edited | QuoteState::Partly => Some(ReportStatus::Edited),
        QuoteState::Gone => Some(ReportStatus::Gone),
        QuoteState::Dead => Some(ReportStatus::Dead),
        QuoteState::Exact | QuoteState::Moved | QuoteState::Hidden | QuoteState::Unsure => None,
    }
}

/// An attribution without the remarks of earlier checks: a report that was changed may be offline later.
fn without_remarks(attribution: &str) -> String {
    let mut text = attribution.to_owned();
    for remark in status_remarks() {
        text = text.replace(&format!(" ({remark})"), "");
    }
    text
}

/// What follows the address of a report in the front matter, with a line that is a remark, in the place of that of an earlier check.
fn with_remark(rest: &str, remark: &str) -> String {
    // A check writes it behind the address, or behind the copy that is written there.
    let mut lines = rest.split_inclusive('\n').take(2);
    let earlier = match lines.next() {
        Some(line) if line.trim_start().starts_with("archive") => lines.next(),
        line => line,
    };
    match earlier.filter(|line| is_status_remark(line)) {
        Some(earlier) => rest.replacen(earlier, remark, 1),
        None => format!("{remark}{rest}"),
    }
}
