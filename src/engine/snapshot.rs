//! A site at a moment: its files read, assembled and planned, and the theme to render it with.
//!
//! A build writes what stands here, and a preview answers from it: what both show is made in one place, and the
//! same by construction.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::Mutex;
use serde::Serialize;

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::engine::cache::body_cache::{BodyCache, BodyStore, ParsedBodies};
use crate::engine::cache::counted_terms::CountedTermsCache;
use crate::engine::cache::highlights::Highlights;
use crate::engine::cache::ledger::{Ledger, LedgerHeader, OutputEntry, SourceContent, SourceEntry};
use crate::engine::sources::{self, OnError, ReadOptions};
use crate::engine::workspace::SiteSource;
use crate::engine::{highlight_key, sources_key};
use crate::hash::Hash;
use crate::imaging::cache::RenditionCache;
use crate::nearest_name::did_you_mean;
use crate::page::builder::Clash;
use crate::page::question::Ask;
use crate::page::{Page, Plan, PlanFaults, RenderInput};
use crate::path::{OutputPath, SourcePath};
use crate::post::{Link, Post};
use crate::render::{self, RenderOutput, RenderSources, RenderWorker, Renderer};
use crate::scan::{FileRole, SiteTree, Stamp};
use crate::site::order::Selection;
use crate::site::{FileContent, Site, SiteInput};
use crate::theme::Theme;

/// A site at a moment.
pub struct Snapshot {
    pub config: Config,
    pub tree: SiteTree,
    /// What holds for all that is made of it.
    pub head: LedgerHeader,
    pub known: BTreeMap<SourcePath, SourceEntry>,
    /// Whether any of that differs from what was known before, be it only a stamp.
    pub changed: bool,
    pub plan: Arc<Plan>,
    /// What they are rendered with.
    pub theme: Arc<Theme>,
    faults: Faults,
    /// Bodies that were parsed on the way, until a renderer takes them.
    bodies: Mutex<Option<ParsedBodies>>,
}

/// Faults, by the step that found them: a step that is done again replaces its own.
#[derive(Debug, Default, Clone, PartialEq)]
struct Faults {
    settings: Vec<Diagnostic>,
    files: Vec<Diagnostic>,
    theme: Vec<Diagnostic>,
    sources: BTreeMap<SourcePath, Vec<Diagnostic>>,
    site: Vec<Diagnostic>,
    /// Posts that ask for templates there are not.
    templates: Vec<Diagnostic>,
}

impl Faults {
    fn all(&self) -> impl Iterator<Item = &Diagnostic> {
        let Self { settings, files, theme, sources, site, templates } = self;
        let sources = sources.values().flatten();
        settings.iter().chain(files).chain(theme).chain(sources).chain(site).chain(templates)
    }
}

/// How well a site stands, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    errors: usize,
    empty: usize,
    sources: usize,
}

impl Health {
    /// Whether something was lost since then: a fault is new, or a file is empty or gone.
    pub fn is_worse_than(self, before: Self) -> bool {
        self.errors > before.errors || self.empty > before.empty || self.sources < before.sources
    }
}

/// What came of a change of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// All is as it was.
    Nothing,
    /// Other words, the same templates.
    Content,
    /// Other templates or settings.
    Theme,
}

/// What a snapshot is made of.
pub(super) struct ScanResult {
    pub(super) config: Config,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) tree: SiteTree,
    /// When the scan began, as [`LedgerHeader::scanned_at`].
    pub(super) at: u64,
}

impl ScanResult {
    /// The fingerprint of all that a build reads, with the stamps of the sources for their bytes.
    pub(super) fn inputs(&self, source: &SiteSource) -> Hash {
        let unusable_pictures = RenditionCache::of(&source.root).unusable();
        BuildInputs::of(&self.config, &self.tree, source.selection)
            .fingerprint(&self.diagnostics, &unusable_pictures)
    }
}

/// All that a build reads, with the stamps of the sources for their bytes.
#[derive(Serialize)]
struct BuildInputs<'a> {
    engine: Hash,
    /// With all places that faults may point at, which their serialised form lacks.
    settings: String,
    selection: Selection,
    unscanned: &'a [Diagnostic],
    theme: Vec<(&'a str, &'a BTreeMap<String, String>)>,
    files: Vec<(&'a SourcePath, Stamp)>,
}

