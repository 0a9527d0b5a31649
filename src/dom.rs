//! A page of somebody else as a tree: the HTML standard's own parser over a flat arena.
