//! Configurations of the programs around a receiver: the web server that has a site's pages and its receiver at one
//! address, and the service that keeps the receiver running. Pure text; nothing is installed.
//!
//! What the pages need (redirects, types, lifetimes, the page for missing addresses) is what a
//! [publish](crate::publish::host_files) writes for the same server. It is included where such a publish is in the
//! settings, and else part of the configuration.

mod apache;
mod caddy;
mod nginx;
mod systemd;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};

use url::Url;

use crate::config::Config;
use crate::config::linkbacks::CommentSource;
use crate::config::publish::{DirectoryMode, Host, PublishTarget, TargetKind};
use crate::page::Plan;
use crate::path::percent_decode;
use crate::publish::desired::host_files_for_output;
use crate::publish::is_main_site;
use crate::publish::redirect_rules::regex_literal;
use crate::receive::{endpoints, moderation};

pub(crate) use self::systemd::{ServiceInput, service};

/// A web server that a configuration is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebServer {
    Nginx,
    Caddy,
    Apache,
}

/// What a configuration is made from.
pub(crate) struct HostingInput<'a> {
    /// The site as it is planned, with its settings.
    pub plan: &'a Plan,
    /// The site's folder.
    pub root: &'a Path,
    /// The folder that the build writes.
    pub output: &'a Path,
    /// Where the receiver listens.
    pub listen: SocketAddr,
}

/// A configuration, and what its operator has to know.
pub(crate) struct HostingConfig {
    pub text: String,
    /// The address that the settings have to announce, if they name none.
    pub lacking_receiver: Option<String>,
    /// Pages that the receiver's addresses hide.
    pub hidden: Vec<String>,
}

/// The configuration of a web server.
pub(crate) fn web_server(server: WebServer, input: &HostingInput<'_>) -> HostingConfig {
    let config = &input.plan.site.config;
    let settings = &config.linkbacks;
    let lacking_receiver = settings.public_address().is_empty().then(|| config.base_url.clone());
    let parts = HostingParts::of(server, input);
    let text = match server {
        WebServer::Nginx => nginx::write(&parts),
        WebServer::Caddy => caddy::write(&parts),
        WebServer::Apache => apache::write(&parts),
    };
    HostingConfig { text, lacking_receiver, hidden: parts.hidden_pages(input.plan) }
}

/// The parts that all servers have.
struct HostingParts {
    /// The address of the site.
    base_url: String,
    site: WebOrigin,
    receiver: ReceiverMount,
    root: DocumentRoot,
    rules: SiteRules,
}

/// A scheme, a host and a port (RFC 6454, section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
struct WebOrigin {
    transport: WebTransport,
    /// As it stands in an address: in ASCII, an address of IPv6 in brackets.
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WebTransport {
    Plain,
    Tls,
}

impl WebTransport {
    fn scheme(self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls => "https",
        }
    }

    fn usual_port(self) -> u16 {
        match self {
            Self::Plain => 80,
            Self::Tls => 443,
        }
    }
}

impl WebOrigin {
    fn of(address: &str) -> Self {
        let url = Url::parse(address).ok();
        let is_plain = url.as_ref().is_some_and(|url| url.scheme() == "http");
        let transport = if is_plain { WebTransport::Plain } else { WebTransport::Tls };
        Self {
            transport,
            host: url.as_ref().and_then(|url| url.host_str()).unwrap_or("localhost").to_owned(),
            port: url.and_then(|url| url.port()).unwrap_or(transport.usual_port()),
        }
    }

    fn has_usual_port(&self) -> bool {
        self.port == self.transport.usual_port()
    }

    /// `https://example.com` or `http://localhost:8080`.
    fn text(&self) -> String {
        let port = if self.has_usual_port() { String::new() } else { format!(":{}", self.port) };
        format!("{}://{}{port}", self.transport.scheme(), self.host)
    }

