//! The contexts of grammars, made ready for reading lines: their expressions in one list, with what tells in which lines
//! an expression can match.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aho_corasick::AhoCorasick;
use hashbrown::HashMap;
use parking_lot::Mutex;
use serde_json::json;
use syntect::parsing::syntax_definition::{
    Context, ContextId, ContextReference, MatchOperation, MatchPattern, Pattern,
};
use syntect::parsing::{SyntaxReference, SyntaxSet};

use super::prefixes::{ByteSet, Prefixes};

/// The contexts of a set of grammars, each made ready when it is first needed.
pub(super) struct ContextTable {
    set: &'static SyntaxSet,
    ready: Mutex<ReadyContexts>,
}

#[derive(Default)]
struct ReadyContexts {
    contexts: HashMap<ContextId, Arc<ReadyContext>>,
    /// By the place of the expression in the set, which it never leaves.
    expressions: HashMap<usize, Arc<ReadyExpression>>,
}

/// A context with the expressions that are tried in it.
pub(super) struct ReadyContext {
    pub(super) id: ContextId,
    /// The number among all contexts of the set that were made ready.
    pub(super) number: usize,
    pub(super) context: &'static Context,
    /// In order, those of included contexts as well.
    pub(super) expressions: Vec<Arc<ReadyExpression>>,
    prototype: OnceLock<Option<Arc<ReadyContext>>>,
    filter: LineFilter,
}

/// An expression of a grammar, and what a match does.
pub(super) struct ReadyExpression {
    /// The number among all expressions of the set that were made ready.
    pub(super) number: usize,
    pub(super) pattern: &'static MatchPattern,
    targets: OnceLock<Option<MatchTargets>>,
}

/// The contexts that a match leads to.
pub(super) struct MatchTargets {
    pub(super) contexts: Vec<Arc<ReadyContext>>,
    pub(super) with_prototype: Option<Arc<ReadyContext>>,
    /// Whether expressions of these contexts repeat what the groups of the match held.
    pub(super) use_groups: bool,
}

impl ContextTable {
    pub(super) fn new(set: &'static SyntaxSet) -> Self {
        Self { set, ready: Mutex::default() }
    }

    /// The context that a text begins in.
    pub(super) fn start(&self, syntax: &SyntaxReference) -> Option<Arc<ReadyContext>> {
        let syntax = self.set.syntaxes().iter().position(|known| std::ptr::eq(known, syntax))?;
        let contexts = (0..).map_while(|context| {
            let id = json!({ "syntax_index": syntax, "context_index": context });
            let reference = reference(&id)?;
            Some((reference.id().ok()?, reference.resolve(self.set).ok()?))
        });
        // syntect makes it for each grammar, with one empty expression that leads to the grammar's own first context.
        let (id, context) = contexts.into_iter().find(|(_, context)| is_start(context))?;
        Some(self.ready(id, context))
    }

    fn ready(&self, id: ContextId, context: &'static Context) -> Arc<ReadyContext> {
        let mut ready = self.ready.lock();
        if let Some(known) = ready.contexts.get(&id) {
            return Arc::clone(known);
        }
        let mut patterns = Vec::new();
        flatten(self.set, context, &mut patterns);
        let expressions: Vec<_> = patterns.into_iter().map(|pattern| ready.expression(pattern)).collect();
        let context = Arc::new(ReadyContext {
            id,
            number: ready.contexts.len(),
            context,
            filter: LineFilter::of(&expressions),
            expressions,
            prototype: OnceLock::new(),
        });
        ready.contexts.insert(id, Arc::clone(&context));
        context
    }

    fn resolve(&self, reference: &ContextReference) -> Option<Arc<ReadyContext>> {
        Some(self.ready(reference.id().ok()?, reference.resolve(self.set).ok()?))
    }

    /// The context whose expressions are tried before those of another one.
    pub(super) fn prototype<'c>(&self, of: &'c ReadyContext) -> Option<&'c Arc<ReadyContext>> {
        of.prototype.get_or_init(|| self.find_prototype(of.context)).as_ref()
    }

    fn find_prototype(&self, of: &Context) -> Option<Arc<ReadyContext>> {
        let id = serde_json::to_value(of.prototype?).ok()?;
        self.resolve(&reference(&id)?)
    }

    /// Where a match leads; `None` if the grammar names a context that is not there.
    pub(super) fn targets<'e>(&self, expression: &'e ReadyExpression) -> Option<&'e MatchTargets> {
        expression.targets.get_or_init(|| self.find_targets(expression.pattern)).as_ref()
    }

    fn find_targets(&self, pattern: &MatchPattern) -> Option<MatchTargets> {
        let references = match &pattern.operation {
            MatchOperation::Push(references) | MatchOperation::Set(references) => references.as_slice(),
            MatchOperation::Pop | MatchOperation::None => &[],
        };
        let contexts: Vec<_> =
            references.iter().map(|reference| self.resolve(reference)).collect::<Option<_>>()?;
        let with_prototype = match &pattern.with_prototype {
            Some(reference) => Some(self.resolve(reference)?),
            None => None,
        };
        let use_groups = contexts.iter().chain(&with_prototype).any(|context| context.context.uses_backrefs);
        Some(MatchTargets { contexts, with_prototype, use_groups })
    }
}

