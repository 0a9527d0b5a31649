//! Faults of a site are named with their place and a way out, all at once; and nothing is written while there are any.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use backmatter::internals::engine::workspace::SiteSource;

use crate::site_test::{SiteTest, files, folder, same_files, stamps, tell};

/// A site that is one file besides its settings.
fn one(path: &str, text: &str) -> SiteTest {
    let mut site = SiteTest::new("");
    site.write(path, text);
    site
}

fn post(text: &str) -> SiteTest {
    one("content/a.md", text)
}

#[test]
fn front_matter_that_never_ends() {
    post("+++\ntitle = \"A\"\n\nWords.\n").builds_without(&[
        "content/a.md:1:1: the TOML front matter is never closed (end it with a line `+++`, also if the post is empty)",
    ]);
    post("---\ntitle: A\n\nWords.\n").builds_without(&[
        "content/a.md:1:1: the YAML front matter is never closed (end it with a line `---`, also if the post is empty)",
    ]);
}

#[test]
fn dates_that_are_none() {
    post("+++\ndate = \"2016-13-40\"\n+++\nWords.\n")
        .builds_without(&["content/a.md:2:8: `2016-13-40` is not a date: there is no month 13"]);
    post("+++\ndate = 2016-13-40\n+++\nWords.\n")
        .builds_without(&["content/a.md:2:8: TOML front matter: invalid date, expected month between 01 and 12 (write it as 2016-12-15 or 2016-12-15T22:32:00+01:00)"]);
    post("+++\ntitle = A\ndate = 12/15/2016\n+++\nWords.\n").builds_without(&[
        "content/a.md:2:9: TOML front matter: string values must be quoted, expected literal string (write `title = \"…\"`)",
        "content/a.md:3:8: TOML front matter: string values must be quoted, expected literal string (write it as 2016-12-15)",
    ]);
    post("---\ndate: 2016-13-40\n---\nWords.\n")
        .builds_without(&["content/a.md:2:7: `2016-13-40` is not a date: there is no month 13"]);
    post("---\ndate: 15.12.16\nupdated: 2016-12-15 25:00\n---\nWords.\n").builds_without(&[
        "content/a.md:2:7: `15.12.16` has only two figures of its year (write it as 2016-12-15)",
        "content/a.md:3:10: `25:00` is not a time; write it as 22:32 or 22:32:00",
    ]);
}

#[test]
fn values_of_the_wrong_type() {
    post("+++\ntitle = [\"A\"]\ndate = 2016-01-01\ntags = [\"ok\", { a = 1 }, true]\ndraft = \"perhaps\"\nextra = 1\nquotes = \"x\"\n+++\nWords.\n")
        .builds_without(&[
            "content/a.md:2:9: `title` must be text, but this is a list",
            "content/a.md:4:15: `tags` must be a list of texts, but this is a table (write them as `[\"…\", \"…\"]`, each one in quotes)",
            "content/a.md:4:26: `tags` must be a list of texts, but this is true or false (write them as `[\"…\", \"…\"]`, each one in quotes)",
            "content/a.md:6:9: `extra` must be a table, but this is a number",
            "content/a.md:7:10: `quotes` must be a list of tables, but this is text",
        ]);
}

#[test]
fn values_that_cannot_be() {
    post("+++\ntitle = \"A\"\nslug = \"a?b\"\npath = \"https://example.com/x\"\naliases = [\"../x\"]\nlang = \"English please\"\n[[quotes]]\nid = \"a b\"\n[[quotes]]\n+++\nWords.\n")
        .builds_without(&[
            "content/a.md:3:8: `a?b` cannot be a slug (write one word, or words joined by `-`; a whole address goes into `path`)",
            "content/a.md:4:8: `path` cannot be `https://example.com/x` (write a path on this site, such as `/2016/12/old-name/`)",
            "content/a.md:5:12: `aliases` cannot be `../x` (write a path on this site, such as `/2016/12/old-name/`)",
            "content/a.md:6:8: `English please` is not a language tag (write it as `en`, `de` or `pt-BR`)",
            "content/a.md:8:6: `a b` cannot be the id of a quote (use letters, digits, `-`, `_` and `.`)",
            "content/a.md:9:1: a quote needs an `id` (add `id = \"…\"`, which `> — @id` in the text refers to)",
        ]);
}

#[test]
fn sites_that_are_told_nothing_are_pages_or_hosts() {
    post("+++\nno_linkbacks_to = [\"loud\", \"bücher.example\", \"a.example:8080\", \"sub.example/\", \"the loud one\", \"javascript:x.y\"]\n+++\nWords.\n")
        .builds_without(&[
            "content/a.md:2:20: `loud` in `no_linkbacks_to` is neither a page nor a host (write it as `example.com` or `https://example.com/page/`)",
            "content/a.md:2:80: `the loud one` in `no_linkbacks_to` is neither a page nor a host (write it as `example.com` or `https://example.com/page/`)",
            "content/a.md:2:96: `javascript:x.y` in `no_linkbacks_to` is neither a page nor a host (write it as `example.com` or `https://example.com/page/`)",
        ]);
}

