//! What is wanted at a target: the outputs of the build, what the host needs besides, and compressed siblings.
//!
//! It is listed from what the build knows, so that a site of which nothing changed is not read again. Whatever
//! else lies in the output folder is not published.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::config::publish::{DirectoryMode, Encoding, Host, PublishTarget, TargetKind};
use crate::engine::BuildOutputs;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::page::kinds::{FileKind, PageKind};
use crate::page::question::Question;
use crate::page::{Page, Plan};
use crate::path::{OutputPath, UrlPath};
use crate::publish::headers::{self, Lifetime};
use crate::publish::host_files::{self, HostFile, HostFileInput, ReplaceRule, TypedFile};
use crate::publish::manifest::{Manifest, ManifestEntry};
use crate::publish::redirect_rules::{self, RedirectInput, UnansweredRedirects};

/// What is wanted at a target.
pub struct DesiredFiles {
    pub files: BTreeMap<OutputPath, DesiredFile>,
    /// Files that the host would refuse.
    pub refused: Vec<OutputPath>,
    /// Redirects that the host does not answer.
    pub left_out: Vec<UnansweredRedirects>,
    folder: PathBuf,
}

/// A file that is wanted at a target.
#[derive(Debug, Clone)]
pub struct DesiredFile {
    /// What the manifest says of it.
    pub entry: ManifestEntry,
    /// Where its bytes are.
    pub source: ByteSource,
    /// Its title, if it is a post or a page.
    pub title: Option<String>,
    /// Its address, if it is a page of the site.
    pub url: Option<UrlPath>,
}

impl AsRef<ManifestEntry> for DesiredFile {
    fn as_ref(&self) -> &ManifestEntry {
        &self.entry
    }
}

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
pub enum ByteSource {
    /// In the output folder, under this path.
    Output(OutputPath),
    /// The same of a smaller picture, which is there when it has been made. Its name states its content: encoders of
    /// two machines may write other bytes for it.
    Rendition(OutputPath),
    Text(String),
    /// Those of an output, compressed.
    Compressed(OutputPath, Encoding),
}

/// What is known of files besides what they are to their author.
struct ExtraInput<'a> {
    /// Those that are asked for by addresses that change with their content.
    for_ever: &'a BTreeSet<OutputPath>,
    /// Those whose name does not tell their type.
    typed: &'a [TypedFile<'a>],
}

/// The type of a file whose name does not tell it: a page is HTML whatever its address ends in.
fn own_type(path: &OutputPath, kind: FileKind, folder: &Path) -> Option<&'static str> {
    if headers::has_odd_ending(path, kind) {
        return Some(headers::HTML);
    }
    let is_text = headers::is_told_by_bytes(path, kind) && begins_as_text(&folder.join(path.as_str()));
    is_text.then_some(headers::PLAIN_TEXT)
}

/// Whether the beginning of a file is UTF-8 text. One that cannot be read is looked at when it is published.
fn begins_as_text(file: &Path) -> bool {
    const BEGINNING: u64 = 8192;
    let mut bytes = Vec::new();
    let read = fs::File::open(file).and_then(|file| file.take(BEGINNING).read_to_end(&mut bytes));
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        // A character may be cut at the end.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    read.is_ok() && !text.is_empty() && !text.contains('\0')
}

/// Smaller files gain nothing by compression.
const WORTH_COMPRESSING: u64 = 1024;

/// Changes whenever the compressed bytes of a file do.
const COMPRESSION: &str = "gz 9, br 11/22";

