//! The site: all posts in their order, and the tables that relate them.
//!
//! [`Site::assemble`] is pure and cheap, and runs for every build. Nothing here points back from a
//! post to the site: a relation is a table of indices into [`Site::posts`].

pub(crate) mod calendar;
pub(crate) mod links;
pub(crate) mod order;
pub(crate) mod pictures;
pub(crate) mod taxonomy;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::linkback::Linkback;
use crate::linkback::back_matter;
use crate::path::{MARKDOWN, SourcePath, UrlPath};
use crate::picture::header::PictureHeader;
use crate::post::front_matter::folder_rule::FolderRule;
use crate::post::{CONTENT, Kind, Post, is_in_drafts};

use self::calendar::Calendar;
use self::order::{Absence, Selection};
use self::pictures::SitePictures;
use self::taxonomy::{Taxonomies, Term};

/// A file that is copied into the output as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticFile {
    pub url: UrlPath,
    /// The fingerprint of its content.
    pub hash: Hash,
    /// What its header says, if it is a picture.
    pub picture: Option<PictureHeader>,
    /// Its length.
    pub bytes: u64,
}

/// What is known of a file to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileContent {
    /// The fingerprint of its bytes.
    pub hash: Hash,
    /// What its header says, if it is a picture.
    pub picture: Option<PictureHeader>,
    /// Its length.
    pub bytes: u64,
}

impl FileContent {
    fn at(self, url: UrlPath) -> StaticFile {
        StaticFile { url, hash: self.hash, picture: self.picture, bytes: self.bytes }
    }
}

/// What a site is assembled from.
pub struct SiteInput {
    /// Every post and page that could be read, drafts and all.
    pub posts: Vec<Arc<Post>>,
    /// Accepted linkbacks by back matter file.
    pub linkbacks: BTreeMap<SourcePath, Vec<Linkback>>,
    /// Files to copy, below `content/` and `static/`, with the theme's under the path they would have in `static/`.
    pub files: BTreeMap<SourcePath, FileContent>,
    /// The text of `static/_redirects`.
    pub redirects_file: Option<Arc<str>>,
    /// Files in `content/` that are posts and have errors.
    pub unreadable: BTreeSet<SourcePath>,
    /// Posts and files whose address is another one's as well.
    pub clashing: BTreeSet<SourcePath>,
    /// What files of folders say of the posts below them.
    pub folders: BTreeMap<SourcePath, FolderRule>,
    /// Pictures that could not be decoded, by their content, and why.
    pub unusable_pictures: BTreeMap<Hash, String>,
    /// What is shown besides what is due.
    pub selection: Selection,
    /// The moment the site is built for.
    pub now: Date,
}

/// A post, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostIndex {
    /// In [`Site::posts`].
    Post(usize),
    /// In [`Site::pages`].
    Page(usize),
    /// In [`Site::absent`].
    Absent(usize),
}

/// A post that is not shown, and why.
#[derive(Debug, Clone)]
pub struct AbsentPost {
    pub post: Arc<Post>,
    /// Why it is not shown.
    pub because: Absence,
}

/// The whole site; immutable. Its tables are shared by sites that differ in no more than what a post says.
#[derive(Clone)]
pub struct Site {
    pub config: Config,
    /// Posts that are shown, newest first.
    pub posts: Vec<Arc<Post>>,
    /// Pages that are shown, by path.
    pub pages: Vec<Arc<Post>>,
    /// Posts and pages that are not shown.
    pub absent: Vec<AbsentPost>,
    /// Years, months and days that have posts.
    pub calendar: Arc<Calendar>,
    /// Tags, categories, series and authors.
    pub taxonomies: Arc<Taxonomies>,
    /// Quotes by post and their index in it, newest post first.
    pub quotes: Arc<Vec<(usize, usize)>>,
    /// Publications that were quoted, each with indices into `quotes`, newest first.
    pub publications: Arc<Vec<Term>>,
    pub linkbacks: Arc<HashMap<SourcePath, Vec<Linkback>>>,
    pub files: Arc<BTreeMap<SourcePath, StaticFile>>,
    pub pictures: Arc<SitePictures>,
    /// The text of `static/_redirects`, which is part of the one that is made.
    pub redirects_file: Option<Arc<str>>,
    /// Posts that are left out, as they have errors.
    pub unreadable: Arc<BTreeSet<SourcePath>>,
    /// Versions of one text in several languages, by the key that they share.
    pub translations: Arc<BTreeMap<String, Vec<PostIndex>>>,
    /// The moment the site is built for.
    pub now: Date,
    entries: Arc<HashMap<SourcePath, PostIndex>>,
}

