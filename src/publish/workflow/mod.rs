//! Files for services that publish by themselves: when something was pushed, and every hour, as a post whose date has
//! come appears only when the site is built again.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::config::Config;
use crate::config::publish::{PublishTarget, TargetKind};
use crate::error::{Error, Result};
use crate::nearest_name::did_you_mean;

/// A service, and what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CiService {
    /// What it is called: `github-pages`.
    pub name: &'static str,
    /// The file that it reads.
    pub path: &'static str,
    runner: Runner,
    /// Secrets that it has to be given, as it calls them.
    pub secrets: &'static [&'static str],
    /// What else it has to be told, as it calls it.
    pub variables: &'static [&'static str],
    /// What has to stand in the settings.
    settings: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Github,
    Gitlab,
    Woodpecker,
}

const GITHUB: &str = ".github/workflows/publish.yml";

/// The services.
pub const SERVICES: [CiService; 8] = [
    CiService {
        name: "github-pages",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &[],
        settings: "kind = \"git\"\nto = \"origin\"\nbranch = \"gh-pages\"\nhost = \"github-pages\"\n",
        variables: &[],
    },
    CiService {
        name: "gitlab-pages",
        path: ".gitlab-ci.yml",
        runner: Runner::Gitlab,
        secrets: &["GITLAB_TOKEN"],
        settings: "kind = \"directory\"\nto = \"pages\"\nmode = \"in-place\"\nhost = \"gitlab-pages\"\ncompress = [\"gz\", \"br\"]\n",
        variables: &[],
    },
    CiService {
        name: "codeberg",
        path: ".woodpecker/publish.yml",
        runner: Runner::Woodpecker,
        secrets: &["CODEBERG_TOKEN"],
        settings: "kind = \"git\"\nto = \"https://codeberg.org/you/pages.git\"\nbranch = \"pages\"\nhost = \"codeberg\"\n",
        variables: &[],
    },
    CiService {
        name: "netlify",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["NETLIFY_AUTH_TOKEN"],
        settings: "kind = \"netlify\"\nsite = \"your-site.netlify.app\"\n",
        variables: &[],
    },
    CiService {
        name: "cloudflare",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"],
        settings: "kind = \"directory\"\nto = \"pages\"\nmode = \"in-place\"\nhost = \"cloudflare\"\n",
        variables: &["CLOUDFLARE_PROJECT"],
    },
    CiService {
        name: "neocities",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["NEOCITIES_API_KEY"],
        settings: "kind = \"neocities\"\nsite = \"your-site\"\n",
        variables: &[],
    },
    CiService {
        name: "s3",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        settings: "kind = \"s3\"\nbucket = \"your-bucket\"\nregion = \"us-east-1\"\n",
        variables: &[],
    },
    CiService {
        name: "webdav",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["WEBDAV_USER", "WEBDAV_PASSWORD"],
        settings: "kind = \"webdav\"\nto = \"https://dav.example.com/blog\"\n",
        variables: &[],
    },
];

/// Where the source of this program lies, as its package says; empty if it does not.
const SOURCE: &str = env!("CARGO_PKG_REPOSITORY");

/// A file for a service, and what has to be known of it.
pub struct Workflow {
    /// The text of the file.
    pub text: String,
    /// What has to be added to the settings, if no target of theirs fits the service.
    pub settings: Option<String>,
    /// Whether the author has to write where the service gets this program from.
    pub lacks_source: bool,
}

impl CiService {
    /// The file for a site. `source` is the git repository to install this program from, with a tag after `#` if it is to
    /// stay with one version; without it, the one that the package names.
    pub fn workflow(&self, config: &Config, source: Option<&str>) -> Workflow {
        let known = source.or(Some(SOURCE).filter(|source| !source.is_empty()));
        let (target, settings) = match self.fitting(config) {
            Some(target) => (target.name.clone(), None),
            None => {
                let name = free_name(config, self.name);
                let settings = format!("[publish.{name}]\n{}", self.settings);
                (name, Some(settings))
            }
        };
        let receiver = config.linkbacks.receiver.as_deref();
        let secrets = self.secrets.iter().map(|secret| format!("{secret}: ${{{{ secrets.{secret} }}}}\n"));
        let blanks = [
            ("<version>", env!("CARGO_PKG_VERSION").to_owned()),
            ("<install>", install(known.unwrap_or("https://example.com/backmatter.git"))),
            ("<receiver>", receiver.unwrap_or_default().to_owned()),
            ("<target>", target),
            ("<secrets>", secrets.collect::<String>().trim_end().to_owned()),
        ];
        let text = fill(self.runner.template(), &blanks, |condition| match condition {
            "receiver" => receiver.is_some(),
            "unknown source" => known.is_none(),
            "secrets" => !self.secrets.is_empty(),
            "carried" => self.is_carried(),
            _ => !self.is_carried(),
        });
        Workflow { text, settings, lacks_source: known.is_none() }
    }

