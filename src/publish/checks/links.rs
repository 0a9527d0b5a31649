//! Checks the internal links of every page that is about to be uploaded. The page is read as a browser reads it, so that the
//! links of templates are checked as well as those of posts. A link that several pages show is named once, where it is
//! written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use rayon::prelude::*;
use url::Url;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Location, counted};
use crate::dom::Document;
use crate::path::{OutputPath, SourcePath, UrlPath, percent_decode};
use crate::post::attribution::Attribution;
use crate::post::quote::Quote;
use crate::post::{Link, Post};
use crate::publish::PublishRequest;
use crate::publish::desired::DesiredFiles;
use crate::publish::diff::{Diff, Upload};
use crate::site::links as post_links;

/// Attributes that hold a link.
const ATTRIBUTES: [&str; 3] = ["href", "src", "poster"];
/// How many broken links are named; the others are counted.
const MOST_NAMED: usize = 20;

/// The links of changed pages for which the site has no file, each where it is written.
pub(super) fn broken_links(
    request: &PublishRequest<'_>,
    desired: &DesiredFiles,
    diff: &Diff,
) -> Vec<Diagnostic> {
    let config = request.config();
    let pages: Vec<&Upload> =
        diff.uploads.iter().filter(|upload| upload.path.as_str().ends_with(".html")).collect();
    let found: Vec<BTreeSet<String>> =
        pages.par_iter().map(|upload| broken_in(&upload.path, desired, config)).collect();
    if found.iter().all(BTreeSet::is_empty) {
        return Vec::new();
    }
    let sources = LinkSources::of(request);
    let mut broken = BrokenLinks::default();
    for (upload, links) in pages.iter().zip(found) {
        for shown in links {
            broken.add(&sources, &upload.path, &shown);
        }
    }
    broken.faults(config)
}

/// The links of all posts, by what they are known by on pages.
struct LinkSources<'r> {
    request: &'r PublishRequest<'r>,
    /// By their absolute address without what follows `#`, to which a text fragment may have been added.
    by_url: HashMap<Url, Vec<LinkPlace<'r>>>,
    by_written: HashMap<&'r str, Vec<LinkPlace<'r>>>,
}

/// A link in the text of a post.
#[derive(Clone, Copy)]
struct LinkPlace<'r> {
    post: &'r Post,
    link: &'r Link,
}

impl<'r> LinkSources<'r> {
    fn of(request: &'r PublishRequest<'r>) -> Self {
        let site = &request.built.plan.site;
        let mut sources = Self { request, by_url: HashMap::new(), by_written: HashMap::new() };
        for post in site.shown() {
            let base = Url::parse(&site.config.absolute(&post.url)).ok();
            for link in &post.links {
                let place = LinkPlace { post, link };
                sources.by_written.entry(&link.written).or_default().push(place);
                if let Some(url) = base.as_ref().and_then(|base| base.join(&link.written).ok()) {
                    sources.by_url.entry(without_fragment(url)).or_default().push(place);
                }
            }
        }
        sources
    }

    fn places(&self, page: &OutputPath, written: &str) -> &[LinkPlace<'r>] {
        let url = page_address(page, self.request.config()).and_then(|base| base.join(written.trim()).ok());
        let by_url = url.and_then(|url| self.by_url.get(&without_fragment(url)));
        by_url.or_else(|| self.by_written.get(written)).map_or(&[], Vec::as_slice)
    }

    /// A link that a post has in raw HTML, in an attribution or in its front matter: it is looked for in the file of the page,
    /// and in those of the quotations with such an address.
    fn in_text(&self, page: &OutputPath, written: &str) -> Option<SourcePlace> {
        let plan = &self.request.built.plan;
        let page = plan.pages.iter().find(|known| known.to == *page)?;
        let own = page.kind.content().source(&plan.site);
        let quoting =
            plan.site.shown().filter(|post| post.quotes.iter().any(|quote| has_link(quote, written)));
        own.into_iter().chain(quoting.map(|post| &post.path)).find_map(|path| self.find(path, written))
    }

    fn find(&self, path: &SourcePath, written: &str) -> Option<SourcePlace> {
        let text = fs::read_to_string(self.request.root.join(path.as_str())).ok()?;
        let at = text.find(written)?;
        let location = Location::of(&text, at..at + written.len());
        Some(SourcePlace { path: path.to_string(), line: location.line, column: location.column })
    }
}

fn has_link(quote: &Quote, written: &str) -> bool {
    let Attribution { url, archive, via, further, .. } = &quote.source;
    let via = via.iter().map(|via| &via.url);
    [url, archive]
        .into_iter()
        .chain(via)
        .chain(further.iter().map(|report| &report.url))
        .any(|url| url == written)
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

/// A place in a file of the site, in the order in which faults are named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SourcePlace {
    path: String,
    line: usize,
    column: usize,
}

