//! A site at a moment: its files read, assembled and planned, and the theme to render it with.
//!
//! A build writes what stands here, and a preview answers from it: what both show is made in one place, and the
//! same by construction.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::build::bodies::{BodyStore, Kept, Shelf};
use crate::build::highlights::Highlights;
use crate::build::ledger::{Content, Head, Known, Ledger};
use crate::build::sources;
use crate::build::{Request, highlight_key, sources_key};
use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::hash::Hash;
use crate::page::question::Ask;
use crate::page::{Page, Plan, Sheet, Subject};
use crate::path::SourcePath;
use crate::post::Post;
use crate::render::{self, Rendered, Renderer, Sources, Worker};
use crate::scan::{STATE, Tree};
use crate::site::{Ingredients, Site};
use crate::theme::Theme;

/// A site at a moment.
pub struct Model {
    /// The settings.
    pub config: Config,
    /// The files there are.
    pub tree: Tree,
    /// What holds for all that is made of it.
    pub head: Head,
    /// What the files hold.
    pub known: BTreeMap<SourcePath, Known>,
    /// Whether any of that differs from what was known before, be it only a stamp.
    pub changed: bool,
    /// Every output.
    pub plan: Arc<Plan>,
    /// What they are rendered with.
    pub theme: Arc<Theme>,
    /// All faults but those that only rendering finds.
    pub diagnostics: Vec<Diagnostic>,
    /// Bodies that were parsed on the way, until a renderer takes them.
    bodies: Mutex<Option<(Shelf, HashMap<SourcePath, Kept>)>>,
}

/// What a model is made of.
pub struct Scanned {
    /// The settings.
    pub config: Config,
    /// Their faults.
    pub diagnostics: Vec<Diagnostic>,
    /// The files there are.
    pub tree: Tree,
    /// When the scan began, as [`Head::scanned_at`].
    pub at: u64,
}

impl Model {
    /// Reads what may have changed since `last`, and puts the site together.
    pub fn of(request: &Request, scanned: Scanned, last: &Ledger) -> Self {
        let Scanned { config, mut diagnostics, tree, at } = scanned;
        let (theme, faults) = Theme::of(&tree.layers, &config);
        diagnostics.extend(tree.diagnostics.iter().cloned());
        diagnostics.extend(faults);
        let head = Head {
            sources_key: sources_key(&config),
            outputs_key: Hash::of_all(&[
                // A post's fingerprint is that of its text alone, so how it is parsed has to count here as well.
                sources_key(&config),
                render::site_fingerprint(&config, &theme),
                highlight_key(&config),
            ]),
            scanned_at: at,
            selection: request.selection,
            now: Some(Date::of_moment(request.now, config.timezone)),
            has_strangers: false,
        };
        let shelf = Shelf::new(&request.root.join(STATE));
        let same = (last.head.sources_key == head.sources_key).then_some(last);
        let read = sources::read(&tree, &config, same, &shelf);
        diagnostics.extend(read.diagnostics);
        let (site, faults) = Site::assemble(config.clone(), ingredients(&read.known, &head));
        diagnostics.extend(faults);
        let (plan, faults) = Plan::of(site);
        diagnostics.extend(faults);
        diagnostics.extend(missing_templates(&plan.site, &theme));
        Self {
            config,
            tree,
            head,
            known: read.known,
            changed: read.changed,
            plan: Arc::new(plan),
            theme: Arc::new(theme),
            diagnostics,
            bodies: Mutex::new(Some((shelf, read.bodies))),
        }
    }

    /// Compiles the templates, and reports their faults. The bodies that were parsed on the way go with it.
    pub fn renderer(&self, request: &Request, highlights: &Arc<Highlights>) -> (Renderer, Vec<Diagnostic>) {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner).take();
        let bodies = bodies.unwrap_or_else(|| (Shelf::none(), HashMap::new()));
        let sources = Sources {
            ask: Arc::clone(&self.plan) as Arc<dyn Ask>,
            bodies: Arc::new(BodyStore::new(&request.root, &self.config, bodies, &self.plan.in_feeds())),
            highlight: Arc::clone(highlights) as Arc<dyn render::Highlight>,
        };
        Renderer::new(Arc::clone(&self.theme), &self.config, sources)
    }
}

/// Renders a page that is no copy.
pub fn render(page: &Page, sheet: &Sheet<'_>, worker: &mut Worker) -> Result<Rendered, Box<Diagnostic>> {
    let own =
        sheet.bodies.first().filter(|_| matches!(page.subject, Subject::Post(_) | Subject::StaticPage(_)));
    let subject = match own {
        Some((path, _)) => format!("`{path}`"),
        None => format!("`{}`", page.url),
    };
    worker.render(sheet, &subject)
}

/// Posts that ask for a template the theme lacks.
fn missing_templates(site: &Site, theme: &Theme) -> Vec<Diagnostic> {
    let missing = |post: &Post| {
        let name = post.template.as_ref().filter(|name| !theme.templates.contains_key(*name))?;
        let names = theme.templates.keys().map(String::as_str).filter(|name| !name.contains('/'));
        let fault = Diagnostic::warning(
            post.path.as_str(),
            format!("there is no template `{name}`: the usual one is used"),
        );
        Some(fault.maybe_hint(did_you_mean(name, names)))
    };
    site.shown().filter_map(missing).collect()
}

/// What a site is assembled from, by what the sources hold.
pub(super) fn ingredients(known: &BTreeMap<SourcePath, Known>, head: &Head) -> Ingredients {
    let mut ingredients = Ingredients {
        posts: Vec::with_capacity(known.len()),
        linkbacks: BTreeMap::new(),
        files: BTreeMap::new(),
        selection: head.selection,
        now: head.now.unwrap_or_else(|| Date::of_moment(chrono::DateTime::UNIX_EPOCH, chrono_tz::Tz::UTC)),
    };
    for (path, source) in known {
        match &source.content {
            Content::Post(post, _) => ingredients.posts.push(Arc::clone(post)),
            Content::BackMatter(linkbacks) => {
                ingredients.linkbacks.insert(path.clone(), linkbacks.clone());
            }
            Content::File(size) => {
                ingredients.files.insert(path.clone(), (source.hash, *size));
            }
        }
    }
    ingredients
}
