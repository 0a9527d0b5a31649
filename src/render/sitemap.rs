//! Sitemaps, written by hand: the form is fixed by sitemaps.org 0.9.

use crate::html::escape_xml;
use crate::page::kinds::sitemap::SitemapView;

/// sitemaps.org 0.9.
pub(super) fn sitemap(view: &SitemapView) -> String {
    let (outer, inner) = if view.is_index { ("sitemapindex", "sitemap") } else { ("urlset", "url") };
    let mut out = String::with_capacity(view.entries.len() * 96 + 256);
    out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.push_str(&format!("<{outer} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"));
    for (url, changed) in &view.entries {
        out.push_str(&format!("<{inner}><loc>{}</loc>", escape_xml(url)));
        if let Some(day) = changed {
            out.push_str(&format!("<lastmod>{day}</lastmod>"));
        }
        out.push_str(&format!("</{inner}>\n"));
    }
    out.push_str(&format!("</{outer}>\n"));
    out
}
