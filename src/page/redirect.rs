//! Old addresses: a page at each that leads on, and `_redirects` for hosts that can do it themselves.

use std::fmt::Write;

use crate::diagnostic::Diagnostic;
use crate::page::{PageKind, PlanBuilder};
use crate::path::UrlPath;

/// Claims the addresses of aliases. An alias gives way to whatever stands there.
pub(super) fn plan(builder: &mut PlanBuilder<'_>) {
    let site = builder.site;
    let mut redirects = String::new();
    for post in site.shown() {
        for alias in &post.front.aliases {
            if let Some(claimant) = builder.claimant_of(alias) {
                // Its own address, written as an alias as well, was reported with the post.
                if *alias != post.url {
                    let message = format!("the alias `{alias}` is already the address of `{claimant}`");
                    builder
                        .report(Diagnostic::warning(post.path.as_str(), message).hint("leave the alias out"));
                }
                continue;
            }
            builder.claim(alias.clone(), PageKind::Redirect(post.url.clone()));
            let (from, to) = (site.config.url(alias), site.config.url(&post.url));
            writeln!(redirects, "{from} {to} 301").expect("writing to a string cannot fail");
        }
    }
    if !redirects.is_empty() {
        builder.offer(UrlPath::new("/_redirects").expect("it is an address"), PageKind::Text(redirects));
    }
}
