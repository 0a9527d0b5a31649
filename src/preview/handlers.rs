//! From a request to an answer. No path of a request ever reaches the file system: it is looked up among the
//! outputs of the plan, and only what the plan would publish is found.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::outgoing::quote_form::{
    self, PostChoice, QuoteForm, QuoteFormPlace, QuoteFormResult, QuotingSite,
};
use crate::page::kinds::PageKind;
use crate::page::{Page, Plan};
use crate::path::{SourcePath, UrlPath, percent_decode};
use crate::post::Post;
use crate::preview::file_body;
use crate::preview::host_check::HostCheck;
use crate::preview::live::{self, BrowserEvent};
use crate::preview::overlay::{self, Overlay};
use crate::preview::pictures::PictureWork;
use crate::preview::response::{ResponseContent, plain};
use crate::preview::served::{CurrentSite, PreviewState, RenderedPage, ServedSite};
use crate::scan::symlinks::SymlinkRule;
use crate::scan::{self, FileOrigin};

/// Where the preview's own things are: a site publishes nothing below a name with a dot that is ours.
pub(super) const SCRIPT: &str = "/.backmatter/preview.js";
pub(super) const OPEN: &str = "/.backmatter/open";
const EVENTS: &str = "/.backmatter/events";
const QUOTE_STYLE: &str = "/.backmatter/quote.css";
/// The form that makes a quotation.
const QUOTE: &str = "/_quote";

#[derive(Clone)]
struct HandlerState {
    shared: Arc<PreviewState>,
    host_check: HostCheck,
}

/// All that the preview answers.
pub(super) fn router(shared: Arc<PreviewState>, host_check: HostCheck) -> Router {
    Router::new()
        .route(SCRIPT, get(script))
        .route(EVENTS, get(listen))
        .route(OPEN, post(open))
        .route(QUOTE, get(open_quote_form).post(make_quote))
        .route(QUOTE_STYLE, get(quote_style))
        .fallback(answer)
        .with_state(HandlerState { shared, host_check })
}

/// What stands at an address.
pub(super) enum PreviewResource {
    /// A page, with what the preview adds to it.
    Page {
        /// 200, or 404 with the page for missing addresses.
        status: StatusCode,
        html: Vec<u8>,
        /// Differs whenever the page looks different.
        version: String,
    },
    /// Something else that is made.
    Generated {
        bytes: Vec<u8>,
        content_type: String,
        version: String,
        /// Why these are the bytes of a while ago.
        fault: Option<Box<Diagnostic>>,
    },
    /// A picture that is made when it is asked for, or that is published without what it tells besides.
    Picture { work: PictureWork, content_type: String, version: String },
    /// A file that is copied.
    File { origin: FileOrigin, content_type: String, version: String },
    /// It stands at another address.
    Moved(String),
    /// A redirect of the site leads elsewhere, and takes no query along.
    Redirected(String),
    /// Not an address, or not served, and why.
    Refused(StatusCode, String),
}

impl PreviewResource {
    /// A text that differs whenever a browser would show something else.
    pub(super) fn version(&self) -> &str {
        match self {
            Self::Page { version, .. }
            | Self::Generated { version, .. }
            | Self::Picture { version, .. }
            | Self::File { version, .. } => version,
            Self::Moved(to) | Self::Redirected(to) => to,
            Self::Refused(_, why) => why,
        }
    }
}

async fn script(State(state): State<HandlerState>, headers: HeaderMap) -> Response<Body> {
    if let Some(refusal) = refusal(&state, &headers) {
        return refusal;
    }
    let content_type = HeaderValue::from_static("text/javascript; charset=utf-8");
    let no_cache = HeaderValue::from_static("no-cache");
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, no_cache)], overlay::SCRIPT_TEXT)
        .into_response()
}

#[derive(Deserialize)]
struct EventsQuery {
    page: String,
    #[serde(default)]
    seen: String,
}

async fn listen(
    State(state): State<HandlerState>,
    headers: HeaderMap,
    Query(asked): Query<EventsQuery>,
) -> Response<Body> {
    if let Some(refusal) = refusal(&state, &headers) {
        return refusal;
    }
    let news = live::of_page(state.shared, asked.page, asked.seen);
    Sse::new(tokio_stream::StreamExt::map(news, |BrowserEvent { name, data }| {
        Ok::<_, Infallible>(Event::default().event(name).data(data))
    }))
    .into_response()
}

