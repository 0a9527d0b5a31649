"""Code for the benchmark posts: forty templates in five languages, filled with random names.

A placeholder is `§` and a letter, with a digit where the same name is meant twice:

    §s  snake_case name      §c  camelCase name      §T  TypeName      §k  kebab-case name
    §w  a few plain words    §n  a number

§s1, §c1, §T1 and §k1 are the same words, written in four ways. A plain §w or §n differs each time.
"""

import re

RUST = [
'''/// Returns the §w of one §s1, if there is any.
pub fn §s1(input: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in input.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    (depth > §n).then_some(depth)
}''',
'''#[derive(Debug, Clone, PartialEq)]
pub struct §T1 {
    pub §s2: String,
    pub §s3: Vec<u8>,
    §s4: Option<Box<§T1>>,
}

impl §T1 {
    pub fn new(§s2: impl Into<String>) -> Self {
        Self { §s2: §s2.into(), §s3: Vec::with_capacity(§n), §s4: None }
    }

    fn depth(&self) -> usize {
        1 + self.§s4.as_ref().map_or(0, |inner| inner.depth())
    }
}''',
'''use std::collections::BTreeMap;

fn §s1<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u32> {
    let mut §s2 = BTreeMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        // §w
        let (name, value) = line.split_once('=').unwrap_or((line, "§n"));
        *§s2.entry(name.trim()).or_insert(0) += value.trim().parse().unwrap_or(§n);
    }
    §s2
}''',
'''#[derive(Debug)]
enum §T1 {
    Missing { §s2: String },
    Io(std::io::Error),
    TooLong(usize),
}

impl std::fmt::Display for §T1 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing { §s2 } => write!(f, "§w: `{§s2}`"),
            Self::Io(error) => write!(f, "§w: {error}"),
            Self::TooLong(n) => write!(f, "{n} bytes are more than {}", §n),
        }
    }
}

impl std::error::Error for §T1 {}''',
'''fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("§w")?;
    let text = std::fs::read_to_string(&path)?;
    let §s1: Vec<_> = text.lines().map(str::trim).filter(|l| l.len() > §n).collect();
    println!("{}: {} of {}", path, §s1.len(), text.lines().count());
    Ok(())
}''',
'''#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn §s1_keeps_§s2() {
        let §s3 = [1u64, §n, §n];
        assert_eq!(§s3.iter().sum::<u64>(), §n, "§w");
        assert!(matches!(§s3.first(), Some(1)));
    }
}''',
'''pub trait §T1: Send + Sync {
    type §T2;

    /// §w
    fn §s3(&self, §s4: &[Self::§T2]) -> usize;

    fn is_empty(&self) -> bool {
        self.§s3(&[]) == 0x§nf
    }
}

impl<T> §T1 for Vec<T> where T: Send + Sync {
    type §T2 = T;
    fn §s3(&self, §s4: &[T]) -> usize {
        self.len().saturating_sub(§s4.len())
    }
}''',
'''let (sender, receiver) = std::sync::mpsc::channel::<§T1>();
let §s2 = std::thread::spawn(move || {
    while let Ok(§s1) = receiver.recv() {
        if §s1.§s3 >= §n_u32.wrapping_mul(2) { break; }
        eprintln!("§w {:?}", §s1.§s3);
    }
});
sender.send(§T1::default()).expect("§w");
drop(sender);
§s2.join().unwrap();''',
]

PYTHON = [
'''def §s1(§s2, *, limit=§n):
    """Return the §w, at most `limit` of them."""
    seen = set()
    for item in §s2:
        if item in seen or not item:
            continue
        seen.add(item)
        if len(seen) >= limit:
            break
    return sorted(seen, key=str.casefold)''',
'''from dataclasses import dataclass, field


@dataclass(frozen=True)
class §T1:
    §s2: str
    §s3: int = §n
    §s4: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.§s2!r} ({self.§s3:>6.2f})"

    def __len__(self):
        return len(self.§s4)''',
'''import csv
import sys

with open(sys.argv[1], newline="", encoding="utf-8") as handle:
    rows = csv.DictReader(handle)
    total = 0.0
    for number, row in enumerate(rows, start=1):
        try:
            total += float(row["§s1"])  # §w
        except (KeyError, ValueError) as error:
            print(f"line {number}: {error}", file=sys.stderr)
print(f"§w: {total / §n:.1f} %")''',
'''async def §s1(client, urls):
    async def one(url):
        async with client.get(url, timeout=§n) as response:
            response.raise_for_status()
            return url, await response.json()

    results = await asyncio.gather(*(one(url) for url in urls), return_exceptions=True)
    return {url: body for url, body in results if body is not None}''',
'''class §T1(Exception):
    """§w"""


def §s2(value: str | None) -> int:
    if value is None:
        raise §T1('§w')
    match value.split(":"):
        case [hours, minutes]:
            return int(hours) * 60 + int(minutes)
        case [minutes]:
            return int(minutes)
        case _:
            return -§n''',
'''§s1 = {
    "§s2": [§n, §n, §n],
    "§s3": lambda x: x ** 2 + §n,
    "§s4": None,
}
flat = [y for key, x in §s1.items() if isinstance(x, list) for y in x]
assert sum(flat) >= §n, "§w"''',
'''@app.route("/§k1/<int:number>", methods=["GET", "POST"])
@require_login
def §s1(number):
    # §w
    if request.method == "POST":
        §s2 = request.form.get("§s2", "").strip()
        db.execute("UPDATE §s1 SET §s2 = ? WHERE id = ?", (§s2, number))
        return redirect(url_for("§s1", number=number))
    return render_template("§k1.html", number=number, limit=§n)''',
'''def test_§s1(tmp_path, monkeypatch):
    target = tmp_path / "§k1.json"
    target.write_text('{"§s2": §n, "§s3": [true, null]}')
    monkeypatch.setenv("§s4".upper(), str(target))
    assert load()["§s2"] == §n
    with pytest.raises(FileNotFoundError, match=r"§s1-\\d+"):
        load(target.with_suffix(".bak"))''',
]