#[test]
fn unknown_keys_are_warned_about_with_the_nearest_name() {
    post("+++\ntilte = \"A\"\ndate = 2016-01-01\nlastmod = 2016-01-02\nfoo = 1\n+++\nWords.\n")
        .build()
        .warnings(&[
            "content/a.md:2:1: unknown key `tilte` (did you mean `title`?)",
            "content/a.md:4:1: unknown key `lastmod` (it is called `updated` here)",
            "content/a.md:5:1: unknown key `foo`",
        ]);
}

#[test]
fn syntax_errors_are_placed_in_the_file() {
    post("+++\ntitle = \"A\ndate = 2016-01-01\ntags = [\"x\"\n+++\nWords.\n").builds_without(&[
        "content/a.md:2:11: TOML front matter: invalid basic string, expected `\"`",
        "content/a.md:4:12: TOML front matter: unclosed array, expected `]`",
    ]);
    post("---\ntitle: A: b\n---\nWords.\n").builds_without(&[
        "content/a.md:2:9: YAML front matter: mapping values are not allowed in this context (put a text that holds `: ` in quotes)",
    ]);
    post("---\ntitle = \"A\"\n---\nWords.\n").builds_without(&[
        "content/a.md:2:1: YAML front matter: expected `key: value` lines, found text (this looks like TOML, whose fences are `+++`)",
    ]);
    post("+++\ntitle: A\n+++\nWords.\n").builds_without(&[
        "content/a.md:2:6: TOML front matter: invalid unquoted key, expected letters, numbers, `-`, `_` (this looks like YAML, whose fences are `---`)",
        "content/a.md:2:8: TOML front matter: key with no value, expected `=` (this looks like YAML, whose fences are `---`)",
    ]);
    post("---\ntitle: A\ntitle: B\n---\nWords.\n").build().warnings(&[
        "content/a.md:3:1: `title` stands here twice: the last value counts (delete the other one)",
    ]);
}

#[test]
fn a_language_without_words_is_warned_about() {
    let check = |language: &str, warnings: &[&str]| {
        let settings = format!("base_url = \"https://example.com\"\nlanguage = \"{language}\"\n");
        let mut site = post("+++\ntitle = \"A\"\n+++\nWords.\n");
        site.write("backmatter.toml", settings);
        site.build().warnings(warnings);
    };
    check("de", &[]);
    for known in ["pt-BR", "zh-TW", "nb-NO", "iw"] {
        check(known, &[]);
    }
    check(
        "sw",
        &[
            "backmatter.toml:2:12: the theme has no words in `sw`, and says its own in English (it has `ar`, `ca`, `cs`, `da`, `de`, `el`, `en`, `es`, `fa`, `fi`, `fr`, `he`, `hi`, `hu`, `id`, `it`, `ja`, `ko`, `nl`, `no`, `pl`, `pt`, `pt-BR`, `ro`, `ru`, `sv`, `tr`, `uk`, `vi`, `zh`, `zh-Hant`; words of `sw` go into `themes/default/i18n/sw.toml`)",
        ],
    );
    check("de-AT", &[]);
    let mut site = post("+++\ntitle = \"A\"\n+++\nWords.\n");
    site.write("backmatter.toml", "base_url = \"https://example.com\"\nlanguage = \"nl\"\n");
    site.write("themes/default/i18n/nl.toml", "[words]\nolder = \"Ouder\"\n");
    site.build().warnings(&[]);
}

#[test]
fn unknown_keys_of_language_files_are_named() {
    let mut site = post("+++\ntitle = \"A\"\n+++\nWords.\n");
    site.write("backmatter.toml", "base_url = \"https://example.com\"\nlanguage = \"pl\"\n");
    site.write("templates/partials/post_end.html", "{{ words.own_word }}");
    site.write(
        "themes/default/i18n/pl.toml",
        "[dates]\nmonths_standalon = []\nera = \"x\"\n[words]\nolderr = \"a\"\nown_word = \"b\"\nresponses = { other = \"c\", sone = \"d\" }\nzzzzzzzz = \"e\"\n",
    );
    site.build().warnings(&[
        "themes/default/i18n/pl.toml:2:1: `[dates]` has no key `months_standalon` (did you mean `months_standalone`?)",
        "themes/default/i18n/pl.toml:3:1: `[dates]` has no key `era` (there are `months`, `months_standalone`, `months_short`, `weekdays`, `weekdays_short`, `long`, `month`, `time`, `datetime`, `am`, `pm`, `first_day`)",
        "themes/default/i18n/pl.toml:5:1: no template uses the word `olderr`, and English does not have it (did you mean `older`?)",
        "themes/default/i18n/pl.toml:7:28: there is no plural form `sone` (did you mean `one`?)",
        "themes/default/i18n/pl.toml:8:1: no template uses the word `zzzzzzzz`, and English does not have it (leave it out, or use it in a template)",
    ]);
    site.write("themes/default/i18n/pl.toml", "[dates]\nmonths = [\"a\"]\n");
    site.fails(&[
        "themes/default/i18n/pl.toml:2:1: `months` must have 12 names, but has 1 (write all names, those of weekdays from Monday on)",
    ]);
}

