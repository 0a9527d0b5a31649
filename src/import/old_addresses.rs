//! How the new site answers old addresses, and what that comes to at each kind of host.
//!
//! The site is not built for it: a build of a large blog would need its bodies in memory. What a build makes of posts, lists and
//! redirects is known: a page at its address, a page that leads on at each old address that can have one, and rules for hosts
//! that read them. A test compares this with a build.

use std::collections::{BTreeMap, HashSet};

use crate::config::Config;
use crate::config::publish::Host;
use crate::config::redirects::{RedirectSource, RedirectStatus, RedirectTarget, SourcePart, normal_path};
use crate::hash::Hash;
use crate::page::redirects::{Redirect, RedirectWorth, RedirectsDialect, lines};
use crate::path::{UrlPath, percent_decode};

use super::model::RedirectFact;

/// How an old address is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AddressFate {
    /// What stood there stands there.
    Kept,
    /// A rule of the host leads on.
    LedOn,
    /// A page stands there that leads on.
    ByPage,
    /// Nothing answers.
    Lost,
}

/// Old addresses, by how they are answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FateCounts {
    counts: BTreeMap<AddressFate, usize>,
}

impl FateCounts {
    pub(super) fn get(&self, fate: AddressFate) -> usize {
        self.counts.get(&fate).copied().unwrap_or_default()
    }

    pub(super) fn all(&self) -> usize {
        self.counts.values().sum()
    }

    /// The part of them that is answered, from 0 to 1.
    pub(super) fn score(&self) -> f64 {
        let all = self.all().max(1);
        #[expect(clippy::cast_precision_loss, reason = "a blog has fewer than 2^52 addresses")]
        let score = (all - self.get(AddressFate::Lost).min(all)) as f64 / all as f64;
        score
    }
}

/// What hosts do with redirects, as far as it makes a difference here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RuleSupport {
    /// Files only.
    Pages,
    /// Files, and redirects that are stored as such.
    Objects,
    /// A file of rules.
    File(RedirectsDialect),
    /// A server that takes every rule.
    Every,
}

/// The kinds of hosts, and what they are called in the report.
const HOSTS: [(&str, Host); 8] = [
    ("GitHub Pages, Neocities, and others with files only", Host::GithubPages),
    ("GitLab Pages", Host::GitlabPages),
    ("Codeberg Pages", Host::Codeberg),
    ("Cloudflare", Host::Cloudflare),
    ("Netlify", Host::Netlify),
    ("S3", Host::ObjectStore),
    ("Apache httpd, Caddy", Host::Apache),
    ("nginx", Host::Nginx),
];

fn support(host: Host) -> RuleSupport {
    match host {
        Host::Netlify => RuleSupport::File(RedirectsDialect::Netlify),
        Host::Cloudflare => RuleSupport::File(RedirectsDialect::Cloudflare),
        Host::GitlabPages => RuleSupport::File(RedirectsDialect::Gitlab),
        Host::Codeberg => RuleSupport::File(RedirectsDialect::Codeberg),
        Host::Apache | Host::Nginx | Host::Caddy => RuleSupport::Every,
        Host::ObjectStore => RuleSupport::Objects,
        Host::Plain | Host::GithubPages | Host::Neocities => RuleSupport::Pages,
    }
}

/// The addresses of the new site.
#[derive(Debug, Default)]
pub(super) struct NewAddresses {
    /// Pages and files, by the fingerprints of their decoded paths.
    pages: HashSet<u64>,
    /// Old addresses of posts, and their fingerprints.
    aliases: Vec<UrlPath>,
    alias_keys: HashSet<u64>,
}

/// How old addresses are answered, by host.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct HostScore {
    pub(super) name: &'static str,
    pub(super) fates: FateCounts,
    /// The first of those that nothing answers.
    pub(super) lost: Vec<String>,
}

/// How many lost addresses of a host are named.
const MOST_LOST: usize = 200;

/// A host, and the redirects that it takes.
struct ScoredHost {
    support: RuleSupport,
    /// Fingerprints of the sources of rules for one address.
    rules: HashSet<u64>,
    patterns: Vec<RedirectSource>,
    score: HostScore,
}

