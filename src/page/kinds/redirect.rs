//! Old addresses: a page at each that leads on, and `_redirects` for hosts that can do it themselves.

use serde::Serialize;

use crate::config::redirects::RedirectTarget;
use crate::page::builder::PlanBuilder;
use crate::page::kinds::text_file::TextFile;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::{Page, Plan, redirects};
use crate::site::Site;

/// What stands at an old address.
#[derive(Debug, Clone, PartialEq)]
pub struct RedirectPage {
    pub target: RedirectTarget,
    /// Whether it is an old address of a post or page that accepts linkbacks.
    pub linkbacks: bool,
}

/// Template `redirect.html`: what stands at an old address.
#[derive(Debug, Clone, Serialize)]
pub struct RedirectView {
    /// Where it is now, absolute.
    pub target: String,
    /// Whether it is an old address of a post or page that accepts linkbacks.
    pub linkbacks: bool,
}

impl PageContent for RedirectPage {
    type View<'a> = RedirectView;

    /// A redirect gives way to whatever stands there.
    fn plan(builder: &mut PlanBuilder<'_>) {
        redirects::plan(builder);
        if let Some(text) = redirects::common_file(&builder.redirects, &builder.site.config) {
            builder.offer(redirects::file_url(), TextFile { text });
        }
    }

    fn view(&self, plan: &Plan, _page: &Page) -> RedirectView {
        RedirectView { target: self.target.absolute(&plan.site.config), linkbacks: self.linkbacks }
    }

    fn template(&self) -> Option<&'static str> {
        Some("redirect")
    }

    fn label(&self, _site: &Site) -> String {
        format!("a redirect to `{}`", self.target)
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Redirect
    }
}
