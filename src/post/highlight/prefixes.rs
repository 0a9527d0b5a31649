//! What a match of a grammar's expression begins with, so that most expressions need not be searched for in a line.
//!
//! A grammar has hundreds of expressions for each line, and few of them match. Their dialect is Oniguruma's, with
//! look-around and back-references; here it is read for one question only: with which bytes can a match begin? What is
//! not understood can begin with any. The answer holds for lines of ASCII, and is never wrong on the side of missing:
//! what consumes nothing is passed over, so that more is taken for a match than is one.

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition};

/// What the matches of an expression begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Prefixes {
    /// With anything, or they may be empty.
    Any,
    /// With one of these bytes, or with one of these texts.
    Some { bytes: ByteSet, texts: Vec<Vec<u8>> },
}

/// A set of the bytes of ASCII.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ByteSet(u128);

impl ByteSet {
    pub(super) const ALL: Self = Self(u128::MAX);

    fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        bytes.into_iter().fold(Self::default(), |set, byte| set.with(byte))
    }

    /// The bytes of a line of ASCII.
    pub(super) fn of_line(line: &str) -> Self {
        Self::of(line.bytes())
    }

    /// A byte beyond ASCII stands in no line that is asked about.
    fn with(self, byte: u8) -> Self {
        Self(self.0 | 1_u128.checked_shl(byte.into()).unwrap_or(0))
    }

    pub(super) fn holds(self, byte: u8) -> bool {
        self.0 & 1_u128.checked_shl(byte.into()).unwrap_or(0) != 0
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn not(self) -> Self {
        Self(!self.0)
    }

    /// Whether both have a byte in common.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// With the other case of each of its letters.
    fn folded(self) -> Self {
        let letters = (0..128_u8).filter(|byte| self.holds(*byte) && byte.is_ascii_alphabetic());
        letters.fold(self, |set, letter| set.with(letter ^ 0x20))
    }

    fn hir(self) -> Hir {
        let bytes = (0..128_u8).filter(|byte| self.holds(*byte));
        Hir::class(Class::Bytes(ClassBytes::new(bytes.map(|byte| ClassBytesRange::new(byte, byte)))))
    }
}

impl Prefixes {
    /// Those of an expression.
    pub(super) fn of(expression: &str) -> Self {
        let mut reader = Reader { rest: expression, depth: 0 };
        let flags = Flags::default();
        let Some(node) = reader.alternatives(flags).filter(|_| reader.rest.is_empty()) else {
            return Self::Any;
        };
        let hir = node.hir(Place::End);
        Self::of_texts(&hir).or_else(|| Self::of_first_bytes(&hir)).unwrap_or(Self::Any)
    }

    fn of_texts(hir: &Hir) -> Option<Self> {
        let mut extractor = Extractor::new();
        // Longer texts are not rarer, and sets of letters are better tested as such.
        extractor.limit_class(8).limit_literal_len(8).limit_total(600);
        let found = extractor.extract(hir);
        let found = found.literals()?;
        let (mut bytes, mut texts) = (ByteSet::default(), Vec::new());
        for literal in found {
            match literal.as_bytes() {
                [] => return None,
                [byte] => bytes = bytes.with(*byte),
                text => texts.push(text.to_vec()),
            }
        }
        // What begins with a byte that suffices by itself need not be looked for.
        texts.retain(|text| !text.first().is_some_and(|byte| bytes.holds(*byte)));
        texts.sort_unstable();
        texts.dedup();
        Some(Self::Some { bytes, texts })
    }

    fn of_first_bytes(hir: &Hir) -> Option<Self> {
        let first = first_bytes(hir);
        // Most lines have such a byte, so the test would be for nothing.
        let says_something = !first.may_be_empty && first.bytes.0.count_ones() < 100;
        says_something.then(|| Self::Some { bytes: first.bytes, texts: Vec::new() })
    }
}

struct FirstBytes {
    bytes: ByteSet,
    may_be_empty: bool,
}

