//! Redirects in the words of each host, within its limits. What a host cannot have is listed, so that it can be said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

use crate::config::Config;
use crate::config::publish::{Host, PublishTarget, TargetKind};
use crate::config::redirects::{RedirectSource, RedirectStatus, SourcePart};
use crate::page::redirects::{Redirect, RedirectWorth, Redirects, RedirectsDialect, lines, written_sources};
use crate::path::{OutputPath, percent_decode};

/// What came of the redirects at a host.
#[derive(Debug, Default)]
pub(crate) struct HostRedirects {
    /// The rules, in the words of the host.
    pub text: String,
    /// For nginx: what has to stand outside the `server` block.
    pub map: String,
    /// What the host cannot answer.
    pub left_out: Vec<UnansweredRedirects>,
    /// Pages that would go before a rule of the host.
    pub in_the_way: BTreeSet<OutputPath>,
}

/// Redirects that a host does not answer as they are meant, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnansweredRedirects {
    /// The first of them.
    pub first: String,
    /// How many there are.
    pub count: usize,
    /// Why.
    pub reason: UnansweredReason,
}

/// Why a host does not answer a redirect as it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnansweredReason {
    /// It compares no queries.
    Query,
    /// It knows no patterns, or not this one.
    Pattern,
    /// It has files only, and no page can stand there.
    NoRules,
    /// It has files only, and what reads feeds does not follow a page.
    FeedByPage,
    /// It takes only as many rules.
    Limit,
    /// The rule would hide a page.
    HidesPage,
    /// It does not read the `_redirects` of the author.
    WrittenFile,
}

/// What redirects are written from.
pub(crate) struct RedirectInput<'a> {
    /// The settings of the site.
    pub config: &'a Config,
    /// The target.
    pub target: &'a PublishTarget,
    /// The redirects.
    pub redirects: &'a Redirects,
    /// The addresses of all pages and files, decoded.
    pub addresses: &'a BTreeSet<&'a str>,
}

/// The redirects of a site at a host.
pub(crate) fn write(input: &RedirectInput<'_>) -> HostRedirects {
    let mut result = match input.target.host {
        Host::Netlify => redirects_file(input, RedirectsDialect::Netlify),
        Host::Cloudflare => redirects_file(input, RedirectsDialect::Cloudflare),
        Host::GitlabPages => redirects_file(input, RedirectsDialect::Gitlab),
        Host::Codeberg => redirects_file(input, RedirectsDialect::Codeberg),
        Host::Apache => apache(input),
        Host::Nginx => nginx(input),
        Host::Caddy => caddy(input),
        Host::Plain | Host::GithubPages | Host::Neocities | Host::ObjectStore => pages_only(input),
    };
    if !reads_redirects_file(input.target.host)
        && let Some(first) = written_sources(&input.redirects.written).next()
    {
        let count = written_sources(&input.redirects.written).count();
        result.left_out.push(UnansweredRedirects {
            first: first.to_owned(),
            count,
            reason: UnansweredReason::WrittenFile,
        });
    }
    result
}

/// Whether a host reads `_redirects`, or may do so: elsewhere it would be a page like any other.
pub(crate) fn reads_redirects_file(host: Host) -> bool {
    matches!(host, Host::Plain | Host::Netlify | Host::Cloudflare | Host::GitlabPages | Host::Codeberg)
}

/// Collects what is left out, by reason.
#[derive(Default)]
struct UnansweredList(BTreeMap<UnansweredReason, (String, usize)>);

impl UnansweredList {
    fn add(&mut self, rule: &Redirect, reason: UnansweredReason) {
        let (_, count) = self.0.entry(reason).or_insert_with(|| (rule.from.to_string(), 0));
        *count += 1;
    }

    fn finish(self) -> Vec<UnansweredRedirects> {
        let all = self.0.into_iter();
        all.map(|(reason, (first, count))| UnansweredRedirects { first, count, reason }).collect()
    }
}

/// A page stands at each old address that can have one.
fn pages_only(input: &RedirectInput<'_>) -> HostRedirects {
    let leads_by_object = matches!(&input.target.place, TargetKind::S3(bucket) if bucket.redirects);
    let mut left_out = UnansweredList::default();
    for rule in &input.redirects.rules {
        if !rule.from.query.is_empty() {
            left_out.add(rule, UnansweredReason::Query);
        } else if !rule.from.is_literal() {
            left_out.add(rule, UnansweredReason::Pattern);
        } else if !rule.from.can_be_page() {
            left_out.add(rule, UnansweredReason::NoRules);
        } else if rule.worth == RedirectWorth::Feed && !leads_by_object {
            left_out.add(rule, UnansweredReason::FeedByPage);
        }
    }
    HostRedirects { left_out: left_out.finish(), ..HostRedirects::default() }
}

