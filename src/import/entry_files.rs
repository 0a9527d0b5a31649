//! An entry as the texts of its files: front matter, body and back matter, and what the proof says of them.

use super::addresses::LinksFrom;
use super::cleaning::{CleaningContext, CleaningNotes, clean};
use super::comments::{ResponseTexts, write_responses};
use super::fidelity::{FidelityScore, PageFacts};
use super::html_tree;
use super::markdown::{ConvertedBody, LinkTargets, ProofContext, convert, rendered};
use super::markdown_links::{self, AddressPlace};
use super::model::{Entry, EntryBody, EntryState, LinkbackSwitch, Survey, without_mail};
use super::rendered::{self, RenderedPages, RenderedProof};
use super::toml_text::{TomlLines, list};
use crate::config::terms::Taxonomy;
use crate::config::{Config, TermFeeds};
use crate::path::{SourcePath, UrlPath};
use crate::post;
use crate::post::slug::{term_path, term_slug};

/// Turns entries into files.
pub(super) struct Converter<'a> {
    pub(super) config: &'a Config,
    pub(super) survey: &'a Survey,
    /// Saved pages of the old site.
    pub(super) rendered: Option<&'a RenderedPages>,
}

/// How an entry compares with the saved page of the old site.
#[derive(Debug)]
pub(super) enum RenderedResult {
    /// There are no saved pages.
    NotAsked,
    NoPage,
    Compared(Box<RenderedProof>),
}

/// An entry as files.
#[derive(Debug)]
pub(super) struct ConvertedEntry {
    pub(super) name: String,
    pub(super) file: SourcePath,
    pub(super) is_page: bool,
    pub(super) is_draft: bool,
    pub(super) text: String,
    pub(super) responses: ResponseTexts,
    /// Responses that wait for approval, with a line that names the post.
    pub(super) held: String,
    /// Nothing for a text that stays as it is.
    pub(super) proof: Option<EntryProof>,
    /// The old text, if too little of it came back the same.
    pub(super) original: Option<String>,
    pub(super) notes: CleaningNotes,
    pub(super) remarks: Vec<String>,
    /// Where it stood, and where it stands.
    pub(super) old_address: Option<UrlPath>,
    /// Of a draft: links within the blog may lead there, and no reader does.
    pub(super) draft_address: Option<UrlPath>,
    pub(super) new_address: Option<UrlPath>,
    pub(super) aliases: Vec<UrlPath>,
    /// Addresses of the lists it stands in.
    pub(super) lists: Vec<String>,
    /// Addresses of the pages of its authors, which a site has if there are several in all.
    pub(super) author_pages: Vec<String>,
    pub(super) rendered: RenderedResult,
}

/// What the proof of a body says.
#[derive(Debug)]
pub(super) struct EntryProof {
    pub(super) score: FidelityScore,
    pub(super) added: Vec<String>,
    pub(super) html_blocks: Vec<String>,
    pub(super) kept_blocks: Vec<String>,
}

