//! A quotation made of an address: the page is asked for, its fields are found, and the words are cut out of it or compared with it.
//!
//! It is one page that a person named, as a browser would ask for it: robots.txt, which is for programs that follow links, is not
//! asked.

use chrono::{DateTime, Utc};
use url::Url;

use super::report_page::{self, PageForm, ReportPage};
use super::verdict::{self, PageVerdict};
use crate::citation::page_citation::ReportAccess;
use crate::citation::passage::{ComparedReport, StretchState};
use crate::citation::quoted_words::{names_words, selected_words};
use crate::citation::report_text::ReportText;
use crate::citation::written_quote::{QuoteDraft, clean_address};
use crate::citation::{CitedField, FieldBasis};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::linkback::address::Address;
use crate::path::SourcePath;
use crate::post::attribution::Attribution;

/// What is to be quoted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QuoteRequest {
    /// As it was typed, with its text fragment.
    pub(crate) url: String,
    /// The words as they were given, by paragraphs; empty if the address names them.
    pub(crate) words: Vec<String>,
    /// Whether the day of reading is written.
    pub(crate) accessed: AccessDay,
}

/// Whether a quotation says when its author read the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AccessDay {
    #[default]
    LeftOut,
    Written,
}

/// A quotation that was made of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AddedQuote {
    pub(crate) draft: QuoteDraft,
    pub(crate) headline: Option<CitedField>,
    pub(crate) authors: Vec<CitedField>,
    pub(crate) publication: Option<CitedField>,
    pub(crate) published: Option<CitedField>,
    pub(crate) language: Option<CitedField>,
    pub(crate) words: WordsCheck,
    pub(crate) remarks: Vec<QuoteRemark>,
}

/// Whether the words stand in the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum WordsCheck {
    /// There are none, or there was no page to compare them with.
    #[default]
    Unchecked,
    Exact,
    /// They stand there in other words.
    Changed,
    Missing,
}

/// What the author has to know of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QuoteRemark {
    /// The page could not be asked.
    Unreachable { reason: String },
    /// The page answered with a status that is not one of success.
    Status { status: u16 },
    /// Another page is shown in the place of the report.
    OtherPage { reason: String },
    /// The page is something whose words are not read.
    NotText,
    /// The words that the address names are not there.
    FragmentNotFound,
    /// A field is where such a thing often stands, and may be another.
    Guess { field: &'static str, text: String, origin: &'static str },
    /// The page does not say it.
    Silent { field: &'static str },
    /// The attribution is read in another way than it is meant.
    ReadOtherwise { field: &'static str, meant: String, read: String },
    /// The words stand in the page in another form.
    Words { words: String, page: String },
    /// Some words do not stand in the page.
    MissingWords { words: String },
}

impl QuoteRemark {
    /// The remark as a sentence.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Unreachable { reason } => format!("the page was not read: {reason}; the fields are left for you to fill"),
            Self::Status { status } => format!("the page answered with status {status}; the fields are left for you to fill"),
            Self::OtherPage { reason } => format!("the page is not the report: {reason}; the fields are left for you to fill"),
            Self::NotText => "the page is not text, so its fields and words were not read".to_owned(),
            Self::FragmentNotFound => {
                "the words that the address names do not stand in the page as a program gets it; give them with `--text`".to_owned()
            }
            Self::Guess { field, text, origin } => format!("the {field} is a guess: `{text}`, from {origin}; check it"),
            Self::Silent { field } => format!("the page does not say its {field}"),
            Self::ReadOtherwise { field, meant, read } => format!(
                "the {field} `{meant}` would be read as `{read}` in an attribution; `--id` stores it without that doubt"
            ),
            Self::Words { words, page } => format!("the page has these words otherwise: `{words}` is `{page}` there"),
            Self::MissingWords { words } => format!("these words do not stand in the page: `{words}`"),
        }
    }
}

/// Refuses what is not the address of a page.
pub(crate) fn check_address(typed: &str) -> Result<()> {
    if Url::parse(typed).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Ok(());
    }
    let reason = "this is not the address of a page; it begins with `https://`".to_owned();
    Err(Error::Argument { given: typed.to_owned(), reason })
}