impl<'a> BuildInputs<'a> {
    fn of(config: &Config, tree: &'a SiteTree, selection: Selection) -> Self {
        Self {
            engine: sources_key(config),
            settings: format!("{config:?}"),
            selection,
            unscanned: &tree.diagnostics,
            theme: tree.layers.iter().map(|layer| (layer.root.as_str(), &layer.files)).collect(),
            files: tree.files.iter().map(|(path, found)| (path, found.stamp)).collect(),
        }
    }

    /// The fingerprint of all of it, with the faults of the settings and what is known of pictures.
    fn fingerprint(&self, faults: &[Diagnostic], unusable_pictures: &BTreeMap<Hash, String>) -> Hash {
        Hash::of_value(&(self, faults, unusable_pictures))
    }
}

impl Snapshot {
    /// Reads what may have changed since `last`, and puts the site together.
    pub(super) fn of(
        source: &SiteSource,
        now: DateTime<Utc>,
        scanned: ScanResult,
        last: &Ledger,
        options: ReadOptions,
    ) -> Self {
        let ScanResult { config, diagnostics, tree, at } = scanned;
        let (theme, theme_faults) = Theme::of(&tree.layers, &config);
        let head = LedgerHeader {
            sources_key: sources_key(&config),
            outputs_key: outputs_key(&config, &theme),
            scanned_at: at,
            unusable_pictures: RenditionCache::of(&source.root).unusable(),
            selection: source.selection,
            now: Some(Date::of_moment(now, config.timezone)),
            strangers: Vec::new(),
            marker: Hash::default(),
        };
        let same = (last.head.sources_key == head.sources_key).then_some(last);
        let read = sources::read(&tree, &config, same, &options);
        let (plan, site_faults) = plan(&config, &tree, &read.known, &head);
        let faults = Faults {
            settings: diagnostics,
            files: tree.diagnostics.clone(),
            theme: theme_faults,
            sources: read.diagnostics,
            site: site_faults,
            templates: missing_templates(&plan.site, &theme),
        };
        Self {
            config,
            tree,
            head,
            known: read.known,
            changed: read.changed,
            plan: Arc::new(plan),
            theme: Arc::new(theme),
            faults,
            bodies: Mutex::new(Some(ParsedBodies { cache: options.cache, bodies: read.bodies })),
        }
    }

    /// The fingerprint of all that a build reads.
    pub(super) fn inputs(&self) -> Hash {
        BuildInputs::of(&self.config, &self.tree, self.head.selection)
            .fingerprint(&self.faults.settings, &self.head.unusable_pictures)
    }

    /// Whether a build of the same inputs would find the same: if the stamps tell all that is known of the sources, the
    /// moment makes no difference until a post appears or expires, and all outputs are as they should be.
    pub(super) fn is_settled(
        &self,
        header: &LedgerHeader,
        outputs: &BTreeMap<OutputPath, OutputEntry>,
    ) -> bool {
        // A post without a date has that of the build.
        header.strangers.is_empty()
            && self.tree.files.iter().all(|(path, found)| {
                let is_old = sources::is_old(&found.stamp, header.scanned_at);
                is_old && self.known.get(path).is_some_and(|known| known.stamp == found.stamp)
            })
            && self.plan.site.posts.iter().all(|post| post.date.is_some())
            && outputs.len() == self.plan.pages.len()
            && outputs.values().all(|made| made.fingerprint != Hash::default())
    }

