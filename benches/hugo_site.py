"""What Hugo needs to build the same blog: settings and a small theme.

The theme asks for less than Backmatter's own (no pages for single days, no `figure` around quotes, no
Atom, no JSON feed, summaries only in the feeds of tags), so whatever difference it makes is in Hugo's favour. No
page of it filters or sorts all posts, which is what makes many real themes slow.
"""

CONFIG = '''\
baseURL = "https://example.com/"
locale = "en"
title = "The Daily Bench"
timeZone = "UTC"
enableRobotsTXT = true
# Years and months are terms of a taxonomy; the one section would only repeat the home page.
disableKinds = ["section"]

[params]
author = "Robin Bench"
description = "Notes on the news, made for measuring"

[taxonomies]
tag = "tags"
category = "categories"
archive = "archives"

[permalinks.page]
posts = "/:year/:month/:day/:contentbasename/"

[pagination]
pagerSize = 20

[services.rss]
limit = 20

[outputs]
home = ["html", "rss"]
taxonomy = ["html"]
term = ["html", "rss"]

[markup.highlight]
codeFences = @HIGHLIGHT@
noClasses = false
'''

BASE = '''\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ if .IsHome }}{{ .Site.Title }}{{ else }}{{ .Title }} – {{ .Site.Title }}{{ end }}</title>
{{ $about := .Site.Params.description }}{{ if and .IsPage .Summary }}{{ $about = .Summary | plainify | truncate 160 }}{{ end -}}
<meta name="description" content="{{ $about }}">
<meta name="author" content="{{ .Site.Params.author }}">
<link rel="canonical" href="{{ .Permalink }}">
<link rel="stylesheet" href="/style.css">
<link rel="alternate" type="application/rss+xml" href="/index.xml" title="{{ .Site.Title }}">
<meta property="og:title" content="{{ .Title }}">
<meta property="og:description" content="{{ $about }}">
<meta property="og:url" content="{{ .Permalink }}">
<meta property="og:site_name" content="{{ .Site.Title }}">
<meta property="og:type" content="{{ if .IsPage }}article{{ else }}website{{ end }}">
{{ if .IsPage -}}
<meta property="article:published_time" content="{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}">
<meta property="article:modified_time" content="{{ .Lastmod.Format "2006-01-02T15:04:05Z07:00" }}">
{{ range .Params.tags }}<meta property="article:tag" content="{{ . }}">
{{ end -}}
<script type="application/ld+json">{{ dict "@context" "https://schema.org" "@type" "BlogPosting" "headline" .Title "datePublished" .Date "url" .Permalink | jsonify | safeJS }}</script>
{{ end -}}
</head>
<body>
<header><a href="/">{{ .Site.Title }}</a>
<nav><a href="/archives/">Archives</a> <a href="/tags/">Tags</a> <a href="/categories/">Categories</a> <a href="/about/">About</a> <a href="/index.xml">Feed</a></nav>
</header>
<main>
{{ block "main" . }}{{ end }}
</main>
<footer><p>© {{ .Site.Params.author }}</p></footer>
</body>
</html>
'''

ENTRY = '''\
<article class="h-entry">
<h2 class="p-name"><a class="u-url" href="{{ .RelPermalink }}">{{ .Title }}</a></h2>
<p><time class="dt-published" datetime="{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}">{{ .Date.Format "January 2, 2006" }}</time></p>
<div class="p-summary">{{ .Summary }}</div>
<p>{{ range .GetTerms "tags" }}<a class="p-category" rel="tag" href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}</p>
</article>
'''

PAGER = '''\
<nav class="pager">
{{ with .Paginator.Prev }}<a rel="prev" href="{{ .URL }}">Newer posts</a>{{ end }}
<span>{{ .Paginator.PageNumber }} / {{ .Paginator.TotalPages }}</span>
{{ with .Paginator.Next }}<a rel="next" href="{{ .URL }}">Older posts</a>{{ end }}
</nav>
'''

HOME = '''\
{{ define "main" }}
{{ range (.Paginate .Site.RegularPages).Pages }}{{ partial "entry.html" . }}{{ end }}
{{ partial "pager.html" . }}
{{ end }}
'''

