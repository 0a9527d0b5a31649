//! Checks the own page that is online before a message is sent.
//!
//! A receiver fetches the page and looks for the link. If the page is not there yet, or the receiver cannot use it, the
//! linkback is rejected, by many receivers for good. So the page is checked first, by the rules of the strictest receiver.

use url::Url;

use crate::dom::{Document, Node, charset};
use crate::linkback::outbox::outlinks::without_directive;
use crate::send::page_text::{self, PageText, TextDifference};

/// How far WordPress reads.
const FIRST_BYTES: usize = 150 * 1024;

/// What is at an address of the own site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OnlinePage {
    Page {
        /// Where redirects lead, if that is another address.
        moved: Option<String>,
        /// Whether it has a title, without which WordPress rejects it.
        has_title: bool,
        /// Where its links lead, in the part of the page that every receiver reads.
        links: Vec<Url>,
        /// The links in the text itself: a linkback below it may link to the same page.
        links_of_text: Vec<Url>,
        wording: PageText,
    },
    /// No page, or one that says it is gone.
    Gone,
    /// An error of the server, by its status.
    Trouble(u16),
}

/// Why no message is sent about a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PreflightError {
    NoPage,
    /// The server answers with this status.
    Trouble(u16),
    /// It is at another address, and some receivers follow no redirect.
    Moved(String),
    NoTitle,
    /// The link is not in it, or too far down.
    NoLink,
    /// The link is still in it.
    StillLinked,
    StillThere,
    /// Its text is not that of the post.
    Older(TextDifference),
}

impl std::fmt::Display for PreflightError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPage => f.write_str("the page is not online yet"),
            Self::Trouble(status) => write!(f, "the page answers with status {status}"),
            Self::Moved(to) => write!(f, "the page redirects to `{to}`, which not every receiver follows"),
            Self::NoTitle => f.write_str("the page has no `<title>`, which WordPress requires"),
            Self::NoLink => f.write_str("the link is not in the first 150 KB of the page that is online"),
            Self::StillLinked => f.write_str("the link is still in the page that is online"),
            Self::StillThere => f.write_str("the page is still online"),
            Self::Older(TextDifference { online, written }) => {
                write!(
                    f,
                    "the page that is online says `{online}` where the post says `{written}`; publish it first"
                )
            }
        }
    }
}