impl DesiredFiles {
    /// Lists what a build made, for a target.
    pub fn list(built: &BuildOutputs, folder: &Path, target: &PublishTarget) -> Self {
        let mut desired = Self {
            files: BTreeMap::new(),
            refused: Vec::new(),
            left_out: Vec::new(),
            folder: folder.to_owned(),
        };
        let for_ever = for_ever(built);
        let carries = carries(&target.place);
        let mut typed = Vec::new();
        for page in built.plan.pages.iter() {
            let made = built.outputs.get(&page.to);
            let is_rendition = matches!(page.kind, PageKind::Rendition(_));
            // A page with a fault was not made; the build has reported it.
            if made.is_none() && !is_rendition {
                continue;
            }
            // Where they are not read, they would be two more files for everybody to see.
            if page.to.as_str() == "_redirects" && !redirect_rules::reads_redirects_file(target.host) {
                continue;
            }
            let kind = page.kind.content().file_kind();
            if page.to.as_str() == ".nojekyll" && kind == FileKind::Host && !runs_jekyll(target) {
                continue;
            }
            let (content, size) = made.map_or((Hash::default(), 0), |made| (made.content, made.stamp.len));
            let hash = if is_rendition { Hash::of(page.to.as_str().as_bytes()) } else { content };
            let mut entry = ManifestEntry { hash, size, kind, headers: BTreeMap::new() };
            let own_type = own_type(&page.to, kind, folder);
            if carries != ObjectMetadata::Nothing {
                let lifetime = if for_ever.contains(&page.to) { Lifetime::ForEver } else { Lifetime::Usual };
                entry.headers = object_headers(&page.to, kind, lifetime);
                if let Some(content_type) = own_type {
                    entry.headers.insert("Content-Type".to_owned(), content_type.to_owned());
                }
            }
            if let Some(content_type) = own_type.filter(|_| kind != FileKind::Redirect) {
                typed.push(TypedFile { url: &page.url, content_type });
            }
            if let (PageKind::Redirect(redirect), ObjectMetadata::Redirects) = (&page.kind, carries) {
                let to = redirect.target.absolute(&built.plan.site.config);
                entry.headers.insert("x-amz-website-redirect-location".to_owned(), to);
            }
            desired.add(
                target,
                &page.to,
                DesiredFile {
                    entry,
                    source: match is_rendition {
                        true => ByteSource::Rendition(page.to.clone()),
                        false => ByteSource::Output(page.to.clone()),
                    },
                    title: title(built, page),
                    url: kind_has_url(kind).then(|| page.url.clone()),
                },
            );
        }
        desired.add_extras(built, target, ExtraInput { for_ever: &for_ever, typed: &typed });
        desired.add_compressed(target);
        desired
    }

    fn add(&mut self, target: &PublishTarget, path: &OutputPath, file: DesiredFile) {
        let taken = match target.place {
            TargetKind::Neocities { supporter: false, .. } => host_files::free_account_takes(path),
            _ => true,
        };
        if taken {
            self.files.insert(path.clone(), file);
        } else {
            self.refused.push(path.clone());
        }
    }

    fn add_extras(&mut self, built: &BuildOutputs, target: &PublishTarget, input: ExtraInput<'_>) {
        let ExtraInput { for_ever, typed } = input;
        let config = &built.plan.site.config;
        let addresses = built.plan.pages.iter().map(|page| page.url.as_str()).collect();
        let redirects = redirect_rules::write(&RedirectInput {
            config,
            target,
            redirects: &built.plan.redirects,
            addresses: &addresses,
        });
        // A host that reads rules would serve the page of a redirect instead of following the rule.
        self.files.retain(|path, _| !redirects.in_the_way.contains(path));
        let for_ever: Vec<&OutputPath> = for_ever.iter().collect();
        let facts = HostFileInput { config, target, redirects: &redirects, for_ever: &for_ever, typed };
        for extra in host_files::extras(&facts) {
            let path = OutputPath::new(extra.path).expect("the names of these files are paths");
            let stays = match self.files.get(&path) {
                None => false,
                Some(there) => extra.replaces == ReplaceRule::Never || there.entry.kind == FileKind::Asset,
            };
            if !stays {
                self.add_text(path, extra.text);
            }
        }
        self.left_out = redirects.left_out;
        let not_found = OutputPath::new("404.html").expect("it is a path");
        let neocities = OutputPath::new("not_found.html").expect("it is a path");
        if target.host == Host::Neocities
            && !self.files.contains_key(&neocities)
            && let Some(page) = self.files.get(&not_found).cloned()
        {
            // Under the name that this host shows for addresses it does not have.
            self.files.insert(neocities, page);
        }
    }

