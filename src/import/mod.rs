//! `backmatter import`: a blog of another system as files of a site, with the proof of what came over.
//!
//! ```text
//!  origin::survey    first pass: where everything was and will be, what the settings are
//!  origin::entries   second pass: entries, a batch at a time
//!    | cleaning      HTML as a tree, addresses of the new site
//!    | markdown      written, read back by Backmatter, compared
//!  site_files        front matter, back matter, settings, media
//!  report            in = out + named
//! ```
//!
//! Each format is a folder or file of its own that fills the [`model`]; everything behind it knows no format. Comments alone
//! go to the posts that are there by way of [`comment_exports`]. Nothing is fetched from the network, unless the user
//! wants the files of one host.

mod account;
mod addresses;
mod blogger;
mod cleaning;
mod comment_exports;
mod comments;
mod decoding;
mod embeds;
mod engines;
mod entry_files;
mod export_files;
mod fetching;
mod fidelity;
mod formulas;
mod ghost;
mod html_tree;
mod live_check;
mod markdown;
mod markdown_links;
mod media;
mod medium;
mod model;
mod movable_type;
mod naming;
mod old_addresses;
mod permalinks;
mod rendered;
mod report;
#[cfg(test)]
mod services_tests;
mod settings;
mod site_files;
mod substack;
#[cfg(test)]
mod tests;
mod toml_text;
mod tumblr;
mod wordpress;
mod xml;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use rayon::prelude::*;

use self::account::{Account, EntryFate};
use self::blogger::Blogger;
use self::entry_files::{ConvertedEntry, Converter};
use self::export_files::ExportFile;
use self::fetching::Fetcher;
use self::ghost::Ghost;
use self::live_check::LiveSite;
use self::medium::MediumArchive;
use self::model::{AddressKnowledge, Entry, RedirectFact, Survey, without_mail};
use self::movable_type::MovableType;
use self::naming::FileNames;
use self::old_addresses::addresses_in;
use self::rendered::RenderedPages;
use self::site_files::{SiteFolder, WriteMode};
use self::substack::Substack;
use self::tumblr::Tumblr;
use self::wordpress::WordPress;
use crate::config::Config;
use crate::error::{Error, Result};

pub use self::report::ImportReport;

/// What is imported, and where to.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// Told by looking, if it is not given.
    pub format: Option<ImportFormat>,
    pub sources: Vec<PathBuf>,
    /// The folder of the old blog's files.
    pub uploads: Option<PathBuf>,
    /// The folder of saved pages of the old site.
    pub rendered: Option<PathBuf>,
    /// Files with old addresses: sitemaps, logs, lists.
    pub addresses: Vec<PathBuf>,
    /// The folder of the site.
    pub into: PathBuf,
    /// Where responses go that wait for approval.
    pub held: Option<PathBuf>,
    /// Whether files that are missing are fetched.
    pub fetch: Option<FetchHost>,
    /// Where the old site is online, if it is to be asked which addresses it answers.
    pub check: Option<String>,
    pub options: ImportOptions,
    pub mode: ImportMode,
}

/// The host from which missing files are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchHost {
    /// That of the old blog.
    Own,
    Named(String),
}

/// What the user knows better than the file.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    pub timezone: Option<Tz>,
    pub base_url: Option<String>,
}

impl ImportOptions {
    /// The address of the blog: the one that was given, else the one that the export names.
    fn base_url_or(&self, named: Option<String>, account: &mut Account) -> String {
        self.base_url.clone().or(named).unwrap_or_else(|| {
            account.remark("the export does not name the address of the blog; give it with `--base-url URL`, so that links within it are known", "");
            "https://example.com".to_owned()
        })
    }

    /// The address of the blog, as a setting of its engine names it.
    fn base_url_of(&self, setting: &str, account: &mut Account) -> String {
        let named = setting.contains("://").then(|| setting.trim_end_matches('/').to_owned());
        self.base_url_or(named, account)
    }

    /// Notes that the time zone is not known, if the export has none and none was given.
    fn remark_zone(&self, account: &mut Account) {
        if self.timezone.is_none() {
            account.remark("the export does not name the time zone; `UTC` stands in the settings (`--timezone ZONE` names another one)", "");
        }
    }
}