    /// All faults but those that only rendering finds.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.faults.all().cloned().collect()
    }

    /// How well the site stands.
    pub fn health(&self) -> Health {
        Health {
            errors: self.faults.all().filter(|fault| fault.is_error()).count(),
            empty: self.known.values().filter(|known| known.stamp.len == 0).count(),
            sources: self.known.len(),
        }
    }

    /// The snapshot after `before`, by a scan of the whole site, and what has changed. Sources that cannot be used stay as
    /// they were.
    pub(super) fn successor(
        mut before: Arc<Self>,
        source: &SiteSource,
        now: DateTime<Utc>,
        scanned: ScanResult,
    ) -> (Self, Change) {
        let sources = match Arc::get_mut(&mut before) {
            Some(before) => std::mem::take(&mut before.known),
            None => before.known.clone(),
        };
        let last = Ledger { head: before.head.clone(), sources, ..Ledger::default() };
        let options = ReadOptions { cache: BodyCache::none(), on_error: OnError::KeepLast };
        let mut next = Self::of(source, now, scanned, &last, options);
        // What the ledger on the disk does not know yet, it does not know now either.
        next.changed |= before.changed;
        let change = if next.head.outputs_key != before.head.outputs_key || next.config != before.config {
            Change::Theme
        } else if !same_hashes(&last.sources, &next.known) || next.faults != before.faults {
            Change::Content
        } else {
            Change::Nothing
        };
        (next, change)
    }

    /// Brings the snapshot up to date where only these files have changed, as a scan of the whole site would. `None` if
    /// their paths do not tell what else has changed; the snapshot is then good for a scan only.
    pub(super) fn rescan(
        &mut self,
        root: &Path,
        now: DateTime<Utc>,
        paths: &BTreeSet<PathBuf>,
    ) -> Option<Change> {
        let again = self.tree.rescan(root, &self.config, paths)?;
        // Nothing became due since: only what is read now is judged by the new moment.
        self.head.now = Some(Date::of_moment(now, self.config.timezone));
        self.changed |= !again.files.is_empty();
        let mut change = Change::Nothing;
        if again.texts {
            let (theme, faults) = Theme::of(&self.tree.layers, &self.config);
            if theme.fingerprint != self.theme.fingerprint || faults != self.faults.theme {
                self.head.outputs_key = outputs_key(&self.config, &theme);
                (self.theme, self.faults.theme) = (Arc::new(theme), faults);
                change = Change::Theme;
            }
        }
        let mut stands = true;
        for path in &again.files {
            match self.look_at(path) {
                Effect::Nothing => continue,
                Effect::Within => {}
                Effect::Beyond => stands = false,
            }
            change = change.max(Change::Content);
        }
        if !stands {
            let (plan, faults) = plan(&self.config, &self.tree, &self.known, &self.head);
            (self.plan, self.faults.site) = (Arc::new(plan), faults);
        }
        if !stands || change == Change::Theme {
            self.faults.templates = missing_templates(&self.plan.site, &self.theme);
        }
        Some(change)
    }

    /// Reads one file.
    fn look_at(&mut self, path: &SourcePath) -> Effect {
        // The body that was parsed before is not the one of the file any more.
        if let Some(parsed) = self.bodies.get_mut() {
            parsed.bodies.remove(path);
        }
        let before = self.known.get(path);
        let Some(found) = self.tree.files.get(path) else {
            // A file that never could be used is known by its fault only.
            let had_fault = self.faults.sources.remove(path).is_some();
            return match self.known.remove(path) {
                Some(_) => Effect::Beyond,
                None if had_fault => Effect::Within,
                None => Effect::Nothing,
            };
        };
        let outcome = sources::read_one(path, found, before, &self.config);
        let Some(known) = outcome.known else {
            let is_news = self.faults.sources.get(path) != Some(&outcome.diagnostics);
            self.faults.sources.insert(path.clone(), outcome.diagnostics);
            return match self.known.remove(path) {
                Some(_) => Effect::Beyond,
                None if is_news => Effect::Within,
                None => Effect::Nothing,
            };
        };
        if before.is_some_and(|before| before.hash == known.hash) {
            // A file that cannot be used has no hash, so that another fault of it looks the same.
            let is_unusable = known.hash == Hash::default();
            let is_news = is_unusable && self.faults.sources.get(path) != Some(&outcome.diagnostics);
            if is_news {
                self.faults.sources.insert(path.clone(), outcome.diagnostics);
            }
            self.known.insert(path.clone(), known);
            return if is_news { Effect::Within } else { Effect::Nothing };
        }
        let faults = outcome.diagnostics;
        let plan = match (&known.content, before) {
            (SourceContent::BackMatter(linkbacks, _), _) => self.plan.with_linkbacks(path, linkbacks),
            (_, Some(before)) => self.plan_with(path, before, &known),
            (_, None) => None,
        };
        if plan.is_some()
            && let Some(SourceEntry { content: SourceContent::Post(before, _), .. }) = before
            && let SourceContent::Post(now, _) = &known.content
        {
            move_faults(&mut self.faults.site, before, now);
        }
        self.known.insert(path.clone(), known);
        if faults.is_empty() {
            self.faults.sources.remove(path);
        } else {
            self.faults.sources.insert(path.clone(), faults);
        }
        match plan {
            Some(plan) => {
                self.plan = Arc::new(plan);
                Effect::Within
            }
            None => Effect::Beyond,
        }
    }

    /// The plan with another content of a file, where all else stays.
    fn plan_with(&self, path: &SourcePath, before: &SourceEntry, now: &SourceEntry) -> Option<Plan> {
        match (&before.content, &now.content) {
            (SourceContent::Post(before, _), SourceContent::Post(post, _))
                if self.points_at_links_only(before) =>
            {
                self.plan.with_post(post)
            }
            (SourceContent::File(_), SourceContent::File(picture)) => self
                .plan
                .with_file(path, FileContent { hash: now.hash, picture: *picture, bytes: now.stamp.len }),
            _ => None,
        }
    }

    /// Whether all lines of a post that faults of the site point at are those of its links, which can be found again.
    fn points_at_links_only(&self, post: &Post) -> bool {
        let faults = self.faults.site.iter().filter(|fault| fault.path == post.path.as_str());
        let mut places = faults.filter_map(|fault| fault.place.as_ref());
        places.all(|place| post.checked_links().any(|link| link.position() == (place.line, place.column)))
    }

    /// All posts by path, those that are not shown as well.
    pub fn posts(&self) -> impl Iterator<Item = &Arc<Post>> {
        let Site { posts, pages, absent, .. } = &self.plan.site;
        let mut all: Vec<_> =
            posts.iter().chain(pages).chain(absent.iter().map(|absent| &absent.post)).collect();
        all.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        all.into_iter()
    }

    /// When the next post appears or expires.
    pub fn next_change(&self) -> Option<DateTime<Utc>> {
        let now = self.head.now?.time().to_utc();
        let dates = self.posts().flat_map(|post| [post.appears(), post.front.expires]).flatten();
        let moments = dates.map(|date| date.time().to_utc());
        moments.filter(|moment| *moment > now).min()
    }

    /// Compiles the templates, and reports their faults. The bodies that were parsed on the way go with it.
    pub fn renderer(&self, root: &Path, highlights: &Arc<Highlights>) -> (Renderer, Vec<Diagnostic>) {
        Renderer::new(Arc::clone(&self.theme), &self.config, self.sources(root, highlights))
    }

    /// What a renderer needs besides templates.
    pub fn sources(&self, root: &Path, highlights: &Arc<Highlights>) -> RenderSources {
        let parsed = self.bodies.lock().take().unwrap_or_default();
        let uses = if parsed.bodies.is_empty() { HashMap::new() } else { self.plan.body_uses() };
        RenderSources {
            ask: Arc::clone(&self.plan) as Arc<dyn Ask>,
            bodies: Arc::new(BodyStore::new(root, &self.config, parsed, &uses)),
            highlight: Arc::clone(highlights) as Arc<dyn render::Highlight>,
            counted: Arc::new(CountedTermsCache::new(root)),
        }
    }
}

