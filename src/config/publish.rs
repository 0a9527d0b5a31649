//! Where a site is published to: the `[publish.NAME]` tables.
//!
//! No key here takes a password: those come from the environment, or from a file that it names.

use serde::Serialize;

use crate::config::{check_base_url, text_or};
use crate::diagnostic::Severity;
use crate::nearest_name::did_you_mean;
use crate::spanned::{self, Fields, SourceText, Spanned};

/// A place to publish to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishTarget {
    /// What it is called: `publish.NAME`.
    pub name: String,
    /// How files get there.
    pub place: TargetKind,
    /// Who serves them, which decides about redirects and headers.
    pub host: Host,
    /// The address the site has there, if it is not the site's `base_url`.
    pub base_url: Option<String>,
    /// Compressed siblings that are published beside text.
    pub compress: Vec<Encoding>,
    /// How many files one publish may delete, unless the command line says otherwise.
    pub max_deletes: Option<MaxDeletes>,
    /// How many seconds to wait until changed posts are live.
    pub wait: usize,
    /// The WebSub hub that is notified when feeds have changed.
    pub hub: Option<String>,
    /// Whether a link within the site that leads nowhere stops the publish.
    pub check_links: bool,
}

/// How files get to a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum TargetKind {
    /// A folder of this machine.
    Directory {
        /// The folder, relative to the site.
        to: String,
        /// How a new version takes the place of the old one.
        mode: DirectoryMode,
    },
    /// A branch of a git repository.
    Git {
        /// An address, or the name of a remote of the site's own repository.
        to: String,
        /// The branch.
        branch: String,
    },
    /// A folder of another machine, by rsync.
    Rsync(SshTarget),
    /// A folder of another machine, by sftp.
    Sftp(SshTarget),
    /// Netlify, by its API of digests.
    Netlify {
        /// The id of the site, or its name with `.netlify.app`.
        site: String,
        /// Where the API is.
        api: String,
    },
    /// Neocities.
    Neocities {
        /// The name of the site.
        site: String,
        /// Where the API is.
        api: String,
        /// Whether the account may hold files of every kind.
        supporter: bool,
    },
    /// A bucket of S3, or of whatever speaks its language.
    S3(Bucket),
    /// A container of Azure's blob storage.
    Azure {
        /// The storage account.
        account: String,
        /// The container; `$web` is what Azure serves as a site.
        container: String,
        /// Where the account answers, without the container.
        endpoint: String,
    },
    /// A folder of a WebDAV server.
    Webdav {
        /// Its address.
        to: String,
    },
}

/// How a new version takes the place of the old one in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum DirectoryMode {
    /// Each version is a folder of its own, and the link `current` is switched. The number is how many are kept.
    Releases(usize),
    /// Files are replaced one by one.
    InPlace,
}

/// A folder of another machine that is reached by ssh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SshTarget {
    /// `host` or `user@host`, as ssh takes it.
    pub host: String,
    /// The folder there.
    pub folder: String,
    /// Arguments for ssh.
    pub ssh: Vec<String>,
}

/// A bucket of an object store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Where the store answers, without the bucket.
    pub endpoint: String,
    /// Before every key: empty, or `blog/`.
    pub prefix: String,
    /// Whether the bucket is the first part of the path, or of the host's name.
    pub style: BucketStyle,
    /// Whether objects can lead on to another address, as S3's can.
    pub redirects: bool,
}

/// Where the name of a bucket stands in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum BucketStyle {
    /// `https://endpoint/bucket/key`.
    Path,
    /// `https://bucket.endpoint/key`.
    Host,
}

/// Who serves the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Host {
    /// A server of files without settings that Backmatter writes.
    Plain,
    /// GitHub Pages.
    GithubPages,
    /// GitLab Pages.
    GitlabPages,
    /// Codeberg Pages, and others that run git-pages.
    Codeberg,
    /// Cloudflare Pages and Workers.
    Cloudflare,
    /// Netlify.
    Netlify,
    /// Neocities.
    Neocities,
    /// Apache's httpd, with `.htaccess`.
    Apache,
    /// nginx, which includes a file that Backmatter writes.
    Nginx,
    /// Caddy, which imports a file that Backmatter writes.
    Caddy,
    /// An object store that serves a bucket as a site.
    ObjectStore,
}

/// How a sibling is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Encoding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