    /// The target of the settings that the service can publish to.
    fn fitting<'c>(&self, config: &'c Config) -> Option<&'c PublishTarget> {
        let wanted = Config::parse(&format!("[publish.wanted]\n{}", self.settings)).0.publish.pop()?;
        config.publish.iter().find(|target| {
            let is_same_folder = match (&target.place, &wanted.place) {
                (TargetKind::Directory { to, .. }, TargetKind::Directory { to: wanted, .. }) => to == wanted,
                _ => true,
            };
            target.host == wanted.host
                && std::mem::discriminant(&target.place) == std::mem::discriminant(&wanted.place)
                && is_same_folder
        })
    }

    /// Whether another program carries the site away from the folder that it is published to.
    fn is_carried(&self) -> bool {
        !self.variables.is_empty()
    }
}

/// A file that was written for a service.
pub(crate) struct WrittenWorkflow {
    pub service: &'static CiService,
    pub workflow: Workflow,
}

/// Writes the file with which the service of a name publishes a site. A file that is there stays.
pub(crate) fn write(
    root: &Path,
    config: &Config,
    name: &str,
    source: Option<&str>,
) -> Result<WrittenWorkflow> {
    let names = SERVICES.iter().map(|service| service.name);
    let Some(service) = SERVICES.iter().find(|service| service.name == name) else {
        let known = names.clone().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let reason = did_you_mean(name, names).unwrap_or_else(|| format!("known are {known}"));
        return Err(Error::Argument { given: format!("--init {name}"), reason });
    };
    let path = root.join(service.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    }
    let workflow = service.workflow(config, source);
    match fs::File::create_new(&path) {
        Ok(mut file) => file.write_all(workflow.text.as_bytes()).map_err(Error::io("write", &path))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::Exists { path, what: "`publish --init`" });
        }
        Err(error) => return Err(Error::io("write", &path)(error)),
    }
    Ok(WrittenWorkflow { service, workflow })
}

impl Runner {
    fn template(self) -> &'static str {
        match self {
            Self::Github => include_str!("github.yml"),
            Self::Gitlab => include_str!("gitlab.yml"),
            Self::Woodpecker => include_str!("woodpecker.yml"),
        }
    }
}

/// A name that no target has yet.
fn free_name(config: &Config, service: &str) -> String {
    let is_taken = config.publish.iter().any(|target| target.name == "web");
    if is_taken { service.to_owned() } else { "web".to_owned() }
}

/// The arguments that install this program where a service runs.
fn install(source: &str) -> String {
    match source.split_once('#') {
        Some((repository, tag)) => format!("--locked --git {repository} --tag {tag} backmatter"),
        None => format!("--locked --git {source} backmatter"),
    }
}

/// The template with its blanks filled. What stands between `#if CONDITION` and `#end` stays if the condition holds; a
/// filling of several lines stands at the indentation of its blank.
fn fill(template: &str, blanks: &[(&str, String)], holds: impl Fn(&str) -> bool) -> String {
    let mut text = String::with_capacity(template.len());
    let mut stays = true;
    for line in template.lines() {
        match line.trim_start().strip_prefix('#') {
            Some("end") => stays = true,
            Some(mark) if mark.starts_with("if ") => stays = holds(&mark["if ".len()..]),
            _ if stays => {
                let indentation = &line[..line.len() - line.trim_start().len()];
                text.push_str(&blanks.iter().fold(line.to_owned(), |line, (blank, filling)| {
                    line.replace(blank, &filling.replace('\n', &format!("\n{indentation}")))
                }));
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}
