//! What each host needs besides the site: redirects and headers in its own words, the domain, a page for
//! missing addresses. Pure.
//!
//! The build makes what holds everywhere: a page at each old address that leads on, `_redirects`, `404.html`,
//! `.nojekyll`. A file of the author's own is never replaced.

use std::fmt::Write as _;

use crate::config::Config;
use crate::config::publish::{Encoding, Host, PublishTarget};
use crate::page::kinds::feed::FeedFormat;
use crate::path::{OutputPath, UrlPath, percent_decode};
use crate::picture::renditions::FOLDER;
use crate::publish::headers::{FOR_EVER, LACKING, REVALIDATED, feed_content_type};
use crate::publish::redirect_rules::{HostRedirects, caddy_quoted, nginx_quoted, regex_literal};

/// What a host's own files are made from.
pub(crate) struct HostFileInput<'a> {
    /// The settings of the site.
    pub config: &'a Config,
    pub target: &'a PublishTarget,
    /// The redirects in the words of the host.
    pub redirects: &'a HostRedirects,
    /// Files that are asked for by addresses that change with their content.
    pub for_ever: &'a [&'a OutputPath],
    /// Files whose name does not tell their type.
    pub typed: &'a [TypedFile<'a>],
}

/// A file whose name does not tell its type.
pub(crate) struct TypedFile<'a> {
    /// Its address.
    pub url: &'a UrlPath,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
}

/// A file that a host needs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HostFile {
    pub path: &'static str,
    pub text: String,
    /// What becomes of a file of the same name that the engine made.
    pub replaces: ReplaceRule,
}

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplaceRule {
    /// The engine's own is replaced, the author's stays.
    EngineFile,
    /// It stays.
    Never,
}

/// The files that the target's host needs.
pub(crate) fn extras(facts: &HostFileInput<'_>) -> Vec<HostFile> {
    match facts.target.host {
        Host::Plain | Host::ObjectStore | Host::Neocities => Vec::new(),
        Host::GithubPages => {
            domain(facts, ".github.io").map(|text| new_file("CNAME", text)).into_iter().collect()
        }
        Host::Codeberg => {
            let domains = domain(facts, ".codeberg.page").map(|text| new_file(".domains", text));
            domains.into_iter().chain(redirects(facts)).collect()
        }
        Host::GitlabPages => redirects(facts).into_iter().collect(),
        Host::Cloudflare | Host::Netlify => {
            redirects(facts).into_iter().chain([new_file("_headers", headers(facts))]).collect()
        }
        Host::Apache => vec![new_file(".htaccess", apache(facts))],
        Host::Nginx => {
            let map = &facts.redirects.map;
            let map = (!map.is_empty()).then(|| new_file(".backmatter-nginx-map.conf", map.clone()));
            [new_file(".backmatter-nginx.conf", nginx(facts))].into_iter().chain(map).collect()
        }
        Host::Caddy => vec![new_file(".backmatter-caddy", caddy(facts))],
    }
}

/// A file that replaces nothing.
fn new_file(path: &'static str, text: String) -> HostFile {
    HostFile { path, text, replaces: ReplaceRule::Never }
}

/// The domain of the site, if it is not one of the host's own. A site with a path has none: it stands below the domain of
/// another one, which would lose it to this one.
fn domain(facts: &HostFileInput<'_>, own: &str) -> Option<String> {
    let host = facts.config.host();
    (!host.ends_with(own) && facts.config.base_path().is_empty()).then(|| format!("{host}\n"))
}

fn redirects(facts: &HostFileInput<'_>) -> Option<HostFile> {
    let text = facts.redirects.text.clone();
    (!text.is_empty()).then_some(HostFile { path: "_redirects", text, replaces: ReplaceRule::EngineFile })
}

