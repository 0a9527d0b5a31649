//! The links of a text that call for a linkback.
//!
//! [`targets`] looks at the text as it is printed, as a tree: so HTML in Markdown counts like Markdown, what is in a
//! comment does not, and what is found is what a receiver will find in the page.

use url::Url;

use crate::dom::{Document, Node};
use crate::linkback::address::Address;

/// What is a target and what is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutlinkRules<'a> {
    /// The address of the page that the text stands on.
    pub page: &'a Url,
    pub site: &'a Url,
    /// What links to the site itself are.
    pub own: OwnLinks,
    /// Pages by their address, and whole hosts by their name, that get no linkbacks.
    pub except: &'a [String],
}

/// Whether links to the site itself are targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnLinks {
    /// They are targets like any other link.
    Include,
    Exclude,
}

/// The pages that a text links to in its author's words or names as the source of a quote, in order, each once.
///
/// The links of quoted words are not the author's. A link marked `nofollow` is not meant as one. The front page of a
/// site is not a text. A copy in an archive is not the report.
pub(crate) fn targets(html: &str, rules: &OutlinkRules<'_>) -> Vec<String> {
    let document = Document::parse(html);
    let mut keys = Vec::new();
    let mut targets = Vec::new();
    for node in document.elements().filter(|node| is_own_word(*node)) {
        let Some(target) = node.attribute("href").and_then(|href| target(href, rules)) else { continue };
        let key = target.key();
        if !keys.contains(&key) {
            keys.push(key);
            targets.push(target.as_str().to_owned());
        }
    }
    targets
}

fn is_own_word(node: Node<'_>) -> bool {
    node.name() == "a"
        && !node.words("rel").any(|word| word.eq_ignore_ascii_case("nofollow"))
        && !node.words("class").any(|class| class == "quote-archived")
        && !node.ancestors().any(|around| matches!(around.name(), "blockquote" | "q"))
}

fn target(href: &str, rules: &OutlinkRules<'_>) -> Option<Address> {
    let address = Address::of_url(rules.page.join(href).ok()?).ok()?;
    let url = without_directive(address.url());
    let is_front_page = url.path() == "/" && url.query().is_none();
    let is_this_page = url.host() == rules.page.host()
        && url.port_or_known_default() == rules.page.port_or_known_default()
        && url.path() == rules.page.path();
    let is_left = is_own(&url, rules.site) && rules.own == OwnLinks::Exclude;
    let address = Address::of_url(url).ok()?;
    if is_front_page || is_this_page || is_left || is_excepted(&address, rules.except) {
        return None;
    }
    Some(address)
}

/// An address without the words to find on the page: `#:~:text=…` is for browsers and no part of what is linked.
pub(crate) fn without_directive(url: &Url) -> Url {
    let mut url = url.clone();
    let anchor = url.fragment().map(|fragment| fragment.split(":~:").next().unwrap_or_default().to_owned());
    url.set_fragment(anchor.as_deref().filter(|anchor| !anchor.is_empty()));
    url
}

/// Whether an address is one of a site's: on its host and below its path.
fn is_own(url: &Url, site: &Url) -> bool {
    let folder = site.path().trim_end_matches('/');
    let below = url.path().strip_prefix(folder);
    url.host() == site.host()
        && url.port_or_known_default() == site.port_or_known_default()
        && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_excepted(address: &Address, except: &[String]) -> bool {
    except.iter().any(|excepted| match Address::parse(excepted) {
        Ok(page) => page.key() == address.key(),
        Err(_) => address.host().eq_ignore_ascii_case(excepted.trim()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, own: OwnLinks, expected: &[&str]) {
        let page = Url::parse("https://blog.example/b/2026/post/").unwrap();
        let site = Url::parse("https://blog.example/b").unwrap();
        let except = ["https://quiet.example/page/".to_owned(), "silent.example".to_owned()];
        let rules = OutlinkRules { page: &page, site: &site, own, except: &except };
        assert_eq!(targets(html, &rules), expected, "{html}");
    }

    #[test]
    fn links_in_the_authors_words_are_targets_once_each() {
        check(
            "<p><a href='https://a.example/x'>a</a> <A HREF='//b.example/y?q=1&amp;r=2'>b</A></p>\
             <p><a href='http://a.example/x/#part'>a again</a>",
            OwnLinks::Exclude,
            &["https://a.example/x", "https://b.example/y?q=1&r=2"],
        );
        check("<a href='https://a.example/x#part'>a</a>", OwnLinks::Exclude, &["https://a.example/x#part"]);
    }

    #[test]
    fn a_quotes_source_is_a_target_without_its_text_directive() {
        check(
            "<figure class='quote h-cite'><blockquote cite='https://a.example/x'><p><a href='https://in.example/q'>in it</a>\
             </blockquote><figcaption><a class='u-url' href='https://a.example/x#:~:text=no%20choice'>Headline</a> \
             (via <a href='https://via.example/v'>V</a>) <a class='quote-archived' href='https://archive.example/x'>archived</a> \
             <a class='quote-permalink' href='#q-1'>#</a></figcaption></figure>",
            OwnLinks::Exclude,
            &["https://a.example/x", "https://via.example/v"],
        );
        check(
            "<a href='https://a.example/x#part:~:text=y'>a</a>",
            OwnLinks::Exclude,
            &["https://a.example/x#part"],
        );
    }

    #[test]
    fn what_is_no_link_of_the_authors_is_no_target() {
        for html in [
            "<a rel='noopener nofollow' href='https://a.example/x'>a</a>",
            "<!-- <a href='https://a.example/x'>a</a> -->",
            "<code>&lt;a href='https://a.example/x'></code>",
            "<blockquote><p><a href='https://a.example/x'>a</a></blockquote>",
            "<q><a href='https://a.example/x'>a</a></q>",
            "<img src='https://a.example/x.png'><link href='https://a.example/x'>",
            "<a>a</a><a href=''>b</a><a href='#c'>c</a>",
            "<a href='mailto:a@a.example'>a</a><a href='ftp://a.example/x'>b</a>",
            "<a href='https://user@a.example/x'>a</a>",
            "<a href='https://a.example'>a</a><a href='https://a.example/#top'>b</a>",
            "<a href='https://quiet.example/page/#part'>a</a><a href='https://silent.example/any'>b</a>",
        ] {
            check(html, OwnLinks::Exclude, &[]);
        }
        check("<a href='https://a.example/?p=1'>a</a>", OwnLinks::Exclude, &["https://a.example/?p=1"]);
    }

    #[test]
    fn the_site_itself_is_told_if_that_is_asked_for() {
        let html = "<a href='../other/'>a</a><a href='/elsewhere/'>b</a><a href='/b/2026/post/?x'>c</a><a href='/bc/'>d</a>";
        check(html, OwnLinks::Exclude, &["https://blog.example/elsewhere/", "https://blog.example/bc/"]);
        check(
            html,
            OwnLinks::Include,
            &[
                "https://blog.example/b/2026/other/",
                "https://blog.example/elsewhere/",
                "https://blog.example/bc/",
            ],
        );
    }
}