/// `_redirects`, the author's lines first: the first that fits counts.
fn redirects_file(input: &RedirectInput<'_>, dialect: RedirectsDialect) -> HostRedirects {
    let written = &input.redirects.written;
    let mut free = dialect.limits().behind(written);
    let mut left_out = UnansweredList::default();
    let mut taken: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut by_worth: Vec<usize> = (0..input.redirects.rules.len()).collect();
    by_worth.sort_by_key(|&at| input.redirects.rules[at].worth);
    for at in by_worth {
        let rule = &input.redirects.rules[at];
        let lines = lines(rule, input.config, dialect);
        match refusal(input, rule, &lines, dialect) {
            Some(reason) => left_out.add(rule, reason),
            None if free.takes(rule, &lines) => {
                taken.insert(at, lines);
            }
            None => left_out.add(rule, UnansweredReason::Limit),
        }
    }
    let mut text = written.clone();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let mut in_the_way = BTreeSet::new();
    for (at, lines) in taken {
        for line in lines {
            writeln!(text, "{line}").expect("writing to a string cannot fail");
        }
        if dialect == RedirectsDialect::Gitlab {
            in_the_way.extend(input.redirects.rules[at].from.page_url().map(|url| url.output()));
        }
    }
    HostRedirects { text, left_out: left_out.finish(), in_the_way, ..HostRedirects::default() }
}

/// Why a host cannot have a rule, whatever else it takes.
fn refusal(
    input: &RedirectInput<'_>,
    rule: &Redirect,
    lines: &[String],
    dialect: RedirectsDialect,
) -> Option<UnansweredReason> {
    if lines.is_empty() {
        let has_query = !rule.from.query.is_empty();
        return Some(if has_query { UnansweredReason::Query } else { UnansweredReason::Pattern });
    }
    // Only there a rule goes before the page.
    let hides_page = dialect == RedirectsDialect::Cloudflare
        && !rule.from.is_literal()
        && input.addresses.iter().any(|url| rule.from.captures(&spelt(url)).is_some());
    hides_page.then_some(UnansweredReason::HidesPage)
}

fn spelt(url: &str) -> String {
    let mut path = String::with_capacity(url.len());
    crate::path::percent_encode(url, &mut path);
    path
}

/// The rules of `.htaccess`: `mod_alias` for paths, `mod_rewrite` for queries and patterns.
fn apache(input: &RedirectInput<'_>) -> HostRedirects {
    let base = percent_decode(input.config.base_path());
    let mut aliases = String::new();
    let mut rewrites = String::new();
    let mut queries = 0;
    for rule in &input.redirects.rules {
        let status = rule.status;
        let is_path = rule.from.is_literal() && rule.from.query.is_empty();
        // `RedirectMatch` encodes its target once more.
        let is_encoded = rule.to.link(input.config.base_path(), |_| String::new()).contains('%');
        if is_path && !is_encoded {
            // httpd compares with the decoded path, of which a slash at the end may be missing.
            let path = rule.from.path_text();
            let pattern = format!("{}{}", regex_literal(&base), octets_regex(path.trim_end_matches('/')));
            let to = apache_target(rule, input.config, '$');
            writeln!(aliases, "  RedirectMatch {status} \"^{pattern}/?$\" \"{to}\"").expect(IN_MEMORY);
            continue;
        }
        for pair in &rule.from.query {
            let pair = regex_literal(&format!("{}={}", pair.name, pair.value));
            writeln!(rewrites, "  RewriteCond \"%{{QUERY_STRING}}\" \"(?:^|&){pair}(?:&|$)\"")
                .expect(IN_MEMORY);
        }
        if !rule.from.is_literal() {
            // A page or a file goes before a pattern.
            rewrites.push_str(
                "  RewriteCond \"%{REQUEST_FILENAME}\" !-f\n  RewriteCond \"%{REQUEST_FILENAME}\" !-d\n",
            );
        }
        if !rule.from.query.is_empty() {
            queries += 1;
        }
        // As it was requested, so that what is captured is still percent-encoded.
        let pattern = request_regex(&rule.from, input.config.base_path(), "[^? ]", "[? ]");
        let to = apache_target(rule, input.config, '%');
        let drop_query = if rule.from.query.is_empty() { "" } else { ",QSD" };
        writeln!(
            rewrites,
            "  RewriteCond \"%{{THE_REQUEST}}\" \"^[A-Z]+ {pattern}\"\n  RewriteRule \"^\" \"{to}\" [R={status},NE,L{drop_query}]"
        )
        .expect(IN_MEMORY);
    }
    let mut text = String::new();
    if !aliases.is_empty() {
        text = format!("<IfModule mod_alias.c>\n{aliases}</IfModule>\n");
    }
    if !rewrites.is_empty() {
        // Queries come first among the rules. Most requests have none.
        let skip = match queries {
            0 => String::new(),
            _ => format!(
                "  RewriteCond \"%{{QUERY_STRING}}\" \"^$\"\n  RewriteRule \"^\" \"-\" [S={queries}]\n"
            ),
        };
        write!(text, "<IfModule mod_rewrite.c>\n  RewriteEngine On\n{skip}{rewrites}</IfModule>\n")
            .expect(IN_MEMORY);
    }
    HostRedirects { text, ..HostRedirects::default() }
}

