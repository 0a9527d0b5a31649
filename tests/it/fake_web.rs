//! A small web on loopback: pages from a table, scripted answers, and a record of everything that was asked.
//!
//! Each [`FakeWeb`] is one server on a port of its own. It speaks as little HTTP as is needed to also speak it badly:
//! answers may drip, have no end, or be any bytes at all.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What a test waits for at most; nothing takes so long unless something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// `GET`.
    pub(crate) method: String,
    /// Path and query, as they were sent.
    pub(crate) target: String,
    /// Names in lower case, in their order.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, as long as `Content-Length` says.
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The fields of the form that the body is.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Whole(Vec<u8>),
    /// Again and again until the other side hangs up.
    Endless(Vec<u8>),
    /// Byte by byte, with this long between two, until the other side hangs up.
    Drip(Vec<u8>, Duration),
    /// Instead of an answer.
    Raw(Vec<u8>),
    /// Instead of an answer, byte by byte.
    RawDrip(Vec<u8>, Duration),
    /// The other side is left waiting until it hangs up.
    Silence,
    /// The connection is closed at once.
    HangUp,
}

impl Answer {
    fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// A page.
    pub(crate) fn html(html: impl Into<String>) -> Self {
        let page = Self::new(200, Body::Whole(html.into().into_bytes()));
        page.header("Content-Type", "text/html; charset=utf-8")
    }

    /// XML.
    pub(crate) fn xml(xml: impl Into<String>) -> Self {
        Self::new(200, Body::Whole(xml.into().into_bytes())).header("Content-Type", "text/xml; charset=utf-8")
    }

    /// A status with a few words.
    pub(crate) fn status(status: u16) -> Self {
        let body = Body::Whole(format!("status {status}").into_bytes());
        Self::new(status, body).header("Content-Type", "text/plain; charset=utf-8")
    }

    /// Another place to go to.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    /// Any bytes as a body.
    pub(crate) fn bytes(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, Body::Whole(body.into()))
    }

    /// A body that never ends.
    pub(crate) fn endless(chunk: impl Into<Vec<u8>>) -> Self {
        Self::new(200, Body::Endless(chunk.into()))
    }

    /// A body that comes byte by byte.
    pub(crate) fn drip(body: impl Into<Vec<u8>>, pause: Duration) -> Self {
        Self::new(200, Body::Drip(body.into(), pause))
    }

    /// Bytes that are the whole answer, HTTP or not.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(200, Body::Raw(bytes.into()))
    }

    /// The same, byte by byte.
    pub(crate) fn raw_drip(bytes: impl Into<Vec<u8>>, pause: Duration) -> Self {
        Self::new(200, Body::RawDrip(bytes.into(), pause))
    }

    /// No answer, for as long as somebody waits.
    pub(crate) fn silence() -> Self {
        Self::new(200, Body::Silence)
    }

    /// No answer, and no connection any more.
    pub(crate) fn hang_up() -> Self {
        Self::new(200, Body::HangUp)
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with another status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    fn head(&self, length: Option<usize>) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Said so\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(length) = length {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Writes the answer. A reader that has had enough is no fault.
    fn give(&self, stream: &mut TcpStream, asked: &Asked) -> std::io::Result<()> {
        let is_head = asked.method == "HEAD";
        match &self.body {
            Body::Whole(body) => {
                stream.write_all(&self.head(Some(body.len())))?;
                if is_head { Ok(()) } else { stream.write_all(body) }
            }
            Body::Endless(chunk) => {
                stream.write_all(&self.head(None))?;
                loop {
                    stream.write_all(chunk)?;
                }
            }
            Body::Drip(body, pause) => {
                stream.write_all(&self.head(None))?;
                drip(stream, body, *pause)
            }
            Body::Raw(bytes) => stream.write_all(bytes),
            Body::RawDrip(bytes, pause) => drip(stream, bytes, *pause),
            Body::Silence => {
                let mut rest = [0];
                while stream.read(&mut rest)? > 0 {}
                Ok(())
            }
            Body::HangUp => Ok(()),
        }
    }
}

/// The pause is the attack: each byte comes before anyone who only waits for the next one would give up.
fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte])?;
        thread::sleep(pause);
    }
    Ok(())
}

type Route = Box<dyn FnMut(&Asked) -> Answer + Send>;

struct State {
    routes: Mutex<BTreeMap<String, Route>>,
    asked: Mutex<Vec<Asked>>,
    news: Condvar,
    is_over: AtomicBool,
}