impl Site {
    /// Puts the site together and reports what does not fit.
    pub fn assemble(config: Config, site_input: SiteInput) -> (Self, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let SiteInput {
            posts,
            linkbacks,
            files,
            redirects_file,
            unreadable,
            clashing,
            folders,
            unusable_pictures,
            selection,
            now,
        } = site_input;
        let posts = order::under_rules(posts, &folders);
        let order::PostLists { posts, pages, absent } = order::order(posts, &clashing, selection, now);
        let calendar = Calendar::of(&posts);
        let taxonomies = Taxonomies::of(&posts, &config, &mut diagnostics);
        let written = posts.iter().chain(absent.iter().map(|absent| &absent.post)).chain(&pages);
        let written = written.map(|post| &**post);
        diagnostics.extend(taxonomy::unused(&config.terms, &config.file, written.clone()));
        diagnostics.extend(taxonomy::unused_authors(&config, written));
        let quotes = order::quotes(&posts);
        let publications = taxonomy::publications(&posts, &quotes);
        let entries = entries(&posts, &pages, &absent);
        let translations = translations(&posts, &pages);
        let mut site = Self {
            config,
            posts,
            pages,
            absent,
            calendar: Arc::new(calendar),
            taxonomies: Arc::new(taxonomies),
            quotes: Arc::new(quotes),
            publications: Arc::new(publications),
            linkbacks: Arc::default(),
            files: Arc::default(),
            pictures: Arc::default(),
            redirects_file,
            unreadable: Arc::new(unreadable),
            translations: Arc::new(translations),
            now,
            entries: Arc::new(entries),
        };
        let files = files.into_iter().filter(|(path, _)| !clashing.contains(path));
        let files = files.filter_map(|(path, file)| site.place_file(path, file));
        site.files = Arc::new(files.collect());
        site.find_pictures(unusable_pictures);
        diagnostics.extend(site.picture_faults());
        site.linkbacks = Arc::new(site.place_linkbacks(linkbacks, &mut diagnostics));
        diagnostics.extend(links::check(&site));
        diagnostics.extend(site.translations_of_one_language());
        (site, diagnostics)
    }

    /// The front page's own text, by its index in the pages.
    pub fn front_page(&self) -> Option<usize> {
        self.pages.iter().position(|page| page.is_front_page())
    }

    /// Where a file of `content/` is.
    pub fn entry(&self, path: &SourcePath) -> Option<PostIndex> {
        self.entries.get(path).copied()
    }

    /// The post at a place.
    pub fn at(&self, index: PostIndex) -> &Post {
        match index {
            PostIndex::Post(index) => &self.posts[index],
            PostIndex::Page(index) => &self.pages[index],
            PostIndex::Absent(index) => &self.absent[index].post,
        }
    }

    /// The post or page of a file, shown or not.
    pub fn post(&self, path: &SourcePath) -> Option<&Post> {
        self.entry(path).map(|index| self.at(index))
    }

    /// The site with another text of a post. `None` if that may say something that a table holds.
    pub fn with_post(&self, post: &Arc<Post>) -> Option<Self> {
        let entry = self.entry(&post.path)?;
        if !self.post(&post.path)?.stands_like(post) {
            return None;
        }
        let mut site = self.clone();
        match entry {
            PostIndex::Post(index) => site.posts[index] = Arc::clone(post),
            PostIndex::Page(index) => site.pages[index] = Arc::clone(post),
            PostIndex::Absent(index) => site.absent[index].post = Arc::clone(post),
        }
        Some(site)
    }

    /// The site with the linkbacks that a back matter file has now. `None` if links may lead elsewhere, or the file belongs
    /// to no post.
    pub fn with_linkbacks(&self, file: &SourcePath, linkbacks: &[Linkback]) -> Option<Self> {
        let post = back_matter::posts_of(file).into_iter().find(|post| self.entries.contains_key(post))?;
        let before = self.linkbacks.get(&post).map_or(&[][..], Vec::as_slice);
        if !anchors_of(before).eq(anchors_of(linkbacks)) {
            return None;
        }
        let mut placed = HashMap::clone(&self.linkbacks);
        placed.insert(post, linkbacks.to_vec());
        Some(Self { linkbacks: Arc::new(placed), ..self.clone() })
    }

    /// The site with another content of a file to copy. `None` if there is no such file, or it is a picture: then other
    /// renditions of it may be there.
    pub fn with_file(&self, path: &SourcePath, content: FileContent) -> Option<Self> {
        let before = self.files.get(path)?;
        if before.picture.is_some() || content.picture.is_some() {
            return None;
        }
        let url = before.url.clone();
        let mut files = BTreeMap::clone(&self.files);
        files.insert(path.clone(), content.at(url));
        Some(Self { files: Arc::new(files), ..self.clone() })
    }

    /// Posts and pages that are shown.
    pub fn shown(&self) -> impl Iterator<Item = &Post> {
        self.posts.iter().chain(&self.pages).map(|post| &**post)
    }

