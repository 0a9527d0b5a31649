//! The functions of templates. `t` knows the theme's words, `card` and `partial` are in a module of
//! their own; each of the others is a question about the site.

use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::Mutex;
use tera::{Kwargs, State, Tera, TeraResult, Value};

use crate::hash::Hash;
use crate::nearest_name::did_you_mean;
use crate::page::question::{Ask, Question, Read};
use crate::path::SourcePath;
use crate::render::RenderState;
use crate::site::taxonomy::Taxonomy;
use crate::theme::Theme;

/// All functions, and the arguments that each takes. `t` fills any place that a word has.
pub(super) const FUNCTIONS: [(&str, &[&str]); 16] = [
    ("t", &["key", "n"]),
    ("card", &["post"]),
    ("partial", &["name"]),
    ("asset", &["path", "required"]),
    ("recent_posts", &["n"]),
    ("recent_quotes", &["n"]),
    ("posts_of", &["tag", "category", "series", "author", "n"]),
    ("related_posts", &["path", "n"]),
    ("post", &["path"]),
    ("url_of", &["path"]),
    ("tags", &[]),
    ("categories", &[]),
    ("series", &[]),
    ("authors", &[]),
    ("years", &[]),
    ("has", &["what"]),
];

/// Registers the functions of a worker.
pub(super) fn register(
    tera: &mut Tera,
    render_state: &Arc<Mutex<RenderState>>,
    ask: &Arc<dyn Ask>,
    theme: &Arc<Theme>,
) {
    let (own_state, own_theme) = (Arc::clone(render_state), Arc::clone(theme));
    tera.register_function("t", move |kwargs: Kwargs, _: &State<'_>| word(&kwargs, &own_state, &own_theme));

    let asker =
        Asker { render_state: Arc::clone(render_state), ask: Arc::clone(ask), answers: Arc::default() };
    question(tera, "asset", &asker, |kwargs| {
        let path = text(kwargs, "path")?.trim_start_matches('/').to_owned();
        let is_required = kwargs.get::<bool>("required")?.unwrap_or(true);
        Ok(if is_required { Question::Asset(path) } else { Question::AssetIfAny(path) })
    });
    question(tera, "recent_posts", &asker, |kwargs| Ok(Question::RecentPosts(count(kwargs)?)));
    question(tera, "recent_quotes", &asker, |kwargs| Ok(Question::RecentQuotes(count(kwargs)?)));
    question(tera, "posts_of", &asker, |kwargs| {
        for (key, taxonomy) in [
            ("tag", Taxonomy::Tags),
            ("category", Taxonomy::Categories),
            ("series", Taxonomy::Series),
            ("author", Taxonomy::Authors),
        ] {
            if let Some(name) = kwargs.get::<String>(key)? {
                return Ok(Question::PostsOf(taxonomy, name, count(kwargs)?));
            }
        }
        Err(tera::Error::message("`posts_of` needs a `tag`, a `category`, a `series` or an `author`"))
    });
    question(tera, "related_posts", &asker, |kwargs| {
        Ok(Question::RelatedPosts(path(kwargs)?, count(kwargs)?))
    });
    question(tera, "post", &asker, |kwargs| Ok(Question::Post(path(kwargs)?)));
    question(tera, "url_of", &asker, |kwargs| Ok(Question::PostUrl(path(kwargs)?)));
    question(tera, "tags", &asker, |_| Ok(Question::Terms(Taxonomy::Tags)));
    question(tera, "categories", &asker, |_| Ok(Question::Terms(Taxonomy::Categories)));
    question(tera, "series", &asker, |_| Ok(Question::Terms(Taxonomy::Series)));
    question(tera, "authors", &asker, |_| Ok(Question::Terms(Taxonomy::Authors)));
    question(tera, "years", &asker, |_| Ok(Question::Years));
    question(tera, "has", &asker, |kwargs| Ok(Question::Has(text(kwargs, "what")?)));
}

/// Answers of a worker, as a template sees them: the same question has the same answer in all of a build.
type Answers = Mutex<HashMap<Question, (Value, Hash)>>;

#[derive(Clone)]
struct Asker {
    render_state: Arc<Mutex<RenderState>>,
    ask: Arc<dyn Ask>,
    answers: Arc<Answers>,
}

impl Asker {
    fn answer(&self, question: &Question) -> TeraResult<(Value, Hash)> {
        let mut answers = self.answers.lock();
        if let Some(answer) = answers.get(question) {
            return Ok(answer.clone());
        }
        let answer = self.ask.ask(question);
        if answer.value.is_null() {
            unanswered(question)?;
        }
        let answer = (Value::from_serializable(&answer.value), answer.hash);
        answers.insert(question.clone(), answer.clone());
        Ok(answer)
    }
}

/// Questions that must have an answer.
fn unanswered(question: &Question) -> TeraResult<()> {
    match question {
        Question::Asset(path) => Err(tera::Error::message(format!(
            "there is no file `static/{path}`, in the site or in the theme"
        ))),
        Question::Has(what) => Err(tera::Error::message(format!(
            "`has` knows posts, quotes, search, tags, categories, series and authors, not `{what}`"
        ))),
        _ => Ok(()),
    }
}

/// Registers a function that turns its arguments into a question.
fn question(
    tera: &mut Tera,
    name: &'static str,
    asker: &Asker,
    to_question: impl Fn(&Kwargs) -> TeraResult<Question> + Send + Sync + 'static,
) {
    let asker = asker.clone();
    let known = FUNCTIONS.iter().find(|(function, _)| *function == name).map_or(&[][..], |(_, known)| known);
    tera.register_function(name, move |kwargs: Kwargs, _: &State<'_>| -> TeraResult<Value> {
        check_arguments(name, &kwargs, known)?;
        let question = to_question(&kwargs)?;
        let (value, answer) = asker.answer(&question)?;
        asker.render_state.lock().reads.push(Read { question, answer });
        Ok(value)
    });
}

