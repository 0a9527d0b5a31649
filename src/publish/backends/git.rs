//! A branch of a git repository: one commit for each publish, made by the system's git without the author's work
//! tree, and pushed without force.
//!
//! A bare repository in our own state holds the last commit of the branch. The new one is written by
//! `git fast-import` on top of it, so files of others stay, and git refuses a push that is not a fast-forward.
//!
//! What is in that repository can be fetched again. Nothing but a publish under the lock of its target runs git there, so
//! a lock that is found belongs to a git that was killed, and is removed; a repository that git cannot use is made again.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use parking_lot::Mutex;
use walkdir::WalkDir;

use crate::error::Error;
use crate::path::OutputPath;
use crate::publish::backends::tool::{cannot_run, complaint, run, without_credentials};
use crate::publish::backends::{
    Backend, BackendContext, BackendError, Capabilities, PublishStart, Retry, Visibility,
};
use crate::publish::desired::DesiredFiles;
use crate::publish::manifest;
use crate::sys::clock::Clock;
use crate::sys::process::{self, Piped};

/// What the branch is called in our repository.
const PUBLISHED: &str = "refs/heads/published";

/// What leads git to a repository, of those that `git rev-parse --local-env-vars` lists.
const REPOSITORY_VARIABLES: [&str; 10] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// A branch of a git repository.
pub struct Git {
    /// The folder of the site, whose own repository knows remotes and ways to log in.
    site: PathBuf,
    /// Our bare repository.
    cache: PathBuf,
    to: String,
    branch: String,
    /// For the message of the commit.
    base_url: String,
    state: Mutex<CommitState>,
}

#[derive(Default)]
struct CommitState {
    /// The commit that the branch had; none if there is no branch.
    base: Option<String>,
    /// The commit in the making.
    import: Option<Import>,
    /// The commit that is made.
    commit: Option<String>,
}

/// A commit in the making. If it is dropped before its end, nothing of it is kept.
struct Import(Piped);

impl Git {
    /// The branch of the repository that `to` names: an address, a path, or a remote of the site's own repository.
    pub fn new(context: &BackendContext<'_>, cache: PathBuf, to: &str, branch: &str) -> Self {
        Self {
            site: context.root.to_owned(),
            cache,
            to: to.to_owned(),
            branch: branch.to_owned(),
            base_url: context.config.base_url.clone(),
            state: Mutex::default(),
        }
    }

