//! Medium: an archive with a page of HTML for each story, draft and response, in the classes of h-entry.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::DateTime;
use chrono_tz::Tz;
use url::Url;

use super::account::{Account, EntryFate};
use super::addresses::{AddressBook, Place};
use super::decoding::TextReader;
use super::embeds::links_of_players;
use super::export_files::ExportFile;
use super::html_tree::{self, HtmlElement, HtmlNode, elements};
use super::model::{BlogFacts, Entry, EntryBody, EntryState, FurtherKeys, LinkbackSwitch, Survey};
use super::naming::FileNames;
use super::{EntrySink, ImportOptions, Origin};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::html::{escape, fold_white_space, shorten};
use crate::path::{SourcePath, UrlPath, percent_decode};
use crate::post::slug::slugify;

/// How many stories are converted at once.
const BATCH: usize = 256;
/// The largest page that is read.
const MAX_PAGE: u64 = 32 * 1024 * 1024;

/// An export of Medium.
pub(super) struct MediumArchive {
    files: Vec<ExportFile>,
    options: ImportOptions,
    /// By the names of the files.
    heads: HashMap<String, MediumHead>,
    /// New addresses by the ids of Medium.
    addresses: HashMap<String, UrlPath>,
    has_several_authors: bool,
}

/// Where a story will stand.
struct MediumHead {
    id: String,
    file: SourcePath,
    address: Option<UrlPath>,
}

/// Numbers of stories. Files without one, or of other texts with the same one, get their own.
#[derive(Default)]
struct StoryIds {
    texts: HashMap<String, Vec<Hash>>,
}

impl StoryIds {
    /// The number of a story; the same for a file with the same text.
    fn of(&mut self, story: &Story, file: &str) -> String {
        let name = file_name(file).trim_end_matches(".html");
        let id = if story.id.is_empty() { name } else { &story.id };
        let text = Hash::of(html_tree::text_of(&story.body).as_bytes());
        let texts = self.texts.entry(id.to_owned()).or_default();
        let place = texts.iter().position(|known| *known == text).unwrap_or_else(|| {
            texts.push(text);
            texts.len() - 1
        });
        if place == 0 { id.to_owned() } else { format!("{id}-{}", place + 1) }
    }
}

/// A story as its page tells it.
#[derive(Debug, Default)]
struct Story {
    title: String,
    subtitle: String,
    tags: Vec<String>,
    author: String,
    published: Option<DateTime<chrono::Utc>>,
    /// Where it stood; empty for a draft.
    canonical: String,
    /// The number at the end of its addresses.
    id: String,
    image: Option<String>,
    is_response: bool,
    body: Vec<HtmlNode>,
}

impl MediumArchive {
    pub(super) fn new(files: Vec<ExportFile>, options: ImportOptions) -> Self {
        Self { files, options, heads: HashMap::new(), addresses: HashMap::new(), has_several_authors: false }
    }

    fn zone(&self) -> Tz {
        self.options.timezone.unwrap_or(Tz::UTC)
    }

    /// The story in a file; nothing for the other pages of the archive.
    fn story(file: &ExportFile) -> Result<Option<Story>> {
        let html = page(file)?;
        Ok(html_tree::parse(&html).ok().and_then(|nodes| Story::of(&nodes, file.inner())))
    }
}

/// The text of a page.
fn page(file: &ExportFile) -> Result<String> {
    let mut reader = TextReader::new(std::io::Read::take(file.open()?, MAX_PAGE));
    let mut text = String::new();
    while reader.read_to(&mut text).map_err(Error::io("read", file.path()))? {}
    Ok(text)
}

/// Whether a page is a story of Medium.
pub(super) fn is_story(start: &str) -> bool {
    start.contains("h-entry") && start.contains("e-content") && start.contains("medium.com")
        || start.contains("graf graf--")
}

/// Whether a file is one of the stories: the archive has pages about claps, bookmarks and sessions as well.
fn is_of_posts(file: &ExportFile) -> bool {
    let folders: Vec<&str> = file.inner().rsplit('/').skip(1).collect();
    folders.is_empty() || folders.first() == Some(&"posts")
}

