//! The local server that shows the site as it will be, rendered page by page as it is asked for.
