//! nginx, from 1.22 on.

use std::fmt::Write as _;

use super::{HostingParts, ReceiverMount, SiteRules, WebOrigin, WebTransport, indented};
use crate::path::percent_decode;
use crate::publish::redirect_rules::{nginx_quoted, regex_literal};

const IN_MEMORY: &str = "writing to a string cannot fail";

/// A file for `/etc/nginx/conf.d/`.
pub(super) fn write(parts: &HostingParts) -> String {
    let HostingParts { base_url, site, receiver, root, rules } = parts;
    let zone = zone(&receiver.origin);
    let mut text = format!(
        "# {base_url}/ and its receiver behind nginx, made by `backmatter receive --config nginx`.\n\
         # In /etc/nginx/conf.d/{}.conf; then: nginx -t && systemctl reload nginx\n{}",
        site.host,
        root.link_comment()
    );
    writeln!(text, "limit_conn_zone $binary_remote_addr zone={zone}:1m;").expect(IN_MEMORY);
    match rules {
        SiteRules::Published { has_map: false, .. } => {}
        SiteRules::Published { has_map: true, .. } => {
            let file = nginx_quoted(&format!("{}/.backmatter-nginx-map.conf", root.site));
            writeln!(text, "include \"{file}\";").expect(IN_MEMORY);
        }
        SiteRules::Own { map, .. } => text.push_str(map),
    }
    let mut pages = format!("    root \"{}\";\n", nginx_quoted(&root.path));
    if parts.is_shared() {
        pages.push_str(&receiver_locations(receiver, &zone));
    }
    match rules {
        SiteRules::Published { file, .. } => {
            let file = nginx_quoted(&format!("{}/{file}", root.site));
            write!(pages, "\n    # The pages, with what `backmatter publish` writes for them.\n    include \"{file}\";\n")
                .expect(IN_MEMORY);
        }
        SiteRules::Own { text, .. } => {
            write!(pages, "\n    # The pages.\n{}", indented(text, "    ")).expect(IN_MEMORY);
        }
    }
    text.push_str(&server(site, &pages));
    if !parts.is_shared() {
        let locations = receiver_locations(receiver, &zone);
        text.push_str(&server(&receiver.origin, &locations));
    }
    text
}

/// The name of the memory in which connections are counted. Each site of a server has its own.
fn zone(origin: &WebOrigin) -> String {
    let name = origin.host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    format!("backmatter_{}", name.collect::<String>())
}

/// A host: with TLS, and then with another one that leads there.
fn server(origin: &WebOrigin, inner: &str) -> String {
    let host = &origin.host;
    let mut text = String::new();
    if origin.transport == WebTransport::Tls && origin.has_usual_port() {
        let to = origin.text();
        write!(
            text,
            "\nserver {{\n{}    server_name {host};\n    \
             location /.well-known/acme-challenge/ {{ root /var/www/html; }}\n    \
             location / {{ return 301 {to}$request_uri; }}\n}}\n",
            listens(origin, 80, "")
        )
        .expect(IN_MEMORY);
    }
    let (mark, certificate) = match origin.transport {
        WebTransport::Plain => ("", String::new()),
        WebTransport::Tls => {
            let folder = format!("/etc/letsencrypt/live/{host}");
            let certificate = format!(
                "    ssl_certificate {folder}/fullchain.pem;\n    ssl_certificate_key {folder}/privkey.pem;\n"
            );
            (" ssl", certificate)
        }
    };
    write!(
        text,
        "\nserver {{\n{}    server_name {host};\n{certificate}{inner}}}\n",
        listens(origin, origin.port, mark)
    )
    .expect(IN_MEMORY);
    text
}

fn listens(origin: &WebOrigin, port: u16, mark: &str) -> String {
    match origin.own_address() {
        Some(address) => format!("    listen {}{mark};\n", std::net::SocketAddr::new(address, port)),
        None => format!("    listen {port}{mark};\n    listen [::]:{port}{mark};\n"),
    }
}

/// What is forwarded: the receiver's addresses behind its prefix, and trackbacks of posts as they are.
fn receiver_locations(receiver: &ReceiverMount, zone: &str) -> String {
    let prefix = regex_literal(&percent_decode(&receiver.prefix));
    let (addresses, trackbacks) = (receiver.addresses_regex(), receiver.trackbacks_regex());
    let mut text = String::from("\n    # The receiver. Its numbers, at /metrics, are not for the web.\n");
    if prefix.is_empty() {
        let pattern = format!("^/(?:{addresses}|{trackbacks})$");
        return text + &location(&pattern, "", receiver, zone);
    }
    let strip = format!("        rewrite \"^{prefix}(/.*)$\" \"$1\" break;\n");
    text.push_str(&location(&format!("^{prefix}/(?:{addresses})$"), &strip, receiver, zone));
    text + &location(&format!("^/{trackbacks}$"), "", receiver, zone)
}

fn location(pattern: &str, strip: &str, receiver: &ReceiverMount, zone: &str) -> String {
    // An empty header keeps out the lifetime of pages, which would be added to the receiver's own.
    format!(
        "    location ~ \"{pattern}\" {{\n        \
         limit_conn {zone} 32;\n        \
         client_max_body_size 64k;\n        \
         add_header Cache-Control \"\";\n        \
         proxy_set_header Host $http_host;\n        \
         proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n\
         {strip}        \
         proxy_pass http://{};\n    }}\n",
        receiver.upstream
    )
}