/// `_headers`, as Netlify and Cloudflare read it. Pages are revalidated by both of themselves; saying so again
/// would join both values.
fn headers(facts: &HostFileInput<'_>) -> String {
    let base = facts.config.base_path();
    let mut text = String::new();
    let is_rendition = |path: &&&OutputPath| path.as_str().starts_with(&format!("{FOLDER}/"));
    let (renditions, others): (Vec<&&OutputPath>, Vec<&&OutputPath>) =
        facts.for_ever.iter().partition(is_rendition);
    // Hosts take a limited number of rules.
    if !renditions.is_empty() {
        text.push_str(&format!("{base}/{FOLDER}/*\n  Cache-Control: {FOR_EVER}\n"));
    }
    for path in others {
        let url = UrlPath::new(path.as_str()).map(|url| url.encoded("")).unwrap_or_default();
        text.push_str(&format!("{base}{url}\n  Cache-Control: {FOR_EVER}\n"));
    }
    for file in facts.typed {
        text.push_str(&format!("{}\n  Content-Type: {}\n", facts.config.url(file.url), file.content_type));
    }
    for format in FeedFormat::ALL {
        let content_type = feed_content_type(format);
        for folder in ["/", "/*/"] {
            text.push_str(&format!("{base}{folder}{}\n  Content-Type: {content_type}\n", format.file_name()));
        }
    }
    text
}

/// `.htaccess`, as Apache httpd 2.4 reads it.
fn apache(facts: &HostFileInput<'_>) -> String {
    let base = facts.config.base_path();
    let mut feeds = String::new();
    for format in FeedFormat::ALL {
        let (name, content_type) = (regex_literal(format.file_name()), feed_content_type(format));
        writeln!(
            feeds,
            "<FilesMatch \"^{name}(\\.gz|\\.br)?$\">\n  ForceType \"{content_type}\"\n</FilesMatch>"
        )
        .expect("writing to a string cannot fail");
    }
    let mut text = format!(
        "# Made by backmatter.\n\
         Options -Indexes\n\
         AddDefaultCharset utf-8\n\
         <IfModule mod_mime.c>\n  AddCharset utf-8 .html .css .js .mjs .svg .txt .xml .json .md .vtt .ics .webmanifest\n</IfModule>\n\
         ErrorDocument 404 {base}/404.html\n\
         <Files \".backmatter-*\">\n  Require all denied\n</Files>\n\
         {feeds}\
         <IfModule mod_headers.c>\n\
         \x20 Header set Cache-Control \"{REVALIDATED}\"\n\
         \x20 <If \"%{{THE_REQUEST}} =~ m#{VERSIONED}#\">\n    Header set Cache-Control \"{FOR_EVER}\"\n  </If>\n\
         </IfModule>\n"
    );
    for file in facts.typed {
        // In `m#…#` a slash needs no escape; the address is compared decoded, and with the ending of a compressed sibling.
        let path = regex_literal(&format!("{}{}", percent_decode(base), file.url));
        let path = path.replace('#', "\\x23").replace("\\\"", "\\x22").replace('>', "\\x3E");
        text.push_str(&format!(
            "<If \"%{{REQUEST_URI}} =~ m#^{path}(\\.gz|\\.br)?$#\">\n  SetHandler none\n  ForceType \"{}\"\n</If>\n",
            file.content_type
        ));
    }
    text.push_str(&facts.redirects.text);
    text.push_str(&apache_compressed(&facts.target.compress));
    text
}

/// Rules that serve the sibling in place of the file to whoever takes it, the smallest first.
fn apache_compressed(encodings: &[Encoding]) -> String {
    let mut rules = String::new();
    let mut types = String::new();
    let smallest_first = [(Encoding::Brotli, "br", "br"), (Encoding::Gzip, "gzip", "gz")];
    for (_, name, extension) in smallest_first.iter().filter(|(encoding, ..)| encodings.contains(encoding)) {
        types.push_str(&format!("RemoveType .{extension}\nAddEncoding {name} .{extension}\n"));
        // A folder is asked for by its own address, before its index is looked for.
        for (pattern, index) in [("^(|.*/)$", "index.html"), ("^(.*[^/])$", "")] {
            rules.push_str(&format!(
                "  RewriteCond %{{HTTP:Accept-Encoding}} \\b{name}\\b\n  \
                 RewriteCond %{{REQUEST_FILENAME}}{index}.{extension} -f\n  \
                 RewriteRule \"{pattern}\" \"$1{index}.{extension}\" [L,E=no-gzip:1,E=no-brotli:1]\n"
            ));
        }
    }
    if rules.is_empty() {
        return String::new();
    }
    format!(
        "<IfModule mod_rewrite.c>\n  RewriteEngine On\n{rules}</IfModule>\n{types}\
         <IfModule mod_headers.c>\n  Header merge Vary Accept-Encoding\n</IfModule>\n"
    )
}

