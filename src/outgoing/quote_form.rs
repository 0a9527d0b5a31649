//! A form that makes a quotation of an address: for the preview, and for the receiver behind its token.
//!
//! A bookmarklet or the menu for sharing of a phone opens it with an address and words. Opening it asks for no page and writes
//! nothing; the form is sent by POST, and whoever serves it checks that one of its own pages sent it. The form is in the site's
//! language; what the program remarks on a quotation is in English, as on a terminal.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tera::{Context, Tera};

use super::post_file;
use super::quote_add::{self, AccessDay, AddedQuote, QuoteRequest};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::html::direction;
use crate::http::client::Client;
use crate::path::SourcePath;
use crate::site::Site;
use crate::sys::atomic_file;
use crate::theme::words::Locale;

/// The style sheet of the form, which is that of the moderation page.
pub(crate) const STYLE: &str = include_str!("../receive/templates/style.css");

/// More of a selection is cut off, in bytes.
const LONGEST_WORDS: usize = 8 * 1024;

/// How many posts can be chosen.
const MOST_POSTS: usize = 30;

static TEMPLATE: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.add_raw_template("quote.html", include_str!("templates/quote.html")).expect("the template is valid");
    tera
});

/// What the form holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QuoteForm {
    url: String,
    words: String,
    accessed: AccessDay,
    /// The path of a post, `new`, or empty.
    place: String,
}

/// The site that is quoted for.
pub(crate) struct QuotingSite {
    pub(crate) root: PathBuf,
    pub(crate) config: Config,
    /// The words of the site's language.
    pub(crate) locale: Locale,
    /// Posts that a quotation can be put into.
    pub(crate) posts: Vec<PostChoice>,
    pub(crate) now: DateTime<Utc>,
}

/// A post to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PostChoice {
    path: String,
    label: String,
    /// Whether readers see it.
    shown: bool,
}

/// Where the form is served.
pub(crate) struct QuoteFormPlace<'a> {
    /// The addresses of the style sheet, and of what the form is sent to.
    pub(crate) style: &'a str,
    /// The address of an icon; empty if there is none.
    pub(crate) icon: &'a str,
    pub(crate) action: &'a str,
    /// The whole address of the form, for the bookmarklet.
    pub(crate) address: &'a str,
    pub(crate) csrf: &'a str,
    /// The address of a manifest for the menu for sharing; empty if there is none.
    pub(crate) manifest: &'a str,
}

/// What became of a form that was sent.
#[derive(Debug, Default)]
pub(crate) struct QuoteFormResult {
    quote: Option<AddedQuote>,
    put_into: String,
    fault: String,
}

impl PostChoice {
    /// Drafts and posts to come first, then the newest posts.
    pub(crate) fn all_of(site: &Site) -> Vec<Self> {
        let absent = site.absent.iter().map(|absent| (&absent.post, false));
        let shown = site.posts.iter().map(|post| (post, true));
        let choices = absent.chain(shown).take(MOST_POSTS).map(|(post, shown)| Self {
            path: post.path.to_string(),
            label: post.label(),
            shown,
        });
        choices.collect()
    }
}

impl QuoteForm {
    /// Reads what a bookmarklet (`u`, `t`), the menu for sharing (`url`, `text`, `title`) or the form itself sends.
    pub(crate) fn of(fields: &[(String, String)]) -> Self {
        let value = |names: &[&str]| {
            let named = fields.iter().filter(|(name, _)| names.contains(&name.as_str()));
            named
                .map(|(_, value)| value.trim())
                .find(|value| !value.is_empty())
                .unwrap_or_default()
                .to_owned()
        };
        let (mut url, mut words) = (value(&["u", "url"]), value(&["t", "text"]));
        // Android puts the address behind the words, and leaves `url` empty (Web Share Target, section 4.1).
        if let Some(at) =
            words.rfind("https://").or_else(|| words.rfind("http://")).filter(|_| url.is_empty())
        {
            url = words[at..].split_whitespace().next().unwrap_or_default().to_owned();
            words.truncate(at);
        }
        let mut words = unquoted(words.trim()).to_owned();
        // A page that is shared without a selection has its title for words.
        if words == value(&["title"]) || words == url {
            words.clear();
        }
        cut_by_words(&mut words);
        let accessed = if value(&["accessed"]).is_empty() { AccessDay::LeftOut } else { AccessDay::Written };
        Self { url, words, accessed, place: value(&["place"]) }
    }

    /// Makes the quotation, and puts it where the form says.
    pub(crate) fn send(&self, site: &QuotingSite) -> QuoteFormResult {
        if let Err(error) = quote_add::check_address(&self.url) {
            return QuoteFormResult { fault: error.to_string(), ..QuoteFormResult::default() };
        }
        let request = QuoteRequest {
            url: self.url.clone(),
            words: quote_add::paragraphs(&self.words),
            accessed: self.accessed,
        };
        let client = Client::new(&site.config.network, &site.config.base_url);
        let quote = quote_add::add(&client, &site.config, &request, site.now);
        let mut result = QuoteFormResult::default();
        if !self.place.is_empty() {
            match self.put(site, &quote) {
                Ok(path) => result.put_into = path,
                Err(error) => result.fault = error.to_string(),
            }
        }
        result.quote = Some(quote);
        result
    }

