//! The receiver as a process of its own: two workers, one host at a time. How it is killed stands in `kills`.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use backmatter::internals::linkback::inbox::state::InboxState;
use backmatter::internals::receive::queue::decisions::Decision;
use backmatter::internals::receive::queue::store::LinkbackStore;

use crate::fake_web::{Answer, FakeWeb};
use crate::moderation::Desk;
use crate::site_test::SiteTest;
use crate::wire;

const POST: &str = "https://example.com/2026/11/01/stairs/";
/// The output of that post.
pub(crate) const PAGE: &str = "2026/11/01/stairs/index.html";

pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Each line it prints.
    lines: mpsc::Receiver<String>,
}

impl Process {
    pub(crate) fn start(site: &SiteTest) -> Self {
        Self::run(site.root(), &["receive", "--listen", "127.0.0.1:0"], "listening")
    }

    /// Runs a command in a folder. Its first line names in the field `named` the address it listens on.
    pub(crate) fn run(folder: &Path, arguments: &[&str], named: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_backmatter"))
            .args(arguments)
            .arg("--json")
            .current_dir(folder)
            // As a shell sets it.
            .env("PWD", folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let first = lines.recv_timeout(wire::DEADLINE).expect("it says where it listens");
        let first: serde_json::Value = serde_json::from_str(&first).expect("it is JSON");
        let address = first[named]
            .as_str()
            .and_then(|url| url.strip_prefix("http://")?.trim_end_matches('/').parse().ok());
        Self { child, address: address.expect("it is an address"), lines }
    }

    /// Waits until all that was acknowledged has been looked at.
    pub(crate) fn finish_queue(&self, site: &SiteTest) {
        let store = LinkbackStore::open(&site.path("linkbacks.db")).expect("the database survived");
        while store.tallies().expect("it can be asked")[&InboxState::Queued] > 0 {
            self.lines.recv_timeout(wire::DEADLINE).expect("it goes on where it was killed");
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is dead");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A site of one post whose receiver takes all there is at once.
pub(crate) fn site(web: &FakeWeb) -> SiteTest {
    let mut site = SiteTest::new("-- content/2026/stairs.md --\n+++\ndate = 2026-11-01\n+++\nLow stairs.\n");
    let settings = format!(
        "base_url = \"https://example.com\"\n[network]\nallow = [\"{}\"]\n[linkbacks]\nhourly = 100000\nburst = 10000\ndelay = 0\nhost_pause = 0\n",
        web.host()
    );
    site.write("backmatter.toml", settings);
    site
}

/// A page that links to the post of the site.
pub(crate) fn linking_page() -> String {
    format!("<title>T</title><article><p>Read <a href=\"{POST}\">this</a>.</p></article>")
}

/// Submits a source; `None` if the receiver is killed before it has answered.
pub(crate) fn try_submit(address: SocketAddr, source: &str) -> Option<u16> {
    let body = format!("source={source}&target={POST}");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    wire::try_post(address, "/webmention", &headers, body.as_bytes()).map(|answer| answer.status)
}

fn submit(process: &Process, source: &str) -> bool {
    try_submit(process.address, source) == Some(201)
}

#[test]
fn a_receiver_completes_what_was_decided_before_it_started() {
    let mut desk = Desk::new();
    let id = desk.held("https://x.example/", "a");
    desk.decide(&[id], Decision::Approve);
    let process = Process::start(&desk.site);
    // Its source is looked at as well, and is not there.
    while !process.lines.recv_timeout(wire::DEADLINE).expect("it says what it did").contains("\"built\":true")
    {
    }
    process.kill();
    desk.site.holds("2026/11/01/a/index.html", &["words around the link"]);
    assert_eq!(desk.store.outstanding().expect("it can be asked"), 0);
}

/// A web whose answers wait until the gate is dropped, and which says when it was asked.
fn gated(
    address: &str,
    name: &'static str,
    asked: &mpsc::Sender<&'static str>,
) -> (FakeWeb, mpsc::Sender<()>) {
    let web = FakeWeb::at(address.parse().expect("it is an address"));
    let (gate, opened) = mpsc::channel();
    let asked = asked.clone();
    web.on_each("*", move |_| {
        let _ = asked.send(name);
        let _ = opened.recv();
        Answer::status(404)
    });
    (web, gate)
}

#[test]
fn two_sources_are_fetched_at_once_but_never_two_from_one_host() {
    let (sender, asked) = mpsc::channel();
    let (one, gate_of_one) = gated("127.0.0.1:0", "one", &sender);
    let (other, gate_of_other) = gated("127.0.0.2:0", "other", &sender);
    let mut site = site(&one);
    site.edit("backmatter.toml", "allow = [", &format!("allow = [\"{}\", ", other.host()));
    let process = Process::start(&site);
    for source in [one.url("/1"), one.url("/2"), other.url("/1")] {
        assert!(submit(&process, &source));
    }
    let mut first: Vec<_> =
        (0..2).map(|_| asked.recv_timeout(wire::DEADLINE).expect("both workers fetch")).collect();
    first.sort_unstable();
    assert_eq!(
        first,
        ["one", "other"],
        "the second of `one` has to wait though it came before that of `other`"
    );
    assert_eq!(one.asked().len(), 1);
    drop((gate_of_one, gate_of_other));
    assert_eq!(one.wait_for(2).len(), 2);
}

#[test]
fn a_preview_can_receive_as_well() {
    let site = site(&FakeWeb::new());
    let process = Process::run(site.root(), &["serve", "--receive", "--port", "0"], "url");
    let here = format!("http://{}", process.address);
    let page = wire::get(process.address, "/2026/11/01/stairs/");
    assert_eq!(page.status, 200);
    let announced = format!("<link rel=\"webmention\" href=\"{here}/webmention\">");
    assert!(page.text().contains(&announced), "{}", page.text());
    let target = format!("{here}/2026/11/01/stairs/");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let post = |path: &str, body: String| wire::post(process.address, path, &headers, body.as_bytes());
    let answer = post("/webmention", format!("source=https://a.example/&target={target}"));
    assert_eq!(answer.status, 201);
    let status =
        answer.header("location").and_then(|url| url.strip_prefix(&here)).expect("it is here").to_owned();
    assert_eq!(wire::get(process.address, &status).status, 200);
    let answer = post("/2026/11/01/stairs/trackback/", "url=https://b.example/&title=T".to_owned());
    assert!(answer.text().contains("<error>0</error>"), "{}", answer.text());
    assert_eq!(post("/2026/11/01/stairs/", String::new()).status, 405, "the pages are the preview's");
}

#[test]
fn an_address_that_is_none_is_named() {
    let site = site(&FakeWeb::new());
    let run = crate::cli::backmatter(site.root(), ["receive", "--listen", "8787"]);
    run.is(
        2,
        "",
        "error: `8787`: it is not an address to listen on; write it as `127.0.0.1:8787` or `[::1]:8787`\n",
    );
}

/// What operators and programs such as fail2ban read: the address, the status and the reason of each refusal.
#[test]
fn the_log_names_the_address_and_the_reason_of_a_refusal() {
    let web = FakeWeb::new();
    let site = site(&web);
    let log_of = |filter: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_backmatter"))
            .args(["receive", "--listen", "127.0.0.1:0", "--json"])
            .current_dir(site.root())
            .env("RUST_LOG", filter)
            .env("BACKMATTER_TOKEN", "a token that is long enough")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut first = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut first).expect("it starts");
        let first: serde_json::Value = serde_json::from_str(&first).expect("it is JSON");
        let url = first["listening"].as_str().expect("it says where it listens");
        let address: SocketAddr = url["http://".len()..].parse().expect("it is an address");
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let post = |path: &str, body: &str| wire::post(address, path, &form, body.as_bytes()).status;
        // A line break in an address is no line of its own in the log.
        let source = "http://source.example/%0A2026-01-01%20WARN%20refused%20peer=192.0.2.1";
        let statuses = [
            post("/webmention", &format!("source={source}&target={POST}")),
            post("/webmention", &format!("source={}&target=https://elsewhere.example/", web.url("/a"))),
            post("/webmention", &format!("source={}&target={POST}", web.url("/a"))),
            post("/moderate/login", "token=not-this-one-but-long"),
        ];
        assert_eq!(statuses, [400, 400, 201, 403]);
        child.kill().expect("it can be killed");
        let output = child.wait_with_output().expect("it is dead");
        String::from_utf8(output.stderr).expect("it is text")
    };
    let log = log_of("info");
    for expected in [
        "refused peer=127.0.0.1 status=400 reason=\"target: no page on this site accepts linkbacks at that URL\"",
        "refused peer=127.0.0.1 status=400 reason=\"source: an address is not absolute\"",
        "answered peer=127.0.0.1 status=201",
        "refused peer=127.0.0.1 status=403 reason=\"wrong token\"",
    ] {
        assert!(log.lines().any(|line| line.ends_with(expected)), "{expected} is not in\n{log}");
    }
    assert!(log.lines().all(|line| !line.starts_with("2026-01-01 WARN")), "{log}");
    assert_eq!(log_of(""), "");
}