#[test]
fn settings_are_checked() {
    one("backmatter.toml", "base_url = \"example.com\"\ntilte = \"x\"\npaginate = 0\npermalink = \"/:year/\"\n[linkbacks]\npingback = \"/x\"\n").fails(&[
        "backmatter.toml:1:12: `example.com` cannot be a base URL; write it as `https://example.com` or `https://example.com/blog`",
        "backmatter.toml:2:1: unknown key `tilte` (did you mean `title`?)",
        "backmatter.toml:3:12: `paginate` must be from 1 to 1000",
        "backmatter.toml:4:13: a permalink pattern needs `:slug`, `:title` or `:id` to tell posts apart",
        "backmatter.toml:6:12: `linkbacks.pingback` must be an absolute address (write it as `https://example.com/endpoint`, without a name or a password)",
    ]);
    one(
        "backmatter.toml",
        "base_url = 'https://example.com'\n[linkbacks]\nreceiver = 'https://me:word@example.com'\nwebmention = 'https://:'\n",
    )
    .fails(&[
        "backmatter.toml:3:12: `linkbacks.receiver` must be an absolute address (write it as `https://example.com/endpoint`, without a name or a password)",
        "backmatter.toml:4:14: `linkbacks.webmention` must be an absolute address (write it as `https://example.com/endpoint`, without a name or a password)",
    ]);
    one("backmatter.toml", "title = \"x\"\n").build().warnings(&[
        "backmatter.toml: `base_url` is not set (add `base_url = \"https://your.site\"`; until then feeds and canonical links point to localhost)",
        "content: the site has no folder `content/`, and so no posts (if this is not the site you mean, `--root DIR` names another one)",
    ]);
}

#[test]
fn two_posts_on_one_address() {
    SiteTest::new(
        "-- content/one.md --\n+++\ndate = 2016-01-01\nslug = \"x\"\n+++\nWords.\n\
         -- content/two.md --\n+++\ndate = 2016-01-01\nslug = \"x\"\n+++\nWords.\n\
         -- content/pages/tags.md --\n+++\ntitle = \"Tags\"\n+++\nWords.\n\
         -- content/t.md --\n+++\ndate = 2016-01-02\ntags = [\"a\"]\n+++\nWords.\n",
    )
    .builds_without(&[
        "content/pages/tags.md: `/tags/` is the address of both `content/pages/tags.md` and `the list of tags` \
         (give one of them another `slug` or `path`, or move a list with `[paths]` in the settings)",
        "content/two.md: `/2016/01/01/x/` is the address of both `content/one.md` and `content/two.md` \
         (give one of them another `slug` or `path`, or move a list with `[paths]` in the settings)",
    ]);
}

#[test]
fn a_file_where_a_folder_must_be() {
    SiteTest::new(
        "-- content/one.md --\n+++\ndate = 2016-01-01\npath = \"/x.html\"\n+++\nWords.\n\
         -- static/x.html/a.txt --\na\n",
    )
    .builds_without(&["static/x.html/a.txt: `/x.html` cannot be both a file (for `content/one.md`) and a folder (for `static/x.html/a.txt`) (give one of them another name or address)"]);
}

#[test]
fn quotes_that_are_not_there() {
    post("+++\ntitle = \"A\"\ndate = 2016-01-01\n[[quotes]]\nid = \"lib\"\nurl = \"https://example.com/\"\n+++\n> Words.\n>\n> — @libs\n\n{@bil}\n\n{@lib}\n")
        .builds_without(&[
            "content/a.md:10:3: there is no quote `libs` (did you mean `lib`?)",
            "content/a.md:12:1: there is no quote `bil` (the front matter has `lib`)",
            "content/a.md:14:1: the quote `lib` has no `text` to place here (add `text = \"\"\"…\"\"\"` to it, or cite it with `> — @id` below the quoted words)",
        ]);
    // A post that stores no quotes cites none: this is a name on a social network.
    post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\n> Words.\n>\n> — @lib\n").build().warnings(&[
        "content/a.md:7:3: `@lib` is taken as a name: there is no quote `lib` (to cite a report by its id, describe it under `[[quotes]]` in the front matter)",
    ]);
}

#[test]
fn links_that_lead_nowhere() {
    SiteTest::new(
        "-- content/2016/one.md --\n+++\ntitle = \"One\"\ndate = 2016-01-01\n+++\n\
         [a](two.md), [b](../2016/to.md), [c](two.md#prat) and\n[d](#nothing), [e](/2016/01/02/tow/), [f](map.png),\n![g](/x.png), [h](draft.md), [i](/2016/01/02/two/#part)\n\n## Here\n\
         -- content/2016/two.md --\n+++\ntitle = \"Two\"\ndate = 2016-01-02\n+++\n## Part\n\
         -- content/2016/draft.md --\n+++\ntitle = \"Draft\"\ndate = 2016-01-02\ndraft = true\n+++\nWords.\n",
    )
    .build()
    .warnings(&[
        "content/2016/one.md:5:14: there is no post `content/2016/to.md` (did you mean `content/2016/two.md`?)",
        "content/2016/one.md:5:34: `content/2016/two.md` has no heading `#prat` (did you mean `part`?)",
        "content/2016/one.md:6:1: `content/2016/one.md` has no heading `#nothing`",
        "content/2016/one.md:6:16: nothing stands at `/2016/01/02/tow/` on this site (did you mean `/2016/01/02/two/`?)",
        "content/2016/one.md:6:39: there is no file `content/2016/map.png` (a link to another site begins with `https://`, one to a page of this site with `/`)",
        "content/2016/one.md:7:1: nothing stands at `/x.png` on this site",
        "content/2016/one.md:7:15: `draft.md` is a draft: the link leads nowhere until it is shown",
    ]);
    post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nSee [b](@/letters.md).\n")
        .builds_without(&["content/a.md:5:5: there is no post `content/letters.md`"]);
}

