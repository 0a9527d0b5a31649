//! What the program prints: reports, warnings, errors and progress. Nothing else prints.
//!
//! A command makes a [`Report`] and [`Output`] prints it in the form the user asked for. Results go to standard output,
//! everything beside them to standard error.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::common::{Color, CommonArgs};
pub(super) use crate::diagnostic::counted;
use crate::diagnostic::{Diagnostic, Reach, Severity};
use crate::engine::BuildObserver;
use crate::error::Error;
use crate::path::without_passwords;

/// What a command has to report, for a program and for a person.
pub(super) trait Report {
    /// Printed with `--json`, on one line of standard output; nothing is printed for `None`.
    fn json(&self) -> Option<Value>;

    /// Prints what a person reads.
    fn text(&self, terminal: Terminal);
}

/// The form of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutputFormat {
    Text,
    Json,
}

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    Normal,
    /// Results that were asked for, and errors.
    Quiet,
}

/// Prints reports in the form the user asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    format: OutputFormat,
    terminal: Terminal,
}

impl Output {
    /// The output the arguments ask for. Sets the colours of the whole process.
    pub(super) fn new(common: &CommonArgs) -> Self {
        match common.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        let format = if common.json { OutputFormat::Json } else { OutputFormat::Text };
        let verbosity = if common.quiet { Verbosity::Quiet } else { Verbosity::Normal };
        Self { format, terminal: Terminal { verbosity } }
    }

    /// Prints a report.
    pub(super) fn emit(self, report: &impl Report) {
        match self.format {
            OutputFormat::Text => report.text(self.terminal),
            OutputFormat::Json => {
                if let Some(value) = report.json() {
                    self.terminal.result(&value.to_string());
                }
            }
        }
    }

    /// Prints the error that ends the program, or stops a part of it.
    pub(super) fn error(self, error: &Error) {
        self.emit(error);
    }

    /// Prints faults of the site to standard error, in either format.
    pub(super) fn diagnostics(self, diagnostics: &[Diagnostic]) {
        self.terminal.diagnostics(diagnostics);
    }

    /// What prints to standard error in either format, as warnings do that no report holds.
    pub(super) fn terminal(self) -> Terminal {
        self.terminal
    }

    /// Whether results are printed as JSON.
    pub(super) fn is_json(self) -> bool {
        self.format == OutputFormat::Json
    }

    /// Whether only results that were asked for and errors are printed.
    pub(super) fn is_quiet(self) -> bool {
        self.terminal.verbosity == Verbosity::Quiet
    }

    /// Whether a person looks on who would like to see a progress bar.
    pub(super) fn shows_progress(self) -> bool {
        !self.is_quiet() && !self.is_json() && std::io::stderr().is_terminal()
    }

    /// An observer of a build that shows a progress bar on a terminal.
    pub(super) fn build_progress(self) -> BuildProgress {
        BuildProgress { output: self, bar: OnceLock::new(), pictures: OnceLock::new() }
    }
}

impl Report for Error {
    fn json(&self) -> Option<Value> {
        Some(json_error(self))
    }

    fn text(&self, terminal: Terminal) {
        terminal.error(&self.to_string());
    }
}

/// An error for a program: what is printed for a person, and what it comes from, down to the error of the system.
pub(super) fn json_error(error: &dyn std::error::Error) -> Value {
    json!({ "error": error.to_string(), "causes": json_causes(error) })
}

/// What an error comes from, the nearest cause first.
pub(super) fn json_causes(error: &dyn std::error::Error) -> Value {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let causes = causes.map(|cause| {
        let code = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
        json!({ "message": cause.to_string(), "os_error": code })
    });
    Value::Array(causes.collect())
}

/// Prints lines for a person. Control characters are replaced: a text from a file must not steer the terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    verbosity: Verbosity,
}

impl Terminal {
    /// A result that was asked for: to standard output, also with `--quiet`.
    pub(super) fn result(self, text: &str) {
        line(text);
    }

    /// What was done: to standard output, unless `--quiet`.
    pub(super) fn info(self, text: &str) {
        if self.verbosity == Verbosity::Normal {
            line(text);
        }
    }

