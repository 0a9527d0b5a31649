//! Attacks on the one client for outbound requests: by address, by name, by redirect, by time and by size.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use backmatter::internals::config::network::{AllowedHost, Network};
use backmatter::internals::http::client::{Client, Limits, Request, Response};
use backmatter::internals::http::fetch_error::FetchError;
use backmatter::internals::http::guard::Resolve;

use crate::fake_web::{Answer, FakeWeb};

/// Names with the addresses that each question for them gets, one answer after the other; the last one stays.
#[derive(Debug, Default)]
struct Names {
    answers: Mutex<BTreeMap<String, Vec<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Resolve for Names {
    fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut answers = self.answers.lock().unwrap();
        match answers.get_mut(host) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None => Err(std::io::Error::other("no such host")),
        }
    }
}

fn names(names: &[(&str, &[&[&str]])]) -> Arc<Names> {
    let addresses = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    let answers =
        names.iter().map(|(name, answers)| ((*name).to_owned(), answers.iter().map(addresses).collect()));
    Arc::new(Names { answers: Mutex::new(answers.collect()), asked: Mutex::default() })
}

fn network(allow: &[&str]) -> Network {
    Network { allow: allow.iter().map(|place| AllowedHost::parse(place).unwrap()).collect() }
}

/// A client that may speak to these places and knows no names.
fn client(allow: &[&str]) -> Client {
    with_names(allow, names(&[]))
}

fn with_names(allow: &[&str], names: Arc<Names>) -> Client {
    Client::with_resolver(&network(allow), "https://blog.example", names)
}

fn get(client: &Client, url: &str) -> Result<Response, FetchError> {
    client.fetch(&Request::get(url))
}

/// Long enough for loopback on a busy machine, short enough to wait for in a test.
fn hurried() -> Limits {
    Limits { total: Duration::from_millis(400), ..Limits::default() }
}

#[track_caller]
fn refuses_address(client: &Client, url: &str) {
    let answer = get(client, url);
    assert!(matches!(answer, Err(FetchError::RefusedAddress { .. })), "{url}: {answer:?}");
}

/// One address of each range that is not public.
const SPECIAL: [&str; 27] = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fc00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
];

fn in_url(address: &str) -> String {
    if address.contains(':') { format!("http://[{address}]/") } else { format!("http://{address}/") }
}

#[test]
fn special_addresses_are_refused_as_literals() {
    for address in SPECIAL {
        refuses_address(&client(&[]), &in_url(address));
    }
    for odd in ["2130706433", "0x7f.1", "127.1", "0177.1", "0", "127.0.0.1.", "%31%32%37.0.0.1", "①②⑦.0.0.1"]
    {
        refuses_address(&client(&[]), &format!("http://{odd}/"));
    }
}

#[test]
fn special_addresses_are_refused_as_answers_of_the_dns() {
    for address in SPECIAL {
        let names = names(&[("evil.example", &[&[address]])]);
        refuses_address(&with_names(&[], names), "http://evil.example/");
        // A public address beside it makes it no better.
        let names = self::names(&[("evil.example", &[&["93.184.215.14", address]])]);
        refuses_address(&with_names(&[], names), "http://evil.example/");
    }
}

#[test]
fn special_addresses_are_refused_at_every_redirect() {
    let web = FakeWeb::new();
    for address in SPECIAL.iter().filter(|address| !address.ends_with("127.0.0.1")) {
        web.on("/", Answer::redirect(302, &in_url(address)));
        let client = client(&[&web.host()]);
        refuses_address(&client, &web.url("/"));
    }
    let other = FakeWeb::new();
    web.on("/", Answer::redirect(302, &web.url("/again")));
    web.on("/again", Answer::redirect(307, &other.url("/secret")));
    refuses_address(&client(&[&web.host()]), &web.url("/"));
    assert_eq!(other.lines(), Vec::<String>::new());
}

