//! Keeps what is shown true to the files: waits until something happens to them, looks what it was, and shows what
//! came of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::build::highlights::Highlights;
use crate::build::ledger::{Content, Known, Ledger};
use crate::build::model::{Model, Scanned};
use crate::build::{self, Request};
use crate::config::FILE_NAME;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};
use crate::path::{SourcePath, UrlPath};
use crate::preview::shown::{Shared, Shown};
use crate::preview::watch::{Bell, Places, Ring, Touched, Watcher};
use crate::preview::{Audience, Clock, News, Opening, Options, Watching};
use crate::scan::{self, Origin};

/// An editor may need several steps to save a file: they are one change if nothing is between them for this long.
const QUIET: Duration = Duration::from_millis(2);

/// Something is shown while a great many files are still being changed.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// How often the files are looked at when the system does not tell, and nobody said how often.
const FALLBACK: Duration = Duration::from_millis(500);

/// Keeps what is shown.
pub(super) struct Keeper {
    request: Request,
    clock: Clock,
    watching: Watching,
    audience: Arc<dyn Audience>,
    highlights: Arc<Highlights>,
    model: Model,
    /// When the next post appears or expires.
    due: Option<DateTime<Utc>>,
    shared: Arc<Shared>,
}

impl Keeper {
    /// Reads the site.
    pub(super) fn open(options: Options, audience: Arc<dyn Audience>) -> Result<Self> {
        let Options { mut request, clock, reload, watching, editor, .. } = options;
        // The system tells of files by their whole path.
        request.root = std::path::absolute(&request.root).map_err(Error::io("find", &request.root))?;
        let model = build::model(&request)?;
        let highlights = build::highlights(&request, &model.config);
        let shown = shown(&request, &model, &highlights);
        let shared = Arc::new(Shared::new(shown, request.root.clone(), reload, editor));
        let due = due(&model, request.now);
        Ok(Self { request, clock, watching, audience, highlights, model, due, shared })
    }

    /// What the threads share.
    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// What there is at the start.
    pub(super) fn opening(&self) -> Opening {
        Opening {
            posts: self.model.plan.site.posts.len(),
            diagnostics: self.shared.now().1.faults.clone(),
            base_path: self.model.config.base_path().to_owned(),
        }
    }

    /// Begins to keep, on a thread of its own.
    pub(super) fn keep(self) -> Result<(Bell, JoinHandle<()>)> {
        let (bell, rings) = Bell::new();
        let root = self.request.root.clone();
        let own = bell.clone();
        let thread = std::thread::Builder::new().name("keeper".to_owned());
        let thread = thread.spawn(move || self.run(&own, &rings)).map_err(Error::io("watch", &root))?;
        Ok((bell, thread))
    }

    fn run(mut self, bell: &Bell, rings: &Receiver<Ring>) {
        let mut watcher = self.watch(bell);
        // Something may have happened between the reading and the watching.
        let mut touched = Some(Touched::any());
        loop {
            if let Some(touched) = touched.take() {
                self.look(&touched);
                if let Some(watcher) = &mut watcher
                    && let Err(error) = watcher.follow(&self.places(), &touched.paths)
                {
                    self.fall_back(&error);
                }
            }
            match self.wait(rings) {
                Wait::Over(next) => touched = Some(next),
                Wait::End => return,
            }
        }
    }

    fn places(&self) -> Places {
        let root = self.request.root.clone();
        let settings = self.request.settings.clone().unwrap_or_else(|| root.join(FILE_NAME));
        let settings = std::path::absolute(&settings).unwrap_or(settings);
        Places { root, settings, theme: self.model.config.theme.clone() }
    }

