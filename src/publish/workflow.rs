//! Files for services that publish by themselves: when something was pushed, and every hour, as a post whose date has
//! come appears only when the site is built again.

use crate::config::Config;

/// A service, and what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// What it is called: `github-pages`.
    pub name: &'static str,
    /// The file that it reads.
    pub path: &'static str,
    runner: Runner,
    /// Secrets that it has to be given, as it calls them.
    pub secrets: &'static [&'static str],
    /// What has to stand in the settings.
    pub settings: &'static str,
    /// What is run after the site was published to a folder, where another program carries it away.
    then: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Github,
    Gitlab,
    Woodpecker,
}

const GITHUB: &str = ".github/workflows/publish.yml";

/// The services.
pub const SERVICES: [Service; 8] = [
    Service {
        name: "github-pages",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &[],
        settings: "kind = \"git\"\nto = \"origin\"\nbranch = \"gh-pages\"\nhost = \"github-pages\"\n",
        then: "",
    },
    Service {
        name: "gitlab-pages",
        path: ".gitlab-ci.yml",
        runner: Runner::Gitlab,
        secrets: &[],
        settings: "kind = \"directory\"\nto = \"pages\"\nmode = \"in-place\"\nhost = \"gitlab-pages\"\ncompress = [\"gz\", \"br\"]\n",
        then: "",
    },
    Service {
        name: "codeberg",
        path: ".woodpecker/publish.yml",
        runner: Runner::Woodpecker,
        secrets: &["CODEBERG_TOKEN"],
        settings: "kind = \"git\"\nto = \"https://codeberg.org/you/pages.git\"\nbranch = \"pages\"\n",
        then: "",
    },
    Service {
        name: "netlify",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["NETLIFY_AUTH_TOKEN"],
        settings: "kind = \"netlify\"\nsite = \"your-site.netlify.app\"\n",
        then: "",
    },
    Service {
        name: "cloudflare",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"],
        settings: "kind = \"directory\"\nto = \"pages\"\nmode = \"in-place\"\nhost = \"cloudflare\"\n",
        then: "npx --yes wrangler@4 pages deploy pages --project-name \"${{ vars.CLOUDFLARE_PROJECT }}\" --branch main",
    },
    Service {
        name: "neocities",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["NEOCITIES_API_KEY"],
        settings: "kind = \"neocities\"\nsite = \"your-site\"\n",
        then: "",
    },
    Service {
        name: "s3",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        settings: "kind = \"s3\"\nbucket = \"your-bucket\"\nregion = \"us-east-1\"\n",
        then: "",
    },
    Service {
        name: "webdav",
        path: GITHUB,
        runner: Runner::Github,
        secrets: &["WEBDAV_USER", "WEBDAV_PASSWORD"],
        settings: "kind = \"webdav\"\nto = \"https://dav.example.com/blog\"\n",
        then: "",
    },
];

/// The minute of the hour: not the full one, at which everybody's begin.
const MINUTE: u32 = 17;

/// Where the source of this program lies, as its package says; empty if it does not.
const SOURCE: &str = env!("CARGO_PKG_REPOSITORY");

/// The command that installs this program where the service runs.
fn install() -> String {
    let source = if SOURCE.is_empty() { "https://example.com/backmatter.git" } else { SOURCE };
    format!("cargo install --locked --git {source} backmatter")
}

/// What the author has to do before that command works, as a comment that stands at an indentation.
fn source_comment(indentation: usize) -> String {
    if !SOURCE.is_empty() {
        return String::new();
    }
    let line =
        "# Write the address of the git repository with Backmatter's source here, in place of example.com's.";
    format!("{line}\n{}", " ".repeat(indentation))
}

impl Service {
    /// The text of the file, for a site.
    pub fn text(&self, config: &Config) -> String {
        match self.runner {
            Runner::Github => self.github(config),
            Runner::Gitlab => self.gitlab(config),
            Runner::Woodpecker => self.woodpecker(config),
        }
    }

    /// The command that fetches new linkbacks, if there is a receiver to fetch them from.
    fn pull(config: &Config) -> Option<String> {
        let receiver = config.linkbacks.receiver.as_ref()?;
        Some(format!("backmatter linkbacks pull --from {receiver}"))
    }