impl Converter<'_> {
    /// Converts an entry.
    pub(super) fn convert(&self, mut entry: Entry) -> ConvertedEntry {
        let mut notes = CleaningNotes::default();
        let place = entry.place.clone();
        let context = CleaningContext { addresses: &self.survey.book, place: &place };
        let file = entry.file.clone();
        let links = LinksFrom { book: &self.survey.book, file: &file };
        let language = entry.language.clone().unwrap_or_else(|| self.config.language.clone());
        let proof_context =
            ProofContext { config: self.config, path: &file, language: &language, links: &links };

        let mut remarks = std::mem::take(&mut entry.remarks);
        for name in &mut entry.authors {
            *name = without_mail(name);
        }
        let picture = entry.image.as_deref().and_then(|image| self.survey.book.wanted_file(image, &place));
        if let Some(file) = picture {
            entry.image = Some(file.path.clone());
            notes.wanted.push(file);
        }
        let body = match std::mem::replace(&mut entry.body, EntryBody::Markdown(String::new())) {
            EntryBody::Markdown(markdown) => {
                let markdown = with_new_links(&markdown, &context, &links, &mut notes);
                ProvenBody { markdown, proof: None, original: None }
            }
            EntryBody::Html(html) => body(&html, &context, proof_context, &mut notes, &mut remarks),
        };
        let summary = match entry.summary.take() {
            Some(html) => Some(summary(&html, &context, proof_context)),
            None => {
                let markdown = std::mem::take(&mut entry.more.summary);
                Some(with_new_links(&markdown, &context, &links, &mut notes)).filter(|text| !text.is_empty())
            }
        };
        let responses = write_responses(std::mem::take(&mut entry.responses), &context, &links);
        let held = if responses.held.is_empty() {
            String::new()
        } else {
            format!("# {}: {}\n{}", file.as_str(), entry.title, responses.held)
        };
        let mut text = self.file_text(&entry, summary.as_deref(), &body.markdown, None);
        let mut new_address = self.address_of(&file, &text);
        let is_draft = entry.state != EntryState::Public;
        if let Some(wanted) = entry.address.as_ref().filter(|wanted| new_address.as_ref() != Some(wanted)) {
            text = self.file_text(&entry, summary.as_deref(), &body.markdown, Some(wanted));
            new_address = self.address_of(&file, &text);
        }
        let rendered = self.rendered(&entry, &body.markdown, &context, proof_context);
        let lists = if is_draft { Vec::new() } else { self.lists(&entry) };
        let author_pages = if is_draft { Vec::new() } else { self.author_pages(&entry) };
        ConvertedEntry {
            name: entry.name,
            lists,
            author_pages,
            aliases: if is_draft { Vec::new() } else { entry.aliases },
            rendered,
            is_page: file.below(post::CONTENT).is_some_and(|below| below.starts_with("pages/")),
            file,
            is_draft,
            text,
            responses,
            held,
            proof: body.proof,
            original: body.original,
            notes,
            remarks,
            draft_address: entry.address.clone().filter(|_| is_draft),
            old_address: entry.address.filter(|_| !is_draft),
            new_address,
        }
    }

    /// Compares the text with the saved page of the old site.
    fn rendered(
        &self,
        entry: &Entry,
        markdown: &str,
        context: &CleaningContext<'_>,
        proof: ProofContext<'_>,
    ) -> RenderedResult {
        let Some(pages) = self.rendered.filter(|_| entry.state == EntryState::Public) else {
            return RenderedResult::NotAsked;
        };
        match pages.find(entry.address.as_ref(), &entry.id) {
            None => RenderedResult::NoPage,
            Some(page) => {
                let new = PageFacts::of_html(&rendered(markdown, proof));
                RenderedResult::Compared(Box::new(rendered::compare(&page, &new, context)))
            }
        }
    }

    /// The lists that an entry stands in: those of its day, month and year, of its tags and categories, and of what stands
    /// above them.
    fn lists(&self, entry: &Entry) -> Vec<String> {
        let mut lists = Vec::new();
        if let Some(day) = entry.date.as_deref().and_then(|date| date.get(..10)) {
            let (day, front) = (day.replace('-', "/"), self.config.permalink.front());
            lists.extend([4, 7, 10].map(|length| format!("{front}{}/", &day[..length])));
        }
        let paths = &self.config.paths;
        for (taxonomy, folder, names) in [
            (Taxonomy::Tags, paths.tags.as_str(), &entry.tags),
            (Taxonomy::Categories, paths.categories.as_str(), &entry.categories),
        ] {
            for name in names {
                let path = term_path(&self.config.terms, taxonomy, name);
                let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
                for list in ends.map(|end| format!("{folder}{}/", &path[..end])) {
                    if self.config.feed.terms != TermFeeds::None {
                        lists.extend(["atom.xml", "rss.xml"].map(|feed| format!("{list}{feed}")));
                    }
                    lists.push(list);
                }
            }
        }
        lists
    }

    /// The pages of those who wrote an entry; the site's author, if it names none.
    fn author_pages(&self, entry: &Entry) -> Vec<String> {
        let of_site =
            self.config.author.iter().map(|author| &author.name).filter(|_| entry.authors.is_empty());
        let pages = entry.authors.iter().chain(of_site).map(|name| {
            let written = self.config.authors.get(name).and_then(|entry| entry.slug.clone());
            format!("{}{}/", self.config.paths.authors, written.unwrap_or_else(|| term_slug(name)))
        });
        pages.collect()
    }

    /// The address that Backmatter gives to a file.
    fn address_of(&self, file: &SourcePath, text: &str) -> Option<UrlPath> {
        // The body has no part in it.
        let head = text.find("\n+++\n").map_or(text, |at| &text[..at + 5]);
        post::parse(file, head, self.config).post.map(|(post, _)| post.url)
    }

    fn file_text(&self, entry: &Entry, summary: Option<&str>, body: &str, path: Option<&UrlPath>) -> String {
        let mut lines = TomlLines::default();
        lines.text.push_str("+++\n");
        lines.text("title", &entry.title);
        let more = &entry.more;
        for (key, date) in [
            ("date", &entry.date),
            ("updated", &entry.updated),
            ("publishDate", &more.not_before),
            ("expires", &more.expires),
        ] {
            if let Some(date) = date {
                lines.raw(key, date);
            }
        }
        if more.is_pinned {
            lines.raw("pinned", "true");
        }
        lines.text("path", path.map_or("", UrlPath::as_str));
        lines.text("id", &entry.id);
        let aliases: Vec<&str> = entry.aliases.iter().map(UrlPath::as_str).collect();
        for (key, values) in
            [("aliases", aliases), ("categories", texts(&entry.categories)), ("tags", texts(&entry.tags))]
        {
            if !values.is_empty() {
                lines.raw(key, &list(values));
            }
        }
        lines.text("series", entry.series.as_deref().unwrap_or_default());
        lines.text("lang", entry.language.as_deref().unwrap_or_default());
        match &entry.authors[..] {
            [] => {}
            [one] => lines.text("author", one),
            several => lines.raw("authors", &list(texts(several))),
        }
        lines.text("summary", summary.unwrap_or_default());
        lines.text("description", entry.description.as_deref().unwrap_or_default());
        lines.text("image", entry.image.as_deref().unwrap_or_default());
        lines.text("image_alt", &more.image_alt);
        lines.text("link", entry.link.as_deref().unwrap_or_default());
        if entry.accepts_linkbacks == LinkbackSwitch::Closed {
            lines.raw("linkbacks", "false");
        }
        if let EntryState::Draft(why) = entry.state {
            lines.raw("draft", &format!("true # {why}"));
        }
        lines.text.push_str(&entry.more.extra);
        lines.text.push_str("+++\n");
        let head = lines.text;
        // A heading at the very start would be taken for the title of a post that has none.
        let guard = if entry.title.is_empty() && body.starts_with("# ") { "<!-- -->\n\n" } else { "" };
        let end = if body.is_empty() || body.ends_with('\n') { "" } else { "\n" };
        format!("{head}\n{guard}{body}{end}")
    }
}

