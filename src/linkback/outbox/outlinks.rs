//! The links of a text that call for a linkback.
//!
//! [`targets`] looks at the text as it is printed, as a tree: so HTML in Markdown counts like Markdown, what is in a
//! comment does not, and what is found is what a receiver will find in the page.

use url::Url;

use crate::dom::{Document, Node};
use crate::linkback::address::Address;
use crate::linkback::inbox::trust::TrustKey;

/// What is a target and what is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutlinkRules<'a> {
    /// The address of the page that the text stands on.
    pub page: &'a Url,
    pub site: &'a Url,
    /// Other names of the site, each with a port if it has one.
    pub hosts: &'a [String],
    /// What links to the site itself are.
    pub own: OwnLinks,
    /// Pages and whole hosts that get no linkbacks.
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
    let is_this_page = is_on(&url, rules.page, rules.hosts) && url.path() == rules.page.path();
    let is_left = is_own(&url, rules) && rules.own == OwnLinks::Exclude;
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

/// Whether an address is one of a site's: on its host or another name of it, and below its path.
fn is_own(url: &Url, rules: &OutlinkRules<'_>) -> bool {
    let folder = rules.site.path().trim_end_matches('/');
    let below = url.path().strip_prefix(folder);
    is_on(url, rules.site, rules.hosts) && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether an address is on the host of a site or on another name of it. A scheme, its usual port and a dot at the end
/// make no difference: a site that moved to https has thousands of old links to itself.
fn is_on(url: &Url, site: &Url, hosts: &[String]) -> bool {
    let place = place_of(url);
    place == place_of(site)
        || hosts.iter().any(|host| {
            let named = Url::parse(&format!("{}://{host}", site.scheme()));
            named.is_ok_and(|named| place == place_of(&named))
        })
}

fn place_of(url: &Url) -> (Option<&str>, Option<u16>) {
    let port = url.port().filter(|port| !matches!(port, 80 | 443));
    (url.host_str().map(|host| host.trim_end_matches('.')), port)
}

/// Whether no linkback is to be sent to an address: an entry is read as one of `block` and `trust` is. One with a query
/// means that page.
fn is_excepted(address: &Address, except: &[String]) -> bool {
    except.iter().any(|excepted| match Address::parse(excepted) {
        Ok(page) if page.url().query().is_some() => page.key() == address.key(),
        _ => TrustKey::written(excepted).is_some_and(|entry| entry.covers(address.as_str(), None)),
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
        let hosts = ["www.blog.example".to_owned(), "old-name.example:8080".to_owned()];
        let rules = OutlinkRules { page: &page, site: &site, hosts: &hosts, own, except: &except };
        assert_eq!(targets(html, &rules), expected, "{html}");
    }

    #[test]
    fn the_site_is_itself_under_every_name_and_scheme() {
        for own in [
            "http://blog.example/b/x/",
            "http://blog.example:80/b/x/",
            "https://blog.example:443/b/x/",
            "https://blog.example./b/x/",
            "https://www.blog.example/b/x/",
            "http://WWW.blog.example/b/x/",
            "http://old-name.example:8080/b/x/",
        ] {
            check(&format!("<a href='{own}'>x</a>"), OwnLinks::Exclude, &[]);
        }
        let elsewhere = [
            "https://blog.example:8443/b/x/",
            "https://old-name.example/b/x/",
            "https://a.blog.example/b/x/",
        ];
        for other in elsewhere {
            check(&format!("<a href='{other}'>x</a>"), OwnLinks::Exclude, &[other]);
        }
        check("<a href='http://www.blog.example/b/2026/post/#x'>x</a>", OwnLinks::Include, &[]);
    }

    #[test]
    fn an_exception_is_read_as_an_entry_of_block() {
        for (except, spared, told) in [
            ("bücher.example", "https://xn--bcher-kva.example/a", "https://b.example/a"),
            ("port.example:8080", "http://port.example:8080/a", "http://port.example/a"),
            ("sub.example/", "https://sub.example/a", "https://subs.example/a"),
            ("loud.example", "https://www.loud.example/a", "https://aloud.example/a"),
            ("loud.example", "https://b.loud.example/a", "https://loud.example.net/a"),
            ("loud.example.", "https://loud.example/a", "https://loud.net/a"),
            ("https://a.example/?p=1", "https://a.example/?p=1", "https://a.example/?p=2"),
            ("https://a.example/x", "http://a.example/x/", "https://a.example/y"),
        ] {
            let (page, except) = (Url::parse("https://blog.example/p/").unwrap(), [except.to_owned()]);
            let rules = OutlinkRules {
                page: &page,
                site: &page,
                hosts: &[],
                own: OwnLinks::Exclude,
                except: &except,
            };
            assert_eq!(targets(&format!("<a href='{spared}'>x</a><a href='{told}'>y</a>"), &rules), [told]);
        }
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
