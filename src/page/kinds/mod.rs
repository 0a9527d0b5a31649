//! One file for each kind of output: its type, its data, and what it says of itself.

pub mod archives;
pub mod copied_file;
pub mod day;
pub mod feed;
pub mod home;
pub mod month;
pub mod not_found;
pub mod post;
pub mod quotes;
pub mod redirect;
pub mod series;
pub mod sitemap;
pub mod static_page;
pub mod term;
pub mod terms;
pub mod text_file;
pub mod year;