#[derive(Deserialize)]
struct OpenForm {
    file: String,
    line: usize,
}

/// Opens a file of the site in the author's editor, on request of a page of this preview.
async fn open(
    State(state): State<HandlerState>,
    headers: HeaderMap,
    Form(asked): Form<OpenForm>,
) -> Response<Body> {
    if let Some(refusal) = refusal(&state, &headers) {
        return refusal;
    }
    if !state.host_check.is_from_our_page(&headers) {
        return plain(StatusCode::FORBIDDEN, "only a page of this preview can open files");
    }
    let Some(editor) = &state.shared.editor else {
        return plain(StatusCode::NOT_FOUND, "no editor is known; start the preview with `--editor COMMAND`");
    };
    let shown = state.shared.now().site;
    let Some(file) = SourcePath::new(&asked.file).filter(|file| is_of_the_site(&shown, file)) else {
        return plain(StatusCode::NOT_FOUND, "there is no such file in the site");
    };
    match editor.open(&scan::on_disk(&state.shared.root, file.as_str()), asked.line.max(1)) {
        // The browser stays where it is.
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            plain(StatusCode::INTERNAL_SERVER_ERROR, &format!("the editor cannot be started: {error}"))
        }
    }
}

async fn quote_style(State(state): State<HandlerState>, headers: HeaderMap) -> Response<Body> {
    if let Some(refusal) = refusal(&state, &headers) {
        return refusal;
    }
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], quote_form::STYLE).into_response()
}

/// The form as a bookmarklet opens it. No page is asked for, and nothing is written.
async fn open_quote_form(
    State(state): State<HandlerState>,
    headers: HeaderMap,
    Query(fields): Query<Vec<(String, String)>>,
) -> Response<Body> {
    if let Some(refusal) = refusal(&state, &headers) {
        return refusal;
    }
    let form = QuoteForm::of(&fields);
    quote_page(&state, &headers, &form, &QuoteFormResult::default())
}

/// Makes the quotation of a form, which a page of this preview has sent.
async fn make_quote(
    State(state): State<HandlerState>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response<Body> {
    if let Some(refusal) = refusal(&state, &headers) {
        return refusal;
    }
    if !state.host_check.is_from_our_page(&headers) {
        return plain(StatusCode::FORBIDDEN, "only a page of this preview can make quotations");
    }
    let form = QuoteForm::of(&fields);
    let (sent, site) = (form.clone(), quoting_site(&state));
    match tokio::task::spawn_blocking(move || sent.send(&site)).await {
        Ok(result) => quote_page(&state, &headers, &form, &result),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here"),
    }
}

fn quoting_site(state: &HandlerState) -> QuotingSite {
    let shown = state.shared.now().site;
    let site = &shown.plan.site;
    QuotingSite {
        root: state.shared.root.clone(),
        config: site.config.clone(),
        locale: shown.theme.locales.locale(&site.config.language),
        posts: PostChoice::all_of(site),
        now: site.now.time().to_utc(),
    }
}

fn quote_page(
    state: &HandlerState,
    headers: &HeaderMap,
    form: &QuoteForm,
    result: &QuoteFormResult,
) -> Response<Body> {
    const POLICY: &str =
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let place = QuoteFormPlace {
        style: QUOTE_STYLE,
        icon: "",
        action: QUOTE,
        address: &format!("http://{host}{QUOTE}"),
        csrf: "",
        manifest: "",
    };
    let html = form.page(&quoting_site(state), &place, result);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, html).into_response()
}

/// Whether a file is one that a page offers to open: a post, or one with a fault.
fn is_of_the_site(shown: &ServedSite, file: &SourcePath) -> bool {
    shown.plan.site.entry(file).is_some() || shown.faults.iter().any(|fault| fault.path == file.as_str())
}

