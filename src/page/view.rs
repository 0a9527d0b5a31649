//! What a template may show: one struct per kind of page, all fields listed.
//!
//! A view is the *whole* input of a page besides the bodies it prints and the questions its template
//! asks. It is hashed to tell whether the page is stale, so it holds exactly the words the page
//! shows and nothing more: of a neighbour its title and address, of a tag its name and address.
//!
//! Conventions, for theme authors as well:
//! - `url` starts with a slash and with the path of `base_url`; `permalink` is absolute.
//! - A date is text: `2016-12-18`, or `2016-12-18T22:32:00+01:00` if its time is known. The filters
//!   `date`, `time` and `datetime` print it in the page's language.
//! - A field named `…_html` is HTML, to be printed with `| safe`; all others are plain text.

use serde::Serialize;

use crate::config::Author;
use crate::page::list::Card;

/// The site as every page sees it: settings only, nothing that a post could change.
#[derive(Debug, Clone, Serialize)]
pub struct SiteView<'a> {
    /// The blog's name.
    pub title: &'a str,
    /// One sentence about the blog; may be empty.
    pub description: &'a str,
    /// The address the site is built for, without a slash at the end.
    pub base_url: &'a str,
    /// The path of `base_url`: empty, or `/repo`.
    pub base_path: &'a str,
    /// The address of the home page as a path.
    pub url: String,
    /// BCP 47 language tag of the site.
    pub language: &'a str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The author of posts that name none.
    pub author: Option<&'a Author>,
    /// The line at the foot of each page.
    pub copyright: &'a str,
    /// Entries of the navigation, as the settings list them.
    pub menu: Vec<MenuView>,
    /// Addresses of the lists the engine makes.
    pub paths: PathsView,
    /// Feeds of the whole site.
    pub feeds: Vec<FeedLinkView>,
    /// The pingback server, if the settings name one.
    pub pingback: Option<&'a str>,
    /// The webmention endpoint, if the settings name one.
    pub webmention: Option<&'a str>,
    /// The theme's options: its defaults, overlaid with `[theme_options]` of the settings.
    pub options: serde_json::Value,
    /// `[extra]` of the settings.
    pub extra: serde_json::Value,
    /// `Backmatter` and its version.
    pub generator: &'static str,
}

/// Addresses of the lists the engine makes. Those that a site may lack are asked for with `has(what=…)`.
#[derive(Debug, Clone, Serialize)]
pub struct PathsView {
    /// All years.
    pub archives: String,
    /// All tags.
    pub tags: String,
    /// All categories.
    pub categories: String,
    /// All series.
    pub series: String,
    /// All quotes.
    pub quotes: String,
}

/// An entry of the navigation.
#[derive(Debug, Clone, Serialize)]
pub struct MenuView {
    /// The visible text.
    pub name: String,
    /// Its address.
    pub url: String,
}

/// A feed, as a `<link rel="alternate">` needs it.
#[derive(Debug, Clone, Serialize)]
pub struct FeedLinkView {
    /// `application/atom+xml`, `application/rss+xml` or `application/feed+json`.
    pub media_type: &'static str,
    /// What is in it.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// What is true of every page, whatever it shows.
#[derive(Debug, Clone, Serialize)]
pub struct HeadView {
    /// `home`, `post`, `page`, `archives`, `year`, `month`, `day`, `terms`, `term`, `series`, `quotes`, `not_found`, `redirect`.
    pub kind: &'static str,
    /// The name of a post, page, term, series or publication, or the date of an archive; empty elsewhere.
    pub title: String,
    /// Its address as a path.
    pub url: String,
    /// Its absolute address.
    pub permalink: String,
    /// Plain text for `<meta name="description">`; may be empty.
    pub description: String,
    /// BCP 47 tag of the page's language.
    pub language: String,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// Absolute address of the picture that stands for the page.
    pub image: Option<String>,
    /// Feeds of this page alone, besides the site's.
    pub feeds: Vec<FeedLinkView>,
}

/// A post's title and address: all that its neighbours show of it.
#[derive(Debug, Clone, Serialize)]
pub struct PostLinkView {
    /// The title; for an untitled note its first words.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its date, if it has one.
    pub date: Option<String>,
}

/// A tag, category or series on a post.
#[derive(Debug, Clone, Serialize)]
pub struct TermLinkView<'a> {
    /// The name as it is printed.
    pub name: &'a str,
    /// Its page.
    pub url: String,
}

