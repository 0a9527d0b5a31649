//! Old addresses: a page at each that redirects, and `_redirects` for hosts that can do it themselves.

use std::fmt::Write;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::page::builder::PlanBuilder;
use crate::page::kind::{FileKind, PageContent};
use crate::page::kinds::text_file::TextFile;
use crate::page::{Page, Plan, links};
use crate::path::UrlPath;
use crate::site::Site;

/// What stands at an old address.
#[derive(Debug, Clone, PartialEq)]
pub struct RedirectPage {
    pub target: UrlPath,
}

/// Template `redirect.html`: what stands at an old address.
#[derive(Debug, Clone, Serialize)]
pub struct RedirectView {
    /// Where it is now, absolute.
    pub target: String,
}

impl PageContent for RedirectPage {
    type View<'a> = RedirectView;

    /// An alias gives way to whatever stands there.
    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        let mut redirects = String::new();
        for post in site.shown() {
            for alias in &post.front.aliases {
                if let Some(claimant) = builder.claimant_of(alias) {
                    // Its own address, written as an alias as well, was reported with the post.
                    if *alias != post.url {
                        let message = format!("the alias `{alias}` is already the address of `{claimant}`");
                        builder.report(
                            Diagnostic::warning(post.path.as_str(), message).hint("leave the alias out"),
                        );
                    }
                    continue;
                }
                builder.claim(alias.clone(), Self { target: post.url.clone() });
                let (from, to) = (site.config.url(alias), site.config.url(&post.url));
                writeln!(redirects, "{from} {to} 301").expect("writing to a string cannot fail");
            }
        }
        if !redirects.is_empty() {
            builder.offer(links::home_url().child("_redirects"), TextFile { text: redirects });
        }
    }

    fn view(&self, plan: &Plan, _page: &Page) -> RedirectView {
        RedirectView { target: plan.site.config.absolute(&self.target) }
    }

    fn template(&self) -> Option<&'static str> {
        Some("redirect")
    }

    fn label(&self, _site: &Site) -> String {
        format!("an alias of `{}`", self.target)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Redirect
    }
}
