//! `receive --config`: configurations with the values of the site. `tests/extra/hosting` runs the servers with them.

use std::path::Path;

use crate::cli::backmatter;
use crate::site_test::SiteTest;

const POST: &str = "-- content/2026/a.md --\n+++\ndate = 2026-11-01\naliases = [\"/old/\"]\n+++\nWords.\n";

fn site(settings: &str) -> SiteTest {
    let mut site = SiteTest::new(POST);
    site.write("backmatter.toml", settings);
    site
}

#[track_caller]
fn printed(site: &SiteTest, server: &str, note: &str) -> String {
    let run = backmatter(site.root(), ["receive", "--config", server]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), note));
    site.without_root(&run.stdout)
}

#[track_caller]
fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|known| known.trim() == *line), "`{line}` is not in\n{text}");
    }
}

const SHARED: &str = "base_url = 'https://me.example'\n[linkbacks]\nreceiver = 'https://me.example'\n";

#[test]
fn each_server_gets_the_hosts_the_folder_and_the_rules() {
    let site = site(SHARED);
    holds(
        &printed(&site, "nginx", ""),
        &[
            "server_name me.example;",
            "listen 443 ssl;",
            "location / { return 301 https://me.example$request_uri; }",
            "ssl_certificate /etc/letsencrypt/live/me.example/fullchain.pem;",
            "root \"ROOT/public\";",
            "proxy_pass http://127.0.0.1:8787;",
            "error_page 404 \"/404.html\";",
            "location = \"/old/\" { return 301 \"/2026/11/01/a/\"; }",
        ],
    );
    holds(
        &printed(&site, "caddy", ""),
        &[
            "me.example {",
            "root * \"ROOT/public\"",
            "reverse_proxy 127.0.0.1:8787",
            "redir \"/old/\" \"/2026/11/01/a/\" 301",
            "file_server",
        ],
    );
    holds(
        &printed(&site, "apache", ""),
        &[
            "<VirtualHost *:443>",
            "ServerName me.example",
            "DocumentRoot \"ROOT/public\"",
            "RedirectMatch 301 \"^/old/?$\" \"/2026/11/01/a/\"",
            "ProxyPreserveHost On",
        ],
    );
}

#[test]
fn a_publish_brings_its_rules_itself() {
    let mut site = site(SHARED);
    site.write(
        "backmatter.toml",
        format!(
            "{SHARED}[publish.stage]\nkind = 'directory'\nto = '/srv/stage'\nhost = 'nginx'\nbase_url = 'https://stage.example'\n\
             [publish.web]\nkind = 'directory'\nto = '/srv/web'\nhost = 'nginx'\n\
             [publish.far]\nkind = 'rsync'\nto = 'ann@me.example:www/blog'\nhost = 'caddy'\n"
        ),
    );
    let nginx = printed(&site, "nginx", "");
    holds(&nginx, &["root \"/srv/web/current\";", "include \"/srv/web/current/.backmatter-nginx.conf\";"]);
    assert!(!nginx.contains("/old/"), "{nginx}");
    let caddy = printed(&site, "caddy", "");
    holds(&caddy, &["root * \"/home/ann/www/blog\"", "import \"/home/ann/www/blog/.backmatter-caddy\""]);
    // No target is for Apache, so the output folder is served.
    holds(&printed(&site, "apache", ""), &["DocumentRoot \"ROOT/public\"", "AllowOverride None"]);
}

#[test]
fn a_path_of_the_site_is_a_folder_of_the_server() {
    let site = site("base_url = 'https://me.example/a/blog'\noutput = 'www/a/blog'\n");
    let note = "no page announces the receiver yet: add `receiver = \"https://me.example/a/blog\"` to `[linkbacks]`, and build\n";
    let text = printed(&site, "nginx", note);
    holds(
        &text,
        &[
            "root \"ROOT/www\";",
            "rewrite \"^/a/blog(/.*)$\" \"$1\" break;",
            "error_page 404 \"/a/blog/404.html\";",
        ],
    );
    assert!(!text.contains("ln -s"), "{text}");

    let site = self::site(
        "base_url = 'https://me.example/blog'\n[linkbacks]\nreceiver = 'https://me.example/blog'\n",
    );
    for server in ["nginx", "caddy", "apache"] {
        let text = printed(&site, server, "");
        holds(&text, &["#   mkdir -p /srv/www/me.example && ln -s ROOT/public /srv/www/me.example/blog"]);
    }
}

