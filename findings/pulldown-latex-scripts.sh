#!/usr/bin/env bash
# Guess: a LaTeX to MathML library reports what it cannot set, and its MathML is well-formed.
# Behaviour: pulldown-latex 0.8.0 reports nothing for five valid formulas. `\sideset` loses its scripts; `\operatorname*{argmax}_x f` prints
# the rest of the formula as the operator's name, and sets it once more; `$` in `\text` stays a dollar sign; the 2 of `f'^2` stands on the
# prime; `\bigl(` has no white space between two attributes, which HTML forgives and an XML reader of a feed does not.
# Meaning: such formulas are to be rewritten before the library reads them, or refused with the way to write them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "formulas"
version = "0.1.0"
edition = "2021"

[dependencies]
pulldown-latex = "=0.8.0"
TOML
cat >src/main.rs <<'RUST'
use pulldown_latex::{config::RenderConfig, mathml::push_mathml, Parser, Storage};

fn main() {
    for formula in [r"\sideset{_a}{^b}\sum", r"\operatorname*{argmax}_x f", r"\text{if $x$}", r"f'^2", r"\bigl("] {
        let storage = Storage::new();
        let mut html = String::new();
        push_mathml(&mut html, Parser::new(formula, &storage), RenderConfig::default()).unwrap();
        println!("{formula}  {html}");
    }
}
RUST
cargo run --quiet 2>cargo.log >seen || { cat cargo.log; exit 1; }
cat seen
cat >expected <<'TEXT'
\sideset{_a}{^b}\sum  <math display="inline"><mo movablelimits="false">∑</mo></math>
\operatorname*{argmax}_x f  <math display="inline"><mi>*{argmax}_x f</mi><mo>⁡</mo><mspace width="0.1667em" /><msub><mrow><mi>a</mi><mi>r</mi><mi>g</mi><mi>m</mi><mi>a</mi><mi>x</mi></mrow><mi>x</mi></msub><mi>f</mi></math>
\text{if $x$}  <math display="inline"><mtext>if $x$</mtext></math>
f'^2  <math display="inline"><mi>f</mi><msup><mi>′</mi><mn>2</mn></msup></math>
\bigl(  <math display="inline"><mo symmetric="true" stretchy="true"minsize="1.2em" maxsize="1.2em">(</mo></math>
TEXT
diff expected seen && echo "as found"
