"""What Blades needs to build the same blog: settings and a small theme of Mustache templates.

The theme asks for less than Backmatter's own: no pages for single days, no feeds for tags, summaries only where a post gives
one, as Blades makes none, and only four languages are highlighted. What is unequal is in Blades' favour.
"""

CONFIG = '''\
title = "The Daily Bench"
url = "https://example.com"
author = "Robin Bench"
description = "Notes on the news, made for measuring"
lang = "en"

[taxonomies.tags]
title = "Tags"
paginate_by = 20

[taxonomies.categories]
title = "Categories"
paginate_by = 20

[taxonomies.archives]
title = "Archives"
'''

HEAD = '''\
<!doctype html>
<html lang="{{site lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{#title}}{{title}} – {{/title}}{{site title}}</title>
<meta name="description" content="{{site description}}">
<meta name="author" content="{{site author}}">
<link rel="stylesheet" href="/assets/style.css">
<link rel="alternate" type="application/rss+xml" href="/rss.xml" title="{{site title}}">
<meta property="og:title" content="{{title}}">
<meta property="og:site_name" content="{{site title}}">
@MORE@</head>
<body>
<header><a href="/">{{site title}}</a>
<nav><a href="/archives/">Archives</a> <a href="/tags/">Tags</a> <a href="/categories/">Categories</a> <a href="/about.html">About</a> <a href="/rss.xml">Feed</a></nav>
</header>
<main>
'''

FOOT = '''\
</main>
<footer><p>© {{site author}}</p></footer>
</body>
</html>
'''

ENTRIES = '''\
{{#pages}}<article class="h-entry">
<h2 class="p-name"><a class="u-url" href="{{permalink}}">{{title}}</a></h2>
<p>{{#date}}<time class="dt-published" datetime="{{y}}-{{m}}-{{d}}">{{d}}/{{m}}/{{y}}</time>{{/date}}</p>
<div class="p-summary">{{summary}}</div>
<p>{{#taxonomies}}{{#tags}}<a class="p-category" rel="tag" href="/tags/{{name}}/">{{name}}</a> {{/tags}}{{/taxonomies}}</p>
</article>
{{/pages}}{{#pagination}}<nav class="pager"><span>{{current}} / {{length}}</span></nav>{{/pagination}}
'''

PAGE = '''\
<article class="h-entry">
<h1 class="p-name">{{title}}</h1>
<p>{{#date}}<time class="dt-published" datetime="{{y}}-{{m}}-{{d}}">{{d}}/{{m}}/{{y}}</time>{{/date}} <span class="p-author">{{site author}}</span></p>
<div class="e-content">
{{content}}
</div>
<p>{{#taxonomies}}{{#categories}}<a class="p-category" href="/categories/{{name}}/">{{name}}</a> {{/categories}}
{{#tags}}<a class="p-category" rel="tag" href="/tags/{{name}}/">{{name}}</a> {{/tags}}{{/taxonomies}}</p>
</article>
<nav>{{#previous}}<a rel="prev" href="{{permalink}}">{{title}}</a>{{/previous}} {{#next}}<a rel="next" href="{{permalink}}">{{title}}</a>{{/next}}</nav>
'''

TERMS = '''\
<h1>{{title}}</h1>
<ul>{{#keys}}<li><a href="{{key}}/">{{key}}</a></li>
{{/keys}}</ul>
'''


def template(main, more=""):
    return HEAD.replace("@MORE@", more) + main + FOOT


def files():
    """Every file of the site but its posts: (path, text)."""
    published = '<meta property="og:url" content="{{permalink}}">\n'
    yield "Blades.toml", CONFIG
    yield "templates/page.html", template(PAGE, published)
    yield "templates/section.html", template(ENTRIES)
    yield "templates/taxonomy_key.html", template("<h1>{{title}}</h1>\n" + ENTRIES)
    yield "templates/taxonomy.html", template(TERMS)
    yield "content/index.toml", 'title = ""\npaginate_by = 20\n'
    yield "content/about.md", '+++\ntitle = "About"\nhidden = true\n+++\nThis blog was made to be measured.\n'


def front_matter(post, tags, category, summary):
    """Lines of the front matter; a page is written to `index.html` in the folder of its address."""
    yield f'path = "{post.address.strip("/")}"'
    yield 'slug = "index"'
    if summary:
        yield f'summary = "{summary}"'
    yield "[taxonomies]"
    yield f"tags = [{tags}]"
    yield f'categories = ["{category}"]'
    yield f'archives = ["{post.date:%Y}", "{post.date:%Y-%m}"]'
