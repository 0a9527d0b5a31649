//! Reads lines by the grammars of syntect, as syntect's own `ParseState` does, from which this is made (MIT license), and
//! with the same result: a test compares both. It searches for far fewer expressions, as a filter tells for each line
//! which of them cannot match in it (see [`super::contexts`]), and looks nothing up by an address.
//!
//! The rules are those of Sublime Text: the earliest match wins, of equal ones the first in the list; what a match pushes
//! or pops decides in which context the rest of the line is read.

use std::ops::Range;
use std::sync::Arc;

use syntect::parsing::syntax_definition::{Context, MatchOperation};
use syntect::parsing::{Regex, Region, ScopeStackOp};

use super::contexts::{ContextTable, LineCandidate, ReadyContext, ReadyExpression};

/// The changes of scopes in a line, each with the byte before which it holds.
pub(super) type ScopeChanges = Vec<(usize, ScopeStackOp)>;

/// What a grammar knows between two lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineParser {
    stack: Vec<StackLevel>,
    is_first_line: bool,
    /// The heights of the stack at which a prototype pushed a context: prototypes below the last of them do not apply.
    prototype_starts: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct StackLevel {
    context: Arc<ReadyContext>,
    prototypes: Vec<Arc<ReadyContext>>,
    /// What the groups of the match held that led here, if an expression may repeat it.
    groups: Option<Arc<[Option<String>]>>,
}

/// Back-references have one digit.
const GROUPS: usize = 10;

/// Deeper stacks are those of grammars that push without end.
const DEEPEST: usize = 100;

/// What was found in the line that is read. It is kept from line to line for the sake of its memory alone.
#[derive(Default)]
pub(crate) struct LineCache {
    /// The number of the line: what was written for another one counts as missing.
    line: u64,
    /// By number of the expression.
    searches: Vec<(u64, Search)>,
    /// By number of the context: the expressions that may match.
    candidates: Vec<(u64, Vec<LineCandidate>)>,
    region: Region,
}

/// What came of the last search for an expression.
#[derive(Clone)]
enum Search {
    Found(Match),
    /// It does not match in the rest of the line either.
    NotFound,
}

/// Where an expression matches.
#[derive(Clone)]
struct Match {
    start: usize,
    end: usize,
    /// Where its groups are, if that is asked for.
    groups: Option<Arc<[Option<Range<usize>>]>>,
}

/// The match that decides what comes next.
struct Step<'e> {
    found: Match,
    expression: &'e Arc<ReadyExpression>,
    is_from_prototype: bool,
    /// It would lead back to where the reading stood before.
    would_loop: bool,
}

/// Where a match that consumed nothing pushed a context, and how high the stack was then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct EmptyPush {
    at: usize,
    depth: usize,
}

/// The line that is read.
struct Line<'a> {
    text: &'a str,
    table: &'a ContextTable,
    cache: &'a mut LineCache,
}

impl LineParser {
    /// Begins in a context.
    pub(super) fn new(start: Arc<ReadyContext>) -> Self {
        let start = StackLevel { context: start, prototypes: Vec::new(), groups: None };
        Self { stack: vec![start], is_first_line: true, prototype_starts: Vec::new() }
    }

    /// Reads one line; `None` if the grammar fails.
    pub(super) fn parse(
        &mut self,
        text: &str,
        table: &ContextTable,
        cache: &mut LineCache,
    ) -> Option<ScopeChanges> {
        cache.line += 1;
        let mut line = Line { text, table, cache };
        let mut changes = Vec::new();
        if self.is_first_line {
            let scope = self.stack.last()?.context.context.meta_content_scope.first();
            changes.extend(scope.map(|scope| (0, ScopeStackOp::Push(*scope))));
            self.is_first_line = false;
        }
        let mut at = 0;
        let mut empty_push = EmptyPush::default();
        loop {
            // A grammar that popped its first context has failed.
            self.stack.last()?;
            while self.prototype_starts.last().is_some_and(|start| *start >= self.stack.len()) {
                self.prototype_starts.pop();
            }
            let Some(step) = self.next_step(&mut line, at, empty_push) else { return Some(changes) };
            let (found, is_from_prototype) = (step.found, step.is_from_prototype);
            if step.would_loop {
                // A push that consumes nothing and a pop that consumes nothing would follow each other for ever: Sublime
                // Text goes on by one character.
                match text[at..].char_indices().nth(1) {
                    Some((next, _)) => at += next,
                    None => return Some(changes),
                }
                continue;
            }
            let expression = Arc::clone(step.expression);
            if found.end <= at && matches!(expression.pattern.operation, MatchOperation::Push(_)) {
                empty_push = EmptyPush { at: found.end, depth: self.stack.len() + 1 };
            }
            at = found.end;
            if is_from_prototype {
                self.prototype_starts.push(self.stack.len());
            }
            self.take(&found, &expression, &line, &mut changes)?;
        }
    }