impl Story {
    fn of(nodes: &[HtmlNode], file: &str) -> Option<Self> {
        let all = elements(nodes);
        let with_class = |class: &str| all.iter().copied().find(|element| element.has_class(class));
        let text = |element: Option<&HtmlElement>| {
            element.map(|element| fold_white_space(&element.text_content())).unwrap_or_default()
        };
        let content = with_class("e-content")?;
        let href = |element: Option<&HtmlElement>| {
            element.and_then(|element| element.attribute("href")).unwrap_or_default().to_owned()
        };
        let canonical = href(with_class("p-canonical"));
        let time = with_class("dt-published").and_then(|time| time.attribute("datetime"));
        // A draft has nothing but a link to itself.
        let original = all
            .iter()
            .filter_map(|element| element.attribute("href"))
            .find(|address| address.starts_with("https://medium.com/p/"));
        let title = text(with_class("p-name"));
        let id = [canonical.as_str(), original.unwrap_or_default(), file.trim_end_matches(".html")]
            .iter()
            .find_map(|address| id_of(address))
            .unwrap_or_default();
        let mut story = Self {
            subtitle: text(with_class("p-summary")),
            tags: all
                .iter()
                .filter(|element| element.has_class("p-tag"))
                .map(|tag| text(Some(tag)))
                .collect(),
            author: text(with_class("p-author")),
            published: time
                .and_then(|time| DateTime::parse_from_rfc3339(time).ok())
                .map(|time| time.to_utc()),
            canonical,
            id,
            image: all
                .iter()
                .find(|element| element.attribute("data-is-featured") == Some("true"))
                .and_then(|image| image.attribute("src"))
                .map(str::to_owned),
            is_response: false,
            body: content.children.clone(),
            title,
        };
        if file_name(file).starts_with("draft_") {
            story.published = None;
        }
        story.is_response = story.published.is_some() && story.has_no_title();
        if story.is_response {
            story.title = String::new();
        }
        Some(story)
    }

    /// Whether its title is only the beginning of its text, as that of a response is.
    fn has_no_title(&self) -> bool {
        let has_heading = elements(&self.body).iter().any(|element| element.has_class("graf--title"));
        let text = fold_white_space(&html_tree::text_of(&self.body));
        let title = self.title.trim_end_matches(['…', '.']);
        !has_heading && !title.is_empty() && text.starts_with(title)
    }

    /// The slug in its address, else the one in the name of its file, else its title.
    fn slug(&self, file: &str) -> String {
        let last = self.canonical.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let of_address = without_id(last, &self.id);
        let name = file_name(file).trim_end_matches(".html");
        let of_file = without_id(name.split_once('_').map_or(name, |(_, rest)| rest), &self.id);
        let found = [percent_decode(of_address), slugify(of_file), slugify(&self.title)];
        found.into_iter().find(|slug| !slug.is_empty()).unwrap_or_else(|| self.id.clone())
    }

    fn state(&self) -> EntryState {
        match (self.published, self.is_response) {
            (None, _) => EntryState::Draft("a draft"),
            (_, true) => EntryState::Draft("a response, or a story without a title"),
            _ => EntryState::Public,
        }
    }

    fn name(&self) -> String {
        let kind = if self.is_response { "response" } else { "story" };
        let words = fold_white_space(&html_tree::text_of(&self.body));
        format!(
            "{kind} {} “{}”",
            self.id,
            shorten(if self.title.is_empty() { &words } else { &self.title }, 60)
        )
    }
}

fn file_name(inner: &str) -> &str {
    inner.rsplit('/').next().unwrap_or(inner)
}

/// The number at the end of an address: `https://medium.com/@ann/a-title-1f2e3d4c5b6a`.
fn id_of(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit(['/', '-']).next()?;
    let is_number = (8..=16).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_number.then(|| last.to_ascii_lowercase())
}

fn without_id<'t>(text: &'t str, id: &str) -> &'t str {
    text.strip_suffix(id).map_or(text, |rest| rest.trim_end_matches('-'))
}