JS = [
'''export async function §c1(url, { retries = §n } = {}) {
  for (let attempt = 0; attempt <= retries; attempt++) {
    const response = await fetch(url, { headers: { accept: "application/json" } });
    if (response.ok) return response.json();
    // §w
    await new Promise((done) => setTimeout(done, 2 ** attempt * §n));
  }
  throw new Error(`§w: ${url}`);
}''',
'''class §T1 extends EventTarget {
  #§c2 = new Map();

  get size() {
    return this.#§c2.size;
  }

  §c3(key, value = null) {
    if (this.#§c2.has(key)) return false;
    this.#§c2.set(key, { value, at: Date.now() + §n });
    this.dispatchEvent(new CustomEvent("§k3", { detail: { key } }));
    return true;
  }
}''',
'''const §c1 = [...document.querySelectorAll(".§k2 > li")]
  .map((element) => ({ element, rank: Number(element.dataset.§c3 ?? §n) }))
  .sort((a, b) => a.rank - b.rank);
for (const { element } of §c1) element.parentNode.append(element);''',
'''const §c1 = /^\\s*(\\d{4})-(\\d{2})-(\\d{2})(?:T[\\d:]+Z?)?$/u;

function §c2(text) {
  const found = §c1.exec(text);
  if (!found) return undefined;
  const [, year, month, day] = found.map(Number);
  return new Date(Date.UTC(year, month - 1, day, §n % 24));
}''',
'''import { readFile, writeFile } from "node:fs/promises";

const §c1 = JSON.parse(await readFile(process.argv[2], "utf8"));
const §c2 = Object.fromEntries(
  Object.entries(§c1).filter(([key, value]) => !key.startsWith("_") && value !== null),
);
§c2.§c3 ||= { enabled: true, limit: §n, note: "§w" };
await writeFile("§k1.json", JSON.stringify(§c2, null, 2) + "\\n");''',
'''document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-§k1]");
  if (!button || event.defaultPrevented) return;
  event.preventDefault();
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  document.getElementById("§k2").hidden = open; /* §w */
});''',
'''function* §c1(§c2, size = §n) {
  let batch = [];
  for (const item of §c2) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}''',
'''const server = http.createServer((request, response) => {
  switch (`${request.method} ${request.url}`) {
    case "GET /§k1":
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
      response.end("§w\\n");
      break;
    default:
      response.writeHead(404).end();
  }
});
server.listen(§n + 8000, "127.0.0.1", () => console.log("§w"));''',
]

BASH = [
'''#!/usr/bin/env bash
set -euo pipefail

§s1="${1:?usage: $0 DIRECTORY}"
# §w
find "$§s1" -type f -name '*.§s2' -mtime +§n -print0 |
  while IFS= read -r -d '' file; do
    printf '%s\\t%s\\n' "$(stat -c %s "$file")" "$file"
  done | sort -rn | head -n §n''',
'''for host in §k1 §k2 §k3; do
  if ! ssh -o ConnectTimeout=§n "$host" 'test -d /srv/§k1'; then
    echo "§w: $host" >&2
    continue
  fi
  rsync -az --delete ./public/ "$host:/srv/§k1/"
done''',
'''$ curl -sS -D - -o /dev/null 'https://§k1.example.org/?page=§n'
HTTP/2 200
content-type: text/html; charset=utf-8
link: <https://§k1.example.org/webmention>; rel="webmention"
$ echo $?
0''',
'''§s1() {
  local -r name="$1" tries="${2:-§n}"
  local i
  for ((i = 1; i <= tries; i++)); do
    systemctl is-active --quiet "$name" && return 0
    sleep $((i * 2))
  done
  return 1
}
trap 'rm -f "$§s2"' EXIT
§s2="$(mktemp)"''',
'''git log --since="§n days ago" --pretty=format:'%h %an %s' -- "§k1/" \\
  | awk '{ count[$2]++ } END { for (who in count) print count[who], who }' \\
  | sort -rn \\
  | head -§n  # §w''',
'''case "${1-}" in
  start|restart)
    export §s1=§n
    exec ./bin/§k2 --listen "127.0.0.1:${PORT:-8080}" >> "/var/log/§k2.log" 2>&1
    ;;
  stop) kill -TERM "$(< /run/§k2.pid)" ;;
  *)
    echo "§w" >&2
    exit 64
    ;;
esac''',
'''sudo apt-get update && sudo apt-get install -y --no-install-recommends §k1 §k2
sudo tee /etc/§k1/§k3.conf > /dev/null <<'END'
listen = 0.0.0.0:§n
# §w
cache_dir = /var/cache/§k1
END
sudo systemctl enable --now §k1.service''',
'''total=0
while read -r bytes path; do
  [[ $path == *"/§k1/"* ]] && continue
  total=$((total + bytes))
done < <(du -ab "$HOME/§k2" 2>/dev/null)
echo "§w: $((total / 1024)) KiB"''',
]