    fn github(&self, config: &Config) -> String {
        let mut text = format!(
            "# Publishes the site when something is pushed, and every hour for posts whose date has come.\n\
             name: Publish\n\
             on:\n  push:\n    branches: [main]\n  schedule:\n    - cron: \"{MINUTE} * * * *\"\n  workflow_dispatch:\n\
             permissions:\n  contents: write\n\
             # One at a time; the next one waits.\n\
             concurrency:\n  group: publish\n\
             jobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n\
             \x20     - uses: actions/cache@v4\n        with:\n          path: |\n            ~/.cargo/bin\n            .backmatter\n            public\n          key: backmatter-${{{{ github.run_id }}}}\n          restore-keys: backmatter-\n\
             \x20     {}- run: command -v backmatter || {}\n",
            source_comment(6),
            install(),
        );
        if let Some(pull) = Self::pull(config) {
            text.push_str(&format!(
                "      - name: New linkbacks\n        env:\n          BACKMATTER_TOKEN: ${{{{ secrets.BACKMATTER_TOKEN }}}}\n        run: |\n          {pull}\n          git config user.name backmatter\n          git config user.email backmatter@users.noreply.github.com\n          git add content\n          git diff --cached --quiet || (git commit --message \"New linkbacks\" && git push)\n"
            ));
        }
        text.push_str("      - name: Publish\n");
        if !self.secrets.is_empty() {
            text.push_str("        env:\n");
            for secret in self.secrets {
                text.push_str(&format!("          {secret}: ${{{{ secrets.{secret} }}}}\n"));
            }
        }
        match self.then {
            "" => text.push_str("        run: backmatter publish --yes\n"),
            then => text.push_str(&format!(
                "        run: |\n          backmatter publish --yes --no-send\n          {then}\n          backmatter send\n"
            )),
        }
        text.push_str(
            "      - name: Remember what was sent\n        # Also if something failed: what was sent before that must not be sent again.\n        if: always()\n        run: |\n          git config user.name backmatter\n          git config user.email backmatter@users.noreply.github.com\n          git add --all -- '*.sent.toml' || exit 0 # nothing was ever sent\n          git diff --cached --quiet || (git commit --message \"Links that were sent\" && git push)\n",
        );
        text
    }

    fn gitlab(&self, config: &Config) -> String {
        let pull = Self::pull(config).map_or_else(String::new, |pull| format!("    - {pull}\n"));
        format!(
            "# Publishes the site when something is pushed. For posts whose date has come add a schedule: Build > Pipeline\n\
             # schedules > New schedule, with the interval {MINUTE} * * * *.\n\
             pages:\n  image: rust:1\n  resource_group: publish\n  cache:\n    key: backmatter\n    paths: [.cargo/bin, .backmatter, public]\n  variables:\n    CARGO_HOME: $CI_PROJECT_DIR/.cargo\n  script:\n    - export PATH=\"$CARGO_HOME/bin:$PATH\"\n    {}- command -v backmatter || {}\n{pull}    - backmatter publish --yes --no-send\n  publish: pages\n  artifacts:\n    paths: [pages]\n  rules:\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n",
            source_comment(4),
            install(),
        )
    }

    fn woodpecker(&self, config: &Config) -> String {
        let pull = Self::pull(config).map_or_else(String::new, |pull| format!("      - {pull}\n"));
        format!(
            "# Publishes the site when something is pushed, and whenever the cron job `publish` of the repository's\n\
             # settings says: {MINUTE} * * * *, for posts whose date has come.\n\
             when:\n  - event: push\n    branch: main\n  - event: cron\n    cron: publish\n\
             steps:\n  publish:\n    image: rust:1\n    environment:\n      CODEBERG_TOKEN:\n        from_secret: CODEBERG_TOKEN\n    commands:\n      {}- {}\n      - git config credential.helper '!f() {{ echo username=token; echo \"password=$CODEBERG_TOKEN\"; }}; f'\n{pull}      - backmatter publish --yes\n",
            source_comment(6),
            install(),
        )
    }
}