/// Of a thousand broken links only those that a terminal shows are compared with all posts.
#[test]
fn the_first_broken_links_of_a_kind_have_hints() {
    let mut site =
        SiteTest::new("-- content/aleppo.md --\n+++\ntitle = \"Aleppo\"\ndate = 2016-01-01\n+++\nWords.\n");
    // Each leads to another place, as all links to one place have its hint.
    for (number, letter) in (10..25).zip('a'..) {
        let date = format!("2016-02-{number}");
        site.write(
            &format!("content/post-{number}.md"),
            format!(
                "+++\ntitle = \"{number}\"\ndate = {date}\n+++\n[a](/2016/01/01/aleppo{letter}/), [b](aleppo{letter}.md)\n"
            ),
        );
    }
    site.build();
    let hints = |kind: &str, hint: &str| {
        let faults = site.report().diagnostics.iter().filter(|fault| fault.message.starts_with(kind));
        let is_hinted = faults.map(|fault| fault.hint.as_deref() == Some(hint));
        is_hinted.collect::<Vec<_>>()
    };
    let first_ten: Vec<bool> = (0..15).map(|number| number < 10).collect();
    assert_eq!(hints("nothing stands at", "did you mean `/2016/01/01/aleppo/`?"), first_ten);
    assert_eq!(hints("there is no post", "did you mean `content/aleppo.md`?"), first_ten);
}

#[test]
fn a_link_to_a_missing_bundle_suggests_no_other_bundle() {
    SiteTest::new(
        "-- content/aleppo/index.md --\n+++\ntitle = \"Aleppo\"\ndate = 2016-01-01\n+++\nSee [x](../mosul/index.md).\n\
         -- content/paris/index.md --\n+++\ntitle = \"Paris\"\ndate = 2016-01-02\n+++\nWords.\n",
    )
    .build()
    .warnings(&["content/aleppo/index.md:5:5: there is no post `content/mosul/index.md`"]);
}

#[test]
fn templates_with_faults() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    site.write("templates/post.html", "<h1>{{ post.title }}</h1>\n<p>{{ post.titel.x }}</p>\n").fails_on(&[
        "templates/post.html:2:12: field `titel` is not defined. Available fields: authors, categories, comment_form, date, \
         description, direction, draft, expired, extra, future, id, image, language, link, linkbacks, minutes, \
         permalink, picture, quoted, respond, source, tags, title, toc, updated, url, words, while rendering `content/a.md` \
         (did you mean `title`?)",
    ]);
    for (template, error) in [
        ("{{ recent_posts(n=\"a\") }}", "1:4: this has to be a whole number, 0 or more, and is text"),
        (
            "{{ recent_posts(n=-1) }}",
            "1:4: value `-1` is out of range: this has to be a whole number, 0 or more",
        ),
        ("{{ 3 | upper }}", "1:4: this has to be text, and is a number"),
        ("{{ post.title + 1 }}", "1:4: `+` requires both operands to be numbers, found text and a number"),
        ("{{ 1 < \"a\" }}", "1:4: cannot compare a number with text"),
    ] {
        let fault = format!("templates/post.html:{error}, while rendering `content/a.md`");
        site.write("templates/post.html", template).fails_on(&[fault.as_str()]);
    }
}

