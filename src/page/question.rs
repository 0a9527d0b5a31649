//! What a template may ask of the site, besides its page's view: a closed set of questions.
//!
//! Each question and the fingerprint of its answer are recorded when a page is rendered. The page is
//! stale when an answer is another one than it was. There is no other way from a template to the site, so
//! nothing can be read unrecorded.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hash::Hash;
use crate::page::kinds::{archives, terms};
use crate::page::picture_view::PictureAnswer;
use crate::page::quote_view::quote_view;
use crate::page::{Plan, cards, links, related};
use crate::path::SourcePath;
use crate::site::taxonomy::Taxonomy;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Question {
    /// The newest posts, as lists show them.
    RecentPosts(usize),
    RecentQuotes(usize),
    /// The newest posts of a term.
    PostsOf(Taxonomy, String, usize),
    /// Posts that share most with a post, by its file.
    RelatedPosts(SourcePath, usize),
    /// A post as lists show it, by its file; null if it is not shown.
    Post(SourcePath),
    /// The address of a post, by its file; null if there is none.
    PostUrl(SourcePath),
    /// The address of a file beside a post; null if there is none.
    FileUrl(SourcePath),
    /// The address, the size and the renditions of a picture, as [`PictureAnswer`]; null if there is no such file.
    Picture(SourcePath),
    /// The address of a static file, with a mark that changes when the file does; null if there is none.
    Asset(String),
    /// The same of a file that need not be there.
    AssetIfAny(String),
    /// All terms of a kind, with counts.
    Terms(Taxonomy),
    /// All years with their months, with counts.
    Years,
    /// Whether there are any: `posts`, `quotes`, `search`, `tags`, `categories`, `series`, `authors`.
    Has(String),
}

/// An answer and its fingerprint.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub value: Value,
    pub hash: Hash,
}

/// A question that was asked while a page was rendered, and the fingerprint of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Read {
    pub question: Question,
    pub answer: Hash,
}

/// Answers questions about a site.
pub trait Ask: Send + Sync {
    /// The answer to a question. The same question has the same answer for as long as this lives.
    fn ask(&self, question: &Question) -> Answer;
}

impl Ask for Plan {
    fn ask(&self, question: &Question) -> Answer {
        let value = self.answer(question);
        let hash = Hash::of_value(&value);
        Answer { value, hash }
    }
}

impl Plan {
    fn answer(&self, question: &Question) -> Value {
        let site = &self.site;
        let config = &site.config;
        match question {
            Question::RecentPosts(count) => {
                let newest = site.posts.iter().take(*count);
                to_value(&newest.map(|post| cards::card(site, post)).collect::<Vec<_>>())
            }
            Question::RecentQuotes(count) => {
                let newest = site.quotes.iter().take(*count);
                let views: Vec<_> = newest
                    .map(|&(post, quote)| {
                        let post = &site.posts[post];
                        quote_view(site, post, &post.quotes[quote])
                    })
                    .collect();
                to_value(&views)
            }
            Question::PostsOf(taxonomy, name, count) => {
                let members = site.taxonomies.term(*taxonomy, name).map_or(&[][..], |term| &term.members);
                to_value(
                    &members
                        .iter()
                        .take(*count)
                        .map(|&post| cards::card(site, &site.posts[post]))
                        .collect::<Vec<_>>(),
                )
            }
            Question::RelatedPosts(path, count) => {
                let related = related::related(site, path, *count).into_iter();
                to_value(&related.map(|post| cards::card(site, &site.posts[post])).collect::<Vec<_>>())
            }
            Question::Post(path) => {
                links::shown_post(site, path).map_or(Value::Null, |post| to_value(&cards::card(site, post)))
            }
            Question::PostUrl(path) => {
                site.post(path).map_or(Value::Null, |post| config.url(&post.url).into())
            }
            Question::FileUrl(path) => {
                links::file_url(site, path).map_or(Value::Null, |url| config.url(&url).into())
            }
            Question::Picture(path) => {
                PictureAnswer::of(site, path).map_or(Value::Null, |answer| to_value(&answer))
            }
            Question::Asset(path) | Question::AssetIfAny(path) => self.asset(path),
            Question::Terms(taxonomy) => to_value(&terms::terms(site, *taxonomy)),
            Question::Years => to_value(&archives::years(site)),
            Question::Has(what) => match what.as_str() {
                "posts" => (!site.posts.is_empty()).into(),
                "quotes" => (!site.quotes.is_empty()).into(),
                "search" => site.config.search.enabled.into(),
                "tags" => (!site.taxonomies.terms(Taxonomy::Tags).is_empty()).into(),
                "categories" => (!site.taxonomies.terms(Taxonomy::Categories).is_empty()).into(),
                "series" => (!site.taxonomies.terms(Taxonomy::Series).is_empty()).into(),
                "authors" => (!site.taxonomies.terms(Taxonomy::Authors).is_empty()).into(),
                _ => Value::Null,
            },
        }
    }

    fn asset(&self, path: &str) -> Value {
        let source = SourcePath::new(&format!("static/{path}"));
        match source.and_then(|source| self.site.files.get(&source)) {
            Some(file) => format!("{}?v={}", self.site.config.url(&file.url), file.hash.short_hex()).into(),
            None => Value::Null,
        }
    }
}

fn to_value<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).expect("views are plain data")
}