/// Whether a host is Medium's own, whose addresses lead nowhere else.
fn is_of_medium(host: &str) -> bool {
    host == "medium.com" || host.ends_with(".medium.com")
}

fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

impl Origin for MediumArchive {
    fn survey(&mut self, names: &mut FileNames, account: &mut Account) -> Result<Survey> {
        let mut stories = Vec::new();
        let mut ids = StoryIds::default();
        let mut hosts: BTreeMap<String, usize> = BTreeMap::new();
        let mut authors: BTreeMap<String, usize> = BTreeMap::new();
        for file in self.files.iter().filter(|file| is_of_posts(file)) {
            let Some(mut story) = Self::story(file)? else { continue };
            if let Some(host) = host_of(&story.canonical).filter(|host| !is_of_medium(host)) {
                *hosts.entry(host).or_default() += 1;
            }
            if !story.author.is_empty() {
                *authors.entry(story.author.clone()).or_default() += 1;
            }
            let id = ids.of(&story, file.inner());
            story.body = Vec::new();
            stories.push((file.inner().to_owned(), id, story));
        }
        let domain = hosts.iter().max_by_key(|(_, count)| **count).map(|(host, _)| format!("https://{host}"));
        let base_url = self.options.base_url_or(domain, account);
        self.options.remark_zone(account);
        let home = host_of(&base_url);
        let mut book = AddressBook::new(&base_url);
        for (file, id, story) in stories {
            let slug = story.slug(&file);
            let is_shown = story.state() == EntryState::Public;
            let is_own = host_of(&story.canonical).is_some_and(|host| Some(host) == home);
            let address = Url::parse(&story.canonical).ok().filter(|_| is_own && is_shown).and_then(|url| {
                UrlPath::new(&format!("{}/", percent_decode(url.path()).trim_end_matches('/')))
            });
            let stem = if address.is_some() { format!("{slug}-{}", story.id) } else { slug };
            let year =
                story.published.map(|moment| moment.with_timezone(&self.zone()).format("%Y").to_string());
            let folder = match year.filter(|_| is_shown) {
                Some(year) => format!("content/{year}"),
                None => "content/drafts".to_owned(),
            };
            let path = names.place(&feed_id(&id), &folder, &stem);
            if let Some(address) = &address {
                book.add(address.as_str(), address);
                book.add(&format!("/p/{}/", story.id), address);
                book.add_file(address, &path);
                self.addresses.insert(story.id.clone(), address.clone());
            }
            self.heads.insert(file, MediumHead { id, file: path, address });
        }
        self.has_several_authors = authors.len() > 1;
        let author = authors.keys().next().filter(|_| authors.len() == 1).cloned();
        let blog = BlogFacts {
            title: author.clone().unwrap_or_default(),
            base_url,
            timezone: self.zone().name().to_owned(),
            permalink: if self.addresses.is_empty() { String::new() } else { "/:slug/".to_owned() },
            author,
            ..BlogFacts::default()
        };
        Ok(Survey { blog, book, ..Survey::default() })
    }

    fn entries(&mut self, survey: &Survey, account: &mut Account, sink: &mut EntrySink<'_>) -> Result<()> {
        let mut batch = Vec::new();
        let mut known = BTreeSet::new();
        for file in self.files.clone() {
            if !is_of_posts(&file) {
                continue;
            }
            let story = Self::story(&file)?;
            let head = self.heads.get(file.inner());
            let (Some(story), Some(head)) = (story, head) else {
                account.leave_out(
                    format!("page `{}`", file.inner()),
                    "it is not a story, or is nested too deep",
                );
                continue;
            };
            if !known.insert(head.id.clone()) {
                account.item(EntryFate::Twice);
                continue;
            }
            batch.push(self.entry(story, head, survey));
            if batch.len() >= BATCH {
                sink(std::mem::take(&mut batch), account)?;
            }
        }
        sink(batch, account)
    }
}

/// The id that Medium's feeds give to a story.
fn feed_id(id: &str) -> String {
    format!("https://medium.com/p/{id}")
}