#[test]
fn templates_that_cannot_be_used() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    for (template, error) in [
        ("<p>\n{{ post.title ", "2:14: unexpected end of input"),
        (
            "{% endblock %}",
            "1:1: `{% endblock %}` has no `{% block … %}` before it (remove it, or write the tag that it belongs to)",
        ),
        (
            "{% if post.title == %}{% endif %}",
            "1:21: found `%}` but expected one of: a number, text, a name, `-`, `not`, `<`, `{`, `[` or `(`",
        ),
        // What is not closed.
        (
            "{% block a %}\n{% if post.title %}\nx\n{% endblock a %}",
            "4:1: `{% endblock a %}` stands where `{% if post.title %}` of line 2 is still open (write `{% endif %}` before it)",
        ),
        (
            "{% for tag in post.tags %}{% if tag %}x{% endfor %}{% endif %}",
            "1:40: `{% endfor %}` stands where `{% if tag %}` of line 1 is still open (write `{% endif %}` before it)",
        ),
        (
            "x\n{% for tag in\n  post.tags %}\n{{ tag }}\n",
            "2:1: `{% for tag in post.tags %}` is not closed (add `{% endfor %}`)",
        ),
        (
            "{% if post.title %}a{% else if post.tags %}b{% endif %}",
            "1:29: found identifier but expected %} (write `{% elif … %}` for `else if`)",
        ),
        (
            "{% block a %}x{% else %}{% endblock a %}",
            "1:15: `{% else %}` has no `{% if … %}` before it (remove it, or write the tag that it belongs to)",
        ),
        (
            "<p>{{ post.title </p>",
            "1:18: found `</` but expected }} (the `{{` before it is not closed: write `}}` behind its last word)",
        ),
        // What Tera 1 had.
        (
            "{% macro card(x) %}{% endmacro card %}",
            "1:4: unknown tag (Tera 2 has components instead: `{% component card(title: string) %}…{% endcomponent card %}`, used as `{{ <card title={x}/> }}`)",
        ),
        (
            "{% import \"m.html\" as m %}",
            "1:4: unknown tag (components need no import in Tera 2; they are known in all templates)",
        ),
        (
            "{{ posts | concat(with=1) }}",
            "1:12: unknown filter `concat` (`concat` is gone in Tera 2; write `[...list, item]`)",
        ),
        (
            "{{ page.title | slice(start=1) }}",
            "1:17: unknown filter `slice` (`slice` is gone in Tera 2; write `list[start:end]`)",
        ),
        (
            "{{ posts | map(attribute=\"x\") }}",
            "1:12: unknown filter `map` (`map` is gone in Tera 2; write `[x.name for x in list]`)",
        ),
        // What other engines have.
        (
            "{{ page.title | markdown }}",
            "1:17: unknown filter `markdown` (bodies are Markdown already; write `{{ content }}`)",
        ),
        (
            "{{ get_url(path=\"@/a.md\") }}",
            "1:4: unknown function `get_url` (write `asset(path=\"/style.css\")` for a file and `url_of(path=\"content/…\")` for a post)",
        ),
        ("{{ trans(key=\"x\") }}", "1:4: unknown function `trans` (write `t(key=\"…\")`)"),
        (
            "{{ now() }}",
            "1:4: unknown function `now` (a build depends on no clock; the moment of a build is given by `--now`)",
        ),
        // Slips of the pen.
        ("{{ page.title | uper }}", "1:17: unknown filter `uper` (did you mean `upper`?)"),
        ("{{ recent_post(n=3) }}", "1:4: unknown function `recent_post` (did you mean `recent_posts`?)"),
        (
            "{% include \"partials/cards.html\" %}",
            "1:12: unknown template `partials/cards.html` (did you mean `partials/card.html`?)",
        ),
    ] {
        site.write("templates/post.html", template).fails(&[&format!("templates/post.html:{error}")]);
    }
    site.write("templates/post.html", "{% extends \"bse.html\" %}").fails(&[
        "templates/post.html: there is no template `bse.html` to extend (did you mean `base.html`?)",
    ]);
}

#[test]
fn templates_that_fail_on_a_page() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    for (template, error, hint) in [
        (
            "{{ asset(path=\"/stile.css\") }}",
            "1:4: there is no file `static/stile.css`, in the site or in the theme",
            "",
        ),
        ("{{ t(key=\"respones\") }}", "1:4: the theme has no word `respones`; did you mean `responses`?", ""),
        (
            "{{ config.title }}",
            "1:4: variable `config` is not defined. Available variables: archive, back_matter, content, has_embeds, json_ld, newer, older, page, post, related, series, site, words",
            " (it is called `site` here, and `config.extra` is `site.extra`)",
        ),
        (
            "{{ pots.title }}",
            "1:4: variable `pots` is not defined. Available variables: archive, back_matter, content, has_embeds, json_ld, newer, older, page, post, related, series, site, words",
            " (did you mean `post`?)",
        ),
        (
            "{{ titel }}",
            "1:4: variable `titel` is not defined. Available variables: archive, back_matter, content, has_embeds, json_ld, newer, older, page, post, related, series, site, words",
            " (did you mean `page.title`?)",
        ),
        ("{{ page.title | date }}", "1:17: `A` is not a date", ""),
        (
            "{{ post.date | date(format=\"lang\") }}",
            "1:16: `lang` is not a date format; use long, month, month_name, month_short, weekday, weekday_short, year, iso, rfc3339 or a pattern such as `%-d.%-m.%Y`",
            "",
        ),
        (
            "{{ has(what=\"post\") }}",
            "1:4: `has` knows posts, quotes, search, tags, categories, series and authors, not `post`",
            "",
        ),
        (
            "{% for post in recent_posts(count=3) %}{% endfor %}",
            "1:16: `recent_posts` has no argument `count`; it takes `n`",
            "",
        ),
        ("{{ tags(n=3) }}", "1:4: `tags` has no argument `n`; it takes none", ""),
        ("{{ asset(pathh=\"/x\") }}", "1:4: `asset` has no argument `pathh`; did you mean `path`?", ""),
        (
            "{{ post.date | date(fromat=\"iso\") }}",
            "1:16: `date` has no argument `fromat`; did you mean `format`?",
            "",
        ),
        ("{{ url_of(path=\"../x\") }}", "1:4: `../x` is not a path of the site", ""),
        ("{{ 1 / 0 }}", "1:8: cannot divide by 0", ""),
        (
            "{{ partial(name=\"partials/hed.html\") }}",
            "1:4: there is no template `partials/hed.html`; did you mean `partials/head.html`?",
            "",
        ),
        ("{{ card(post=page.title) }}", "1:4: `post` is not a post of a list", ""),
    ] {
        let expected = format!("templates/post.html:{error}, while rendering `content/a.md`{hint}");
        site.write("templates/post.html", template).fails_on(&[&expected]);
    }
    site.remove("templates/post.html").build().is_settled();
}