/// How many files may be deleted at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum MaxDeletes {
    /// A number of files.
    Count(usize),
    /// A percentage of the files at the target.
    Percent(usize),
}

impl MaxDeletes {
    /// Reads `20` or `10%`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (digits, is_percent) = match text.strip_suffix('%') {
            Some(digits) => (digits.trim(), true),
            None => (text, false),
        };
        let parsed = digits.parse().ok().and_then(|number| match is_percent {
            true => (number <= 100).then_some(Self::Percent(number)),
            false => Some(Self::Count(number)),
        });
        parsed.ok_or_else(|| "write it as a number, `20`, or as a part of what is there, `10%`".to_owned())
    }

    /// How many of `there` files that is.
    pub fn of(self, there: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => there.saturating_mul(percent) / 100,
        }
    }
}

const HOSTS: [(&str, Host); 11] = [
    ("plain", Host::Plain),
    ("github-pages", Host::GithubPages),
    ("gitlab-pages", Host::GitlabPages),
    ("codeberg", Host::Codeberg),
    ("cloudflare", Host::Cloudflare),
    ("netlify", Host::Netlify),
    ("neocities", Host::Neocities),
    ("apache", Host::Apache),
    ("nginx", Host::Nginx),
    ("caddy", Host::Caddy),
    ("object-store", Host::ObjectStore),
];

const KINDS: [&str; 11] =
    ["directory", "git", "rsync", "sftp", "netlify", "neocities", "s3", "r2", "gcs", "azure", "webdav"];

/// Keys that some kind takes, so that the message for a key of another kind can name that kind.
const KEYS: [(&str, &str); 18] = [
    ("mode", "directory"),
    ("keep", "directory"),
    ("branch", "git"),
    ("ssh", "rsync` and `sftp"),
    ("site", "netlify` and `neocities"),
    ("api", "netlify` and `neocities"),
    ("supporter", "neocities"),
    ("bucket", "s3`, `r2` and `gcs"),
    ("region", "s3"),
    ("prefix", "s3`, `r2` and `gcs"),
    ("path_style", "s3"),
    ("redirects", "s3`, `r2` and `gcs"),
    ("endpoint", "s3` and `azure"),
    ("account", "r2` and `azure"),
    ("container", "azure"),
    ("to", "directory`, `git`, `rsync`, `sftp` and `webdav"),
    ("host", "each kind"),
    ("compress", "each kind"),
];

/// Reads the tables of all targets.
pub(super) fn read(source: SourceText<'_>, fields: &mut Fields<'_>) -> Vec<PublishTarget> {
    let Some(table) = fields.table("publish") else { return Vec::new() };
    let mut targets = Vec::new();
    for (key, node) in table.value {
        let prefix = format!("publish.{}.", key.value);
        let spanned::Value::Table(table) = node.value else {
            let hint = "write `[publish.NAME]` and its keys below, with a name of your choice".to_owned();
            let message = format!("`publish.{}` must be a table", key.value);
            fields.report(node.span, message, Some(hint));
            continue;
        };
        if key.value.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)) {
            fields.report(key.span, "the name of a target is made of letters, digits, `-` and `_`", None);
            continue;
        }
        let mut inner = Fields::new(source, &prefix, table, fields.diagnostics());
        let target = target(&key.value, &mut inner, node.span);
        inner.finish(Severity::Error, explain_key);
        targets.extend(target);
    }
    targets
}

/// What to say of a key that the kind of its table does not take.
fn explain_key(key: &str) -> Option<String> {
    let lower = key.to_lowercase();
    if ["password", "secret", "token", "api_key", "access_key"].iter().any(|word| lower.contains(word)) {
        return Some(
            "secrets are never settings: they come from the environment, or from a file that it names"
                .to_owned(),
        );
    }
    let (_, kinds) = KEYS.iter().find(|(known, _)| *known == key)?;
    Some(format!("it is a key of the kind `{kinds}`"))
}

type Span = std::ops::Range<usize>;

