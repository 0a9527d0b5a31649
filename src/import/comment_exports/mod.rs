//! Comments that a service kept for a blog: put into the back matter of the posts that are there.
//!
//! A thread finds its post by its address, also a former one, or by the id or name of the post. Comments that are in
//! the back matter already are left as they are.

mod disqus;
mod isso;
mod site_posts;
pub(super) mod staticman;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use chrono::DateTime;
use chrono_tz::Tz;
use pulldown_cmark::{Options, Parser, html::push_html};

use self::site_posts::SitePosts;
use super::account::{Account, EntryFate, ResponseFate};
use super::addresses::{LinksFrom, Place};
use super::cleaning::CleaningContext;
use super::comments::write_responses;
use super::export_files::ExportFile;
use super::model::{BlogFacts, ImportedResponse, Survey};
use super::site_files::SiteFolder;
use super::{ImportFormat, ImportObserver, ImportReport, ImportRequest, exports, write_held};
use crate::config::{Config, FILE_NAME};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::linkback::back_matter::{self, edit::BackMatterEditor, read};
use crate::linkback::{Linkback, LinkbackKind};
use crate::path::SourcePath;

/// The comments on one page.
#[derive(Debug)]
pub(super) struct CommentThread {
    /// What it is called in the report.
    pub(super) name: String,
    /// Where its page stood: addresses, paths, ids or names of posts. The first that is known counts.
    pub(super) places: Vec<String>,
    pub(super) comments: Vec<ImportedResponse>,
}

/// Threads that belong to one post.
#[derive(Default)]
struct PostThreads {
    names: Vec<String>,
    comments: Vec<ImportedResponse>,
}

/// Puts the comments of an export under the posts of a site.
pub(super) fn import_comments(
    format: ImportFormat,
    request: &ImportRequest,
    site: &SiteFolder,
    observer: &dyn ImportObserver,
) -> Result<ImportReport> {
    let Some(settings) = site.settings()? else {
        return Err(Error::Argument {
            given: request.into.display().to_string(),
            reason: format!(
                "there is no site in this folder (it has no `{FILE_NAME}`), and comments need the posts they belong to; import the posts first"
            ),
        });
    };
    let (config, _) = Config::parse(&settings);
    let mut account = Account::default();
    let posts = SitePosts::read(&request.into, &config, request.options.base_url.as_deref())?;
    let threads = threads(format, request, config.timezone, &mut account)?;
    observer.surveyed();
    let mut held = String::new();
    for (file, threads) in by_post(threads, &posts, &mut account) {
        let count = threads.comments.len();
        held.push_str(&CommentWriter { format, config: &config, posts: &posts, site }.write(
            &file,
            threads,
            &mut account,
        )?);
        observer.written(count);
    }
    write_held(request, &held, &mut account)?;
    observer.done();
    let blog = BlogFacts { title: config.title, base_url: config.base_url, ..BlogFacts::default() };
    let report = ImportReport::new(format, Survey { blog, ..Survey::default() }, account);
    site.write_report(&report)?;
    Ok(report)
}

fn threads(
    format: ImportFormat,
    request: &ImportRequest,
    zone: Tz,
    account: &mut Account,
) -> Result<Vec<CommentThread>> {
    let files = |extensions: &[&str]| -> Result<Vec<ExportFile>> { exports(&request.sources, extensions) };
    match format {
        ImportFormat::Disqus => disqus::threads(&files(&["xml", "gz"])?, account),
        ImportFormat::Isso => isso::threads(&files(&["db", "sqlite", "sqlite3"])?),
        ImportFormat::Staticman => {
            staticman::threads(&request.sources, request.options.timezone.unwrap_or(zone), account)
        }
        _ => Ok(Vec::new()),
    }
}

/// The threads by the files of their posts. Those without a post are accounted for.
fn by_post(
    threads: Vec<CommentThread>,
    posts: &SitePosts,
    account: &mut Account,
) -> BTreeMap<SourcePath, PostThreads> {
    let mut found: BTreeMap<SourcePath, PostThreads> = BTreeMap::new();
    for thread in threads {
        if thread.comments.is_empty() {
            account.item(EntryFate::EmptyThread);
            continue;
        }
        let Some(post) = thread.places.iter().find_map(|place| posts.find(place)) else {
            let place = thread.places.first().map_or("an unknown address", String::as_str);
            account.leave_out(thread.name, &format!("no post of the site stands at {place}"));
            account.respond(ResponseFate::WithItsPost, thread.comments.len());
            continue;
        };
        if let Some(host) = post.foreign_host {
            let remark =
                format!("threads of another host, `{host}`, were put under the posts at the same paths");
            account.remark(&remark, &thread.name);
        }
        let threads = found.entry(post.file).or_default();
        threads.names.push(thread.name);
        threads.comments.extend(thread.comments);
    }
    found
}