/// A post as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct CardView<'a> {
    /// The title; empty if the post is an untitled note.
    pub title: &'a str,
    /// Its address.
    pub url: String,
    /// Its absolute address.
    pub permalink: String,
    /// When it was published.
    pub date: Option<String>,
    /// When it was last changed, if the post says so.
    pub updated: Option<String>,
    /// Its authors; the site's author if it names none.
    pub authors: Vec<&'a Author>,
    /// Its tags.
    pub tags: Vec<TermLinkView<'a>>,
    /// Its categories.
    pub categories: Vec<TermLinkView<'a>>,
    /// The author's own first words, or what the post gives as its summary.
    pub summary_html: &'a str,
    /// Whether the post has more than its summary.
    pub has_more: bool,
    /// Minutes a reader needs.
    pub minutes: usize,
    /// The page a link post points to.
    pub link: Option<&'a str>,
    /// BCP 47 tag of the post's language.
    pub language: &'a str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The picture that stands for the post.
    pub image: Option<String>,
    /// How many reports the post quotes.
    pub quotes: usize,
    /// Whether it is a draft (built only with `--drafts`).
    pub draft: bool,
    /// Whether its date is still to come (built only with `--future`).
    pub future: bool,
    /// Whether it has expired (built only with `--expired`).
    pub expired: bool,
}

/// A heading of a post.
#[derive(Debug, Clone, Serialize)]
pub struct HeadingView<'a> {
    /// 1 to 6.
    pub level: u8,
    /// Its anchor.
    pub id: &'a str,
    /// Its text as HTML without links.
    pub title_html: &'a str,
    /// Headings below it.
    pub children: Vec<HeadingView<'a>>,
}

/// Where a post stands in a series.
#[derive(Debug, Clone, Serialize)]
pub struct SeriesPlaceView<'a> {
    /// The series' name.
    pub name: &'a str,
    /// Its page.
    pub url: String,
    /// The post's number in it, from 1.
    pub position: usize,
    /// The post before it.
    pub previous: Option<PostLinkView>,
    /// The post after it.
    pub next: Option<PostLinkView>,
}

/// A date that has archive pages.
#[derive(Debug, Clone, Serialize)]
pub struct DateLinksView {
    /// `/2016/`.
    pub year: String,
    /// `/2016/12/`.
    pub month: String,
    /// `/2016/12/18/`.
    pub day: String,
}

/// Template `post.html`: a post. Besides these fields there are `content`, its body as HTML, and `json_ld`, its
/// JSON-LD ready to stand in a `<script>`.
#[derive(Debug, Clone, Serialize)]
pub struct PostView<'a> {
    /// The post itself.
    pub post: PostBodyView<'a>,
    /// The next newer post.
    pub newer: Option<PostLinkView>,
    /// The next older post.
    pub older: Option<PostLinkView>,
    /// Its place in a series.
    pub series: Option<SeriesPlaceView<'a>>,
    /// Archive pages of its date.
    pub archive: Option<DateLinksView>,
    /// What the web wrote under it.
    pub back_matter: BackMatterView<'a>,
}

/// Template `page.html`: a page without a date, such as *About*. There are `content` and `json_ld` as well.
#[derive(Debug, Clone, Serialize)]
pub struct StaticPageView<'a> {
    /// The page itself, with the same fields as a post.
    pub post: PostBodyView<'a>,
    /// What the web wrote under it.
    pub back_matter: BackMatterView<'a>,
}

/// A post as its own page shows it. Its `content` is printed by `{{ content }}`.
#[derive(Debug, Clone, Serialize)]
pub struct PostBodyView<'a> {
    /// The title; empty if the post is an untitled note.
    pub title: &'a str,
    /// Its address.
    pub url: String,
    /// Its absolute address.
    pub permalink: String,
    /// Its stable id, the same as in the feeds.
    pub id: String,
    /// Where it was written: `content/2016/aleppo.md`.
    pub source: &'a str,
    /// When it was published.
    pub date: Option<String>,
    /// When it was last changed, if the post says so.
    pub updated: Option<String>,
    /// Its authors; the site's author if it names none.
    pub authors: Vec<&'a Author>,
    /// Its tags.
    pub tags: Vec<TermLinkView<'a>>,
    /// Its categories.
    pub categories: Vec<TermLinkView<'a>>,
    /// Plain text: what the post is about, in its author's words.
    pub description: &'a str,
    /// Words in the body.
    pub words: usize,
    /// Minutes a reader needs.
    pub minutes: usize,
    /// Its headings.
    pub toc: Vec<HeadingView<'a>>,
    /// The page a link post points to.
    pub link: Option<&'a str>,
    /// BCP 47 tag of the post's language.
    pub language: &'a str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The picture that stands for the post.
    pub image: Option<String>,
    /// Absolute addresses of the reports it quotes.
    pub quoted: Vec<String>,
    /// Whether it is a draft (built only with `--drafts`).
    pub draft: bool,
    /// Whether its date is still to come (built only with `--future`).
    pub future: bool,
    /// Whether it has expired (built only with `--expired`).
    pub expired: bool,
    /// Whether it accepts linkbacks.
    pub linkbacks: bool,
    /// `[extra]` of the front matter.
    pub extra: serde_json::Value,
}