    /// A remark: to standard error, unless `--quiet`.
    pub(super) fn note(self, text: &str) {
        if self.verbosity == Verbosity::Normal {
            self.warning(text);
        }
    }

    /// What the user has to know: to standard error, also with `--quiet`.
    pub(super) fn warning(self, text: &str) {
        error_free_line(text);
    }

    /// An error: to standard error, marked as one.
    pub(super) fn error(self, text: &str) {
        error_line(text);
    }

    /// Faults, errors first. With `--quiet` warnings are left out. A warning that is the same in many places is printed once
    /// with their number; of many warnings of one kind the first are printed, and the others named or counted. What is
    /// about to become public is printed in each place.
    pub(super) fn diagnostics(self, diagnostics: &[Diagnostic]) {
        let shown: Vec<&Diagnostic> = diagnostics
            .iter()
            .filter(|diagnostic| self.verbosity == Verbosity::Normal || diagnostic.is_error())
            .collect();
        let text = FaultList::of(&shown).text();
        if !text.is_empty() {
            anstream::eprint!("{text}");
        }
    }
}

/// Faults as they are printed.
struct FaultList<'d> {
    shown: Vec<(&'d Diagnostic, usize)>,
    /// What is not printed, by kind: the name each is about, and how often.
    rest: BTreeMap<String, Vec<(&'d str, usize)>>,
}

impl<'d> FaultList<'d> {
    fn of(faults: &[&'d Diagnostic]) -> Self {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for fault in faults.iter().filter(|fault| is_grouped(fault)) {
            *places.entry(fault.message.as_str()).or_default() += 1;
        }
        let mut list = Self { shown: Vec::new(), rest: BTreeMap::new() };
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for fault in faults {
            let count = match places.get_mut(fault.message.as_str()).filter(|_| is_grouped(fault)) {
                // It was printed with its number at the first place.
                Some(0) => continue,
                Some(count) if *count > MOST_PLACES => std::mem::take(count),
                _ => 1,
            };
            let kind = kind_of(fault);
            let printed = kinds.entry(kind.clone()).or_default();
            *printed += 1;
            if *printed <= most_of_kind(fault) {
                list.shown.push((fault, count));
            } else {
                list.rest.entry(kind).or_default().push((name_of(fault), count));
            }
        }
        list
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (fault, count) in &self.shown {
            text.push_str(&snippet(fault, *count));
            text.push_str("\n\n");
        }
        for (kind, names) in &self.rest {
            let more: usize = names.iter().map(|(_, count)| count).sum();
            let _ =
                writeln!(text, "{kind}: {more} more like these{}; `--json` lists them all\n", listed(names));
        }
        text
    }
}

/// `: `subtitle` 101 times, `weight``, if these are names and not too many.
fn listed(names: &[(&str, usize)]) -> String {
    const MOST: usize = 40;
    const LONGEST: usize = 40;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, count) in names {
        *counts.entry(name).or_default() += count;
    }
    let are_names =
        counts.keys().all(|name| !name.is_empty() && name.len() <= LONGEST && !name.contains(['/', '\n']));
    if counts.len() > MOST || !are_names {
        return String::new();
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let names = counts.iter().map(|(name, count)| match count {
        1 => format!("`{name}`"),
        count => format!("`{name}` {count} times"),
    });
    format!(" ({})", without_control(&names.collect::<Vec<_>>().join(", ")))
}

/// Prints `--help`, `--version`, and what is wrong with the arguments.
pub(super) fn clap(error: &clap::Error) {
    let text = error.render().ansi().to_string();
    if error.use_stderr() { anstream::eprint!("{text}") } else { print_now(&text) }
}

/// Prints what is wrong with the arguments as JSON: the first paragraph of clap's message, without its prefix and the
/// usage.
pub(super) fn clap_json(error: &clap::Error) {
    let text = error.render().to_string();
    let message = text.split("\n\n").next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    line(&json!({ "error": message, "causes": [] }).to_string());
}

/// Prints to standard output, and passes it on at once. A closed pipe is not an error.
pub(super) fn print_now(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

pub(super) fn line(text: &str) {
    print_now(&format!("{}\n", without_control(text)));
}

pub(super) fn error_line(text: &str) {
    let style = renderer::DEFAULT_ERROR_STYLE;
    anstream::eprintln!("{style}error{style:#}: {}", without_control(text));
}

pub(super) fn error_free_line(text: &str) {
    anstream::eprintln!("{}", without_control(text));
}

/// Faults of one kind that are printed; the others are named or counted.
fn most_of_kind(fault: &Diagnostic) -> usize {
    match (fault.severity, fault.reach) {
        (Severity::Warning, Reach::Public) | (Severity::Error, Reach::Site | Reach::Public) => usize::MAX,
        (Severity::Error, Reach::File) => 50,
        (Severity::Warning, _) => 10,
    }
}

/// Places of the same warning that are printed one by one.
const MOST_PLACES: usize = 3;

/// Whether one place stands for all: of a warning that names what it is about.
fn is_grouped(fault: &Diagnostic) -> bool {
    !fault.is_error() && fault.reach != Reach::Public && fault.message.contains('`')
}

/// What a fault is about.
fn name_of(fault: &Diagnostic) -> &str {
    fault.message.split('`').nth(1).unwrap_or_default()
}

/// A fault without its particulars: what stands in backticks.
fn kind_of(diagnostic: &Diagnostic) -> String {
    let severity = if diagnostic.is_error() { "error" } else { "warning" };
    let words =
        diagnostic.message.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "…" });
    format!("{severity}: {}", words.collect::<String>())
}

