//! The endpoint of a page for linkbacks: its webmention endpoint, its pingback server, its trackback
//! address.
//!
//! [`discover`] is pure: it reads a response that was fetched, and returns one [`Endpoint`] or none. A page
//! with several endpoints gets one message, by the first of the protocols that are asked for.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use url::Url;

use crate::dom::{Document, charset};
use crate::linkback::LinkbackKind;

/// The answer to a request for the target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TargetResponse<'a> {
    /// The address that was linked.
    pub target: &'a Url,
    /// Where the answer came from after all redirects: relative addresses are relative to it.
    pub url: &'a Url,
    /// The values of all `Link` headers, in order.
    pub links: &'a [&'a str],
    /// The value of the first `X-Pingback` header.
    pub pingback: Option<&'a str>,
    /// The value of `Content-Type`; empty if there is none.
    pub content_type: &'a str,
    pub body: &'a [u8],
}

/// Where to tell, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub kind: LinkbackKind,
    /// The address to send to.
    pub url: Url,
}

/// Finds the endpoint of the first protocol that the page has.
pub(crate) fn discover(page: &TargetResponse<'_>, protocols: &[LinkbackKind]) -> Option<Endpoint> {
    let text = is_markup(page.content_type).then(|| charset::decode(page.body, page.content_type));
    let text = text.as_deref().unwrap_or_default();
    protocols.iter().find_map(|&kind| {
        let url = match kind {
            LinkbackKind::Webmention => webmention(page, text),
            LinkbackKind::Pingback => pingback(page, text),
            LinkbackKind::Trackback => trackback(page, text),
            LinkbackKind::Comment => None,
        }?;
        Some(Endpoint { kind, url })
    })
}

/// Whether a body is a page. One that does not say what it is may well be one.
fn is_markup(content_type: &str) -> bool {
    let media_type = charset::media_type(content_type);
    media_type.is_empty() || media_type.ends_with("html") || media_type.ends_with("xml")
}

/// Webmention, section 3.1.2: the first `Link` header, else the first `<link>` or `<a>` of the document.
fn webmention(page: &TargetResponse<'_>, text: &str) -> Option<Url> {
    in_headers(page).or_else(|| in_document(page, text))
}

fn in_headers(page: &TargetResponse<'_>) -> Option<Url> {
    page.links
        .iter()
        .flat_map(|value| links_of_header(value))
        .find(|link| link.rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("webmention")))
        .and_then(|link| on_the_web(page.url.join(&link.target).ok()?))
}

fn in_document(page: &TargetResponse<'_>, text: &str) -> Option<Url> {
    // Parsing a page costs a hundred times as much as seeing that there is nothing to find.
    if !text.to_ascii_lowercase().contains("webmention") {
        return None;
    }
    let document = Document::parse(text);
    let base = document
        .elements()
        .filter(|node| node.name() == "base")
        .find_map(|node| node.attribute("href"))
        .and_then(|href| page.url.join(href).ok());
    let base = base.as_ref().unwrap_or(page.url);
    let mut links = document.elements().filter(|node| {
        matches!(node.name(), "link" | "a")
            && node.words("rel").any(|word| word.eq_ignore_ascii_case("webmention"))
    });
    let href = links.find_map(|node| node.attribute("href"))?;
    // An empty address is the page itself, whatever its base is.
    if href.trim().is_empty() {
        return on_the_web(page.url.clone());
    }
    on_the_web(base.join(href).ok()?)
}

fn on_the_web(url: Url) -> Option<Url> {
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// A value of a `Link` header.
#[derive(Debug, PartialEq, Eq)]
struct HeaderLink {
    target: String,
    rel: String,
}

/// The links of one `Link` header (RFC 8288, appendix B.2). One that describes another page than this is left out.
fn links_of_header(value: &str) -> Vec<HeaderLink> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let Some((target, after)) = rest[open + 1..].split_once('>') else { break };
        let (parameters, after) = parameters_of(after);
        if !parameters.iter().any(|(name, _)| name == "anchor") {
            let rel = parameters.into_iter().find(|(name, _)| name == "rel");
            let rel = rel.map_or_else(String::new, |(_, value)| value);
            links.push(HeaderLink { target: target.trim().to_owned(), rel });
        }
        rest = after;
    }
    links
}