    /// git in our repository. It is named: where it is damaged, git would look for one in the folders above, and find the
    /// site's own.
    fn git<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = git();
        command.arg("--git-dir").arg(&self.cache);
        // What git tidies up by itself ends with the command, and so before the lock of the target.
        command.args(["-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false"]);
        command.args(arguments);
        command
    }

    /// git in the repository that the site is in, if it is in one. Nothing is changed there.
    fn git_of_site<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = git();
        command.arg("-C").arg(&self.site).args(arguments);
        command
    }

    /// Runs git in our repository, with the ways to log in that the site's own repository has. They travel in
    /// the environment, where no other user sees them.
    fn remote_git(&self, arguments: &[&str]) -> Result<Vec<u8>, BackendError> {
        let mut command = self.git(arguments);
        for (number, (key, value)) in self.logins().iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{number}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{number}"), value);
            command.env("GIT_CONFIG_COUNT", (number + 1).to_string());
        }
        checked(&mut command)
    }

    fn logins(&self) -> Vec<(String, String)> {
        let wanted = "^(http\\.|credential\\.|url\\.|core\\.sshcommand$)";
        let mut command = self.git_of_site(["config", "--local", "--includes", "-z", "--get-regexp", wanted]);
        let Ok(output) = run(&mut command, b"") else { return Vec::new() };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('\n'));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// The address that is fetched from and pushed to.
    fn address(&self) -> Result<String, BackendError> {
        let is_name = !self.to.contains([':', '/', '\\']);
        if is_name {
            let mut command = self.git_of_site(["remote", "get-url", "--push", &self.to]);
            let output = run(&mut command, b"")?;
            if output.status.success() {
                return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
            }
        }
        let path = self.site.join(&self.to);
        if path.exists() {
            return Ok(path.display().to_string());
        }
        if is_name {
            let hint = "write `to` as the address of a repository, or add the remote with `git remote add`";
            return Err(BackendError::permanent(format!(
                "the site's repository has no remote `{}`; {hint}",
                self.to
            )));
        }
        Ok(self.to.clone())
    }

    /// Makes our repository, if it is not there or git takes it for none.
    fn make_cache(&self) -> Result<(), BackendError> {
        if self.cache.is_dir() {
            remove_locks(&self.cache);
            if run(&mut self.git(["rev-parse", "--is-bare-repository"]), b"")?.status.success() {
                return Ok(());
            }
        }
        self.make_cache_again()
    }

    fn make_cache_again(&self) -> Result<(), BackendError> {
        let removed = match fs::symlink_metadata(&self.cache) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&self.cache),
            Ok(_) => fs::remove_file(&self.cache),
            Err(_) => Ok(()),
        };
        removed.map_err(Error::io("remove", &self.cache))?;
        fs::create_dir_all(&self.cache).map_err(Error::io("make", &self.cache))?;
        checked(&mut self.git(["init", "--bare", "--quiet"])).map(|_| ())
    }

    /// The commit that the branch has at the other end, with all its files.
    fn fetch(&self) -> Result<Option<String>, BackendError> {
        let address = self.address()?;
        let name = format!("refs/heads/{}", self.branch);
        let listed = self.remote_git(&["ls-remote", "--", &address, &name])?;
        if !String::from_utf8_lossy(&listed).lines().any(|line| line.ends_with(&format!("\t{name}"))) {
            return Ok(None);
        }
        let refspec = format!("+{name}:{PUBLISHED}");
        match self.fetch_branch(&address, &refspec) {
            // The other end answers, so the fault may be in our repository.
            Err(failure) if failure.retry == Retry::Never => {
                self.make_cache_again()?;
                self.fetch_branch(&address, &refspec).map(Some)
            }
            fetched => fetched.map(Some),
        }
    }

    fn fetch_branch(&self, address: &str, refspec: &str) -> Result<String, BackendError> {
        self.remote_git(&["fetch", "--quiet", "--depth=1", "--no-tags", "--", address, refspec])?;
        let commit = checked(&mut self.git(["rev-parse", "--verify", PUBLISHED]))?;
        // git takes a commit that is there for whole, and does not fetch what was lost of it.
        checked(&mut self.git(["rev-list", "--objects", "--quiet", PUBLISHED]))?;
        Ok(String::from_utf8_lossy(&commit).trim().to_owned())
    }

    /// Who commits: whoever the site's own repository says.
    fn committer(&self) -> String {
        let mut command = self.git_of_site(["var", "GIT_COMMITTER_IDENT"]);
        let known = run(&mut command, b"").ok().filter(|output| output.status.success());
        let identity = known.and_then(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.rfind('>').map(|end| text[..=end].to_owned())
        });
        let now = Clock::system().now().timestamp();
        format!("{} {now} +0000", identity.unwrap_or_else(|| "Backmatter <backmatter@localhost>".to_owned()))
    }

    fn begin_import(&self, base: Option<&str>) -> Result<Import, BackendError> {
        let mut command = self.git(["fast-import", "--quiet", "--done", "--force"]);
        let mut import = Import(Piped::start(&mut command).map_err(|error| cannot_run("git", error))?);
        let message = format!("Publish {}\n", self.base_url);
        let mut head = format!("commit {PUBLISHED}\ncommitter {}\n", self.committer());
        head.push_str(&format!("data {}\n{message}\n", message.len()));
        if let Some(base) = base {
            head.push_str(&format!("from {base}\n"));
        }
        import.write(head.as_bytes())?;
        Ok(import)
    }

    /// Finishes the commit.
    fn commit(&self, state: &mut CommitState, manifest: &[u8]) -> Result<String, BackendError> {
        if let Some(mut import) = state.import.take() {
            import.file(manifest::FILE_NAME, manifest)?;
            import.write(b"\ndone\n")?;
            import.end()?;
            let commit = checked(&mut self.git(["rev-parse", "--verify", PUBLISHED]))?;
            state.commit = Some(String::from_utf8_lossy(&commit).trim().to_owned());
        }
        state.commit.clone().ok_or_else(|| BackendError::permanent("nothing was committed"))
    }
}