/// Markdown whose links lead to the new site, code left alone.
fn with_new_links(
    markdown: &str,
    context: &CleaningContext<'_>,
    links: &LinksFrom<'_>,
    notes: &mut CleaningNotes,
) -> String {
    markdown_links::replace(markdown, &mut |written, place| {
        // A reference of another engine that it did not find either.
        if written.starts_with(['{', '|']) || written.starts_with("@/") {
            return written.to_owned();
        }
        let read = context.addresses.rewrite(written, context.place);
        if let Some(dead) = read.dead.filter(|dead| !notes.dead_links.contains(dead)) {
            notes.dead_links.push(dead);
        }
        match place {
            AddressPlace::Markdown => links.destination(&read.address),
            // In HTML the name of a file would be an address.
            AddressPlace::Html => read.address,
        }
    })
}

fn texts(values: &[String]) -> Vec<&str> {
    values.iter().map(String::as_str).collect()
}

/// Below this score the old text is written beside the site.
const NEEDS_ORIGINAL: f64 = 0.98;

/// A body, and the proof of it.
struct ProvenBody {
    markdown: String,
    proof: Option<EntryProof>,
    original: Option<String>,
}

fn body(
    html: &str,
    context: &CleaningContext<'_>,
    proof: ProofContext<'_>,
    notes: &mut CleaningNotes,
    remarks: &mut Vec<String>,
) -> ProvenBody {
    let Ok(nodes) = html_tree::parse(html) else {
        remarks.push("it is nested too deep to be taken apart, and stays HTML".to_owned());
        let lines: Vec<&str> = html.lines().filter(|line| !line.trim().is_empty()).collect();
        let facts = PageFacts::default();
        let proof = EntryProof {
            score: FidelityScore::of(&facts, &facts),
            added: Vec::new(),
            html_blocks: Vec::new(),
            kept_blocks: vec!["the whole text".to_owned()],
        };
        let markdown = format!("<div>\n{}\n</div>", lines.join("\n"));
        return ProvenBody { markdown, proof: Some(proof), original: None };
    };
    let nodes = clean(nodes, context, notes);
    let ConvertedBody { markdown, score, added, html_blocks, kept_blocks } = convert(&nodes, proof);
    let original = (score.lowest().value < NEEDS_ORIGINAL).then(|| html.to_owned());
    ProvenBody { markdown, proof: Some(EntryProof { score, added, html_blocks, kept_blocks }), original }
}

/// A summary as Markdown.
fn summary(html: &str, context: &CleaningContext<'_>, proof: ProofContext<'_>) -> String {
    let Ok(nodes) = html_tree::parse(html) else { return String::new() };
    convert(&clean(nodes, context, &mut CleaningNotes::default()), proof).markdown
}
