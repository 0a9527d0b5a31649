//! robots.txt (RFC 9309): which addresses of a host a program that goes through many pages may ask for.

use url::Url;

/// The name by which a file may speak of this program.
const NAME: &str = "backmatter";
/// A longer file is cut (RFC 9309, section 2.5).
pub(super) const LONGEST: usize = 500 << 10;

/// The rules of a host for this program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Robots {
    rules: Vec<RobotsRule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RobotsRule {
    access: RuleAccess,
    /// A path, in which `*` stands for anything and `$` for its end.
    pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RuleAccess {
    Allow,
    Disallow,
}

impl Robots {
    /// Reads a file: the groups that name this program, else those for all.
    pub(super) fn parse(text: &str) -> Self {
        let (mut own, mut general) = (Vec::new(), Vec::new());
        let (mut is_own, mut is_general, mut in_names, mut has_own) = (false, false, false, false);
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            let access = match key.as_str() {
                "user-agent" => {
                    if !in_names {
                        (is_own, is_general) = (false, false);
                    }
                    in_names = true;
                    let name = value.split(['/', ' ']).next().unwrap_or_default();
                    is_own |= name.eq_ignore_ascii_case(NAME);
                    is_general |= name == "*";
                    has_own |= is_own;
                    continue;
                }
                "allow" => RuleAccess::Allow,
                "disallow" => RuleAccess::Disallow,
                _ => continue,
            };
            in_names = false;
            if value.is_empty() {
                continue;
            }
            let rule = RobotsRule { access, pattern: value.to_owned() };
            if is_own {
                own.push(rule.clone());
            }
            if is_general {
                general.push(rule);
            }
        }
        Self { rules: if has_own { own } else { general } }
    }

    /// Whether an address may be asked for: the longest pattern decides, and of two the one that allows.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        let most = matching.max_by_key(|rule| (rule.pattern.len(), rule.access == RuleAccess::Allow));
        most.is_none_or(|rule| rule.access == RuleAccess::Allow)
    }
}

/// Whether a pattern is that of a path's beginning.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, is_whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (number, part) in parts.iter().enumerate() {
        if is_whole && number + 1 == parts.len() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    !is_whole || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, allowed: &[&str], refused: &[&str]) {
        let robots = Robots::parse(text);
        for path in allowed.iter().chain(refused) {
            let url = Url::parse(&format!("https://a.example{path}")).unwrap();
            assert_eq!(robots.allows(&url), allowed.contains(path), "{text} {path}");
        }
    }

    #[test]
    fn the_longest_rule_decides() {
        check("", &["/", "/a"], &[]);
        check("User-agent: *\nDisallow: /\n", &[], &["/", "/a"]);
        check("User-agent: *\nDisallow:\n", &["/a"], &[]);
        check("User-agent: *\nDisallow: /a\nAllow: /a/b\n", &["/", "/a/b/c"], &["/a", "/ab"]);
        check(
            "user-agent: *\ndisallow: /*.pdf$\ndisallow: /s?q=*\n",
            &["/x.pdf?a", "/s"],
            &["/x.pdf", "/s?q=1"],
        );
        check(
            "User-agent: x\nUser-agent: *\nDisallow: /a # no\n\nUser-agent: y\nDisallow: /\n",
            &["/b"],
            &["/a"],
        );
    }

    #[test]
    fn a_group_for_this_program_goes_before_the_one_for_all() {
        check("User-agent: *\nDisallow: /\nUser-agent: Backmatter/1.0\nDisallow: /a\n", &["/b"], &["/a"]);
        check("User-agent: backmatter\nAllow: /\nUser-agent: *\nDisallow: /\n", &["/a"], &[]);
    }
}
