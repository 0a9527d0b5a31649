//! Quotes: a blockquote or a stored quotation with its attribution, from the forms people write to the `figure` that is shown.
//!
//! 1. [`html_quote`] makes blockquotes in HTML blockquotes of Markdown.
//! 2. [`attribution_places`] moves each attribution to one place: the last paragraph, behind a dash.
//! 3. [`caption_line`] reads that paragraph with the grammar of [`attribution`](crate::post::attribution), and writes it with
//!    its marks as the caption.
//! 4. [`quoted_lines`] has the words from which the link to the passage is made.
//! 5. [`figure`] writes the words and the caption, with the attributes of [`robust_link`]; [`plain_quote`] what has no source.

pub(super) mod attribution_places;
mod caption_line;
mod figure;
mod html_quote;
mod plain_quote;
mod quoted_lines;
mod robust_link;

#[cfg(test)]
mod caption_line_tests;