/// A fault in the manner of rustc.
fn snippet(diagnostic: &Diagnostic, count: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut message = without_control(&diagnostic.message);
    if count > 1 {
        let _ = write!(message, " ({count} times, first here)");
    }
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
        None => Group::with_title(title).element(Origin::path(path.as_str())),
    };
    if let Some(hint) = &hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    Renderer::styled().render(&[group])
}

fn byte_of(line: &str, character: usize) -> usize {
    line.char_indices().nth(character).map_or(line.len(), |(at, _)| at)
}

/// The text with control characters replaced: a file may hold anything, and a terminal obeys escape sequences.
/// A text for a terminal or a log: without control characters and without the passwords of addresses.
pub(super) fn without_control(text: &str) -> String {
    without_passwords(text)
        .chars()
        .map(|c| if c.is_control() && !matches!(c, '\t' | '\n') { '\u{fffd}' } else { c })
        .collect()
}

/// `12 ms` or `1.20 s`.
pub(super) fn elapsed(elapsed: Duration) -> String {
    let milliseconds = elapsed.as_millis();
    if milliseconds < 1000 { format!("{milliseconds} ms") } else { format!("{:.2} s", elapsed.as_secs_f64()) }
}

/// Shows the progress of a build.
pub(super) struct BuildProgress {
    output: Output,
    bar: OnceLock<ProgressBar>,
    pictures: OnceLock<ProgressBar>,
}

/// Pages below which a bar would only flicker.
const WORTH_A_BAR: usize = 500;
/// The same of pictures, each of which takes as long as a hundred pages.
const PICTURES_WORTH_A_BAR: usize = 5;

impl BuildObserver for BuildProgress {
    fn waiting(&self) {
        self.output.terminal().note("another build of this site is running; waiting for it to end");
    }

    fn rendering(&self, pages: usize) {
        if pages < WORTH_A_BAR || !self.output.shows_progress() {
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
        for bar in [&self.bar, &self.pictures].into_iter().filter_map(OnceLock::get) {
            bar.finish_and_clear();
        }
    }

    fn making_pictures(&self, pictures: usize) {
        if pictures < PICTURES_WORTH_A_BAR || !self.output.shows_progress() {
            return;
        }
        let style = ProgressStyle::with_template("images {bar:40} {human_pos}/{human_len}, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let _ = self.pictures.set(ProgressBar::new(pictures as u64).with_style(style));
    }

    fn picture_made(&self) {
        if let Some(bar) = self.pictures.get() {
            bar.inc(1);
        }
    }
}