    fn watch(&mut self, bell: &Bell) -> Option<Watcher> {
        if self.watching != Watching::Events {
            return None;
        }
        match Watcher::start(&self.places(), bell.clone()) {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                self.fall_back(&error);
                None
            }
        }
    }

    /// The system does not tell of all files: from now on they are looked at.
    fn fall_back(&mut self, error: &notify::Error) {
        if self.watching == Watching::Events {
            self.watching = Watching::Polling(FALLBACK);
            self.audience.polling(&error.to_string());
        }
    }

    /// Waits until something has happened and nothing more does.
    fn wait(&self, rings: &Receiver<Ring>) -> Wait {
        let places = self.places();
        let patience = match self.watching {
            Watching::Polling(interval) => Some(interval),
            Watching::Events => self.until_due(),
        };
        let mut touched = Touched::default();
        let mut began: Option<Instant> = None;
        loop {
            let ring = match (began, patience) {
                (Some(_), _) => rings.recv_timeout(QUIET),
                (None, Some(patience)) => rings.recv_timeout(patience),
                (None, None) => rings.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match ring {
                Ok(Ring::Touched(more)) => {
                    let more = Touched {
                        paths: more.paths.into_iter().filter(|path| places.hold(path)).collect(),
                        and_others: more.and_others,
                    };
                    if !more.paths.is_empty() || more.and_others {
                        began.get_or_insert_with(Instant::now);
                        touched.add(more);
                    }
                }
                Ok(Ring::End) | Err(RecvTimeoutError::Disconnected) => return Wait::End,
                Err(RecvTimeoutError::Timeout) if began.is_some() => return Wait::Over(touched),
                Err(RecvTimeoutError::Timeout) => return Wait::Over(Touched::any()),
            }
            if began.is_some_and(|began| began.elapsed() > LONGEST_WAIT) {
                return Wait::Over(touched);
            }
        }
    }

    /// How long it takes until a post appears or expires.
    fn until_due(&self) -> Option<Duration> {
        let due = self.due.filter(|_| self.clock == Clock::System)?;
        Some((due - Utc::now()).to_std().unwrap_or_default())
    }

    /// Looks what happened, and shows it.
    fn look(&mut self, touched: &Touched) {
        let began = Instant::now();
        if self.clock == Clock::System {
            self.request.now = Utc::now();
        }
        let before = self.shared.now().1;
        let Ok((config, diagnostics)) = build::settings(&self.request) else { return };
        let at = build::now_stamp();
        let tree = scan::scan(&self.request.root, &config);
        let last = Ledger {
            head: self.model.head.clone(),
            sources: std::mem::take(&mut self.model.known),
            ..Ledger::default()
        };
        let model = Model::of(&self.request, Scanned { config, diagnostics, tree, at }, &last);
        let changed = model.changed
            || model.head.outputs_key != self.model.head.outputs_key
            || model.diagnostics != self.model.diagnostics
            || self.due.is_some_and(|due| due <= self.request.now);
        let files = changed_files(&last.sources, &model);
        self.due = due(&model, self.request.now);
        self.model = model;
        if !changed {
            return;
        }
        if self.model.config.highlight != before.plan.site.config.highlight {
            self.highlights = build::highlights(&self.request, &self.model.config);
        }
        let shown = shown(&self.request, &self.model, &self.highlights);
        let faults = shown.faults.clone();
        self.shared.show(shown, files);
        let base_path = self.model.config.base_path();
        if base_path != before.plan.site.config.base_path() {
            self.audience.moved(base_path);
        }
        let names: Vec<String> = touched.paths.iter().take(3).map(|path| self.name(path)).collect();
        self.audience.changed(&News {
            files: (&names, touched.paths.len()),
            took: began.elapsed(),
            diagnostics: &faults,
            has_new_faults: faults != before.faults,
        });
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.request.root).unwrap_or(path).display().to_string()
    }
}

/// The first moment after `now` at which a post appears or expires.
fn due(model: &Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let dates = model.known.values().filter_map(|known| match &known.content {
        Content::Post(post, _) => Some([post.date, post.expires]),
        _ => None,
    });
    let moments = dates.flatten().flatten().map(|date| date.time().to_utc());
    moments.filter(|moment| *moment > now).min()
}

/// Why the keeper stopped waiting.
enum Wait {
    /// Something happened.
    Over(Touched),
    /// The preview ends.
    End,
}

/// What is shown of a model.
fn shown(request: &Request, model: &Model, highlights: &Arc<Highlights>) -> Shown {
    let (renderer, faults) = model.renderer(request, highlights);
    let is_broken = faults.iter().any(Diagnostic::is_error);
    let mut all: Vec<Diagnostic> = model.diagnostics.iter().cloned().chain(faults).collect();
    build::tidy(&request.root, &mut all);
    Shown::new(Arc::clone(&model.plan), (!is_broken).then_some(renderer), origins(model), all)
}

fn origins(model: &Model) -> Arc<BTreeMap<SourcePath, Origin>> {
    let files = model.tree.files.iter().filter(|(_, found)| found.role == scan::Role::File);
    Arc::new(files.map(|(path, found)| (path.clone(), found.origin.clone())).collect())
}

/// The addresses of copied files whose bytes are other ones.
fn changed_files(before: &BTreeMap<SourcePath, Known>, model: &Model) -> Vec<UrlPath> {
    let files = model.plan.site.files.iter();
    files
        .filter(|(path, file)| before.get(*path).is_some_and(|known| known.hash != file.hash))
        .map(|(_, file)| file.url.clone())
        .collect()
}
