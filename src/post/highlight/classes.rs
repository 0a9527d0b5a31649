//! What the scopes of a grammar mean to a reader: some twenty classes for hundreds of scopes.

use std::sync::LazyLock;

use syntect::parsing::Scope;

/// What a token is, as far as a reader cares; the name of its class in HTML is one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// `a`: attribute of markup, annotation, decorator.
    Attribute,
    /// `b`: built-in function or constant, `true`, `self`.
    Builtin,
    /// `c`: comment, whatever is inside.
    Comment,
    /// `d`: deleted line of a diff.
    Deleted,
    /// `e`: escape or placeholder in a string, regular expression.
    Escape,
    /// `f`: name of a function, where it is defined or called.
    Function,
    /// `g`: name of a tag; with its brackets in HTML.
    Tag,
    /// `g` as well: key of JSON, which a grammar calls a string.
    Key,
    /// `h`: heading of a text, header of a diff.
    Heading,
    /// `i`: inserted line of a diff.
    Inserted,
    /// `k`: keyword, storage, property of a style.
    Keyword,
    /// `m`: macro or preprocessor.
    Macro,
    /// `n`: number, date, colour.
    Number,
    /// `o`: operator in signs; one in letters is a keyword.
    Operator,
    /// `p`: punctuation that would get lost: the ends of code within a string, a list's bullet.
    /// All other punctuation has no class, which halves the number of spans.
    Punctuation,
    /// `s`: string, literal text.
    Text,
    /// `t`: type, class, module.
    Type,
    /// `v`: parameter, variable with a sign such as `$`.
    Variable,
}

impl Class {
    pub(super) fn letter(self) -> &'static str {
        match self {
            Class::Attribute => "a",
            Class::Builtin => "b",
            Class::Comment => "c",
            Class::Deleted => "d",
            Class::Escape => "e",
            Class::Function => "f",
            Class::Tag | Class::Key => "g",
            Class::Heading => "h",
            Class::Inserted => "i",
            Class::Keyword => "k",
            Class::Macro => "m",
            Class::Number => "n",
            Class::Operator => "o",
            Class::Punctuation => "p",
            Class::Text => "s",
            Class::Type => "t",
            Class::Variable => "v",
        }
    }
}

