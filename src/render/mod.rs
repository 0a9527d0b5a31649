//! A page's data to its bytes, and the record of what its template asked.
//!
//! [`Renderer::new`] compiles the theme's templates; a [`RenderWorker`] renders one page after another. Rendering is
//! pure: the same input, theme, bodies and answers give the same bytes. It knows no site, only
//! what answers questions ([`Ask`]).

pub(crate) mod body;
mod feed_formats;
mod filters;
mod functions;
mod open_tag;
mod partials;
mod picture;
mod sitemap;
mod template_error;

use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;
use parking_lot::Mutex;
use serde::Serialize;
use tera::{Context, Tera, Value};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::fifo_cache::FifoCache;
use crate::hash::Hash;
use crate::html;
use crate::page::RenderInput;
use crate::page::kinds::feed::{FeedEntry, FeedView, site_feeds};
use crate::page::kinds::link_card::LinkCardView;
use crate::page::kinds::search_file::{IndexInput, SearchFileView};
use crate::page::kinds::{RendererKind, View};
use crate::page::question::{Answer, Ask, Question, Read};
use crate::page::view::{AuthorView, MenuView, PathsView, SiteView};
use crate::path::SourcePath;
use crate::picture::card;
use crate::post::markdown::{Body, CodeBlock};
use crate::render::partials::Partials;
use crate::render::template_error::FailedPage;
use crate::search::counted::CountedTerms;
use crate::search::index::{IndexBuilder, SegmentFiles};
use crate::theme::Theme;
use crate::theme::words::Locale;

/// Where the bodies of posts come from.
pub trait Bodies: Send + Sync {
    /// The body of a post, or why it cannot be had.
    fn body(&self, path: &SourcePath) -> Result<Arc<Body>, Box<Diagnostic>>;

    /// It has been printed once more. It stands on its own page and in feeds, each of which prints it once in a build.
    fn printed(&self, _path: &SourcePath) {}
}

/// Colours code.
pub trait Highlight: Send + Sync {
    /// The code as HTML, lines marked and numbered as its fence asks.
    fn code(&self, path: &SourcePath, block: &CodeBlock) -> String;
}

/// The terms of the segments of the index, as the last build counted them.
pub trait CountedSegments: Send + Sync {
    /// What was kept for the segment of a number.
    fn last(&self, number: usize) -> Option<Vec<u8>>;

    /// Keeps it for the next build.
    fn keep(&self, number: usize, terms: &[u8]);
}

/// What templates are rendered with.
#[derive(Clone)]
pub struct Renderer {
    tera: Tera,
    theme: Arc<Theme>,
    config: Arc<Config>,
    places: Places,
    sources: RenderSources,
    partials: Partials,
    feed_contents: Arc<Mutex<FifoCache<FeedContentKey, FeedContent>>>,
    indexes: Arc<Mutex<FifoCache<Hash, SharedIndex>>>,
}

/// The files of a segment of the index, made once for all workers that ask for one of them.
type SharedIndex = Arc<OnceLock<Result<SegmentFiles, Box<Diagnostic>>>>;

/// Segments whose files are kept: all that most sites have.
const INDEXES: usize = 6;

/// What the body of a post is printed from in a feed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct FeedContentKey {
    path: SourcePath,
    /// Of the post.
    hash: Hash,
    language: String,
}

/// The body of a post as feeds print it, and what was asked for it.
#[derive(Debug, Clone)]
struct FeedContent {
    html: Arc<str>,
    reads: Vec<Read>,
}

/// Where what is not in a view comes from.
#[derive(Clone)]
pub struct RenderSources {
    pub ask: Arc<dyn Ask>,
    pub bodies: Arc<dyn Bodies>,
    pub highlight: Arc<dyn Highlight>,
    pub counted: Arc<dyn CountedSegments>,
}

/// Where the site stands.
#[derive(Debug, Clone)]
struct Places {
    base_url: String,
    base_path: String,
    origin: String,
}

/// A rendered page.
#[derive(Debug)]
pub struct RenderOutput {
    pub bytes: Vec<u8>,
    /// What was asked on the way, each question once, sorted.
    pub reads: Vec<Read>,
}

/// What functions and filters of a worker share while it renders one page.
#[derive(Debug, Default)]
struct RenderState {
    language: String,
    locale: Arc<Locale>,
    reads: Vec<Read>,
    /// What went wrong in a part that is printed once for many pages.
    fault: Option<tera::Error>,
}

/// Renders one page after another.
pub struct RenderWorker {
    renderer: Renderer,
    render_state: Arc<Mutex<RenderState>>,
    /// Languages that pages were rendered in so far, each with its words as templates see them.
    locales: HashMap<String, (Arc<Locale>, Value)>,
    /// The words of the language spoken now.
    words: Value,
}