fn target(name: &str, fields: &mut Fields<'_>, span: Span) -> Option<PublishTarget> {
    let kind = fields.text("kind");
    let place = match &kind {
        Some(kind) => place(kind, fields, span),
        None => {
            let message = format!("`publish.{name}` needs a `kind`");
            fields.report(span, message, Some(format!("known kinds are {}", listed(KINDS))));
            None
        }
    };
    let host = host(fields);
    let base_url = fields.text("base_url").and_then(|taken| {
        check_base_url(&taken.value).map_err(|message| fields.report(taken.span.clone(), message, None)).ok()
    });
    let compress = compress(fields);
    let max_deletes = fields.text("max_deletes").and_then(|taken| {
        MaxDeletes::parse(&taken.value)
            .map_err(|reason| {
                let message = format!("`{}` is not a limit for deletes", taken.value);
                fields.report(taken.span.clone(), message, Some(reason));
            })
            .ok()
    });
    let wait = fields.integer("wait", 0..=3600);
    let hub = web_address(fields, "hub");
    let check_links = fields.bool("check_links").unwrap_or(true);
    if place.is_none() {
        // Which keys it would take is not known; only what no kind takes is a fault of its own.
        for (key, _) in KEYS {
            let _ = fields.take(key);
        }
    }
    let place = place?;
    let host = host.unwrap_or_else(|| usual_host(&place));
    // Whether and when a folder of this machine is online, nothing tells.
    let wait = wait.unwrap_or(if matches!(place, TargetKind::Directory { .. }) { 0 } else { 120 });
    let name = name.to_owned();
    Some(PublishTarget { name, place, host, base_url, compress, max_deletes, wait, hub, check_links })
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn place(kind: &Spanned<String>, fields: &mut Fields<'_>, span: Span) -> Option<TargetKind> {
    Some(match kind.value.as_str() {
        "directory" => TargetKind::Directory { to: needed(fields, "to", &span)?, mode: mode(fields) },
        "git" => TargetKind::Git {
            to: text_or(fields, "to", "origin"),
            branch: branch(fields).unwrap_or_else(|| "gh-pages".to_owned()),
        },
        "rsync" => TargetKind::Rsync(shell(fields, &span)?),
        "sftp" => TargetKind::Sftp(shell(fields, &span)?),
        "netlify" => TargetKind::Netlify {
            site: needed(fields, "site", &span)?,
            api: web_address(fields, "api").unwrap_or_else(|| "https://api.netlify.com".to_owned()),
        },
        "neocities" => TargetKind::Neocities {
            site: needed(fields, "site", &span)?,
            api: web_address(fields, "api").unwrap_or_else(|| "https://neocities.org".to_owned()),
            supporter: fields.bool("supporter").unwrap_or(false),
        },
        "s3" | "r2" | "gcs" => TargetKind::S3(bucket(&kind.value, fields, &span)?),
        "azure" => {
            let account = needed(fields, "account", &span)?;
            let endpoint = web_address(fields, "endpoint")
                .unwrap_or_else(|| format!("https://{account}.blob.core.windows.net"));
            TargetKind::Azure { container: text_or(fields, "container", "$web"), account, endpoint }
        }
        "webdav" => {
            let to = fields.text("to");
            let message = "a target of the kind `webdav` needs `to`, the address of a folder";
            let Some(to) = to else {
                fields.report(span, message, None);
                return None;
            };
            TargetKind::Webdav { to: as_web_address(fields, "to", to)? }
        }
        unknown => {
            let hint =
                did_you_mean(unknown, KINDS).unwrap_or_else(|| format!("known kinds are {}", listed(KINDS)));
            fields.report(kind.span.clone(), format!("there is no kind `{unknown}`"), Some(hint));
            return None;
        }
    })
}

/// The text of a key that must be there.
fn needed(fields: &mut Fields<'_>, key: &'static str, span: &Span) -> Option<String> {
    let value = fields.text(key).map(|taken| taken.value).filter(|value| !value.trim().is_empty());
    if value.is_none() {
        fields.report(span.clone(), format!("this kind of target needs `{key}`"), None);
    }
    value
}

fn web_address(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let taken = fields.text(key)?;
    as_web_address(fields, key, taken)
}

fn as_web_address(fields: &mut Fields<'_>, key: &'static str, taken: Spanned<String>) -> Option<String> {
    match check_base_url(&taken.value) {
        Ok(url) => Some(url),
        Err(_) => {
            let message = format!("`{}` is not an address for `{key}`", taken.value);
            let hint = "write it as `https://example.com` or `https://example.com/folder`, without a name or a password";
            fields.report(taken.span, message, Some(hint.to_owned()));
            None
        }
    }
}

fn mode(fields: &mut Fields<'_>) -> DirectoryMode {
    let taken = fields.text("mode");
    let keep = fields.integer("keep", 1..=100);
    match taken.as_ref().map(|taken| taken.value.as_str()) {
        Some("in-place") => DirectoryMode::InPlace,
        None | Some("releases") => DirectoryMode::Releases(keep.unwrap_or(3)),
        Some(unknown) => {
            let message = format!("there is no mode `{unknown}`");
            let span = taken.as_ref().map_or(0..0, |taken| taken.span.clone());
            fields.report(span, message, Some("known are `releases` and `in-place`".to_owned()));
            DirectoryMode::InPlace
        }
    }
}

/// A branch that git takes for one (git-check-ref-format), and for no option.
fn branch(fields: &mut Fields<'_>) -> Option<String> {
    let taken = fields.text("branch")?;
    let name = taken.value.as_str();
    let bad = name.is_empty()
        || name.starts_with(['-', '/'])
        || name.ends_with(['/', '.'])
        || name.contains("..")
        || name.contains("//")
        || name.contains("@{")
        || name.ends_with(".lock")
        || name.contains(|c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c));
    if bad {
        fields.report(taken.span, format!("`{name}` cannot be a branch"), None);
        return None;
    }
    Some(taken.value)
}