/// Makes a quotation. The site's settings say which language needs no mark.
pub(crate) fn add(
    client: &Client,
    config: &Config,
    request: &QuoteRequest,
    now: DateTime<Utc>,
) -> AddedQuote {
    let mut added = AddedQuote::default();
    let today = now.date_naive();
    let purpose = "reading a report to quote it";
    match report_page::fetch(client, &request.url, purpose, today) {
        Ok(page) => added.read(request, page, config),
        Err(error) => {
            added.remarks.push(QuoteRemark::Unreachable { reason: error.without_address() });
            added.take_as_typed(request);
        }
    }
    if request.accessed == AccessDay::Written {
        added.draft.accessed = today.to_string();
    }
    added.draft.headline = text_of(added.headline.as_ref());
    added.draft.authors = added.authors.iter().map(|field| field.text.clone()).collect();
    added.draft.publication = text_of(added.publication.as_ref());
    added.draft.published = text_of(added.published.as_ref());
    added.note_fields();
    added.read_back(config);
    added
}

fn text_of(field: Option<&CitedField>) -> String {
    field.map(|field| field.text.clone()).unwrap_or_default()
}

impl AddedQuote {
    /// What is pasted into a post; without words the attribution alone.
    pub(crate) fn markdown(&self) -> String {
        match self.draft.paragraphs.is_empty() {
            true => format!("— {}", self.draft.attribution()),
            false => self.draft.blockquote(),
        }
    }

    fn read(&mut self, request: &QuoteRequest, page: ReportPage, config: &Config) {
        // The head of an error page is the site's, not the report's, and neither are its words.
        if !(200..300).contains(&page.status) {
            self.remarks.push(QuoteRemark::Status { status: page.status });
            if page.status != 402 {
                return self.take_as_typed(request);
            }
        }
        if page.form == PageForm::Other {
            self.remarks.push(QuoteRemark::NotText);
        }
        self.find_words(request, &page.text);
        if let Some(reason) = self.other_page(request, &page) {
            self.remarks.clear();
            self.remarks.push(QuoteRemark::OtherPage { reason });
            return self.take_as_typed(request);
        }
        self.draft.url = address_of(request, &page);
        if page.citation.access == ReportAccess::Subscribers {
            self.draft.notes.push("subscription".to_owned());
        }
        let is_foreign = page
            .citation
            .language
            .as_ref()
            .is_some_and(|language| !is_same_language(&language.text, &config.language));
        if is_foreign {
            self.draft.language = text_of(page.citation.language.as_ref());
        }
        let citation = page.citation;
        (self.headline, self.authors, self.publication) =
            (citation.headline, citation.authors, citation.publication);
        (self.published, self.language) = (citation.published, citation.language);
    }

    /// What is quoted, without what a page says of it.
    fn take_as_typed(&mut self, request: &QuoteRequest) {
        self.draft.paragraphs.clone_from(&request.words);
        self.words = WordsCheck::Unchecked;
        if let Ok(url) = Url::parse(&request.url) {
            self.draft.url = clean_address(&url).into();
        }
    }

    /// Why a page without the words is not the report, so that its headline is not that of the report.
    fn other_page(&self, request: &QuoteRequest, page: &ReportPage) -> Option<String> {
        if matches!(self.words, WordsCheck::Exact | WordsCheck::Changed) {
            return None;
        }
        if Url::parse(&request.url).is_ok_and(|asked| verdict::leads_home(&asked, &page.url)) {
            return Some("it leads to the front page".to_owned());
        }
        if verdict::says_missing(page) {
            return Some("it says that it is not there".to_owned());
        }
        // The head of a page for subscribers is that of the report.
        let is_dated =
            page.citation.published.as_ref().is_some_and(|field| field.basis == FieldBasis::Stated);
        match verdict::wall_of(page) {
            Some(PageVerdict::Refused { reason }) if !is_dated => Some(reason),
            _ => None,
        }
    }