#[test]
fn the_address_that_was_checked_is_the_one_connected_to() {
    let checked = FakeWeb::at(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), 0));
    let port = checked.address().port();
    let inside = FakeWeb::at(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    checked.page("/", "checked");
    inside.page("/", "inside");
    let names = names(&[("rebinding.example", &[&["127.0.0.2"], &["127.0.0.1"]])]);
    let client = with_names(&["127.0.0.2:*"], Arc::clone(&names));
    let url = format!("http://rebinding.example:{port}/");
    assert_eq!(get(&client, &url).unwrap().body, b"checked");
    assert_eq!(*names.asked.lock().unwrap(), ["rebinding.example"]);
    // The name means something else by now, and the next request asks anew.
    refuses_address(&client, &url);
    assert_eq!(inside.lines(), Vec::<String>::new());
    assert_eq!(checked.asked()[0].header("host"), Some(format!("rebinding.example:{port}").as_str()));
}

#[test]
fn ports_of_other_services_are_refused_before_a_name_is_looked_up() {
    let names = names(&[("a.example", &[&["93.184.215.14"]])]);
    for port in [1, 22, 25, 79, 81, 444, 587, 993, 1023] {
        let answer = get(&with_names(&[], Arc::clone(&names)), &format!("https://a.example:{port}/"));
        assert_eq!(answer.unwrap_err(), FetchError::RefusedPort { host: "a.example".to_owned(), port });
    }
    assert_eq!(*names.asked.lock().unwrap(), Vec::<String>::new());
    // That one place may be asked at a port says nothing about the others.
    let answer = get(&with_names(&["10.0.0.1:25"], names), "http://a.example:25/");
    assert_eq!(answer.unwrap_err(), FetchError::RefusedPort { host: "a.example".to_owned(), port: 25 });
}

#[test]
fn only_plain_addresses_of_the_web_are_followed() {
    for (url, message) in [
        ("ftp://a.example/", "`ftp://a.example/`: only http and https are spoken here"),
        ("file:///etc/passwd", "`file:///etc/passwd`: only http and https are spoken here"),
        ("gopher://a.example/", "`gopher://a.example/`: only http and https are spoken here"),
        (
            "http://user@a.example/",
            "`http://user@a.example/`: an address that holds a user's name is not followed",
        ),
        (
            "http://a.example:x@127.0.0.1/",
            "`http://a.example:x@127.0.0.1/`: an address that holds a user's name is not followed",
        ),
        ("/relative", "`/relative`: this is not an address"),
        ("http://", "`http://`: this is not an address"),
    ] {
        assert_eq!(get(&client(&[]), url).unwrap_err().to_string(), message);
    }
    let web = FakeWeb::new();
    web.on("/", Answer::redirect(302, "file:///etc/passwd"));
    let answer = get(&client(&[&web.host()]), &web.url("/"));
    assert!(matches!(answer, Err(FetchError::Address { .. })), "{answer:?}");
}

