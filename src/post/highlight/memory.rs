//! Lines that were coloured before.
//!
//! A line's HTML, and the state a grammar is in after it, follow from the line and the state before it. Code repeats
//! its lines (closing braces, imports, empty ones), so what a grammar said once is kept, and asked for
//! again at the price of a look-up, some hundred times less. Two of five lines of the blogs we know are spared this
//! way, and more of those that keep coming back to one program.
//!
//! Lines and states are compared whole, never by a fingerprint, so the result is the grammar's own to the byte.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use hashbrown::HashMap;

use super::line_parser::LineCache;
use super::{Grammar, State};

/// What the grammars said so far. It is of one thread, as the states of grammars are.
#[derive(Default)]
pub(crate) struct Memory {
    lines: BTreeMap<Grammar, Lines>,
    caches: BTreeMap<GrammarSet, LineCache>,
}

/// The set that a grammar is part of: contexts and expressions are numbered in each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GrammarSet {
    Own,
    Extra,
}

impl Memory {
    /// Reads a text from its beginning. `None` if the grammar has none.
    pub(super) fn reader(
        &mut self,
        grammar: Grammar,
        start: impl FnOnce() -> Option<State>,
    ) -> Option<(Reader<'_>, &mut LineCache)> {
        let set = match grammar {
            Grammar::Plain => return None,
            Grammar::Own(_) => GrammarSet::Own,
            Grammar::Extra(_) => GrammarSet::Extra,
        };
        let lines = match self.lines.entry(grammar) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Lines::beginning_with(start()?)),
        };
        Some((Reader { lines, place: Place::Kept(0) }, self.caches.entry(set).or_default()))
    }
}

/// Reads one text line by line.
pub(super) struct Reader<'m> {
    lines: &'m mut Lines,
    place: Place,
}

/// What the next line begins in.
enum Place {
    /// A state that is kept, by its number.
    Kept(usize),
    /// One that is not.
    Other(Box<State>),
}

impl Reader<'_> {
    /// Appends a line as it was written before, or as `write` writes it now. `None` if that fails.
    pub(super) fn line(
        &mut self,
        line: &str,
        html: &mut String,
        write: impl FnOnce(&mut State, &mut String) -> Option<()>,
    ) -> Option<()> {
        let before = match &mut self.place {
            Place::Kept(before) => *before,
            Place::Other(state) => {
                write(state, html)?;
                if let Some(met) = self.lines.number_of(state) {
                    self.place = Place::Kept(met);
                }
                return Some(());
            }
        };
        if let Some(known) = self.lines.states[before].lines.get_mut(line) {
            known.used = true;
            html.push_str(&known.html);
            self.place = Place::Kept(known.next);
            return Some(());
        }
        let mut state = self.lines.states[before].state.clone();
        let written = html.len();
        write(&mut state, html)?;
        // One state too many is not kept: lines are highlighted until a known one follows.
        self.place = match self.lines.number_for(before, &state) {
            Some(next) => {
                self.lines.keep(before, line, Line { html: html[written..].into(), next, used: false });
                Place::Kept(next)
            }
            None => Place::Other(Box::new(state)),
        };
        Some(())
    }
}

/// The lines of one grammar.
#[derive(Debug)]
struct Lines {
    states: Vec<Kept>,
    /// What all lines cost, in bytes.
    size: usize,
}

/// A state, and the lines that were read in it.
#[derive(Debug)]
struct Kept {
    state: State,
    lines: HashMap<Box<str>, Line>,
}

/// What a line became.
#[derive(Debug)]
struct Line {
    html: Box<str>,
    /// The number of the state after it.
    next: usize,
    /// Whether it was asked for since lines were last forgotten.
    used: bool,
}

/// Some dozens are met in most blogs; those of a text that nests without end would be too many to search.
const MOST_STATES: usize = 512;

/// Bytes of lines kept for a grammar.
const LARGEST: usize = 512 * 1024;