/// The first line of a request for a file, no page and no feed, by an address that changes with its content, or for a
/// rendition, whose name does, as a regular expression of both httpd and nginx.
const VERSIONED: &str = r"^[A-Z]+ [^ ?]*(\.(?!html|xml|json|txt)[A-Za-z0-9]+\?v=[0-9a-f]{8}|/i/[^ ?/]*-[0-9a-f]{12}-[0-9]+\.[a-z]+) ";

/// A file for `include` in a `server` block.
fn nginx(facts: &HostFileInput<'_>) -> String {
    let base = facts.config.base_path();
    // A path within the server is decoded.
    let missing = nginx_quoted(&format!("{}/404.html", percent_decode(base)));
    let mut feeds = String::new();
    for format in FeedFormat::ALL {
        let (name, content_type) = (regex_literal(format.file_name()), feed_content_type(format));
        writeln!(feeds, "location ~ /{name}$ {{ types {{}} default_type \"{content_type}\"; }}")
            .expect("writing to a string cannot fail");
    }
    let mut lacking = String::new();
    for (ending, content_type) in LACKING {
        writeln!(lacking, "location ~* \\.{ending}$ {{ types {{}} default_type \"{content_type}\"; }}")
            .expect("writing to a string cannot fail");
    }
    let mut typed = String::new();
    for file in facts.typed {
        let path = nginx_quoted(&format!("{}{}", percent_decode(base), file.url));
        writeln!(typed, "location = \"{path}\" {{ types {{}} default_type \"{}\"; }}", file.content_type)
            .expect("writing to a string cannot fail");
    }
    let mut text = format!(
        "# Made by backmatter. In the server block: include /path/to/.backmatter-nginx.conf;\n\
         charset utf-8;\n\
         charset_types text/css text/plain text/xml text/javascript application/javascript application/json application/xml image/svg+xml;\n\
         error_page 404 \"{missing}\";\n\
         location ~ /\\.backmatter- {{ return 404; }}\n\
         {feeds}{lacking}{typed}\
         set $backmatter_cache \"{REVALIDATED}\";\n\
         if ($request ~ \"{VERSIONED}\") {{ set $backmatter_cache \"{FOR_EVER}\"; }}\n\
         add_header Cache-Control $backmatter_cache;\n"
    );
    for encoding in &facts.target.compress {
        text.push_str(match encoding {
            Encoding::Gzip => "gzip_static on;\ngzip_vary on;\n",
            Encoding::Brotli => "# With ngx_brotli: brotli_static on;\n",
        });
    }
    text.push_str(&facts.redirects.text);
    text
}

/// A file for `import` in a site block.
fn caddy(facts: &HostFileInput<'_>) -> String {
    let base = facts.config.base_path();
    // A path within the server is decoded.
    let missing = caddy_quoted(&format!("{}/404.html", percent_decode(base)));
    let mut feeds = String::new();
    for format in FeedFormat::ALL {
        let (name, content_type) = (format.file_name(), feed_content_type(format));
        let stem = name.split('.').next().unwrap_or_default();
        writeln!(
            feeds,
            "@backmatter_{stem} path */{name}\nheader @backmatter_{stem} Content-Type \"{content_type}\""
        )
        .expect("writing to a string cannot fail");
    }
    let mut typed = String::new();
    for (ending, content_type) in LACKING {
        writeln!(typed, "@backmatter_{ending} path *.{ending}\nheader @backmatter_{ending} Content-Type \"{content_type}\"")
            .expect("writing to a string cannot fail");
    }
    for file in facts.typed {
        // Percent-encoded characters are compared as they are requested, and everything else decoded.
        let path = format!("{}{}", percent_decode(base), file.url).replace('%', "%25");
        writeln!(typed, "header \"{}\" Content-Type \"{}\"", caddy_quoted(&path), file.content_type)
            .expect("writing to a string cannot fail");
    }
    let mut precompressed = String::new();
    for encoding in facts.target.compress.iter().rev() {
        precompressed.push_str(match encoding {
            Encoding::Gzip => " gzip",
            Encoding::Brotli => " br",
        });
    }
    let mut text = format!(
        "# Made by backmatter. In the site block: import /path/to/.backmatter-caddy\n\
         @backmatter_versioned {{\n\tquery v=*\n\tnot path */ *.html *.xml *.json *.txt\n}}\n\
         header ?Cache-Control \"{REVALIDATED}\"\n\
         header @backmatter_versioned Cache-Control \"{FOR_EVER}\"\n\
         {feeds}\
         @backmatter_own path */.backmatter-*\n\
         error @backmatter_own 404\n\
         {typed}\
         handle_errors {{\n\trewrite * \"{missing}\"\n\tfile_server\n}}\n"
    );
    if !precompressed.is_empty() {
        writeln!(text, "file_server {{\n\tprecompressed{precompressed}\n}}")
            .expect("writing to a string cannot fail");
    }
    text.push_str(&facts.redirects.text);
    text
}

