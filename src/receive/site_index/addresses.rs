//! The site's own table of addresses: what a linkback may be for, known before anything is fetched.
//!
//! A target is looked up by its host, path and `?p=` or `?page_id=` number, never by its text: scheme, fragment, a slash at the end
//! and other parameters make no difference, and an alias leads to the post it is of. Posts that are not shown are not
//! in the table.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::Config;
use crate::date::Date;
use crate::linkback::address::{Address, Targets};
use crate::linkback::inbox::state::InboxItem;
use crate::page::Plan;
use crate::page::kinds::PageKind;
use crate::path::{SourcePath, UrlPath};
use crate::post::Post;

/// A post or page of the site that can be linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTarget {
    /// Its own address, with scheme and host.
    pub url: String,
    pub post: SourcePath,
    pub title: String,
    pub published: Option<Date>,
    pub takes_linkbacks: bool,
    /// All its addresses, its own first.
    pub addresses: Vec<String>,
}

/// All targets of a site.
#[derive(Debug, Default)]
pub struct TargetIndex {
    targets: Vec<Arc<LinkTarget>>,
    by_key: HashMap<String, usize>,
    by_number: HashMap<u64, usize>,
    by_post: HashMap<SourcePath, usize>,
}

impl TargetIndex {
    /// The addresses of the posts, pages and aliases among a site's outputs.
    pub fn of(plan: &Plan) -> Self {
        let config = &plan.site.config;
        let mut targets: Vec<LinkTarget> = Vec::new();
        let mut by_url = HashMap::new();
        for page in plan.pages.iter() {
            if let Some(post) = page.kind.post(&plan.site) {
                by_url.insert(&page.url, targets.len());
                targets.push(target(config, &page.url, post));
            }
        }
        for page in plan.pages.iter() {
            if let PageKind::Redirect(redirect) = &page.kind
                && let Some(target) = redirect.target.own_path()
                && let Some(&index) = by_url.get(&target)
            {
                targets[index].addresses.push(config.absolute(&page.url));
            }
        }
        // Old addresses that no page can have, such as `/?p=101`.
        for rule in plan.redirects.rules.iter().filter(|rule| rule.from.is_literal()) {
            if let Some(&index) = rule.to.own_path().and_then(|target| by_url.get(&target))
                && rule.from.page_url().is_none()
            {
                targets[index].addresses.push(format!("{}{}", config.base_url, rule.from));
            }
        }
        Self::of_targets(targets, &config.linkbacks.hosts)
    }

    /// A table of targets, each known by its own addresses on the site's `hosts` as well. The first with an address
    /// has it.
    fn of_targets(targets: Vec<LinkTarget>, hosts: &[String]) -> Self {
        let mut table = Self::default();
        for mut target in targets {
            let index = table.targets.len();
            let elsewhere: Vec<String> = hosts
                .iter()
                .flat_map(|host| target.addresses.iter().filter_map(|address| on_host(address, host)))
                .collect();
            target.addresses.extend(elsewhere);
            for address in target.addresses.iter().filter_map(|address| Address::parse(address).ok()) {
                if let Some(number) = address.number() {
                    table.by_number.entry(number).or_insert(index);
                }
                table.by_key.entry(address.key()).or_insert(index);
            }
            table.by_post.insert(target.post.clone(), index);
            table.targets.push(Arc::new(target));
        }
        table
    }

    /// The post at an address, however it is spelt.
    pub fn find(&self, address: &Address) -> Option<&Arc<LinkTarget>> {
        let index = self.by_key.get(&address.key()).or_else(|| self.by_key.get(&address.bare()?.key()))?;
        self.targets.get(*index)
    }

    /// The post of a number, as WordPress numbers posts.
    pub fn by_number(&self, number: u64) -> Option<&Arc<LinkTarget>> {
        self.targets.get(*self.by_number.get(&number)?)
    }

    /// The post of a file.
    pub fn by_post(&self, post: &str) -> Option<&Arc<LinkTarget>> {
        self.targets.get(*self.by_post.get(&SourcePath::new(post)?)?)
    }

    /// The post that a linkback is for, if it is shown.
    pub fn of_item(&self, item: &InboxItem) -> Option<&Arc<LinkTarget>> {
        self.find(&Address::parse(&item.target).ok()?)
    }