#[test]
fn a_card_that_fails_is_told_with_its_own_place() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    for (template, error, hint) in [
        (
            "<p>\n{{ card.titel }}",
            "2:9: field `titel` is not defined. Available fields: authors, categories, date, direction, draft, expired, future, has_more, image, language, link, minutes, permalink, quotes, summary_html, tags, thumbnail, title, updated, url",
            " (did you mean `title`?)",
        ),
        (
            "{{ page.title }}",
            "1:4: variable `page` is not defined. Available variables: card, language, site, words",
            "",
        ),
        (
            "{{ card(post=card) }}",
            "1:4: `card` cannot be called inside `card` or `partial`: their output is cached across pages",
            "",
        ),
    ] {
        let expected =
            format!("templates/partials/card.html:{error}, while rendering `/2016/01/01/` and 2 more{hint}");
        site.write("templates/partials/card.html", template).fails_on(&[&expected]);
    }
    site.remove("templates/partials/card.html").build().is_settled();
}

#[test]
fn one_fault_of_a_template_on_many_pages_is_one_fault() {
    let mut site = SiteTest::new("");
    for number in 1..=5 {
        site.write(
            &format!("content/{number}.md"),
            format!("+++\ntitle = \"A\"\ndate = 2016-01-0{number}\n+++\nWords.\n"),
        );
    }
    site.build().write("templates/post.html", "{{ 1 / 0 }}").fails_on(&[
        "templates/post.html:1:8: cannot divide by 0, while rendering `content/1.md` and 4 more",
    ]);
    site.write("templates/post.html", "whole").build().is_settled();
}

#[test]
fn a_template_in_the_place_of_another_has_to_hold_its_blocks() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    site.write("templates/base.html", "{% block main %}{% endblock main %}{% block head %}{% endblock head %}").fails(&[
        "templates/base.html: there is no block `og_type`, which other templates fill (add `{% block og_type %}{% endblock og_type %}` where it belongs)",
        "templates/base.html: there is no block `robots`, which other templates fill (add `{% block robots %}{% endblock robots %}` where it belongs)",
        "templates/base.html: there is no block `title`, which other templates fill (add `{% block title %}{% endblock title %}` where it belongs)",
    ]);
    // With all blocks, and without a variable that a template of the theme prints.
    let blocks: String = ["title", "robots", "og_type", "head", "main"]
        .map(|name| format!("{{% block {name} %}}{{% endblock {name} %}}"))
        .concat();
    let year = "{% extends \"base.html\" %}{% block main %}{{ tone }}{% endblock main %}";
    site.write("themes/default/templates/base.html", format!("{{% set tone = \"calm\" %}}\n{blocks}"))
        .write("themes/default/templates/year.html", year)
        .write("templates/base.html", &blocks)
        .fails(&["templates/base.html: the variable `tone` is not set, which other templates print \
             (the template in whose place this one stands has `{% set tone = \"calm\" %}`)"]);
    site.write("templates/base.html", format!("{{% set tone = 1 %}}{blocks}")).build();
    site.remove("themes/default/templates");
    site.remove("templates/base.html");
    site.write("templates/post.html", "{% extends \"base.html\" %}{% block mian %}x{% endblock mian %}").fails(&[
        "templates/post.html:1:35: block `mian` is not defined in any parent template (did you mean `main`?)",
    ]);
}

#[test]
fn a_value_in_the_place_of_a_theme_s_table() {
    one("themes/default/theme.toml", "options = 3\nchoices = []\n").fails(&[
        "themes/default/theme.toml:1:11: `options` must be a table, but this is a number (write `[options]`, and what is in it below)",
        "themes/default/theme.toml:2:11: `choices` must be a table, but this is a list (write `[choices]`, and what is in it below)",
    ]);
}

#[test]
fn theme_options_that_are_none() {
    one("backmatter.toml", "base_url = \"https://example.com\"\n[theme_options]\nacent = 5\nscheme = 1\n").fails(&[
        "backmatter.toml:3:9: the theme `default` has no option `acent` (did you mean `accent`?)",
        "backmatter.toml:4:10: `theme_options.scheme` is `1`, but its default is `\"auto\"` (give it a value of the same type)",
    ]);
    one(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[theme_options]\nscheme = \"drak\"\nfont = \"comic\"\n",
    )
    .fails(&[
        "backmatter.toml:3:10: `theme_options.scheme` cannot be `drak` (did you mean `dark`?)",
        "backmatter.toml:4:8: `theme_options.font` cannot be `comic` (write `\"serif\"` or `\"sans\"`)",
    ]);
    one("backmatter.toml", "base_url = \"https://example.com\"\ntheme = \"dfault\"\n").fails(&[
        "backmatter.toml: there is no folder `themes/dfault` (leave `theme` out for the one that is built in)",
    ]);
}

#[test]
fn files_that_are_no_text() {
    let mut site = SiteTest::new("");
    site.write("content/latin.md", b"+++\ntitle = \"A\"\n+++\nGr\xfc\xdfe.\n")
        .write("content/nul.md", b"ab\0c");
    site.write("content/x.backmatter.toml", b"\xff").write("templates/post.html", b"\xff").fails(&[
        "content/latin.md:4:3: this is not UTF-8 text (save the file as UTF-8, or move it to `static/` if it is not a post)",
        "content/nul.md:1:3: this is not text: it holds a NUL byte (save the file as UTF-8, or move it to `static/` if it is not a post)",
        "content/x.backmatter.toml:1:1: this is not UTF-8 text (save the file as UTF-8, or move it to `static/` if it is not a post)",
        "templates/post.html: this is not UTF-8 text (save it as UTF-8, or move it to `static/`)",
    ]);
}

