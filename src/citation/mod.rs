//! A report that is quoted: what its page says of itself, and whether the quoted words stand in it.
//!
//! [`PageCitation::of`] finds headline, authors, publication, date and language of a page, each with the place that it was
//! found in, so that what is guessed can be told from what is stated. [`ReportText`](report_text::ReportText) is the text of the
//! page, [`passage`] looks for words in it that house styles spell in several ways, and [`quoted_words`] cuts a quotation out of it
//! that a text fragment names. Everything here is pure: pages come in as bytes, and dates are arguments.

pub(crate) mod comparable;
mod country_clock;
mod guessed_day;
mod machine_date;
pub(crate) mod page_citation;
pub(crate) mod passage;
mod persons;
mod published;
pub(crate) mod quoted_words;
pub(crate) mod report_text;
pub(crate) mod search;
pub(crate) mod sketch;
pub(crate) mod watch_list;
pub(crate) mod word_diff;
pub(crate) mod written_quote;

pub(crate) use self::page_citation::{CitedField, FieldBasis, PageCitation};
