//! The watcher on real files.

use std::fs;

use super::*;

/// Longer than any machine needs; a test that waits for it fails.
const DEADLINE: Duration = Duration::from_secs(20);

const TIMING: Timing = Timing {
    quiet: Duration::from_millis(2),
    longest: Duration::from_millis(250),
    fallback: Duration::from_millis(50),
};

/// A folder, and a watcher of `site/content` and `site/backmatter.toml` in it.
struct Scene {
    folder: tempfile::TempDir,
    watcher: SiteWatcher,
    stop: Stop,
}

impl Scene {
    /// Makes the files, and then watches.
    fn new(prepare: impl FnOnce(&Path)) -> Self {
        Self::watching(Watching::Events, prepare)
    }

    fn watching(watching: Watching, prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        prepare(folder.path());
        let site = folder.path().join("site");
        let paths =
            WatchedPaths { files: vec![site.join("backmatter.toml")], folders: vec![site.join("content")] };
        let (watcher, stop) = SiteWatcher::start(paths, watching, TIMING);
        Self { folder, watcher, stop }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str) -> &Self {
        write(self.folder.path(), name);
        self
    }

    fn rename(&self, from: &str, to: &str) -> &Self {
        fs::rename(self.path(from), self.path(to)).expect("it can be renamed");
        self
    }

    fn remove_folder(&self, name: &str) -> &Self {
        fs::remove_dir_all(self.path(name)).expect("it can be removed");
        self
    }

    #[cfg(unix)]
    fn link(&self, target: &str, name: &str) -> &Self {
        link(self.folder.path(), target, name);
        self
    }

    /// Waits until a path is named, or anything may have changed.
    #[track_caller]
    fn reports(&mut self, name: &str) {
        let path = self.path(name);
        self.wait_for(&format!("`{name}`"), |changed| changed.and_others || changed.paths.contains(&path));
    }

    /// Waits until a path is named.
    #[track_caller]
    fn names(&mut self, name: &str) {
        let path = self.path(name);
        self.wait_for(&format!("`{name}`"), |changed| changed.paths.contains(&path));
    }

    #[track_caller]
    fn wait_for(&mut self, what: &str, is_it: impl Fn(&ChangedPaths) -> bool) {
        let mut others = Vec::new();
        loop {
            match self.watcher.next(Some(DEADLINE)) {
                Wake::Changed(changed) if is_it(&changed) => return,
                Wake::Changed(changed) => others.push(changed),
                wake => panic!("{what} is not reported, but {others:?} and {wake:?}"),
            }
        }
    }

    /// Waits until all that has happened is reported: what happens from now on is reported by itself.
    #[track_caller]
    fn settle(&mut self) {
        self.write("site/content/settled");
        self.names("site/content/settled");
        // New folders are read once more, and a write is several events.
        while self.watcher.next(Some(SETTLING * 2)) != Wake::Elapsed {}
    }
}

/// Writes the next version of a file. No two are equal.
fn write(folder: &Path, name: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("there is room for a folder");
    let before = fs::read_to_string(&path).unwrap_or_default();
    fs::write(path, before + "words\n").expect("there is room for a file");
}

#[cfg(unix)]
fn link(folder: &Path, target: &str, name: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("there is room for a folder");
    std::os::unix::fs::symlink(target, path).expect("there is room for a link");
}

fn plain(folder: &Path) {
    write(folder, "site/backmatter.toml");
    write(folder, "site/content/a.md");
}

#[test]
fn files_are_named_as_they_are_read_and_others_are_not() {
    let mut scene = Scene::new(plain);
    scene.write("site/public/a.html").write("site/database").write("beside");
    scene.write("site/content/a.md");
    scene.names("site/content/a.md");
    scene.settle();
    scene.write("site/backmatter.toml");
    let settings = scene.path("site/backmatter.toml");
    match scene.watcher.next(Some(DEADLINE)) {
        Wake::Changed(changed) => {
            assert_eq!(changed, ChangedPaths { paths: BTreeSet::from([settings]), and_others: false });
        }
        wake => panic!("{wake:?}"),
    }
}

#[test]
fn reading_is_not_reported() {
    let mut scene = Scene::new(plain);
    scene.settle();
    fs::read(scene.path("site/content/a.md")).expect("it is there");
    fs::read_dir(scene.path("site/content")).expect("it is there").for_each(drop);
    assert_eq!(scene.watcher.next(Some(SETTLING)), Wake::Elapsed);
}

#[test]
fn folders_that_come_later_are_watched() {
    let mut scene = Scene::new(|folder| write(folder, "site/backmatter.toml"));
    scene.write("site/content/deep/er/a.md");
    scene.reports("site/content");
    scene.settle();
    scene.write("site/content/deep/er/a.md");
    scene.names("site/content/deep/er/a.md");
    scene.rename("site/content/deep", "site/content/moved");
    scene.reports("site/content/moved");
    scene.settle();
    scene.write("site/content/moved/er/a.md");
    scene.names("site/content/moved/er/a.md");
}

