//! The quotations of a site whose reports are elsewhere, with their words as the site prints them.

use std::fs;
use std::path::Path;

use chrono::NaiveDate;

use crate::citation::report_text::lines_of;
use crate::config::Config;
use crate::date::Date;
use crate::dom::Document;
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::path::SourcePath;
use crate::post::attribution::ReportStatus;
use crate::post::text_fragment::split_directive;
use crate::post::{self, Post, Target};
use crate::scan;
use crate::site::order::absence;

/// A quotation of a report on another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SiteQuote {
    /// The id of the post that quotes it.
    pub(crate) post: String,
    /// The post's file.
    pub(crate) file: SourcePath,
    /// The quote's anchor in it.
    pub(crate) anchor: String,
    /// The report's address, without what is for the browser alone.
    pub(crate) url: String,
    /// The copy that the attribution names; may be empty.
    pub(crate) archive: String,
    /// The remark of the attribution that says that the report or its words are not there any more; may be empty.
    pub(crate) absence_remark: String,
    /// The headline that the attribution gives.
    pub(crate) title: String,
    /// The day of the post.
    pub(crate) day: Option<NaiveDate>,
    /// Its words by lines.
    pub(crate) lines: Vec<String>,
}

/// The quotations of the posts that are shown. `wanted` names posts by file or id; if it is empty, all are meant.
pub(super) fn of_site(
    site: &mut Workspace,
    wanted: &[SourcePath],
    since: Option<Date>,
) -> Result<Vec<SiteQuote>> {
    let snapshot = site.snapshot();
    let now = Date::of_moment(site.now(), snapshot.config.timezone);
    if let Some(path) = wanted.iter().find(|path| !snapshot.posts().any(|post| is_named(post, path))) {
        return Err(Error::Argument {
            given: path.to_string(),
            reason: "there is no post of this file or id".to_owned(),
        });
    }
    let mut quotes = Vec::new();
    for post in snapshot.posts() {
        let is_meant = if wanted.is_empty() {
            absence(post, now).is_none()
                && since.is_none_or(|since| post.date.is_none_or(|date| date >= since))
        } else {
            wanted.iter().any(|path| is_named(post, path))
        };
        if is_meant && post.quotes.iter().any(|quote| matches!(quote.target, Some(Target::External(_)))) {
            quotes.extend(of_post(&site.source().root, &snapshot.config, post)?);
        }
    }
    Ok(quotes)
}

/// Whether a post has a file or an id.
fn is_named(post: &Post, name: &SourcePath) -> bool {
    post.path == *name || post.id == name.as_str()
}

fn absence_remark(remarks: &[String]) -> String {
    let said = remarks.iter().rev().find_map(|remark| Some((remark, ReportStatus::of_remark(remark)?)));
    said.filter(|(_, status)| *status != ReportStatus::Edited)
        .map(|(remark, _)| remark.clone())
        .unwrap_or_default()
}

fn of_post(root: &Path, config: &Config, post: &Post) -> Result<Vec<SiteQuote>> {
    let path = scan::on_disk(root, post.path.as_str());
    let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
    let Some((post, body)) = post::parse(&post.path, &String::from_utf8_lossy(&bytes), config).post else {
        return Ok(Vec::new());
    };
    let document = Document::parse(&body.html);
    let quotes = post.quotes.iter().filter_map(|quote| {
        let Some(Target::External(url)) = &quote.target else { return None };
        let figure = document.elements().find(|node| node.attribute("id") == Some(&quote.anchor))?;
        let words = figure.descendants().find(|node| node.name() == "blockquote")?;
        Some(SiteQuote {
            post: post.id.clone(),
            file: post.path.clone(),
            anchor: quote.anchor.clone(),
            url: split_directive(url).clean.to_owned(),
            archive: quote.source.archive.clone(),
            absence_remark: absence_remark(&quote.source.notes),
            title: quote.source.title.clone(),
            day: post.date.map(|date| date.day()),
            lines: lines_of(words),
        })
    });
    Ok(quotes.collect())
}