async fn answer(State(state): State<HandlerState>, request: Request) -> Response<Body> {
    if let Some(refusal) = refusal(&state, request.headers()) {
        return refusal;
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "this is a preview: it can be read only");
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    let (shared, uri) = (Arc::clone(&state.shared), request.uri().clone());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let found = tokio::task::spawn_blocking(move || {
        redirected(&shared, uri.path(), &query).unwrap_or_else(|| find(&shared, uri.path()))
    })
    .await;
    match found {
        Ok(found) => respond(&state.shared, found, request.uri().query(), request.headers()).await,
        Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "backmatter cannot make this page, which is a fault of backmatter; please report it",
        ),
    }
}

/// The answer to a request that is not admitted.
fn refusal(state: &HandlerState, headers: &HeaderMap) -> Option<Response<Body>> {
    let name = state.host_check.admits(headers).err()?;
    let port = state.host_check.port();
    let text = format!(
        "this preview does not answer to the name `{name}`: go to http://localhost:{port}/, or start it with `--host {name}`"
    );
    Some(plain(StatusCode::FORBIDDEN, &text))
}

/// Where a redirect of the site leads: one with a query before any page, the others where no page is, as at a host.
fn redirected(shared: &PreviewState, path: &str, query: &str) -> Option<PreviewResource> {
    let plan = &shared.now().site.plan;
    let config = &plan.site.config;
    let below = path.strip_prefix(config.base_path()).filter(|below| below.starts_with('/'))?;
    let to = match answers_by_page(plan, below) {
        true => plan.redirects.find_by_query(config, below, query)?,
        false => plan.redirects.find(config, below, query)?,
    };
    Some(PreviewResource::Redirected(to))
}

/// Whether a page stands at a path, be it one that leads on.
fn answers_by_page(plan: &Plan, path: &str) -> bool {
    let url = decode(path).and_then(|decoded| UrlPath::new(&decoded));
    url.is_some_and(|url| {
        let folder = UrlPath::new(&format!("{}/", url.as_str().trim_end_matches('/')));
        plan.page_at(&url).is_some() || folder.is_some_and(|folder| plan.page_at(&folder).is_some())
    })
}

/// What stands at the path of a request.
pub(super) fn find(shared: &PreviewState, path: &str) -> PreviewResource {
    let now = shared.now();
    let shown = &now.site;
    let Some(decoded) = decode(path) else {
        return PreviewResource::Refused(StatusCode::BAD_REQUEST, "this is not an address".to_owned());
    };
    let config = &shown.plan.site.config;
    let base = percent_decode(config.base_path());
    let Some(below) = decoded.strip_prefix(&base).filter(|below| below.starts_with('/')) else {
        let home = format!("{}/", config.base_path());
        let leads_home = decoded == "/" || decoded == base;
        return if leads_home { PreviewResource::Moved(home) } else { missing(shared, &now, None) };
    };
    let Some(url) = UrlPath::new(below) else {
        return PreviewResource::Refused(StatusCode::BAD_REQUEST, "this is not an address".to_owned());
    };
    let plan = &shown.plan;
    if let Some(page) = plan.page_at(&url) {
        return found(shared, &now, page);
    }
    // A folder's address by the name of its file, as hosts know it as well.
    if let Some(folder) = below.strip_suffix("index.html").and_then(UrlPath::new)
        && folder.as_str().ends_with('/')
        && let Some(page) = plan.page_at(&folder)
    {
        return found(shared, &now, page);
    }
    let folder = UrlPath::new(&format!("{url}/")).filter(|_| !below.ends_with('/'));
    if let Some(page) = folder.and_then(|folder| plan.page_at(&folder)) {
        return PreviewResource::Moved(config.url(&page.url));
    }
    missing(shared, &now, Some(&url))
}

/// The path of a request, decoded once; none if a part of it could be taken for more than a name.
fn decode(path: &str) -> Option<String> {
    let mut decoded = String::with_capacity(path.len());
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    for (at, part) in parts.iter().enumerate() {
        let part = percent_decode(part);
        let is_last = at + 1 == parts.len();
        let is_name = !matches!(part.as_str(), "." | "..")
            && !part.contains(['/', '\\'])
            && !part.chars().any(char::is_control)
            && (!part.is_empty() || is_last);
        if !is_name {
            return None;
        }
        decoded.push('/');
        decoded.push_str(&part);
    }
    Some(decoded)
}