/// `user@host:folder`, as scp and rsync write it.
fn shell(fields: &mut Fields<'_>, span: &Span) -> Option<SshTarget> {
    let Some(to) = fields.text("to") else {
        fields.report(span.clone(), "this kind of target needs `to`, as `user@host:folder`", None);
        return None;
    };
    let ssh = fields.texts("ssh").into_iter().map(|taken| taken.value).collect();
    let parts = match to.value.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
        Some(parts) => Some(parts),
        None => to.value.split_once(':'),
    };
    let usable = parts.filter(|(host, folder)| {
        !host.is_empty()
            && !host.starts_with('-')
            && !host.contains(|c: char| c.is_whitespace() || c.is_control() || "'\"`$;&|<>\\".contains(c))
            && !host.contains('/')
            && !folder.trim_end_matches('/').is_empty()
            && !folder.contains(char::is_control)
    });
    let Some((host, folder)) = usable else {
        let message = format!("`{}` is not a folder of another machine", to.value);
        fields.report(to.span, message, Some("write it as `user@host:folder`".to_owned()));
        return None;
    };
    Some(SshTarget { host: host.to_owned(), folder: folder.trim_end_matches('/').to_owned(), ssh })
}

fn bucket(kind: &str, fields: &mut Fields<'_>, span: &Span) -> Option<Bucket> {
    let name = needed(fields, "bucket", span)?;
    let prefix = text_or(fields, "prefix", "").trim_matches('/').to_owned();
    let prefix = if prefix.is_empty() { prefix } else { format!("{prefix}/") };
    let redirects = fields.bool("redirects");
    let mut is_amazon = false;
    let (region, endpoint, style) = match kind {
        "r2" => {
            let account = needed(fields, "account", span)?;
            let endpoint = format!("https://{account}.r2.cloudflarestorage.com");
            ("auto".to_owned(), endpoint, BucketStyle::Path)
        }
        "gcs" => ("auto".to_owned(), "https://storage.googleapis.com".to_owned(), BucketStyle::Path),
        _ => {
            let region = text_or(fields, "region", "us-east-1");
            let own = web_address(fields, "endpoint");
            // A name with dots fits no certificate for `*.amazonaws.com`; other stores may lack the names.
            let path_style = fields.bool("path_style").unwrap_or(own.is_some() || name.contains('.'));
            let style = if path_style { BucketStyle::Path } else { BucketStyle::Host };
            is_amazon = own.is_none();
            let endpoint = own.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
            (region, endpoint, style)
        }
    };
    Some(Bucket { name, region, endpoint, prefix, style, redirects: redirects.unwrap_or(is_amazon) })
}

fn host(fields: &mut Fields<'_>) -> Option<Host> {
    let taken = fields.text("host")?;
    let found = HOSTS.iter().find(|(name, _)| *name == taken.value).map(|(_, host)| *host);
    if found.is_none() {
        let names = HOSTS.map(|(name, _)| name);
        let hint =
            did_you_mean(&taken.value, names).unwrap_or_else(|| format!("known hosts are {}", listed(names)));
        fields.report(taken.span, format!("there is no host `{}`", taken.value), Some(hint));
    }
    found
}

