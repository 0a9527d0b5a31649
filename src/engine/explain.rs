//! Why a page was rendered, or was not.
//!
//! Nothing is stored for this: the site of the last build is put together again from the heads in its ledger, and the
//! data of the page then and now are compared.

use serde::Serialize;
use serde_json::Value;

use crate::date::Date;
use crate::diagnostic::{Diagnostic, counted};
use crate::engine::cache::ledger::Ledger;
use crate::engine::snapshot::site_input;
use crate::engine::staleness::StaleReason;
use crate::nearest_name::did_you_mean;
use crate::page::kinds::RendererKind;
use crate::page::question::Question;
use crate::page::{Page, Plan};
use crate::path::{SourcePath, UrlPath};
use crate::post::CONTENT;
use crate::site::order::Absence;
use crate::site::taxonomy::Taxonomy;
use crate::site::{AbsentPost, Site};

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The output it is about; what was asked for, if there is none.
    pub page: String,
    /// One reason a line. The first says whether the page was rendered.
    pub reasons: Vec<String>,
}

/// More differences than this make no answer.
const MOST: usize = 12;

/// Explains a page, named by its output path, its address or its source.
pub(super) fn explain(
    asked: &str,
    plan: &Plan,
    statuses: &[Option<StaleReason>],
    last: &Ledger,
    faults: &[Diagnostic],
) -> Explanation {
    let config = &plan.site.config;
    let output = format!("{}/", config.output);
    let short = asked.strip_prefix(&config.base_url).or_else(|| asked.strip_prefix(&output)).unwrap_or(asked);
    let Some(index) = find(short, plan) else {
        if let Some(absent) = absent(short, &plan.site) {
            return Explanation {
                page: absent.post.url.output().to_string(),
                reasons: vec![why_absent(absent), format!("its file is `{}`", absent.post.path)],
            };
        }
        let named = [short.to_owned(), format!("{CONTENT}/{short}")];
        if let Some(path) =
            plan.site.unreadable.iter().find(|path| named.iter().any(|name| name == path.as_str()))
        {
            let errors = faults.iter().filter(|fault| fault.is_error() && fault.path == path.as_str());
            let reasons = errors.map(|fault| format!("left out: {}", fault.message)).collect();
            return Explanation { page: path.to_string(), reasons };
        }
        let addresses = plan.pages.iter().map(|page| page.url.as_str());
        let hint = did_you_mean(asked, addresses).map_or_else(String::new, |hint| format!("; {hint}"));
        return Explanation {
            page: asked.to_owned(),
            reasons: vec![format!("no page of the site is called so{hint}")],
        };
    };
    let page = &plan.pages[index];
    let reasons = match &statuses[index] {
        None => vec![kept(page, last)],
        Some(StaleReason::New) if last.outputs.is_empty() => {
            vec!["rendered because there is no ledger of an earlier build".to_owned()]
        }
        Some(StaleReason::New) => vec!["rendered because it is new".to_owned()],
        Some(StaleReason::Setting) => vec![
            "rendered because the engine, the theme or the settings changed, which every page sees"
                .to_owned(),
        ],
        Some(StaleReason::Missing) => {
            vec!["rendered because its file is gone from the output folder".to_owned()]
        }
        Some(StaleReason::Tampered) => {
            vec!["rendered because its file was changed by another program".to_owned()]
        }
        Some(StaleReason::Answer(question)) => {
            vec![format!("rendered because its template asked {} and the answer changed", in_words(question))]
        }
        Some(StaleReason::Data) => data(page, plan, last),
    };
    Explanation { page: page.to.to_string(), reasons }
}

fn find(asked: &str, plan: &Plan) -> Option<usize> {
    let by = |wanted: &dyn Fn(&Page) -> bool| plan.pages.iter().position(wanted);
    let url = UrlPath::new(asked);
    let source = SourcePath::new(asked);
    by(&|page| page.to.as_str() == asked)
        .or_else(|| by(&|page| Some(&page.url) == url.as_ref()))
        .or_else(|| by(&|page| page.to.as_str() == format!("{}/index.html", asked.trim_matches('/'))))
        .or_else(|| by(&|page| source.is_some() && page.kind.content().source(&plan.site) == source.as_ref()))
}

/// The post or page that is meant and is not shown.
fn absent<'s>(asked: &str, site: &'s Site) -> Option<&'s AbsentPost> {
    let source = SourcePath::new(asked);
    let below_content = SourcePath::new(&format!("{CONTENT}/{asked}"));
    let urls = [UrlPath::new(asked), UrlPath::new(&format!("{}/", asked.trim_end_matches("index.html")))];
    site.absent.iter().find(|AbsentPost { post, .. }| {
        [&source, &below_content].contains(&&Some(post.path.clone()))
            || urls.iter().flatten().any(|url| *url == post.url || post.front.aliases.contains(url))
    })
}