    /// How many posts and pages there are.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

impl LinkTarget {
    /// What a link may lead to that leads to this post: its addresses, and the one that was sent.
    pub fn links(&self, written: Option<&str>) -> Targets {
        Targets::new(self.addresses.iter().map(String::as_str).chain(written))
    }
}

fn target(config: &Config, url: &UrlPath, post: &Post) -> LinkTarget {
    let own = config.absolute(url);
    let mut addresses = vec![own.clone()];
    if let Some(number) = number_of(&post.id) {
        addresses.extend(["p", "page_id"].map(|key| format!("{}/?{key}={number}", config.base_url)));
    }
    LinkTarget {
        url: own,
        post: post.path.clone(),
        title: post.label(),
        published: post.date,
        takes_linkbacks: post.front.linkbacks,
        addresses,
    }
}

/// The same address on another host.
fn on_host(address: &str, host: &str) -> Option<String> {
    let mut url = Address::parse(address).ok()?.url().clone();
    url.set_host(Some(host)).ok()?;
    Some(url.to_string())
}

/// The number in a stable id: `123`, `wp-123`, or what WordPress's feeds say, `https://me.example/?p=123`.
fn number_of(id: &str) -> Option<u64> {
    let number = id.rsplit_once("?p=").map(|(_, number)| number).or_else(|| id.strip_prefix("wp-"));
    number.unwrap_or(id).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> TargetIndex {
        let target = |post: &str, addresses: &[&str]| LinkTarget {
            url: addresses[0].to_owned(),
            post: SourcePath::new(post).unwrap(),
            title: String::new(),
            published: None,
            takes_linkbacks: true,
            addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        };
        let targets = vec![
            target(
                "content/a.md",
                &[
                    "https://me.example/blog/2016/12/%C3%BCn%C3%AF/",
                    "https://me.example/blog/?p=7",
                    "https://me.example/blog/old.php",
                ],
            ),
            target("content/pages/index.md", &["https://me.example/blog/"]),
        ];
        TargetIndex::of_targets(targets, &["www.me.example".to_owned()])
    }

    fn post_at(addresses: &TargetIndex, url: &str) -> Option<String> {
        let address = Address::parse(url).ok()?;
        addresses.find(&address).map(|target| target.post.to_string())
    }

    #[test]
    fn a_target_is_found_however_it_is_spelt() {
        let addresses = addresses();
        for url in [
            "https://me.example/blog/2016/12/%C3%BCn%C3%AF/",
            "https://me.example/blog/2016/12/ünï/",
            "http://me.example/blog/2016/12/%c3%bcn%c3%af",
            "HTTPS://ME.EXAMPLE:443/blog/2016/12/ünï/?utm_source=x#comments",
            "https://www.me.example/blog/2016/12/ünï/index.html",
            "https://me.example/blog/2016/../2016/12/./ünï/",
            "https://me.example/blog/?p=7",
            "http://me.example/blog?p=7#more",
            "https://www.me.example/blog/old.php",
            "  https://me.example/blog/old.php\n",
        ] {
            assert_eq!(post_at(&addresses, url).as_deref(), Some("content/a.md"), "{url}");
        }
        assert_eq!(
            post_at(&addresses, "https://me.example/blog/").as_deref(),
            Some("content/pages/index.md")
        );
        assert_eq!(addresses.by_number(7).map(|target| target.post.as_str()), Some("content/a.md"));
        assert_eq!(addresses.by_post("content/a.md"), addresses.by_number(7));
    }

    #[test]
    fn nothing_else_is_a_target() {
        let addresses = addresses();
        for url in [
            "/blog/old.php",
            "me.example/blog/old.php",
            "ftp://me.example/blog/old.php",
            "javascript:alert(1)",
            "https://me.example/old.php",
            "https://me.example/blogger/old.php",
            "https://me.example/blog/2016/12/ünï/more/",
            "https://me.example/blog/2016/12/ün",
            "https://me.example.evil.example/blog/old.php",
            "https://evil.example/?u=https://me.example/blog/old.php",
            "https://me.example@evil.example/blog/old.php",
            "https://user:word@me.example/blog/old.php",
            "https://me.example:8443/blog/old.php",
            "https://me.example/blog/%2e%2e/%2e%2e/etc/passwd",
            "https://me.example/blog/..%2f..%2fetc%2fpasswd",
            "https://me.example/blog/old.php%00",
            "https://me.example/blog/\told.php",
            "https://me.example/blog/?p=8",
            "https://me.example/blog/?p=77",
            "https://me.example/blog/x/?p=7",
        ] {
            assert_eq!(post_at(&addresses, url), None, "{url}");
        }
    }

    #[test]
    fn ids_of_wordpress_are_numbers() {
        for (id, number) in [
            ("123", Some(123)),
            ("wp-123", Some(123)),
            ("https://old.example/?p=123", Some(123)),
            ("2016/aleppo", None),
            ("-1", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(number_of(id), number, "{id}");
        }
    }
}