const IN_MEMORY: &str = "writing to a string cannot fail";

/// The target for a place between double quotes, in which `mark` begins a captured text.
fn apache_target(rule: &Redirect, config: &Config, mark: char) -> String {
    const PLACE: char = '\u{1}';
    let numbers = capture_numbers(&rule.from);
    let to =
        rule.to.link(config.base_path(), |at| format!("{PLACE}{}", numbers.get(&at).copied().unwrap_or(0)));
    let mut text = String::with_capacity(to.len());
    for c in to.chars() {
        match c {
            PLACE => text.push(mark),
            // In `RedirectMatch` these mean what was matched; in `RewriteRule` so do `$` and `%`.
            '&' if mark == '$' => text.push_str("\\&"),
            '%' if mark == '%' => text.push_str("\\%"),
            '$' => text.push_str("%24".replace('%', if mark == '%' { "\\%" } else { "%" }).as_str()),
            c => text.push(c),
        }
    }
    text
}

/// The number of the group that captures each part of a path.
fn capture_numbers(from: &RedirectSource) -> BTreeMap<usize, usize> {
    let parts = from.path.iter().enumerate();
    let captured = parts.filter(|(_, part)| !matches!(part, SourcePart::Text(_)));
    captured.enumerate().map(|(number, (at, _))| (at, number + 1)).collect()
}

/// A regular expression for the path as it was requested, from its start to `end`. `any` is a character of it.
fn request_regex(from: &RedirectSource, base: &str, any: &str, end: &str) -> String {
    let segment = any.replace("[^", "[^/");
    let mut pattern = encoded_regex(base);
    for part in &from.path {
        match part {
            SourcePart::Text(text) => pattern.push_str(&encoded_regex(text)),
            SourcePart::Segment(_) => write!(pattern, "({segment}+)").expect(IN_MEMORY),
            SourcePart::Splat => write!(pattern, "({any}*)").expect(IN_MEMORY),
        }
    }
    let is_root = from.path_text() == "/";
    let pattern = match pattern.strip_suffix('/').filter(|_| !is_root) {
        Some(file) => format!("{file}/?"),
        None => pattern,
    };
    format!("{pattern}{end}")
}

/// A percent-encoded text as a regular expression; its digits may be small letters.
fn encoded_regex(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        pattern.push_str(&regex_literal(&rest[..at]));
        let end = (at + 3).min(rest.len());
        write!(pattern, "(?i:{})", &rest[at..end]).expect(IN_MEMORY);
        rest = &rest[end..];
    }
    pattern.push_str(&regex_literal(rest));
    pattern
}

/// A percent-encoded text, decoded, as a regular expression: text if it is UTF-8, octets if not.
fn octets_regex(text: &str) -> String {
    let octets: Vec<u8> = percent_decode_str(text).collect();
    if let Ok(text) = std::str::from_utf8(&octets) {
        return regex_literal(text);
    }
    let mut pattern = String::with_capacity(octets.len());
    for octet in octets {
        match octet {
            0..=0x7f => pattern.push_str(&regex_literal(&char::from(octet).to_string())),
            _ => write!(pattern, "\\x{octet:02X}").expect(IN_MEMORY),
        }
    }
    pattern
}