    /// The address to listen on, if the site is for this machine alone.
    fn own_address(&self) -> Option<IpAddr> {
        if self.host == "localhost" {
            return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        self.host.trim_matches(['[', ']']).parse().ok().filter(IpAddr::is_loopback)
    }
}

/// Where the receiver stands on the web, and behind it.
struct ReceiverMount {
    origin: WebOrigin,
    /// The path before its addresses, percent-encoded: empty, or `/hear`.
    prefix: String,
    /// Where it listens: `127.0.0.1:8787`.
    upstream: String,
    comments: CommentSource,
    /// The path of the site, below which trackbacks of posts are sent.
    base_path: String,
}

/// The folder that a server shows at `/`.
struct DocumentRoot {
    path: String,
    /// A link that has to be made in it, for a site with a path.
    link: Option<SiteLink>,
    /// The folder of the site, in `path`.
    site: String,
}

/// A link of the file system: `from` leads to `to`.
struct SiteLink {
    from: String,
    to: String,
}

/// What the pages need of the server.
enum SiteRules {
    /// A publish writes it beside the pages.
    Published {
        /// The file for the site itself.
        file: &'static str,
        /// Whether there is one for what stands outside of it, as nginx's maps do.
        has_map: bool,
    },
    /// It is part of the configuration.
    Own { text: String, map: String },
}

impl HostingParts {
    fn of(server: WebServer, input: &HostingInput<'_>) -> Self {
        let config = &input.plan.site.config;
        let target = target(server, config);
        let folder = target.map_or_else(
            || normal(input.output).display().to_string(),
            |target| published_folder(target, input.root),
        );
        let mut files = host_files_for_output(input.plan, input.output, server.host()).into_iter();
        let (site, map) = (files.next(), files.next());
        let rules = match target {
            Some(_) => {
                SiteRules::Published { file: site.map_or("", |file| file.path), has_map: map.is_some() }
            }
            None => SiteRules::Own {
                text: site.map_or_else(String::new, |file| without_first_line(file.text)),
                map: map.map_or_else(String::new, |file| without_first_line(file.text)),
            },
        };
        let public = Some(config.linkbacks.public_address()).filter(|public| !public.is_empty());
        let public = public.unwrap_or(&config.base_url);
        let origin = WebOrigin::of(public);
        let prefix = Url::parse(public).map_or_else(|_| String::new(), |url| url.path().to_owned());
        Self {
            base_url: config.base_url.clone(),
            site: WebOrigin::of(&config.base_url),
            receiver: ReceiverMount {
                origin,
                prefix: prefix.trim_end_matches('/').to_owned(),
                upstream: reachable(input.listen).to_string(),
                comments: config.linkbacks.comments,
                base_path: config.base_path().to_owned(),
            },
            root: DocumentRoot::of(&folder, config),
            rules,
        }
    }

    /// Whether pages and receiver share a host.
    fn is_shared(&self) -> bool {
        self.site == self.receiver.origin
    }

    /// Pages of the site at addresses that are the receiver's.
    fn hidden_pages(&self, plan: &Plan) -> Vec<String> {
        let base = percent_decode(&self.receiver.base_path);
        let prefix = percent_decode(&self.receiver.prefix);
        let pages = plan.pages.iter().map(|page| format!("{base}{}", page.url));
        pages
            .filter(|path| {
                let own = path.strip_prefix(&prefix).filter(|_| self.is_shared());
                own.is_some_and(|path| {
                    self.receiver.exact().any(|address| address == path)
                        || ReceiverMount::folders().any(|folder| path.starts_with(folder))
                })
            })
            .collect()
    }
}

impl WebServer {
    fn host(self) -> Host {
        match self {
            Self::Nginx => Host::Nginx,
            Self::Caddy => Host::Caddy,
            Self::Apache => Host::Apache,
        }
    }
}

impl ReceiverMount {
    /// Its single addresses, without the prefix.
    fn exact(&self) -> impl Iterator<Item = &'static str> {
        let comments = self.comments;
        // Without a form the address may be a page's.
        endpoints::ADDRESSES
            .into_iter()
            .filter(move |address| *address != "/comment" || comments == CommentSource::Form)
            .chain([moderation::web::FOLDER.trim_end_matches('/')])
    }