/// An argument that does nothing is a slip of the pen.
pub(super) fn check_arguments(name: &str, kwargs: &Kwargs, known: &[&str]) -> TeraResult<()> {
    let mut given = kwargs.iter().filter_map(|(key, _)| key.as_str());
    let Some(unknown) = given.find(|key| !known.contains(key)) else { return Ok(()) };
    let hint = did_you_mean(unknown, known.iter().copied()).unwrap_or_else(|| match known {
        [] => "it takes none".to_owned(),
        known => {
            format!("it takes {}", known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
        }
    });
    Err(tera::Error::message(format!("`{name}` has no argument `{unknown}`; {hint}")))
}

fn text(kwargs: &Kwargs, key: &'static str) -> TeraResult<String> {
    Ok(kwargs.must_get::<&str>(key)?.to_owned())
}

fn count(kwargs: &Kwargs) -> TeraResult<usize> {
    Ok(kwargs.get::<usize>("n")?.unwrap_or(5))
}

fn path(kwargs: &Kwargs) -> TeraResult<SourcePath> {
    let written = text(kwargs, "path")?;
    SourcePath::new(&written)
        .ok_or_else(|| tera::Error::message(format!("`{written}` is not a path of the site")))
}

/// `t(key="responses", n=2)`: a word of the theme in the page's language, its places filled.
fn word(kwargs: &Kwargs, render_state: &Mutex<RenderState>, theme: &Theme) -> TeraResult<String> {
    let key = kwargs.must_get::<&str>("key")?;
    let number = kwargs.get::<u64>("n")?;
    let render_state = render_state.lock();
    let Some(word) = render_state.locale.word(key, number) else {
        let hint =
            did_you_mean(key, theme.locales.keys()).map_or_else(String::new, |hint| format!("; {hint}"));
        return Err(tera::Error::message(format!("the theme has no word `{key}`{hint}")));
    };
    let mut word = word.to_owned();
    if !word.contains('{') {
        return Ok(word);
    }
    for (name, value) in kwargs.iter() {
        if let Some(name) = name.as_str().filter(|name| *name != "key") {
            word = word.replace(&format!("{{{name}}}"), &value.to_string());
        }
    }
    Ok(word)
}