/// What the web wrote under a post, from its back matter file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BackMatterView<'a> {
    /// How many there are in all.
    pub count: usize,
    /// Mentions, replies, quotations, bookmarks and imported comments, oldest first.
    pub responses: Vec<LinkbackView<'a>>,
    /// Likes, printed as one line.
    pub likes: Vec<LinkbackView<'a>>,
    /// Reposts, printed as one line.
    pub reposts: Vec<LinkbackView<'a>>,
}

/// One linkback or imported comment.
#[derive(Debug, Clone, Serialize)]
pub struct LinkbackView<'a> {
    /// Its anchor on the page, the same for ever: `linkback-3f2a9c01`.
    pub id: String,
    /// `pingback`, `trackback`, `webmention` or `comment`.
    pub kind: &'static str,
    /// `mention`, `reply`, `like`, `repost`, `bookmark` or `quotation`.
    pub relation: &'static str,
    /// The page that links here; empty for a comment without one.
    pub source: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The name of its site.
    pub site: &'a str,
    /// Who wrote it.
    pub author: Option<Author>,
    /// The words around the link, plain text.
    pub excerpt: &'a str,
    /// When it was published, else received.
    pub date: Option<String>,
    /// The `id` of the response this one answers.
    pub parent: Option<String>,
}

/// Where a page of a list stands. Pages are numbered from the oldest, so that a full page never
/// changes again: the newest page has the highest number and no number in its address.
#[derive(Debug, Clone, Serialize)]
pub struct PagerView {
    /// This page's number; 1 holds the oldest posts.
    pub number: usize,
    /// Whether this is the newest page.
    pub is_newest: bool,
    /// The page with newer posts.
    pub newer: Option<String>,
    /// The page with older posts.
    pub older: Option<String>,
    /// The newest page; none on itself.
    pub newest: Option<String>,
    /// The oldest page; none on itself.
    pub oldest: Option<String>,
}

/// Template `home.html`: the newest posts.
#[derive(Debug, Clone, Serialize)]
pub struct HomeView<'a> {
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
}

/// Template `archives.html`: all years and months that have posts.
#[derive(Debug, Clone, Serialize)]
pub struct ArchivesView {
    /// How many posts there are.
    pub count: usize,
    /// Newest first.
    pub years: Vec<YearCountView>,
}

/// A year in the list of years.
#[derive(Debug, Clone, Serialize)]
pub struct YearCountView {
    /// `2016`.
    pub year: i32,
    /// Its page.
    pub url: String,
    /// How many posts it has.
    pub count: usize,
    /// Its twelve months, January first, those without posts as well.
    pub months: Vec<MonthCountView>,
}

/// A month in the list of years.
#[derive(Debug, Clone, Serialize)]
pub struct MonthCountView {
    /// `2016-12`.
    pub month: String,
    /// Its page; none if it has no posts.
    pub url: Option<String>,
    /// How many posts it has.
    pub count: usize,
}

/// A neighbouring year, month or day that has posts.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodLinkView {
    /// `2016`, `2016-12` or `2016-12-18`.
    pub date: String,
    /// Its page.
    pub url: String,
}

/// Template `year.html`: a year, month by month.
#[derive(Debug, Clone, Serialize)]
pub struct YearView {
    /// `2016`.
    pub year: i32,
    /// How many posts it has.
    pub count: usize,
    /// Months that have posts, newest first.
    pub months: Vec<YearMonthView>,
    /// The nearest earlier year that has posts.
    pub previous: Option<PeriodLinkView>,
    /// The nearest later year that has posts.
    pub next: Option<PeriodLinkView>,
}

/// A month on its year's page.
#[derive(Debug, Clone, Serialize)]
pub struct YearMonthView {
    /// `2016-12`.
    pub month: String,
    /// Its page.
    pub url: String,
    /// How many posts it has.
    pub count: usize,
    /// Its posts, newest first.
    pub posts: Vec<PostLinkView>,
}