/// Redirects of the new site by what they are.
#[derive(Default)]
struct RedirectTable {
    /// Sources that have a page as well, and do not lead to a feed.
    by_page: HashSet<u64>,
    by_query: HashSet<u64>,
}

impl NewAddresses {
    /// Notes a page or a file.
    pub(super) fn add_page(&mut self, path: &str) {
        self.pages.insert(path_key(path));
    }

    /// Whether a page, a file or an old address of a post stands at a path.
    pub(super) fn answers(&self, path: &str) -> bool {
        let key = path_key(&percent_decode(path));
        self.pages.contains(&key) || self.alias_keys.contains(&key)
    }

    /// Notes an old address of a post.
    pub(super) fn add_alias(&mut self, alias: UrlPath) {
        self.alias_keys.insert(path_key(alias.as_str()));
        self.aliases.push(alias);
    }

    /// The old addresses of posts.
    pub(super) fn aliases(&self) -> impl Iterator<Item = &UrlPath> {
        self.aliases.iter()
    }

    /// Asks each kind of host for old addresses, which are paths below the blog's with their queries.
    pub(super) fn scores(
        &self,
        config: &Config,
        redirects: &[RedirectFact],
        asked: &mut dyn Iterator<Item = String>,
    ) -> Vec<HostScore> {
        let (table, mut hosts) = self.ready_hosts(config, redirects);
        let mut seen = HashSet::new();
        for address in asked {
            let (path, query) = address.split_once('?').unwrap_or((&address, ""));
            if seen.insert(fingerprint(&format!("{}?{query}", normal_path(path)))) {
                for host in &mut hosts {
                    let fate = self.fate(host, &table, path, query);
                    *host.score.fates.counts.entry(fate).or_default() += 1;
                    if fate == AddressFate::Lost && host.score.lost.len() < MOST_LOST {
                        host.score.lost.push(address.clone());
                    }
                }
            }
        }
        hosts.into_iter().map(|host| host.score).collect()
    }

    /// Those of some old addresses that no kind of host answers, each once.
    pub(super) fn lost_everywhere(
        &self,
        config: &Config,
        redirects: &[RedirectFact],
        asked: &[String],
    ) -> Vec<String> {
        let (table, hosts) = self.ready_hosts(config, redirects);
        let mut seen = HashSet::new();
        let lost = asked.iter().filter(|address| {
            let (path, query) = address.split_once('?').unwrap_or((address, ""));
            seen.insert(fingerprint(&format!("{}?{query}", normal_path(path))))
                && hosts.iter().all(|host| self.fate(host, &table, path, query) == AddressFate::Lost)
        });
        lost.cloned().collect()
    }

    /// The kinds of hosts with the rules that each takes.
    fn ready_hosts(&self, config: &Config, redirects: &[RedirectFact]) -> (RedirectTable, Vec<ScoredHost>) {
        let mut table = RedirectTable::default();
        let mut hosts: Vec<ScoredHost> = HOSTS
            .into_iter()
            .map(|(name, host)| ScoredHost {
                support: support(host),
                rules: HashSet::new(),
                patterns: Vec::new(),
                score: HostScore { name, ..HostScore::default() },
            })
            .collect();
        self.take_rules(config, redirects, &mut table, &mut hosts);
        (table, hosts)
    }

    /// Gives the hosts their rules, most worth first, as some take few.
    fn take_rules(
        &self,
        config: &Config,
        redirects: &[RedirectFact],
        table: &mut RedirectTable,
        hosts: &mut [ScoredHost],
    ) {
        let mut limits: Vec<_> = hosts
            .iter()
            .map(|host| match host.support {
                RuleSupport::File(dialect) => dialect.limits(),
                _ => RedirectsDialect::Common.limits(),
            })
            .collect();
        for worth in [
            RedirectWorth::Pattern,
            RedirectWorth::Post,
            RedirectWorth::Other,
            RedirectWorth::Query,
            RedirectWorth::Feed,
        ] {
            let aliases = self.aliases.iter().filter(|_| worth == RedirectWorth::Post).map(alias_rule);
            let others = redirects.iter().filter_map(rule).filter(|rule| rule.worth == worth);
            for rule in aliases.chain(others) {
                table.add(&rule);
                for (host, limits) in std::iter::zip(hosts.iter_mut(), &mut limits) {
                    let is_taken = match host.support {
                        RuleSupport::Pages => false,
                        RuleSupport::Objects => rule.from.is_literal() && rule.from.query.is_empty(),
                        RuleSupport::Every => true,
                        RuleSupport::File(dialect) => {
                            let lines = lines(&rule, config, dialect);
                            !lines.is_empty() && limits.takes(&rule, &lines)
                        }
                    };
                    if is_taken && rule.from.is_literal() {
                        host.rules.insert(source_key(&rule.from));
                    } else if is_taken {
                        host.patterns.push(rule.from.clone());
                    }
                }
            }
        }
    }