    /// The match that wins at a place of the line.
    fn next_step(&self, line: &mut Line<'_>, at: usize, empty_push: EmptyPush) -> Option<Step<'_>> {
        let may_loop = empty_push == EmptyPush { at, depth: self.stack.len() };
        let top = self.stack.last()?;
        let from = self.prototype_starts.last().copied().unwrap_or(0);
        let prototypes = self.stack[from..].iter().flat_map(|level| {
            level.prototypes.iter().map(|prototype| (prototype, true, level.groups.as_deref()))
        });
        let own_prototype = line.table.prototype(&top.context);
        let lists = prototypes.chain(own_prototype.map(|prototype| (prototype, false, None))).chain([(
            &top.context,
            false,
            top.groups.as_deref(),
        )]);
        let mut best: Option<Step<'_>> = None;
        for (context, is_from_prototype, groups) in lists {
            let candidates = line.candidates(context);
            for &LineCandidate { index, first, last } in &candidates {
                let from = at.max(first);
                let is_beaten = best.as_ref().is_some_and(|best| {
                    from > best.found.start || from == best.found.start && !best.would_loop
                });
                // No match begins before there, or behind the last place.
                if is_beaten || from > last {
                    continue;
                }
                let expression = &context.expressions[index];
                let Some(found) = line.search(expression, from, groups, self.stack.len()) else { continue };
                let is_better = best.as_ref().is_none_or(|best| {
                    found.start < best.found.start || found.start == best.found.start && best.would_loop
                });
                if !is_better {
                    continue;
                }
                let operation = &expression.pattern.operation;
                let would_loop = may_loop && found.end <= at && matches!(operation, MatchOperation::Pop);
                if matches!(operation, MatchOperation::Push(_)) && self.stack.len() >= DEEPEST {
                    line.give_back(context, candidates);
                    return None;
                }
                // No later one can be earlier than here.
                let is_final = found.start == at && !would_loop;
                best = Some(Step { found, expression, is_from_prototype, would_loop });
                if is_final {
                    line.give_back(context, candidates);
                    return best;
                }
            }
            line.give_back(context, candidates);
        }
        best
    }

    /// Notes what a match changes, and changes the stack.
    fn take(
        &mut self,
        found: &Match,
        expression: &ReadyExpression,
        line: &Line<'_>,
        changes: &mut ScopeChanges,
    ) -> Option<()> {
        let pattern = expression.pattern;
        let targets = line.table.targets(expression)?;
        let contexts: Vec<&Context> = targets.contexts.iter().map(|target| target.context).collect();
        let current = self.stack.last()?.context.context;
        before_match(found.start, current, &pattern.operation, &contexts, changes);
        changes.extend(pattern.scope.iter().map(|scope| (found.start, ScopeStackOp::Push(*scope))));
        if let (Some(captures), Some(groups)) = (&pattern.captures, &found.groups) {
            // Groups may be listed in any order; outer ones have to be pushed before inner ones.
            let mut inner: Vec<((usize, i64), ScopeStackOp)> = Vec::new();
            for (group, scopes) in captures {
                let Some(&Range { start, end }) = groups.get(*group).and_then(Option::as_ref) else {
                    continue;
                };
                if start == end {
                    continue;
                }
                let length = i64::try_from(end).ok()? - i64::try_from(start).ok()?;
                inner.extend(scopes.iter().map(|scope| ((start, -length), ScopeStackOp::Push(*scope))));
                inner.push(((end, i64::MIN), ScopeStackOp::Pop(scopes.len())));
            }
            inner.sort_by_key(|(place, _)| *place);
            changes.extend(inner.into_iter().map(|((at, _), change)| (at, change)));
        }
        if !pattern.scope.is_empty() {
            changes.push((found.end, ScopeStackOp::Pop(pattern.scope.len())));
        }
        after_match(found.end, current, &pattern.operation, &contexts, changes);

        let mut kept_prototypes = match pattern.operation {
            MatchOperation::None => return Some(()),
            MatchOperation::Pop => {
                self.stack.pop();
                return Some(());
            }
            MatchOperation::Push(_) => Vec::new(),
            // Prototypes stay until the level is popped that they were applied to.
            MatchOperation::Set(_) => self.stack.pop().map(|level| level.prototypes).unwrap_or_default(),
        };
        for (index, context) in targets.contexts.iter().enumerate() {
            let mut prototypes = std::mem::take(&mut kept_prototypes);
            if index + 1 == targets.contexts.len() {
                prototypes.extend(targets.with_prototype.clone());
            }
            let mut used = std::iter::once(context).chain(&prototypes);
            let groups = match used.any(|context| context.context.uses_backrefs) {
                true => found.groups.as_deref().map(|groups| texts_of(groups, line.text)),
                false => None,
            };
            self.stack.push(StackLevel { context: Arc::clone(context), prototypes, groups });
        }
        Some(())
    }
}

impl Line<'_> {
    /// The expressions of a context that may match in this line. They are lent, so that the line can be searched meanwhile.
    fn candidates(&mut self, context: &ReadyContext) -> Vec<LineCandidate> {
        let known = &mut self.cache.candidates;
        if known.len() <= context.number {
            known.resize_with(context.number + 1, Default::default);
        }
        let (line, candidates) = &mut known[context.number];
        let mut candidates = std::mem::take(candidates);
        if *line != self.cache.line {
            context.candidates(self.text, &mut candidates);
        }
        candidates
    }