    /// The language of a post.
    pub fn language_of<'s>(&'s self, post: &'s Post) -> &'s str {
        post.front.language.as_deref().unwrap_or(&self.config.language)
    }

    /// Of two versions in one language a reader cannot tell which to take.
    fn translations_of_one_language(&self) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for (key, versions) in self.translations.iter() {
            let mut first: BTreeMap<&str, &Post> = BTreeMap::new();
            for post in versions.iter().map(|index| self.at(*index)) {
                let language = self.language_of(post);
                if let Some(other) = first.insert(language, post) {
                    let message = format!(
                        "`{}` has `translation_key = \"{key}\"` in the same language as well",
                        other.path
                    );
                    let hint = "give one of them another `lang` or another key";
                    faults.push(Diagnostic::warning(post.path.as_str(), message).hint(hint));
                }
            }
        }
        faults
    }

    /// The address of a file: below `static/` it is its path, in a bundle it is below its post's, elsewhere in
    /// `content/` its path.
    fn place_file(&self, path: SourcePath, content: FileContent) -> Option<(SourcePath, StaticFile)> {
        let url = match path.below("static") {
            Some(below) => UrlPath::new(below)?,
            None => self.url_beside_post(&path)?,
        };
        Some((path, content.at(url)))
    }

    fn url_beside_post(&self, path: &SourcePath) -> Option<UrlPath> {
        if is_in_drafts(path) {
            return None;
        }
        let mut folder = path.folder();
        while folder.len() > CONTENT.len() {
            let mut indices =
                MARKDOWN.iter().filter_map(|ending| SourcePath::new(&format!("{folder}/index.{ending}")));
            let index =
                indices.find(|index| self.entries.contains_key(index) || self.unreadable.contains(index));
            match index.as_ref().map(|index| (index, self.entry(index))) {
                // The files of a post that is not shown are not shown either.
                Some((_, None | Some(PostIndex::Absent(_)))) => return None,
                Some((index, Some(PostIndex::Post(_) | PostIndex::Page(_)))) => {
                    let post = self.post(index)?;
                    let base = post.url.as_str();
                    let base = &base[..=base.rfind('/')?];
                    return UrlPath::new(&format!("{base}{}", path.below(folder)?));
                }
                None => folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent),
            }
        }
        UrlPath::new(path.below(CONTENT)?)
    }

    fn place_linkbacks(
        &self,
        linkbacks: BTreeMap<SourcePath, Vec<Linkback>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> HashMap<SourcePath, Vec<Linkback>> {
        let mut placed = HashMap::new();
        for (file, linkbacks) in linkbacks {
            let posts = back_matter::posts_of(&file);
            match posts.iter().find(|post| self.entries.contains_key(*post)).cloned() {
                // Its post is left out, and is named as such.
                None if posts.iter().any(|post| self.unreadable.contains(post)) => {}
                Some(post) => {
                    placed.insert(post, linkbacks);
                }
                None => diagnostics.push(
                    Diagnostic::warning(file.as_str(), "this back matter belongs to no post")
                        .hint("rename it like its post, or delete it"),
                ),
            }
        }
        placed
    }
}

/// The anchors that linkbacks were given.
fn anchors_of(linkbacks: &[Linkback]) -> impl Iterator<Item = &str> {
    linkbacks.iter().filter_map(|linkback| linkback.anchor.as_deref())
}

/// What is shown in several languages.
fn translations(posts: &[Arc<Post>], pages: &[Arc<Post>]) -> BTreeMap<String, Vec<PostIndex>> {
    let posts = posts.iter().enumerate().map(|(index, post)| (post, PostIndex::Post(index)));
    let pages = pages.iter().enumerate().map(|(index, page)| (page, PostIndex::Page(index)));
    let mut versions: BTreeMap<String, Vec<PostIndex>> = BTreeMap::new();
    for (post, index) in posts.chain(pages) {
        if let Some(key) = &post.front.translation_key {
            versions.entry(key.clone()).or_default().push(index);
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

fn entries(
    posts: &[Arc<Post>],
    pages: &[Arc<Post>],
    absent: &[AbsentPost],
) -> HashMap<SourcePath, PostIndex> {
    let posts = posts.iter().enumerate().map(|(index, post)| (post.path.clone(), PostIndex::Post(index)));
    let pages = pages.iter().enumerate().map(|(index, post)| (post.path.clone(), PostIndex::Page(index)));
    let absent =
        absent.iter().enumerate().map(|(index, absent)| (absent.post.path.clone(), PostIndex::Absent(index)));
    posts.chain(pages).chain(absent).collect()
}

impl Post {
    /// Whether it stands in lists, archives and feeds.
    pub fn is_listed(&self) -> bool {
        self.kind == Kind::Post
    }
}
