//! What the site leans on elsewhere: reports that it quotes, and pages that it links to. They are asked, watched, and kept.
//!
//! [`quote_add`] makes a quotation of an address. [`quote_check`] asks whether the quoted words still stand in their reports, and
//! remembers the answers in [`quotes.toml`](crate::citation::watch_list). Everything asks through the guarded client of
//! [`http`](crate::http), one host after the other at a time ([`round`]), and nothing here runs during a build.

pub(crate) mod post_file;
pub(crate) mod quote_add;
pub(crate) mod quote_check;
pub(crate) mod report_page;
mod robots;
pub(crate) mod round;
mod site_quotes;
pub(crate) mod verdict;
pub(crate) mod watch_file;