fn found(shared: &PreviewState, now: &CurrentSite, page: &Page) -> PreviewResource {
    let shown = &now.site;
    if let Some(work) = PictureWork::of(shown, page) {
        let version = crate::hash::Hash::of_value(&shown.plan.render_input(page)).to_string();
        return PreviewResource::Picture { work, content_type: content_type(page), version };
    }
    if let PageKind::Copy(file) = &page.kind {
        let hash = shown.plan.site.files.get(&file.path).map(|file| file.hash).unwrap_or_default();
        return match shown.origins.get(&file.path) {
            Some(origin) => PreviewResource::File {
                origin: origin.clone(),
                content_type: content_type(page),
                version: hash.to_string(),
            },
            None => missing(shared, now, Some(&page.url)),
        };
    }
    let rendered = shared.render_page(now, page);
    if !page.kind.is_html() {
        return made(rendered, page);
    }
    let bytes = match &rendered.bytes {
        Some(bytes) => Arc::clone(bytes),
        None => Arc::new(overlay::empty_page("This page cannot be shown")),
    };
    let post = page.kind.post(&shown.plan.site).map(|post| &**post);
    framed(shared, shown, &bytes, OverlayInput { status: StatusCode::OK, post, rendered: Some(&rendered) })
}

/// A feed and its like. As a page, it stays as it was last made while that cannot be done.
fn made(rendered: RenderedPage, page: &Page) -> PreviewResource {
    match (rendered.bytes, rendered.fault) {
        (Some(bytes), fault) => PreviewResource::Generated {
            version: crate::hash::Hash::of(&bytes).to_string(),
            bytes: bytes.to_vec(),
            content_type: content_type(page),
            fault,
        },
        (None, Some(fault)) => PreviewResource::Refused(StatusCode::INTERNAL_SERVER_ERROR, fault.message),
        (None, None) => PreviewResource::Refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the templates of the site have faults".to_owned(),
        ),
    }
}

/// The header that says why bytes are those of a while ago, where they cannot say it themselves.
const FAULT: HeaderName = HeaderName::from_static("x-backmatter-fault");

/// A fault on one line. Bytes that are not ASCII are allowed in a header, control characters are not (RFC 9110
/// section 5.5).
fn in_header(fault: &Diagnostic) -> Option<HeaderValue> {
    let text: String = format!("{}: {}", fault.path, fault.message);
    let text = text.replace(char::is_control, " ");
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

/// What is framed.
struct OverlayInput<'a> {
    status: StatusCode,
    /// The post it shows, or would.
    post: Option<&'a Post>,
    rendered: Option<&'a RenderedPage>,
}

fn framed(
    shared: &PreviewState,
    shown: &ServedSite,
    bytes: &[u8],
    framed: OverlayInput<'_>,
) -> PreviewResource {
    // Why a post cannot be rendered need not be added where its own fault is shown.
    let is_told =
        |own: &Diagnostic| shown.faults.iter().any(|fault| fault.is_error() && fault.path == own.path);
    let own = framed.rendered.and_then(|rendered| rendered.fault.as_deref()).filter(|own| !is_told(own));
    let framer = Overlay {
        root: &shared.root,
        editor: shared.editor.as_ref(),
        reload: shared.reload,
        now: shown.plan.site.now,
        faults: own.into_iter().chain(&shown.faults).collect(),
    };
    let (html, version) = framer.frame(bytes, framed.post);
    PreviewResource::Page { status: framed.status, html, version }
}

/// The page for missing addresses; or the last there was, if that may be missing because of a fault.
fn missing(shared: &PreviewState, now: &CurrentSite, url: Option<&UrlPath>) -> PreviewResource {
    let shown = &now.site;
    let has_errors = shown.faults.iter().any(Diagnostic::is_error);
    if let Some(bytes) = url.filter(|_| has_errors).and_then(|url| shared.last_good(url)) {
        return framed(
            shared,
            shown,
            &bytes,
            OverlayInput { status: StatusCode::OK, post: None, rendered: None },
        );
    }
    let absent = shown.plan.site.absent.iter().find(|absent| Some(&absent.post.url) == url);
    let post = absent.map(|absent| &*absent.post);
    let status = StatusCode::NOT_FOUND;
    let not_found = UrlPath::new("/404.html").and_then(|url| shown.plan.page_at(&url));
    let page = match not_found {
        Some(page) if matches!(page.kind, PageKind::NotFound(_)) => {
            let rendered = shared.render_page(now, page);
            let bytes = rendered.bytes.clone().unwrap_or_else(|| Arc::new(overlay::empty_page("Not found")));
            return framed(shared, shown, &bytes, OverlayInput { status, post, rendered: Some(&rendered) });
        }
        Some(Page { kind: PageKind::Copy(file), .. }) => {
            shown.origins.get(&file.path).and_then(|origin| origin.read().ok())
        }
        _ => None,
    };
    let bytes = page.unwrap_or_else(|| overlay::empty_page("Not found"));
    framed(shared, shown, &bytes, OverlayInput { status, post, rendered: None })
}