#[test]
fn files_of_a_new_folder_are_read_once_more() {
    let mut scene = Scene::new(plain);
    scene.write("site/content/new/a.md");
    scene.reports("site/content/new");
    scene.wait_for("everything", |changed| *changed == ChangedPaths::any());
}

#[test]
fn a_replaced_folder_is_watched() {
    let mut scene = Scene::new(|folder| {
        plain(folder);
        write(folder, "new/b.md");
    });
    scene.rename("site/content", "old").rename("new", "site/content");
    scene.reports("site/content");
    scene.settle();
    scene.write("site/content/b.md");
    scene.names("site/content/b.md");
    scene.write("old/a.md");
    assert_eq!(scene.watcher.next(Some(SETTLING * 2)), Wake::Elapsed, "the old folder is not watched");
}

#[test]
fn a_folder_that_is_removed_and_made_again_is_watched() {
    let mut scene = Scene::new(plain);
    for _ in 0..3 {
        scene.remove_folder("site/content").write("site/content/a.md");
        scene.reports("site/content");
        scene.settle();
        scene.write("site/content/a.md");
        scene.names("site/content/a.md");
    }
}

#[test]
fn a_replaced_folder_above_is_watched() {
    let mut scene = Scene::new(|folder| {
        plain(folder);
        write(folder, "new/content/b.md");
    });
    scene.rename("site", "old").rename("new", "site");
    scene.reports("site/content");
    scene.settle();
    scene.write("site/content/b.md");
    scene.names("site/content/b.md");
    scene.write("site/backmatter.toml");
    scene.reports("site/backmatter.toml");
}