impl Clone for Snapshot {
    /// A copy without the bodies, which can be parsed again.
    fn clone(&self) -> Self {
        Self {
            config: self.config.clone(),
            tree: self.tree.clone(),
            head: self.head.clone(),
            known: self.known.clone(),
            changed: self.changed,
            plan: Arc::clone(&self.plan),
            theme: Arc::clone(&self.theme),
            faults: self.faults.clone(),
            bodies: Mutex::default(),
        }
    }
}

fn same_hashes(a: &BTreeMap<SourcePath, SourceEntry>, b: &BTreeMap<SourcePath, SourceEntry>) -> bool {
    let hashes = |known: &'_ BTreeMap<SourcePath, SourceEntry>| -> Vec<Hash> {
        known.values().map(|known| known.hash).collect()
    };
    a.keys().eq(b.keys()) && hashes(a) == hashes(b)
}

/// Lets the faults of a post's links point at where these stand now. Both texts have the same links, and so the same
/// faults, with the hints that took long to find.
fn move_faults(faults: &mut [Diagnostic], before: &Post, now: &Post) {
    let moved: HashMap<_, _> =
        before.checked_links().map(Link::position).zip(now.checked_links().map(Link::position)).collect();
    for fault in faults.iter_mut().filter(|fault| fault.path == before.path.as_str()) {
        if let Some(place) = &mut fault.place
            && let Some((line, column)) = moved.get(&(place.line, place.column))
        {
            (place.line, place.column) = (*line, *column);
        }
    }
}

/// How far a change of one file reaches.
enum Effect {
    /// The content is as before.
    Nothing,
    /// The tables of the site are as they were.
    Within,
    /// The site has to be assembled again.
    Beyond,
}