/// The parameters behind the address of a link, and what follows the comma that ends them.
fn parameters_of(text: &str) -> (Vec<(String, String)>, &str) {
    let mut parameters = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix(';') {
        let after = after.trim_start();
        let end = after.find(['=', ';', ',']).unwrap_or(after.len());
        let name = after[..end].trim().to_ascii_lowercase();
        rest = &after[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = value_of(after.trim_start());
        }
        parameters.push((name, value));
        rest = rest.trim_start();
    }
    (parameters, rest.split_once(',').map_or("", |(_, rest)| rest))
}

/// A parameter's value, quoted or not, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// Pingback 1.0, section 2: the header, else the first place in the text that has exactly the form of the
/// specification. It asks not to be lenient, and the form counts outside HTML as well.
fn pingback(page: &TargetResponse<'_>, text: &str) -> Option<Url> {
    let written = match page.pingback {
        Some(header) => header.trim().to_owned(),
        None => expand(pingback_link(text)?),
    };
    // It has to be absolute; there is nothing to resolve.
    on_the_web(Url::parse(&written).ok()?)
}

/// The first match of `<link rel="pingback" href="([^"]+)" ?/?>`.
fn pingback_link(text: &str) -> Option<&str> {
    const START: &str = "<link rel=\"pingback\" href=\"";
    text.match_indices(START).find_map(|(at, _)| {
        let (href, after) = text[at + START.len()..].split_once('"')?;
        let after = after.strip_prefix(' ').unwrap_or(after);
        let after = after.strip_prefix('/').unwrap_or(after);
        (!href.is_empty() && after.starts_with('>')).then_some(href)
    })
}

