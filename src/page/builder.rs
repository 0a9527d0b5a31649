//! Collects the outputs of a plan. Each address goes to the first kind that claims it.

use std::cmp::Reverse;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::diagnostic::{Diagnostic, Reach};
use crate::page::kinds::PageKind;
use crate::page::redirects::{RedirectPlace, Redirects};
use crate::page::{Page, lint};
use crate::path::{OutputPath, SourcePath, UrlPath};
use crate::search::segments::Segments;
use crate::site::Site;

/// The list of outputs while it is made.
pub struct PlanBuilder<'s> {
    pub(super) site: &'s Site,
    pub(super) search: Arc<Segments>,
    pub(super) pages: Vec<Page>,
    pub(super) claims: HashMap<OutputPath, usize>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) redirects: Redirects,
    /// Where each of the redirects is written.
    pub(super) redirect_places: Vec<RedirectPlace>,
    pub(super) clashes: Vec<Clash>,
}

/// Two outputs that cannot both be written.
pub struct Clash {
    /// What is wrong: an error of one file, or of the site if no file can give way.
    pub fault: Diagnostic,
    /// The file that gives way.
    pub leaves_out: Option<SourcePath>,
}

impl<'s> PlanBuilder<'s> {
    /// All outputs of a site, checked.
    pub(super) fn build(site: &'s Site) -> Self {
        let mut builder = Self {
            site,
            search: Arc::new(Segments::of(site)),
            pages: Vec::new(),
            claims: HashMap::new(),
            diagnostics: Vec::new(),
            redirects: Redirects::default(),
            redirect_places: Vec::new(),
            clashes: Vec::new(),
        };
        PageKind::plan_all(&mut builder);
        let clashes = lint::folders(&builder);
        builder.clashes.extend(clashes);
        let faults = lint::check(&builder);
        builder.diagnostics.extend(faults);
        builder
    }

    /// Claims an address. The first claim stands; another one is an error that names both.
    pub(super) fn claim(&mut self, url: UrlPath, kind: impl Into<PageKind>) {
        let to = url.output();
        let page = Page { to, url, kind: kind.into() };
        if let Some(&first) = self.claims.get(&page.to) {
            self.clashes.push(self.claimed_twice(&self.pages[first], &page));
            return;
        }
        self.claims.insert(page.to.clone(), self.pages.len());
        self.pages.push(page);
    }

    /// Claims an address unless it is taken: what the engine adds gives way to what the author wrote.
    pub(super) fn offer(&mut self, url: UrlPath, kind: impl Into<PageKind>) {
        if !self.claims.contains_key(&url.output()) {
            self.claim(url, kind);
        }
    }

    /// The page at an address so far.
    pub(super) fn page_at(&self, url: &UrlPath) -> Option<&Page> {
        self.claims.get(&url.output()).map(|&index| &self.pages[index])
    }

    /// The output at an address, with or without a slash at its end.
    pub(super) fn answering(&self, url: &UrlPath) -> Option<&Page> {
        let folder = UrlPath::new(&format!("{url}/")).filter(|_| !url.as_str().ends_with('/'));
        self.page_at(url).or_else(|| self.page_at(&folder?))
    }

    /// What has an address already, in words.
    pub(super) fn claimant_of(&self, url: &UrlPath) -> Option<String> {
        self.page_at(url).map(|page| self.label(page))
    }

    /// Reports a fault.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// What a page is for, in messages.
    pub(super) fn label(&self, page: &Page) -> String {
        page.kind.content().label(self.site)
    }

    /// The file to name in a message about two pages: the first that is made of one, else the settings.
    pub(super) fn file_of(&self, first: &Page, second: &Page) -> String {
        let sources = [first, second].into_iter().filter_map(|page| page.kind.content().source(self.site));
        sources.map(ToString::to_string).next().unwrap_or_else(|| self.site.config.file.clone())
    }

    /// A fault of two pages that cannot both be written. What the engine makes stays; of the files one gives way: a copied
    /// file to a post, the newer post to the older one, whose address is known.
    pub(super) fn clash(&self, one: &Page, other: &Page, message: String, hint: &str) -> Clash {
        let sources = [one, other].into_iter().filter_map(|page| page.kind.content().source(self.site));
        let leaves_out = sources.min_by_key(|source| {
            let post = self.site.post(source);
            (post.is_some(), Reverse(post.and_then(|post| post.date)), Reverse(*source))
        });
        let leaves_out = leaves_out.cloned();
        let file = leaves_out.as_ref().map_or(self.site.config.file.as_str(), SourcePath::as_str);
        let reach = if leaves_out.is_some() { Reach::File } else { Reach::Site };
        Clash { fault: Diagnostic::error(file, message).hint(hint).reaching(reach), leaves_out }
    }

    /// The language of a page that is made of a post.
    fn language_of(&self, page: &Page) -> Option<&str> {
        let post = page.kind.content().post(self.site)?;
        Some(post.front.language.as_deref().unwrap_or(&self.site.config.language))
    }

    fn claimed_twice(&self, earlier: &Page, later: &Page) -> Clash {
        let message = format!(
            "`{}` is the address of both `{}` and `{}`",
            later.url,
            self.label(earlier),
            self.label(later)
        );
        let hint = match (self.language_of(earlier), self.language_of(later)) {
            (Some(one), Some(other)) if one != other => {
                "put `:lang` or `:folder` into the `permalink` of the settings, or give one of them another `slug` or `path`"
            }
            _ if later.url.as_str() == "/" || earlier.url.as_str() == "/" => {
                "the front page has one text of its own, `content/pages/index.md`; the list of posts stands below it, or with `list = false` nowhere"
            }
            _ => "give one of them another `slug` or `path`, or move a list with `[paths]` in the settings",
        };
        self.clash(earlier, later, message, hint)
    }
}