/// The content type that hosts tell by the name of a file, with the encoding of what is text.
fn content_type(page: &Page) -> String {
    let name = Path::new(page.to.as_str());
    let guess = match &page.kind {
        PageKind::Text(_) => mime_guess::from_path(name).first_or_text_plain(),
        _ => mime_guess::from_path(name).first_or_octet_stream(),
    };
    let is_text = guess.type_() == "text"
        || guess.suffix().is_some_and(|suffix| suffix == "xml" || suffix == "json")
        || ["javascript", "json", "xml", "manifest+json"].contains(&guess.subtype().as_str());
    if is_text { format!("{}; charset=utf-8", guess.essence_str()) } else { guess.essence_str().to_owned() }
}

async fn respond(
    shared: &PreviewState,
    found: PreviewResource,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Response<Body> {
    let content = match found {
        PreviewResource::Moved(to) => return moved(&to, query),
        PreviewResource::Redirected(to) => return moved(&to, None),
        PreviewResource::Refused(status, why) => return plain(status, &why),
        PreviewResource::Page { status, html, version } => ResponseContent {
            status,
            content_type: "text/html; charset=utf-8".to_owned(),
            version,
            bytes: file_body::FileBody::Memory(html),
        },
        PreviewResource::Generated { bytes, content_type, version, fault } => {
            let bytes = file_body::FileBody::Memory(bytes);
            let content = ResponseContent { status: StatusCode::OK, content_type, version, bytes };
            let mut response = content.answer(headers);
            if let Some(fault) = fault.and_then(|fault| in_header(&fault)) {
                response.headers_mut().insert(FAULT, fault);
            }
            return response;
        }
        PreviewResource::Picture { work, content_type, version } => match shared.pictures.bytes(work).await {
            Ok(bytes) => {
                let bytes = file_body::FileBody::Memory(bytes);
                ResponseContent { status: StatusCode::OK, content_type, version, bytes }
            }
            Err(why) => return plain(StatusCode::INTERNAL_SERVER_ERROR, &why),
        },
        PreviewResource::File { origin, content_type, version } => {
            let rule = SymlinkRule::of(&shared.root, &shared.now().site.plan.site.config);
            match file_body::open(rule, origin).await {
                Ok(bytes) => ResponseContent { status: StatusCode::OK, content_type, version, bytes },
                Err((status, why)) => return plain(status, &why),
            }
        }
    };
    content.answer(headers)
}

fn moved(to: &str, query: Option<&str>) -> Response<Body> {
    let to = query.map_or_else(|| to.to_owned(), |query| format!("{to}?{query}"));
    match HeaderValue::from_str(&to) {
        // Not for ever: the same port shows another site tomorrow.
        Ok(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Err(_) => plain(StatusCode::BAD_REQUEST, "this is not an address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once_and_names_cannot_be_more() {
        let decoded = |path: &str| decode(path);
        assert_eq!(decoded("/a/%C3%BC%20b/"), Some("/a/ü b/".to_owned()));
        assert_eq!(decoded("/%252e%252e/x"), Some("/%2e%2e/x".to_owned()));
        assert_eq!(decoded("/"), Some("/".to_owned()));
        for path in [
            "/../x",
            "/%2e%2e/x",
            "/a/%2E./x",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/%00",
            "//evil.example",
            "/./a",
            "a",
            "",
        ] {
            assert_eq!(decoded(path), None, "{path}");
        }
    }
}