    fn give_back(&mut self, context: &ReadyContext, candidates: Vec<LineCandidate>) {
        self.cache.candidates[context.number] = (self.cache.line, candidates);
    }

    /// Where an expression matches at a place or behind it, if the match does anything.
    fn search(
        &mut self,
        expression: &ReadyExpression,
        at: usize,
        groups: Option<&[Option<String>]>,
        depth: usize,
    ) -> Option<Match> {
        let pattern = expression.pattern;
        if let (true, Some(groups)) = (pattern.has_captures, groups) {
            // It is another expression each time, of which nothing can be kept.
            let regex = Regex::new(with_groups(pattern.regex.regex_str(), groups));
            return self.run(&regex, expression, at).filter(|found| does_something(found, expression, depth));
        }
        let known = &mut self.cache.searches;
        if known.len() <= expression.number {
            known.resize_with(expression.number + 1, || (0, Search::NotFound));
        }
        let (line, search) = &known[expression.number];
        if *line == self.cache.line {
            match search {
                Search::NotFound => return None,
                Search::Found(found) if found.start >= at => return Some(found.clone()),
                Search::Found(_) => {}
            }
        }
        let found = self.run(&pattern.regex, expression, at);
        let is_kept = found.as_ref().is_none_or(|found| does_something(found, expression, depth));
        if !is_kept {
            return None;
        }
        let search = found.clone().map_or(Search::NotFound, Search::Found);
        self.cache.searches[expression.number] = (self.cache.line, search);
        found
    }

    fn run(&mut self, regex: &Regex, expression: &ReadyExpression, at: usize) -> Option<Match> {
        let Self { text, cache, table } = self;
        if !regex.search(text, at, text.len(), Some(&mut cache.region)) {
            return None;
        }
        let (start, end) = cache.region.pos(0)?;
        // To keep the groups takes memory for each match, and few expressions name any.
        let captures = expression.pattern.captures.iter().flatten();
        let scoped = captures.map(|(group, _)| group + 1).max().unwrap_or(0);
        let count = if use_groups(table, expression) { scoped.max(GROUPS) } else { scoped };
        let groups = (0..count).map(|group| cache.region.pos(group).map(|(start, end)| Range { start, end }));
        Some(Match { start, end, groups: (count > 0).then(|| groups.collect()) })
    }
}

