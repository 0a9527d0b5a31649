//! Where a link stands in its page, as far as the page's markup tells.

use crate::dom::Node;
use crate::linkback::source::microformats::MicroformatItem;

/// Where a link stands, the best place first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkPlacement {
    /// In the text of an entry.
    Text,
    /// Elsewhere in the entry or on the page, not in a known part of it.
    Page,
    /// In the comments on the page.
    Comments,
    /// Beside the text: a sidebar, a list of friends.
    Aside,
    /// In the footer of the page.
    Footer,
    /// Where the page's own parts are listed.
    Navigation,
    /// Where no reader sees it.
    Hidden,
}

impl LinkPlacement {
    /// The name of a part of the page that holds the same links for every visitor.
    pub fn boilerplate(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Page | Self::Hidden => None,
            Self::Comments => Some("comments"),
            Self::Aside => Some("sidebar"),
            Self::Footer => Some("footer"),
            Self::Navigation => Some("navigation"),
        }
    }

    /// The place of a link.
    pub(super) fn of(link: Node<'_>, entry: Option<&MicroformatItem<'_>>) -> Self {
        if is_hidden(link) {
            return Self::Hidden;
        }
        if is_in_comments(link) {
            return Self::Comments;
        }
        let mut place = Self::Page;
        for node in link.ancestors() {
            if is_content(node) {
                return Self::Text;
            }
            if is_attribution(node) {
                continue;
            }
            place = place.max(Self::of_container(node));
        }
        let is_unmarked = place == Self::Page && entry.is_none();
        if is_unmarked && link.ancestors().any(|node| matches!(node.name(), "article" | "main")) {
            return Self::Text;
        }
        place
    }

    /// What a container says of all that is in it.
    fn of_container(node: Node<'_>) -> Self {
        match (node.name(), node.attribute("role").unwrap_or_default()) {
            ("nav", _) | (_, "navigation") => return Self::Navigation,
            ("footer", _) | (_, "contentinfo") => return Self::Footer,
            ("aside", _) | (_, "complementary") => return Self::Aside,
            ("html" | "body" | "main" | "article", _) => return Self::Page,
            _ => {}
        }
        let names = node.words("class").chain(node.words("id"));
        names.filter_map(of_name).max().unwrap_or(Self::Page)
    }
}

/// What themes call their parts.
fn of_name(name: &str) -> Option<LinkPlacement> {
    match name.to_ascii_lowercase().as_str() {
        "sidebar" | "widget" | "widget-area" | "widgets" | "blogroll" | "related" | "related-posts" => {
            Some(LinkPlacement::Aside)
        }
        "footer" | "site-footer" | "page-footer" => Some(LinkPlacement::Footer),
        "nav" | "navbar" | "navigation" | "menu" | "site-navigation" | "breadcrumbs" => {
            Some(LinkPlacement::Navigation)
        }
        _ => None,
    }
}

/// What themes call comments on a page, all of them or one.
const COMMENTS: [&str; 17] = [
    "comment",
    "comment-body",
    "comment-content",
    "comment-list",
    "comment-text",
    "commentlist",
    "comments",
    "comments-area",
    "comments-list",
    "comments-section",
    "h-comment",
    "p-comment",
    "post-comments",
    "respond",
    "u-comment",
    "wp-block-comment-template",
    "wp-block-comments",
];

/// Whether an element stands among the comments on its page.
pub(crate) fn is_in_comments(node: Node<'_>) -> bool {
    node.ancestors().chain([node]).any(is_comments)
}

/// Whether an element holds comments, as far as its names tell.
fn is_comments(node: Node<'_>) -> bool {
    if matches!(node.name(), "html" | "body" | "main" | "a") {
        return false;
    }
    let is_named = |name: &str| COMMENTS.contains(&name.to_ascii_lowercase().as_str());
    node.words("class").any(is_named) || node.words("id").any(is_named) || is_marked_comment(node)
}

/// Whether microdata says that an element is a comment.
fn is_marked_comment(node: Node<'_>) -> bool {
    node.words("itemprop").any(|name| name == "comment")
        || node.words("itemtype").any(|kind| kind.ends_with("schema.org/Comment"))
}

/// The one comment that a node stands in, if its element can be told.
pub(super) fn comment_of(node: Node<'_>) -> Option<Node<'_>> {
    node.ancestors().find(|holder| {
        let is_numbered = |id: &str| {
            let number = id.strip_prefix("comment").map(|rest| rest.trim_start_matches(['-', '_']));
            number
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let is_one = |class: &str| matches!(class, "comment" | "comment-body" | "h-comment");
        holder.words("id").any(is_numbered) || holder.words("class").any(is_one) || is_marked_comment(*holder)
    })
}

/// Whether an element is the text of an entry.
pub(super) fn is_content(node: Node<'_>) -> bool {
    const NAMES: [&str; 5] = ["e-content", "entry-content", "post-content", "post-body", "article-body"];
    node.words("class").any(|class| NAMES.contains(&class))
        || node.words("itemprop").any(|name| name == "articleBody")
}

/// Whether it is a footer that says where a quotation is from, as the HTML standard shows it.
fn is_attribution(node: Node<'_>) -> bool {
    node.name() == "footer"
        && node.parent().is_some_and(|parent| matches!(parent.name(), "blockquote" | "figure"))
}

/// Whether no reader sees a link: the page hides it, or it holds nothing to be seen.
fn is_hidden(link: Node<'_>) -> bool {
    // A link without words that microformats name is for machines: bridges carry mentions so.
    let is_meant = link.words("class").any(|class| class.starts_with("u-"));
    std::iter::once(link).chain(link.ancestors()).any(hides) || is_empty(link) && !is_meant
}

/// Whether a link has nothing to be seen.
pub(super) fn is_empty(link: Node<'_>) -> bool {
    link.name() == "a" && link.text_content().trim().is_empty() && !link.descendants().any(shows)
}

fn hides(node: Node<'_>) -> bool {
    const STYLES: [&str; 5] =
        ["display:none", "visibility:hidden", "font-size:0", "opacity:0;", "text-indent:-9"];
    if node.attribute("hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found")) {
        return true;
    }
    let Some(style) = node.attribute("style") else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let style = style.to_ascii_lowercase() + ";";
    STYLES.iter().any(|hidden| style.contains(hidden))
}

/// Whether an element shows something without text.
fn shows(node: Node<'_>) -> bool {
    matches!(node.name(), "img" | "video" | "audio" | "picture" | "object" | "canvas" | "iframe")
        || node.is_element() && node.name().is_empty()
}