#[test]
fn addresses_that_differ_in_case_only_are_named() {
    let mut site = SiteTest::new("");
    for (name, path) in [("a", "/News/"), ("b", "/news/"), ("c", "/Über/"), ("d", "/über/"), ("e", "/other/")]
    {
        site.write(
            &format!("content/{name}.md"),
            format!("+++\ntitle = \"A\"\npath = \"{path}\"\ndate = 2016-01-01\n+++\nWords.\n"),
        );
    }
    let hint =
        "some computers and hosts cannot tell them apart, and show one for the other; give one another name";
    site.build().warnings(&[
        &format!("content/a.md: `/News/` (for `content/a.md`) and `/news/` (for `content/b.md`) differ in case only ({hint})"),
        &format!("content/c.md: `/Über/` (for `content/c.md`) and `/über/` (for `content/d.md`) differ in case only ({hint})"),
    ]);
}

#[test]
fn links_of_the_file_system() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    symlink(".", site.path("content/loop")).expect("a link can be made");
    site.builds_without(&["content/loop: this link leads back to `content`, without end (delete the link)"])
        .remove("content/loop");
    symlink("nowhere.md", site.path("content/b.md")).expect("a link can be made");
    site.build()
        .warnings(&["content/b.md: this link leads nowhere: it is left out (mend it, or delete it)"])
        .remove("content/b.md")
        .write("shelf/c.md", "+++\ntitle = \"C\"\ndate = 2016-01-02\n+++\nWords.\n");
    symlink("../shelf", site.path("content/shelf")).expect("a link can be made");
    site.build().warnings(&[]).exists("2016/01/02/c/index.html", true);
}

#[test]
fn folders_and_sockets_are_no_posts() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    fs::create_dir(site.path("content/folder.md")).expect("a folder can be made");
    site.write("content/folder.md/b.md", "+++\ntitle = \"B\"\ndate = 2016-01-02\n+++\nWords.\n");
    site.build().warnings(&[]).exists("2016/01/02/b/index.html", true);
    site.write("content/_index.md", "+++\ntitle = \"x\"\n+++\n")
        .build()
        .warnings(&["content/_index.md: a folder has no page of its own here: the file is left out \
         (rename it to `index.md` to make it a page at the folder's address)"]);
}

#[test]
fn files_that_may_not_be_read() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    let forbid = |mode| fs::set_permissions(site.path("content/a.md"), fs::Permissions::from_mode(mode));
    forbid(0o000).expect("its rights can be changed");
    if fs::read(site.path("content/a.md")).is_ok() {
        return; // root may read everything
    }
    let message = "content/a.md: cannot be read: Permission denied (os error 13) (give yourself the right to read it, or move it out of the site)";
    let report = site.build_source(&site.source(), &()).expect("the build ends");
    assert_eq!(report.diagnostics.iter().map(tell).collect::<Vec<_>>(), [message]);
    fs::set_permissions(site.path("content/a.md"), fs::Permissions::from_mode(0o644)).expect("so again");
    site.build();
}

#[test]
fn somebody_elses_folder_is_not_touched() {
    let mut site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    site.write("public/thesis.txt", "ten years of work");
    let before = stamps(site.root());
    site.cannot("`ROOT/public` was not made by backmatter and is not empty (it holds `thesis.txt`); choose another folder with `-o DIR`, or empty this one yourself");
    assert_eq!(stamps(site.root()), before);
    site.remove("public/thesis.txt").build();
}

#[test]
fn the_output_cannot_be_part_of_the_site() {
    let site = post("+++\ntitle = \"A\"\ndate = 2016-01-01\n+++\nWords.\n");
    let before = stamps(site.root());
    for (output, with) in [
        ("content/public", "content"),
        ("content", "content"),
        ("static/x/y", "static"),
        ("themes", "themes"),
        ("templates/public", "templates"),
        (".backmatter/public", ".backmatter"),
        (".", "."),
        ("..", "."),
        ("public/../content/x", "content"),
    ] {
        let source = SiteSource { output: Some(site.path(output)), ..site.source() };
        let error = site.build_source(&source, &()).err().map(|error| site.without_root(&error.to_string()));
        let expected = format!(
            "the output folder `ROOT/{output}` would mix with the site's own `{with}`; choose another one with `-o DIR`"
        );
        assert_eq!(error, Some(expected));
    }
    assert_eq!(stamps(site.root()), before);
}

#[test]
fn all_faults_are_found_in_one_run_and_nothing_is_written() {
    let mut site =
        SiteTest::new("-- content/good.md --\n+++\ntitle = \"Good\"\ndate = 2016-01-01\n+++\nWords.\n");
    site.build();
    site.edit("content/good.md", "Words", "Other words")
        .write("backmatter.toml", "base_url = \"https://example.com\"\npaginate = \"many\"\n")
        .write("content/open.md", "+++\ntitle = \"A\"\n")
        .write("content/date.md", "---\ndate: 2016-02-30\n---\nx\n")
        .write("content/quote.md", "+++\ntitle = \"Q\"\ndate = 2016-01-01\n+++\n{@lib}\n")
        .write("content/good.backmatter.toml", "[[linkback]]\nkind = \"pingbak\"\n")
        .write("static/index.html", "x")
        .write("templates/post.html", "{{ x ")
        .fails(&[
            "backmatter.toml:2:12: `paginate` must be a whole number, but this is text",
            "content/date.md:2:7: `2016-02-30` is not a date: that month has no day 30",
            "content/good.backmatter.toml:2:8: there is no kind `pingbak` (did you mean `pingback`?)",
            "content/open.md:1:1: the TOML front matter is never closed (end it with a line `+++`, also if the post is empty)",
            "content/quote.md:5:1: there is no quote `lib` (the front matter has no `[[quotes]]`)",
            "static/index.html: `/index.html` is the address of both `the home page` and `static/index.html` (the front page has one text of its own, `content/pages/index.md`; the list of posts stands below it, or with `list = false` nowhere)",
            "templates/post.html:1:5: unexpected end of input",
        ]);
}

