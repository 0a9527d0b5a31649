//! The moderation page: what waits, why, and a button for each decision.
//!
//! [`router`] is all of it, to be mounted beside the receiver's endpoints. It is plain HTML that works without scripts and
//! allows none; every act is a form with the session's own mark, sent by POST. Addresses within it are relative, so that a
//! proxy may put it anywhere.

mod door;
mod feed;
mod spot;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequestParts, RawQuery, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use tera::{Context, Tera};

use crate::build::{self, Unwatched};
use crate::error::Result;
use crate::linkback::inbox::{self, Item};
use crate::linkback::{jf2, reason};
use crate::receive::catalogue::{Catalogue, Known};
use crate::receive::clock::Clock;
use crate::receive::desk::{Brought, Desk};
use crate::receive::export;
use crate::receive::herald::Herald;
use crate::receive::peer;
use crate::receive::store::decisions::{Decided, Decision};
use crate::receive::store::page::{Page, Place};
use crate::receive::store::{Filter, Store};

pub use self::door::{Encrypted, Token, VARIABLE};
use self::spot::Spot;
use self::view::{ItemView, Notice, Tab};

/// Linkbacks on one page. A person looks at no more at once.
const SHOWN: usize = 50;

/// How long a form may be: a tick is 20 bytes.
const LONGEST_FORM: usize = 64 * 1024;

/// A site to be moderated.
pub struct Office {
    request: build::Request,
    catalogue: Arc<Catalogue>,
    database: PathBuf,
    token: Token,
    encrypted: Encrypted,
    clock: Clock,
    herald: Arc<Herald>,
    tera: Tera,
    sessions: Mutex<door::Sessions>,
    guesses: Mutex<door::Guesses>,
}

/// What an office is opened with.
pub struct Setup {
    /// How the site is built when a decision changes it.
    pub request: build::Request,
    /// The site as the receiver knows it: its settings, and the titles of its posts.
    pub catalogue: Arc<Catalogue>,
    /// The file of the linkbacks.
    pub database: PathBuf,
    /// What opens it.
    pub token: Token,
    /// What time it is.
    pub clock: Clock,
    /// Who tells others of decisions.
    pub herald: Arc<Herald>,
}

impl Office {
    /// An office that is open to whoever has the token.
    pub fn new(setup: Setup) -> Self {
        let Setup { request, catalogue, database, token, clock, herald } = setup;
        let is_encrypted = catalogue.known().config.linkbacks.public_address().starts_with("https://");
        Self {
            request,
            catalogue,
            database,
            token,
            encrypted: if is_encrypted { Encrypted::Yes } else { Encrypted::No },
            clock,
            herald,
            tera: view::templates(),
            sessions: Mutex::default(),
            guesses: Mutex::default(),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    fn store(&self) -> Result<Store> {
        Store::open(&self.database)
    }

    fn desk(&self, now: DateTime<Utc>) -> Result<Desk> {
        Desk::open(&build::Request { now, ..self.request.clone() }, Some(&self.database))
    }

    /// Works with the session of a request; `None` if it has none.
    fn with_session<T>(&self, headers: &HeaderMap, work: impl FnOnce(&mut door::Session) -> T) -> Option<T> {
        let now = self.now();
        locked(&self.sessions).of(headers, now).map(work)
    }

    /// Whether what somebody shows opens a door. Who has shown too much that opens none has to wait.
    fn opens(&self, peer: IpAddr, is_key: impl FnOnce() -> bool) -> std::result::Result<bool, TimeDelta> {
        locked(&self.guesses).judge(peer, is_key, self.now())
    }
}

/// Who asks: the address behind all proxies that are trusted.
struct Peer(IpAddr);

impl FromRequestParts<Arc<Office>> for Peer {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        office: &Arc<Office>,
    ) -> std::result::Result<Self, Response> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        // A server that does not say who is connected is one of ours, wrongly put together.
        let peer = peer.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
        let known = office.catalogue.known();
        Ok(Self(peer::address(peer, &parts.headers, &known.config.linkbacks.trusted_proxies)))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All pages, below `/moderate`.
pub fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/moderate", get(async || see("moderate/")))
        .route("/moderate/", get(queue))
        .route("/moderate/login", get(login_page).post(login))
        .route("/moderate/logout", post(logout))
        .route("/moderate/act", post(act))
        .route("/moderate/undo", post(undo))
        .route("/moderate/feed.atom", get(atom))
        .route("/moderate/export.jf2", get(export_jf2))
        .route("/moderate/export.json", get(export_json))
        .route("/moderate/style.css", get(style))
        .route("/moderate/icon.svg", get(icon))
        .layer(middleware::map_response(strict))
        .with_state(office)
}

/// Whether a request is for this page, where it shares an address with a site.
pub fn claims(path: &str) -> bool {
    path == "/moderate" || path.starts_with("/moderate/")
}

/// Nothing runs, nothing is framed, nothing is kept, and nobody is told where a link was followed from.
async fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("moderate/style.css")).into_response()
}