impl MediumArchive {
    fn entry(&self, story: Story, head: &MediumHead, survey: &Survey) -> Entry {
        let date = story
            .published
            .map(|moment| moment.with_timezone(&self.zone()).format("%Y-%m-%dT%H:%M:%S%:z").to_string());
        let mut remarks = Vec::new();
        let state = story.state();
        if state == EntryState::Public && head.address.is_none() {
            remarks.push(
                "its old address cannot lead here, as Medium redirects from domains of one's own alone"
                    .to_owned(),
            );
        }
        if story.is_response {
            remarks.push("a response or a story without a title became a draft: the export does not tell one from the other, nor what was answered".to_owned());
        }
        let has_subtitle = elements(&story.body).iter().any(|element| element.has_class("graf--subtitle"));
        let subtitle = Some(story.subtitle.as_str()).filter(|text| has_subtitle && !text.is_empty());
        let mut shaper = StoryShaper {
            title: &story.title,
            addresses: &self.addresses,
            base_url: &survey.blog.base_url,
            linked: linked_fragments(&story.body),
            has_begun: false,
        };
        let place = if story.canonical.is_empty() { &survey.blog.base_url } else { &story.canonical };
        Entry {
            file: head.file.clone(),
            name: story.name(),
            state,
            title: story.title.clone(),
            date,
            updated: None,
            address: head.address.clone(),
            id: feed_id(&head.id),
            aliases: head.address.iter().filter_map(|_| UrlPath::new(&format!("/p/{}/", story.id))).collect(),
            categories: Vec::new(),
            tags: story.tags.clone(),
            series: None,
            authors: if self.has_several_authors { vec![story.author.clone()] } else { Vec::new() },
            language: None,
            summary: subtitle.map(|text| format!("<p>{}</p>", escape(text))),
            description: None,
            image: story.image.clone(),
            link: None,
            accepts_linkbacks: LinkbackSwitch::Open,
            body: EntryBody::Html(html_tree::to_html(&shaper.nodes(story.body.clone()))),
            place: Place::of(place),
            responses: Vec::new(),
            remarks,
            more: FurtherKeys::default(),
        }
    }
}

/// The anchors that links in a text lead to.
fn linked_fragments(nodes: &[HtmlNode]) -> BTreeSet<String> {
    let links = elements(nodes).into_iter().filter_map(|element| element.attribute("href"));
    links.filter_map(|href| href.split_once('#')).map(|(_, fragment)| fragment.to_owned()).collect()
}

/// Makes of the paragraphs of Medium's editor what they mean.
struct StoryShaper<'a> {
    title: &'a str,
    addresses: &'a HashMap<String, UrlPath>,
    base_url: &'a str,
    linked: BTreeSet<String>,
    /// Whether something of the text came before.
    has_begun: bool,
}