#[test]
fn faults_are_said_in_words() {
    let web = FakeWeb::new();
    web.on("/hang-up", Answer::hang_up());
    web.on("/nonsense", Answer::raw("220 mail.example ESMTP\r\n"));
    let port = web.address().port();
    // Nobody else listens on this address, so a port of it stays closed.
    let closed = std::net::TcpListener::bind("127.0.0.9:0").unwrap().local_addr().unwrap();
    let plain = speaks_first(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let client = client(&[&web.host(), &closed.to_string(), &plain.to_string()]);
    for (url, message) in [
        (
            "http://169.254.169.254/latest/".to_owned(),
            "`169.254.169.254` is not on the public internet (it is 169.254.169.254); `[network] allow` in the settings can allow it",
        ),
        (
            "http://a.example:25/".to_owned(),
            "port 25 of `a.example` is below 1024 and is neither 80 nor 443; `[network] allow` in the settings can allow it",
        ),
        ("http://nowhere.example/".to_owned(), "there is no host `nowhere.example`"),
        (format!("http://127.0.0.1:{port}/hang-up"), "the answer ended too early"),
        (
            format!("http://127.0.0.1:{port}/nonsense"),
            "the answer is not HTTP (http parse fail: invalid HTTP version)",
        ),
        (
            format!("https://{plain}/"),
            "no safe connection: received corrupt message of type InvalidContentType",
        ),
        (format!("http://{closed}/"), "nothing listens there"),
    ] {
        assert_eq!(get(&client, &url).unwrap_err().to_string(), message, "{url}");
    }
}

/// A server that greets whoever comes, and listens to nobody.
fn speaks_first(greeting: &'static [u8]) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(greeting).unwrap();
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    address
}

#[test]
fn allowed_places_are_spoken_to() {
    let web = FakeWeb::new();
    web.page("/", "hello");
    let port = web.address().port();
    let names = names(&[("inside.example", &[&["127.0.0.1"]]), ("outside.example", &[&["127.0.0.1"]])]);
    let by_name = with_names(&[&format!("inside.example:{port}")], names);
    assert_eq!(get(&by_name, &format!("http://inside.example:{port}/")).unwrap().body, b"hello");
    refuses_address(&by_name, &format!("http://outside.example:{port}/"));
    for allow in ["127.0.0.0/8", "127.0.0.1", "127.0.0.1:*"] {
        assert_eq!(get(&client(&[allow]), &web.url("/")).unwrap().body, b"hello", "{allow}");
    }
    refuses_address(&client(&["127.0.0.2", "10.0.0.0/8", "127.0.0.1:1"]), &web.url("/"));
}

#[test]
fn a_body_is_read_up_to_a_mebibyte() {
    let web = FakeWeb::new();
    let client = client(&[&web.host()]);
    let limit = Limits::default().body;
    for (length, is_cut) in [(0, false), (limit, false), (limit + 1, true), (3 * limit, true)] {
        web.on("/", Answer::bytes(vec![b'x'; length]));
        let response = get(&client, &web.url("/")).unwrap();
        assert_eq!((response.body.len(), response.is_cut), (length.min(limit), is_cut));
    }
    web.on("/", Answer::endless("never "));
    let response = get(&client, &web.url("/")).unwrap();
    assert_eq!((response.body.len(), response.is_cut), (limit, true));
}

#[test]
fn packed_bodies_are_measured_unpacked() {
    let web = FakeWeb::new();
    let client = client(&[&web.host()]);
    let pack = |length: usize| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![b'x'; length]).unwrap();
        packer.finish().unwrap()
    };
    web.on("/page", Answer::bytes(pack(1000)).header("Content-Encoding", "gzip"));
    let bomb = pack(64 << 20);
    assert!(bomb.len() < 1 << 17, "a bomb is small");
    web.on("/bomb", Answer::bytes(bomb).header("Content-Encoding", "gzip"));
    let page = get(&client, &web.url("/page")).unwrap();
    assert_eq!((page.body.len(), page.is_cut), (1000, false));
    let bomb = get(&client, &web.url("/bomb")).unwrap();
    assert_eq!((bomb.body.len(), bomb.is_cut), (Limits::default().body, true));
    // Layers of it are not unpacked one by one.
    web.on("/layers", Answer::bytes(pack(1000)).header("Content-Encoding", "gzip, gzip"));
    let layers = get(&client, &web.url("/layers")).map(|page| page.body.len());
    assert_eq!(layers, Err(FetchError::Coding { coding: "gzip, gzip".to_owned() }));
    // Names of codings ignore case, and a body that cannot be unpacked is not an empty page.
    web.on("/loud", Answer::bytes(pack(1000)).header("Content-Encoding", "GZIP"));
    assert_eq!(get(&client, &web.url("/loud")).map(|page| page.body.len()), Ok(1000));
    web.on("/broken", Answer::bytes(b"no brotli".to_vec()).header("Content-Encoding", "br"));
    assert!(get(&client, &web.url("/broken")).is_err_and(|error| error.is_passing()));
}