fn first_bytes(hir: &Hir) -> FirstBytes {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => FirstBytes { bytes: ByteSet::default(), may_be_empty: true },
        HirKind::Literal(literal) => {
            FirstBytes { bytes: ByteSet::of(literal.0.first().copied()), may_be_empty: literal.0.is_empty() }
        }
        HirKind::Class(Class::Bytes(class)) => {
            let bytes = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            FirstBytes { bytes: ByteSet::of(bytes), may_be_empty: false }
        }
        HirKind::Class(Class::Unicode(_)) => FirstBytes { bytes: ByteSet::ALL, may_be_empty: false },
        HirKind::Repetition(repeated) => {
            let first = first_bytes(&repeated.sub);
            FirstBytes { may_be_empty: first.may_be_empty || repeated.min == 0, ..first }
        }
        HirKind::Capture(capture) => first_bytes(&capture.sub),
        HirKind::Concat(parts) => {
            let mut all = FirstBytes { bytes: ByteSet::default(), may_be_empty: true };
            for part in parts {
                let first = first_bytes(part);
                all.bytes = all.bytes.or(first.bytes);
                if !first.may_be_empty {
                    return FirstBytes { may_be_empty: false, ..all };
                }
            }
            all
        }
        HirKind::Alternation(parts) => {
            let none = FirstBytes { bytes: ByteSet::default(), may_be_empty: false };
            parts.iter().map(first_bytes).fold(none, |all, first| FirstBytes {
                bytes: all.bytes.or(first.bytes),
                may_be_empty: all.may_be_empty || first.may_be_empty,
            })
        }
    }
}

/// A part of an expression.
enum Node {
    /// What consumes nothing.
    Empty,
    Byte(u8),
    Bytes(ByteSet),
    /// A character beyond ASCII, which no line that is asked about holds.
    Foreign(char),
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeated(Box<Node>, u32),
    /// What has to follow.
    Ahead(Box<Node>),
}

/// Where a part of an expression stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing comes after it, so that what has to follow may be taken for a part of the match.
    End,
    Within,
}

impl Node {
    fn hir(&self, place: Place) -> Hir {
        match self {
            Self::Empty => Hir::empty(),
            Self::Byte(byte) => Hir::literal([*byte]),
            Self::Bytes(bytes) => bytes.hir(),
            Self::Foreign(character) => Hir::literal(character.encode_utf8(&mut [0; 4]).as_bytes().to_vec()),
            Self::Sequence(parts) => {
                let last = parts.len().saturating_sub(1);
                let parts = parts.iter().enumerate();
                Hir::concat(
                    parts
                        .map(|(at, part)| part.hir(if at == last { place } else { Place::Within }))
                        .collect(),
                )
            }
            Self::Alternatives(parts) => Hir::alternation(parts.iter().map(|part| part.hir(place)).collect()),
            Self::Repeated(part, min) => Hir::repetition(Repetition {
                min: *min,
                max: None,
                greedy: true,
                sub: Box::new(part.hir(Place::Within)),
            }),
            Self::Ahead(part) if place == Place::End => part.hir(Place::End),
            Self::Ahead(_) => Hir::empty(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    /// `i`: the case of letters makes no difference.
    ignores_case: bool,
    /// `x`: white space and comments mean nothing.
    is_spaced: bool,
}

/// Reads an expression as Oniguruma does (its `doc/RE`, syntax Ruby). `None` wherever something is not understood.
struct Reader<'e> {
    rest: &'e str,
    depth: usize,
}

/// Deeper ones would need more of the stack than a thread has.
const DEEPEST: usize = 100;

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// The text up to a mark, which is taken as well.
    fn until(&mut self, mark: char) -> Option<&str> {
        let (text, rest) = self.rest.split_once(mark)?;
        self.rest = rest;
        Some(text)
    }

    /// Passes over white space and comments where they mean nothing.
    fn skip_space(&mut self, flags: Flags) {
        if !flags.is_spaced {
            return;
        }
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
            let Some(comment) = self.rest.strip_prefix('#') else { break };
            self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    /// Alternatives up to the end of the group.
    fn alternatives(&mut self, flags: Flags) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut all = vec![self.sequence(flags)?];
        while self.take("|") {
            all.push(self.sequence(flags)?);
        }
        self.depth -= 1;
        Some(if all.len() == 1 { all.pop()? } else { Node::Alternatives(all) })
    }

    fn sequence(&mut self, mut flags: Flags) -> Option<Node> {
        let mut parts = Vec::new();
        self.skip_space(flags);
        while let Some(next) = self.rest.chars().next() {
            if next == '|' || next == ')' {
                break;
            }
            self.next();
            let node = match next {
                // Nothing stands before it that it could repeat.
                '*' | '+' | '?' => return None,
                '(' => match self.group(&mut flags)? {
                    Group::Node(node) => node,
                    // The rest of the group is one part, with its alternatives: `a(?i)b|c` is `a(?i:b|c)`.
                    Group::Flags => {
                        parts.push(self.alternatives(flags)?);
                        break;
                    }
                },
                '[' => Node::Bytes(self.class(flags)?),
                '.' => Node::Bytes(ByteSet::ALL),
                '^' | '$' => Node::Empty,
                '\\' => self.escape(flags)?,
                character => literal(character, flags)?,
            };
            parts.push(self.repeated(node, flags)?);
            self.skip_space(flags);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Node::Sequence(parts) })
    }