#[test]
fn a_receiver_at_another_host_has_a_server_of_its_own() {
    let site = site(
        "base_url = 'http://me.example:8080'\n[linkbacks]\nreceiver = 'https://hear.example/in'\nlisten = '0.0.0.0:9999'\n",
    );
    let nginx = printed(&site, "nginx", "");
    holds(
        &nginx,
        &[
            "listen 8080;",
            "server_name hear.example;",
            "proxy_pass http://127.0.0.1:9999;",
            "rewrite \"^/in(/.*)$\" \"$1\" break;",
        ],
    );
    let pages = nginx.split("server_name hear.example;").next().expect("it is there");
    assert!(!pages.contains("proxy_pass"), "{nginx}");
    holds(
        &printed(&site, "caddy", ""),
        &["http://me.example:8080 {", "hear.example {", "uri strip_prefix \"/in\""],
    );
    holds(&printed(&site, "apache", ""), &["Listen 8080", "<VirtualHost *:8080>", "ServerName hear.example"]);
}

#[test]
fn the_form_for_comments_is_forwarded_if_there_is_one() {
    let site = site(SHARED);
    assert!(!printed(&site, "nginx", "").contains("comment|"));
    let site = self::site(&format!("{SHARED}comments = 'form'\n"));
    assert!(printed(&site, "nginx", "").contains("comment|"));
}

#[test]
fn a_page_behind_an_address_of_the_receiver_is_named() {
    let mut site = site(SHARED);
    site.write("content/pages/status/now.md", "+++\ntitle = 'Now'\npath = '/status/now/'\n+++\nWords.\n");
    printed(&site, "nginx", "the receiver's own address hides the page `/status/now/`\n");
}

#[test]
fn a_unit_has_the_folder_and_the_options() {
    let mut site = site(SHARED);
    site.write(
        "backmatter.toml",
        format!("{SHARED}database = '/var/lib/blog/x.db'\n[publish.web]\nkind = 'directory'\nto = '/srv/50% off'\n"),
    );
    let run = backmatter(site.root(), ["receive", "--config", "systemd", "--listen", "127.0.0.1:9"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let real = site.root().canonicalize().expect("it is there").display().to_string();
    let text = run.stdout.replace(&real, "ROOT");
    holds(
        &text,
        &[
            "Description=Linkbacks of https://me.example/",
            "WorkingDirectory=ROOT",
            "ReadWritePaths=ROOT -/var/lib/blog \"-/srv/50%% off\"",
            "ProtectSystem=strict",
            "Environment=RUST_LOG=info",
        ],
    );
    let start = format!("ExecStart={} receive --listen 127.0.0.1:9", env!("CARGO_BIN_EXE_backmatter"));
    holds(&text, &[&start]);
}

#[test]
fn settings_of_another_name_can_be_given_as_well() {
    let mut site = site(SHARED);
    site.write(
        "other.toml",
        "base_url = 'https://other.example'\n[linkbacks]\nreceiver = 'https://other.example'\n",
    );
    let run = backmatter(site.root(), ["receive", "--config", "other.toml", "--config", "caddy"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    holds(&run.stdout, &["other.example {"]);
    let run = backmatter(site.root(), ["receive", "--config", "./nginx"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("cannot read `./nginx`"), "{}", run.stderr);
    let run = backmatter(site.root(), ["--json", "receive", "--config", "caddy"]);
    let value: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert!(value["config"].as_str().is_some_and(|text| text.contains("me.example {")));
    assert!(!Path::new(&site.path("linkbacks.db")).exists());
}
