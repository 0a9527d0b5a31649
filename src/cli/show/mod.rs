//! Every sentence a user sees, and the only place that prints.

mod linkbacks;
mod publish;
mod receive;
mod send;
mod serve;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::args::{Color, CommonArgs};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::explain::Explanation;
use crate::engine::{BuildObserver, BuildReport};
use crate::error::Error;
use crate::post::Post;
use crate::site::order::Absence;

/// A path as a shell takes it for one word.
fn for_shell(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    match path.chars().all(is_plain) && !path.starts_with('-') {
        true => path,
        false if path.starts_with('-') => format!("-- '{}'", path.replace('\'', "'\\''")),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

/// How a user wants to be spoken to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice {
    quiet: bool,
    json: bool,
}

impl Voice {
    /// The voice that the arguments ask for. Sets the colours of the whole process.
    pub(super) fn new(common: &CommonArgs) -> Self {
        match common.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self { quiet: common.quiet, json: common.json }
    }

    /// What a build did.
    pub(super) fn report(self, report: &BuildReport) {
        if self.json {
            line(&json_report(report).to_string());
            return;
        }
        self.diagnostics(&report.diagnostics);
        if let Some(why) = &report.why {
            line(&why_text(why));
        }
        if !report.built {
            let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
            error_line(&format!("{}: the site was not built", counted(errors, "error", "errors")));
        } else if !self.quiet {
            line(&summary(report));
        }
    }

    /// Faults, those that stop a build first.
    pub(super) fn diagnostics(self, diagnostics: &[Diagnostic]) {
        let shown = diagnostics.iter().filter(|diagnostic| !self.quiet || diagnostic.is_error());
        let mut text = String::new();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for diagnostic in shown {
            let count = kinds.entry(kind_of(diagnostic)).or_default();
            *count += 1;
            if *count <= MOST_OF_A_KIND || diagnostic.is_error() {
                text.push_str(&snippet(diagnostic));
                text.push_str("\n\n");
            }
        }
        for (kind, count) in
            kinds.iter().filter(|(kind, count)| **count > MOST_OF_A_KIND && !kind.starts_with("error"))
        {
            let more = count - MOST_OF_A_KIND;
            let _ = writeln!(text, "{kind}: {more} more like these; `--json` lists them all\n");
        }
        if !text.is_empty() {
            anstream::eprint!("{text}");
        }
    }

    /// A failure.
    pub(super) fn error(self, error: &Error) {
        if self.json {
            line(&json!({ "error": error.to_string() }).to_string());
        } else {
            error_line(&error.to_string());
        }
    }

    /// A new post.
    pub(super) fn new_post(self, path: &Path) {
        let here = std::env::current_dir().unwrap_or_default();
        let path = path.strip_prefix(here).unwrap_or(path).display().to_string();
        line(&if self.json { json!({ "path": path }).to_string() } else { path });
    }

    /// A new site.
    pub(super) fn new_site(self, folder: &Path, files: &[String]) {
        if self.json {
            line(&json!({ "folder": folder.display().to_string(), "files": files }).to_string());
            return;
        }
        if self.quiet {
            return;
        }
        let mut text = String::new();
        for file in files {
            let _ = writeln!(text, "  {}", folder.join(file).display());
        }
        let enter =
            if folder == Path::new(".") { String::new() } else { format!("cd {} && ", for_shell(folder)) };
        let _ = write!(
            text,
            "\nA site of {} files. Build it with: {enter}backmatter build\n\
             Before you publish it, set `base_url` in backmatter.toml: the address there is an example.",
            files.len()
        );
        line(&text);
    }

    /// A list of posts.
    pub(super) fn posts(self, posts: &[(&Post, Option<Absence>)], what: &str, config: &Config) {
        if self.json {
            let posts: Vec<_> =
                posts.iter().map(|(post, absence)| json_post(post, *absence, config)).collect();
            line(&json!(posts).to_string());
            return;
        }
        let mut text = String::new();
        for (post, _) in posts {
            let date = post.date.map_or_else(|| " ".repeat(10), |date| date.day().to_string());
            let _ = writeln!(text, "{date}  {}  {}", post.path, post.label());
        }
        if posts.is_empty() {
            if !self.quiet {
                error_free_line(&format!("no {what}"));
            }
        } else {
            print_now(&without_control(&text));
        }
    }

    /// Somebody to watch a build, with a progress bar if a person is looking.
    pub(super) fn watch(self) -> Progress {
        let person = !self.quiet && !self.json && std::io::stderr().is_terminal();
        Progress { person, quiet: self.quiet, bar: OnceLock::new() }
    }
}

/// `--help`, `--version`, and what is wrong with the arguments.
pub(super) fn clap(error: &clap::Error) {
    let text = error.render().ansi().to_string();
    if error.use_stderr() { anstream::eprint!("{text}") } else { print_now(&text) }
}

/// What is wrong with the arguments, for machines: what clap says first, without its prefix and the usage.
pub(super) fn clap_json(error: &clap::Error) {
    let text = error.render().to_string();
    let message = text.split("\n\n").next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    line(&json!({ "error": message }).to_string());
}

/// Text for standard output. A reader that has gone away is no error.
pub(super) fn print_now(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn line(text: &str) {
    print_now(&format!("{}\n", without_control(text)));
}

fn error_line(text: &str) {
    let style = anstyle_error();
    anstream::eprintln!("{style}error{style:#}: {}", without_control(text));
}

fn error_free_line(text: &str) {
    anstream::eprintln!("{}", without_control(text));
}

fn anstyle_error() -> annotate_snippets::renderer::Style {
    annotate_snippets::renderer::DEFAULT_ERROR_STYLE
}

/// After so many warnings of one kind the others are counted.
const MOST_OF_A_KIND: usize = 10;

/// A fault without its particulars: what stands in backticks.
fn kind_of(diagnostic: &Diagnostic) -> String {
    let severity = if diagnostic.is_error() { "error" } else { "warning" };
    let words =
        diagnostic.message.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "…" });
    format!("{severity}: {}", words.collect::<String>())
}

