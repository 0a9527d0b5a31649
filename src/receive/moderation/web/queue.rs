//! The lists of linkbacks, a page at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tera::Context;

use crate::error::Result;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{self, InboxItem};
use crate::receive::queue::cursor::{ItemPage, PagePosition};
use crate::receive::queue::store::{ItemFilter, LinkbackStore};
use crate::receive::site_index::IndexSnapshot;

use super::cursor::ListPosition;
use super::views::{ItemView, Notice, StateTab};
use super::{ModerationApp, SHOWN, blocking, fields, html, see, views};

pub(super) async fn queue(
    State(office): State<Arc<ModerationApp>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let session = office.with_session(&headers, |session| {
        let notices = std::mem::take(&mut session.notices);
        (session.csrf.clone(), notices)
    });
    let Some((csrf, notices)) = session else { return see("login") };
    let spot = ListPosition::of(&fields(query.unwrap_or_default().as_bytes()));
    blocking(move || {
        let (snapshot, store) = (office.index.snapshot(), office.store()?);
        let untold = office.herald.untold().into_iter();
        let untold = untold
            .map(|untold| Notice::bad(&format!("One could not be told: {untold}. The decision is kept.")));
        let notices: Vec<Notice> = notices.into_iter().chain(untold).collect();
        let mut context = context(&office, (&snapshot, &store), spot.state)?;
        let page = store.page(&filter(spot.state), spot.place, SHOWN)?;
        insert_items(&mut context, &page, (&snapshot, spot));
        context.insert("notices", &notices);
        context.insert("csrf", &csrf);
        Ok(html(StatusCode::OK, views::page(&office.tera, "queue.html", &context)))
    })
    .await
}

pub(super) fn filter(state: state::InboxState) -> ItemFilter {
    let waiting = state == state::InboxState::Held;
    let states = if waiting { BTreeSet::new() } else { BTreeSet::from([state]) };
    ItemFilter { states, waiting, ..ItemFilter::default() }
}

/// What every page of the queue has.
fn context(
    office: &ModerationApp,
    (snapshot, store): (&IndexSnapshot, &LinkbackStore),
    state: state::InboxState,
) -> Result<Context> {
    let (config, waiting) = (&snapshot.config, store.waiting()?);
    let mut context = Context::new();
    context.insert("site", &config.title);
    context.insert("site_url", &format!("{}/", config.base_url));
    context.insert("feed_key", office.token.feed_key());
    context.insert("heading", heading(state));
    context.insert("empty", empty(state));
    context.insert("state", state.name());
    context.insert("waits", &(state == state::InboxState::Held));
    context.insert("waiting", &waiting);
    context.insert("tabs", &tabs(&store.tallies()?, waiting, state));
    context.insert("batch", &store.last_batch()?);
    context.insert("bulk", &views::bulk(state));
    Ok(context)
}

/// The linkbacks of a page, the likeliest answers first, and the ways to the pages beside it.
fn insert_items(context: &mut Context, page: &ItemPage, (snapshot, here): (&IndexSnapshot, ListPosition)) {
    let beside = |count: usize, place: Option<PagePosition>| {
        let place = place.filter(|_| count > 0)?;
        Some(ListPosition { place, ..here }.href())
    };
    let newer = page.items.first().map(|item| PagePosition::NewerThan(item.id));
    let older = page.items.last().map(|item| PagePosition::OlderThan(item.id));
    context.insert("newer", &beside(page.newer, newer));
    context.insert("older", &beside(page.older(), older));
    context.insert("first", &(page.newer + 1));
    context.insert("last", &(page.newer + page.items.len()));
    context.insert("all", &page.all);
    context.insert("here", &here.fields());
    let mut items: Vec<&InboxItem> = page.items.iter().collect();
    items.sort_by_key(|item| {
        std::cmp::Reverse(if item.is_waiting() { signals::confidence(&item.reasons) } else { 0 })
    });
    let shown: Vec<ItemView> =
        items.into_iter().map(|item| ItemView::of(item, &snapshot.config, &snapshot.targets)).collect();
    context.insert("items", &shown);
}

fn tabs(
    tallies: &BTreeMap<state::InboxState, usize>,
    waiting: usize,
    here: state::InboxState,
) -> Vec<StateTab> {
    let states = [
        ("Waiting", state::InboxState::Held),
        ("Approved", state::InboxState::Approved),
        ("Rejected", state::InboxState::Rejected),
        ("Spam", state::InboxState::Spam),
        ("Failed", state::InboxState::Refused),
        ("Gone", state::InboxState::Gone),
        ("Queued", state::InboxState::Queued),
    ];
    let tab = |(name, state): (&'static str, state::InboxState)| StateTab {
        name,
        href: ListPosition { state, place: PagePosition::Newest }.href(),
        count: if state == state::InboxState::Held {
            waiting
        } else {
            tallies.get(&state).copied().unwrap_or(0)
        },
        here: state == here,
    };
    states.map(tab).into()
}

fn heading(state: state::InboxState) -> &'static str {
    match state {
        state::InboxState::Held => "Linkbacks to decide on",
        state::InboxState::Approved => "Approved linkbacks",
        state::InboxState::Rejected => "Rejected linkbacks",
        state::InboxState::Spam => "Spam",
        state::InboxState::Refused => "Linkbacks that failed",
        state::InboxState::Gone => "Linkbacks that are gone",
        state::InboxState::Queued => "Linkbacks not looked at yet",
    }
}

fn empty(state: state::InboxState) -> &'static str {
    match state {
        state::InboxState::Held => "Nothing waits for you.",
        _ => "There are none.",
    }
}
