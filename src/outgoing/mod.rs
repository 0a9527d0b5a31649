//! What the site leans on elsewhere: reports that it quotes, and pages that it links to. They are asked, watched, and kept.
//!
//! [`quote_add`] makes a quotation of an address, and [`quote_form`] is a form for it. [`quote_check`] asks whether the quoted words still stand in their reports, and
//! remembers the answers in [`quotes.toml`](crate::citation::watch_list), and [`quote_fix`] writes them into posts; [`quote_save`] finds and makes copies. [`link_check`] asks for every linked page, and
//! [`page_faults`] reads the site's own pages. Everything asks through the guarded client of
//! [`http`](crate::http), one host after the other at a time ([`round`]), and nothing here runs during a build.

pub(crate) mod link_check;
pub(crate) mod page_faults;
pub(crate) mod post_file;
pub(crate) mod quote_add;
pub(crate) mod quote_check;
pub(crate) mod quote_fix;
pub(crate) mod quote_form;
pub(crate) mod quote_save;
pub(crate) mod report_page;
mod robots;
pub(crate) mod round;
mod site_quotes;
pub(crate) mod verdict;
mod warc;
pub(crate) mod watch_file;
pub(crate) mod wayback;