#[derive(Default)]
struct BrokenLinks {
    /// As they are written, by where.
    in_posts: BTreeMap<SourcePlace, String>,
    /// Those that templates or settings have made, with the pages that show them.
    elsewhere: BTreeMap<String, Vec<OutputPath>>,
}

impl BrokenLinks {
    fn add(&mut self, sources: &LinkSources<'_>, page: &OutputPath, shown: &str) {
        // A text fragment is not written by the author.
        let written = shown.split("#:~:").next().unwrap_or(shown).to_owned();
        let places = sources.places(page, &written);
        for LinkPlace { post, link } in places {
            let (line, column) = (link.line as usize, link.column as usize);
            let place = SourcePlace { path: post.path.to_string(), line, column };
            self.in_posts.insert(place, link.written.clone());
        }
        if !places.is_empty() {
            return;
        }
        match sources.in_text(page, &written) {
            Some(place) => {
                self.in_posts.insert(place, written);
            }
            None => self.elsewhere.entry(written).or_default().push(page.clone()),
        }
    }

    fn faults(self, config: &Config) -> Vec<Diagnostic> {
        let in_posts = self.in_posts.into_iter().map(|(place, written)| {
            let fault = Diagnostic::error(place.path, format!("broken internal link: `{written}`"));
            let fault = fault.hint(hint(&written, "correct the link", config));
            post_links::place_at(fault, place.line, place.column)
        });
        let elsewhere = self.elsewhere.into_iter().map(|(written, pages)| {
            let others = match pages.len() {
                1 => String::new(),
                2 => ", here and on another page".to_owned(),
                count => format!(", here and on {} other pages", count - 1),
            };
            let message = format!("broken internal link: `{written}`{others}");
            let mend = "correct it in the template, the menu or the front matter that it comes from";
            Diagnostic::error(pages[0].as_str(), message).hint(hint(&written, mend, config))
        });
        let mut faults: Vec<Diagnostic> = in_posts.chain(elsewhere).collect();
        if faults.len() > MOST_NAMED {
            let more = faults.len() - MOST_NAMED;
            faults.truncate(MOST_NAMED);
            faults.push(Diagnostic::error(
                "",
                counted(more, "more broken internal link", "more broken internal links"),
            ));
        }
        faults
    }
}

fn hint(written: &str, mend: &str, config: &Config) -> String {
    let is_by_host = written.contains("://");
    let own = if is_by_host {
        format!("`base_url` is `{}`, so this is an address of the site itself; ", config.base_url)
    } else {
        String::new()
    };
    format!("{own}{mend}; with `check_links = false` in the target it is published as it is")
}

fn broken_in(path: &OutputPath, desired: &DesiredFiles, config: &Config) -> BTreeSet<String> {
    let Ok(bytes) = desired.bytes(path) else { return BTreeSet::new() };
    let document = Document::parse(&String::from_utf8_lossy(&bytes));
    let base = page_address(path, config);
    let links = document
        .elements()
        .flat_map(|element| ATTRIBUTES.into_iter().filter_map(move |name| element.attribute(name)));
    links
        .filter(|link| base.as_ref().is_some_and(|base| !is_answered(base, link, desired, config)))
        .map(str::to_owned)
        .collect()
}

fn page_address(path: &OutputPath, config: &Config) -> Option<Url> {
    let path = path.as_str();
    let folder = path.strip_suffix("index.html").unwrap_or(path);
    Url::parse(&config.absolute(&UrlPath::new(folder)?)).ok()
}

/// Whether a link leads to another site, to its receiver or to a file of this one.
fn is_answered(page: &Url, link: &str, desired: &DesiredFiles, config: &Config) -> bool {
    let Ok(url) = page.join(link.trim()) else { return true };
    let is_own = url.origin() == page.origin() && matches!(url.scheme(), "http" | "https");
    // A receiver may share the host, and the path.
    if !is_own || config.linkbacks.announces(url.as_str()) {
        return true;
    }
    let path = percent_decode(url.path());
    // Beside the site, on the same host, may stand anything.
    let base = percent_decode(config.base_path());
    let Some(below) = path.strip_prefix(&base).filter(|below| below.is_empty() || below.starts_with('/'))
    else {
        return true;
    };
    let Some(address) = UrlPath::new(below) else { return false };
    let folder = UrlPath::new(&format!("{address}/"));
    desired.files.contains_key(&address.output())
        || folder.is_some_and(|folder| desired.files.contains_key(&folder.output()))
}