impl Renderer {
    /// Compiles the templates. With any error among the diagnostics nothing can be rendered.
    pub fn new(theme: Arc<Theme>, config: &Config, sources: RenderSources) -> (Self, Vec<Diagnostic>) {
        let places = Places {
            base_url: config.base_url.clone(),
            base_path: config.base_path().to_owned(),
            origin: config.origin().to_owned(),
        };
        let config = Arc::new(config.clone());
        let mut renderer = Self {
            tera: Tera::new(),
            theme,
            feed_contents: feed_contents(&config),
            indexes: Arc::new(Mutex::new(FifoCache::new(INDEXES))),
            config,
            places,
            sources,
            partials: Partials::new(),
        };
        let render_state = Arc::new(Mutex::new(RenderState::default()));
        renderer.furnish(&render_state);
        let templates =
            renderer.theme.templates.iter().map(|(name, template)| (name.as_str(), template.text.as_str()));
        let diagnostics = match renderer.tera.add_raw_templates(templates.collect::<Vec<_>>()) {
            Ok(()) => Vec::new(),
            Err(error) => template_error::of_templates(&renderer, &error),
        };
        let site = site_view(&renderer.config, &renderer.theme);
        renderer.tera.global_context().insert("site", &site);
        (renderer, diagnostics)
    }

    /// The same templates over other sources.
    #[must_use]
    pub fn over(&self, sources: RenderSources) -> Self {
        let feed_contents = feed_contents(&self.config);
        let mut renderer = Self { sources, partials: Partials::new(), feed_contents, ..self.clone() };
        renderer.furnish(&Arc::new(Mutex::new(RenderState::default())));
        renderer
    }

    /// A worker to render with; each thread needs its own.
    pub fn worker(&self) -> RenderWorker {
        let mut renderer = self.clone();
        let render_state = Arc::new(Mutex::new(RenderState::default()));
        renderer.furnish(&render_state);
        RenderWorker { renderer, render_state, locales: HashMap::new(), words: Value::none() }
    }

    fn furnish(&mut self, render_state: &Arc<Mutex<RenderState>>) {
        functions::register(&mut self.tera, render_state, &self.sources.ask, &self.theme);
        filters::register(&mut self.tera, render_state, &self.theme, &self.places);
        filters::register_comment(&mut self.tera, render_state, &self.config);
        partials::register(&mut self.tera, render_state, &self.partials);
    }

    /// A fresh template engine with our functions and filters and no templates, to try templates one by one.
    fn empty_tera(&self) -> Tera {
        let mut tera = Tera::new();
        tera.register_from(&self.tera);
        tera
    }
}

/// Room for the contents of the feeds that are written at the same time.
fn feed_contents(config: &Config) -> Arc<Mutex<FifoCache<FeedContentKey, FeedContent>>> {
    Arc::new(Mutex::new(FifoCache::new(config.feed.limit.saturating_mul(4))))
}

/// The fingerprint of what every template sees: when it changes, all pages are stale.
pub(crate) fn site_fingerprint(config: &Config, theme: &Theme) -> Hash {
    let view = serde_json::to_string(&site_view(config, theme)).expect("views are plain data");
    let comments = Hash::of_value(&config.markdown);
    Hash::of_all(&[Hash::of(view.as_bytes()), theme.fingerprint, comments])
}

fn site_view<'a>(config: &'a Config, theme: &Theme) -> SiteView<'a> {
    SiteView {
        title: &config.title,
        description: &config.description,
        base_url: &config.base_url,
        base_path: config.base_path(),
        origin: config.origin(),
        url: format!("{}/", config.base_path()),
        language: &config.language,
        direction: html::direction(&config.language),
        words: serde_json::json!(theme.locales.locale(&config.language).words()),
        author: config.author.as_ref().map(AuthorView::of),
        copyright: &config.copyright,
        menu: config
            .menu
            .iter()
            .map(|entry| MenuView { name: entry.name.clone(), url: config.link_to(&entry.url) })
            .collect(),
        paths: PathsView {
            posts: config.url(&config.paths.posts),
            archives: config.url(&config.paths.archives),
            tags: config.url(&config.paths.tags),
            categories: config.url(&config.paths.categories),
            series: config.url(&config.paths.series),
            authors: config.url(&config.paths.authors),
            quotes: config.url(&config.paths.quotes),
            search: config.url(&config.paths.search),
        },
        feeds: site_feeds(config),
        pingback: config.linkbacks.pingback.as_deref(),
        webmention: config.linkbacks.webmention.as_deref(),
        options: theme.options.clone(),
        extra: serde_json::from_str(&config.extra).unwrap_or(serde_json::Value::Null),
        generator: concat!("Backmatter ", env!("CARGO_PKG_VERSION")),
    }
}