/// Which class a scope gives to what it covers: of several prefixes that match, the longest counts.
///
/// `None` takes the class away from code within a string. A scope no prefix matches changes nothing.
#[rustfmt::skip]
const RULES: &[(&str, Option<Class>)] = &[
    ("comment", Some(Class::Comment)),
    ("constant", Some(Class::Builtin)),
    ("constant.character", Some(Class::Escape)),
    ("constant.numeric", Some(Class::Number)),
    ("constant.other.character-class", Some(Class::Escape)),
    ("constant.other.color", Some(Class::Number)),
    ("constant.other.date", Some(Class::Number)),
    ("constant.other.datetime", Some(Class::Number)),
    ("constant.other.format-spec", Some(Class::Escape)),
    ("constant.other.placeholder", Some(Class::Escape)),
    ("constant.other.timestamp", Some(Class::Number)),
    ("entity.name", Some(Class::Type)),
    ("entity.name.constant", Some(Class::Builtin)),
    ("entity.name.constant.preprocessor", Some(Class::Macro)),
    ("entity.name.function", Some(Class::Function)),
    ("entity.name.function.decorator", Some(Class::Attribute)),
    ("entity.name.macro", Some(Class::Macro)),
    ("entity.name.section", Some(Class::Heading)),
    ("entity.name.table", Some(Class::Heading)),
    ("entity.name.tag", Some(Class::Tag)),
    ("entity.other.attribute-name", Some(Class::Attribute)),
    ("entity.other.inherited-class", Some(Class::Type)),
    ("entity.other.pseudo-class", Some(Class::Attribute)),
    ("entity.other.pseudo-element", Some(Class::Attribute)),
    ("keyword", Some(Class::Keyword)),
    ("keyword.control.directive", Some(Class::Macro)),
    ("keyword.control.import.define", Some(Class::Macro)),
    ("keyword.control.import.include", Some(Class::Macro)),
    ("keyword.control.preprocessor", Some(Class::Macro)),
    ("keyword.operator", Some(Class::Operator)),
    ("keyword.operator.expression", Some(Class::Keyword)),
    ("keyword.operator.logical.continue", None),
    ("keyword.operator.logical.python", Some(Class::Keyword)),
    ("keyword.operator.new", Some(Class::Keyword)),
    ("keyword.operator.optional", None),
    ("keyword.operator.type.annotation", None),
    ("keyword.operator.word", Some(Class::Keyword)),
    ("keyword.other.preprocessor", Some(Class::Macro)),
    ("keyword.other.unit", Some(Class::Number)),
    ("markup.deleted", Some(Class::Deleted)),
    ("markup.heading", Some(Class::Heading)),
    ("markup.inserted", Some(Class::Inserted)),
    ("markup.raw", Some(Class::Text)),
    ("markup.underline.link", Some(Class::Text)),
    ("meta.annotation", Some(Class::Attribute)),
    ("meta.decorator", Some(Class::Attribute)),
    ("meta.diff.header", Some(Class::Heading)),
    ("meta.diff.index", Some(Class::Heading)),
    ("meta.diff.range", Some(Class::Heading)),
    ("meta.embedded", None),
    ("meta.group.expansion.command", None),
    ("meta.group.expansion.parameter", Some(Class::Variable)),
    ("meta.interpolation", None),
    ("meta.structure.dictionary.key", Some(Class::Key)),
    ("meta.tag.table", Some(Class::Heading)),
    ("meta.template.expression", None),
    ("punctuation.definition.list_item", Some(Class::Punctuation)),
    ("punctuation.definition.tag", Some(Class::Tag)),
    ("punctuation.definition.template-expression", Some(Class::Punctuation)),
    ("punctuation.section.embedded", Some(Class::Punctuation)),
    ("punctuation.section.interpolation", Some(Class::Punctuation)),
    ("source", None),
    ("source.regexp", Some(Class::Escape)),
    ("storage", Some(Class::Keyword)),
    ("storage.modifier.lifetime", Some(Class::Type)),
    ("storage.type.numeric", Some(Class::Number)),
    ("storage.type.string", Some(Class::Text)),
    ("string", Some(Class::Text)),
    ("string.regexp", Some(Class::Escape)),
    ("support", Some(Class::Builtin)),
    ("support.class", Some(Class::Type)),
    ("support.class.component", Some(Class::Tag)),
    ("support.function.rust", Some(Class::Function)),
    ("support.macro", Some(Class::Macro)),
    ("support.type", Some(Class::Type)),
    ("support.type.custom-property", Some(Class::Variable)),
    ("support.type.property-name", Some(Class::Keyword)),
    ("text", None),
    ("variable.annotation", Some(Class::Attribute)),
    ("variable.function", Some(Class::Function)),
    ("variable.language", Some(Class::Builtin)),
    ("variable.other.php", Some(Class::Variable)),
    ("variable.other.readwrite.assignment", Some(Class::Variable)),
    ("variable.other.readwrite.class", Some(Class::Variable)),
    ("variable.other.readwrite.global", Some(Class::Variable)),
    ("variable.other.readwrite.instance", Some(Class::Variable)),
    ("variable.other.readwrite.shell", Some(Class::Variable)),
    ("variable.parameter", Some(Class::Variable)),
    ("variable.type", Some(Class::Type)),
];

/// A prefix of scopes and what it says.
type Rule = (Scope, Option<Class>);

/// [`RULES`] by the first word of a scope, longest prefix first: a lookup compares a few integers.
static RULES_BY_WORD: LazyLock<Vec<(u16, Vec<Rule>)>> = LazyLock::new(|| {
    let mut words: Vec<(u16, Vec<Rule>)> = Vec::new();
    for (prefix, class) in RULES {
        let scope = Scope::new(prefix).expect("a prefix has at most eight words");
        let word = scope.atom_at(0);
        match words.iter_mut().find(|(known, _)| *known == word) {
            Some((_, rules)) => rules.push((scope, *class)),
            None => words.push((word, vec![(scope, *class)])),
        }
    }
    for (_, rules) in &mut words {
        rules.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
    }
    words
});

/// What [`RULES`] say about one scope, whatever is around it.
pub(super) fn rule(scope: Scope) -> Option<Option<Class>> {
    let word = scope.atom_at(0);
    let (_, rules) = RULES_BY_WORD.iter().find(|(known, _)| *known == word)?;
    rules.iter().find(|(prefix, _)| prefix.is_prefix_of(scope)).map(|(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_well_formed_and_sorted() {
        assert!(RULES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(RULES.iter().all(|(prefix, _)| Scope::new(prefix).is_ok()));
    }
}