/// An opening and a closing bracket, with the words between them.
async fn icon() -> Response {
    let icon = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><path fill=\"none\" stroke=\"#9a4a3c\" \
        stroke-width=\"4\" d=\"M10 5H5v22h5M22 5h5v22h-5M11 16h.1M16 16h.1M21 16h.1\" stroke-linecap=\"round\"/></svg>";
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=86400")];
    (headers, icon).into_response()
}

/// Sends a browser on, by GET.
fn see(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("./"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

fn html(status: StatusCode, page: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Does work that waits for the disk, and says so if it failed.
async fn blocking(work: impl FnOnce() -> Result<Response> + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (StatusCode::INTERNAL_SERVER_ERROR, headers, error.to_string()).into_response()
        }
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here"),
    }
}

/// The fields of a form, or of a query.
fn fields(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

async fn read(body: Body) -> Option<Bytes> {
    axum::body::to_bytes(body, LONGEST_FORM).await.ok()
}

// Coming in and going out.

async fn login_page(State(office): State<Arc<Office>>, headers: HeaderMap) -> Response {
    if office.with_session(&headers, |_| ()).is_some() {
        return see("./");
    }
    show_login(&office, StatusCode::OK, "")
}

fn show_login(office: &Office, status: StatusCode, fault: &str) -> Response {
    let mut context = Context::new();
    context.insert("site", &office.catalogue.known().config.title);
    context.insert("fault", fault);
    html(status, view::page(&office.tera, "login.html", &context))
}

async fn login(
    State(office): State<Arc<Office>>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(body) = read(body).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "this form is too long");
    };
    if !door::is_from_here(&headers) {
        return plain(StatusCode::FORBIDDEN, "this form was sent from another site");
    }
    let fields = fields(&body);
    match office.opens(peer, || office.token.is(field(&fields, "token"))) {
        Ok(true) => {
            let number = locked(&office.sessions).begin(office.now());
            with_cookie(see("./"), &door::cookie(&number, office.encrypted))
        }
        Ok(false) => show_login(&office, StatusCode::FORBIDDEN, "This is not the token."),
        Err(wait) => {
            let fault = format!("Too many attempts. Try again in {} minutes.", wait.num_minutes() + 1);
            with_retry_after(show_login(&office, StatusCode::TOO_MANY_REQUESTS, &fault), wait)
        }
    }
}

fn with_retry_after(mut response: Response, wait: TimeDelta) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.num_seconds().max(1)));
    response
}