impl RenderWorker {
    /// Renders a page. `subject` says what it is for in messages: its source, or its address.
    pub fn render(
        &mut self,
        input: &RenderInput<'_>,
        subject: &str,
    ) -> Result<RenderOutput, Box<Diagnostic>> {
        let language = input.head.as_ref().map_or("en", |head| head.language.as_str());
        self.begin(language);
        let bytes = match (&input.renderer, &input.view) {
            (RendererKind::Template(name), View::Card(card)) => self.card(name, input, card, subject)?,
            (RendererKind::Template(name), view) => self.template(name, input, view, subject)?,
            (RendererKind::Engine, View::Feed(feed)) => self.feed(feed, input)?,
            (RendererKind::Engine, View::Sitemap(sitemap)) => sitemap::sitemap(sitemap).into_bytes(),
            (RendererKind::Engine, View::SearchFile(file)) => self.search_file(file)?,
            (RendererKind::Engine, View::Text(text)) => text.as_bytes().to_vec(),
            (RendererKind::Engine, _) => Vec::new(),
        };
        Ok(RenderOutput { bytes, reads: self.take_reads() })
    }

    fn template(
        &mut self,
        name: &str,
        input: &RenderInput<'_>,
        view: &View<'_>,
        subject: &str,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        // A post may ask for a template of another theme. It was warned about; its kind's own will do.
        let name = match &input.head {
            Some(head) if !self.renderer.theme.templates.contains_key(name) => &format!("{}.html", head.kind),
            _ => name,
        };
        let context = context_of(view);
        self.filled(name, input, context, subject)
    }

    /// A template filled with what it may show.
    fn filled(
        &mut self,
        name: &str,
        input: &RenderInput<'_>,
        mut context: Context,
        subject: &str,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        context.insert("page", &input.head);
        context.insert_value("words", self.words.clone());
        if let Some((path, _)) = input.bodies.first() {
            let content = self.body(path)?;
            self.renderer.sources.bodies.printed(path);
            context.insert_value("has_embeds", Value::from(content.contains(body::EMBED)));
            context.insert_value("content", Value::safe_string(&content));
        }
        if let Some(json_ld) = &input.json_ld {
            context.insert_value("json_ld", Value::safe_string(&json_ld.text()));
        }
        let mut bytes = Vec::with_capacity(16 * 1024);
        let result = self.renderer.tera.render_to(name, &context, &mut bytes);
        match result {
            Ok(()) => Ok(bytes),
            Err(error) => {
                let error = self.render_state.lock().fault.take().unwrap_or(error);
                Err(Box::new(template_error::of_render(
                    &self.renderer,
                    &error,
                    &FailedPage { template: name, subject, context: &context },
                )))
            }
        }
    }

    /// A picture of a title. Its lines are cut here, as it takes longer than to find that they are the same.
    fn card(
        &mut self,
        name: &str,
        input: &RenderInput<'_>,
        view: &LinkCardView<'_>,
        subject: &str,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        self.speak(view.card.language);
        let mut context = context_of(view);
        context.insert("title", &card::title(&view.card.title));
        let svg = self.filled(name, input, context, subject)?;
        card::draw(&String::from_utf8_lossy(&svg)).map_err(|reason| {
            let path =
                self.renderer.theme.templates.get(name).map_or(name, |template| template.path.as_str());
            Box::new(Diagnostic::error(path, format!("the card of {subject} cannot be drawn: {reason}")))
        })
    }

    fn search_file(&self, view: &SearchFileView<'_>) -> Result<Vec<u8>, Box<Diagnostic>> {
        match view {
            SearchFileView::Script(script) => Ok(script.as_bytes().to_vec()),
            SearchFileView::Documents(rows) => Ok(serde_json::to_vec(rows).expect("views are plain data")),
            SearchFileView::Index(input) => {
                let shared = {
                    let mut indexes = self.renderer.indexes.lock();
                    match indexes.get(&input.digest) {
                        Some(shared) => Arc::clone(shared),
                        None => {
                            let shared = SharedIndex::default();
                            indexes.put(input.digest, Arc::clone(&shared));
                            shared
                        }
                    }
                };
                match shared.get_or_init(|| self.index(input)) {
                    Ok(files) => Ok(files.bytes(input.part).to_vec()),
                    Err(fault) => Err(fault.clone()),
                }
            }
        }
    }