impl OnlinePage {
    /// Reads the answer to a request for an address: its status, and the page found at `url` after redirects.
    pub(super) fn read(asked: &Url, status: u16, url: &Url, content_type: &str, body: &[u8]) -> Self {
        match status {
            404 | 410 => return Self::Gone,
            200..=299 => {}
            _ => return Self::Trouble(status),
        }
        let whole = Document::parse(&charset::decode(body, content_type));
        let first = &body[..body.len().min(FIRST_BYTES)];
        let document = Document::parse(&charset::decode(first, content_type));
        if document.elements().any(|node| {
            // A host that can send no other status says it in the page.
            node.name() == "meta"
                && node.attribute("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("status"))
                && node.attribute("content").is_some_and(|content| content.trim_start().starts_with("410"))
        }) {
            return Self::Gone;
        }
        let base = document
            .elements()
            .filter(|node| node.name() == "base")
            .find_map(|node| url.join(node.attribute("href")?).ok());
        let base = base.as_ref().unwrap_or(url);
        let has_title =
            document.elements().any(|node| node.name() == "title" && !node.text_content().trim().is_empty());
        Self::Page {
            moved: (url != asked).then(|| url.to_string()),
            has_title,
            links: links_below(document.root(), base),
            links_of_text: links_below(page_text::text_of(&document), base),
            wording: PageText::of(&whole, base),
        }
    }

    /// Checks that the page links to `target`.
    pub(super) fn links_to(&self, target: &Url) -> Result<(), PreflightError> {
        match self {
            Self::Gone => Err(PreflightError::NoPage),
            Self::Trouble(status) => Err(PreflightError::Trouble(*status)),
            Self::Page { moved: Some(to), .. } => Err(PreflightError::Moved(to.clone())),
            Self::Page { links, .. } if !links.contains(target) => Err(PreflightError::NoLink),
            Self::Page { has_title: false, .. } => Err(PreflightError::NoTitle),
            Self::Page { .. } => Ok(()),
        }
    }

    /// Checks that the page has the text of `written`, the page as a build makes it now. A receiver fetches the page after a
    /// change, and would keep the text of an older one for good.
    pub(super) fn says_what(&self, written: &Self) -> Result<(), PreflightError> {
        match (self, written) {
            (Self::Page { wording: online, .. }, Self::Page { wording: written, .. }) => {
                written.difference(online).map_or(Ok(()), |difference| Err(PreflightError::Older(difference)))
            }
            _ => Ok(()),
        }
    }

    /// Checks that the page does not link to `target` any more.
    pub(super) fn links_no_more_to(&self, target: &Url) -> Result<(), PreflightError> {
        match self {
            Self::Gone => Ok(()),
            Self::Trouble(status) => Err(PreflightError::Trouble(*status)),
            Self::Page { links_of_text, .. } if links_of_text.contains(target) => {
                Err(PreflightError::StillLinked)
            }
            Self::Page { .. } => Ok(()),
        }
    }

    /// Checks that the page is gone.
    pub(super) fn is_gone(&self) -> Result<(), PreflightError> {
        match self {
            Self::Gone => Ok(()),
            Self::Trouble(status) => Err(PreflightError::Trouble(*status)),
            Self::Page { moved: Some(_), .. } => Ok(()),
            Self::Page { .. } => Err(PreflightError::StillThere),
        }
    }
}

fn links_below(node: Node<'_>, base: &Url) -> Vec<Url> {
    let links = node.descendants().filter(|node| node.name() == "a");
    let links = links.filter_map(|node| base.join(node.attribute("href")?).ok());
    links.map(|link| without_directive(&link)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> OnlinePage {
        let url = Url::parse("https://blog.example/post/").unwrap();
        OnlinePage::read(&url, status, &url, "text/html", body.as_bytes())
    }

    fn target() -> Url {
        Url::parse("https://a.example/x").unwrap()
    }

    #[test]
    fn a_page_with_the_link_and_a_title_can_be_told_of() {
        for (status, body, expected) in [
            (200, "<title>t</title><a href='https://a.example/x'>x</a>".to_owned(), Ok(())),
            (200, "<title>t</title><a href='//a.example/x#:~:text=y'>x</a>".to_owned(), Ok(())),
            (200, "<title>t</title><base href='https://a.example/'><a href='x'>x</a>".to_owned(), Ok(())),
            (
                200,
                "<title> </title><a href='https://a.example/x'>x</a>".to_owned(),
                Err(PreflightError::NoTitle),
            ),
            (
                200,
                "<title>t</title><a href='https://a.example/xy'>x</a>".to_owned(),
                Err(PreflightError::NoLink),
            ),
            (200, "<title>t</title>https://a.example/x".to_owned(), Err(PreflightError::NoLink)),
            (
                200,
                format!("<title>t</title>{}<a href='https://a.example/x'>x</a>", "filler ".repeat(30_000)),
                Err(PreflightError::NoLink),
            ),
            (
                404,
                "<title>t</title><a href='https://a.example/x'>x</a>".to_owned(),
                Err(PreflightError::NoPage),
            ),
            (503, String::new(), Err(PreflightError::Trouble(503))),
        ] {
            assert_eq!(
                read(status, &body).links_to(&target()),
                expected,
                "{status} {}",
                &body[..body.len().min(80)]
            );
        }
    }

    #[test]
    fn a_removed_link_and_a_removed_page_are_proved_as_well() {
        let linked = read(200, "<title>t</title><a href='https://a.example/x'>x</a>");
        assert_eq!(linked.links_no_more_to(&target()), Err(PreflightError::StillLinked));
        assert_eq!(linked.is_gone(), Err(PreflightError::StillThere));
        let unlinked = read(200, "<title>t</title>");
        assert_eq!(unlinked.links_no_more_to(&target()), Ok(()));
        let answered = read(
            200,
            "<title>t</title><div class='e-content'>text</div><aside><a href='https://a.example/x'>answer</a></aside>",
        );
        assert_eq!(answered.links_no_more_to(&target()), Ok(()));
        for gone in [
            read(410, ""),
            read(404, ""),
            read(200, "<meta http-equiv='Status' content='410 Gone'><title>t</title>"),
        ] {
            assert_eq!((gone.links_no_more_to(&target()), gone.is_gone()), (Ok(()), Ok(())));
        }
        assert_eq!(read(500, "").is_gone(), Err(PreflightError::Trouble(500)));
    }

    #[test]
    fn a_page_that_has_moved_is_not_where_it_is_said_to_be() {
        let asked = Url::parse("https://blog.example/old/").unwrap();
        let url = Url::parse("https://blog.example/new/").unwrap();
        let body = b"<title>t</title><a href='https://a.example/x'>x</a>";
        let live = OnlinePage::read(&asked, 200, &url, "text/html", body);
        assert_eq!(live.links_to(&target()), Err(PreflightError::Moved(url.to_string())));
    }
}
