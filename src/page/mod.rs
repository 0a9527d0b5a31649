//! Every output of a site: its path, who makes it, and what it may show.
//!
//! [`Plan::of`] lists the pages; [`Plan::render_input`] gives the data of one. Both are pure. A page is stale
//! if its fingerprint (its template and its view, with the bodies it prints) or an answer its template asked for
//! has changed; see [`question`].

pub mod archive;
pub mod feed;
pub mod list;
pub mod pagination;
pub mod post;
pub mod question;
pub mod quotes;
pub mod redirect;
pub mod sitemap;
pub mod view;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use crate::diagnostic::{Diagnostic, MOST_HINTS, did_you_mean};
use crate::hash::Hash;
use crate::page::feed::{FeedFormat, FeedOf, FeedView};
use crate::page::sitemap::SitemapView;
use crate::page::view::{
    ArchivesView, DayView, HeadView, HomeView, MonthView, NotFoundView, PostView, QuotesView, RedirectView,
    SeriesView, StaticPageView, TermView, TermsView, YearView,
};
use crate::path::{OutputPath, SourcePath, UrlPath, has_scheme, is_own, percent_decode};
use crate::post::{Post, Target};
use crate::site::taxonomy::Taxonomy;
use crate::site::{PostIndex, Site, links};

/// An output.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Where it is written.
    pub to: OutputPath,
    /// Its address.
    pub url: UrlPath,
    /// What it shows.
    pub subject: PageKind,
}

/// What an output shows, by where it stands in the [`Site`].
#[derive(Debug, Clone, PartialEq)]
pub enum PageKind {
    /// The newest posts; the page's number.
    Home(usize),
    /// A post.
    Post(usize),
    /// A page without a date.
    StaticPage(usize),
    /// All years.
    Archives,
    /// A year.
    Year(i32),
    /// A month.
    Month(i32, u32),
    /// A day.
    Day(NaiveDate),
    /// All terms of a kind.
    Terms(Taxonomy),
    /// The posts of a tag or category: the term's index and the page's number.
    Term(Taxonomy, usize, usize),
    /// A series.
    Series(usize),
    /// Quotes, all or of one publication, and the page's number.
    Quotes(Option<usize>, usize),
    /// What hosts show for a missing address.
    NotFound,
    /// What stands at an old address: where it leads.
    Redirect(UrlPath),
    /// A feed.
    Feed(FeedFormat, FeedOf),
    /// The sitemap: its number, or 0 for the one that is all or lists the others.
    Sitemap(usize),
    /// A small text file.
    Text(String),
    /// A file copied as it is.
    Copy(SourcePath),
}