#[test]
fn nobody_holds_us_longer_than_the_deadline() {
    let web = FakeWeb::new();
    let client = client(&[&web.host()]).with_limits(hurried());
    let pause = Duration::from_millis(20);
    web.on("/silence", Answer::silence());
    web.on("/slow-body", Answer::drip(vec![b'x'; 100_000], pause));
    web.on("/slow-head", Answer::raw_drip(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(100_000)), pause));
    for path in ["/silence", "/slow-body", "/slow-head"] {
        let answer = get(&client, &web.url(path));
        assert_eq!(answer.unwrap_err(), FetchError::Timeout { after: hurried().total }, "{path}");
    }
    assert_eq!(web.wait_for(3).len(), 3, "nothing is tried twice");
}

/// A resolver that answers when the test is over.
#[derive(Debug, Default)]
struct Stuck {
    is_over: Arc<(Mutex<bool>, Condvar)>,
}

impl Resolve for Stuck {
    fn addresses(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let (is_over, news) = &*self.is_over;
        drop(news.wait_while(is_over.lock().unwrap(), |is_over| !*is_over).unwrap());
        Ok(Vec::new())
    }
}

#[test]
fn a_resolver_that_never_answers_is_left_alone() {
    let stuck = Stuck::default();
    let is_over = Arc::clone(&stuck.is_over);
    let client = Client::with_resolver(&network(&[]), "https://blog.example", Arc::new(stuck));
    let client = client.with_limits(Limits { connect: hurried().total, ..hurried() });
    let answer = get(&client, "http://slow.example/");
    assert_eq!(answer.unwrap_err(), FetchError::Timeout { after: hurried().total });
    let addresses = client.addresses_of("slow.example");
    assert_eq!(addresses.unwrap_err(), FetchError::Timeout { after: hurried().total });
    *is_over.0.lock().unwrap() = true;
    is_over.1.notify_all();
}

#[test]
fn a_head_without_end_is_refused() {
    let web = FakeWeb::new();
    web.on("/", Answer::status(200).header("X-Long", &"x".repeat(40_000)));
    let answer = get(&client(&[&web.host()]), &web.url("/"));
    assert_eq!(answer.unwrap_err(), FetchError::TooLarge { limit: 32 << 10 });
    web.on("/", Answer::raw(format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(3000))));
    assert!(get(&client(&[&web.host()]), &web.url("/")).is_err());
}

#[test]
fn five_redirects_are_followed_and_no_more() {
    let web = FakeWeb::new();
    web.on_each("*", |asked| {
        let left: usize = asked.target.trim_start_matches('/').parse().unwrap();
        match left {
            0 => Answer::html("here"),
            left => Answer::redirect(301, &format!("/{}", left - 1)),
        }
    });
    let client = client(&[&web.host()]);
    let response = get(&client, &web.url("/5#part")).unwrap();
    assert_eq!((response.url.as_str(), response.body.as_slice()), (web.url("/0").as_str(), &b"here"[..]));
    let answer = get(&client, &web.url("/6"));
    assert_eq!(answer.unwrap_err(), FetchError::TooManyRedirects { followed: 5 });
}

#[test]
fn what_is_posted_is_never_turned_into_a_get() {
    let web = FakeWeb::new();
    web.page("/end", "welcome");
    let client = client(&[&web.host()]);
    let form = Request::post_form(&web.url("/form"), &[("source", "https://a.example/?a=1&b=ü")]);
    for status in [301, 302, 303] {
        web.on("/form", Answer::redirect(status, "/end"));
        assert_eq!(client.fetch(&form).unwrap().status, status);
    }
    assert!(web.lines().iter().all(|line| line == "POST /form"), "{:?}", web.lines());
    web.forget();
    for status in [307, 308] {
        web.on("/form", Answer::redirect(status, "/end"));
        assert_eq!(client.fetch(&form).unwrap().status, 200);
    }
    let asked = web.asked();
    assert_eq!(web.lines(), ["POST /form", "POST /end", "POST /form", "POST /end"]);
    assert_eq!(asked[1].form(), [("source".to_owned(), "https://a.example/?a=1&b=ü".to_owned())]);
}

