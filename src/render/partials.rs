//! What looks the same on many pages, printed once: a post's card, which stands in a dozen lists, and the parts of a
//! page that are those of its site.
//!
//! Such a template sees neither the page nor anything that another template has set, so what it makes depends on its
//! name, the language and its argument only. What it asked is asked again, in effect, by every page that it stands on.

use std::sync::Arc;

use parking_lot::Mutex;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use crate::fifo_cache::FifoCache;
use crate::nearest_name::did_you_mean;
use crate::page::cards::CARDS_KEPT;
use crate::page::question::Read;
use crate::render::RenderState;
use crate::render::functions::check_arguments;

const CARD: &str = "partials/card.html";

/// What was printed last.
#[derive(Clone)]
pub(super) struct Partials(Arc<Mutex<FifoCache<Key, Printed>>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    language: String,
    template: String,
    /// The address of the post it shows, if it shows one.
    post: Option<String>,
}

/// A part of a page, what it shows, and what was asked to make it.
#[derive(Clone)]
struct Printed {
    card: Value,
    html: Value,
    reads: Arc<[Read]>,
}

impl Partials {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(FifoCache::new(CARDS_KEPT))))
    }

    /// What was printed of this card. A template may have made another one for the same post.
    fn get(&self, key: &Key, card: &Value) -> Option<Printed> {
        let printed = self.0.lock().get(key)?.clone();
        (is_same(&printed.card, card) || printed.card == *card).then_some(printed)
    }

    fn put(&self, key: Key, printed: Printed) {
        self.0.lock().put(key, printed);
    }
}

/// Whether two values are one and the same: lists share their cards, so there is hardly ever more to compare.
fn is_same(a: &Value, b: &Value) -> bool {
    a.as_map().zip(b.as_map()).is_some_and(|(a, b)| std::ptr::eq(a, b))
}

/// Registers the functions `card` and `partial`, which print with the templates, functions and filters that are there
/// already.
pub(super) fn register(tera: &mut Tera, render_state: &Arc<Mutex<RenderState>>, partials: &Partials) {
    let mut engine = tera.clone();
    // A function that templates call and the engine does not know would be a panic.
    for name in ["card", "partial"] {
        engine.register_function(name, move |_: Kwargs, _: &State<'_>| -> TeraResult<Value> {
            Err(tera::Error::message(format!(
                "`{name}` cannot be called inside `card` or `partial`: their output is cached across pages"
            )))
        });
    }
    let printer =
        Arc::new(Printer { engine, render_state: Arc::clone(render_state), partials: partials.clone() });

    let own = Arc::clone(&printer);
    tera.register_function("card", move |kwargs: Kwargs, state: &State<'_>| -> TeraResult<Value> {
        check_arguments("card", &kwargs, &["post"])?;
        let post = kwargs.must_get::<Value>("post")?;
        let url = post.get_from_path("url").map(|url| url.to_string());
        let url = url.ok_or_else(|| tera::Error::message("`post` is not a post of a list"))?;
        own.print(CARD, Some(url), post, state)
    });
    tera.register_function("partial", move |kwargs: Kwargs, state: &State<'_>| -> TeraResult<Value> {
        check_arguments("partial", &kwargs, &["name"])?;
        printer.print(kwargs.must_get::<&str>("name")?, None, Value::none(), state)
    });
}

/// Prints parts of pages.
struct Printer {
    engine: Tera,
    render_state: Arc<Mutex<RenderState>>,
    partials: Partials,
}

impl Printer {
    /// The HTML of a template, and of the post at an address if it shows one: that of before, if there is one.
    fn print(
        &self,
        template: &str,
        post: Option<String>,
        card: Value,
        state: &State<'_>,
    ) -> TeraResult<Value> {
        let language = self.render_state.lock().language.clone();
        let key = Key { language, template: template.to_owned(), post };
        if let Some(printed) = self.partials.get(&key, &card) {
            self.render_state.lock().reads.extend_from_slice(&printed.reads);
            return Ok(printed.html);
        }
        let mut names = self.engine.get_template_names();
        if !names.any(|name| name == template) {
            let near = did_you_mean(template, self.engine.get_template_names());
            let near = near.map(|near| format!("; {near}")).unwrap_or_default();
            return Err(tera::Error::message(format!("there is no template `{template}`{near}")));
        }
        let mut context = Context::new();
        context.insert_value("language", Value::from(key.language.as_str()));
        context.insert_value("words", state.get::<Value>("words")?.unwrap_or_else(Value::none));
        if key.post.is_some() {
            context.insert_value("card", card.clone());
        }
        let (html, reads) = self.render(template, &context)?;
        let printed = Printed { card, html, reads };
        self.partials.put(key, printed.clone());
        Ok(printed.html)
    }

    fn render(&self, template: &str, context: &Context) -> TeraResult<(Value, Arc<[Read]>)> {
        let before = self.render_state.lock().reads.len();
        match self.engine.render(template, context) {
            Ok(html) => {
                let reads = Arc::from(&self.render_state.lock().reads[before..]);
                Ok((Value::safe_string(&html), reads))
            }
            Err(error) => {
                // Tera makes a text of it on the way up, and the place in the template would be lost.
                let message = tera::Error::message(error.to_string());
                self.render_state.lock().fault = Some(error);
                Err(message)
            }
        }
    }
}
