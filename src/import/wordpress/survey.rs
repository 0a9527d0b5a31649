//! The first pass: where everything of a blog was, where it will be, and what is said once for all posts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono_tz::Tz;

use super::dates::OffsetSamples;
use super::shown::{Attachment, ShownContext};
use super::texturize::{QuotationStyle, texturize};
use super::wxr::{WxrChannel, WxrItem, is_own_id};
use super::{Head, Index};
use crate::hash::Hash;
use crate::html::fold_white_space;
use crate::import::ImportOptions;
use crate::import::account::Account;
use crate::import::addresses::AddressBook;
use crate::import::html_tree;
use crate::import::model::{
    AuthorFact, BlogFacts, MenuFact, RedirectFact, ShortAddress, Survey, TermFact, TermKind,
};
use crate::import::naming::FileNames;
use crate::import::permalinks::{PermalinkSample, PermalinkVotes};
use crate::import::xml::decode_entities;
use crate::path::{SourcePath, UrlPath, percent_decode};
use crate::post::slug::{fitting, slugify};

/// Names under which WordPress files what has no category.
pub(super) const UNCATEGORIZED: [&str; 2] = ["uncategorized", "uncategorised"];
/// Folders of an address are names of folders on the disk.
const LONGEST_PART: usize = 255;

/// What the first pass has read.
#[derive(Default)]
pub(super) struct Gathered {
    channel: WxrChannel,
    found: Vec<FoundEntry>,
    ids: HashSet<u64>,
    shown: ShownContext,
    /// Pages of attachments.
    attachment_links: Vec<AttachmentLink>,
    menu: Vec<MenuItem>,
    samples: OffsetSamples,
    modified_days: BTreeMap<String, usize>,
    creators: HashSet<String>,
    /// Slugs of the categories and tags of what is published.
    used_terms: HashSet<UsedTerm>,
    closed: usize,
    /// Whether addresses are paths, as other programs write them in this format.
    has_paths: bool,
}

#[derive(PartialEq, Eq, Hash)]
struct UsedTerm {
    kind: TermKind,
    slug: String,
}

fn term_kind(taxonomy: &str) -> Option<TermKind> {
    match taxonomy {
        "category" => Some(TermKind::Category),
        "post_tag" | "tag" => Some(TermKind::Tag),
        _ => None,
    }
}

/// A post or page whose place is found when all are known.
struct FoundEntry {
    id: u64,
    is_page: bool,
    is_public: bool,
    guid: String,
    link: String,
    slug: String,
    title: String,
    date: String,
    old_slugs: Vec<String>,
    old_dates: Vec<String>,
    category: Option<String>,
    pages: usize,
}

struct AttachmentLink {
    id: u64,
    link: String,
    url: String,
    /// Names of its other files in the same folder: smaller ones, and what was uploaded.
    sizes: Vec<String>,
}