#[test]
fn other_paths_can_be_watched_later() {
    let mut scene = Scene::new(plain);
    let themes = scene.path("site/themes/own");
    scene.watcher.watch(WatchedPaths { files: Vec::new(), folders: vec![themes] });
    scene.write("site/content/a.md").write("site/themes/own/page.html");
    scene.reports("site/themes/own");
    scene.write("site/themes/own/page.html");
    scene.names("site/themes/own/page.html");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_whole_site_may_lead_to_another_one() {
    let mut scene = Scene::new(|folder| {
        for release in ["releases/1", "releases/2"] {
            write(folder, &format!("{release}/backmatter.toml"));
            write(folder, &format!("{release}/content/a.md"));
        }
        link(folder, "releases/1", "site");
    });
    scene.write("releases/1/content/a.md");
    scene.names("site/content/a.md");
    // As `ln -sfn` does, and as a link of another name that is renamed over it.
    for (release, other) in [("releases/2", "releases/1"), ("releases/1", "releases/2")] {
        scene.link(release, "next").rename("next", "site");
        scene.reports("site/content");
        scene.settle();
        scene.write(&format!("{release}/content/b.md"));
        scene.names("site/content/b.md");
        scene.write(&format!("{other}/content/c.md"));
        assert_eq!(scene.watcher.next(Some(SETTLING * 2)), Wake::Elapsed, "{other} is not watched");
    }
}

#[cfg(unix)]
#[test]
fn files_behind_links_are_reported_as_the_links() {
    let mut scene = Scene::new(|folder| {
        write(folder, "vault/note.md");
        write(folder, "vault/settings.toml");
        link(folder, "../vault/settings.toml", "site/backmatter.toml");
        link(folder, "../../vault/note.md", "site/content/one.md");
        // A chain, by a folder that is a link as well.
        link(folder, "vault", "shelf");
        link(folder, "../../chain", "site/content/two.md");
        link(folder, "shelf/note.md", "chain");
    });
    for _ in 0..3 {
        scene.write("vault/note.md");
        scene.names("site/content/one.md");
        scene.settle();
    }
    scene.write("vault/note.md");
    scene.names("site/content/two.md");
    scene.write("vault/settings.toml");
    scene.names("site/backmatter.toml");
    scene.settle();
    // Saved by an editor that replaces the file.
    scene.write("vault/temporary").rename("vault/temporary", "vault/note.md");
    scene.reports("site/content/one.md");
    scene.settle();
    scene.write("vault/note.md");
    scene.names("site/content/one.md");
}

#[cfg(unix)]
#[test]
fn a_chain_may_lead_elsewhere_at_each_step() {
    let mut scene = Scene::new(|folder| {
        write(folder, "vault/note.md");
        write(folder, "other/note.md");
        link(folder, "vault", "shelf");
        link(folder, "shelf/note.md", "chain");
        link(folder, "../../chain", "site/content/a.md");
    });
    scene.link("other", "next").rename("next", "shelf");
    scene.reports("site/content/a.md");
    scene.settle();
    scene.write("other/note.md");
    scene.names("site/content/a.md");
    scene.link("vault/note.md", "next").rename("next", "chain");
    scene.reports("site/content/a.md");
    scene.settle();
    scene.write("vault/note.md");
    scene.names("site/content/a.md");
}

#[cfg(unix)]
#[test]
fn the_folder_behind_a_link_may_be_replaced() {
    let mut scene = Scene::new(|folder| {
        plain(folder);
        write(folder, "sync/vault/a.md");
        link(folder, "../../sync/vault", "site/content/linked");
        write(folder, "new/b.md");
        write(folder, "newer/vault/c.md");
    });
    scene.write("sync/vault/a.md");
    scene.names("site/content/linked/a.md");
    scene.rename("sync/vault", "old").rename("new", "sync/vault");
    scene.reports("site/content/linked");
    scene.settle();
    scene.write("sync/vault/b.md");
    scene.names("site/content/linked/b.md");
    scene.remove_folder("sync/vault").write("sync/vault/b.md");
    scene.reports("site/content/linked");
    scene.settle();
    scene.write("sync/vault/b.md");
    scene.names("site/content/linked/b.md");
    // And the folder it is in.
    scene.rename("sync", "older").rename("newer", "sync");
    scene.reports("site/content/linked");
    scene.settle();
    scene.write("sync/vault/c.md");
    scene.names("site/content/linked/c.md");
}

#[cfg(unix)]
#[test]
fn links_that_come_later_or_lead_nowhere_at_first_are_followed() {
    let mut scene = Scene::new(|folder| {
        plain(folder);
        link(folder, "../../missing/note.md", "site/content/x.md");
        link(folder, "..", "site/content/loop");
        link(folder, "self", "site/content/self");
        write(folder, "vault/deep/b.md");
    });
    scene.write("missing/note.md");
    scene.reports("site/content/x.md");
    scene.settle();
    scene.write("missing/note.md");
    scene.names("site/content/x.md");
    scene.link("../../vault/deep/b.md", "site/content/b.md").link("../../vault", "site/content/linked");
    scene.reports("site/content/linked");
    scene.settle();
    scene.write("vault/deep/b.md");
    scene.names("site/content/b.md");
    scene.write("vault/deep/b.md");
    scene.names("site/content/linked/deep/b.md");
}

#[cfg(unix)]
#[test]
fn a_file_is_reported_by_every_path_it_is_read_at() {
    let mut scene = Scene::new(|folder| {
        plain(folder);
        write(folder, "site/content/real/a.md");
        link(folder, "real", "site/content/linked");
        link(folder, "real/a.md", "site/content/b.md");
    });
    scene.settle();
    scene.write("site/content/real/a.md");
    let names = ["real/a.md", "linked/a.md", "b.md"];
    let paths = names.map(|name| scene.path("site/content").join(name));
    scene.wait_for("each path", |changed| changed.paths == BTreeSet::from(paths.clone()));
}

#[test]
fn what_happens_together_is_one_change() {
    let mut scene = Scene::new(plain);
    scene.settle();
    scene.write("site/content/a.md").write("site/content/b.md");
    let (a, b) = (scene.path("site/content/a.md"), scene.path("site/content/b.md"));
    let mut all = ChangedPaths::default();
    while !all.paths.contains(&b) {
        match scene.watcher.next(Some(DEADLINE)) {
            Wake::Changed(changed) => all.add(changed),
            wake => panic!("{wake:?}"),
        }
    }
    assert_eq!(all, ChangedPaths { paths: BTreeSet::from([a, b]), and_others: false });
}

#[test]
fn polling_reports_everything_at_its_interval() {
    let mut scene = Scene::watching(Watching::Polling(Duration::from_millis(20)), plain);
    assert_eq!(scene.watcher.next(None), Wake::Changed(ChangedPaths::any()));
    assert_eq!(scene.watcher.next(Some(Duration::from_millis(1))), Wake::Elapsed);
    assert_eq!(scene.watcher.next(Some(DEADLINE)), Wake::Changed(ChangedPaths::any()));
}

#[test]
fn what_the_system_cannot_watch_is_polled() {
    let mut scene = Scene::new(plain);
    scene.watcher.poll("too many folders".to_owned());
    assert_eq!(scene.watcher.next(None), Wake::Unwatchable("too many folders".to_owned()));
    scene.watcher.poll("it is said once".to_owned());
    scene.wait_for("everything", |changed| *changed == ChangedPaths::any());
}

#[test]
fn a_stopped_watcher_does_not_wait() {
    let mut scene = Scene::new(plain);
    scene.stop.stop();
    assert_eq!(scene.watcher.more(DEADLINE), None);
    assert_eq!(scene.watcher.next(None), Wake::Stopped);
    assert_eq!(scene.watcher.next(None), Wake::Stopped);
}