async fn logout(State(office): State<Arc<Office>>, headers: HeaderMap, body: Body) -> Response {
    match admit(&office, &headers, body).await {
        Ok(_) => {
            locked(&office.sessions).end(&headers);
            with_cookie(see("login"), &door::no_cookie())
        }
        Err(refused) => refused,
    }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The fields of a form that somebody sent who is logged in, from a page of ours.
async fn admit(
    office: &Office,
    headers: &HeaderMap,
    body: Body,
) -> std::result::Result<Vec<(String, String)>, Response> {
    let Some(body) = read(body).await else {
        return Err(plain(StatusCode::PAYLOAD_TOO_LARGE, "this form is too long"));
    };
    let fields = fields(&body);
    let is_own = office.with_session(headers, |session| session.is_own(field(&fields, "csrf")));
    match is_own {
        None => Err(see("login")),
        Some(true) if door::is_from_here(headers) => Ok(fields),
        Some(_) => Err(plain(
            StatusCode::FORBIDDEN,
            "this form is not from a page of yours; go back and load it again",
        )),
    }
}

// The queue.

async fn queue(State(office): State<Arc<Office>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let session = office.with_session(&headers, |session| {
        let notices = std::mem::take(&mut session.notices);
        (session.csrf.clone(), notices)
    });
    let Some((csrf, notices)) = session else { return see("login") };
    let spot = Spot::of(&fields(query.unwrap_or_default().as_bytes()));
    blocking(move || {
        let (known, store) = (office.catalogue.known(), office.store()?);
        let untold = office
            .herald
            .untold()
            .into_iter()
            .map(|untold| (true, format!("One could not be told: {untold}. The decision is kept.")));
        let notices: Vec<Notice> = notices
            .into_iter()
            .chain(untold)
            .map(|(bad, text)| Notice { bad, text: view::quoted(&text) })
            .collect();
        let mut context = context(&office, (&known, &store), spot.state)?;
        let page = store.page(&filter(spot.state), spot.place, SHOWN)?;
        insert_items(&mut context, &page, (&known, spot));
        context.insert("notices", &notices);
        context.insert("csrf", &csrf);
        Ok(html(StatusCode::OK, view::page(&office.tera, "queue.html", &context)))
    })
    .await
}

fn filter(state: inbox::State) -> Filter {
    let waiting = state == inbox::State::Held;
    let states = if waiting { BTreeSet::new() } else { BTreeSet::from([state]) };
    Filter { states, waiting, ..Filter::default() }
}

/// What every page of the queue has.
fn context(office: &Office, (known, store): (&Known, &Store), state: inbox::State) -> Result<Context> {
    let (config, waiting) = (&known.config, store.waiting()?);
    let mut context = Context::new();
    context.insert("site", &config.title);
    context.insert("site_url", &format!("{}/", config.base_url));
    context.insert("feed_key", office.token.feed_key());
    context.insert("heading", heading(state));
    context.insert("empty", empty(state));
    context.insert("state", state.name());
    context.insert("waits", &(state == inbox::State::Held));
    context.insert("waiting", &waiting);
    context.insert("tabs", &tabs(&store.tallies()?, waiting, state));
    context.insert("batch", &store.last_batch()?);
    context.insert("bulk", &view::bulk(state));
    Ok(context)
}

/// The linkbacks of a page, the likeliest answers first, and the ways to the pages beside it.
fn insert_items(context: &mut Context, page: &Page, (known, here): (&Known, Spot)) {
    let beside = |count: usize, place: Option<Place>| {
        let place = place.filter(|_| count > 0)?;
        Some(Spot { place, ..here }.href())
    };
    let newer = page.items.first().map(|item| Place::NewerThan(item.id));
    let older = page.items.last().map(|item| Place::OlderThan(item.id));
    context.insert("newer", &beside(page.newer, newer));
    context.insert("older", &beside(page.older(), older));
    context.insert("first", &(page.newer + 1));
    context.insert("last", &(page.newer + page.items.len()));
    context.insert("all", &page.all);
    context.insert("here", &here.fields());
    let mut items: Vec<&Item> = page.items.iter().collect();
    items.sort_by_key(|item| {
        std::cmp::Reverse(if item.is_waiting() { reason::confidence(&item.reasons) } else { 0 })
    });
    let shown: Vec<ItemView> =
        items.into_iter().map(|item| ItemView::of(item, &known.config, &known.addresses)).collect();
    context.insert("items", &shown);
}

fn tabs(tallies: &BTreeMap<inbox::State, usize>, waiting: usize, here: inbox::State) -> Vec<Tab> {
    let states = [
        ("Waiting", inbox::State::Held),
        ("Approved", inbox::State::Approved),
        ("Rejected", inbox::State::Rejected),
        ("Spam", inbox::State::Spam),
        ("Failed", inbox::State::Refused),
        ("Gone", inbox::State::Gone),
        ("Queued", inbox::State::Queued),
    ];
    let tab = |(name, state): (&'static str, inbox::State)| Tab {
        name,
        href: Spot { state, place: Place::Newest }.href(),
        count: if state == inbox::State::Held { waiting } else { tallies.get(&state).copied().unwrap_or(0) },
        here: state == here,
    };
    states.map(tab).into()
}

fn heading(state: inbox::State) -> &'static str {
    match state {
        inbox::State::Held => "Linkbacks to decide on",
        inbox::State::Approved => "Approved linkbacks",
        inbox::State::Rejected => "Rejected linkbacks",
        inbox::State::Spam => "Spam",
        inbox::State::Refused => "Linkbacks that failed",
        inbox::State::Gone => "Linkbacks that are gone",
        inbox::State::Queued => "Linkbacks not looked at yet",
    }
}

