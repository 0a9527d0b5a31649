//! Posts in lists. A post stands in a dozen of them and looks the same in each, so what `partials/card.html` makes of
//! it is kept for the next one.

use std::sync::{Arc, Mutex, PoisonError};

use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use crate::page::list::CARDS_KEPT;
use crate::page::question::Read;
use crate::recent::Recent;
use crate::render::functions::check_arguments;
use crate::render::{Desk, lock};

const TEMPLATE: &str = "partials/card.html";

/// Cards as they were printed last, by the language of the page and the address of the post.
#[derive(Clone)]
pub(super) struct Cards(Arc<Mutex<Recent<(String, String), Printed>>>);

/// A card, and what was asked to make it.
#[derive(Clone)]
struct Printed {
    html: Value,
    reads: Arc<[Read]>,
}

impl Cards {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Recent::new(CARDS_KEPT))))
    }

    fn get(&self, key: &(String, String)) -> Option<Printed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: (String, String), printed: Printed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, printed);
    }
}

/// Registers the function `card`, which prints with the templates, functions and filters that are there already.
pub(super) fn register(tera: &mut Tera, desk: &Arc<Mutex<Desk>>, cards: &Cards) {
    let mut engine = tera.clone();
    // A function that templates call and the engine does not know would be a panic.
    engine.register_function("card", |_: Kwargs, _: &State<'_>| -> TeraResult<Value> {
        Err(tera::Error::message("a card cannot show cards"))
    });
    let (cards, desk) = (cards.clone(), Arc::clone(desk));
    tera.register_function("card", move |kwargs: Kwargs, state: &State<'_>| -> TeraResult<Value> {
        check_arguments("card", &kwargs, &["post"])?;
        let post = kwargs.must_get::<Value>("post")?;
        let url = post.get_from_path("url").map(|url| url.to_string());
        let url = url.ok_or_else(|| tera::Error::message("`post` is no post as lists have it"))?;
        let key = (lock(&desk).language.clone(), url);
        if let Some(printed) = cards.get(&key) {
            lock(&desk).reads.extend_from_slice(&printed.reads);
            return Ok(printed.html);
        }
        let printed = print(&engine, &desk, post, state)?;
        cards.put(key, printed.clone());
        Ok(printed.html)
    });
}

fn print(engine: &Tera, desk: &Mutex<Desk>, post: Value, state: &State<'_>) -> TeraResult<Printed> {
    let mut context = Context::new();
    context.insert_value("card", post);
    context.insert_value("language", Value::from(lock(desk).language.as_str()));
    context.insert_value("words", state.get::<Value>("words")?.unwrap_or_else(Value::none));
    let before = lock(desk).reads.len();
    match engine.render(TEMPLATE, &context) {
        Ok(html) => {
            let reads = Arc::from(&lock(desk).reads[before..]);
            Ok(Printed { html: Value::safe_string(&html), reads })
        }
        Err(error) => {
            // Tera makes a text of it on the way up, and the place in the template would be lost.
            let message = tera::Error::message(error.to_string());
            lock(desk).fault = Some(error);
            Err(message)
        }
    }
}
