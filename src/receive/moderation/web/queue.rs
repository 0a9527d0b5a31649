//! The lists of linkbacks, a page at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tera::Context;

use crate::error::Result;
use crate::linkback::inbox::signals;
use crate::linkback::inbox::state::{InboxItem, InboxState};
use crate::receive::pages::ReceiverPages;
use crate::receive::queue::cursor::{ItemPage, PagePosition};
use crate::receive::queue::store::{ItemFilter, LinkbackStore};
use crate::receive::site_index::IndexSnapshot;

use super::cursor::ListPosition;
use super::views::{ItemView, Notice, StateTab};
use super::{ModerationApp, SHOWN, blocking, fields, html, see, views};

pub(super) async fn queue(
    State(app): State<Arc<ModerationApp>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let session = app.with_session(&headers, |session| {
        let notices = std::mem::take(&mut session.notices);
        (session.csrf.clone(), notices)
    });
    let Some((csrf, notices)) = session else { return see("login") };
    let position = ListPosition::of(&fields(query.unwrap_or_default().as_bytes()));
    blocking(move || {
        let (snapshot, store) = (app.index.snapshot(), app.store()?);
        let failed = app.notifications.take_failures().into_iter().map(|failure| {
            let reason = failure.to_string();
            Notice::bad(&snapshot.pages.text_with("moderate_not_notified", &[("reason", &reason)]))
        });
        let notices: Vec<Notice> = notices.into_iter().chain(failed).collect();
        let mut context = context(&app, &snapshot, &store, position.state)?;
        let page = store.page(&filter(position.state), position.place, SHOWN)?;
        insert_items(&mut context, &page, &snapshot, position);
        context.insert("notices", &notices);
        context.insert("csrf", &csrf);
        Ok(html(StatusCode::OK, snapshot.pages.render("queue.html", context)))
    })
    .await
}

pub(super) fn filter(state: InboxState) -> ItemFilter {
    let waiting = state == InboxState::Held;
    let states = if waiting { BTreeSet::new() } else { BTreeSet::from([state]) };
    ItemFilter { states, waiting, ..ItemFilter::default() }
}

/// What every page of the queue has.
fn context(
    app: &ModerationApp,
    snapshot: &IndexSnapshot,
    store: &LinkbackStore,
    state: InboxState,
) -> Result<Context> {
    let (config, waiting) = (&snapshot.config, store.waiting()?);
    let mut context = Context::new();
    context.insert("site", &config.title);
    context.insert("site_url", &format!("{}/", config.base_url));
    context.insert("feed_key", app.token.feed_key());
    context.insert("heading", &snapshot.pages.text(&format!("moderate_list_{}", state.name())));
    context.insert("empty", &snapshot.pages.text(empty(state)));
    context.insert("state", state.name());
    context.insert("waits", &(state == InboxState::Held));
    context.insert("waiting", &waiting);
    context.insert("tabs", &tabs(&snapshot.pages, &store.tallies()?, waiting, state));
    context.insert("batch", &store.last_batch()?);
    context.insert("bulk", &views::bulk(&snapshot.pages, state));
    Ok(context)
}

/// The linkbacks of a page, the likeliest answers first, and the ways to the pages beside it.
fn insert_items(context: &mut Context, page: &ItemPage, snapshot: &IndexSnapshot, here: ListPosition) {
    let newer = page.items.first().filter(|_| page.newer > 0).map(|item| PagePosition::NewerThan(item.id));
    let older = page.items.last().filter(|_| page.older() > 0).map(|item| PagePosition::OlderThan(item.id));
    context.insert("newer", &newer.map(|place| ListPosition { place, ..here }.href()));
    context.insert("older", &older.map(|place| ListPosition { place, ..here }.href()));
    context.insert("range", &range(&snapshot.pages, page));
    context.insert("all_shown", &snapshot.pages.counted("moderate_all_shown", page.items.len()));
    context.insert("here", &here.fields());
    let mut items: Vec<&InboxItem> = page.items.iter().collect();
    items.sort_by_key(|item| {
        std::cmp::Reverse(if item.is_waiting() { signals::confidence(&item.reasons) } else { 0 })
    });
    let shown: Vec<ItemView> = items.into_iter().map(|item| ItemView::of(item, snapshot)).collect();
    context.insert("items", &shown);
}

/// Which of the list's linkbacks are on a page.
fn range(pages: &ReceiverPages, page: &ItemPage) -> String {
    let (first, last) = (page.newer + 1, page.newer + page.items.len());
    let values = [("first", first), ("last", last), ("all", page.all)];
    let values = values.map(|(name, number)| (name, number.to_string()));
    pages.text_with("moderate_range", &values.each_ref().map(|(name, number)| (*name, number.as_str())))
}

fn tabs(
    pages: &ReceiverPages,
    tallies: &BTreeMap<InboxState, usize>,
    waiting: usize,
    here: InboxState,
) -> Vec<StateTab> {
    let states = [
        InboxState::Held,
        InboxState::Approved,
        InboxState::Rejected,
        InboxState::Spam,
        InboxState::Refused,
        InboxState::Gone,
        InboxState::Queued,
    ];
    let tabs = states.map(|state| StateTab {
        name: pages.text(&format!("moderate_tab_{}", state.name())),
        href: ListPosition { state, place: PagePosition::Newest }.href(),
        count: match state {
            InboxState::Held => waiting,
            _ => tallies.get(&state).copied().unwrap_or(0),
        },
        here: state == here,
    });
    tabs.into()
}

fn empty(state: InboxState) -> &'static str {
    match state {
        InboxState::Held => "moderate_none_waits",
        _ => "moderate_none",
    }
}