/// The fingerprint of what all outputs depend on.
fn outputs_key(config: &Config, theme: &Theme) -> Hash {
    Hash::of_all(&[
        // A post's fingerprint is that of its text alone, so how it is parsed has to count here as well.
        sources_key(config),
        render::site_fingerprint(config, theme),
        highlight_key(config),
    ])
}

/// Puts the site together and lists its outputs. Where two of them clash, it is put together again without the file that
/// gives way, which no list may name then.
fn plan(
    config: &Config,
    tree: &SiteTree,
    known: &BTreeMap<SourcePath, SourceEntry>,
    head: &LedgerHeader,
) -> (Plan, Vec<Diagnostic>) {
    let unread = tree.files.iter().filter(|(path, _)| !known.contains_key(*path));
    let posts = unread.filter(|(path, found)| {
        found.role == FileRole::Post || found.role == FileRole::File && path.extension().contains("htm")
    });
    let unreadable: BTreeSet<SourcePath> = posts.map(|(path, _)| path.clone()).collect();
    let mut clashing = BTreeSet::new();
    let mut faults = Vec::new();
    loop {
        let input = site_input(known, head);
        let input = SiteInput { unreadable: unreadable.clone(), clashing: clashing.clone(), ..input };
        let (site, of_site) = Site::assemble(config.clone(), input);
        let (plan, PlanFaults { diagnostics, clashes }) = Plan::of(site);
        let left_out = clashing.len();
        for Clash { fault, leaves_out } in clashes {
            clashing.extend(leaves_out);
            faults.push(fault);
        }
        // Each round leaves out one file at least.
        if clashing.len() == left_out {
            faults.extend(of_site.into_iter().chain(diagnostics));
            return (plan, faults);
        }
    }
}

/// Renders a page that is not a copied file.
pub(crate) fn render(
    page: &Page,
    input: &RenderInput<'_>,
    worker: &mut RenderWorker,
) -> Result<RenderOutput, Box<Diagnostic>> {
    let subject = match &input.json_ld {
        Some(json_ld) => format!("`{}`", json_ld.post.path),
        None => format!("`{}`", page.url),
    };
    worker.render(input, &subject)
}

/// Posts that ask for a template the theme lacks, and templates that nothing asks for.
fn missing_templates(site: &Site, theme: &Theme) -> Vec<Diagnostic> {
    let missing = |post: &Post| {
        let name = post.front.template.as_ref().filter(|name| !theme.templates.contains_key(*name))?;
        let names = theme.templates.keys().map(String::as_str).filter(|name| !name.contains('/'));
        let fault = Diagnostic::warning(
            post.path.as_str(),
            format!("there is no template `{name}`: the usual one is used"),
        );
        Some(fault.maybe_hint(did_you_mean(name, names)))
    };
    let is_asked_for = |name: &str| site.shown().any(|post| post.front.template.as_deref() == Some(name));
    let unused = theme.unreferenced.iter().filter(|(name, _)| !is_asked_for(name));
    site.shown().filter_map(missing).chain(unused.map(|(_, warning)| warning.clone())).collect()
}

/// What a site is assembled from, by what the sources hold.
pub(super) fn site_input(known: &BTreeMap<SourcePath, SourceEntry>, head: &LedgerHeader) -> SiteInput {
    let mut site_input = SiteInput {
        posts: Vec::with_capacity(known.len()),
        linkbacks: BTreeMap::new(),
        files: BTreeMap::new(),
        redirects_file: None,
        unreadable: BTreeSet::new(),
        clashing: BTreeSet::new(),
        folders: BTreeMap::new(),
        unusable_pictures: head.unusable_pictures.clone(),
        selection: head.selection,
        now: head.now.unwrap_or_else(|| Date::of_moment(chrono::DateTime::UNIX_EPOCH, chrono_tz::Tz::UTC)),
    };
    for (path, source) in known {
        match &source.content {
            SourceContent::Post(post, _) => site_input.posts.push(Arc::clone(post)),
            SourceContent::BackMatter(linkbacks, _) => {
                site_input.linkbacks.insert(path.clone(), linkbacks.clone());
            }
            SourceContent::Folder(rule, _) if rule.is_empty() => {}
            SourceContent::Folder(rule, _) => drop(site_input.folders.insert(path.clone(), rule.clone())),
            SourceContent::Redirects(text) => site_input.redirects_file = Some(Arc::clone(text)),
            SourceContent::File(picture) => {
                let content = FileContent { hash: source.hash, picture: *picture, bytes: source.stamp.len };
                site_input.files.insert(path.clone(), content);
            }
        }
    }
    site_input
}