fn empty(state: inbox::State) -> &'static str {
    match state {
        inbox::State::Held => "Nothing waits for you.",
        _ => "There are none.",
    }
}

// Acts.

async fn act(State(office): State<Arc<Office>>, headers: HeaderMap, body: Body) -> Response {
    let fields = match admit(&office, &headers, body).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    blocking(move || {
        let (name, number) = field(&fields, "act").split_once(' ').unwrap_or((field(&fields, "act"), ""));
        let numbers = match number.parse() {
            Ok(number) => vec![number],
            Err(_) => chosen(&fields),
        };
        let notices = match Decision::of_name(name) {
            _ if numbers.is_empty() => vec![(true, "No linkback is ticked.".to_owned())],
            Some(decision) => decide(&office, &numbers, decision)?,
            None if name == "retry" => {
                let items = office.store()?.retry(&numbers, office.now())?;
                vec![(false, format!("{} will be looked at again.", counted(items.len())))]
            }
            None => vec![(true, "There is no such button.".to_owned())],
        };
        Ok(back(&office, &headers, notices, Spot::of(&fields)))
    })
    .await
}

/// The linkbacks that are ticked, or all that the page showed; what came since then nobody has seen.
fn chosen(fields: &[(String, String)]) -> Vec<i64> {
    let name = if field(fields, "all") == "yes" { "shown" } else { "number" };
    let chosen = fields.iter().filter(|(known, _)| known == name);
    chosen.filter_map(|(_, number)| number.parse().ok()).collect()
}

async fn undo(State(office): State<Arc<Office>>, headers: HeaderMap, body: Body) -> Response {
    let fields = match admit(&office, &headers, body).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    blocking(move || {
        let now = office.now();
        let mut desk = office.desk(now)?;
        // Whoever presses the button twice, or on an old page, means one decision only.
        let undone = desk.store.undo(field(&fields, "batch").parse().ok(), now)?;
        let brought = desk.rebuild(now, &Unwatched)?;
        let said = match &undone {
            Some(undone) => {
                format!("Taken back: {} of {}.", undone.decision.name(), counted(undone.items.len()))
            }
            None => "This decision was taken back already, or is not the last any more.".to_owned(),
        };
        let mut notices = vec![(false, said)];
        notices.extend(said_of(&brought));
        // The page is answered at once: a command that publishes may take minutes.
        brought.news().into_iter().for_each(|news| office.herald.tell(news));
        Ok(back(&office, &headers, notices, Spot::of(&fields)))
    })
    .await
}

fn decide(office: &Office, numbers: &[i64], decision: Decision) -> Result<Vec<(bool, String)>> {
    let now = office.now();
    let mut desk = office.desk(now)?;
    let decided = desk.store.decide(numbers, decision, now)?;
    let brought = desk.rebuild(now, &Unwatched)?;
    let mut notices = vec![];
    let done: Vec<&Decided> = decided.iter().filter(|one| one.refused.is_none()).collect();
    if !done.is_empty() {
        notices.push((false, said_of_decision(decision, &done)));
    }
    let refused = decided.iter().filter_map(|one| Some((one.item.id, one.refused.as_ref()?)));
    notices.extend(refused.map(|(id, reason)| (true, format!("Number {id} was left as it is: {reason}."))));
    notices.extend(said_of(&brought));
    brought.news().into_iter().for_each(|news| office.herald.tell(news));
    Ok(notices)
}