/// A fault in the manner of rustc.
fn snippet(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = without_control(&diagnostic.message);
    let path = without_control(&diagnostic.path);
    let hint = diagnostic.hint.as_deref().map(without_control);
    let title = level.primary_title(message.as_str());
    let line = diagnostic.place.as_ref().map(|place| without_control(&place.text)).unwrap_or_default();
    let mut group = match &diagnostic.place {
        Some(place) => {
            let start = byte_of(&line, (place.column - 1).saturating_sub(place.skipped));
            let end =
                byte_of(&line, (place.column - 1).saturating_sub(place.skipped) + place.width).max(start);
            let source = Snippet::source(line.as_str())
                .line_start(place.line)
                .path(path.as_str())
                .annotation(AnnotationKind::Primary.span(start..end));
            Group::with_title(title).element(source)
        }
        None => Group::with_title(title).element(annotate_snippets::Origin::path(path.as_str())),
    };
    if let Some(hint) = &hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    Renderer::styled().render(&[group])
}

fn byte_of(line: &str, character: usize) -> usize {
    line.char_indices().nth(character).map_or(line.len(), |(at, _)| at)
}

/// A file may hold anything; a terminal should not be told to obey it.
fn without_control(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\t' | '\n') { '\u{fffd}' } else { c }).collect()
}

fn summary(report: &BuildReport) -> String {
    format!(
        "{} rendered, {} kept, {} written, {} removed in {}",
        counted(report.rendered.len(), "page", "pages"),
        report.kept,
        report.written,
        report.removed,
        elapsed(report.elapsed)
    )
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn elapsed(elapsed: std::time::Duration) -> String {
    let milliseconds = elapsed.as_millis();
    if milliseconds < 1000 { format!("{milliseconds} ms") } else { format!("{:.2} s", elapsed.as_secs_f64()) }
}

fn why_text(why: &Explanation) -> String {
    let mut text = format!("{}:", why.page);
    for reason in &why.reasons {
        let _ = write!(text, "\n  {reason}");
    }
    text
}

fn json_report(report: &BuildReport) -> serde_json::Value {
    serde_json::to_value(report).unwrap_or_default()
}

fn json_post(post: &Post, absence: Option<Absence>, config: &Config) -> serde_json::Value {
    json!({
        "path": post.path,
        "url": config.url(&post.url),
        "title": post.label(),
        "date": post.date.map(|date| date.to_text()),
        "draft": post.front.draft,
        "absent": absence,
        "words": post.words,
        "tags": post.front.tags,
        "categories": post.front.categories,
    })
}

/// Watches a build for a person.
pub(super) struct Progress {
    person: bool,
    quiet: bool,
    bar: OnceLock<ProgressBar>,
}

/// Below this a bar would only flicker.
const WORTH_A_BAR: usize = 500;

impl BuildObserver for Progress {
    fn waiting(&self) {
        if !self.quiet {
            error_free_line("another build of this site is running; waiting for it to end");
        }
    }

    fn rendering(&self, pages: usize) {
        if !self.person || pages < WORTH_A_BAR {
            return;
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pages")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(pages as u64).with_style(style);
        let _ = self.bar.set(bar);
    }

    fn rendered(&self) {
        if let Some(bar) = self.bar.get() {
            bar.inc(1);
        }
    }

    fn done(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