    fn find_words(&mut self, request: &QuoteRequest, text: &ReportText) {
        if request.words.is_empty() {
            match selected_words(&request.url, text) {
                Some(words) => (self.draft.paragraphs, self.words) = (words, WordsCheck::Exact),
                None if names_words(&request.url) => self.remarks.push(QuoteRemark::FragmentNotFound),
                None => {}
            }
            return;
        }
        self.draft.paragraphs.clone_from(&request.words);
        if text.as_str().is_empty() {
            return;
        }
        let report = ComparedReport::of(text);
        let found = report.look_for(&request.words, None);
        let is_all = |state: StretchState| found.iter().all(|stretch| stretch.state == state);
        self.words = if is_all(StretchState::Exact) {
            WordsCheck::Exact
        } else if is_all(StretchState::Missing) {
            WordsCheck::Missing
        } else {
            WordsCheck::Changed
        };
        for stretch in &found {
            match stretch.state {
                StretchState::Exact => {}
                StretchState::Changed => self.remarks.push(QuoteRemark::Words {
                    words: stretch.words.clone(),
                    page: report.original()[stretch.place.clone()].to_owned(),
                }),
                StretchState::Missing => {
                    self.remarks.push(QuoteRemark::MissingWords { words: stretch.words.clone() });
                }
            }
        }
    }

    fn note_fields(&mut self) {
        let has_page = !self.remarks.iter().any(|remark| {
            matches!(
                remark,
                QuoteRemark::Unreachable { .. }
                    | QuoteRemark::Status { .. }
                    | QuoteRemark::OtherPage { .. }
                    | QuoteRemark::NotText
            )
        });
        let fields = [
            ("headline", self.headline.as_ref()),
            ("author", self.authors.first()),
            ("publication", self.publication.as_ref()),
            ("date", self.published.as_ref()),
        ];
        let remarks = fields.into_iter().filter_map(|(name, field)| match field {
            Some(CitedField { text, origin, basis: FieldBasis::Guessed }) => {
                Some(QuoteRemark::Guess { field: name, text: text.clone(), origin })
            }
            Some(_) => None,
            None => has_page.then_some(QuoteRemark::Silent { field: name }),
        });
        let remarks: Vec<QuoteRemark> = remarks.collect();
        self.remarks.extend(remarks);
    }

    /// Reads the quotation as a post of the site would, and notes what comes out otherwise.
    fn read_back(&mut self, config: &Config) {
        let Some(read) = read_as_post(&self.draft, config) else { return };
        let draft = &self.draft;
        let fields = [
            ("author", draft.authors.join(", "), read.byline()),
            ("headline", draft.headline.clone(), read.title.clone()),
            ("publication", draft.publication.clone(), read.publication.clone()),
            ("date", draft.published.clone(), read.published.clone()),
        ];
        for (field, meant, read) in fields {
            let meant_plain = crate::html::fold_white_space(&meant);
            // A report without a headline is called by its address.
            if !(meant.is_empty() && field == "headline")
                && meant_plain != crate::html::fold_white_space(&read)
            {
                self.remarks.push(QuoteRemark::ReadOtherwise { field, meant, read });
            }
        }
    }
}

/// What a post of the site makes of a quotation's attribution.
fn read_as_post(draft: &QuoteDraft, config: &Config) -> Option<Attribution> {
    let draft = if draft.paragraphs.is_empty() {
        QuoteDraft { paragraphs: vec!["Words.".to_owned()], ..draft.clone() }
    } else {
        draft.clone()
    };
    let path = SourcePath::new("content/quote.md")?;
    let parsed = crate::post::parse(&path, &draft.blockquote(), config);
    let (post, _) = parsed.post?;
    post.quotes.into_iter().next().map(|quote| quote.source)
}

/// The address that is written: the page's own for itself, which is not one of a format for phones; else where it was found,
/// without what statistics added.
fn address_of(request: &QuoteRequest, page: &ReportPage) -> String {
    let found = clean_address(&page.url);
    let canonical = page.citation.canonical.as_ref().map(clean_address);
    // The front page is given as canonical by mistake.
    let canonical = canonical.filter(|url| url.path() != "/" || found.path() == "/");
    let mut url = canonical.unwrap_or(found);
    // A part of the page that the author named stays named.
    let typed = Url::parse(crate::post::text_fragment::split_directive(&request.url).clean).ok();
    let fragment = typed.as_ref().and_then(Url::fragment).filter(|fragment| !fragment.is_empty());
    url.set_fragment(fragment);
    Address::of_url(url.clone()).map_or_else(|_| url.to_string(), |address| address.as_str().to_owned())
}

/// Whether two tags are of one language, whatever their regions.
fn is_same_language(one: &str, other: &str) -> bool {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    primary(one) == primary(other)
}

/// The paragraphs of words that were typed: what empty lines part, with line breaks as spaces.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(crate::html::fold_white_space);
    paragraphs.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}