/// Expands the four entities of the specification, and no others.
fn expand(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// How many blocks of metadata are looked at. A page with all entries of a month has as many as there are.
const MOST_BLOCKS: usize = 100;

/// TrackBack 1.2: the metadata about the target, which stands in a comment as a rule. A page may describe several
/// entries; the identifier tells whose the address is.
fn trackback(page: &TargetResponse<'_>, text: &str) -> Option<Url> {
    const START: &str = "<rdf:RDF";
    const END: &str = "</rdf:RDF>";
    text.match_indices(START).take(MOST_BLOCKS).find_map(|(at, _)| {
        let block = &text[at..];
        let block = &block[..block.find(END)? + END.len()];
        let description = description(block)?;
        let urls = [page.target, page.url];
        let is_of_target = urls.into_iter().any(|url| same_page(&description.identifier, url));
        if is_of_target { on_the_web(page.url.join(&description.ping).ok()?) } else { None }
    })
}

struct Description {
    identifier: String,
    ping: String,
}

fn same_page(written: &str, url: &Url) -> bool {
    Url::parse(written).is_ok_and(|mut written| {
        let mut url = url.clone();
        url.set_fragment(None);
        written.set_fragment(None);
        written == url
    })
}

/// The first description of an RDF block.
fn description(block: &str) -> Option<Description> {
    const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    let mut reader = NsReader::from_str(block);
    loop {
        let (space, event) = reader.read_resolved_event().ok()?;
        match event {
            Event::Eof | Event::DocType(_) => return None,
            Event::Start(tag) | Event::Empty(tag)
                if matches!(space, ResolveResult::Bound(space) if space.as_ref() == RDF)
                    && tag.local_name().as_ref() == "Description" =>
            {
                return read_description(&reader, &tag);
            }
            _ => {}
        }
    }
}

fn read_description(reader: &NsReader<&[u8]>, tag: &BytesStart<'_>) -> Option<Description> {
    const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
    const TRACKBACK: &str = "http://madskills.com/public/xml/rss/module/trackback/";
    Some(Description {
        identifier: attribute(reader, tag, DUBLIN_CORE, "identifier")?,
        ping: attribute(reader, tag, TRACKBACK, "ping")?,
    })
}

/// The value of an attribute by its namespace and name.
fn attribute(reader: &NsReader<&[u8]>, tag: &BytesStart<'_>, space: &str, name: &str) -> Option<String> {
    tag.attributes().flatten().find_map(|attribute| {
        let (bound, local) = reader.resolver().resolve_attribute(attribute.key);
        let is_wanted = matches!(bound, ResolveResult::Bound(bound) if bound.as_ref() == space);
        let value = (is_wanted && local.as_ref() == name)
            .then(|| attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0))?;
        Some(value.ok()?.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [LinkbackKind; 3] =
        [LinkbackKind::Webmention, LinkbackKind::Pingback, LinkbackKind::Trackback];

    fn found(links: &[&str], x_pingback: Option<&str>, body: &str) -> Option<(LinkbackKind, String)> {
        let url = Url::parse("https://target.example/posts/one?a=1").unwrap();
        let page = TargetResponse {
            target: &url,
            url: &url,
            links,
            pingback: x_pingback,
            content_type: "text/html; charset=utf-8",
            body: body.as_bytes(),
        };
        discover(&page, &ALL).map(|endpoint| (endpoint.kind, endpoint.url.into()))
    }

    #[track_caller]
    fn webmention(links: &[&str], body: &str, expected: &str) {
        let expected = (!expected.is_empty()).then(|| (LinkbackKind::Webmention, expected.to_owned()));
        assert_eq!(found(links, None, body), expected, "{links:?} {body}");
    }

    #[test]
    fn link_headers_are_lists_of_links_with_parameters() {
        for (value, expected) in [
            ("</e>; rel=webmention", "https://target.example/e"),
            ("<e>; rel=webmention", "https://target.example/posts/e"),
            ("<https://e.example/?x=1,2;3>; rel=\"webmention\"", "https://e.example/?x=1,2;3"),
            ("<>; rel=webmention", "https://target.example/posts/one?a=1"),
            ("</no>; rel=\"other\", </e>; rel=\"webmention\"", "https://target.example/e"),
            ("</no>; title=\"a, <b>; rel=webmention\", </e>; rel=webmention", "https://target.example/e"),
            ("</no>; title=\"\\\"; rel=webmention\"; rel=x,</e>;rel=webmention", "https://target.example/e"),
            ("</e>; type=text/html ; REL = \"next WebMention\" ", "https://target.example/e"),
            ("</no>; rel=next; rel=webmention", ""),
            ("</no>; rel=not-webmention", ""),
            ("</no>; rel", ""),
            ("</no>; rel=webmention; anchor=\"#part\"", ""),
            ("<mailto:a@b.example>; rel=webmention", ""),
            ("</no; rel=webmention", ""),
            ("rel=webmention", ""),
            ("", ""),
        ] {
            webmention(&[value], "", expected);
        }
        webmention(&["</a>; rel=x", "</e>; rel=webmention"], "", "https://target.example/e");
    }

    #[test]
    fn the_first_element_that_has_an_address_counts() {
        for (body, expected) in [
            ("<link rel=webmention href=/e>", "https://target.example/e"),
            ("<p><a href='https://e.example/' rel='x webmention'>", "https://e.example/"),
            ("<a rel=webmention href=/e>a</a><link rel=webmention href=/no>", "https://target.example/e"),
            ("<link rel=webmention><a rel=webmention href=/e>", "https://target.example/e"),
            ("<link rel=webmention href=''>", "https://target.example/posts/one?a=1"),
            ("<base href='/b/'><a rel=webmention href=e>", "https://target.example/b/e"),
            ("<base href='/b/'><a rel=webmention href=''>", "https://target.example/posts/one?a=1"),
            ("<link rel=webmention href='/e?q=a&amp;r=b'>", "https://target.example/e?q=a&r=b"),
            ("<b rel=webmention href=/no>", ""),
            ("<!-- <link rel=webmention href=/no> -->", ""),
            ("&lt;link rel=webmention href=/no>", ""),
            ("<script>'<a rel=webmention href=/no>'</script>", ""),
            ("<template><a rel=webmention href=/no></template>", ""),
            ("<link rel=webmentions href=/no>", ""),
        ] {
            webmention(&[], body, expected);
        }
        webmention(&["</e>; rel=webmention"], "<link rel=webmention href=/no>", "https://target.example/e");
    }

    #[test]
    fn only_pages_are_searched() {
        let url = Url::parse("https://target.example/").unwrap();
        let body = b"<link rel=webmention href=/e>";
        for (content_type, is_found) in
            [("", true), ("application/xhtml+xml", true), ("text/plain", false), ("image/png", false)]
        {
            let page = TargetResponse {
                target: &url,
                url: &url,
                links: &[],
                pingback: None,
                content_type,
                body: body.as_slice(),
            };
            assert_eq!(discover(&page, &ALL).is_some(), is_found, "{content_type}");
        }
    }

    #[test]
    fn pingback_is_found_in_exactly_its_form() {
        let server = "https://p.example/x?a=1&b=<\">";
        let written = "https://p.example/x?a=1&amp;b=&lt;&quot;&gt;";
        for (body, is_found) in [
            (format!("<link rel=\"pingback\" href=\"{written}\">"), true),
            (format!("<link rel=\"pingback\" href=\"{written}\" />"), true),
            (format!("<link rel=\"pingback\" href=\"{written}\"/>"), true),
            (format!("<link rel=\"pingback\" href=\"\"> <link rel=\"pingback\" href=\"{written}\" >"), true),
            (format!("<!-- <link rel=\"pingback\" href=\"{written}\"> -->"), true),
            (format!("<link rel='pingback' href='{written}'>"), false),
            (format!("<link href=\"{written}\" rel=\"pingback\">"), false),
            (format!("<LINK rel=\"pingback\" href=\"{written}\">"), false),
            (format!("<link rel=\"pingback\"  href=\"{written}\">"), false),
            (format!("<link rel=\"pingback\" href=\"{written}\"  />"), false),
            (format!("<link rel=\"pingback\" href=\"{written}\" title=\"\">"), false),
            ("<link rel=\"pingback\" href=\"/relative\">".to_owned(), false),
        ] {
            let expected = is_found.then(|| (LinkbackKind::Pingback, Url::parse(server).unwrap().into()));
            assert_eq!(found(&[], None, &body), expected, "{body}");
        }
    }

    #[test]
    fn the_pingback_header_goes_before_the_link() {
        let link = "<link rel=\"pingback\" href=\"https://link.example/\">";
        let server = |url: &str| Some((LinkbackKind::Pingback, url.to_owned()));
        assert_eq!(
            found(&[], Some(" https://p.example/?a=1&amp;b "), link),
            server("https://p.example/?a=1&amp;b")
        );
        assert_eq!(found(&[], Some("/relative"), link), None);
        assert_eq!(found(&[], None, link), server("https://link.example/"));
    }

    fn rdf(identifier: &str, ping: &str) -> String {
        format!(
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"\n xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n \
             xmlns:trackback=\"http://madskills.com/public/xml/rss/module/trackback/\">\n<rdf:Description trackback:ping=\"{ping}\"\n \
             rdf:about=\"{identifier}\" dc:identifier=\"{identifier}\" dc:title=\"One &amp; two\" />\n</rdf:RDF>"
        )
    }

    #[test]
    fn trackback_is_found_by_the_identifier() {
        let own = rdf("https://target.example/posts/one?a=1", "/tb?id=1&amp;x=2");
        let other = rdf("https://target.example/posts/other", "/no");
        let ping = Some((LinkbackKind::Trackback, "https://target.example/tb?id=1&x=2".to_owned()));
        assert_eq!(found(&[], None, &format!("<!-- {other} {own} -->")), ping);
        assert_eq!(found(&[], None, &own), ping);
        assert_eq!(found(&[], None, &other), None);
        assert_eq!(found(&[], None, &own.replace("madskills", "other")), None);
        assert_eq!(found(&[], None, "<rdf:RDF xmlns:rdf='x'><!DOCTYPE y></rdf:RDF>"), None);
        assert_eq!(found(&[], None, "<rdf:RDF"), None);
    }

    #[test]
    fn one_protocol_is_chosen_in_the_order_asked_for() {
        let url = Url::parse("https://target.example/").unwrap();
        let body = format!("<a rel=webmention href=/w> {}", rdf("https://target.example/", "/t"));
        let page = TargetResponse {
            target: &url,
            url: &url,
            links: &[],
            pingback: Some("https://target.example/p"),
            content_type: "text/html",
            body: body.as_bytes(),
        };
        let kind = |protocols: &[LinkbackKind]| discover(&page, protocols).map(|endpoint| endpoint.kind);
        assert_eq!(kind(&ALL), Some(LinkbackKind::Webmention));
        assert_eq!(kind(&[LinkbackKind::Pingback, LinkbackKind::Trackback]), Some(LinkbackKind::Pingback));
        assert_eq!(kind(&[LinkbackKind::Trackback]), Some(LinkbackKind::Trackback));
        assert_eq!(kind(&[]), None);
    }
}