/// The text as a regular expression that matches it, for a place between double quotes.
pub(crate) fn regex_literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if ".^$*+?()[]{}|\\\"".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// Rules with queries by what a server has to look up: the names of the parameters, and the status of the answer.
fn by_parameters<'r>(
    input: &RedirectInput<'r>,
    left_out: &mut UnansweredList,
) -> BTreeMap<(Vec<&'r str>, RedirectStatus), Vec<&'r Redirect>> {
    let mut groups: BTreeMap<_, Vec<&Redirect>> = BTreeMap::new();
    for rule in input.redirects.rules.iter().filter(|rule| !rule.from.query.is_empty()) {
        let names: Vec<&str> = rule.from.query.iter().map(|pair| pair.name.as_str()).collect();
        let mut octets = names.iter().flat_map(|name| name.bytes());
        if rule.from.is_literal() && octets.all(|octet| octet.is_ascii_alphanumeric() || octet == b'_') {
            groups.entry((names, rule.status)).or_default().push(rule);
        } else {
            left_out.add(rule, UnansweredReason::Query);
        }
    }
    groups
}

/// What is looked up for a rule with a query: the decoded path, and the parameters.
fn lookup_key(rule: &Redirect, base: &str) -> String {
    let mut key = format!("{base}{}?", percent_decode(&rule.from.path_text()));
    for pair in &rule.from.query {
        write!(key, "{}={}&", pair.name, pair.value).expect(IN_MEMORY);
    }
    key
}

/// Locations of nginx, and for queries a map.
fn nginx(input: &RedirectInput<'_>) -> HostRedirects {
    let base = percent_decode(input.config.base_path());
    let mut left_out = UnansweredList::default();
    let mut text = String::new();
    let mut map = String::new();
    for (number, ((names, status), rules)) in by_parameters(input, &mut left_out).into_iter().enumerate() {
        let variable = format!("$backmatter_query_{}", number + 1);
        let asked: String = names.iter().map(|name| format!("{name}=$arg_{name}&")).collect();
        writeln!(map, "map \"$uri?{asked}\" {variable} {{").expect(IN_MEMORY);
        for rule in rules {
            // A key that begins so would be taken for a regular expression or a word of nginx's own.
            let key = lookup_key(rule, &base);
            writeln!(map, "  \"{}\" \"{}\";", nginx_quoted(&key), nginx_target(rule, input.config))
                .expect(IN_MEMORY);
        }
        map.push_str("}\n");
        writeln!(text, "if ({variable}) {{ return {status} {variable}; }}").expect(IN_MEMORY);
    }
    for (number, rule) in input.redirects.rules.iter().filter(|rule| rule.from.query.is_empty()).enumerate() {
        let status = rule.status;
        if rule.from.is_literal() {
            let path = rule.from.path_text();
            let is_text = percent_decode_str(&path).decode_utf8().is_ok();
            let location = match is_text {
                true => format!("= \"{}\"", nginx_quoted(&format!("{base}{}", percent_decode(&path)))),
                false => format!("~ \"^{}{}$\"", regex_literal(&base), octets_regex(&path)),
            };
            writeln!(
                text,
                "location {location} {{ return {status} \"{}\"; }}",
                nginx_target(rule, input.config)
            )
            .expect(IN_MEMORY);
        } else {
            text.push_str(&nginx_pattern(input, rule, number + 1));
        }
    }
    if !map.is_empty() {
        let longest = input.redirects.rules.iter().map(|rule| lookup_key(rule, &base).len()).max();
        map.insert_str(0, &nginx_map_sizes(map.lines().count(), longest.unwrap_or(0)));
    }
    HostRedirects { text, map, left_out: left_out.finish(), ..HostRedirects::default() }
}

/// A text for a place between double quotes.
pub(crate) fn nginx_quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A target without captured parts. A dollar begins a variable; an address can say it otherwise.
fn nginx_target(rule: &Redirect, config: &Config) -> String {
    rule.to.link(config.base_path(), |_| String::new()).replace('$', "%24")
}

/// nginx's map takes keys of some 40 bytes and 2,048 of them by default.
fn nginx_map_sizes(count: usize, longest: usize) -> String {
    let mut text = String::from(
        "# Made by backmatter. Outside the server block: include /path/to/.backmatter-nginx-map.conf;\n",
    );
    if longest > 40 {
        writeln!(text, "map_hash_bucket_size {};", (longest + 24).next_power_of_two()).expect(IN_MEMORY);
    }
    if count > 1000 {
        writeln!(text, "map_hash_max_size {};", (count * 2).next_power_of_two()).expect(IN_MEMORY);
    }
    text
}

/// A pattern: a page or a file goes before it. What is captured is taken from the request as it came, percent-encoded:
/// decoded it could end the header.
fn nginx_pattern(input: &RedirectInput<'_>, rule: &Redirect, number: usize) -> String {
    let base = percent_decode(input.config.base_path());
    let mut decoded = regex_literal(&base);
    for part in &rule.from.path {
        match part {
            SourcePart::Text(text) => decoded.push_str(&octets_regex(text)),
            SourcePart::Segment(_) => decoded.push_str("[^/]+"),
            SourcePart::Splat => decoded.push_str(".*"),
        }
    }
    if decoded.ends_with('/') {
        decoded.push('?');
    }
    let numbers = capture_numbers(&rule.from);
    let written = rule
        .to
        .link(input.config.base_path(), |at| format!("\u{1}{}", numbers.get(&at).copied().unwrap_or(0)));
    let to = written.replace('$', "%24").replace('\u{1}', "$");
    let answer = format!("return {} \"{to}\";", rule.status);
    let answer = if to.contains('$') {
        let pattern = request_regex(&rule.from, input.config.base_path(), "[^?]", "(?:\\?|$)");
        format!("if ($request_uri ~ \"^{pattern}\") {{ {answer} }} return 404;")
    } else {
        answer
    };
    format!(
        "location ~ \"^{decoded}$\" {{ try_files $uri $uri/index.html @backmatter_{number}; }}\n\
         location @backmatter_{number} {{ {answer} }}\n"
    )
}

/// Rules of Caddy.
fn caddy(input: &RedirectInput<'_>) -> HostRedirects {
    let base = percent_decode(input.config.base_path());
    let mut left_out = UnansweredList::default();
    let mut text = String::new();
    for (number, ((names, status), rules)) in by_parameters(input, &mut left_out).into_iter().enumerate() {
        let name = format!("backmatter_query_{}", number + 1);
        let asked: String = names.iter().map(|name| format!("{name}={{query.{name}}}&")).collect();
        writeln!(text, "map \"{{path}}?{asked}\" {{{name}}} {{").expect(IN_MEMORY);
        for rule in rules {
            let key = caddy_quoted(&lookup_key(rule, &base));
            writeln!(text, "\t\"{key}\" \"{}\"", caddy_target(rule, input.config)).expect(IN_MEMORY);
        }
        writeln!(text, "\tdefault \"\"\n}}").expect(IN_MEMORY);
        writeln!(text, "@{name} expression `{{{name}}} != \"\"`\nredir @{name} {{{name}}} {status}")
            .expect(IN_MEMORY);
    }
    for (number, rule) in input.redirects.rules.iter().filter(|rule| rule.from.query.is_empty()).enumerate() {
        let status = rule.status;
        if rule.from.is_literal() {
            text.push_str(&caddy_literal(rule, &base, &caddy_target(rule, input.config)));
            continue;
        }
        let name = format!("backmatter_{}", number + 1);
        let pattern = request_regex(&rule.from, input.config.base_path(), "[^?]", "(?:\\?|$)");
        let numbers = capture_numbers(&rule.from);
        let to = caddy_quoted(&rule.to.link(input.config.base_path(), |at| {
            format!("\u{1}re.{name}.{}\u{2}", numbers.get(&at).copied().unwrap_or(0))
        }))
        .replace('\u{1}', "{")
        .replace('\u{2}', "}");
        writeln!(
            text,
            "@{name} {{\n\tvars_regexp {name} {{uri}} `^{pattern}`\n\tnot file {{path}} {{path}}/index.html\n}}\nredir @{name} \"{to}\" {status}"
        )
        .expect(IN_MEMORY);
    }
    HostRedirects { text, left_out: left_out.finish(), ..HostRedirects::default() }
}

/// A target without captured parts.
fn caddy_target(rule: &Redirect, config: &Config) -> String {
    caddy_quoted(&rule.to.link(config.base_path(), |_| String::new()))
}

fn caddy_literal(rule: &Redirect, base: &str, to: &str) -> String {
    let path = rule.from.path_text();
    // Caddy compares a percent-encoded character as it is requested, and everything else decoded.
    let from = match percent_decode_str(&path).decode_utf8() {
        Ok(path) => format!("{base}{path}").replace('%', "%25"),
        Err(_) => format!("{base}{path}"),
    };
    format!("redir \"{}\" \"{to}\" {}\n", caddy_quoted(&from), rule.status)
}

/// A path for a place between double quotes in a Caddyfile.
pub(super) fn caddy_quoted(path: &str) -> String {
    path.replace('"', "%22").replace('{', "%7B").replace('}', "%7D")
}
