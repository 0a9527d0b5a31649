//! The kinds of outputs: what each has to say of itself, and the registry of all of them.
//!
//! A kind is a file of this folder with a type that implements [`PageContent`], and a line in the registry below.

pub(crate) mod archives;
pub(crate) mod author;
pub(crate) mod copied_file;
pub(crate) mod day;
pub(crate) mod feed;
pub(crate) mod home;
pub(crate) mod link_card;
pub(crate) mod month;
pub(crate) mod not_found;
pub(crate) mod post;
pub(crate) mod quotes;
pub(crate) mod redirect;
pub(crate) mod rendition;
pub(crate) mod search;
pub(crate) mod search_file;
pub(crate) mod series;
pub(crate) mod sitemap;
pub(crate) mod static_page;
pub(crate) mod term;
pub(crate) mod terms;
pub(crate) mod text_file;
pub(crate) mod year;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::page::builder::PlanBuilder;
use crate::page::kinds::archives::ArchivesPage;
use crate::page::kinds::author::AuthorPage;
use crate::page::kinds::copied_file::CopiedFile;
use crate::page::kinds::day::DayPage;
use crate::page::kinds::feed::FeedPage;
use crate::page::kinds::home::HomePage;
use crate::page::kinds::link_card::LinkCard;
use crate::page::kinds::month::MonthPage;
use crate::page::kinds::not_found::NotFoundPage;
use crate::page::kinds::post::PostPage;
use crate::page::kinds::quotes::QuotesPage;
use crate::page::kinds::redirect::RedirectPage;
use crate::page::kinds::rendition::RenditionFile;
use crate::page::kinds::search::SearchPage;
use crate::page::kinds::search_file::SearchFile;
use crate::page::kinds::series::SeriesPage;
use crate::page::kinds::sitemap::SitemapPage;
use crate::page::kinds::static_page::StaticPage;
use crate::page::kinds::term::TermPage;
use crate::page::kinds::terms::TermsPage;
use crate::page::kinds::text_file::TextFile;
use crate::page::kinds::year::YearPage;
use crate::page::view::HeadView;
use crate::page::{Page, Plan};
use crate::path::SourcePath;
use crate::post::Post;
use crate::site::Site;

/// What the planner, the renderers, the preview and publishing have to know of an output, whatever it shows.
pub trait PageContent {
    /// The data of the output.
    type View<'a>: Serialize
    where
        Self: Sized + 'a;

    /// Claims the addresses of all outputs of this kind.
    fn plan(builder: &mut PlanBuilder<'_>)
    where
        Self: Sized;

    /// The data of one output.
    fn view<'a>(&'a self, plan: &'a Plan, page: &'a Page) -> Self::View<'a>
    where
        Self: Sized;

    /// The name of the kind in templates; `post` is rendered with `post.html`. `None` for an output that is not HTML:
    /// the engine writes it without a template.
    fn template(&self) -> Option<&'static str>;

    /// What the output is for, in messages.
    fn label(&self, site: &Site) -> String;

    /// What the file is to publishing.
    fn file_kind(&self) -> FileKind;

    /// The template, or the engine.
    fn renderer(&self, _site: &Site) -> RendererKind {
        self.template().map_or(RendererKind::Engine, |name| RendererKind::Template(format!("{name}.html")))
    }

    /// The name of what the page shows; empty if it needs none.
    fn title(&self, _site: &Site) -> String {
        String::new()
    }

    /// What every page that a template makes shows.
    fn head(&self, site: &Site, page: &Page) -> Option<HeadView> {
        self.template().map(|kind| HeadView::of_list(site, page, kind, self.title(site)))
    }

    /// The post whose own page it is.
    fn post<'s>(&self, _site: &'s Site) -> Option<&'s Arc<Post>> {
        None
    }

    /// The file of the site that it is made of, if it is one file.
    fn source<'s>(&'s self, site: &'s Site) -> Option<&'s SourcePath> {
        self.post(site).map(|post| &post.path)
    }

    /// The posts whose bodies it prints, in order.
    fn bodies<'s>(&self, site: &'s Site) -> Vec<&'s Post> {
        self.post(site).into_iter().map(|post| &**post).collect()
    }

    /// When it is best rendered.
    fn render_order(&self, _site: &Site) -> RenderOrder {
        RenderOrder::List(0)
    }
}