    /// Puts a quotation into the chosen post, and returns its path.
    fn put(&self, site: &QuotingSite, quote: &AddedQuote) -> Result<String> {
        if quote.draft.paragraphs.is_empty() {
            let reason = "there are no words to put into a post".to_owned();
            return Err(Error::Argument { given: self.url.clone(), reason });
        }
        if self.place == "new" {
            return post_file::new_draft(&site.root, &site.config, &quote.draft, site.now);
        }
        // A path that was not offered is not written to.
        let choice = site.posts.iter().find(|choice| choice.path == self.place);
        let path = choice.and_then(|choice| SourcePath::new(&choice.path)).ok_or_else(|| {
            Error::Argument { given: self.place.clone(), reason: "there is no such post".to_owned() }
        })?;
        let file = crate::scan::on_disk(&site.root, path.as_str());
        put_into_file(&file, quote)?;
        Ok(path.to_string())
    }

    /// The page with the form, and with what became of the one that was sent.
    pub(crate) fn page(
        &self,
        site: &QuotingSite,
        place: &QuoteFormPlace<'_>,
        result: &QuoteFormResult,
    ) -> String {
        let quote = result.quote.as_ref();
        let mut remarks: Vec<String> =
            quote.map(|quote| quote.remarks.iter().map(|remark| remark.text()).collect()).unwrap_or_default();
        if quote.is_some_and(|quote| quote.draft.paragraphs.is_empty()) {
            remarks.push("there are no words: type them, or select them in the browser and use \"Copy link to highlight\"".to_owned());
        }
        let mut context = Context::new();
        context.insert("language", &site.config.language);
        context.insert("direction", direction(&site.config.language));
        context.insert("words", &site.locale.words());
        context.insert("site", &site.config.title);
        context.insert("posts", &site.posts);
        context.insert("url", &self.url);
        context.insert("quoted", &self.words);
        context.insert("accessed", &(self.accessed == AccessDay::Written));
        // What was put into a post is not put there again by a second click.
        context.insert("place", if result.put_into.is_empty() { self.place.as_str() } else { "" });
        context.insert("markdown", &quote.map(AddedQuote::markdown).unwrap_or_default());
        context.insert("remarks", &remarks);
        context.insert("put_into", &result.put_into);
        context.insert("fault", &result.fault);
        context.insert("style", place.style);
        context.insert("icon", place.icon);
        context.insert("action", place.action);
        context.insert("csrf", place.csrf);
        context.insert("manifest", place.manifest);
        context.insert("bookmarklet", &bookmarklet(place.address));
        TEMPLATE.render("quote.html", &context).unwrap_or_else(|error| {
            debug_assert!(false, "`quote.html` cannot be rendered: {error:?}");
            String::new()
        })
    }
}

/// Puts a quotation into the file of a post.
pub(crate) fn put_into_file(file: &Path, quote: &AddedQuote) -> Result<()> {
    let text = fs::read_to_string(file).map_err(Error::io("read", file))?;
    if post_file::has_quote(&text, &quote.draft) {
        let given = quote.draft.url.clone();
        return Err(Error::Argument { given, reason: post_file::QUOTED_ALREADY.to_owned() });
    }
    let text = post_file::with_quote(&text, &quote.draft.blockquote());
    atomic_file::replace(file, text.as_bytes()).map_err(Error::io("write", file))
}

/// The link that opens the form for the page it is clicked on.
fn bookmarklet(address: &str) -> String {
    // A quotation mark would end the text of the script.
    let address = address.replace('\'', "%27");
    format!(
        "javascript:void(open('{address}?u='+encodeURIComponent(location.href)+'&t='+encodeURIComponent(getSelection())))"
    )
}

/// A text without the quotation marks around it, which browsers put around what is shared.
fn unquoted(text: &str) -> &str {
    const PAIRS: [(char, char); 3] = [('"', '"'), ('“', '”'), ('„', '“')];
    let inside = PAIRS.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    inside.filter(|inside| !inside.contains(['"', '“', '”'])).unwrap_or(text).trim()
}

fn cut_by_words(text: &mut String) {
    if text.len() > LONGEST_WORDS {
        let end = text.floor_char_boundary(LONGEST_WORDS);
        let end = text[..end].rfind(char::is_whitespace).unwrap_or(end);
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> (String, String) {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let form = QuoteForm::of(&fields);
        (form.url, form.words)
    }

    #[test]
    fn what_browsers_and_phones_send_is_understood() {
        let found = |url: &str, words: &str| (url.to_owned(), words.to_owned());
        let url = "https://gazette.example/a#:~:text=It%20was";
        assert_eq!(read(&[("u", url), ("t", " It was late. ")]), found(url, "It was late."));
        let shared = format!("“It was late.”\n {url}");
        assert_eq!(read(&[("title", "A letter"), ("text", &shared)]), found(url, "It was late."));
        assert_eq!(read(&[("title", "A letter"), ("text", "A letter"), ("url", url)]), found(url, ""));
        assert_eq!(read(&[("title", "A letter"), ("text", url)]), found(url, ""));
        assert_eq!(read(&[("t", "“One” and “two”"), ("u", url)]), found(url, "“One” and “two”"));
        assert_eq!(read(&[]), found("", ""));
    }

    #[test]
    fn a_long_selection_is_cut_between_words() {
        let (_, words) = read(&[("u", "https://a.example/"), ("t", &"wörter ".repeat(2000))]);
        assert!(words.len() <= LONGEST_WORDS && words.ends_with("wörter"), "{}", words.len());
    }

    #[test]
    fn the_bookmarklet_cannot_be_broken_out_of() {
        let link = bookmarklet("http://localhost:4000/a'b/_quote");
        assert!(link.starts_with("javascript:void(open('http://localhost:4000/a%27b/_quote?u='+"), "{link}");
    }
}