#[test]
fn a_request_says_who_asks_and_what_for() {
    let web = FakeWeb::new();
    web.on("/", Answer::status(204));
    let client = client(&[&web.host()]);
    client
        .fetch(&Request::get(&web.url("/?a=1#b")).purpose("verifying webmention from 198.51.100.7"))
        .unwrap();
    client.fetch(&Request::head(&web.url("/"))).unwrap();
    client.fetch(&Request::post_xml(&web.url("/"), "<a/>").header("x-more", "1")).unwrap();
    let asked = web.asked();
    assert_eq!(web.lines(), ["GET /?a=1", "HEAD /", "POST /"]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        asked[0].header("user-agent"),
        Some(
            format!("Backmatter/{version} (https://blog.example/; verifying webmention from 198.51.100.7)")
                .as_str()
        )
    );
    assert_eq!(asked[0].header("content-length"), None);
    assert_eq!(
        asked[1].header("user-agent"),
        Some(format!("Backmatter/{version} (https://blog.example/)").as_str())
    );
    assert_eq!((asked[2].header("content-type"), asked[2].text()), (Some("text/xml"), "<a/>".to_owned()));
    assert_eq!(asked[2].header("x-more"), Some("1"));
}

#[test]
fn a_secret_stays_where_it_belongs() {
    let (ours, theirs) = (FakeWeb::new(), FakeWeb::new());
    ours.on("/", Answer::redirect(302, "/here"));
    ours.on("/here", Answer::redirect(302, &theirs.url("/there")));
    theirs.page("/there", "thanks");
    let client = client(&[&ours.host(), &theirs.host()]);
    client.fetch(&Request::get(&ours.url("/")).bearer("s3cret").header("x-key", "s3cret")).unwrap();
    let secrets = |web: &FakeWeb, name: &str| -> Vec<_> {
        web.asked().iter().map(|asked| asked.header(name).map(str::to_owned)).collect()
    };
    for (name, value) in [("authorization", "Bearer s3cret"), ("x-key", "s3cret")] {
        assert_eq!(secrets(&ours, name), [Some(value.to_owned()), Some(value.to_owned())]);
        assert_eq!(secrets(&theirs, name), [None]);
    }
}

#[test]
fn an_answer_keeps_all_its_headers() {
    let web = FakeWeb::new();
    let busy = Answer::html("busy")
        .with_status(429)
        .header("Link", "<a>; rel=one")
        .header("LINK", "<b>; rel=two")
        .header("Retry-After", "120");
    let later = Answer::status(503).header("Retry-After", "Sun, 22 Nov 2026 12:00:30 GMT");
    web.script("/", [busy, later, Answer::xml("<a/>")]);
    let response = get(&client(&[&web.host()]), &web.url("/")).unwrap();
    assert_eq!(response.status, 429);
    assert_eq!(response.headers.all("Link").collect::<Vec<_>>(), ["<a>; rel=one", "<b>; rel=two"]);
    assert_eq!(response.media_type(), "text/html");
    let now = chrono::DateTime::parse_from_rfc3339("2026-11-22T12:00:00Z").unwrap().to_utc();
    assert_eq!(response.retry_after(now), Some(Duration::from_secs(120)));
    let response = get(&client(&[&web.host()]), &web.url("/")).unwrap();
    assert_eq!(response.retry_after(now), Some(Duration::from_secs(30)));
    let response = get(&client(&[&web.host()]), &web.url("/")).unwrap();
    assert_eq!((response.media_type().as_str(), response.retry_after(now)), ("text/xml", None));
}