/// Template `month.html`: a month with its calendar.
#[derive(Debug, Clone, Serialize)]
pub struct MonthView<'a> {
    /// `2016-12`.
    pub month: String,
    /// How many posts it has.
    pub count: usize,
    /// The calendar.
    pub calendar: CalendarView,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// The page of its year.
    pub year: PeriodLinkView,
    /// The nearest earlier month that has posts.
    pub previous: Option<PeriodLinkView>,
    /// The nearest later month that has posts.
    pub next: Option<PeriodLinkView>,
}

/// A month as a table of weeks.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarView {
    /// Seven weekdays in the order of the columns, 1 is Monday and 7 Sunday.
    pub weekdays: Vec<u8>,
    /// Rows of seven cells.
    pub weeks: Vec<Vec<DayCellView>>,
}

/// A cell of a calendar.
#[derive(Debug, Clone, Serialize)]
pub struct DayCellView {
    /// 1 to 31; 0 before the first and after the last of the month.
    pub day: u32,
    /// `2016-12-18`; empty where `day` is 0.
    pub date: String,
    /// The day's page; none if it has no posts.
    pub url: Option<String>,
    /// How many posts it has.
    pub count: usize,
}

/// Template `day.html`: a day.
#[derive(Debug, Clone, Serialize)]
pub struct DayView<'a> {
    /// `2016-12-18`.
    pub date: String,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// The page of its year.
    pub year: PeriodLinkView,
    /// The page of its month.
    pub month: PeriodLinkView,
    /// The nearest earlier day that has posts.
    pub previous: Option<PeriodLinkView>,
    /// The nearest later day that has posts.
    pub next: Option<PeriodLinkView>,
}

/// Template `terms.html`: all tags, all categories or all series.
#[derive(Debug, Clone, Serialize)]
pub struct TermsView {
    /// `tags`, `categories` or `series`.
    pub taxonomy: &'static str,
    /// In alphabetical order.
    pub terms: Vec<TermCountView>,
}

/// A term in the list of terms.
#[derive(Debug, Clone, Serialize)]
pub struct TermCountView {
    /// The name as it is printed.
    pub name: String,
    /// Its page.
    pub url: String,
    /// How many posts it has.
    pub count: usize,
}

/// Template `term.html`: the posts of a tag or category.
#[derive(Debug, Clone, Serialize)]
pub struct TermView<'a> {
    /// `tags` or `categories`.
    pub taxonomy: &'static str,
    /// The term's name.
    pub name: String,
    /// The list of all terms.
    pub terms_url: String,
    /// Newest first.
    pub posts: Vec<Card<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
}

/// Template `series.html`: a series from its first post to its last.
#[derive(Debug, Clone, Serialize)]
pub struct SeriesView<'a> {
    /// The series' name.
    pub name: String,
    /// The list of all series.
    pub terms_url: String,
    /// Oldest first.
    pub posts: Vec<Card<'a>>,
}

/// Template `quotes.html`: the reports this blog has quoted, all or of one publication.
#[derive(Debug, Clone, Serialize)]
pub struct QuotesView<'a> {
    /// The publication whose quotes these are; empty on `/quotes/`.
    pub publication: String,
    /// The list of all quotes.
    pub quotes_url: String,
    /// All publications, on the newest page of `/quotes/` only.
    pub publications: Vec<TermCountView>,
    /// Newest first.
    pub quotes: Vec<QuoteView<'a>>,
    /// Neighbours of this page.
    pub pager: PagerView,
}

/// A quote in a list of quotes.
#[derive(Debug, Clone, Serialize)]
pub struct QuoteView<'a> {
    /// The quoted words as HTML without links.
    pub text_html: &'a str,
    /// BCP 47 tag of the quote's language.
    pub language: Option<&'a str>,
    /// The report's headline; may be empty.
    pub title: &'a str,
    /// The report's address with a text fragment to the quoted words; none if it has no address.
    pub url: Option<String>,
    /// The report's clean address.
    pub cite: Option<String>,
    /// Who wrote it; may be empty.
    pub author: &'a str,
    /// Who published it; may be empty.
    pub publication: &'a str,
    /// When it was published, as far as the quote says.
    pub published: Option<&'a str>,
    /// The post that quotes it.
    pub post: PostLinkView,
    /// The quote's own address in that post.
    pub permalink: String,
}

/// Template `not_found.html`: the page hosts show for a missing address.
#[derive(Debug, Clone, Serialize)]
pub struct NotFoundView {}

/// Template `redirect.html`: what stands at an old address.
#[derive(Debug, Clone, Serialize)]
pub struct RedirectView {
    /// Where it is now, absolute.
    pub target: String,
}