impl FetchHost {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Own => None,
            Self::Named(host) => Some(host),
        }
    }
}

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    Write,
    /// Everything is read and proven, and nothing is written.
    DryRun,
}

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// WordPress's export.
    WordPress,
    /// Blogger's feed.
    Blogger,
    /// The text of Movable Type and TypePad.
    MovableType,
    /// Ghost's JSON.
    Ghost,
    /// The archive of Medium.
    Medium,
    /// The archive of Substack.
    Substack,
    /// The archive of Tumblr, or JSON of its API.
    Tumblr,
    /// The comments of Disqus, for posts that are there.
    Disqus,
    /// The database of Isso.
    Isso,
    /// The data files of Staticman.
    Staticman,
    /// The folder of a site of Jekyll.
    Jekyll,
    /// The folder of a site of Hugo.
    Hugo,
    /// The folder of a site of Zola.
    Zola,
    /// The folder of a site of Pelican.
    Pelican,
}

impl ImportFormat {
    /// All formats with their names.
    pub(crate) const ALL: [(&'static str, Self); 14] = [
        ("wordpress", Self::WordPress),
        ("blogger", Self::Blogger),
        ("movable-type", Self::MovableType),
        ("ghost", Self::Ghost),
        ("medium", Self::Medium),
        ("substack", Self::Substack),
        ("tumblr", Self::Tumblr),
        ("disqus", Self::Disqus),
        ("isso", Self::Isso),
        ("staticman", Self::Staticman),
        ("jekyll", Self::Jekyll),
        ("hugo", Self::Hugo),
        ("zola", Self::Zola),
        ("pelican", Self::Pelican),
    ];

    /// Whether it is of comments alone, which need posts that are there.
    pub(crate) fn is_of_comments(self) -> bool {
        matches!(self, Self::Disqus | Self::Isso | Self::Staticman)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// Sees how an import goes on.
pub trait ImportObserver {
    /// The first pass is done, and entries will be written.
    fn surveyed(&self);
    /// `entries` more were written.
    fn written(&self, entries: usize);
    /// This many files will be asked for.
    fn fetching(&self, files: usize);
    /// One more was asked for.
    fn fetched(&self);
    /// Nothing more follows.
    fn done(&self);
}

/// Takes entries as they are read.
type EntrySink<'s> = dyn FnMut(Vec<Entry>, &mut Account) -> Result<()> + 's;

/// A blog in one of the formats, read in two passes.
trait Origin {
    /// The first pass.
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey>;

    /// The second pass: every item is handed to `sink` as an entry, or accounted for.
    fn entries(&mut self, survey: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()>;
}

/// Whether what a request names beside the export is there, before anything is written.
fn check_request(request: &ImportRequest) -> Result<()> {
    for (option, folder) in [("--uploads", &request.uploads), ("--rendered", &request.rendered)] {
        if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
            let reason = format!("there is no such folder (`{option}`)");
            return Err(Error::Argument { given: folder.display().to_string(), reason });
        }
    }
    if let Some(missing) = request.addresses.iter().find(|file| !file.exists()) {
        let reason = "there is no such file (`--addresses`)".to_owned();
        return Err(Error::Argument { given: missing.display().to_string(), reason });
    }
    Ok(())
}

/// An import that found nothing to write ends before it makes a site of it.
fn check_found(format: ImportFormat, request: &ImportRequest, account: &mut Account) -> Result<()> {
    // An export of WordPress may be one of terms alone, and then says what it is.
    if format == ImportFormat::WordPress && account.items == 0 {
        account.remark("the export has no post and no page; export all content", "");
        return Ok(());
    }
    let is_nothing = |fate: &EntryFate| matches!(fate, EntryFate::LeftOut | EntryFate::Settings);
    if !account.fates.keys().all(is_nothing) {
        return Ok(());
    }
    let first = account.left_out.first();
    let why = first.map(|item| format!("; {}: {}", item.what, item.why)).unwrap_or_default();
    Err(Error::Argument {
        given: request.sources.first().map(|source| source.display().to_string()).unwrap_or_default(),
        reason: format!("no post and no page of {} is in it{why}", format.name()),
    })
}

/// Imports a blog.
pub fn import(request: &ImportRequest, observer: &dyn ImportObserver) -> Result<ImportReport> {
    check_request(request)?;
    let format = match request.format {
        Some(format) => format,
        None => told_by_looking(&request.sources)?,
    };
    let mode = match request.mode {
        ImportMode::Write => WriteMode::Write,
        ImportMode::DryRun => WriteMode::Nothing,
    };
    let site = SiteFolder::open(&request.into, mode)?;
    if format.is_of_comments() {
        return comment_exports::import_comments(format, request, &site, observer);
    }
    let mut names = site.names()?;
    let mut account = Account::default();
    let mut origin = origin(format, request)?;
    let mut survey = origin.survey(&mut names, &mut account)?;
    survey.blog.author = survey.blog.author.map(|name| without_mail(&name));
    let host = request.fetch.as_ref().map(|fetch| survey.book.fetch_from(fetch.name()));
    drop(names);
    observer.surveyed();

    let settings_there = site.settings()?;
    let (config, _) = Config::parse(&settings_there.clone().unwrap_or_else(|| settings::text(&survey, &[])));
    let mut held = String::new();
    let mut wanted = BTreeMap::new();
    {
        let rendered =
            request.rendered.as_deref().map(|folder| RenderedPages::new(folder, &survey.blog.base_url));
        let config = at_root(&config);
        let converter = Converter { config: &config, survey: &survey, rendered: rendered.as_ref() };
        origin.entries(&survey, &mut account, &mut |entries, account| {
            let count = entries.len();
            let converted: Vec<ConvertedEntry> =
                entries.into_par_iter().map(|entry| converter.convert(entry)).collect();
            for mut entry in converted {
                held.push_str(&entry.held);
                let files = std::mem::take(&mut entry.notes.wanted);
                wanted.extend(files.into_iter().map(|file| (file.path, file.url)));
                site.write_entry(entry, account)?;
            }
            observer.written(count);
            Ok(())
        })?;
    }
    check_found(format, request, &mut account)?;
    // Nothing of it is needed any more, and it is most of what is kept of a large blog.
    drop(origin);
    let there = media::copy(&survey, request.uploads.as_deref(), &site, &mut account)?;
    if let Some(host) = &host {
        let own = survey.media.iter().filter_map(|path| {
            Some((crate::path::nfc(path).into_owned(), survey.book.own_file(&survey.blog.base_url, path)?))
        });
        wanted.extend(own);
        wanted.retain(|path, _| !there.contains(path));
        let fetcher = Fetcher::new(&config.network, &survey.blog.base_url, host);
        fetcher.fetch(&wanted, &site, &mut account, observer)?;
    }
    media::name_missing(&survey, &there, &site, &mut account);
    account.addresses.note_author_pages(&config);
    // Last, as a redirect leads to what has come to stand there.
    let mut redirects = settings::redirects(&mut survey, &account, &site);
    let mut lacking = Vec::new();
    if settings_there.is_none() {
        site.write_settings(&settings::text(&survey, &redirects), &mut account)?;
    } else {
        lacking = redirects;
        redirects = settings::take_known(&config, &mut lacking);
        site.offer_settings(&settings::missing(&config, &survey, &lacking), &mut account)?;
    }
    account.addresses.led_on = redirects.len();
    let asked = lacking.into_iter().filter(|redirect| !redirect.is_pattern());
    survey.old_lists.extend(asked.map(|redirect| redirect.from));
    ask_for_addresses(request, &config, &survey, &redirects, &mut account, observer)?;
    write_held(request, &held, &mut account)?;
    observer.done();
    let report = ImportReport::new(format, survey, account);
    site.write_report(&report)?;
    Ok(report)
}

/// The settings of the same site at the root of its host. Old and new addresses are compared as they stand in the files: below
/// `base_url`, whose path a build puts before each.
fn at_root(config: &Config) -> Config {
    let base_url = config.base_url.strip_suffix(config.base_path()).unwrap_or(&config.base_url);
    Config { base_url: base_url.to_owned(), ..config.clone() }
}

/// Finds out how each kind of host answers the addresses that the old blog had, and those that the user lists.
fn ask_for_addresses(
    request: &ImportRequest,
    config: &Config,
    survey: &Survey,
    redirects: &[RedirectFact],
    account: &mut Account,
    observer: &dyn ImportObserver,
) -> Result<()> {
    let usual = ["/", "/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml"];
    let paths = &config.paths;
    let lists = [paths.tags.as_str(), paths.categories.as_str(), paths.archives.as_str()];
    for page in usual.into_iter().chain(lists) {
        account.addresses.new.add_page(page);
    }
    let addresses = &account.addresses;
    let all = || {
        let literal = redirects.iter().filter(|redirect| !redirect.is_pattern());
        let sources = literal.map(|redirect| &redirect.from);
        let old = addresses.lost.iter().chain(sources).chain(&survey.old_lists);
        survey.book.addresses().map(str::to_owned).chain(old.cloned())
    };
    // A set has no order, and the report names the first.
    let mut dead: Vec<String> = addresses.dead.iter().cloned().collect();
    dead.sort();
    let feeds = all()
        .filter(|path| survey.blog.has_wordpress_feeds && path.ends_with('/') && !path.contains("/feed/"))
        .map(|path| format!("{path}feed/"));
    let aliases = addresses.new.aliases().map(|alias| alias.encoded(""));
    let asked = all().chain(aliases).chain(feeds).chain(dead.iter().cloned());
    let asked: Vec<String> = asked.filter(|address| !addresses.drafts.contains(address)).collect();
    let mut listed = Vec::new();
    for file in &request.addresses {
        for file in ExportFile::all_at(file, &["txt", "log", "xml", "csv", "gz"])? {
            listed.extend(addresses_in(&file.text()?, &|address| survey.book.own_path(address)));
        }
    }
    let mut gone = HashSet::new();
    if survey.address_knowledge == AddressKnowledge::All {
        let had: HashSet<&String> = survey.old_lists.iter().collect();
        let lost = addresses.new.lost_everywhere(config, redirects, &dead);
        gone.extend(lost.into_iter().filter(|address| !had.contains(address)));
    }
    if let Some(base_url) = &request.check {
        let live = LiveSite::at(base_url, &config.network, &survey.blog.base_url)?;
        let mut lost = addresses.new.lost_everywhere(config, redirects, &[&asked[..], &listed].concat());
        lost.retain(|address| !gone.contains(address));
        gone.extend(live.dead_among(&lost, account, observer));
    }
    account.addresses.dead_before = gone.len();
    let addresses = &account.addresses.new;
    let mut asked = asked.into_iter().filter(|address| !gone.contains(address));
    let hosts = addresses.scores(config, redirects, &mut asked);
    if !request.addresses.is_empty() {
        let mut listed = listed.into_iter().filter(|address| !gone.contains(address));
        account.listed = addresses.scores(config, redirects, &mut listed);
    }
    account.hosts = hosts;
    Ok(())
}

/// Writes the responses that wait for approval where the user wants them. A file that is there may have been worked on.
fn write_held(request: &ImportRequest, held: &str, account: &mut Account) -> Result<()> {
    let file = request.held.as_deref().filter(|_| request.mode == ImportMode::Write && !held.is_empty());
    let Some(file) = file else { return Ok(()) };
    let old = match fs::read(file) {
        Ok(old) => old,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::write(file, held).map_err(Error::io("write", file))?;
            held.as_bytes().to_owned()
        }
        Err(error) => return Err(Error::io("read", file)(error)),
    };
    if old == held.as_bytes() {
        account.hold_in_file();
    } else {
        let remark = format!(
            "`{}` is there already with other responses, and stays; name another file for those that wait",
            file.display()
        );
        account.remark(&remark, "");
    }
    Ok(())
}

fn origin(format: ImportFormat, request: &ImportRequest) -> Result<Box<dyn Origin>> {
    match format {
        ImportFormat::WordPress => {
            let files = exports(&request.sources, &["xml", "wxr", "gz"])?;
            Ok(Box::new(WordPress::new(files, request.options.clone())))
        }
        ImportFormat::Blogger => {
            let files = exports(&request.sources, &["atom", "xml", "gz"])?;
            Ok(Box::new(Blogger::new(blogger::feeds(files)?, request.options.clone())))
        }
        ImportFormat::MovableType => {
            let files = exports(&request.sources, &["txt", "gz"])?;
            Ok(Box::new(MovableType::new(files, request.options.clone())))
        }
        ImportFormat::Ghost => {
            let files = exports(&request.sources, &["json", "gz"])?;
            Ok(Box::new(Ghost::open(&files, request.options.clone())?))
        }
        ImportFormat::Medium => {
            let files = exports(&request.sources, &["html"])?;
            Ok(Box::new(MediumArchive::new(files, request.options.clone())))
        }
        ImportFormat::Substack => {
            let files = exports(&request.sources, &["csv", "html"])?;
            Ok(Box::new(Substack::new(files, request.options.clone())))
        }
        ImportFormat::Tumblr => {
            let files = exports(&request.sources, &["xml", "json", "html"])?;
            let media = found_in(&request.sources, &tumblr::MEDIA)?;
            Ok(Box::new(Tumblr::new(files, media, request.options.clone())))
        }
        ImportFormat::Disqus | ImportFormat::Isso | ImportFormat::Staticman => Err(nothing_in(Path::new(""))),
        ImportFormat::Jekyll | ImportFormat::Hugo | ImportFormat::Zola | ImportFormat::Pelican => {
            engines::origin(format, request)
        }
    }
}

/// The exports in several files, archives and folders.
fn exports(sources: &[PathBuf], extensions: &[&str]) -> Result<Vec<ExportFile>> {
    let mut files = Vec::new();
    for source in sources {
        let found = found_in(std::slice::from_ref(source), extensions)?;
        if found.is_empty() {
            return Err(nothing_in(source));
        }
        files.extend(found);
    }
    Ok(files)
}

/// The files with some extensions in several files, archives and folders.
fn found_in(sources: &[PathBuf], extensions: &[&str]) -> Result<Vec<ExportFile>> {
    let mut files = Vec::new();
    for source in sources {
        files.extend(ExportFile::all_at(source, extensions)?);
    }
    Ok(files)
}

fn nothing_in(source: &Path) -> Error {
    Error::Argument {
        given: source.display().to_string(),
        reason: "there is no export of a known format in it; name the format before it, such as `wordpress`"
            .to_owned(),
    }
}

/// How much of a file is looked at to tell its format.
const LOOKED_AT: usize = 64 * 1024;

/// How many files are looked at.
const MOST_LOOKED_AT: usize = 200;
/// How the files of exports end.
const KNOWN: [&str; 10] = ["xml", "wxr", "atom", "json", "txt", "gz", "db", "sqlite", "html", "csv"];

fn told_by_looking(sources: &[PathBuf]) -> Result<ImportFormat> {
    let Some(first) = sources.first() else { return Err(nothing_in(Path::new(""))) };
    if let Some(engine) = engines::told_by_looking(first)? {
        return Ok(engine);
    }
    for file in ExportFile::all_at(first, &KNOWN)?.iter().take(MOST_LOOKED_AT) {
        if let Some(format) = told_by_start(&file.start(LOOKED_AT)?) {
            return Ok(format);
        }
    }
    if comment_exports::staticman::is_in(first) {
        return Ok(ImportFormat::Staticman);
    }
    Err(nothing_in(first))
}

/// Keys at the start of exports of Ghost, of which all of a row are there.
const GHOST_KEYS: [[&str; 2]; 2] = [["\"posts\"", "\"data\""], ["\"db\"", "\"exported_on\""]];

/// The format of a file that begins like this.
fn told_by_start(start: &str) -> Option<ImportFormat> {
    if start.contains("<rss") && (start.contains("wordpress.org/export") || start.contains("wp:")) {
        return Some(ImportFormat::WordPress);
    }
    if start.contains("<feed") && start.contains("blogger") {
        return Some(ImportFormat::Blogger);
    }
    if start.contains("<disqus") {
        return Some(ImportFormat::Disqus);
    }
    if start.starts_with("SQLite format 3") {
        return Some(ImportFormat::Isso);
    }
    if tumblr::is_xml(start) || tumblr::is_json(start) || tumblr::is_page(start) {
        return Some(ImportFormat::Tumblr);
    }
    if medium::is_story(start) {
        return Some(ImportFormat::Medium);
    }
    if substack::is_start_of_list(start) {
        return Some(ImportFormat::Substack);
    }
    if start.trim_start().starts_with('{')
        && GHOST_KEYS.iter().any(|keys| keys.iter().all(|key| start.contains(key)))
    {
        return Some(ImportFormat::Ghost);
    }
    let is_text = start.contains("\n-----\n") || start.contains("\n-----\r\n");
    let begins = ["AUTHOR:", "TITLE:", "BASENAME:"].iter().any(|key| start.trim_start().starts_with(key));
    (is_text && begins).then_some(ImportFormat::MovableType)
}