fn why_absent(absent: &AbsentPost) -> String {
    let day = |date: Option<Date>| date.map_or_else(String::new, |date| format!(" {}", date.to_text()));
    match absent.because {
        Absence::Draft => "not shown: it is a draft; `--drafts` shows it".to_owned(),
        Absence::Future => {
            format!(
                "not shown until{}: its date is still to come; `--future` shows it",
                day(absent.post.appears())
            )
        }
        Absence::Hidden => {
            let key = absent.post.front.hidden.as_deref().unwrap_or_default();
            match key.split_once(" in content/") {
                Some((key, file)) => {
                    format!("not shown: `{key}` in `content/{file}` hides the posts of its folder")
                }
                None => {
                    format!("not shown: `{key}` in its front matter hides it; take the key out to show it")
                }
            }
        }
        Absence::Clash => "left out: its address is taken; see the error".to_owned(),
        Absence::Expired => {
            format!("not shown since{}: it has expired; `--expired` shows it", day(absent.post.front.expires))
        }
    }
}

fn kept(page: &Page, last: &Ledger) -> String {
    let asked = last.outputs.get(&page.to).map_or(0, |made| made.reads.len());
    let answers = match asked {
        0 => "its template asked nothing".to_owned(),
        1 => "the one answer its template asked for is the same".to_owned(),
        count => format!("the {count} answers its template asked for are the same"),
    };
    format!("kept: the data it shows is the same, and {answers}")
}

/// What differs between the page's data then and now.
fn data(page: &Page, plan: &Plan, last: &Ledger) -> Vec<String> {
    let (site, _) = Site::assemble(plan.site.config.clone(), site_input(&last.sources, &last.head));
    let (before, _) = Plan::of(site);
    let unknown = || vec!["rendered because its data changed".to_owned()];
    let Some(page_before) = before.page_at(&page.url) else { return unknown() };
    let (old, new) = (before.render_input(page_before), plan.render_input(page));
    let mut changes = Vec::new();
    if old.renderer != new.renderer
        && let (RendererKind::Template(old), RendererKind::Template(new)) = (&old.renderer, &new.renderer)
    {
        changes.push(format!("its template was `{old}`, is now `{new}`"));
    }
    for (path, hash) in &new.bodies {
        match old.bodies.iter().find(|(known, _)| known == path) {
            Some((_, known)) if known != hash => changes.push(format!("`{path}` changed, which it prints")),
            Some(_) => {}
            None => changes.push(format!("it prints `{path}`, which it did not")),
        }
    }
    compare("page", &to_json(&old.head), &to_json(&new.head), &mut changes);
    compare("", &to_json(&old.view), &to_json(&new.view), &mut changes);
    if changes.is_empty() {
        return unknown();
    }
    let left_out = changes.len().saturating_sub(MOST);
    changes.truncate(MOST);
    let mut reasons = vec![format!("rendered because {}", changes.remove(0))];
    reasons.extend(changes.into_iter().map(|change| format!("and {change}")));
    if left_out > 0 {
        reasons.push(format!("and {}", counted(left_out, "more difference", "more differences")));
    }
    reasons
}

fn to_json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Names each value that differs, by its path in the page's data.
fn compare(path: &str, old: &Value, new: &Value, changes: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in new {
                compare(&below(key), old.get(key).unwrap_or(&Value::Null), value, changes);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{path}[{index}]"), old, new, changes);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            changes.push(format!(
                "`{path}` had {}, has now {}",
                counted(old.len(), "entry", "entries"),
                new.len()
            ));
        }
        (old, new) => changes.push(format!("`{path}` was {}, is now {}", shown(old), shown(new))),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("`{}`", crate::html::shorten(text, 60)),
        Value::Array(_) | Value::Object(_) => "there".to_owned(),
        other => other.to_string(),
    }
}

fn in_words(question: &Question) -> String {
    match question {
        Question::RecentPosts(count) => format!("`recent_posts(n={count})`"),
        Question::RecentQuotes(count) => format!("`recent_quotes(n={count})`"),
        Question::PostsOf(taxonomy, name, count) => {
            let key = match taxonomy {
                Taxonomy::Tags => "tag",
                Taxonomy::Categories => "category",
                Taxonomy::Series => "series",
                Taxonomy::Authors => "author",
            };
            format!("`posts_of({key}=\"{name}\", n={count})`")
        }
        Question::RelatedPosts(path, count) => format!("`related_posts(path=\"{path}\", n={count})`"),
        Question::Post(path) => format!("`post(path=\"{path}\")`"),
        Question::PostUrl(path) => format!("for the address of `{path}`"),
        Question::FileUrl(path) => format!("for the address of `{path}`"),
        Question::Picture(path) => format!("for the sizes of `{path}`"),
        Question::Asset(path) => format!("`asset(path=\"/{path}\")`"),
        Question::AssetIfAny(path) => format!("`asset(path=\"/{path}\", required=false)`"),
        Question::Terms(taxonomy) => format!("`{}()`", taxonomy.name()),
        Question::Years => "`years()`".to_owned(),
        Question::Has(what) => format!("`has(what=\"{what}\")`"),
    }
}