#[test]
fn warnings_stop_a_strict_build() {
    post("+++\ntitle = \"A\"\ndate = 2016-01-01\ntilte = \"B\"\n+++\nWords.\n")
        .strict()
        .fails(&["content/a.md:4:1: unknown key `tilte` (did you mean `title`?)"]);
}

#[test]
fn a_post_of_twenty_megabytes_is_built() {
    let mut site = SiteTest::new("");
    let paragraph = format!("{}\n\n", "plain words in a row ".repeat(1000));
    let text = format!("+++\ntitle = \"Long\"\ndate = 2016-01-01\n+++\n{}", paragraph.repeat(1000));
    assert!(text.len() > 20_000_000);
    site.write("content/long.md", text).build_alone();
    assert!(site.output("2016/01/01/long/index.html").len() > 20_000_000);
}

/// A disk that is full is met in the middle of a build.
#[test]
fn a_full_disk_leaves_the_old_output_and_is_mended() {
    let mut site = SiteTest::new("");
    for number in 0..40 {
        site.write(
            &format!("content/p{number}.md"),
            format!("+++\ntitle = \"P{number}\"\ndate = 2016-01-01\n+++\nWords of {number}.\n"),
        );
    }
    site.build();
    let before = files(&site.path("public"));
    // No file may grow beyond 4 KiB: the ledger and the feeds do.
    for number in 0..40 {
        site.edit(&format!("content/p{number}.md"), "Words", "Other words");
    }
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec '{}' build --now 2026-11-22T12:00:00Z",
        env!("CARGO_BIN_EXE_backmatter")
    );
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(site.root()).output().expect("there is a shell");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("error: cannot write `") && stderr.contains("File too large"), "{stderr}");
    // Nothing was replaced, and nothing is left of what was on its way.
    same_files(&files(&site.path("public")), &before);
    let clean = folder();
    let source = SiteSource { output: Some(clean.path().join("public")), ..site.source() };
    assert!(site.build_source(&source, &()).expect("there is room again").built);
    let new = files(&clean.path().join("public"));
    // The posts are gone before there is room again.
    for number in 1..40 {
        site.remove(&format!("content/p{number}.md"));
    }
    site.build().warnings(&[]);
    for number in 1..40 {
        site.exists(&format!("2016/01/01/p{number}/index.html"), false);
    }
    site.is_settled();
    assert!(new.len() > site.outputs().len());
}

#[test]
fn front_matter_of_other_engines_is_read_with_a_warning() {
    for (head, warnings) in [
        ("---\ndate: 2020-01-02\ntags: [~, a]\n---\n", vec![]),
        (
            "---\ndate: 2020-01-02\ntags: a;b; c\n---\n",
            vec![
                "content/post.md:3:7: these tags stand in one text and are read as 3 names (write them as a list: [\"a\", \"b\", \"c\"])",
            ],
        ),
        (
            "+++\ndate = 2020-01-02\nseries = [\"x\", \"y\"]\n+++\n",
            vec![
                "content/post.md:3:10: a post is a part of one series: of these the first is taken, `x` (write `series = \"x\"`)",
            ],
        ),
        (
            "+++\n[extra.links]\na = 1\ntitle = \"T\"\n+++\n",
            vec![
                "content/post.md:4:1: `title` stands below `[extra.links]` and is part of it: the post has none (move `[extra.links]` to the end of the front matter)",
            ],
        ),
        ("+++\ntitle = \"T\"\ndate = 2020-01-02\n[extra.links]\ntitle = \"other\"\n+++\n", vec![]),
    ] {
        let mut site = SiteTest::new(&format!(
            "-- backmatter.toml --\nbase_url = \"https://example.com\"\n-- content/post.md --\n{head}Words.\n"
        ));
        site.build().warnings(&warnings);
    }
}

#[test]
fn links_of_zola_are_understood_or_explained() {
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com/b\"\n\
         -- content/post.md --\n+++\ntitle = \"T\"\ndate = 2020-01-02\n+++\n\
         ## 日本語\n\n## Привет, мир\n\n[a](#ri-ben-yu) [b](/2020/01/02/post/#privet-mir) [c](@/posts/_index.md)\n",
    );
    site.build().warnings(&[
        "content/post.md:9:1: `content/post.md` has no heading `#ri-ben-yu` (the heading is `#日本語` here)",
        "content/post.md:9:17: `/2020/01/02/post/` has no heading `#privet-mir` (the heading is `#привет-мир` here)",
        "content/post.md:9:51: a folder has no page of its own here: the link leads to the list of all posts, `/` (write the address of the page or the list that it should lead to)",
    ]);
    site.holds("2020/01/02/post/index.html", &["<a href=\"/b/\">c</a>"]);
}
