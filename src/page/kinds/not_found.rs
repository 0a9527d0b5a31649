//! The page that hosts show for a missing address.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::{Page, Plan, links};
use crate::site::Site;

/// `404.html`.
#[derive(Debug, Clone, PartialEq)]
pub struct NotFoundPage;

/// Template `not_found.html`: the page hosts show for a missing address.
#[derive(Debug, Clone, Serialize)]
pub struct NotFoundView {}

impl PageContent for NotFoundPage {
    type View<'a> = NotFoundView;

    fn plan(builder: &mut PlanBuilder<'_>) {
        builder.offer(links::home_url().child("404.html"), Self);
    }

    fn view(&self, _plan: &Plan, _page: &Page) -> NotFoundView {
        NotFoundView {}
    }

    fn template(&self) -> Option<&'static str> {
        Some("not_found")
    }

    fn label(&self, _site: &Site) -> String {
        "the page for missing addresses".to_owned()
    }

    fn file_kind(&self) -> FileKind {
        FileKind::Host
    }
}