impl StoryShaper<'_> {
    fn nodes(&mut self, nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
        html_tree::with_elements(nodes, &mut |element| self.element(element))
    }

    fn element(&mut self, mut element: HtmlElement) -> Vec<HtmlNode> {
        for key in ["id", "name"] {
            if element.attribute(key).is_some_and(|anchor| !self.linked.contains(anchor)) {
                element.remove(key);
            }
        }
        let name = element.name.clone();
        let is_row = element.has_class("sectionLayout--outsetRow");
        match name.as_str() {
            "div" if element.has_class("section-divider") => return self.divider(),
            "div" if element.has_class("aspectRatioPlaceholder-fill") => return Vec::new(),
            "div" if element.has_class("graf--mixtapeEmbed") => return vec![card(element)],
            // Several pictures side by side.
            "div" if is_row => {
                let children = self.nodes(element.children);
                return vec![HtmlNode::Element(HtmlElement::new("figure", children))];
            }
            "div" | "section" => return self.nodes(element.children),
            "h1" | "h2" | "h3" | "h4" if self.is_title(&element) => return Vec::new(),
            "h4" if element.has_class("graf--subtitle") => {
                let children = vec![HtmlNode::Element(HtmlElement::new("em", self.nodes(element.children)))];
                return vec![HtmlNode::Element(HtmlElement::new("p", children))];
            }
            // The title of a story is a heading of the third level there.
            "h3" => "h2".clone_into(&mut element.name),
            "h4" => "h3".clone_into(&mut element.name),
            "figure" => {
                self.has_begun = true;
                let links = links_of_players(&element);
                if !links.is_empty() {
                    return with_caption(links, element);
                }
            }
            "pre" => {
                self.has_begun = true;
                return vec![HtmlNode::Element(code(element))];
            }
            "a" => self.lead(&mut element),
            _ => {}
        }
        self.has_begun |= html_tree::is_block(&name);
        element.children = self.nodes(element.children);
        vec![HtmlNode::Element(element)]
    }

    /// The line between two sections. Before the first one there is a line as well, which is not shown.
    fn divider(&self) -> Vec<HtmlNode> {
        if self.has_begun { vec![HtmlNode::Element(HtmlElement::new("hr", Vec::new()))] } else { Vec::new() }
    }

    /// Whether a heading is the title once more.
    fn is_title(&self, element: &HtmlElement) -> bool {
        let is_same = fold_white_space(&element.text_content()) == self.title;
        element.has_class("graf--title") && is_same || is_same && !self.has_begun && !self.title.is_empty()
    }

    /// A link to another story of the export leads to its new address.
    fn lead(&self, element: &mut HtmlElement) {
        let Some(href) = element.attribute("href").map(str::to_owned) else { return };
        let Some(host) = host_of(&href) else { return };
        if !is_of_medium(&host) && host_of(self.base_url).is_none_or(|own| own != host) {
            return;
        }
        if let Some(address) = id_of(&href).and_then(|id| self.addresses.get(&id)) {
            let fragment =
                href.split_once('#').map(|(_, fragment)| format!("#{fragment}")).unwrap_or_default();
            element.set("href", &format!("{}{}{fragment}", self.base_url, address.encoded("")));
        }
    }
}

/// A card of another page: its title as the link, its other words below.
fn card(element: HtmlElement) -> HtmlNode {
    let Some(link) =
        element.elements().into_iter().find(|inner| inner.name == "a" && !inner.children.is_empty()).cloned()
    else {
        return HtmlNode::Element(HtmlElement::new("p", element.children));
    };
    let href = link.attribute("href").unwrap_or_default().to_owned();
    let mut children = link.children;
    let title_end = children.iter().position(|child| child.named("br").is_some()).unwrap_or(children.len());
    let rest = children.split_off(title_end);
    let title = HtmlElement::new("a", children).with("href", &href);
    let mut words = vec![HtmlNode::Element(title)];
    words.extend(rest);
    HtmlNode::Element(HtmlElement::new("p", words))
}

/// Links that stand for a player, and the words below it.
fn with_caption(mut links: Vec<HtmlNode>, figure: HtmlElement) -> Vec<HtmlNode> {
    let caption = figure.children.into_iter().find_map(|child| match child {
        HtmlNode::Element(child) if child.name == "figcaption" => Some(child.children),
        _ => None,
    });
    links.extend(caption.map(|words| HtmlNode::Element(HtmlElement::new("p", words))));
    links
}

/// Code, whose lines are parted by `<br>` there.
fn code(pre: HtmlElement) -> HtmlElement {
    let language = pre.attribute("data-code-block-lang").map(|language| format!("language-{language}"));
    let has_marks =
        elements(&pre.children).iter().any(|inner| !matches!(inner.name.as_str(), "br" | "span" | "code"));
    let children = with_lines(pre.children);
    if has_marks {
        return HtmlElement::new("pre", children);
    }
    let text = html_tree::text_of(&children);
    let text = text.trim_matches('\n').trim_end();
    let mut code = HtmlElement::new("code", vec![HtmlNode::text(text)]);
    if let Some(language) = language {
        code.set("class", &language);
    }
    HtmlElement::new("pre", vec![HtmlNode::Element(code)])
}

fn with_lines(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let lines = nodes.into_iter().map(|node| match node {
        HtmlNode::Element(element) if element.name == "br" => HtmlNode::text("\n"),
        HtmlNode::Element(element) => {
            let children = with_lines(element.children);
            HtmlNode::Element(HtmlElement { children, ..element })
        }
        node => node,
    });
    lines.collect()
}
