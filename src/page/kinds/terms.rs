//! The list of all tags, all categories, all series or all authors.

use serde::Serialize;

use crate::page::builder::PlanBuilder;
use crate::page::kinds::{FileKind, PageContent};
use crate::page::view::TermCountView;
use crate::page::{Page, Plan, links};
use crate::site::Site;
use crate::site::taxonomy::Taxonomy;

/// All terms of a taxonomy that has any.
#[derive(Debug, Clone, PartialEq)]
pub struct TermsPage {
    taxonomy: Taxonomy,
}

/// Template `terms.html`: all tags, all categories, all series or all authors.
#[derive(Debug, Clone, Serialize)]
pub struct TermsView {
    /// `tags`, `categories`, `series` or `authors`.
    pub taxonomy: &'static str,
    /// In alphabetical order.
    pub terms: Vec<TermCountView>,
}

impl PageContent for TermsPage {
    type View<'a> = TermsView;

    fn plan(builder: &mut PlanBuilder<'_>) {
        let site = builder.site;
        for taxonomy in Taxonomy::ALL {
            if site.taxonomies.terms(taxonomy).is_empty() {
                continue;
            }
            let url = links::taxonomy_url(site, taxonomy).clone();
            match taxonomy {
                // A page about those who write may have this address.
                Taxonomy::Authors => builder.offer(url, Self { taxonomy }),
                Taxonomy::Tags | Taxonomy::Categories | Taxonomy::Series => {
                    builder.claim(url, Self { taxonomy })
                }
            }
        }
    }

    fn view(&self, plan: &Plan, _page: &Page) -> TermsView {
        TermsView { taxonomy: self.taxonomy.name(), terms: terms(&plan.site, self.taxonomy) }
    }

    fn template(&self) -> Option<&'static str> {
        Some("terms")
    }

    fn label(&self, _site: &Site) -> String {
        format!("the list of {}", self.taxonomy.name())
    }

    fn file_kind(&self) -> FileKind {
        FileKind::List
    }
}

/// All terms of a taxonomy, in alphabetical order.
pub(in crate::page) fn terms(site: &Site, taxonomy: Taxonomy) -> Vec<TermCountView> {
    links::term_counts(site, site.taxonomies.terms(taxonomy), |term| {
        links::term_url(site, taxonomy, &term.slug)
    })
}