/// The names of files in what PHP's `serialize` makes of the metadata of a picture: its sizes, and the picture as it was
/// uploaded where WordPress shows a smaller one (`-scaled`).
fn other_files(metadata: &str) -> Vec<String> {
    let mut names = Vec::new();
    for key in ["\"file\";s:", "\"original_image\";s:"] {
        for found in memchr::memmem::find_iter(metadata.as_bytes(), key) {
            // Behind the key: the length in bytes, and the text in quotes.
            let Some((length, text)) = metadata[found + key.len()..].split_once(":\"") else { continue };
            let Some(name) = length.parse().ok().and_then(|length: usize| text.get(..length)) else {
                continue;
            };
            // The main file has its folder before its name.
            if !name.contains('/') && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

struct MenuItem {
    menu: String,
    order: i64,
    title: String,
    /// An address, or the id of what it leads to.
    url: String,
    object: String,
    object_id: u64,
}

/// Old addresses that lead on and belong to no post.
#[derive(Default)]
struct Redirects {
    paths: Vec<RedirectFact>,
    short: Vec<ShortAddress>,
}

/// What the first pass leaves.
pub(super) struct SurveyResult {
    pub(super) survey: Survey,
    pub(super) index: Index,
}

impl Gathered {
    /// Takes what a file says of the blog; what another one has said stays.
    pub(super) fn learn(&mut self, channel: &WxrChannel) {
        let known = &mut self.channel;
        for (field, said) in [
            (&mut known.title, &channel.title),
            (&mut known.link, &channel.link),
            (&mut known.description, &channel.description),
            (&mut known.language, &channel.language),
            (&mut known.version, &channel.version),
            (&mut known.base_site_url, &channel.base_site_url),
            (&mut known.base_blog_url, &channel.base_blog_url),
        ] {
            if field.is_empty() {
                field.clone_from(said);
            }
        }
        if known.authors.len() < channel.authors.len() || known.terms.len() < channel.terms.len() {
            for (login, name) in &channel.authors {
                known.authors.entry(login.clone()).or_insert_with(|| name.clone());
            }
            for term in &channel.terms {
                if !known.terms.contains(term) {
                    known.terms.push(term.clone());
                }
            }
        }
    }

    /// Takes what later items need of this one.
    pub(super) fn add(&mut self, item: WxrItem) {
        self.samples.add(&item.date, &item.date_gmt);
        if !self.ids.insert(item.id) {
            return;
        }
        match item.kind.as_str() {
            "post" | "page" => self.add_entry(item),
            "" if item.is_cut => self.add_entry(item),
            "attachment" => self.add_attachment(item),
            "wp_block" => {
                self.shown.reusable.insert(item.id, item.content);
            }
            "nav_menu_item" => self.add_menu_item(&item),
            _ => {}
        }
    }

    fn add_entry(&mut self, item: WxrItem) {
        self.has_paths |= item.link.starts_with('/');
        let is_empty = item.content.trim().is_empty() && item.title.text.trim().is_empty();
        if matches!(item.status.as_str(), "trash" | "auto-draft") || is_empty {
            return;
        }
        let is_public =
            matches!(item.status.as_str(), "publish" | "future") && item.password.is_empty() && !item.is_cut;
        if is_public {
            self.creators.insert(item.creator.clone());
            let day = item.modified.get(..10).unwrap_or_default().to_owned();
            *self.modified_days.entry(day).or_default() += 1;
            self.closed += usize::from(item.comment_status == "closed");
            let used = item.terms.iter().filter_map(|term| {
                Some(UsedTerm { kind: term_kind(&term.taxonomy)?, slug: percent_decode(&term.slug) })
            });
            self.used_terms.extend(used);
        }
        let category =
            item.terms.iter().find(|term| term.taxonomy == "category").map(|term| term.slug.clone());
        self.found.push(FoundEntry {
            id: item.id,
            is_page: item.kind == "page",
            is_public,
            old_slugs: item.metas("_wp_old_slug").map(str::to_owned).collect(),
            old_dates: item.metas("_wp_old_date").map(str::to_owned).collect(),
            guid: item.guid,
            link: item.link,
            slug: percent_decode(item.slug.strip_suffix(".html").unwrap_or(&item.slug)),
            title: item.title.text,
            date: if item.date.is_empty() { item.date_gmt } else { item.date },
            category,
            pages: item.content.matches("<!--nextpage").count() + 1,
        });
    }

    fn add_attachment(&mut self, item: WxrItem) {
        let url =
            if item.attachment_url.is_empty() { item.guid.clone() } else { item.attachment_url.clone() };
        let attachment = Attachment {
            id: item.id,
            alt: decode_entities(item.meta("_wp_attachment_image_alt").unwrap_or_default()),
            caption: item.excerpt.trim().to_owned(),
            title: item.title.text.clone(),
            parent: item.parent,
            menu_order: item.menu_order,
            url: url.clone(),
        };
        self.shown.attachments.insert(item.id, attachment);
        self.shown.uploaded_to.entry(item.parent).or_default().push(item.id);
        let sizes = item.meta("_wp_attachment_metadata").map(other_files).unwrap_or_default();
        self.attachment_links.push(AttachmentLink { id: item.id, link: item.link, url, sizes });
    }

    fn add_menu_item(&mut self, item: &WxrItem) {
        let menu = item.terms.iter().find(|term| term.taxonomy == "nav_menu").map(|term| term.slug.clone());
        self.menu.push(MenuItem {
            menu: menu.unwrap_or_default(),
            order: item.menu_order,
            title: item.title.text.clone(),
            url: value_of(item, "_menu_item_url"),
            object: value_of(item, "_menu_item_object"),
            object_id: value_of(item, "_menu_item_object_id").parse().unwrap_or_default(),
        });
    }

    /// Decides where everything will be.
    pub(super) fn finish(
        mut self,
        options: &ImportOptions,
        names: &mut FileNames,
        account: &mut Account,
    ) -> SurveyResult {
        let base_url = options.base_url.clone().unwrap_or_else(|| base_url(&self.channel));
        let mut book = AddressBook::new(&base_url);
        let zone = options.timezone.unwrap_or_else(|| self.samples.zone());
        if options.timezone.is_none() && !self.samples.is_empty() {
            let remark = format!(
                "the export does not name the time zone; the dates fit `{}`, and others with the same offsets (`--timezone ZONE` names another one)",
                zone.name()
            );
            account.remark(&remark, "");
        }
        for ids in self.shown.uploaded_to.values_mut() {
            let attachments = &self.shown.attachments;
            ids.sort_by_key(|id| (attachments.get(id).map_or(0, |attachment| attachment.menu_order), *id));
        }
        let mut blog = self.blog(base_url, zone, &book);
        let titles = self.titles_of_menu();
        let old_lists = if self.has_paths { Vec::new() } else { self.old_lists(&blog.permalink) };
        let (mass_edits, knows_closed) = (self.mass_edits(), self.closed * 2 < self.found.len());
        let mut redirects = Redirects::default();
        let heads = self.place_entries(&blog.base_url, names, &mut book, &mut redirects, account);
        let media = self.place_attachments(&mut book, &mut redirects);
        place_terms(&blog, &mut book, &mut redirects);
        place_authors(&blog, &mut book);
        blog.menu = self.menu(&book, &titles);
        self.shown.is_plain_html = self.has_paths;
        let index = Index {
            zone,
            heads,
            has_several_authors: self.creators.len() > 1,
            mass_edits,
            knows_closed,
            shown: self.shown,
            channel: self.channel,
        };
        SurveyResult {
            survey: Survey {
                blog,
                book,
                redirects: redirects.paths,
                short_addresses: redirects.short,
                old_lists,
                media,
                media_folder: "/wp-content/uploads/".to_owned(),
                ..Survey::default()
            },
            index,
        }
    }

    fn blog(&self, base_url: String, zone: Tz, book: &AddressBook) -> BlogFacts {
        let mut votes = PermalinkVotes::default();
        for found in self.found.iter().filter(|found| found.is_public && !found.is_page) {
            if let Some(path) = path_of(&found.link, book) {
                let sample = PermalinkSample {
                    path: &path,
                    date: &found.date,
                    slug: &found.slug,
                    category: found.category.as_deref(),
                };
                votes.add(&sample);
            }
        }
        let author = if self.creators.len() == 1 {
            self.creators.iter().next().map(|login| self.channel.authors.get(login).unwrap_or(login).clone())
        } else {
            None
        };
        let terms = self.terms();
        let permalink = votes.winner().unwrap_or_default().to_owned();
        let authors = self.authors();
        BlogFacts {
            title: plain_title(&self.channel.title),
            description: plain_title(&self.channel.description),
            base_url,
            language: self.channel.language.replace('_', "-"),
            timezone: zone.name().to_owned(),
            has_wordpress_feeds: !self.has_paths,
            tag_folder: if self.has_paths { String::new() } else { "/tag/".to_owned() },
            category_folder: if self.has_paths { String::new() } else { "/category/".to_owned() },
            author_folder: if authors.is_empty() { String::new() } else { author_folder(&permalink) },
            authors,
            permalink,
            menu: Vec::new(),
            terms,
            author: author.filter(|author| !author.is_empty()),
            ..BlogFacts::default()
        }
    }

    /// Those who wrote, if there are several. WordPress makes the address of an author's page from the login, unless a
    /// plugin changed it, which the export does not say.
    fn authors(&self) -> Vec<AuthorFact> {
        if self.creators.len() < 2 || self.has_paths {
            return Vec::new();
        }
        let facts = self.creators.iter().map(|login| AuthorFact {
            name: self.channel.authors.get(login).unwrap_or(login).clone(),
            slug: slugify(login),
            ..AuthorFact::default()
        });
        let mut facts: Vec<AuthorFact> =
            facts.filter(|fact| !fact.name.is_empty() && !fact.slug.is_empty()).collect();
        facts.sort_by(|a, b| (&a.name, &a.slug).cmp(&(&b.name, &b.slug)));
        // Two of one name are one author here.
        facts.dedup_by(|a, b| a.name == b.name);
        facts
    }

    fn terms(&self) -> Vec<TermFact> {
        let terms = self.channel.terms.iter().filter_map(|term| {
            let slug = percent_decode(&term.slug);
            let kind = term_kind(&term.taxonomy)?;
            Some(TermFact {
                is_used: self.used_terms.contains(&UsedTerm { kind, slug: slug.clone() }),
                kind,
                name: term.name.clone(),
                slug,
                parent: percent_decode(&term.parent),
                description: fold_white_space(&plain_title(&term.description)),
            })
        });
        let mut terms: Vec<TermFact> =
            terms.filter(|term| !UNCATEGORIZED.contains(&term.slug.as_str())).collect();
        // What stands below a term makes its page as well.
        for _ in 0..terms.len().min(32) {
            let above: HashSet<String> =
                terms.iter().filter(|term| term.is_used).map(|term| term.parent.clone()).collect();
            for term in terms.iter_mut().filter(|term| term.kind == TermKind::Category) {
                term.is_used |= above.contains(&term.slug);
            }
        }
        terms
    }

    fn place_entries(
        &mut self,
        base_url: &str,
        names: &mut FileNames,
        book: &mut AddressBook,
        redirects: &mut Redirects,
        account: &mut Account,
    ) -> HashMap<u64, Head> {
        // What has been placed is forgotten, as both lists together are most of what a large blog needs.
        let all = std::mem::take(&mut self.found);
        let mut heads = HashMap::with_capacity(all.len());
        let mut ids: HashSet<Hash> = HashSet::with_capacity(all.len());
        let mut taken: HashSet<Hash> = HashSet::with_capacity(all.len());
        let has_plain = all.iter().all(|found| !found.is_public || is_cut_link(&found.link));
        for found in all {
            let path = path_of(&found.link, book).filter(|_| !is_cut_link(&found.link));
            let address = entry_address(&found.link, book);
            if address.is_none() && path.as_deref().is_some_and(|path| UrlPath::new(path).is_some()) {
                let remark = "the address is too long for a folder, and another one is made";
                account.remark(remark, &found.name());
            }
            let moved =
                address.as_ref().filter(|_| found.is_public).and_then(|address| free(address, &mut taken));
            if moved.is_some() {
                account.remark("another entry has its address, and another one is made", &found.name());
            }
            let address = moved.clone().or(address);
            let id = entry_id(&found.guid, &found.link, base_url);
            let is_first = ids.insert(Hash::of(id.as_bytes()));
            let id = if is_first { id } else { format!("{id}#{}", found.id) };
            let file = names.place(&id, &found.folder(address.as_ref()), &found.stem());
            let aliases = found.aliases(address.as_ref());
            // A blog with plain addresses (`?p=1`) gets those of the pattern, to which the old ones lead.
            let made = if has_plain { found.made_address(&file) } else { None };
            if let Some(address) = address.as_ref().or(made.as_ref()).filter(|_| found.is_public) {
                book.add(address.as_str(), address);
                if let Some(path) = &path {
                    book.add(path, address);
                }
                book.add_file(address, &file);
                for alias in &aliases {
                    book.add(alias.as_str(), address);
                }
                if is_own_id(found.id) && !self.has_paths {
                    book.add(&format!("?p={}", found.id), address);
                    let query = if found.is_page { "page_id" } else { "p" };
                    redirects.short.push(ShortAddress { query, id: found.id });
                }
            }
            let id = if is_first { None } else { Some(id.into()) };
            heads.insert(found.id, Head { file, id, moved, aliases: aliases.into() });
        }
        heads
    }

    /// Pages of attachments lead to their files, which stay where they are, and so do sizes of pictures that are not copied.
    fn place_attachments(&self, book: &mut AddressBook, redirects: &mut Redirects) -> Vec<String> {
        let mut media = Vec::new();
        for attachment in &self.attachment_links {
            let Some(path) = book.own_path(&attachment.url) else { continue };
            let Some(file) = UrlPath::new(&path) else { continue };
            if let Some(at) = path.find("/uploads/").or_else(|| path.find("/files/")) {
                let length = path[at + 1..].find('/').map_or(path.len(), |slash| at + slash + 2);
                book.keep_folder(&path[..length]);
            }
            book.add(&path, &file);
            book.add(&format!("?p={}", attachment.id), &file);
            if let Some(page) = path_of(&attachment.link, book) {
                book.add(&page, &file);
                redirects.paths.push(RedirectFact::of_address(&page, &path));
            }
            if is_own_id(attachment.id) && !self.has_paths {
                redirects.short.push(ShortAddress { query: "attachment_id", id: attachment.id });
            }
            for other in &attachment.sizes {
                let folder = &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
                let other = format!("{folder}{other}");
                // Whichever of the two files is there answers for the other.
                redirects.paths.push(RedirectFact::of_address(&other, &path));
                redirects.paths.push(RedirectFact::of_address(&path, &other));
            }
            media.push(path);
        }
        book.keep_folder("/wp-content/uploads/");
        media.sort();
        media.dedup();
        media
    }

    /// Lists and feeds that every blog of WordPress has: of dates, authors, and all posts.
    fn old_lists(&self, permalink: &str) -> Vec<String> {
        const OF_ALL: [&str; 10] = [
            "/",
            "/page/2/",
            "/feed/",
            "/feed/atom/",
            "/?feed=rss2",
            "/?feed=atom",
            "/comments/feed/",
            "/wp-rss2.php",
            "/wp-sitemap.xml",
            "/sitemap_index.xml",
        ];
        let (front, authors) = (front(permalink), author_folder(permalink));
        let mut lists: BTreeSet<String> = OF_ALL.iter().map(|path| (*path).to_owned()).collect();
        let logins = self.creators.iter().map(|login| slugify(login)).filter(|login| !login.is_empty());
        lists.extend(logins.map(|login| format!("{authors}{login}/")));
        for found in self.found.iter().filter(|found| found.is_public && !found.is_page) {
            if let Some(day) = found.date.get(..10).filter(|day| day.is_ascii()) {
                let day = day.replace('-', "/");
                lists.extend([4, 7, 10].map(|length| format!("{front}{}/", &day[..length])));
            }
        }
        lists.into_iter().collect()
    }

    /// Titles of the entries that the menu leads to.
    fn titles_of_menu(&self) -> HashMap<u64, String> {
        let wanted: HashSet<u64> = self.menu.iter().map(|item| item.object_id).collect();
        let found = self.found.iter().filter(|found| wanted.contains(&found.id));
        found.map(|found| (found.id, found.title.clone())).collect()
    }

    /// The entries of the largest menu.
    fn menu(&mut self, book: &AddressBook, titles: &HashMap<u64, String>) -> Vec<MenuFact> {
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        for item in &self.menu {
            *sizes.entry(&item.menu).or_default() += 1;
        }
        let Some(largest) = sizes.iter().max_by_key(|(_, size)| **size).map(|(menu, _)| (*menu).to_owned())
        else {
            return Vec::new();
        };
        self.menu.sort_by_key(|item| item.order);
        let entries = self.menu.iter().filter(|item| item.menu == largest).filter_map(|item| {
            let url = match item.object.as_str() {
                "category" | "post_tag" => return None,
                "custom" | "" => match book.own_path(&item.url) {
                    Some(path) => book.answer(&path, "").unwrap_or(path),
                    None => item.url.clone(),
                },
                _ => book.answer("/", &format!("p={}", item.object_id))?,
            };
            let title = plain_title(&item.title);
            let name = if title.is_empty() { plain_title(titles.get(&item.object_id)?) } else { title };
            (!name.is_empty() && !url.is_empty()).then_some(MenuFact { name, url })
        });
        entries.collect()
    }

    /// Days on which more than a twentieth of all entries was changed.
    fn mass_edits(&self) -> HashSet<String> {
        let most = (self.found.len() / 20).max(10);
        self.modified_days.iter().filter(|(_, count)| **count > most).map(|(day, _)| day.clone()).collect()
    }
}

fn value_of(item: &WxrItem, key: &str) -> String {
    item.meta(key).unwrap_or_default().to_owned()
}

impl FoundEntry {
    fn name(&self) -> String {
        let kind = if self.is_page { "page" } else { "post" };
        if is_own_id(self.id) {
            format!("{kind} {}", self.id)
        } else {
            format!("{kind} “{}”", self.title)
        }
    }

    /// The address that Backmatter makes of a file with the default pattern.
    fn made_address(&self, file: &SourcePath) -> Option<UrlPath> {
        let name = file.file_name();
        let slug = fitting(slugify(name.strip_suffix(".md").unwrap_or(name)));
        let day = self.date.get(..10)?.replace('-', "/");
        UrlPath::new(&if self.is_page { format!("/{slug}/") } else { format!("/{day}/{slug}/") })
    }

    fn folder(&self, address: Option<&UrlPath>) -> String {
        if self.is_page {
            let path = address.map_or("", UrlPath::as_str).trim_matches('/');
            let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
            let folders: Vec<String> = folders
                .split('/')
                .filter(|part| !part.is_empty())
                .map(crate::import::naming::file_stem)
                .collect();
            return ["content/pages".to_owned()].into_iter().chain(folders).collect::<Vec<_>>().join("/");
        }
        let year = self
            .date
            .get(..4)
            .filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()) && *year != "0000");
        match year.filter(|_| self.is_public) {
            Some(year) => format!("content/{year}"),
            None => "content/drafts".to_owned(),
        }
    }

    fn stem(&self) -> String {
        if !self.slug.is_empty() {
            return self.slug.clone();
        }
        let slug = slugify(&plain_title(&self.title));
        match slug.is_empty() {
            true if is_own_id(self.id) => format!("untitled-{}", self.id),
            true => "untitled".to_owned(),
            false => slug,
        }
    }

    /// Former slugs and dates, which WordPress leads on by itself, and further pages of a post.
    fn aliases(&self, address: Option<&UrlPath>) -> Vec<UrlPath> {
        let Some(address) = address.filter(|_| self.is_public) else { return Vec::new() };
        let path = address.as_str();
        let mut aliases = Vec::new();
        let trimmed = path.trim_end_matches('/');
        let end = &path[trimmed.len()..];
        let (folder, _) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
        for slug in &self.old_slugs {
            aliases.extend(UrlPath::new(&format!("{folder}/{}{end}", percent_decode(slug))));
        }
        let day = self.date.get(..10).unwrap_or_default().replace('-', "/");
        for date in &self.old_dates {
            let old = date.get(..10).unwrap_or_default().replace('-', "/");
            if old.len() == 10 && path.contains(&day) {
                aliases.extend(UrlPath::new(&path.replacen(&day, &old, 1)));
            }
        }
        if path.ends_with('/') {
            aliases
                .extend((2..=self.pages.min(200)).filter_map(|page| UrlPath::new(&format!("{path}{page}/"))));
        }
        let mut seen = HashSet::new();
        aliases.retain(|alias| {
            let fits = alias.as_str().split('/').all(|part| part.len() <= LONGEST_PART);
            alias != address && fits && seen.insert(alias.clone())
        });
        aliases
    }
}

/// Another address, if one is taken: a page and a post may have the same, and WordPress shows one of them.
fn free(address: &UrlPath, taken: &mut HashSet<Hash>) -> Option<UrlPath> {
    let key = |address: &UrlPath| Hash::of(address.as_str().to_lowercase().as_bytes());
    if taken.insert(key(address)) {
        return None;
    }
    let path = address.as_str();
    let stem = path.strip_suffix(".html").unwrap_or(path.trim_end_matches('/'));
    let end = &path[stem.len()..];
    let others = (2_usize..).filter_map(|number| UrlPath::new(&format!("{stem}-{number}{end}")));
    others.into_iter().find(|other| taken.insert(key(other)))
}

/// Whether an address is one of those that WordPress gives to what is not published.
fn is_cut_link(link: &str) -> bool {
    link.contains("?p=") || link.contains("?page_id=") || link.contains("?post_type=")
}

/// The address of an entry, if its parts can be names of folders.
pub(super) fn entry_address(link: &str, book: &AddressBook) -> Option<UrlPath> {
    let address = UrlPath::new(&path_of(link, book).filter(|_| !is_cut_link(link))?)?;
    let fits = address.as_str().split('/').all(|part| part.len() <= LONGEST_PART);
    fits.then_some(address)
}

/// The id of an entry in feeds.
pub(super) fn entry_id(guid: &str, link: &str, base_url: &str) -> String {
    match (guid.is_empty(), link.starts_with('/')) {
        (false, _) => decode_entities(guid),
        (true, true) => format!("{base_url}{link}"),
        (true, false) => link.to_owned(),
    }
}

/// The path of an address below the blog's, decoded. A slug that was cut within a character loses the half of it.
fn path_of(link: &str, book: &AddressBook) -> Option<String> {
    let link = decode_entities(link.trim());
    let link = link.split(['?', '#']).next().unwrap_or_default();
    let is_path = link.starts_with('/') && !link.starts_with("//");
    let path = if is_path { percent_decode(link) } else { book.own_path(link)? };
    // What is still encoded here was not UTF-8.
    let path = if path.contains('%') { without_half_character(&path) } else { path };
    (path != "/").then_some(path)
}

fn without_half_character(path: &str) -> String {
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(path).collect();
    String::from_utf8_lossy(&bytes).replace(['\u{fffd}', '%'], "")
}

/// Archives stand below what comes before the first part of the pattern (WP_Rewrite::$front).
fn front(permalink: &str) -> &str {
    permalink.split_once(':').map_or("/", |(front, _)| front)
}

fn author_folder(permalink: &str) -> String {
    format!("{}author/", front(permalink))
}

fn place_authors(blog: &BlogFacts, book: &mut AddressBook) {
    for author in &blog.authors {
        if let Some(address) = UrlPath::new(&format!("{}{}/", blog.author_folder, author.slug)) {
            book.add(address.as_str(), &address);
        }
    }
}

/// Where tags and categories are found. WordPress leads from the address of one alone to that below its parents.
fn place_terms(blog: &BlogFacts, book: &mut AddressBook, redirects: &mut Redirects) {
    for term in blog.terms.iter().filter(|term| term.is_used) {
        let folder = match term.kind {
            TermKind::Tag => &blog.tag_folder,
            TermKind::Category => &blog.category_folder,
        };
        let path = blog.term_path(term);
        let Some(address) = UrlPath::new(&format!("{folder}{path}/")) else { continue };
        book.add(address.as_str(), &address);
        if path != term.slug {
            let alone = format!("{folder}{}/", term.slug);
            book.add(&alone, &address);
            redirects.paths.push(RedirectFact::of_address(&alone, address.as_str()));
        }
    }
}

/// The address of the blog: of several that a file names, its own and not that of the network.
fn base_url(channel: &WxrChannel) -> String {
    let candidates = [&channel.base_blog_url, &channel.link, &channel.base_site_url];
    let found = candidates.into_iter().find(|url| url.starts_with("http://") || url.starts_with("https://"));
    found.map_or_else(|| "https://example.com".to_owned(), |url| url.trim_end_matches('/').to_owned())
}

/// A title without its markup.
pub(super) fn plain_title(title: &str) -> String {
    let nodes = html_tree::parse(title).unwrap_or_default();
    fold_white_space(&html_tree::text_of(&nodes))
}

/// A title as WordPress shows it: one in a section was never made typographic.
pub(super) fn shown_title(title: &super::wxr::WxrTitle, style: QuotationStyle) -> String {
    if title.is_raw {
        plain_title(&texturize(&title.text, style, &|_| false))
    } else {
        plain_title(&title.text)
    }
}