    fn fate(&self, host: &ScoredHost, table: &RedirectTable, path: &str, query: &str) -> AddressFate {
        let path = normal_path(path);
        let by_query = query_keys(&path, query).into_iter().find(|key| table.by_query.contains(key));
        if let Some(key) = by_query {
            // The page at the path without its query is not what was asked for.
            return if host.rules.contains(&key) { AddressFate::LedOn } else { AddressFate::Lost };
        }
        if self.pages.contains(&path_key(&percent_decode(&path))) {
            return AddressFate::Kept;
        }
        let key = fingerprint(folder(&path));
        if host.rules.contains(&key) {
            return AddressFate::LedOn;
        }
        if table.by_page.contains(&key) {
            return AddressFate::ByPage;
        }
        if host.patterns.iter().any(|from| from.matches_query(query) && from.captures(&path).is_some()) {
            return AddressFate::LedOn;
        }
        AddressFate::Lost
    }
}

impl RedirectTable {
    fn add(&mut self, rule: &Redirect) {
        if !rule.from.is_literal() {
            return;
        }
        if !rule.from.query.is_empty() {
            self.by_query.insert(source_key(&rule.from));
        } else if rule.from.can_be_page() && rule.worth != RedirectWorth::Feed {
            self.by_page.insert(source_key(&rule.from));
        }
    }
}

fn alias_rule(alias: &UrlPath) -> Redirect {
    Redirect {
        from: RedirectSource::of_url(alias),
        to: RedirectTarget { is_own: true, parts: Vec::new() },
        status: RedirectStatus::Permanent,
        worth: RedirectWorth::Post,
    }
}

fn rule(fact: &RedirectFact) -> Option<Redirect> {
    let from = RedirectSource::parse(&fact.from).ok()?;
    let to = RedirectTarget::parse(&fact.to, &from).ok()?;
    let is_feed = fact.to.ends_with("/rss.xml") || fact.to.ends_with("/atom.xml");
    let worth = match (from.is_literal(), from.query.is_empty()) {
        (false, _) => RedirectWorth::Pattern,
        (true, false) => RedirectWorth::Query,
        (true, true) if is_feed => RedirectWorth::Feed,
        (true, true) => RedirectWorth::Other,
    };
    Some(Redirect { from, to, status: RedirectStatus::Permanent, worth })
}

fn fingerprint(text: &str) -> u64 {
    Hash::of(text.as_bytes()).long()
}

/// A path without the slash at its end, which makes no difference to a host.
fn folder(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// A page is found with its slash and without. The path is decoded, as names of files may have signs like `%20`.
fn path_key(path: &str) -> u64 {
    let path = crate::path::nfc(path);
    fingerprint(folder(path.strip_suffix("index.html").unwrap_or(&path)))
}

fn source_key(from: &RedirectSource) -> u64 {
    let path = match from.path.as_slice() {
        [SourcePart::Text(path)] => path.as_str(),
        _ => "",
    };
    let query: Vec<String> = from.query.iter().map(|pair| format!("{}={}", pair.name, pair.value)).collect();
    if query.is_empty() {
        fingerprint(folder(path))
    } else {
        fingerprint(&format!("{}?{}", folder(path), query.join("&")))
    }
}

/// What each parameter of a query would be looked up by.
fn query_keys(path: &str, query: &str) -> Vec<u64> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| fingerprint(&format!("{}?{pair}", folder(path)))).collect()
}

