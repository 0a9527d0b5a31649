//! Apache httpd, from 2.4 on.

use std::fmt::Write as _;

use super::{HostingParts, ReceiverMount, SiteRules, WebOrigin, WebTransport, indented};
use crate::path::percent_decode;
use crate::publish::redirect_rules::regex_literal;

const IN_MEMORY: &str = "writing to a string cannot fail";

/// A file for `/etc/apache2/sites-available/`.
pub(super) fn write(parts: &HostingParts) -> String {
    let HostingParts { base_url, site, receiver, root, rules } = parts;
    let host = &site.host;
    let modules = match site.transport {
        WebTransport::Plain => "headers proxy_http rewrite",
        WebTransport::Tls => "headers proxy_http rewrite ssl",
    };
    let mut text = format!(
        "# {base_url}/ and its receiver behind Apache httpd, made by `backmatter receive --config apache`.\n\
         # In /etc/apache2/sites-available/{host}.conf; then:\n\
         #   a2enmod {modules} && a2ensite {host} && apachectl configtest && systemctl reload apache2\n{}",
        root.link_comment()
    );
    text.push_str(&listens(&[site, &receiver.origin]));
    let (allowed, own) = match rules {
        SiteRules::Published { .. } => {
            ("    # What `backmatter publish` writes for the pages.\n    AllowOverride All\n", "")
        }
        SiteRules::Own { text, .. } => ("    AllowOverride None\n", text.as_str()),
    };
    let mut pages = format!(
        "  DocumentRoot \"{}\"\n  <Directory \"{}\">\n    Options FollowSymLinks\n{allowed}    Require all granted\n{}  </Directory>\n",
        quoted(&root.path),
        quoted(&root.site),
        indented(own, "    ")
    );
    if parts.is_shared() {
        pages.push_str(&forwarded(receiver));
    }
    text.push_str(&virtual_host(site, &pages));
    if !parts.is_shared() {
        text.push_str(&virtual_host(&receiver.origin, &forwarded(receiver)));
    }
    text
}

/// The ports besides those that httpd listens on anyway.
fn listens(origins: &[&WebOrigin]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for origin in origins {
        let is_usual = matches!(origin.port, 80 | 443);
        let line = match origin.own_address() {
            Some(address) => format!("Listen {}\n", std::net::SocketAddr::new(address, origin.port)),
            None => format!("Listen {}\n", origin.port),
        };
        if !is_usual && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

/// A host: with TLS, and then with another one that leads there.
fn virtual_host(origin: &WebOrigin, inner: &str) -> String {
    let (host, port) = (&origin.host, origin.port);
    let mut text = String::new();
    if origin.transport == WebTransport::Tls && origin.has_usual_port() {
        let to = origin.text();
        write!(
            text,
            "\n<VirtualHost *:80>\n  ServerName {host}\n  \
             RedirectMatch permanent \"^/(?!\\.well-known/acme-challenge/)(.*)$\" \"{to}/$1\"\n</VirtualHost>\n"
        )
        .expect(IN_MEMORY);
    }
    let certificate = match origin.transport {
        WebTransport::Plain => String::new(),
        WebTransport::Tls => {
            let folder = format!("/etc/letsencrypt/live/{host}");
            format!(
                "  SSLEngine on\n  SSLCertificateFile {folder}/fullchain.pem\n  SSLCertificateKeyFile {folder}/privkey.pem\n"
            )
        }
    };
    write!(text, "\n<VirtualHost *:{port}>\n  ServerName {host}\n{certificate}{inner}</VirtualHost>\n")
        .expect(IN_MEMORY);
    text
}

/// What is forwarded: the receiver's addresses behind its prefix, and trackbacks of posts as they are.
fn forwarded(receiver: &ReceiverMount) -> String {
    let prefix = regex_literal(&percent_decode(&receiver.prefix));
    let (addresses, trackbacks) = (receiver.addresses_regex(), receiver.trackbacks_regex());
    let upstream = &receiver.upstream;
    format!(
        "\n  # The receiver. Its numbers, at /metrics, are not for the web.\n  \
         ProxyPreserveHost On\n  \
         ProxyPassMatch \"^{prefix}/({addresses})$\" \"http://{upstream}/$1\"\n  \
         ProxyPassMatch \"^/({trackbacks})$\" \"http://{upstream}/$1\"\n  \
         <LocationMatch \"^(?:{prefix}/(?:{addresses})|/{trackbacks})$\">\n    LimitRequestBody 65536\n  </LocationMatch>\n"
    )
}

/// A text for a place between double quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