    fn add_text(&mut self, path: OutputPath, text: String) {
        let entry = ManifestEntry {
            hash: Hash::of(text.as_bytes()),
            size: text.len() as u64,
            kind: FileKind::Host,
            headers: BTreeMap::new(),
        };
        self.files
            .insert(path, DesiredFile { entry, source: ByteSource::Text(text), title: None, url: None });
    }

    /// The siblings that servers send to browsers that can read them.
    fn add_compressed(&mut self, target: &PublishTarget) {
        let mut siblings = Vec::new();
        for (path, file) in &self.files {
            let ByteSource::Output(output) = &file.source else { continue };
            if file.entry.size < WORTH_COMPRESSING || !headers::is_compressible(path) {
                continue;
            }
            for encoding in &target.compress {
                let Some(sibling) = OutputPath::new(&format!("{path}.{}", extension(*encoding))) else {
                    continue;
                };
                // The hash stands for bytes that are made only if they have to travel: to compress a whole site for a plan
                // would take longer than the publish.
                let hash = Hash::of_value(&(file.entry.hash, encoding, COMPRESSION));
                let source = ByteSource::Compressed(output.clone(), *encoding);
                let mut entry = ManifestEntry { hash, ..file.entry.clone() };
                if !entry.headers.is_empty() {
                    entry.headers.insert("Content-Encoding".to_owned(), coding(*encoding).to_owned());
                }
                siblings.push((sibling, DesiredFile { entry, source, title: None, url: None }));
            }
        }
        // A file of the author with such a name stays what it is.
        for (path, file) in siblings {
            self.files.entry(path).or_insert(file);
        }
    }

    /// The bytes of a file. An output that is no longer what the build made is refused.
    pub fn bytes(&self, path: &OutputPath) -> Result<Vec<u8>> {
        let file = self.file(path);
        match &file.source {
            ByteSource::Text(text) => Ok(text.clone().into_bytes()),
            ByteSource::Output(output) => self.output(output, Some(&file.entry)),
            ByteSource::Rendition(output) => self.output(output, None),
            ByteSource::Compressed(output, encoding) => {
                let made = self.files.get(output).map(|file| &file.entry);
                Ok(compress(&self.output(output, made)?, *encoding))
            }
        }
    }

    /// The file whose bytes are published as they are; none of what has to be made.
    pub fn on_disk(&self, path: &OutputPath) -> Option<PathBuf> {
        match &self.file(path).source {
            ByteSource::Output(output) | ByteSource::Rendition(output) => {
                Some(self.folder.join(output.as_str()))
            }
            _ => None,
        }
    }

    /// Whether a file lies in the output folder under the path it has at the target.
    pub fn is_output(&self, path: &OutputPath) -> bool {
        let source = &self.file(path).source;
        matches!(source, ByteSource::Output(output) | ByteSource::Rendition(output) if output == path)
    }

    /// Smaller pictures that have not been made.
    pub fn unmade(&self, paths: impl Iterator<Item = OutputPath>) -> BTreeSet<OutputPath> {
        let is_unmade = |path: &OutputPath| match &self.file(path).source {
            ByteSource::Rendition(output) => !self.folder.join(output.as_str()).is_file(),
            _ => false,
        };
        paths.filter(is_unmade).collect()
    }

    /// Takes the lengths of smaller pictures that are not here from a target that has them.
    pub fn learn_lengths(&mut self, there: &Manifest) {
        for (path, file) in &mut self.files {
            if let ByteSource::Rendition(_) = file.source
                && file.entry.size == 0
                && let Some(known) = there.files.get(path)
            {
                file.entry.size = known.size;
            }
        }
    }

    /// The output folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file that is wanted.
    pub fn file(&self, path: &OutputPath) -> &DesiredFile {
        self.files.get(path).expect("only what is wanted is asked for")
    }

    fn output(&self, path: &OutputPath, made: Option<&ManifestEntry>) -> Result<Vec<u8>> {
        let file = self.folder.join(path.as_str());
        let bytes = fs::read(&file).map_err(Error::io("read", &file))?;
        if made.is_some_and(|made| made.hash != Hash::of(&bytes)) {
            return Err(Error::ChangedWhilePublishing { path: file });
        }
        Ok(bytes)
    }
}