TERM = '''\
{{ define "main" }}
<h1>{{ .LinkTitle }}</h1>
<p><a href="{{ .RelPermalink }}index.xml">Feed</a></p>
{{ range (.Paginate .Pages).Pages }}{{ partial "entry.html" . }}{{ end }}
{{ partial "pager.html" . }}
{{ end }}
'''

TAXONOMY = '''\
{{ define "main" }}
<h1>{{ .LinkTitle }}</h1>
<ul>{{ range .Data.Terms.Alphabetical }}<li><a href="{{ .Page.RelPermalink }}">{{ .Page.LinkTitle }}</a> ({{ .Count }})</li>
{{ end }}</ul>
{{ end }}
'''

# A month: one line a post.
ARCHIVE = '''\
{{ define "main" }}
<h1>{{ .LinkTitle }}</h1>
{{ range .Pages.GroupByDate "January 2006" }}<h2>{{ .Key }}</h2>
<ul>{{ range .Pages }}<li><time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date.Format "2 January" }}</time> <a href="{{ .RelPermalink }}">{{ .Title }}</a></li>
{{ end }}</ul>
{{ end }}
{{ end }}
'''

PAGE = '''\
{{ define "main" }}
<article class="h-entry">
<h1 class="p-name">{{ .Title }}</h1>
<p>{{ if not .Date.IsZero }}<time class="dt-published" datetime="{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}">{{ .Date.Format "January 2, 2006" }}</time>{{ end }}
<span class="p-author">{{ .Site.Params.author }}</span> · {{ .ReadingTime }} min</p>
<div class="e-content">
{{ .Content }}
</div>
<p>{{ range .GetTerms "categories" }}<a class="p-category" href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}
{{ range .GetTerms "tags" }}<a class="p-category" rel="tag" href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}</p>
</article>
<nav class="pager">
{{ with .Prev }}<a rel="prev" href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
{{ with .Next }}<a rel="next" href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
</nav>
{{ end }}
'''

# Full text for the home feed, summaries for those of the terms, as in Hugo's own template.
RSS = '''\
{{- $home := .IsHome }}{{ $pages := .Pages }}{{ if $home }}{{ $pages = .Site.RegularPages }}{{ end -}}
{{- printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<description>{{ .Site.Params.description }}</description>
{{ with .OutputFormats.Get "rss" }}{{ printf "<atom:link href=%q rel=\\"self\\" type=%q/>" .Permalink .MediaType | safeHTML }}{{ end }}
{{ range first .Site.Config.Services.RSS.Limit $pages }}<item>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<guid>{{ .Permalink }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate>
<description>{{ .Summary | transform.XMLEscape | safeHTML }}</description>
{{ if $home }}<content:encoded>{{ .Content | transform.XMLEscape | safeHTML }}</content:encoded>
{{ end -}}
</item>
{{ end }}</channel>
</rss>
'''

STYLE = '''\
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.6 serif; }
pre { overflow-x: auto; padding: 1rem; background: #f4f4f4; }
'''

# The terms of the archive have no feeds.
ARCHIVES = '''\
+++
title = "Archives"
outputs = ["html"]
[[cascade]]
outputs = ["html"]
+++
'''

# Kept out of the lists here, so that no template has to filter all posts for each page of a list.
ABOUT = '''\
+++
title = "About"
[build]
list = "never"
+++
This blog was made to be measured.
'''


def files(highlight):
    """Every file of the site but its posts: (path, text)."""
    yield "hugo.toml", CONFIG.replace("@HIGHLIGHT@", "true" if highlight else "false")
    yield "layouts/baseof.html", BASE
    yield "layouts/home.html", HOME
    yield "layouts/page.html", PAGE
    yield "layouts/term.html", TERM
    yield "layouts/taxonomy.html", TAXONOMY
    yield "layouts/archives/term.html", ARCHIVE
    yield "layouts/rss.xml", RSS
    yield "layouts/_partials/entry.html", ENTRY
    yield "layouts/_partials/pager.html", PAGER
    yield "static/style.css", STYLE
    yield "content/archives/_index.md", ARCHIVES
    yield "content/about.md", ABOUT
