//! `backmatter quotes add`: a quotation made of an address.

use std::fs;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};

use crate::citation::quoted_words::names_words;
use crate::citation::{CitedField, FieldBasis};
use crate::cli::common::{CommonArgs, Ending, moment, site_source};
use crate::cli::output::{Output, Report, Terminal};
use crate::diagnostic::Diagnostic;
use crate::engine::workspace::{Access, Workspace};
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::outgoing::post_file::{self, InsertFault, QUOTED_ALREADY};
use crate::outgoing::quote_add::{self, AccessDay, AddedQuote, QuoteRemark, QuoteRequest, WordsCheck};
use crate::post::quote::is_id;
use crate::sys::atomic_file;
use crate::sys::clock::Clock;

/// The most of the words that is read from standard input.
const LONGEST_WORDS: u64 = 1 << 20;

/// The arguments of `quotes add`.
#[derive(Debug, Args)]
pub(super) struct QuoteAddArgs {
    /// The address of the report, with the `#:~:text=…` of "Copy link to highlight" or without
    url: String,
    /// The quoted words; `-` reads them from standard input
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// Put the quotation into this post: in the place of a paragraph `{quote}`, else before the closing line
    #[arg(long, value_name = "FILE")]
    post: Option<PathBuf>,
    /// Store it under this id in the front matter, as `[[quotes]]`
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Write when you read it: `(accessed 2026-11-22)`
    #[arg(long)]
    accessed: bool,
    /// Use this moment as the current time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    now: Option<DateTime<Utc>>,
}

/// Makes a quotation.
pub(super) fn run(arguments: &QuoteAddArgs, common: &CommonArgs, output: Output) -> Result<Ending> {
    let now = arguments.now.unwrap_or_else(|| Clock::system().now());
    let site = Workspace::open(&site_source(common)?, now, Access::Read)?;
    if site.settings_faults().iter().any(Diagnostic::is_error) {
        output.diagnostics(site.settings_faults());
        return Ok(Ending::SiteHasErrors);
    }
    if let Some(id) = arguments.id.as_ref().filter(|id| !is_id(id)) {
        let reason = "an id is made of letters, digits, `-`, `_` and `.`".to_owned();
        return Err(Error::Argument { given: format!("--id {id}"), reason });
    }
    quote_add::check_address(&arguments.url)?;
    let accessed = if arguments.accessed { AccessDay::Written } else { AccessDay::LeftOut };
    let request = QuoteRequest { url: arguments.url.clone(), words: arguments.words()?, accessed };
    let client = Client::new(&site.config().network, &site.config().base_url);
    let quote = quote_add::add(&client, site.config(), &request, now);
    let post = arguments.post.as_ref().map(|path| arguments.put(path, &quote)).transpose()?;
    output.emit(&QuoteAdded { quote, id: arguments.id.clone(), post });
    Ok(Ending::Done)
}

impl QuoteAddArgs {
    /// The words that were given, by paragraphs.
    fn words(&self) -> Result<Vec<String>> {
        let text = match &self.text {
            Some(text) if text != "-" => text.clone(),
            // Without a terminal there may be a pipe that nothing is written to: it is read only if the words have to come from it.
            None if names_words(&self.url) || std::io::stdin().is_terminal() => return Ok(Vec::new()),
            _ => {
                let mut bytes = Vec::new();
                let read = std::io::stdin().lock().take(LONGEST_WORDS).read_to_end(&mut bytes);
                read.map_err(Error::io("read", Path::new("standard input")))?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        Ok(quote_add::paragraphs(&text))
    }

    /// Puts the quotation into a post.
    fn put(&self, path: &Path, quote: &AddedQuote) -> Result<PathBuf> {
        if quote.draft.paragraphs.is_empty() && self.id.is_none() {
            let reason = "there are no words to put there; give them with `--text`, or use \"Copy link to highlight\" of the browser";
            return Err(Error::Argument { given: self.url.clone(), reason: reason.to_owned() });
        }
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let text = match &self.id {
            Some(id) => {
                let stored = post_file::with_stored(&text, &quote.draft, id).map_err(|fault| {
                    let reason = match fault {
                        InsertFault::FrontMatterForm => {
                            "its front matter is neither TOML nor YAML; without `--post` the table is printed"
                        }
                        InsertFault::IdTaken => "the post has a report of that id; choose another one",
                    };
                    Error::Argument {
                        given: format!("--id {id} --post {}", path.display()),
                        reason: reason.to_owned(),
                    }
                })?;
                // Without words there is nothing to place: the text cites the report by its id.
                match quote.draft.paragraphs.is_empty() {
                    true => stored,
                    false => post_file::with_quote(&stored, &format!("{{@{id}}}")),
                }
            }
            None if post_file::has_quote(&text, &quote.draft) => {
                let given = format!("--post {}", path.display());
                return Err(Error::Argument { given, reason: QUOTED_ALREADY.to_owned() });
            }
            None => post_file::with_quote(&text, &quote.draft.blockquote()),
        };
        atomic_file::replace(path, text.as_bytes()).map_err(Error::io("write", path))?;
        Ok(path.to_owned())
    }
}

/// A quotation, and where it was put.
struct QuoteAdded {
    quote: AddedQuote,
    id: Option<String>,
    post: Option<PathBuf>,
}

impl QuoteAdded {
    /// What is to be pasted into a post.
    fn markdown(&self) -> String {
        match &self.id {
            Some(id) => self.quote.draft.stored_toml(id).trim_end().to_owned(),
            None => self.quote.markdown(),
        }
    }
}

impl Report for QuoteAdded {
    fn json(&self) -> Option<Value> {
        let quote = &self.quote;
        let words = match quote.words {
            WordsCheck::Unchecked => "unchecked",
            WordsCheck::Exact => "exact",
            WordsCheck::Changed => "changed",
            WordsCheck::Missing => "missing",
        };
        Some(json!({
            "url": quote.draft.url,
            "markdown": self.markdown(),
            "words": quote.draft.paragraphs,
            "words_state": words,
            "headline": quote.headline.as_ref().map(field),
            "authors": quote.authors.iter().map(field).collect::<Vec<_>>(),
            "publication": quote.publication.as_ref().map(field),
            "published": quote.published.as_ref().map(field),
            "language": quote.language.as_ref().map(field),
            "archive": quote.draft.archive,
            "remarks": quote.remarks.iter().map(QuoteRemark::text).collect::<Vec<_>>(),
            "post": self.post.as_ref().map(|path| path.display().to_string()),
        }))
    }

    fn text(&self, terminal: Terminal) {
        match &self.post {
            Some(path) => terminal.result(&path.display().to_string()),
            None => self.markdown().lines().for_each(|line| terminal.result(line)),
        }
        for text in self.quote.remarks.iter().map(QuoteRemark::text) {
            terminal.note(&text);
        }
        if self.quote.draft.paragraphs.is_empty() {
            terminal.note(
                "there are no words: give them with `--text`, or select them in the browser and use \"Copy link to highlight\"",
            );
        }
    }
}

fn field(field: &CitedField) -> Value {
    json!({ "text": field.text, "origin": field.origin, "guess": field.basis == FieldBasis::Guessed })
}