fn said_of_decision(decision: Decision, done: &[&Decided]) -> String {
    let word = match decision {
        Decision::Approve | Decision::Trust => "Approved",
        Decision::Reject => "Rejected",
        Decision::Spam => "Marked as spam",
        Decision::Block => "Rejected and blocked",
    };
    let whom: BTreeSet<&str> = done.iter().filter_map(|one| Some(one.listed.as_ref()?.as_str())).collect();
    let whom = whom.into_iter().collect::<Vec<_>>().join(", ");
    let listed = match decision {
        Decision::Trust if whom.is_empty() => {
            " Its author cannot be told from others there, and is not trusted.".to_owned()
        }
        Decision::Block if whom.is_empty() => {
            " Its author cannot be told from others there, and is not blocked.".to_owned()
        }
        Decision::Trust => format!(" From now on {whom} is trusted."),
        Decision::Block => format!(" From now on nothing is taken from {whom}."),
        _ => String::new(),
    };
    format!("{word}: {}.{listed}", counted(done.len()))
}

/// What became of the site.
fn said_of(brought: &Brought) -> Vec<(bool, String)> {
    let mut notices = Vec::new();
    for fault in &brought.written.faults {
        notices.push((true, format!("{}: {}. The decision is kept.", fault.path, fault.message)));
    }
    if brought.report.as_ref().is_some_and(|report| !report.built) {
        let fault = "The decision is kept and written, but the site has errors and was not built.";
        notices.push((true, fault.to_owned()));
    }
    notices.extend(brought.untold.iter().map(|untold| (true, format!("{untold}. The decision is kept."))));
    notices
}

fn counted(count: usize) -> String {
    if count == 1 { "1 linkback".to_owned() } else { format!("{count} linkbacks") }
}

/// Back to the page, with something to say.
fn back(office: &Office, headers: &HeaderMap, notices: Vec<(bool, String)>, spot: Spot) -> Response {
    office.with_session(headers, |session| session.notices.extend(notices));
    see(&spot.href())
}

// For programs.

async fn atom(
    State(office): State<Arc<Office>>,
    Peer(peer): Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = fields(query.unwrap_or_default().as_bytes());
    let is_key = || office.token.opens_feed(field(&query, "key")) || shows_token(&office, &headers);
    match office.opens(peer, is_key) {
        Ok(true) => {}
        Ok(false) => {
            let text = "the feed's address has a key, which the moderation page shows";
            return plain(StatusCode::FORBIDDEN, text);
        }
        Err(wait) => return too_many(wait),
    }
    blocking(move || {
        let items = office.store()?.list(&Filter { limit: SHOWN, ..filter(inbox::State::Held) })?;
        let known = office.catalogue.known();
        let place = known.config.linkbacks.public_address();
        let page = if place.is_empty() { String::new() } else { format!("{place}/moderate/") };
        let feed = feed::atom(&items, &known.config, &page);
        Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed).into_response())
    })
    .await
}

/// Whether a program shows the token itself.
fn shows_token(office: &Office, headers: &HeaderMap) -> bool {
    door::bearer(headers).is_some_and(|token| office.token.is(token))
}

fn too_many(wait: TimeDelta) -> Response {
    with_retry_after(plain(StatusCode::TOO_MANY_REQUESTS, "too many attempts; try again later"), wait)
}

async fn export_jf2(state: State<Arc<Office>>, peer: Peer, query: RawQuery, headers: HeaderMap) -> Response {
    exported(state, peer, (query, headers), "application/jf2feed+json").await
}

async fn export_json(state: State<Arc<Office>>, peer: Peer, query: RawQuery, headers: HeaderMap) -> Response {
    exported(state, peer, (query, headers), "application/json").await
}

/// What is approved, from a cursor on, for a site that is built elsewhere.
async fn exported(
    State(office): State<Arc<Office>>,
    Peer(peer): Peer,
    (RawQuery(query), headers): (RawQuery, HeaderMap),
    content_type: &'static str,
) -> Response {
    match office.opens(peer, || shows_token(&office, &headers)) {
        Ok(true) => {}
        Ok(false) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"linkbacks\"")];
            return (StatusCode::UNAUTHORIZED, challenge, "{\"error\":\"unauthorized\"}").into_response();
        }
        Err(wait) => return too_many(wait),
    }
    blocking(move || {
        let query = fields(query.unwrap_or_default().as_bytes());
        let known = office.catalogue.known();
        let page = export::page(&office.store()?, &known.config, field(&query, "cursor"))?;
        let body = if content_type == "application/json" {
            export::json(&page.entries).to_string()
        } else {
            jf2::feed("Linkbacks", &page.entries, Some(&page.cursor)).to_string()
        };
        Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
    })
    .await
}