/// What a host needs besides the site where it serves the output folder itself: redirects, types and lifetimes.
pub(crate) fn host_files_for_output(plan: &Plan, folder: &Path, host: Host) -> Vec<HostFile> {
    let target = PublishTarget {
        name: String::new(),
        place: TargetKind::Directory { to: folder.display().to_string(), mode: DirectoryMode::InPlace },
        host,
        base_url: None,
        compress: Vec::new(),
        max_deletes: None,
        wait: 0,
        hub: None,
        check_links: true,
    };
    let config = &plan.site.config;
    let addresses = plan.pages.iter().map(|page| page.url.as_str()).collect();
    let input = RedirectInput { config, target: &target, redirects: &plan.redirects, addresses: &addresses };
    let redirects = redirect_rules::write(&input);
    let typed: Vec<TypedFile<'_>> = plan
        .pages
        .iter()
        .filter_map(|page| {
            let kind = page.kind.content().file_kind();
            let content_type = own_type(&page.to, kind, folder).filter(|_| kind != FileKind::Redirect)?;
            Some(TypedFile { url: &page.url, content_type })
        })
        .collect();
    let input =
        HostFileInput { config, target: &target, redirects: &redirects, for_ever: &[], typed: &typed };
    host_files::extras(&input)
}

fn extension(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Gzip => "gz",
        Encoding::Brotli => "br",
    }
}

/// Its name in HTTP (RFC 9110 section 8.4.1, RFC 7932).
fn coding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Gzip => "gzip",
        Encoding::Brotli => "br",
    }
}

fn compress(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let in_memory = "writing to memory cannot fail";
    match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes).expect(in_memory);
            encoder.finish().expect(in_memory)
        }
        Encoding::Brotli => {
            let mut compressed = Vec::new();
            let parameters =
                brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
            brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters).expect(in_memory);
            compressed
        }
    }
}

/// What a place keeps with each file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ObjectMetadata {
    Nothing,
    Headers,
    Redirects,
}

fn carries(place: &TargetKind) -> ObjectMetadata {
    match place {
        TargetKind::S3(bucket) if bucket.redirects => ObjectMetadata::Redirects,
        TargetKind::S3(_) | TargetKind::Azure { .. } => ObjectMetadata::Headers,
        _ => ObjectMetadata::Nothing,
    }
}

fn object_headers(path: &OutputPath, kind: FileKind, lifetime: Lifetime) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("Content-Type".to_owned(), headers::content_type(path, kind)),
        ("Cache-Control".to_owned(), headers::cache_control(kind, lifetime).to_owned()),
    ])
}

/// The files that templates asked for by their fingerprint only, and those whose name states their content.
fn for_ever(built: &BuildOutputs) -> BTreeSet<OutputPath> {
    let questions = built.outputs.values().flat_map(|made| made.reads.iter());
    let asked: BTreeSet<&str> = questions
        .filter_map(|read| match &read.question {
            Question::Asset(path) => Some(path.as_str()),
            _ => None,
        })
        .collect();
    let asked = asked
        .into_iter()
        .filter_map(OutputPath::new)
        .filter(|path| headers::only_by_fingerprint(path) && built.outputs.contains_key(path));
    let renditions = built.plan.pages.iter().filter(|page| matches!(page.kind, PageKind::Rendition(_)));
    asked.chain(renditions.map(|page| page.to.clone())).collect()
}

/// Whether what a host is given may pass through Jekyll, which leaves out names that begin with `_`.
fn runs_jekyll(target: &PublishTarget) -> bool {
    target.host == Host::GithubPages || matches!(target.place, TargetKind::Git { .. })
}

fn kind_has_url(kind: FileKind) -> bool {
    matches!(kind, FileKind::Post | FileKind::Page | FileKind::Feed)
}

fn title(built: &BuildOutputs, page: &Page) -> Option<String> {
    page.kind.post(&built.plan.site).map(|post| post.label())
}
