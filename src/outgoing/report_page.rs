//! A page of another site, asked for and read.

use chrono::NaiveDate;
use url::Url;

use crate::citation::PageCitation;
use crate::citation::report_text::ReportText;
use crate::dom::{Document, charset};
use crate::http::client::{Client, Limits, Request, Response};
use crate::http::fetch_error::FetchError;

/// How much of a page is read: pages of news with their scripts are larger than the pages of blogs.
const LONGEST_PAGE: usize = 4 << 20;

/// A page that was read.
#[derive(Debug, Clone)]
pub(crate) struct ReportPage {
    /// Where it was found after all redirects.
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) text: ReportText,
    pub(crate) citation: PageCitation,
    pub(crate) form: PageForm,
}

/// What a page is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageForm {
    Html,
    PlainText,
    /// Nothing whose words are read, such as a PDF.
    Other,
}

/// The request for a page, as a person would ask for it.
pub(crate) fn request(url: &str, purpose: &str) -> Request {
    let limits = Limits { body: LONGEST_PAGE, ..Limits::default() };
    Request::get(url).purpose(purpose).limits(limits)
}

/// Asks for a page and reads it.
pub(crate) fn fetch(
    client: &Client,
    url: &str,
    purpose: &str,
    today: NaiveDate,
) -> Result<ReportPage, FetchError> {
    client.fetch(&request(url, purpose)).map(|response| read(&response, today))
}

/// Reads a page.
pub(crate) fn read(response: &Response, today: NaiveDate) -> ReportPage {
    let content_type = response.headers.first("content-type").unwrap_or_default();
    let form = match charset::media_type(content_type).as_str() {
        "text/html" | "application/xhtml+xml" | "" => PageForm::Html,
        kind if kind.starts_with("text/") => PageForm::PlainText,
        _ => PageForm::Other,
    };
    let (text, citation) = match form {
        PageForm::Html => {
            let document = Document::parse(&charset::decode(&response.body, content_type));
            (ReportText::of(&document), PageCitation::of(&document, &response.url, today))
        }
        PageForm::PlainText => {
            let text = charset::decode(&response.body, content_type);
            (ReportText::of_plain(&text), PageCitation::default())
        }
        PageForm::Other => (ReportText::default(), PageCitation::default()),
    };
    ReportPage { url: response.url.clone(), status: response.status, text, citation, form }
}
