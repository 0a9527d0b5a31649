//! Backmatter: a static blog engine that answers back. This page is the map of the code.
//!
//! # The pipeline
//!
//! A build is a pure function of the files of a site, its settings and a moment. Values flow down; nothing
//! points up.
//!
//! ```text
//! content/ static/ themes/ *.backmatter.toml
//!    | scan                edge: the only reader of the site tree
//!  Tree {path -> stamp}
//!    | post::parse         pure: text -> (Post, Body, diagnostics)
//!  Posts + Linkbacks + Config + now
//!    | Site::assemble      pure: sort, group, link, check
//!  Site (immutable)
//!    | Plan::of            pure: every output, and the data each shows
//!  Pages
//!    | engine::staleness   pure: against the ledger of the last build
//!  stale pages -- render --> bytes + recorded reads
//!    | engine::output      edge: stage, move to their places, remove what vanished
//!  public/ + new ledger
//! ```
//!
//! Smaller pictures are outputs as well. [`picture`] decides from the header of a file which there are, so that pages name
//! them; [`imaging`] makes those that are missing, when all pages are rendered.
//!
//! # Invariants
//!
//! - **A [`Post`](post::Post) is a head.** It holds what other pages may show of a post; the
//!   [`Body`](post::markdown::Body) is printed by its own page and the feeds only. So an edited body makes no
//!   other page stale.
//! - **A template sees its page's [view](page::view) and the answers to a closed set of
//!   [questions](page::question)**, which are recorded. There is no third way from a template to the site.
//! - **Incremental equals clean, byte for byte.** There is one code path,
//!   [`Workspace::build`](engine::workspace::Workspace::build); a full build is one with an empty
//!   [ledger](engine::cache::ledger). A refreshed snapshot is the one that reading everything would give; a test of
//!   random edits compares them.
//! - **Bodies are data**, never templates.
//! - **Order never depends on hash maps, locale or clock**; `now` is an argument.
//! - **Nothing is lost.** All outputs are staged before the first is moved to its place, by rename; the ledger is saved
//!   last; and a file is removed only if the ledger or the marker of the output folder says that a build wrote its bytes.
//!
//! # Three walks
//!
//! A post, from its file to its page. [`engine::workspace`] leads it through:
//!
//! ```text
//!  scan       content/2026/a.md and its stamp
//!  post       front matter and Markdown -> Post, Body
//!  site       sorted, grouped by tag, day and series; linkbacks added
//!  page       the pages that show it, and the data of each
//!  render     templates -> HTML
//!  engine     public/2026/a/index.html, the ledger
//! ```
//!
//! A webmention goes from its request to the page in six rooms, each called by the one before it or started by what it
//! wrote:
//!
//! ```text
//!  receive::endpoints    the form, read by linkback::protocol
//!  receive::admission    rate limit, addresses, the index of the site's posts
//!  receive::queue        on the disk, then acknowledged
//!  receive::verify       fetched by http::client, read by linkback::source, weighed by linkback::inbox::signals
//!  receive::moderation   decided; written by linkback::back_matter::edit
//!  engine                the page is rendered, and the feeds that count its responses
//! ```
//!
//! A publish:
//!
//! ```text
//!  engine               the outputs of a build
//!  publish::desired     the files the target should have
//!  publish::diff        less what it has
//!  publish::checks      what speaks against it
//!  publish::backends    uploads, then deletes
//!  send                 webmentions and pingbacks for new links, once the pages are online
//! ```
//!
//! The preview shows the site of the first walk without writing it: [`sys::watch`] reports which paths changed, and
//! [`Workspace::refresh`](engine::workspace::Workspace::refresh) reads those, or everything where the paths do not tell
//! enough. The receiver follows the site the same way.
//!
//! What a linkback is, how its protocols are written and read, what counts as a link and which source to trust is
//! [`linkback`]'s, pure and the same for both directions. What leaves this machine goes through [`http::client`] and
//! its guard.
//!
//! The search page is read by a script from an index that is made with the site: [`search`] cuts the posts into segments, by
//! their heads alone, so that its files can be planned; they are rendered from the bodies of their segment.
//!
//! # Modules, in reading order
//!
//! Each may use those before it, and none after it; a test checks this. The programs do not know each other: [`cli`]
//! puts together what belongs together. The core (up to [`render`], and [`engine::staleness`]) names no file system,
//! network, clock, environment, thread or print. Only [`cli`] prints.
//!
//! # What is public
//!
//! [`cli`], and the types below for a program that builds a site by itself. Everything else is private, so that the
//! compiler finds what nothing uses.

// Words that everyone uses.
mod diagnostic;
mod dom;
mod error;
mod fifo_cache;
mod hash;
mod html;
mod nearest_name;
mod path;

mod date;
mod spanned;

mod config;

// The core.
mod linkback;
mod post;

mod picture;

mod citation;

mod site;

mod search;

mod page;

mod theme;

mod render;

// The edge.
mod sys;

mod http;
mod scan;

mod imaging;

mod engine;

mod outgoing;

// What the program does besides building; none of them knows another.
mod backup;
mod compare;
mod import;
mod preview;
mod publish;
mod receive;
mod send;

// What stands around them: it knows what a publish writes for a server, and which addresses are the receiver's.
mod hosting;

pub mod cli;

pub use crate::config::Config;
pub use crate::diagnostic::{Diagnostic, Severity};
pub use crate::engine::workspace::{SiteSource, Workspace};
pub use crate::engine::{BuildOptions, BuildReport};
pub use crate::error::{Error, Result};

#[doc(hidden)]
pub mod internals;
