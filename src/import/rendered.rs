//! Saved pages of the old site: what readers saw, to compare the new texts with. No export says what the shortcodes of plugins
//! showed, and no other proof reaches texts that are Markdown already.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::cleaning::{CleaningContext, CleaningNotes, clean};
use super::fidelity::{FidelityScore, PageFacts};
use super::html_tree::{self, HtmlElement, HtmlNode};
use crate::dom::charset;
use crate::path::{UrlPath, percent_encode};

/// A page of more bytes is not read.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Containers of a page that are tried.
const MOST_CONTAINERS: usize = 40;

/// A folder of saved pages.
#[derive(Debug, Clone)]
pub(super) struct RenderedPages {
    /// The folder, and below it that of the host, as `wget` makes it.
    roots: Vec<PathBuf>,
}

/// What a comparison with a saved page says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RenderedProof {
    pub(super) score: FidelityScore,
    /// Words of the old page that are not in the new text.
    pub(super) missing: Vec<String>,
    /// Words of the new text that are not in the old page.
    pub(super) added: Vec<String>,
}

impl RenderedPages {
    /// The pages in a folder, of a site with this address.
    pub(super) fn new(folder: &Path, base_url: &str) -> Self {
        let host = url::Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let below = host.iter().flat_map(|host| {
            let bare = host.strip_prefix("www.").unwrap_or(host);
            [folder.join(bare), folder.join(format!("www.{bare}"))]
        });
        Self { roots: [folder.to_owned()].into_iter().chain(below).collect() }
    }

    /// The page of an entry, by where it stood or by its number in the old system.
    pub(super) fn find(&self, address: Option<&UrlPath>, id: &str) -> Option<String> {
        let mut names = Vec::new();
        if let Some(address) = address {
            let decoded = address.as_str().trim_matches('/').to_owned();
            let mut encoded = String::new();
            percent_encode(&decoded, &mut encoded);
            // WordPress writes percent-encoded addresses in lower case.
            for path in [decoded, encoded.to_lowercase(), encoded] {
                names.extend([
                    format!("{path}/index.html"),
                    format!("{path}.html"),
                    format!("{path}/index.htm"),
                    path,
                ]);
            }
        }
        let digits = id.rsplit('=').next().filter(|digits| !digits.is_empty());
        if let Some(number) = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
            names.extend([
                format!("{number}.html"),
                format!("index.html?p={number}"),
                format!("index.html@p={number}.html"),
            ]);
        }
        self.roots.iter().find_map(|root| names.iter().find_map(|name| read(&root.join(name))))
    }
}

fn read(file: &Path) -> Option<String> {
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(file).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(charset::decode(&bytes, "text/html").into_owned())
}

/// Compares a text with the page that a reader saw: of the page that part which is nearest, as every theme has another name for it.
pub(super) fn compare(page: &str, new: &PageFacts, context: &CleaningContext<'_>) -> RenderedProof {
    let nodes = html_tree::parse(page).unwrap_or_default();
    let proofs = containers(&nodes).into_iter().map(|nodes| {
        let old = PageFacts::of(&clean(nodes.to_vec(), context, &mut CleaningNotes::default()));
        let score = FidelityScore::of(&old, new);
        RenderedProof { missing: new.additions(&old), added: old.additions(new), score }
    });
    let different = |proof: &RenderedProof| proof.missing.len() + proof.added.len();
    let best = proofs.min_by(|a, b| {
        let by_score = b.score.lowest().value.total_cmp(&a.score.lowest().value);
        by_score.then(different(a).cmp(&different(b)))
    });
    best.unwrap_or_else(|| RenderedProof {
        score: FidelityScore::of(&PageFacts::default(), new),
        missing: Vec::new(),
        added: Vec::new(),
    })
}

/// The parts of a page that may be the text of a post, the whole first.
fn containers(nodes: &[HtmlNode]) -> Vec<&[HtmlNode]> {
    let inner = html_tree::elements(nodes).into_iter().filter(|element| is_container(element));
    std::iter::once(nodes)
        .chain(inner.map(|element| element.children.as_slice()).take(MOST_CONTAINERS))
        .collect()
}

fn is_container(element: &HtmlElement) -> bool {
    const WORDS: [&str; 7] = ["content", "entry", "post", "body", "article", "text", "main"];
    match element.name.as_str() {
        "article" | "main" => true,
        "div" | "section" | "td" => {
            let named = [element.attribute("class"), element.attribute("id"), element.attribute("itemprop")];
            let names = named.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase();
            WORDS.iter().any(|word| names.contains(word))
        }
        _ => false,
    }
}