/// The HTML of a comment that was written in Markdown.
pub(super) fn html_of_markdown(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    push_html(&mut html, Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH));
    html
}

/// Seconds since 1970 as back matter has a moment.
fn moment_of_seconds(seconds: f64) -> Option<String> {
    // A conversion takes what is too large, and what is not a number, as the nearest that there is.
    #[expect(clippy::cast_possible_truncation, reason = "fractions of a second do not count")]
    let moment = DateTime::from_timestamp(seconds as i64, 0)?;
    let year = chrono::Datelike::year(&moment);
    (seconds.is_finite() && (1970..10_000).contains(&year))
        .then(|| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Writes comments into back matter files.
struct CommentWriter<'a> {
    format: ImportFormat,
    config: &'a Config,
    posts: &'a SitePosts,
    site: &'a SiteFolder,
}

impl CommentWriter<'_> {
    /// Adds the comments of a post that are not there. Returns those that wait for approval.
    fn write(&self, file: &SourcePath, threads: PostThreads, account: &mut Account) -> Result<String> {
        let place = Place::of(&self.posts.address(file));
        let context = CleaningContext { addresses: &self.posts.book, place: &place };
        let links = LinksFrom { book: &self.posts.book, file };
        let count = threads.comments.len();
        let texts = write_responses(threads.comments, &context, &links);
        let path = back_matter::path_of(file);
        let old = self.site.read(path.as_str())?.unwrap_or_default();
        let MergedComments { text, added } = match self.with_new(&path, &old, &texts.back_matter) {
            Ok(merged) => merged,
            Err(fault) => {
                for name in threads.names {
                    account.leave_out(name, &format!("`{}` has a fault: {fault}", path.as_str()));
                }
                account.respond(ResponseFate::WithItsPost, count);
                return Ok(String::new());
            }
        };
        if added > 0 {
            self.site.replace(path.as_str(), text.as_bytes())?;
            account.wrote(path.as_str().to_owned());
        }
        for _ in threads.names {
            account.item(EntryFate::Thread);
        }
        account.respond(ResponseFate::Kept, added);
        account.respond(ResponseFate::ThereAlready, texts.kept - added);
        account.respond(ResponseFate::Held, texts.held_count);
        account.respond(ResponseFate::Binned, texts.binned);
        let is_held = !texts.held.is_empty();
        Ok(if is_held { format!("# {}\n{}", file.as_str(), texts.held) } else { String::new() })
    }

    /// A back matter file with the comments that it has not, and how many they are.
    fn with_new(
        &self,
        path: &SourcePath,
        old: &str,
        comments: &str,
    ) -> std::result::Result<MergedComments, String> {
        let (comments, _) = read::parse(path, comments, self.config);
        let mut editor = BackMatterEditor::open(path, old, self.config).map_err(first)?;
        let there: Vec<Linkback> = editor.linkbacks().cloned().collect();
        let mut ids: HashMap<String, String> = HashMap::new();
        let mut new = Vec::new();
        for comment in comments {
            if let Some(known) = there.iter().find(|known| is_same(known, &comment)) {
                ids.insert(comment.id, known.id.clone());
                continue;
            }
            let id = free_id(&comment.id, &there, self.format);
            ids.insert(comment.id.clone(), id.clone());
            new.push(Linkback { id, ..comment });
        }
        for comment in &mut new {
            comment.parent = comment.parent.take().map(|parent| ids.get(&parent).cloned().unwrap_or(parent));
            editor.put(comment);
        }
        let text = editor.finish().map_err(first)?.unwrap_or_default();
        Ok(MergedComments { text, added: new.len() })
    }
}

/// A back matter file, and how many comments are new in it.
struct MergedComments {
    text: String,
    added: usize,
}

fn first(faults: Vec<Diagnostic>) -> String {
    faults.first().map_or_else(String::new, |fault| fault.message.clone())
}

/// Whether a response of back matter is a comment of an export. The words may have been changed by hand. A comment of
/// WordPress that its plugin copied to a service has another number there.
fn is_same(known: &Linkback, comment: &Linkback) -> bool {
    let has_same_moment = moment(known) == moment(comment);
    let is_copy = comment.published.is_some() && author_name(known) == author_name(comment);
    known.kind == LinkbackKind::Comment && has_same_moment && (known.id == comment.id || is_copy)
}

fn moment(linkback: &Linkback) -> Option<DateTime<chrono::Utc>> {
    linkback.published.map(|date| date.time().to_utc())
}

fn author_name(linkback: &Linkback) -> Option<&str> {
    linkback.author.as_ref().map(|author| author.name.as_str())
}

/// An id that no other response has: numbers of two services may meet.
fn free_id(id: &str, there: &[Linkback], format: ImportFormat) -> String {
    if there.iter().all(|known| known.id != id) { id.to_owned() } else { format!("{}-{id}", format.name()) }
}