    /// Makes the files of a segment. Posts that the last build counted are not read again.
    fn index(&self, input: &IndexInput<'_>) -> Result<SegmentFiles, Box<Diagnostic>> {
        let IndexInput { site, segment, .. } = input;
        let RenderSources { bodies, counted, .. } = &self.renderer.sources;
        let last =
            counted.last(segment.number).and_then(|bytes| CountedTerms::parse(&bytes)).unwrap_or_default();
        let mut builder = IndexBuilder::new(site, segment, last);
        for number in builder.unknown() {
            let post = site.at(segment.posts[number]);
            let body = bodies.body(&post.path)?;
            bodies.printed(&post.path);
            builder.add(number, &body);
        }
        let (files, terms) = builder.finish();
        counted.keep(segment.number, &terms.to_bytes());
        Ok(files)
    }

    fn feed(&mut self, view: &FeedView<'_>, input: &RenderInput<'_>) -> Result<Vec<u8>, Box<Diagnostic>> {
        let mut contents = Vec::with_capacity(view.entries.len());
        for (index, entry) in view.entries.iter().enumerate() {
            self.speak(&entry.language);
            let html = match (&entry.quote, input.bodies.get(index)) {
                (Some(quote), _) => feed_formats::quote(quote),
                (None, Some((path, hash))) => {
                    contents.push(self.feed_content(path, *hash, entry)?);
                    continue;
                }
                (None, None) => entry.excerpt_html.unwrap_or_default().to_owned(),
            };
            contents.push(feed_formats::absolute(&html, &entry.url, &self.renderer.places.origin).into());
        }
        Ok(feed_formats::write(view, &contents).into_bytes())
    }

    /// The body of a post as feeds print it. A post stands in several feeds, and each of those in every format.
    fn feed_content(
        &self,
        path: &SourcePath,
        hash: Hash,
        entry: &FeedEntry<'_>,
    ) -> Result<Arc<str>, Box<Diagnostic>> {
        let key = FeedContentKey { path: path.clone(), hash, language: entry.language.clone() };
        let known = self.renderer.feed_contents.lock().get(&key).cloned();
        if let Some(FeedContent { html, reads }) = known {
            self.renderer.sources.bodies.printed(path);
            self.render_state.lock().reads.extend(reads);
            return Ok(html);
        }
        let body = self.renderer.sources.bodies.body(path)?;
        self.renderer.sources.bodies.printed(path);
        let before = self.render_state.lock().reads.len();
        let html = self.fill(path, &body, body::Medium::Feed);
        let html: Arc<str> = feed_formats::absolute(&html, &entry.url, &self.renderer.places.origin).into();
        let reads = self.render_state.lock().reads[before..].to_vec();
        let content = FeedContent { html: Arc::clone(&html), reads };
        self.renderer.feed_contents.lock().put(key, content);
        Ok(html)
    }

    /// The body of a post, its holes filled.
    fn body(&mut self, path: &SourcePath) -> Result<String, Box<Diagnostic>> {
        let body = self.renderer.sources.bodies.body(path)?;
        Ok(self.fill(path, &body, body::Medium::Page))
    }

    fn fill(&self, path: &SourcePath, body: &Body, medium: body::Medium) -> String {
        let locale = Arc::clone(&self.render_state.lock().locale);
        body::fill(
            body,
            &body::BodyContext {
                path,
                medium,
                locale: &locale,
                layout: &self.renderer.theme.pictures,
                highlight: &*self.renderer.sources.highlight,
                embeds: &self.renderer.theme.embeds,
                ask: &|question| self.ask(question).value,
            },
        )
    }

    fn ask(&self, question: Question) -> Answer {
        let answer = self.renderer.sources.ask.ask(&question);
        self.render_state.lock().reads.push(Read { question, answer: answer.hash });
        answer
    }

    fn begin(&mut self, language: &str) {
        self.speak(language);
        self.render_state.lock().reads.clear();
    }

    /// Sets the language of what follows.
    fn speak(&mut self, language: &str) {
        if self.render_state.lock().language == language {
            return;
        }
        let locales = &self.renderer.theme.locales;
        let (locale, words) = self.locales.entry(language.to_owned()).or_insert_with(|| {
            let locale = locales.locale(language);
            let words = Value::from_serializable(&locale.words());
            (Arc::new(locale), words)
        });
        self.words = words.clone();
        let locale = Arc::clone(locale);
        let mut render_state = self.render_state.lock();
        language.clone_into(&mut render_state.language);
        render_state.locale = locale;
    }

    fn take_reads(&self) -> Vec<Read> {
        let mut reads = std::mem::take(&mut self.render_state.lock().reads);
        reads.sort_by(|a, b| a.question.cmp(&b.question));
        reads.dedup();
        reads
    }
}

fn context_of<T: Serialize>(view: &T) -> Context {
    Context::from_serialize(view).expect("views are structs")
}