/// Who serves what is published to a place, as far as the place tells.
fn usual_host(place: &TargetKind) -> Host {
    match place {
        TargetKind::Git { to, .. } if to.contains("github.com") => Host::GithubPages,
        TargetKind::Git { to, .. } if to.contains("gitlab.com") => Host::GitlabPages,
        TargetKind::Git { to, .. } if to.contains("codeberg.org") => Host::Codeberg,
        TargetKind::Netlify { .. } => Host::Netlify,
        TargetKind::Neocities { .. } => Host::Neocities,
        TargetKind::S3(_) | TargetKind::Azure { .. } => Host::ObjectStore,
        _ => Host::Plain,
    }
}

fn compress(fields: &mut Fields<'_>) -> Vec<Encoding> {
    let mut encodings = Vec::new();
    for taken in fields.texts("compress") {
        match taken.value.as_str() {
            "gz" | "gzip" => encodings.push(Encoding::Gzip),
            "br" | "brotli" => encodings.push(Encoding::Brotli),
            unknown => {
                let message = format!("there is no compression `{unknown}`");
                fields.report(taken.span, message, Some("known are `gz` and `br`".to_owned()));
            }
        }
    }
    encodings.sort_unstable();
    encodings.dedup();
    encodings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn check(text: &str, expected: &[&str]) {
        let (_, diagnostics) = Config::parse(&format!("base_url = 'https://e.org'\n{text}"));
        let told: Vec<String> = diagnostics
            .iter()
            .map(|d| {
                let line = d.place.as_ref().map_or(0, |place| place.line);
                let hint = d.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
                format!("{line}: {}{hint}", d.message)
            })
            .collect();
        assert_eq!(told, expected, "{text}");
    }

    fn target(text: &str) -> PublishTarget {
        let (config, diagnostics) =
            Config::parse(&format!("base_url = 'https://e.org'\n[publish.a]\n{text}"));
        assert_eq!(diagnostics, [], "{text}");
        config.publish.into_iter().next().expect("there is one")
    }

    #[test]
    fn wrong_targets_are_errors_that_say_what_is_right() {
        check(
            "[publish.a]\nkind = 'directry'\nto = 'x'\n",
            &["3: there is no kind `directry` (did you mean `directory`?)"],
        );
        check("[publish.a]\nkind = 'directory'\n", &["2: this kind of target needs `to`"]);
        check(
            "[publish.a]\nkind = 'directory'\nto = 'x'\nbranch = 'b'\n",
            &["5: unknown key `publish.a.branch` (it is a key of the kind `git`)"],
        );
        check(
            "[publish.a]\nkind = 'directory'\nto = 'x'\nmoed = 'b'\n",
            &["5: unknown key `publish.a.moed` (did you mean `mode`?)"],
        );
        check(
            "[publish.a]\nkind = 'neocities'\nsite = 'x'\napi_key = 'b'\n",
            &[
                "5: unknown key `publish.a.api_key` (secrets are never settings: they come from the environment, or from a file that it names)",
            ],
        );
        check(
            "[publish.a]\nkind = 'rsync'\nto = '-oProxyCommand=x:y'\n",
            &["4: `-oProxyCommand=x:y` is not a folder of another machine (write it as `user@host:folder`)"],
        );
        check(
            "[publish.a]\nkind = 'webdav'\nto = 'https://me:pw@dav.example/x'\n",
            &[
                "4: `https://me:pw@dav.example/x` is not an address for `to` (write it as `https://example.com` or `https://example.com/folder`, without a name or a password)",
            ],
        );
        check("publish = 1\n", &["2: `publish` must be a table, but this is a number"]);
    }

    #[test]
    fn the_host_is_told_by_the_place() {
        assert_eq!(target("kind = 'git'\nto = 'git@github.com:a/b.git'\n").host, Host::GithubPages);
        assert_eq!(target("kind = 'git'\nto = 'git@github.com:a/b.git'\nhost = 'plain'\n").host, Host::Plain);
        assert_eq!(target("kind = 's3'\nbucket = 'b'\n").host, Host::ObjectStore);
    }

    #[test]
    fn limits_of_deletes_are_counts_or_parts() {
        let of = |text: &str, there| MaxDeletes::parse(text).map(|limit| limit.of(there));
        assert_eq!(of("20", 5), Ok(20));
        assert_eq!(of("10%", 55), Ok(5));
        assert!(of("110%", 1).is_err() && of("ten", 1).is_err() && of("-1", 1).is_err());
    }
}