/// Whether an expression of the contexts that a match leads to may repeat its groups.
fn use_groups(table: &ContextTable, expression: &ReadyExpression) -> bool {
    match expression.pattern.operation {
        MatchOperation::Push(_) => table.targets(expression).is_some_and(|targets| targets.use_groups),
        // Prototypes of the level that it replaces stay, and may be of another grammar.
        MatchOperation::Set(_) => true,
        MatchOperation::Pop | MatchOperation::None => false,
    }
}

/// A match that does nothing would be found again and again.
fn does_something(found: &Match, expression: &ReadyExpression, depth: usize) -> bool {
    match expression.pattern.operation {
        MatchOperation::None => found.start != found.end,
        MatchOperation::Push(_) => depth < DEEPEST,
        MatchOperation::Pop | MatchOperation::Set(_) => true,
    }
}

fn texts_of(groups: &[Option<Range<usize>>], line: &str) -> Arc<[Option<String>]> {
    groups.iter().take(GROUPS).map(|group| group.clone().map(|range| line[range].to_owned())).collect()
}

/// An expression with the texts of groups in the places of its back-references.
fn with_groups(expression: &str, groups: &[Option<String>]) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut is_escaped = false;
    for character in expression.chars() {
        if is_escaped && let Some(group) = character.to_digit(10) {
            let text = groups.get(group as usize).and_then(Option::as_deref);
            out.push_str(&text.map(regex_syntax::escape).unwrap_or_default());
        } else if is_escaped {
            out.push('\\');
            out.push(character);
        } else if character != '\\' {
            out.push(character);
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    if is_escaped {
        out.push('\\');
    }
    out
}

/// The scopes of contexts that change before the text of a match.
fn before_match(
    at: usize,
    current: &Context,
    operation: &MatchOperation,
    targets: &[&Context],
    changes: &mut ScopeChanges,
) {
    let is_set = match operation {
        MatchOperation::None => return,
        MatchOperation::Pop => {
            pop(current.meta_content_scope.len(), at, changes);
            return;
        }
        MatchOperation::Push(_) => false,
        MatchOperation::Set(_) => true,
    };
    // A context that is replaced keeps its own scopes for the text of the match, and gives back what it cleared.
    if is_set && current.clear_scopes.is_some() {
        changes.push((at, ScopeStackOp::Restore));
    }
    for target in targets {
        if !is_set && let Some(amount) = target.clear_scopes {
            changes.push((at, ScopeStackOp::Clear(amount)));
        }
        changes.extend(target.meta_scope.iter().map(|scope| (at, ScopeStackOp::Push(*scope))));
    }
}

/// The scopes of contexts that change behind the text of a match.
fn after_match(
    at: usize,
    current: &Context,
    operation: &MatchOperation,
    targets: &[&Context],
    changes: &mut ScopeChanges,
) {
    let is_set = match operation {
        MatchOperation::None => return,
        MatchOperation::Pop => {
            pop(current.meta_scope.len(), at, changes);
            // What was cleared comes back behind the scopes of the match that popped.
            if current.clear_scopes.is_some() {
                changes.push((at, ScopeStackOp::Restore));
            }
            return;
        }
        MatchOperation::Push(_) => false,
        MatchOperation::Set(_) => true,
    };
    let leaves_scopes = is_set && !(current.meta_scope.is_empty() && current.meta_content_scope.is_empty());
    let brings_scopes = targets
        .iter()
        .any(|target| !target.meta_content_scope.is_empty() || target.clear_scopes.is_some() && is_set);
    if !leaves_scopes && !brings_scopes {
        return;
    }
    // What was pushed before the match is taken back, so that all comes in the right order.
    let pushed: usize = targets.iter().map(|target| target.meta_scope.len()).sum();
    let replaced = if is_set { current.meta_content_scope.len() + current.meta_scope.len() } else { 0 };
    pop(pushed + replaced, at, changes);
    for target in targets {
        if is_set && let Some(amount) = target.clear_scopes {
            changes.push((at, ScopeStackOp::Clear(amount)));
        }
        let scopes = target.meta_scope.iter().chain(&target.meta_content_scope);
        changes.extend(scopes.map(|scope| (at, ScopeStackOp::Push(*scope))));
    }
}

fn pop(count: usize, at: usize, changes: &mut ScopeChanges) {
    if count > 0 {
        changes.push((at, ScopeStackOp::Pop(count)));
    }
}