impl ReadyContexts {
    fn expression(&mut self, pattern: &'static MatchPattern) -> Arc<ReadyExpression> {
        let number = self.expressions.len();
        let place = std::ptr::from_ref(pattern).addr();
        let expression = self
            .expressions
            .entry(place)
            .or_insert_with(|| Arc::new(ReadyExpression { number, pattern, targets: OnceLock::new() }));
        Arc::clone(expression)
    }
}

/// A reference to the context with this number. syntect numbers contexts and shows no way from a number to its context,
/// but for reading the reference from its serialised form.
fn reference(id: &serde_json::Value) -> Option<ContextReference> {
    serde_json::from_value(json!({ "Direct": id })).ok()
}

fn is_start(context: &Context) -> bool {
    match context.patterns.as_slice() {
        [Pattern::Match(only)] => {
            let leads_on = matches!(&only.operation, MatchOperation::Push(to) if to.len() == 1);
            leads_on && only.regex.regex_str().is_empty()
        }
        _ => false,
    }
}

/// Collects the expressions of a context and of those that it includes.
fn flatten(set: &'static SyntaxSet, context: &'static Context, into: &mut Vec<&'static MatchPattern>) {
    for pattern in &context.patterns {
        match pattern {
            Pattern::Match(pattern) => into.push(pattern),
            Pattern::Include(reference) => {
                if let Ok(included) = reference.resolve(set) {
                    flatten(set, included, into);
                }
            }
        }
    }
}

impl PartialEq for ReadyContext {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ReadyContext {}

impl fmt::Debug for ReadyContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadyContext({:?})", self.id)
    }
}

impl ReadyContext {
    /// The expressions that may match in a line, in order.
    pub(super) fn candidates(&self, line: &str, into: &mut Vec<LineCandidate>) {
        into.clear();
        // What is known of the beginnings of matches holds for ASCII.
        if line.is_ascii() {
            self.filter.candidates(line, into);
        } else {
            into.extend((0..self.expressions.len()).map(|index| LineCandidate::anywhere(index, line)));
        }
    }
}

/// An expression that may match in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineCandidate {
    /// The place of the expression in its context.
    pub(super) index: usize,
    /// The first and the last place where a match can begin; behind the last byte if one can be empty.
    pub(super) first: usize,
    pub(super) last: usize,
}

impl LineCandidate {
    fn anywhere(index: usize, line: &str) -> Self {
        Self { index, first: 0, last: line.len() }
    }

    /// One whose matches begin with one of these bytes. Where none of them stands in the line, the last place is before
    /// the first.
    fn at_bytes(index: usize, bytes: ByteSet, line: &str) -> Self {
        let first = line.bytes().position(|byte| bytes.holds(byte));
        let last = first.and_then(|_| line.bytes().rposition(|byte| bytes.holds(byte)));
        Self { index, first: first.unwrap_or(usize::MAX), last: last.unwrap_or(0) }
    }

    fn add(&mut self, place: usize) {
        (self.first, self.last) = (self.first.min(place), self.last.max(place));
    }
}

/// Tells which of some expressions cannot match in a line, and where the others can.
struct LineFilter {
    /// For each expression the bytes one of which begins each match, but for those that a text begins.
    bytes: Vec<ByteSet>,
    texts: Option<TextFilter>,
}

/// Texts that matches begin with.
struct TextFilter {
    search: AhoCorasick,
    /// By text: the indices of the expressions whose matches begin with it.
    expressions: Vec<Vec<usize>>,
}

impl LineFilter {
    fn of(expressions: &[Arc<ReadyExpression>]) -> Self {
        let mut by_text: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        let mut filter = Self { bytes: Vec::with_capacity(expressions.len()), texts: None };
        for (index, expression) in expressions.iter().enumerate() {
            // What a repeated group holds is known to no filter.
            let prefixes = match expression.pattern.has_captures {
                true => Prefixes::Any,
                false => Prefixes::of(expression.pattern.regex.regex_str()),
            };
            let Prefixes::Some { bytes, texts } = prefixes else {
                filter.bytes.push(ByteSet::ALL);
                continue;
            };
            filter.bytes.push(bytes);
            for text in texts {
                by_text.entry(text).or_default().push(index);
            }
        }
        filter.texts = TextFilter::of(by_text);
        if filter.texts.is_none() {
            // Without its texts a filter would miss what begins with one.
            filter.bytes.fill(ByteSet::ALL);
        }
        filter
    }

    fn candidates(&self, line: &str, into: &mut Vec<LineCandidate>) {
        let here = ByteSet::of_line(line);
        into.extend(self.bytes.iter().enumerate().map(|(index, bytes)| match *bytes {
            ByteSet::ALL => LineCandidate::anywhere(index, line),
            bytes if bytes.meets(here) => LineCandidate::at_bytes(index, bytes, line),
            _ => LineCandidate { index, first: usize::MAX, last: 0 },
        }));
        if let Some(texts) = &self.texts {
            for found in texts.search.find_overlapping_iter(line) {
                for &expression in &texts.expressions[found.pattern().as_usize()] {
                    into[expression].add(found.start());
                }
            }
        }
        into.retain(|candidate| candidate.first <= candidate.last);
    }
}

impl TextFilter {
    fn of(by_text: HashMap<Vec<u8>, Vec<usize>>) -> Option<Self> {
        let mut by_text: Vec<_> = by_text.into_iter().collect();
        by_text.sort_unstable();
        let (texts, expressions): (Vec<_>, Vec<_>) = by_text.into_iter().unzip();
        Some(Self { search: AhoCorasick::new(texts).ok()?, expressions })
    }
}