impl Import {
    fn write(&mut self, bytes: &[u8]) -> Result<(), BackendError> {
        self.0.write(bytes).map_err(|error| {
            BackendError::permanent(format!("`git fast-import` ended: {error}")).caused_by(error)
        })
    }

    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), BackendError> {
        self.write(format!("M 100644 inline {}\ndata {}\n", quoted(path), bytes.len()).as_bytes())?;
        self.write(bytes)?;
        self.write(b"\n")
    }

    fn end(self) -> Result<(), BackendError> {
        let (status, stderr) = self.0.finish().map_err(|error| {
            BackendError::permanent(format!("`git fast-import` failed: {error}")).caused_by(error)
        })?;
        if status.success() {
            return Ok(());
        }
        Err(BackendError::permanent(format!("`git fast-import`: {}", complaint(&stderr))))
    }
}

impl Backend for Git {
    fn capabilities(&self) -> Capabilities {
        Capabilities { workers: 1, batch: 64, visibility: Visibility::AtFinish }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, BackendError> {
        self.make_cache()?;
        let base = self.fetch()?;
        let found = base.as_ref().map(|base| {
            let name = format!("{base}:{}", manifest::FILE_NAME);
            run(&mut self.git(["cat-file", "blob", &name]), b"")
        });
        self.state.lock().base = base;
        match found {
            Some(output) => {
                Ok(Some(output?).filter(|output| output.status.success()).map(|output| output.stdout))
            }
            None => Ok(None),
        }
    }

    fn repository(&self) -> Option<String> {
        self.address().ok()
    }

    /// A publish from elsewhere in the meantime is found when the commit is pushed.
    fn begin(&self, _: &PublishStart<'_>) -> Result<(), BackendError> {
        let mut state = self.state.lock();
        state.import = Some(self.begin_import(state.base.as_deref())?);
        Ok(())
    }

    fn upload(&self, batch: &[&OutputPath], desired: &DesiredFiles) -> Result<(), BackendError> {
        let mut state = self.state.lock();
        let import = state.import.as_mut().ok_or_else(|| BackendError::permanent("no commit has begun"))?;
        for path in batch {
            import.file(path.as_str(), &desired.bytes(path)?)?;
        }
        Ok(())
    }

    fn delete(&self, batch: &[&OutputPath]) -> Result<(), BackendError> {
        let mut state = self.state.lock();
        let import = state.import.as_mut().ok_or_else(|| BackendError::permanent("no commit has begun"))?;
        for path in batch {
            import.write(format!("D {}\n", quoted(path.as_str())).as_bytes())?;
        }
        Ok(())
    }

    fn finish(&self, manifest: &[u8]) -> Result<(), BackendError> {
        let commit = self.commit(&mut self.state.lock(), manifest)?;
        let refspec = format!("{commit}:refs/heads/{}", self.branch);
        let address = self.address()?;
        self.remote_git(&["push", "--quiet", "--", &address, &refspec]).map(|_| ()).map_err(|failure| {
            let is_behind = ["non-fast-forward", "fetch first", "stale info", "cannot lock ref"]
                .into_iter()
                .any(|sign| failure.reason.contains(sign));
            if is_behind { BackendError::conflict() } else { failure }
        })
    }
}

fn git() -> Command {
    let mut command = process::command("git");
    // In a hook these would lead to another repository.
    for variable in REPOSITORY_VARIABLES {
        command.env_remove(variable);
    }
    command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    command
}

/// Removes the locks of a git that was killed. One that stays is named by the git that meets it.
fn remove_locks(repository: &Path) {
    let files = WalkDir::new(repository).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    for file in files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "lock")) {
        let _ = fs::remove_file(file.path());
    }
}

/// Runs git and returns what it printed.
fn checked(command: &mut Command) -> Result<Vec<u8>, BackendError> {
    let output = run(command, b"")?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_passing = ["Could not resolve host", "Connection", "timed out", "early EOF", "HTTP 5", "error: 5"]
        .into_iter()
        .any(|sign| stderr.contains(sign));
    let reason = match complaint(&output.stderr) {
        complaint if complaint.is_empty() => format!("git ended with {}", output.status),
        complaint => format!("git: {}", without_credentials(&complaint)),
    };
    Err(if is_passing { BackendError::transient(reason) } else { BackendError::permanent(reason) })
}

/// A path as `git fast-import` reads it between quotes.
fn quoted(path: &str) -> String {
    let mut text = String::with_capacity(path.len() + 2);
    text.push('"');
    for c in path.chars() {
        match c {
            '"' | '\\' => {
                text.push('\\');
                text.push(c);
            }
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}