    /// The folders below which every address is its own.
    fn folders() -> impl Iterator<Item = &'static str> {
        endpoints::FOLDERS.into_iter().chain([moderation::web::FOLDER])
    }

    /// A regular expression for its addresses behind the prefix and a slash, without anchors.
    fn addresses_regex(&self) -> String {
        let exact = self.exact().map(|path| regex_literal(&path[1..]));
        let below = Self::folders().map(|path| format!("{}.*", regex_literal(&path[1..])));
        exact.chain(below).collect::<Vec<_>>().join("|")
    }

    /// A regular expression for the trackbacks below posts behind a slash, decoded, without anchors.
    fn trackbacks_regex(&self) -> String {
        let base = percent_decode(&self.base_path);
        let base =
            base.strip_prefix('/').map_or_else(String::new, |base| format!("{}/", regex_literal(base)));
        format!("{base}.*/trackback/?")
    }
}

impl DocumentRoot {
    /// The folder whose part at the site's path is `folder`. Where the names differ, a link makes them agree.
    fn of(folder: &str, config: &Config) -> Self {
        let base = percent_decode(config.base_path());
        if let Some(root) = folder.strip_suffix(base.as_str()).filter(|root| !root.is_empty()) {
            return Self { path: root.to_owned(), link: None, site: folder.to_owned() };
        }
        let path = format!("/srv/www/{}", config.host());
        let site = format!("{path}{base}");
        let link = SiteLink { from: site.clone(), to: folder.to_owned() };
        Self { path, link: Some(link), site }
    }

    /// Comments that say which commands make the link.
    fn link_comment(&self) -> String {
        let Some(SiteLink { from, to }) = &self.link else { return String::new() };
        let parent = from.rsplit_once('/').map_or("/", |(parent, _)| parent);
        format!(
            "# The site has a path, and the folder of its pages another name. Make a link once:\n\
             #   mkdir -p {} && ln -s {} {}\n",
            shell_quoted(parent),
            shell_quoted(to),
            shell_quoted(from)
        )
    }
}

/// The target of the site itself whose host is the server.
fn target(server: WebServer, config: &Config) -> Option<&PublishTarget> {
    config.publish.iter().find(|target| target.host == server.host() && is_main_site(target, config))
}

/// The folder from which a server shows what is published, on the machine of the server.
fn published_folder(target: &PublishTarget, root: &Path) -> String {
    match &target.place {
        TargetKind::Directory { to, mode } => {
            let folder = normal(&root.join(to));
            match mode {
                DirectoryMode::Releases(_) => folder.join("current"),
                DirectoryMode::InPlace => folder,
            }
            .display()
            .to_string()
        }
        TargetKind::Rsync(ssh) | TargetKind::Sftp(ssh) if ssh.folder.starts_with('/') => {
            ssh.folder.trim_end_matches('/').to_owned()
        }
        TargetKind::Rsync(ssh) | TargetKind::Sftp(ssh) => {
            // As sshd does, from the home of the account.
            let user = ssh.host.split_once('@').map_or("you", |(user, _)| user);
            let home = if user == "root" { "/root".to_owned() } else { format!("/home/{user}") };
            format!("{home}/{}", ssh.folder.trim_end_matches('/'))
        }
        _ => format!("/srv/www/{}", target.name),
    }
}

/// The path without `.` and `..`, which a web server may not follow as the file system does.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            component => normal.push(component),
        }
    }
    normal
}

/// An address at which a receiver answers on its own machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port())
        }
        IpAddr::V6(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), listen.port())
        }
        _ => listen,
    }
}

/// A word for a shell (POSIX, XCU 2.2.2).
fn shell_quoted(word: &str) -> String {
    let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// The text without its first line, a comment on where such a file belongs.
fn without_first_line(text: String) -> String {
    text.split_once('\n').map_or(String::new(), |(_, rest)| rest.to_owned())
}

/// Each line of a text, further in.
fn indented(text: &str, by: &str) -> String {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{by}{line}") });
    lines.map(|line| line + "\n").collect()
}