/// Old addresses in a file: a sitemap, the log of a server, or a list. Those of other hosts are not asked for.
pub(super) fn addresses_in(text: &str, own_path: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut take = |written: &str| {
        let written = super::xml::decode_entities(written.trim());
        let (path, query) = written.split_once('?').unwrap_or((&written, ""));
        let path = if path.starts_with('/') { Some(path.to_owned()) } else { own_path(path) };
        if let Some(path) = path.filter(|path| !path.contains(char::is_control)) {
            found.push(if query.is_empty() { path } else { format!("{path}?{query}") });
        }
    };
    for line in text.lines() {
        if line.contains("<loc>") || line.contains("<image:loc>") {
            for part in line.split("loc>").skip(1).step_by(2) {
                take(part.split('<').next().unwrap_or_default());
            }
        } else if let Some(request) = logged_request(line) {
            take(request);
        } else {
            let first = line.split([' ', '\t', ',', ';']).next().unwrap_or_default().trim_matches('"');
            let is_address =
                first.starts_with('/') || first.starts_with("http://") || first.starts_with("https://");
            if is_address {
                take(first);
            }
        }
    }
    found
}

/// What a line of a server's log was asked for, if it was answered: `"GET /a/ HTTP/1.1" 200`.
fn logged_request(line: &str) -> Option<&str> {
    let at = ["\"GET ", "\"HEAD "].iter().find_map(|start| Some(line.find(start)? + start.len()))?;
    let (request, rest) = line[at..].split_once('"')?;
    let status: u16 = rest.split_whitespace().next()?.parse().ok()?;
    let is_answered = (200..400).contains(&status);
    request.split(' ').next().filter(|_| is_answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_sitemaps_logs_and_lists() {
        let own = |url: &str| url.strip_prefix("https://a.example").map(str::to_owned);
        for (text, expected) in [
            (
                "<url><loc>https://a.example/x/</loc></url><url><loc>https://a.example/y/?p=1&amp;q=2</loc></url>",
                vec!["/x/", "/y/?p=1&q=2"],
            ),
            (
                "1.2.3.4 - - [1/Jan/2020:00:00:00 +0000] \"GET /z/?p=3 HTTP/1.1\" 200 12 \"-\" \"-\"\n- \"GET /gone HTTP/1.1\" 404 0\n- \"POST /x HTTP/1.1\" 200 0",
                vec!["/z/?p=3"],
            ),
            ("https://a.example/l/, 12\n/m/\n# note\nhttps://b.example/n/\n", vec!["/l/", "/m/"]),
        ] {
            assert_eq!(addresses_in(text, &own), expected, "{text}");
        }
    }

    #[test]
    fn hosts_answer_what_they_can() {
        let mut site = NewAddresses::default();
        site.add_page("/2020/01/02/é/");
        site.add_page("/a%20b.png");
        site.add_alias(UrlPath::new("/old/").unwrap());
        let fact = |from: &str, to: &str| RedirectFact { from: from.to_owned(), to: to.to_owned() };
        let redirects =
            [fact("/?p=1", "/2020/01/02/é/"), fact("/feed/", "/rss.xml"), fact("/*/feed/", "/rss.xml")];
        let asked = [
            "/a%2520b.png",
            "/2020/01/02/%c3%a9",
            "/old/",
            "/?p=1",
            "/feed/",
            "/x/feed/",
            "/gone/",
            "/gone/",
        ];
        let config = Config::parse("").0;
        let scores = site.scores(&config, &redirects, &mut asked.into_iter().map(str::to_owned));
        let count = |name: &str| {
            let score = scores.iter().find(|score| score.name.starts_with(name)).unwrap();
            [AddressFate::Kept, AddressFate::LedOn, AddressFate::ByPage, AddressFate::Lost]
                .map(|fate| score.fates.get(fate))
        };
        assert_eq!(count("GitHub"), [2, 0, 1, 4]);
        assert_eq!(count("Netlify"), [2, 4, 0, 1]);
        assert_eq!(count("nginx"), [2, 4, 0, 1]);
        assert_eq!(count("Cloudflare"), [2, 3, 0, 2]);
        assert_eq!(count("S3"), [2, 2, 0, 3]);
        assert_eq!(scores[0].lost, ["/?p=1", "/feed/", "/x/feed/", "/gone/"]);
    }
}