/// What a line costs besides its letters.
const EACH: usize = 96;

impl Lines {
    fn beginning_with(start: State) -> Self {
        Self { states: vec![Kept { state: start, lines: HashMap::new() }], size: 0 }
    }

    fn number_of(&self, state: &State) -> Option<usize> {
        self.states.iter().rposition(|kept| kept.state == *state)
    }

    /// The number of a state that a line led to; `None` if it is not to be kept.
    fn number_for(&mut self, before: usize, after: &State) -> Option<usize> {
        if self.states[before].state == *after {
            return Some(before);
        }
        if let Some(met) = self.number_of(after) {
            return Some(met);
        }
        (self.states.len() < MOST_STATES).then(|| {
            self.states.push(Kept { state: after.clone(), lines: HashMap::new() });
            self.states.len() - 1
        })
    }

    fn keep(&mut self, before: usize, text: &str, line: Line) {
        if self.size > LARGEST {
            self.forget();
        }
        self.size += cost(text, &line.html);
        self.states[before].lines.insert(text.into(), line);
    }

    /// Forgets the lines that were met only once; all, if that is not enough.
    fn forget(&mut self) {
        for kept in &mut self.states {
            kept.lines.retain(|_, line| std::mem::take(&mut line.used));
        }
        self.size = self.cost();
        if self.size > LARGEST / 2 {
            self.states.iter_mut().for_each(|kept| kept.lines.clear());
            self.size = 0;
        }
    }

    fn cost(&self) -> usize {
        let lines = self.states.iter().flat_map(|kept| &kept.lines);
        lines.map(|(line, known)| cost(line, &known.html)).sum()
    }
}

fn cost(line: &str, html: &str) -> usize {
    line.len() + html.len() + EACH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Option<State> {
        Grammar::Own("Rust").parser().map(State::new)
    }

    /// Reads lines with a grammar that stays in its state and writes them between brackets. Returns the HTML and how
    /// often the grammar was asked.
    fn read<'t>(memory: &mut Memory, lines: impl IntoIterator<Item = &'t str>) -> (String, usize) {
        let (mut html, mut asked) = (String::new(), 0);
        let (mut reader, _) = memory.reader(Grammar::Own("Rust"), start).expect("Rust is known");
        for line in lines {
            let written = reader.line(line, &mut html, |_, html| {
                asked += 1;
                html.push_str(&format!("[{line}]"));
                Some(())
            });
            assert_eq!(written, Some(()));
        }
        (html, asked)
    }

    #[test]
    fn the_grammar_is_asked_once_for_each_line() {
        let mut memory = Memory::default();
        assert_eq!(read(&mut memory, ["a", "b", "a"]), ("[a][b][a]".to_owned(), 2));
        assert_eq!(read(&mut memory, ["b", "c"]), ("[b][c]".to_owned(), 1));
    }

    #[test]
    fn what_failed_is_asked_for_again() {
        let mut memory = Memory::default();
        let (mut reader, _) = memory.reader(Grammar::Own("Rust"), start).expect("Rust is known");
        assert_eq!(reader.line("a", &mut String::new(), |_, _| None), None);
        assert_eq!(read(&mut memory, ["a"]), ("[a]".to_owned(), 1));
    }

    #[test]
    fn lines_that_come_back_are_kept_and_the_others_forgotten() {
        let mut memory = Memory::default();
        let lines: Vec<String> = (0..4 * LARGEST / EACH).map(|number| number.to_string()).collect();
        // Every other line is one and the same.
        let (_, asked) = read(&mut memory, lines.iter().flat_map(|line| [line.as_str(), "}"]));
        assert_eq!(asked, lines.len() + 1);
        let lines = &memory.lines[&Grammar::Own("Rust")];
        assert!(lines.size <= LARGEST + 2 * EACH);
        assert_eq!(lines.size, lines.cost());
    }
}