/// A server on loopback, for as long as it is held.
pub(crate) struct FakeWeb {
    address: SocketAddr,
    state: Arc<State>,
}

impl FakeWeb {
    /// A server on 127.0.0.1 and a free port, with no page.
    pub(crate) fn new() -> Self {
        Self::at(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))
    }

    /// A server on a certain address.
    pub(crate) fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("a port of loopback is free");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(State {
            routes: Mutex::default(),
            asked: Mutex::default(),
            news: Condvar::new(),
            is_over: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || serve(&listener, &shared));
        Self { address, state }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `127.0.0.1:PORT`, as `[network] allow` takes it.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// A path as an address.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers every request of a path, whatever its query, in the same way.
    pub(crate) fn on(&self, path: &str, answer: Answer) -> &Self {
        self.on_each(path, move |_| answer.clone())
    }

    /// A page at a path.
    pub(crate) fn page(&self, path: &str, html: impl Into<String>) -> &Self {
        self.on(path, Answer::html(html))
    }

    /// Answers one request after the other; the last answer stays.
    pub(crate) fn script(&self, path: &str, answers: impl IntoIterator<Item = Answer>) -> &Self {
        let mut answers: std::collections::VecDeque<Answer> = answers.into_iter().collect();
        self.on_each(path, move |_| match answers.len() {
            0 => Answer::status(404),
            1 => answers[0].clone(),
            _ => answers.pop_front().expect("there are two"),
        })
    }

    /// Answers each request by what it asks. The path `*` is asked for everything that has no route of its own.
    pub(crate) fn on_each(&self, path: &str, answer: impl FnMut(&Asked) -> Answer + Send + 'static) -> &Self {
        held(&self.state.routes).insert(path.to_owned(), Box::new(answer));
        self
    }

    /// Serves the files of a folder, as a static host does, wherever there is no route.
    pub(crate) fn folder(&self, folder: &Path) -> &Self {
        let folder = folder.to_owned();
        self.on_each("*", move |asked| {
            let path = asked.target.split('?').next().unwrap_or_default().trim_start_matches('/');
            let file = folder.join(path);
            let file = if file.is_dir() { file.join("index.html") } else { file };
            match std::fs::read(&file) {
                Ok(bytes) if file.extension().is_some_and(|extension| extension == "html") => {
                    Answer::bytes(bytes).header("Content-Type", "text/html; charset=utf-8")
                }
                Ok(bytes) => Answer::bytes(bytes),
                Err(_) => Answer::status(404),
            }
        })
    }

    /// Everything that was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        held(&self.state.asked).clone()
    }

    /// What was asked, as `GET /path`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(|asked| format!("{} {}", asked.method, asked.target)).collect()
    }

    /// Forgets what was asked.
    pub(crate) fn forget(&self) {
        held(&self.state.asked).clear();
    }

    /// Waits until so many requests have come, and returns them.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Asked> {
        let asked = held(&self.state.asked);
        let waited = self.state.news.wait_timeout_while(asked, PATIENCE, |asked| asked.len() < count);
        let (asked, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(asked.len() >= count, "waited for {count} requests, and there were {asked:#?}");
        asked.clone()
    }
}

impl Drop for FakeWeb {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        // The listener waits for somebody; this is the last one.
        let _ = TcpStream::connect(self.address);
    }
}

/// Waits until something is so, which is about as long as it takes to become so.
#[track_caller]
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain");
        thread::yield_now();
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(listener: &TcpListener, state: &Arc<State>) {
    for stream in listener.incoming().flatten() {
        if state.is_over.load(Ordering::SeqCst) {
            return;
        }
        let state = Arc::clone(state);
        thread::spawn(move || {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.set_write_timeout(Some(PATIENCE));
            let _ = converse(stream, &state);
        });
    }
}

fn converse(stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let Some(asked) = read_request(&mut reader)? else { return Ok(()) };
    let path = asked.target.split('?').next().unwrap_or_default();
    // Recorded before it is answered, so that whoever has the answer finds the record.
    held(&state.asked).push(asked.clone());
    state.news.notify_all();
    let answer = {
        let mut routes = held(&state.routes);
        let route = if routes.contains_key(path) { path } else { "*" };
        routes.get_mut(route).map_or_else(|| Answer::status(404), |route| route(&asked))
    };
    let mut stream = stream;
    answer.give(&mut stream, &asked)
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let mut asked =
        Asked { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        asked.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    asked.body.resize(length, 0);
    reader.read_exact(&mut asked.body)?;
    Ok(Some(asked))
}
