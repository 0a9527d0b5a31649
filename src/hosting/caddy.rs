//! Caddy, from 2.6 on.

use std::fmt::Write as _;

use super::{HostingParts, ReceiverMount, SiteRules, WebOrigin, WebTransport, indented};
use crate::path::percent_decode;
use crate::publish::redirect_rules::regex_literal;

const IN_MEMORY: &str = "writing to a string cannot fail";

/// A Caddyfile, or a part of one. Certificates are got by Caddy itself.
pub(super) fn write(parts: &HostingParts) -> String {
    let HostingParts { base_url, site, receiver, root, rules } = parts;
    let mut text = format!(
        "# {base_url}/ and its receiver behind Caddy, made by `backmatter receive --config caddy`.\n\
         # In /etc/caddy/Caddyfile; then: systemctl reload caddy\n{}{} {{\n",
        root.link_comment(),
        address(site)
    );
    text.push_str(&bind(site));
    writeln!(text, "\troot * \"{}\"", quoted(&root.path)).expect(IN_MEMORY);
    if parts.is_shared() {
        text.push_str(&forwarded(receiver));
    }
    match rules {
        SiteRules::Published { file, .. } => {
            let file = quoted(&format!("{}/{file}", root.site));
            write!(
                text,
                "\n\t# The pages, with what `backmatter publish` writes for them.\n\timport \"{file}\"\n"
            )
            .expect(IN_MEMORY);
        }
        SiteRules::Own { text: rules, .. } => {
            write!(text, "\n\t# The pages.\n{}", indented(rules, "\t")).expect(IN_MEMORY);
        }
    }
    text.push_str("\tfile_server\n}\n");
    if !parts.is_shared() {
        let (address, bind) = (address(&receiver.origin), bind(&receiver.origin));
        write!(text, "\n{address} {{\n{bind}{}}}\n", forwarded(receiver)).expect(IN_MEMORY);
    }
    text
}

/// The address of a site block: a host alone gets a certificate.
fn address(origin: &WebOrigin) -> String {
    let is_usual = origin.transport == WebTransport::Tls && origin.has_usual_port();
    if is_usual { origin.host.clone() } else { origin.text() }
}

fn bind(origin: &WebOrigin) -> String {
    origin.own_address().map_or_else(String::new, |address| format!("\tbind {address}\n"))
}

/// What is forwarded: the receiver's addresses behind its prefix, and trackbacks of posts as they are. A form that is too
/// long is refused by the receiver itself: where Caddy refuses it, its proxy answers 502.
fn forwarded(receiver: &ReceiverMount) -> String {
    let (addresses, trackbacks) = (receiver.addresses_regex(), receiver.trackbacks_regex());
    let decoded = percent_decode(&receiver.prefix);
    let prefix = regex_literal(&decoded);
    let mut text = String::from("\n\t# The receiver. Its numbers, at /metrics, are not for the web.\n");
    if prefix.is_empty() {
        return text + &handle("receiver", &format!("^/(?:{addresses}|{trackbacks})$"), "", receiver);
    }
    let strip = format!("\t\turi strip_prefix \"{}\"\n", quoted(&decoded));
    text.push_str(&handle("receiver", &format!("^{prefix}/(?:{addresses})$"), &strip, receiver));
    text + &handle("trackbacks", &format!("^/{trackbacks}$"), "", receiver)
}

fn handle(name: &str, pattern: &str, strip: &str, receiver: &ReceiverMount) -> String {
    format!(
        "\t@{name} path_regexp `{pattern}`\n\thandle @{name} {{\n{strip}\t\treverse_proxy {}\n\t}}\n",
        receiver.upstream
    )
}

/// A text for a place between double quotes in a Caddyfile.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