/// Extensions that a free account of Neocities takes; it refuses a whole upload for one of another kind.
const NEOCITIES: [&str; 67] = [
    "apng",
    "asc",
    "atom",
    "avif",
    "bin",
    "cjs",
    "css",
    "csv",
    "dae",
    "eot",
    "epub",
    "geojson",
    "gif",
    "glb",
    "glsl",
    "gltf",
    "gpg",
    "htm",
    "html",
    "ico",
    "jpeg",
    "jpg",
    "js",
    "json",
    "key",
    "kml",
    "knowl",
    "less",
    "manifest",
    "map",
    "markdown",
    "md",
    "mf",
    "mid",
    "midi",
    "mjs",
    "mtl",
    "obj",
    "opml",
    "osdx",
    "otf",
    "pdf",
    "pgp",
    "pls",
    "png",
    "py",
    "rdf",
    "resolvehandle",
    "rss",
    "sass",
    "scss",
    "sf2",
    "svg",
    "swf",
    "text",
    "toml",
    "ts",
    "tsv",
    "ttf",
    "txt",
    "webapp",
    "webmanifest",
    "webp",
    "woff",
    "woff2",
    "xcf",
    "xml",
];

/// Whether a free account of Neocities takes a file of this name.
pub(crate) fn free_account_takes(path: &OutputPath) -> bool {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase();
    NEOCITIES.contains(&extension.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extras_of(host: &str, base_url: &str) -> Vec<(&'static str, String)> {
        let text = format!(
            "base_url = '{base_url}'\n[publish.a]\nkind = 'directory'\nto = 'x'\nhost = '{host}'\ncompress = ['gz']\n"
        );
        let (config, diagnostics) = Config::parse(&text);
        assert_eq!(diagnostics, []);
        let style = OutputPath::new("style.css").unwrap();
        let redirects = HostRedirects { text: "A RULE\n".to_owned(), ..HostRedirects::default() };
        let facts = HostFileInput {
            config: &config,
            target: &config.publish[0],
            redirects: &redirects,
            for_ever: &[&style],
            typed: &[],
        };
        extras(&facts).into_iter().map(|extra| (extra.path, extra.text)).collect()
    }

    fn check(host: &str, path: &str, lines: &[&str]) {
        let extras = extras_of(host, "https://example.com/blog");
        let text = extras.iter().find(|(known, _)| *known == path).map(|(_, text)| text.as_str());
        let text = text.unwrap_or_else(|| panic!("{host} has no `{path}`: {extras:?}"));
        for line in lines {
            assert!(text.lines().any(|known| known.trim() == *line), "`{line}` is not in\n{text}");
        }
    }

    #[test]
    fn each_host_is_told_in_its_own_words() {
        check("netlify", "_redirects", &["A RULE"]);
        check("cloudflare", "_redirects", &["A RULE"]);
        check(
            "cloudflare",
            "_headers",
            &["/blog/style.css", "Cache-Control: public, max-age=31536000, immutable"],
        );
        check("apache", ".htaccess", &["ErrorDocument 404 /blog/404.html", "A RULE"]);
        check("nginx", ".backmatter-nginx.conf", &["A RULE", "gzip_static on;"]);
        check("caddy", ".backmatter-caddy", &["A RULE"]);
    }

    #[test]
    fn a_domain_of_its_own_is_told_to_the_host() {
        let told = |host, base_url| extras_of(host, base_url);
        assert_eq!(
            told("github-pages", "https://blog.example.com"),
            [("CNAME", "blog.example.com\n".to_owned())]
        );
        assert_eq!(
            told("codeberg", "https://blog.example.com")[0],
            (".domains", "blog.example.com\n".to_owned())
        );
        // It stands below the domain of another repository.
        assert_eq!(told("github-pages", "https://example.com/blog"), []);
    }

    #[test]
    fn a_hosts_own_domain_needs_no_file() {
        assert_eq!(extras_of("github-pages", "https://me.github.io/blog"), []);
        assert_eq!(extras_of("codeberg", "https://me.codeberg.page").len(), 1);
    }
}