/// The data of an output. It serialises as the data alone, which is what a template sees.
#[derive(Serialize)]
#[serde(untagged)]
pub enum View<'a> {
    /// `home.html`
    Home(HomeView<'a>),
    /// `post.html`
    Post(Box<PostView<'a>>),
    /// `page.html`
    StaticPage(Box<StaticPageView<'a>>),
    /// `archives.html`
    Archives(ArchivesView),
    /// `year.html`
    Year(YearView),
    /// `month.html`
    Month(MonthView<'a>),
    /// `day.html`
    Day(DayView<'a>),
    /// `terms.html`
    Terms(TermsView),
    /// `term.html`
    Term(TermView<'a>),
    /// `series.html`
    Series(SeriesView<'a>),
    /// `quotes.html`
    Quotes(QuotesView<'a>),
    /// `not_found.html`
    NotFound(NotFoundView),
    /// `redirect.html`
    Redirect(RedirectView),
    /// Written by the engine.
    Feed(Box<FeedView<'a>>),
    /// Written by the engine.
    Sitemap(SitemapView),
    /// Written as it is.
    Text(&'a str),
    /// The fingerprint of a file that is copied.
    Copy(Hash),
}

/// Who makes an output of its view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum RendererKind {
    /// A template of the theme.
    Template(String),
    /// The engine itself.
    Engine,
}

/// An output's maker and all its data.
#[derive(Serialize)]
pub struct RenderInput<'a> {
    /// Who makes it.
    pub maker: RendererKind,
    /// What is true of every page a template makes.
    pub head: Option<HeadView>,
    /// What this page shows.
    pub view: View<'a>,
    /// The files of the bodies it prints, in order, with their fingerprints.
    pub bodies: Vec<(&'a SourcePath, Hash)>,
    /// What makes the JSON-LD of a post: of its file, which is among the bodies, so it is no part of the
    /// fingerprint.
    #[serde(skip)]
    pub json_ld: Option<post::JsonLd<'a>>,
}

impl RenderInput<'_> {
    /// The fingerprint of all of it.
    pub fn fingerprint(&self) -> Hash {
        Hash::of_value(self)
    }
}

/// All outputs of a site.
pub struct Plan {
    /// The site.
    pub site: Site,
    /// The outputs.
    pub pages: Arc<Vec<Page>>,
    by_output: Arc<HashMap<OutputPath, usize>>,
    cards: list::Cards,
}

impl Plan {
    /// Lists the outputs, and reports addresses that are claimed twice and links that lead to none.
    pub fn of(site: Site) -> (Self, Vec<Diagnostic>) {
        let mut builder =
            PlanBuilder { site: &site, pages: Vec::new(), claims: HashMap::new(), diagnostics: Vec::new() };
        post::plan(&mut builder);
        list::plan(&mut builder);
        archive::plan(&mut builder);
        quotes::plan(&mut builder);
        feed::plan(&mut builder);
        builder.files();
        redirect::plan(&mut builder);
        sitemap::plan(&mut builder);
        builder.check_folders();
        builder.check_case();
        builder.check_links();
        let PlanBuilder { pages, claims, diagnostics, .. } = builder;
        (
            Self { cards: list::Cards::of(&site), site, pages: Arc::new(pages), by_output: Arc::new(claims) },
            diagnostics,
        )
    }

    /// The plan of a site that has the same outputs.
    fn of_like(&self, site: Site) -> Self {
        Self {
            cards: list::Cards::of(&site),
            site,
            pages: Arc::clone(&self.pages),
            by_output: Arc::clone(&self.by_output),
        }
    }

    /// The plan with another text of a post. `None` if outputs may come or go, or links lead elsewhere: then the site
    /// has to be assembled anew.
    pub fn with_post(&self, post: &Arc<Post>) -> Option<Self> {
        self.site.with_post(post).map(|site| self.of_like(site))
    }

    /// The plan with another content of a file to copy. `None` if it is a new one.
    pub fn with_file(&self, path: &SourcePath, content: (Hash, Option<(u32, u32)>)) -> Option<Self> {
        self.site.with_file(path, content).map(|site| self.of_like(site))
    }

    /// The page at an address.
    pub fn page_at(&self, url: &UrlPath) -> Option<&Page> {
        let page = self.by_output.get(&url.output()).map(|&index| &self.pages[index]);
        page.filter(|page| page.url == *url)
    }

    /// When a page is best made: those that show the same posts one after the other, so that what was made for one is
    /// there for the next. Bodies come first, and are let go before lists take memory.
    pub fn render_order(&self, page: &Page) -> (u8, usize) {
        match &page.subject {
            PageKind::Post(_) | PageKind::StaticPage(_) => (0, 0),
            PageKind::Feed(..) => (1, 0),
            subject => (2, list::first_post(&self.site, subject)),
        }
    }

    /// Lets go of the cards that lists were made of. They are made again when a list asks for them.
    pub fn forget_cards(&self) {
        self.cards.forget();
    }

    /// The posts that feeds hold, with the number of feeds.
    pub fn in_feeds(&self) -> HashMap<&SourcePath, usize> {
        let posts = self.pages.iter().flat_map(|page| match &page.subject {
            PageKind::Feed(_, of) => feed::posts(&self.site, of),
            _ => Vec::new(),
        });
        let mut feeds = HashMap::new();
        for post in posts {
            *feeds.entry(&self.site.posts[post].path).or_default() += 1;
        }
        feeds
    }

    /// An output's maker and data.
    pub fn render_input<'a>(&'a self, page: &'a Page) -> RenderInput<'a> {
        let view = self.view(page);
        let bodies = self.bodies(&page.subject);
        let head = self.head(page);
        let json_ld = match &page.subject {
            PageKind::Post(index) => Some(post::JsonLd { site: &self.site, post: &self.site.posts[*index] }),
            PageKind::StaticPage(index) => {
                Some(post::JsonLd { site: &self.site, post: &self.site.pages[*index] })
            }
            _ => None,
        };
        RenderInput { maker: self.maker(&page.subject), head, view, bodies, json_ld }
    }

    fn view<'a>(&'a self, page: &'a Page) -> View<'a> {
        let site = &self.site;
        match &page.subject {
            PageKind::Home(number) => View::Home(list::home(self, *number)),
            PageKind::Post(index) => View::Post(Box::new(post::view(site, *index))),
            PageKind::StaticPage(index) => View::StaticPage(Box::new(post::page_view(site, *index))),
            PageKind::Archives => View::Archives(archive::archives(site)),
            PageKind::Year(year) => View::Year(archive::year(site, *year)),
            PageKind::Month(year, month) => View::Month(archive::month(self, (*year, *month))),
            PageKind::Day(day) => View::Day(archive::day(self, *day)),
            PageKind::Terms(taxonomy) => View::Terms(list::terms(site, *taxonomy)),
            PageKind::Term(taxonomy, term, number) => View::Term(list::term(self, *taxonomy, *term, *number)),
            PageKind::Series(term) => View::Series(list::series(self, *term)),
            PageKind::Quotes(publication, number) => View::Quotes(quotes::view(site, *publication, *number)),
            PageKind::NotFound => View::NotFound(NotFoundView {}),
            PageKind::Redirect(target) => {
                View::Redirect(RedirectView { target: site.config.absolute(target) })
            }
            PageKind::Feed(format, of) => View::Feed(Box::new(feed::view(site, *format, of, &page.url))),
            PageKind::Sitemap(number) => View::Sitemap(sitemap::view(self, *number)),
            PageKind::Text(text) => View::Text(text),
            PageKind::Copy(path) => {
                View::Copy(site.files.get(path).map_or_else(Hash::default, |file| file.hash))
            }
        }
    }

    fn bodies(&self, subject: &PageKind) -> Vec<(&SourcePath, Hash)> {
        let Site { posts, pages, .. } = &self.site;
        let shown: Vec<&Post> = match subject {
            PageKind::Post(index) => vec![&posts[*index]],
            PageKind::StaticPage(index) => vec![&pages[*index]],
            PageKind::Feed(_, of) => {
                feed::posts(&self.site, of).iter().map(|&index| &*posts[index]).collect()
            }
            _ => Vec::new(),
        };
        shown.into_iter().map(|post| (&post.path, post.hash)).collect()
    }

    fn maker(&self, subject: &PageKind) -> RendererKind {
        let site = &self.site;
        let own =
            |post: &Post, default: &str| post.front.template.clone().unwrap_or_else(|| default.to_owned());
        let name = match subject {
            PageKind::Home(_) => "home.html".to_owned(),
            PageKind::Post(index) => own(&site.posts[*index], "post.html"),
            PageKind::StaticPage(index) => own(&site.pages[*index], "page.html"),
            PageKind::Archives => "archives.html".to_owned(),
            PageKind::Year(_) => "year.html".to_owned(),
            PageKind::Month(..) => "month.html".to_owned(),
            PageKind::Day(_) => "day.html".to_owned(),
            PageKind::Terms(_) => "terms.html".to_owned(),
            PageKind::Term(..) => "term.html".to_owned(),
            PageKind::Series(_) => "series.html".to_owned(),
            PageKind::Quotes(..) => "quotes.html".to_owned(),
            PageKind::NotFound => "not_found.html".to_owned(),
            PageKind::Redirect(_) => "redirect.html".to_owned(),
            PageKind::Feed(..) | PageKind::Sitemap(_) | PageKind::Text(_) | PageKind::Copy(_) => {
                return RendererKind::Engine;
            }
        };
        RendererKind::Template(name)
    }

    fn head(&self, page: &Page) -> Option<HeadView> {
        let site = &self.site;
        let list = |kind, title: &str| Some(list::head(site, page, kind, title));
        match &page.subject {
            PageKind::Home(_) => list("home", ""),
            PageKind::Post(index) => Some(post::head(site, page, "post", &site.posts[*index])),
            PageKind::StaticPage(index) => Some(post::head(site, page, "page", &site.pages[*index])),
            PageKind::Archives => list("archives", ""),
            PageKind::Year(year) => list("year", &year.to_string()),
            PageKind::Month(year, month) => list("month", &format!("{year:04}-{month:02}")),
            PageKind::Day(day) => list("day", &day.to_string()),
            PageKind::Terms(_) => list("terms", ""),
            PageKind::Term(taxonomy, term, _) => {
                let name = &site.taxonomies.terms(*taxonomy)[*term].name;
                list("term", name).map(|head| feed::announce(site, head, *taxonomy, *term))
            }
            PageKind::Series(term) => list("series", &site.taxonomies.terms(Taxonomy::Series)[*term].name),
            PageKind::Quotes(publication, _) => {
                let name = publication.map_or("", |index| site.publications[index].name.as_str());
                list("quotes", name).map(|head| feed::announce_quotes(site, head))
            }
            PageKind::NotFound => list("not_found", ""),
            PageKind::Redirect(_) => list("redirect", ""),
            PageKind::Feed(..) | PageKind::Sitemap(_) | PageKind::Text(_) | PageKind::Copy(_) => None,
        }
    }
}

/// What a page is made for, in words: for the message that an address is claimed twice.
fn claimant(site: &Site, subject: &PageKind) -> String {
    match subject {
        PageKind::Post(index) => site.posts[*index].path.to_string(),
        PageKind::StaticPage(index) => site.pages[*index].path.to_string(),
        PageKind::Copy(path) => path.to_string(),
        PageKind::Home(_) => "the home page".to_owned(),
        PageKind::Archives => "the list of archives".to_owned(),
        PageKind::Year(year) => format!("the archive of {year}"),
        PageKind::Month(year, month) => format!("the archive of {year:04}-{month:02}"),
        PageKind::Day(day) => format!("the archive of {day}"),
        PageKind::Terms(taxonomy) => format!("the list of {}", taxonomy.name()),
        PageKind::Term(taxonomy, term, _) => {
            format!("`{}` in {}", site.taxonomies.terms(*taxonomy)[*term].name, taxonomy.name())
        }
        PageKind::Series(term) => {
            format!("the series `{}`", site.taxonomies.terms(Taxonomy::Series)[*term].name)
        }
        PageKind::Quotes(..) => "the list of quotes".to_owned(),
        PageKind::NotFound => "the page for missing addresses".to_owned(),
        PageKind::Redirect(target) => format!("an alias of `{target}`"),
        PageKind::Feed(..) => "a feed".to_owned(),
        PageKind::Sitemap(_) => "the sitemap".to_owned(),
        PageKind::Text(_) => "a file of the engine's own".to_owned(),
    }
}

/// The list of outputs in the making.
pub(crate) struct PlanBuilder<'s> {
    pub(crate) site: &'s Site,
    pages: Vec<Page>,
    claims: HashMap<OutputPath, usize>,
    diagnostics: Vec<Diagnostic>,
}

impl PlanBuilder<'_> {
    /// Claims an address for a subject. The first claim stands; another one is an error that names both.
    pub(crate) fn claim(&mut self, url: UrlPath, subject: PageKind) {
        let to = url.output();
        if let Some(&first) = self.claims.get(&to) {
            let (earlier, later) =
                (claimant(self.site, &self.pages[first].subject), claimant(self.site, &subject));
            let source = self.source_of(&subject).or_else(|| self.source_of(&self.pages[first].subject));
            let path = source.unwrap_or_else(|| self.site.config.file.clone());
            let fault = Diagnostic::error(
                path,
                format!("`{url}` is the address of both `{earlier}` and `{later}`"),
            )
            .hint("give one of them another `slug` or `path`, or move a list with `[paths]` in the settings");
            self.diagnostics.push(fault);
            return;
        }
        self.claims.insert(to.clone(), self.pages.len());
        self.pages.push(Page { to, url, subject });
    }

    /// Claims an address unless it is taken: what the engine adds gives way to what the author wrote.
    pub(crate) fn offer(&mut self, url: UrlPath, subject: PageKind) {
        if !self.claims.contains_key(&url.output()) {
            self.claim(url, subject);
        }
    }

    /// Who claims an address.
    pub(crate) fn claimant_of(&self, url: &UrlPath) -> Option<String> {
        self.claims.get(&url.output()).map(|&index| claimant(self.site, &self.pages[index].subject))
    }

    /// Reports a fault.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn source_of(&self, subject: &PageKind) -> Option<String> {
        match subject {
            PageKind::Post(index) => Some(self.site.posts[*index].path.to_string()),
            PageKind::StaticPage(index) => Some(self.site.pages[*index].path.to_string()),
            PageKind::Copy(path) => Some(path.to_string()),
            _ => None,
        }
    }

    fn files(&mut self) {
        let site = self.site;
        for (path, file) in site.files.iter() {
            self.claim(file.url.clone(), PageKind::Copy(path.clone()));
        }
    }

    /// No file can stand where a folder must.
    fn check_folders(&mut self) {
        let mut faults = Vec::new();
        for page in &self.pages {
            let mut folder = page.to.as_str();
            while let Some((parent, _)) = folder.rsplit_once('/') {
                if let Some(&index) = self.claims.get(parent) {
                    let file = &self.pages[index].subject;
                    let message = format!(
                        "`/{parent}` cannot be both a file (for `{}`) and a folder (for `{}`)",
                        claimant(self.site, file),
                        claimant(self.site, &page.subject)
                    );
                    let path = self.source_of(file).or_else(|| self.source_of(&page.subject));
                    faults.push(Diagnostic::error(
                        path.unwrap_or_else(|| self.site.config.file.clone()),
                        message,
                    ));
                }
                folder = parent;
            }
        }
        self.diagnostics.extend(faults);
    }

    /// What differs in case only is one file where the file system does not tell capitals from small letters.
    fn check_case(&mut self) {
        let mut capitals: HashMap<String, usize> = HashMap::new();
        let mut faults = Vec::new();
        for (index, page) in self.pages.iter().enumerate() {
            // Of two such paths one holds a capital; most sites have few of those.
            if page.to.as_str().bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
                continue;
            }
            let small = page.to.as_str().to_lowercase();
            if small == page.to.as_str() {
                continue;
            }
            let twin = self.claims.get(small.as_str()).or_else(|| capitals.get(&small)).copied();
            capitals.entry(small).or_insert(index);
            let Some(twin) = twin.map(|twin| &self.pages[twin]) else { continue };
            let [named, other] = if page.url < twin.url { [page, twin] } else { [twin, page] };
            let message = format!(
                "`{}` (for `{}`) and `{}` (for `{}`) differ in case only",
                named.url,
                claimant(self.site, &named.subject),
                other.url,
                claimant(self.site, &other.subject)
            );
            let path = self.source_of(&named.subject).or_else(|| self.source_of(&other.subject));
            faults.push(
                Diagnostic::warning(path.unwrap_or_else(|| self.site.config.file.clone()), message).hint(
                    "some computers and hosts cannot tell them apart, and show one for the other; give one another name",
                ),
            );
        }
        self.diagnostics.extend(faults);
    }

    /// Links to addresses and files of this site that no output answers.
    fn check_links(&mut self) {
        let mut faults = Vec::new();
        for post in self.site.shown() {
            for link in &post.links {
                let with_hint = faults.len() < MOST_HINTS;
                let fault = match &link.target {
                    Target::Address(url, anchor) => self.check_address(post, url, anchor, with_hint),
                    Target::File(path) => self.check_file(post, path, &link.written, with_hint),
                    _ => None,
                };
                faults.extend(fault.map(|fault| links::place(fault, link)));
            }
        }
        faults.extend(self.check_menu());
        faults.extend(self.site.shown().filter_map(|post| self.check_image(post)));
        self.diagnostics.extend(faults);
    }

    fn check_menu(&self) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for entry in &self.site.config.menu {
            let path = entry.url.split(['?', '#']).next().unwrap_or_default();
            let message = if is_own(&entry.url) {
                let url = UrlPath::new(&percent_decode(path));
                if url.is_some_and(|url| self.answering(&url).is_some()) {
                    continue;
                }
                format!("nothing stands at `{path}`, to which `{}` in the menu leads", entry.name)
            } else if has_scheme(&entry.url) || entry.url.starts_with(['#', '/']) {
                continue;
            } else {
                format!("`{}` in the menu leads to `{}`, which is no address", entry.name, entry.url)
            };
            let hint = "an address of this site begins with `/`, one of another with `https://`";
            faults.push(Diagnostic::warning(&self.site.config.file, message).hint(hint));
        }
        faults
    }

    fn check_image(&self, post: &Post) -> Option<Diagnostic> {
        let written =
            post.front.image.as_deref().filter(|image| !has_scheme(image) && !image.starts_with("//"))?;
        let is_there = match written.starts_with('/') {
            true => UrlPath::new(&percent_decode(written)).is_some_and(|url| self.answering(&url).is_some()),
            false => post.path.join(written).is_some_and(|path| self.site.files.contains_key(&path)),
        };
        (!is_there).then(|| {
            Diagnostic::warning(post.path.as_str(), format!("there is no file `{written}` for its `image`"))
                .hint("put it beside the post, or into `static/` and begin its address with `/`")
        })
    }

    /// The output that answers an address, with or without a slash at its end.
    fn answering(&self, url: &UrlPath) -> Option<&Page> {
        let folder = || UrlPath::new(&format!("{url}/")).filter(|_| !url.as_str().ends_with('/'));
        let claim = self.claims.get(&url.output()).or_else(|| self.claims.get(&folder()?.output()));
        claim.map(|&index| &self.pages[index])
    }

    fn check_address(&self, post: &Post, url: &UrlPath, anchor: &str, with_hint: bool) -> Option<Diagnostic> {
        let Some(page) = self.answering(url) else {
            let addresses = self.site.shown().filter(|_| with_hint).map(|post| post.url.as_str());
            return Some(
                Diagnostic::warning(post.path.as_str(), format!("nothing stands at `{url}` on this site"))
                    .maybe_hint(did_you_mean(url.as_str(), addresses)),
            );
        };
        let target = match page.subject {
            PageKind::Post(index) => &self.site.posts[index],
            PageKind::StaticPage(index) => &self.site.pages[index],
            _ => return None,
        };
        (!target.has_anchor(anchor)).then(|| {
            let known = target.headings.iter().map(|heading| heading.id.as_str());
            Diagnostic::warning(post.path.as_str(), format!("`{url}` has no heading `#{anchor}`"))
                .maybe_hint(did_you_mean(anchor, known))
        })
    }

    /// A relative link that is no file may be meant relative to the page's address.
    fn check_file(
        &self,
        post: &Post,
        path: &SourcePath,
        written: &str,
        with_hint: bool,
    ) -> Option<Diagnostic> {
        if self.site.files.contains_key(path) {
            return None;
        }
        let end = written.find(['?', '#']).unwrap_or(written.len());
        let base = post.url.as_str();
        let base = &base[..=base.rfind('/')?];
        let url = UrlPath::new(&format!("{base}{}", percent_decode(&written[..end])));
        if url.is_some_and(|url| self.answering(&url).is_some()) {
            return None;
        }
        let beside = self.site.files.keys().filter(|known| with_hint && known.folder() == path.folder());
        let hint = did_you_mean(path.file_name(), beside.map(SourcePath::file_name));
        let message = format!("there is no file `{path}`");
        let hint = hint.unwrap_or_else(|| {
            "a link to another site begins with `https://`, one to a page of this site with `/`".to_owned()
        });
        Some(Diagnostic::warning(post.path.as_str(), message).hint(hint))
    }
}

/// Whether a file's post is shown; for questions about posts by path.
pub(crate) fn shown<'s>(site: &'s Site, path: &SourcePath) -> Option<&'s Post> {
    match site.entry(path)? {
        PostIndex::Absent(_) => None,
        _ => site.post(path),
    }
}
