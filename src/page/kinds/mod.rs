//! One file for each kind of output: its type, its data, and what it says of itself.

pub(crate) mod archives;
pub(crate) mod copied_file;
pub(crate) mod day;
pub(crate) mod feed;
pub(crate) mod home;
pub(crate) mod month;
pub(crate) mod not_found;
pub(crate) mod post;
pub(crate) mod quotes;
pub(crate) mod redirect;
pub(crate) mod series;
pub(crate) mod sitemap;
pub(crate) mod static_page;
pub(crate) mod term;
pub(crate) mod terms;
pub(crate) mod text_file;
pub(crate) mod year;