    /// A part with what says how often it stands there. How often at most makes no difference to the beginning.
    fn repeated(&mut self, mut node: Node, flags: Flags) -> Option<Node> {
        loop {
            self.skip_space(flags);
            let min = match self.rest.chars().next() {
                Some('*' | '?') => 0,
                Some('+') => 1,
                Some('{') => match self.interval() {
                    // `{2}?` is one that may be missing.
                    Some(min) => {
                        let min = if self.take("?") { 0 } else { min };
                        node = Node::Repeated(Box::new(node), min.min(3));
                        continue;
                    }
                    None => return Some(node),
                },
                _ => return Some(node),
            };
            self.next();
            // Lazy, possessive: the same beginnings, or more.
            let _ = self.take("?") || self.take("+");
            node = Node::Repeated(Box::new(node), min);
        }
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`: how often at least. Otherwise a brace is a brace.
    fn interval(&mut self) -> Option<u32> {
        let (inside, rest) = self.rest.strip_prefix('{')?.split_once('}')?;
        let (min, max) = inside.split_once(',').unwrap_or((inside, inside));
        if !is_digits(min) || !is_digits(max) || min.is_empty() && max.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(min.parse().unwrap_or(0))
    }

    /// What stands in a group, whose opening bracket was read.
    fn group(&mut self, flags: &mut Flags) -> Option<Group> {
        if !self.take("?") {
            return self.closed(*flags).map(Group::Node);
        }
        if self.take("#") {
            self.until(')')?;
            return Some(Group::Node(Node::Empty));
        }
        if self.take("=") {
            return self.closed(*flags).map(|node| Group::Node(Node::Ahead(Box::new(node))));
        }
        if self.take("!") || self.take("<=") || self.take("<!") {
            // It is read to find its end.
            return self.closed(*flags).map(|_| Group::Node(Node::Empty));
        }
        if self.take(":") || self.take(">") {
            return self.closed(*flags).map(Group::Node);
        }
        if self.take("<") {
            self.until('>')?;
            return self.closed(*flags).map(Group::Node);
        }
        let mut is_set = true;
        let mut inner = *flags;
        loop {
            match self.next()? {
                '-' => is_set = false,
                'i' => inner.ignores_case = is_set,
                'x' => inner.is_spaced = is_set,
                'm' => {}
                ':' => return self.closed(inner).map(Group::Node),
                ')' => {
                    *flags = inner;
                    return Some(Group::Flags);
                }
                _ => return None,
            }
        }
    }

    /// The alternatives of a group, with its closing bracket.
    fn closed(&mut self, flags: Flags) -> Option<Node> {
        let node = self.alternatives(flags)?;
        self.take(")").then_some(node)
    }

    /// What stands behind a backslash outside of a class.
    fn escape(&mut self, flags: Flags) -> Option<Node> {
        if let Some(set) = self.rest.chars().next().and_then(set_of_letter) {
            self.next();
            return Some(Node::Bytes(set));
        }
        match self.control() {
            ControlEscape::Byte(byte) => return Some(Node::Byte(byte)),
            ControlEscape::Unknown => return None,
            ControlEscape::None => {}
        }
        match self.next()? {
            'b' | 'B' | 'A' | 'Z' | 'z' | 'G' => Some(Node::Empty),
            // Back-references, calls, properties and rarer things.
            letter if letter.is_alphanumeric() => None,
            character => literal(character, flags),
        }
    }

    /// A control character by its letter, or any character by its number.
    fn control(&mut self) -> ControlEscape {
        let byte = match self.rest.chars().next() {
            Some('t') => b'\t',
            Some('n') => b'\n',
            Some('r') => b'\r',
            Some('f') => 0x0c,
            Some('v') => 0x0b,
            Some('a') => 0x07,
            Some('e') => 0x1b,
            Some('x') => {
                let digits =
                    self.rest.get(1..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                // A byte beyond ASCII is a part of a character.
                let Some(byte) = byte.filter(u8::is_ascii) else { return ControlEscape::Unknown };
                self.rest = &self.rest[3..];
                return ControlEscape::Byte(byte);
            }
            _ => return ControlEscape::None,
        };
        self.next();
        ControlEscape::Byte(byte)
    }

    /// The set of a class, whose opening bracket was read.
    fn class(&mut self, flags: Flags) -> Option<ByteSet> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let is_negated = self.take("^");
        let mut intersection = ByteSet::ALL;
        let mut set = ByteSet::default();
        let mut is_first = true;
        loop {
            if self.take("&&") {
                intersection = intersection.and(set);
                set = ByteSet::default();
            } else if !is_first && self.take("]") {
                break;
            } else {
                set = set.or(self.member(flags)?);
            }
            is_first = false;
        }
        self.depth -= 1;
        let set = intersection.and(set);
        let set = if flags.ignores_case { set.folded() } else { set };
        Some(if is_negated { set.not() } else { set })
    }

    /// A member of a class: a set, a character or a range.
    fn member(&mut self, flags: Flags) -> Option<ByteSet> {
        if self.take("[:") {
            let name = self.until(':')?.to_owned();
            return set_of_name(&name).filter(|_| self.take("]"));
        }
        if self.take("[") {
            return self.class(flags);
        }
        let first = match self.next()? {
            '\\' => match self.rest.chars().next().and_then(set_of_letter) {
                Some(set) => {
                    self.next();
                    return Some(set);
                }
                None => self.escaped_member()?,
            },
            character => character,
        };
        if !first.is_ascii() && flags.ignores_case {
            return None;
        }
        let is_range =
            self.rest.starts_with('-') && !self.rest.starts_with("-]") && !self.rest.starts_with("-&&");
        let last = if is_range {
            self.next();
            match self.next()? {
                '\\' => self.escaped_member()?,
                '[' => return None,
                character => character,
            }
        } else {
            first
        };
        Some(ByteSet::of((first..=last).take_while(char::is_ascii).filter_map(|c| u8::try_from(c).ok())))
    }

    fn escaped_member(&mut self) -> Option<char> {
        if self.take("b") {
            return Some('\u{8}');
        }
        match self.control() {
            ControlEscape::Byte(byte) => Some(char::from(byte)),
            ControlEscape::Unknown => None,
            ControlEscape::None => self.next().filter(|character| !character.is_alphanumeric()),
        }
    }
}

/// What stands behind a backslash.
enum ControlEscape {
    Byte(u8),
    /// A number that is not understood.
    Unknown,
    /// Something else.
    None,
}

/// What a group is.
enum Group {
    Node(Node),
    /// Flags for what follows.
    Flags,
}

/// A character that means itself.
fn literal(character: char, flags: Flags) -> Option<Node> {
    match u8::try_from(character).ok().filter(u8::is_ascii) {
        Some(byte) if flags.ignores_case && byte.is_ascii_alphabetic() => {
            Some(Node::Bytes(ByteSet::of([byte]).folded()))
        }
        Some(byte) => Some(Node::Byte(byte)),
        // Without regard to case, `ß` matches `ss`.
        None => (!flags.ignores_case).then_some(Node::Foreign(character)),
    }
}

/// The sets that are written as a letter.
fn set_of_letter(letter: char) -> Option<ByteSet> {
    Some(match letter {
        'w' => ByteSet::of((0..128).filter(is_word)),
        'W' => ByteSet::of((0..128).filter(is_word)).not(),
        'd' => ByteSet::of((0..128).filter(u8::is_ascii_digit)),
        'D' => ByteSet::of((0..128).filter(u8::is_ascii_digit)).not(),
        's' => ByteSet::of((0..128).filter(is_space)),
        'S' => ByteSet::of((0..128).filter(is_space)).not(),
        'h' => ByteSet::of((0..128).filter(u8::is_ascii_hexdigit)),
        'H' => ByteSet::of((0..128).filter(u8::is_ascii_hexdigit)).not(),
        _ => return None,
    })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

fn is_space(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

/// The sets of POSIX that have the same members in all releases of Oniguruma.
fn set_of_name(name: &str) -> Option<ByteSet> {
    let is_member = match name {
        "alpha" => u8::is_ascii_alphabetic,
        "alnum" => u8::is_ascii_alphanumeric,
        "digit" => u8::is_ascii_digit,
        "upper" => u8::is_ascii_uppercase,
        "lower" => u8::is_ascii_lowercase,
        "xdigit" => u8::is_ascii_hexdigit,
        "space" => is_space,
        "word" => is_word,
        _ => return None,
    };
    Some(ByteSet::of((0..128).filter(is_member)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(bytes: &str, texts: &[&str]) -> Prefixes {
        let texts = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        Prefixes::Some { bytes: ByteSet::of(bytes.bytes()), texts }
    }

    #[test]
    fn matches_begin_with_what_is_first_consumed() {
        for (expression, prefixes) in [
            (r"\b(if|else|while)\b", some("", &["else", "if", "while"])),
            (r"(?<![\w.])([{}])\s*", some("{}", &[])),
            (
                r"(?x) \s* # a comment | with a bar
                (?=[)\]])",
                some("\t\n\u{b}\u{c}\r )]", &[]),
            ),
            (r"(?i)or", some("", &["OR", "Or", "oR", "or"])),
            (r"a(?i)b|c", some("", &["aB", "aC", "ab", "ac"])),
            (r"(?i:x)y", some("", &["Xy", "xy"])),
            (r"(?=foo)", some("", &["foo"])),
            (r"((?=foo))bar", some("", &["bar"])),
            (r"(?!foo)b{2}?ar", some("b", &["ar"])),
            (r"[^\x00-\x5f\x61-\x7f]", some("`", &[])),
            (r"[a-c&&[^b]]\{", some("", &["a{", "c{"])),
            (r"\xe9|é|x", Prefixes::Any),
            (r"é|x", some("x", &["é"])),
            (r"(?i)ß", Prefixes::Any),
            (r"\1x", Prefixes::Any),
            (r"\p{L}x", Prefixes::Any),
            (r"x*", Prefixes::Any),
            (r"$", Prefixes::Any),
            (r"\S", Prefixes::Any),
            (r"a # a comment\n*", some("", &["a # a comment"])),
            ("(?x)a # a comment\n* b", some("ab", &[])),
            ("", Prefixes::Any),
        ] {
            match (Prefixes::of(expression), prefixes) {
                // Of a long list the extractor keeps the beginnings of its texts.
                (Prefixes::Some { bytes, texts }, Prefixes::Some { bytes: wanted, texts: all })
                    if bytes == wanted =>
                {
                    for text in all {
                        assert!(texts.iter().any(|known| text.starts_with(known)), "{expression}: {texts:?}");
                    }
                }
                (found, wanted) => assert_eq!(found, wanted, "{expression}"),
            }
        }
    }
}
