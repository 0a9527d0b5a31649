//! Whether the address that a site is built for can be the one at which its target is served, as far as the target, the
//! files of the site and the standards tell.

use crate::config::publish::{Host, TargetKind};
use crate::config::{Config, FILE_NAME, is_for_examples};
use crate::diagnostic::{Diagnostic, Severity};
use crate::page::kinds::PageKind;
use crate::path::OutputPath;
use crate::publish::PublishRequest;
use crate::publish::desired::DesiredFiles;

/// Where a forge serves the repositories that it holds.
struct Forge {
    host: Host,
    /// In the address of a repository: `github.com`.
    domain: &'static str,
    /// After the owner's name: `.github.io`.
    pages: &'static str,
    /// The repository that stands at the top of the owner's address, with `*` for the owner.
    top: &'static str,
    /// The file by which a repository claims a domain of its own.
    claim: &'static str,
}

const FORGES: [Forge; 2] = [
    Forge {
        host: Host::GithubPages,
        domain: "github.com",
        pages: ".github.io",
        top: "*.github.io",
        claim: "CNAME",
    },
    Forge {
        host: Host::Codeberg,
        domain: "codeberg.org",
        pages: ".codeberg.page",
        top: "pages",
        claim: ".domains",
    },
];

/// What speaks against the address of the site. `repository` is the address that a target of git is pushed to.
pub(super) fn all(
    request: &PublishRequest<'_>,
    desired: &DesiredFiles,
    repository: Option<&str>,
) -> Vec<Diagnostic> {
    let config = &request.built.plan.site.config;
    let forge = FORGES.iter().find(|forge| forge.host == request.target.host);
    let mut faults = Vec::new();
    faults.extend(sample(request, config));
    faults.extend(elsewhere(request, config, forge.zip(repository)));
    faults.extend(forge.and_then(|forge| claimed(request, desired, forge)));
    faults
}

/// An address reserved for examples, with which a new site begins. In a folder of this machine it can be meant.
fn sample(request: &PublishRequest<'_>, config: &Config) -> Option<Diagnostic> {
    let is_named = url::Url::parse(&config.base_url).is_ok_and(|url| config.network.names(&url));
    if !is_for_examples(config.host()) || is_named {
        return None;
    }
    let severity = match request.target.place {
        TargetKind::Directory { .. } => Severity::Warning,
        _ => Severity::Error,
    };
    let message = format!(
        "`base_url` is `{}`, an address for examples: feeds, links to your pages and linkbacks would lead nowhere",
        config.base_url
    );
    let hint = "set it to the address that readers type";
    Some(Diagnostic { severity, ..Diagnostic::error(FILE_NAME, message).hint(hint) })
}

/// The host serves this target at another address of its own.
fn elsewhere(
    request: &PublishRequest<'_>,
    config: &Config,
    repository: Option<(&Forge, &str)>,
) -> Option<Diagnostic> {
    let expected = match (&request.target.place, repository) {
        (TargetKind::Netlify { site, .. }, _) => {
            own_address(config, site.strip_suffix(".netlify.app")?, ".netlify.app")?
        }
        (TargetKind::Neocities { site, .. }, _) => own_address(config, site, ".neocities.org")?,
        (_, Some((forge, repository))) => {
            let expected = forge.address(repository)?;
            let is_forges = config.host().ends_with(forge.pages);
            (is_forges && !config.base_url.eq_ignore_ascii_case(&expected)).then_some(expected)?
        }
        _ => return None,
    };
    let message = format!("`base_url` is `{}`, but this target is served at `{expected}`", config.base_url);
    let hint = format!(
        "correct `base_url`, or write `base_url = \"{expected}\"` into `[publish.{}]`",
        request.target.name
    );
    Some(Diagnostic::error(FILE_NAME, message).hint(hint))
}

/// The address of a site at a host that serves all sites below one domain, if the settings name another site there.
fn own_address(config: &Config, name: &str, domain: &str) -> Option<String> {
    let expected = format!("{name}{domain}");
    (config.host().ends_with(domain) && config.host() != expected).then(|| format!("https://{expected}"))
}

impl Forge {
    /// Where a repository is served, if it is one of this forge's.
    fn address(&self, repository: &str) -> Option<String> {
        let (_, path) = repository.split_once(self.domain)?;
        let path = path.trim_start_matches([':', '/']).trim_end_matches('/').to_lowercase();
        let (owner, name) = path.trim_end_matches(".git").split_once('/')?;
        let host = format!("{owner}{}", self.pages);
        Some(match name == self.top.replace('*', owner) {
            true => format!("https://{host}"),
            false => format!("https://{host}/{name}"),
        })
    }
}

/// The author's own file claims another domain than the site is built for.
fn claimed(request: &PublishRequest<'_>, desired: &DesiredFiles, forge: &Forge) -> Option<Diagnostic> {
    let config = &request.built.plan.site.config;
    let path = OutputPath::new(forge.claim).expect("the names of these files are paths");
    let pages = &request.built.plan.pages;
    let PageKind::Copy(file) = &pages.iter().find(|page| page.to == path)?.kind else { return None };
    let text = String::from_utf8_lossy(&desired.bytes(&path).ok()?).into_owned();
    let mut lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    // The first one is the one that others lead to.
    let domain = lines.find(|line| !line.is_empty());
    let base_url = &config.base_url;
    let (message, hint) = match domain {
        None => (
            "this file holds no domain".to_owned(),
            "write the domain of the site into it, or remove it: the publish writes what the host needs"
                .to_owned(),
        ),
        Some(domain) if !domain.eq_ignore_ascii_case(config.host()) => (
            format!(
                "this file says that the host serves this target at `{domain}`, but `base_url` is `{base_url}`"
            ),
            format!(
                "set `base_url = \"https://{domain}\"`, or remove the file: the publish writes what the host needs"
            ),
        ),
        Some(domain) if !config.base_path().is_empty() => (
            format!(
                "this file says that the host serves this target at the top of `{domain}`, but `base_url` is `{base_url}`"
            ),
            format!(
                "set `base_url = \"https://{domain}\"`, or remove the file if another repository claims the domain"
            ),
        ),
        Some(_) => return None,
    };
    Some(Diagnostic::error(file.path.as_str(), message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_kept_free_for_examples_are_known() {
        let are = |hosts: &[&str]| hosts.iter().map(|host| is_for_examples(host)).collect::<Vec<_>>();
        assert_eq!(are(&["example.com", "blog.Example.ORG", "a.test", "me.example", "invalid"]), [true; 5]);
        assert_eq!(
            are(&["myexample.com", "example.de", "example.com.au", "test.org", "contest"]),
            [false; 5]
        );
    }

    #[test]
    fn a_forge_serves_a_repository_by_its_name() {
        let [github, codeberg] = &FORGES;
        let check = |forge: &Forge, repository: &str, expected: Option<&str>| {
            assert_eq!(forge.address(repository).as_deref(), expected, "{repository}");
        };
        check(github, "git@github.com:Me/Blog.git", Some("https://me.github.io/blog"));
        check(github, "https://github.com/me/me.github.io", Some("https://me.github.io"));
        check(github, "https://token@github.com/me/blog/", Some("https://me.github.io/blog"));
        check(github, "git@codeberg.org:me/pages.git", None);
        check(codeberg, "git@codeberg.org:me/pages.git", Some("https://me.codeberg.page"));
        check(codeberg, "https://codeberg.org/me/blog.git", Some("https://me.codeberg.page/blog"));
    }
}