HTML = [
'''<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>§w</title>
  <link rel="stylesheet" href="/§k1.css?v=§n">
  <!-- §w -->
</head>
<body class="§k2">
  <main id="§k3"><p>§w &amp; §w.</p></main>
</body>
</html>''',
'''<form action="/§k1" method="post" class="§k2">
  <label for="§k3">§w</label>
  <input id="§k3" name="§s3" type="email" required maxlength="§n">
  <button type="submit" data-§k4="§n">§w</button>
</form>''',
'''<article class="h-entry">
  <h1 class="p-name">{{ title }}</h1>
  {% for item in §s1 %}
    <a class="u-url" href="{{ item.url }}">{{ item.name | escape }}</a>
  {% endfor %}
  <time class="dt-published" datetime="2019-0§dT0§d:00:00Z">§w</time>
</article>''',
'''<style>
  .§k1 { display: grid; gap: §npx; color: #3a5f0b; }
  @media (min-width: §nem) { .§k1 > * { grid-column: span 2; } }
</style>
<div class="§k1">
  <img src="/img/§k2.png" alt="§w" width="§n" height="§n" loading="lazy">
</div>''',
'''<table id="§k1">
  <caption>§w</caption>
  <thead><tr><th scope="col">§w</th><th scope="col">§w</th></tr></thead>
  <tbody>
    <tr><td>§n</td><td>§n&nbsp;%</td></tr>
    <tr><td>§n</td><td><em>§w</em></td></tr>
  </tbody>
</table>''',
'''<script type="module">
  import { §c1 } from "/js/§k1.js";
  const §c2 = document.querySelector("#§k2");
  §c2?.addEventListener("input", () => §c1(§c2.value, §n));
</script>
<noscript>§w</noscript>''',
'''<nav aria-label="§w">
  <ul class="§k1">
    <li><a href="/§k2/" aria-current="page">§w</a></li>
    <li><a href="/§k3/" rel="nofollow noopener">§w</a></li>
    <li><a href="mailto:§s4@example.org">§w</a></li>
  </ul>
</nav>''',
'''<svg viewBox="0 0 §n §n" role="img" aria-labelledby="§k1">
  <title id="§k1">§w</title>
  <path d="M§n §n L§n §n Z" fill="none" stroke="currentColor"/>
  <circle cx="§n" cy="§n" r="4.5"/>
</svg>
<video controls preload="none" src="/§k2.mp4"></video>''',
]

LANGUAGES = [("rust", RUST), ("python", PYTHON), ("js", JS), ("bash", BASH), ("html", HTML)]

PLACEHOLDER = re.compile(r"§([scTkwnd])(\d?)")


def fill(template, random, words, plain):
    """The template with names made of `words` and comments made of `plain` words."""
    named = {}

    def name(number):
        if number not in named:
            # A name ends in nothing that could be a keyword: two words at least.
            named[number] = random.choices(words, k=random.choice((2, 2, 3)))
        return named[number]

    def put(found):
        kind, number = found.groups()
        if kind == "n":
            return str(random.randrange(1, 1000)) + number
        if kind == "d":
            return str(random.randrange(1, 10)) + number
        if kind == "w":
            return " ".join(random.choices(plain, k=random.randrange(2, 7))) + number
        parts = name(number)
        if kind == "s":
            return "_".join(parts)
        if kind == "k":
            return "-".join(parts)
        camel = "".join(part.capitalize() for part in parts)
        return camel if kind == "T" else camel[0].lower() + camel[1:]

    return PLACEHOLDER.sub(put, template)


def block(random, words, plain):
    """A fenced block: one to three templates of one language."""
    language, templates = random.choice(LANGUAGES)
    chosen = random.sample(templates, random.choice((1, 1, 2, 2, 3)))
    code = "\n\n".join(fill(template, random, words, plain) for template in chosen)
    return f"```{language}\n{code}\n```"
