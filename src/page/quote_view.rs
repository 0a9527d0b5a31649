//! A quote as lists and feeds show it.

use serde::Serialize;

use crate::page::links;
use crate::page::view::PostLinkView;
use crate::post::Post;
use crate::post::attribution::ReportStatus;
use crate::post::quote::Quote;
use crate::site::Site;

/// A quote in a list of quotes.
#[derive(Debug, Clone, Serialize)]
pub struct QuoteView<'a> {
    /// The quoted words as HTML without links.
    pub text_html: &'a str,
    /// Whether the quote has more words than these.
    pub is_cut: bool,
    /// BCP 47 tag of the quote's language.
    pub language: Option<&'a str>,
    /// The report's headline; may be empty.
    pub title: &'a str,
    /// The report's address with a text fragment to the quoted words; none if it has no address.
    pub url: Option<String>,
    /// The report's clean address.
    pub cite: Option<String>,
    /// Who wrote it, in one text; may be empty.
    pub author: String,
    /// The same one by one.
    pub authors: &'a [String],
    /// Who published it; may be empty.
    pub publication: &'a str,
    /// When it was published, as far as the quote says.
    pub published: Option<&'a str>,
    /// What became of the report since: `edited`, `gone` (the words) or `dead`; none if nothing is said of it.
    pub status: Option<&'static str>,
    /// The remark that says it to readers; may be empty.
    pub status_remark: &'a str,
    /// The address of a copy of the report; may be empty.
    pub archive: &'a str,
    /// The post that quotes it.
    pub post: PostLinkView,
    /// The quote's own address in that post.
    pub permalink: String,
}

/// A quote as lists show it.
pub(super) fn quote_view<'s>(site: &'s Site, post: &'s Post, quote: &'s Quote) -> QuoteView<'s> {
    let cite = quote.target.as_ref().and_then(|target| links::absolute(site, target));
    let url = cite.as_ref().map(|url| {
        let fragment =
            if url.contains('#') { quote.fragment.trim_start_matches('#') } else { &quote.fragment };
        format!("{url}{fragment}")
    });
    let remarks = quote.source.notes.iter().rev();
    let said = remarks.into_iter().find(|remark| ReportStatus::of_remark(remark).is_some());
    let status = said.and_then(|remark| ReportStatus::of_remark(remark));
    QuoteView {
        text_html: &quote.text_html,
        is_cut: quote.is_cut,
        language: quote.language.as_deref().or(post.front.language.as_deref()),
        title: &quote.source.title,
        url,
        cite,
        author: quote.source.byline(),
        authors: &quote.source.authors,
        publication: &quote.source.publication,
        published: Some(quote.source.published.as_str()).filter(|date| !date.is_empty()),
        status: status.map(ReportStatus::name),
        status_remark: said.map_or("", String::as_str),
        archive: &quote.source.archive,
        post: links::post_link(site, post),
        permalink: format!("{}#{}", site.config.url(&post.url), quote.anchor),
    }
}
