//! Back matter files: the accepted linkbacks of one post, as text beside the post.
//!
//! ```toml
//! [[linkback]]
//! id = "3f2a9c01"
//! kind = "pingback"
//! type = "mention"
//! source = "https://example.com/2016/12/news/"
//! title = "News of the week"
//! site = "Example"
//! excerpt = "[…] words around the link […]"
//! received = 2016-12-18T22:32:00+01:00
//! ```

pub(crate) mod edit;
pub(crate) mod read;

use crate::path::{MARKDOWN, SourcePath};

/// How the name of a back matter file ends.
pub(crate) const SUFFIX: &str = ".backmatter.toml";

/// The back matter file of a post: `a.md` has `a.backmatter.toml`.
pub(crate) fn path_of(post: &SourcePath) -> SourcePath {
    let stem = if post.is_markdown() { post.without_extension() } else { post.as_str() };
    SourcePath::new(&format!("{stem}{SUFFIX}")).expect("a path with another ending is a path")
}

/// The files that the post of a back matter file may be.
pub(crate) fn posts_of(file: &SourcePath) -> Vec<SourcePath> {
    let Some(stem) = file.as_str().strip_suffix(SUFFIX) else { return Vec::new() };
    MARKDOWN.iter().filter_map(|extension| SourcePath::new(&format!("{stem}.{extension}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_posts_find_each_other() {
        let post = SourcePath::new("content/2016/mosul/index.md").unwrap();
        assert_eq!(path_of(&post).as_str(), "content/2016/mosul/index.backmatter.toml");
        assert!(posts_of(&path_of(&post)).contains(&post));
        let post = SourcePath::new("content/a.b.markdown").unwrap();
        assert_eq!(path_of(&post).as_str(), "content/a.b.backmatter.toml");
        assert!(posts_of(&path_of(&post)).contains(&post));
    }
}