/// What makes the bytes of an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum RendererKind {
    /// A template of the theme, by its name.
    Template(String),
    Engine,
}

/// When an output is best rendered: those that show the same posts one after the other, so that what was made for one
/// is still cached for the next. Bodies come first, and are dropped before lists take memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RenderOrder {
    /// A file of a segment of the index of the search page: all are made of the same bodies, and at once.
    Index(usize),
    /// The page of one post.
    Body,
    /// Bodies of several posts.
    Feed,
    /// A list that begins with the post of this index.
    List(usize),
}

/// What a published file is to its author. Manifests hold it by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A file that pages need: a picture, a style sheet.
    Asset,
    Post,
    /// A page without a date.
    Page,
    /// A redirect from an old address.
    Redirect,
    /// A list of posts: home, archives, tags.
    List,
    Feed,
    /// A sitemap, and other files for hosts and robots.
    Host,
}

/// Makes one type of all kinds: a variant for each, which holds its [`PageContent`].
macro_rules! registry {
    ($($(#[$documentation:meta])* $kind:ident($content:ty),)*) => {
        /// What an output shows, by where it stands in the [`Site`].
        #[derive(Debug, Clone, PartialEq)]
        pub enum PageKind {
            $($(#[$documentation])* $kind($content),)*
        }

        /// The data of an output. It serialises as the data alone, which is what a template sees.
        #[derive(Serialize)]
        #[serde(untagged)]
        pub enum View<'a> {
            $($(#[$documentation])* $kind(<$content as PageContent>::View<'a>),)*
        }

        impl PageKind {
            /// Claims the addresses of all outputs. The order decides who gets an address that two claim.
            pub(super) fn plan_all(builder: &mut PlanBuilder<'_>) {
                $(<$content>::plan(builder);)*
            }

            pub(super) fn view<'a>(&'a self, plan: &'a Plan, page: &'a Page) -> View<'a> {
                match self {
                    $(Self::$kind(content) => View::$kind(content.view(plan, page)),)*
                }
            }

            /// What the kind says of the output.
            pub fn content(&self) -> &dyn PageContent {
                match self {
                    $(Self::$kind(content) => content,)*
                }
            }
        }

        $(impl From<$content> for PageKind {
            fn from(content: $content) -> Self {
                Self::$kind(content)
            }
        })*
    };
}

// What an author writes comes before what the engine adds, and redirects before what gives way to them.
registry! {
    Post(PostPage),
    /// A page without a date.
    StaticPage(StaticPage),
    Home(HomePage),
    /// All terms of a taxonomy.
    Terms(TermsPage),
    /// The posts of a tag or category.
    Term(TermPage),
    /// The posts of a series.
    Series(SeriesPage),
    /// The posts of an author.
    Author(AuthorPage),
    Archives(ArchivesPage),
    /// The posts of a year.
    Year(YearPage),
    /// The posts of a month.
    Month(MonthPage),
    /// The posts of a day.
    Day(DayPage),
    /// Quotes, all or of one publication.
    Quotes(QuotesPage),
    Search(SearchPage),
    /// The index of the search page, and its script.
    SearchFile(SearchFile),
    Feed(FeedPage),
    Copy(CopiedFile),
    /// A smaller picture.
    Rendition(RenditionFile),
    /// A picture of a title.
    Card(LinkCard),
    /// What stands at an old address.
    Redirect(RedirectPage),
    /// What hosts show for a missing address.
    NotFound(NotFoundPage),
    /// A small text file.
    Text(TextFile),
    Sitemap(SitemapPage),
}

impl PageKind {
    /// Whether the output is a page to look at in a browser.
    pub fn is_html(&self) -> bool {
        self.content().template().is_some()
    }

    /// The post whose own page it is.
    pub fn post<'s>(&self, site: &'s Site) -> Option<&'s Arc<Post>> {
        self.content().post(site)
    }
}
