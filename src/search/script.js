// The search page of a blog. It reads the index that src/search/mod.rs describes; the line of the table is filled in there.
(() => {
  "use strict";
  const table = TABLE;
  const SEPARATOR = 0, LETTER = 1, PAIR = 2, IGNORED = 3;
  const APOSTROPHES = "'’ʼ‛";
  const FIRST = 5, MORE = 10;

  // Words, as src/search/tokenizer.rs cuts them.

  let classes;
  const classOf = (c) => {
    if (!classes) {
      classes = new Uint8Array(0x10000);
      let at = 0;
      for (const [, length, name] of table.classes.matchAll(/([0-9a-z]+)([A-Z])/g)) {
        classes.fill("SLPI".indexOf(name), at, (at += parseInt(length, 36)));
      }
    }
    const code = c.codePointAt(0);
    return code < 0x10000 ? classes[code] : code < 0x1f000 ? LETTER : code < 0x20000 ? SEPARATOR : code < 0xe0000 ? PAIR : IGNORED;
  };

  const ofLanguage = (rows, language) => {
    const own = language.split(/[-_]/)[0].toLowerCase();
    for (const tags in rows) if (tags.split(" ").includes(own)) return rows[tags];
  };

  const fold = (c) => {
    if (c < "\x80") return c;
    if (table.folds[c]) return table.folds[c];
    let out = "";
    for (const part of c.normalize("NFD")) if (classOf(part) !== IGNORED) out += table.folds[part] || part;
    return out;
  };

  // The forms of a word: with the letters of its language, without them, and as they are also spelt.
  const formsOf = (word, language) => {
    const kept = ofLanguage(table.kept, language) || "";
    const spelt = ofLanguage(table.spelt, language) || {};
    const forms = ["", "", ""];
    for (const c of word) {
      forms[0] += kept === "*" || kept.includes(c) ? c : fold(c);
      forms[1] += fold(c);
      forms[2] += spelt[c] || fold(c);
    }
    return [...new Set(forms)];
  };

  // The terms of a text: for each its forms, and in a script without spaces the number of its run.
  const cut = (text, language) => {
    const tokens = [];
    const all = [...text.normalize("NFKC").toLowerCase()];
    let word = "", before = "", run = 0;
    const endWord = () => {
      if (word && [...word].length <= 64) tokens.push({ forms: formsOf(word, language), run: 0 });
      else if (word) tokens.push(null);
      word = "";
    };
    const endPairs = () => {
      if (before) tokens.push({ forms: [before], run, single: true });
      before = "";
    };
    all.forEach((c, at) => {
      if (APOSTROPHES.includes(c)) {
        let end = at + 1;
        while (end < all.length && end < at + 4 && classOf(all[end]) === LETTER) end++;
        if (word && end > at + 1 && end < at + 4) return;
      }
      const kind = APOSTROPHES.includes(c) ? SEPARATOR : classOf(c);
      if (kind === IGNORED) return;
      if (kind !== LETTER) endWord();
      if (kind !== PAIR) endPairs();
      if (kind === LETTER) word += c;
      if (kind === PAIR) {
        if (before) tokens.push({ forms: [before + c], run });
        else run++;
        before = c;
      }
    });
    endWord();
    endPairs();
    return tokens;
  };

  // For tests outside a browser.
  if (typeof document === "undefined") {
    module.exports = { cut };
    return;
  }

  // The index.

  const form = document.querySelector("form[data-search]");
  if (!form) return;
  const { search: base, ...words } = form.dataset;
  const language = document.documentElement.lang;
  let total = 0;
  const parts = JSON.parse(words.segments).map(([name, posts, mark]) => {
    total += posts;
    return { name, posts, mark, before: total - posts, files: {}, shards: [] };
  });
  const LISTED = 36, SHARDS = 24;

  const get = async (url, headers) => {
    const response = await fetch(url, { headers });
    if (!response.ok) throw url;
    return response;
  };
  const getFile = (part, name, headers) => get(`${base}${part.name}/${name}?${part.mark}`, headers);

  // What is asked for once, and again only if that failed.
  const once = (all, key, ask) =>
    (all[key] ||= ask().catch((error) => {
      delete all[key];
      throw error;
    }));
  const json = (part, name) => once(part.files, name, () => getFile(part, name).then((response) => response.json()));

  // Where the shards begin, and their sizes.
  const shardsOf = async (part) => {
    const [firsts, sizes] = await json(part, "index.json");
    let text = "";
    return [firsts.split(",").map((one) => (text = text.slice(0, parseInt(one[0], 36)) + one.slice(1))), sizes.map((size) => size * 64)];
  };

  // A part of a file and perhaps what is behind it: hosts that give no parts send the whole one.
  const slice = async (part, name, from, to) => {
    let bytes = part.files[name];
    if (!bytes) {
      const response = await getFile(part, name, { Range: `bytes=${from}-${to - 1}` });
      bytes = await response.arrayBuffer();
      if (response.status === 206) return bytes;
      part.files[name] = bytes;
    }
    return bytes.slice(from);
  };

  // Shards side by side: those of one file that are not here are asked for together.
  const load = (part, sizes, first, last) => {
    const { shards } = part;
    const start = (at) => sizes.slice(at - (at % SHARDS), at).reduce((sum, size) => sum + size, 0);
    for (let number = first; number <= last; number++) {
      if (shards[number]) continue;
      let end = number;
      while (end < last && (end + 1) % SHARDS && !shards[end + 1]) end++;
      const from = start(number);
      const bytes = slice(part, `t${(number / SHARDS) | 0}.bin`, from, start(end) + sizes[end]);
      for (let at = number; at <= end; at++) {
        once(shards, at, async () => readShard((await bytes).slice(start(at) - from), part.posts, at));
      }
    }
    return Promise.all(shards.slice(first, last + 1));
  };

  const bitsOf = (buffer) => {
    const bytes = new Uint8Array(buffer);
    let at = 0;
    const bit = () => {
      if (at >> 3 >= bytes.length) throw at;
      return (bytes[at >> 3] >> (7 - (at++ & 7))) & 1;
    };
    const bits = (count) => {
      let value = 0;
      while (count--) value = value * 2 + bit();
      return value;
    };
    const gamma = () => {
      let count = 0;
      while (!bit()) count++;
      return 2 ** count + bits(count);
    };
    const rice = (k) => {
      let ones = 0;
      while (bit()) ones++;
      return ones * 2 ** k + bits(k);
    };
    return { bits, gamma, rice };
  };

  const readShard = (buffer, posts, number) => {
    const { bits, gamma, rice } = bitsOf(buffer);
    const terms = [];
    let count = gamma() - 1, at = gamma() - 1, text = "";
    while (count--) {
      text = text.slice(0, gamma() - 1);
      for (let code; (code = bits(5)) !== 26; ) {
        const high = text.charCodeAt(text.length - 1) & 0xff00;
        text += String.fromCharCode(
          code < 26 ? 97 + code : code === 27 ? 48 + bits(4) : code === 28 ? bits(7) : code === 29 ? bits(16) : high + bits(8),
        );
      }
      const of = gamma(), size = gamma() - 1;
      const k = 31 - Math.clz32(posts / of);
      const list = new Uint32Array(of), impacts = new Uint8Array(of);
      for (let i = 0, post = -1; i < of; i++) {
        list[i] = post += 1 + rice(k);
        impacts[i] = bits(4);
      }
      terms.push({ text, list, impacts, number, at, size });
      at += size;
    }
    return terms;
  };

  // Which shard a term is in: the last one that begins with it or before it.
  const place = (firsts, term) => {
    const behind = firsts.findIndex((first) => first > term);
    return behind < 0 ? firsts.length - 1 : Math.max(0, behind - 1);
  };

  // All terms between two texts, of that number of shards at most.
  const range = async (part, from, to, most) => {
    const [firsts, sizes] = await shardsOf(part);
    const first = place(firsts, from);
    const last = Math.min(place(firsts, to), first + most - 1);
    return (await load(part, sizes, first, last)).flat();
  };

  // Where a term stands in its posts.
  const positionsOf = async (part, term) => {
    const name = `p${(term.number / SHARDS) | 0}.bin`;
    const { bits, gamma, rice } = bitsOf(await slice(part, name, term.at, term.at + term.size));
    const k = bits(5);
    const found = new Map();
    for (const post of term.list) {
      let at = 0;
      const places = [];
      for (let count = gamma() - 1; count > 0; count--) places.push((at += rice(k)));
      found.set(post, places);
    }
    return found;
  };

  // Queries.

  // A query as what each post must have: words, words in a row, and values of filters.
  const parse = (query) => {
    const wanted = [];
    const text = query.replace(/[“”„«»]/g, '"');
    for (const match of text.matchAll(/(?:(by|from|tag|year|is):)?(?:"([^"]*)("?)|([^\s"]+))/gi)) {
      const [whole, key, quoted, closed, plain] = match;
      const isLast = match.index + whole.length === text.length && !closed;
      const value = quoted ?? plain;
      if (key) {
        const name = cut(value, "").filter(Boolean);
        const term = `\x01${key.toLowerCase()}:${name.map((token) => token.forms[0]).join(" ")}`;
        if (name.length) wanted.push({ tokens: [{ forms: [term], prefix: isLast, filter: true }], must: true });
        continue;
      }
      const tokens = cut(value, language).filter(Boolean);
      // The last character of a run alone is for queries of one character.
      const runs = tokens.map((token) => token.run);
      const used = tokens.filter((token, at) => !token.single || runs.indexOf(token.run) === at || !token.run);
      if (!used.length) continue;
      for (const token of used) if (token.single) token.prefix = true;
      if (quoted !== undefined) {
        wanted.push({ tokens: used, must: true });
        continue;
      }
      let group;
      for (const token of used) {
        if (token.run && group?.run === token.run) group.tokens.push(token);
        else wanted.push((group = { tokens: [token], run: token.run }));
      }
      const last = used.at(-1);
      if (isLast && !last.run) last.prefix = true;
      for (const token of used) if (!token.run) token.near = true;
    }
    return wanted;
  };

  const shared = (a, b) => {
    let at = 0;
    while (a[at] && a[at] === b[at]) at++;
    return at;
  };

  // Whether one letter is missing, too much, another one, or two side by side are exchanged.
  const isTypo = (a, b) => {
    const at = shared(a, b);
    const rest = (from, to) => a.slice(at + from) === b.slice(at + to);
    return rest(1, 1) || rest(1, 0) || rest(0, 1) || (a[at] === b[at + 1] && a[at + 1] === b[at] && rest(2, 2));
  };

  const FORMS = [1, 0.6, 0.8];

  // How well a term of the index is what was typed; 0 if it is not.
  const likeness = (term, word, token) => {
    if (term === word) return 1;
    if (token.run && !token.prefix) return 0;
    if (term.startsWith(word)) {
      if (token.prefix) return token.filter ? 0.9 : 0.8;
      return token.near && word.length > 3 && term.length - word.length < 4 ? 0.6 : 0;
    }
    if (!token.near || word.length < 5) return 0;
    const same = shared(term, word);
    return same >= Math.max(4, word.length - 3) && term.length - same < 4 ? 0.4 : 0;
  };

  const stem = (word, token) =>
    token.near && word.length > 4 ? word.slice(0, Math.max(4, word.length - 3)) : word;

  // The terms of a part that are meant by a token, each with its likeness.
  const meant = async (part, token, isWide) => {
    const found = new Map();
    await Promise.all(
      token.forms.map(async (word, number) => {
        const take = (term, like) => {
          const old = found.get(term.text);
          if (like && !(old?.like > like)) found.set(term.text, { term, like });
        };
        if (!isWide) {
          const end = token.prefix || token.near ? "\uffff" : "";
          const ranges = [stem(word, token), word].map((start) => range(part, start, start + end, 24));
          for (const term of (await Promise.all(ranges)).flat()) take(term, likeness(term.text, word, token) * FORMS[number]);
        } else if (word.length > 3 && !token.run && !token.filter) {
          for (const length of [2, 1]) {
            const start = word.slice(0, length);
            const terms = await range(part, start, `${start}\uffff`, 128);
            for (const term of terms) if (isTypo(term.text, word)) take(term, 0.5);
            if (found.size) break;
          }
        }
      }),
    );
    return [...found.values()].sort((a, b) => b.like - a.like).slice(0, 64);
  };

  // The posts of each part that have a token: by post the likeness times the impact.
  const resolve = async (token) => {
    for (const isWide of [false, true]) {
      token.meant = await Promise.all(parts.map((part) => meant(part, token, isWide)));
      if (token.meant.some((terms) => terms.length)) break;
    }
    token.posts = token.meant.map((terms) => {
      const posts = new Map();
      for (const { term, like } of terms) {
        term.list.forEach((post, at) => {
          const score = like * term.impacts[at];
          if (!(posts.get(post) >= score)) posts.set(post, score);
        });
      }
      return posts;
    });
    const count = token.posts.reduce((sum, posts) => sum + posts.size, 0);
    token.idf = token.filter ? 0 : Math.log(1 + (total - count + 0.5) / (count + 0.5));
  };

  // The posts that have all tokens of a group, in a row if there are several.
  const together = async (group, number) => {
    const { tokens } = group;
    const found = new Map();
    const [first, ...others] = tokens.map((token) => token.posts[number]);
    for (const post of first.keys()) {
      if (others.every((posts) => posts.has(post))) {
        found.set(post, tokens.reduce((sum, token) => sum + token.idf * token.posts[number].get(post), 0));
      }
    }
    if (tokens.length < 2 || !found.size) return found;
    const part = parts[number];
    const places = await Promise.all(
      tokens.map(async (token) => {
        const all = await Promise.all(token.meant[number].map(({ term }) => positionsOf(part, term)));
        return (post) => all.flatMap((one) => one.get(post) || []);
      }),
    );
    for (const post of found.keys()) {
      const rows = places.map((of) => new Set(of(post)));
      if (![...rows[0]].some((at) => rows.every((row, next) => row.has(at + next)))) found.delete(post);
    }
    return found;
  };

  // The posts that have half of the tokens of a group or more.
  const some = ({ tokens }, number) => {
    const found = new Map(), counts = new Map();
    for (const token of tokens) {
      for (const [post, score] of token.posts[number]) {
        found.set(post, (found.get(post) || 0) + (token.idf * score) / 2);
        counts.set(post, (counts.get(post) || 0) + 1);
      }
    }
    for (const [post, count] of counts) if (count * 2 < tokens.length) found.delete(post);
    return found;
  };

  const search = async (query) => {
    const groups = parse(query);
    await Promise.all(groups.flatMap((group) => group.tokens.map(resolve)));
    for (const group of groups) {
      group.posts = await Promise.all(parts.map((_, number) => together(group, number)));
      if (group.run && group.tokens.length > 1 && !group.posts.some((posts) => posts.size)) {
        group.posts = parts.map((_, number) => some(group, number));
      }
    }
    const results = [];
    parts.forEach((part, number) => {
      const counts = new Map();
      for (const group of groups) {
        for (const [post, score] of group.posts[number]) {
          const count = counts.get(post) || { has: 0, score: 0, must: 0 };
          count.has++;
          if (group.must) count.must++;
          count.score += score;
          counts.set(post, count);
        }
      }
      const most = groups.filter((group) => group.must).length;
      for (const [post, { has, score, must }] of counts) {
        const at = part.before + post;
        // Of posts that are about as good, the newer one comes first.
        if (must === most) results.push({ part, post, at, has, score: score * (1 + (0.1 * at) / total) });
      }
    });
    results.sort((a, b) => b.has - a.has || b.score - a.score || b.at - a.at);
    const whole = results.filter((result) => result.has === groups.length);
    const terms = new Set(groups.flatMap((group) => group.tokens.flatMap((token) => token.meant.flat().map(({ term }) => term.text))));
    return { results: whole.length < 5 ? results : whole, terms };
  };

  // The page.

  const input = form.querySelector("input[type=search]");
  const list = document.querySelector("[data-search-results]");
  const status = document.querySelector("[data-search-status]");
  const more = document.querySelector("[data-search-more]");
  const options = document.createElement("ul");
  options.id = "_search_options";
  options.className = "hide";
  options.setAttribute("role", "listbox");
  options.setAttribute("aria-label", input.labels[0]?.textContent || "");
  form.append(options);
  const attributes = {
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": options.id,
    autocomplete: "off", autocapitalize: "off", spellcheck: "false",
  };
  for (const name in attributes) input.setAttribute(name, attributes[name]);
  input.name = "q";
  document.querySelector("[data-search-without]")?.remove();

  let turn = 0, found, shown = [], active = -1;
  const timers = {};
  const later = (name, wait, act) => {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(act, wait);
  };

  const element = (name, text, properties) => Object.assign(document.createElement(name), { textContent: text }, properties);

  // The nodes of a text, with the words that were meant marked.
  const marked = (text, terms) => {
    const out = [];
    const pairs = [...terms].filter((term) => classOf(term) === PAIR);
    let plain = "";
    const mark = (piece) => {
      out.push(plain, element("mark", piece));
      plain = "";
    };
    for (const [piece] of text.matchAll(/[\p{L}\p{N}\p{M}'’]+|[^\p{L}\p{N}\p{M}'’]+/gu)) {
      const tokens = cut(piece, language);
      if (tokens.some((token) => token && !token.run && token.forms.some((word) => terms.has(word)))) mark(piece);
      else if (pairs.length && tokens.some((token) => token?.run)) {
        const chars = [...piece];
        const hits = chars.map((_, at) => pairs.some((pair) => [0, 1].some((back) => chars.slice(at - back, at - back + 2).join("").startsWith(pair) && at >= back)));
        chars.forEach((c, at) => (hits[at] ? mark(c) : (plain += c)));
      } else plain += piece;
    }
    return [...out, plain];
  };

  // The best part of a page: where most of what was meant stands together.
  const excerpt = async (url, terms) => {
    const html = await (await get(url)).text();
    // A policy without inline styles reports those of a page that is only read.
    const plain = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle=("[^"]*"|'[^']*')/gi, ""));
    const page = new DOMParser().parseFromString(plain, "text/html");
    const body = page.querySelector(".e-content") || page.querySelector("main") || page.body;
    for (const other of body.querySelectorAll("script, style, nav, .anchor, .quote-permalink")) other.remove();
    for (const block of body.querySelectorAll("p, li, br, td, th, dd, dt, h1, h2, h3, h4, h5, h6, pre, figcaption, blockquote, div")) block.append(" ");
    const spaced = body.textContent.trim().split(/\s+/);
    const pieces = spaced.flatMap((piece) => ([...piece].length > 40 ? piece.match(/.{1,20}/gu) : piece));
    const hits = pieces.map((piece) => {
      const tokens = cut(piece, language).filter(Boolean);
      return tokens.flatMap((token) => token.forms).filter((word) => terms.has(word));
    });
    const span = body.textContent.length > 12 * pieces.length ? 8 : 32;
    let best = 0, most = -1;
    for (let at = 0; at < pieces.length; at++) {
      if (!hits[at].length && at) continue;
      const different = new Set(hits.slice(at, at + span - 6).flat()).size;
      if (different > most) [best, most] = [at, different];
    }
    const from = Math.max(0, best - 4);
    const text = pieces.slice(from, from + span).join(" ");
    return `${from ? "… " : ""}${text}${from + span < pieces.length ? " …" : ""}`;
  };

  const choose = (at) => {
    active = at;
    shown.forEach(({ item, option }, number) => {
      item.classList.toggle("active", number === at);
      option.setAttribute("aria-selected", String(number === at));
    });
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", shown[at].option.id);
    shown[at].item.scrollIntoView({ block: "nearest" });
  };

  const say = (text) => later("status", 500, () => (status.textContent = text));

  const clear = () => {
    list.replaceChildren();
    options.replaceChildren();
    shown = [];
    more.hidden = true;
    choose(-1);
    input.setAttribute("aria-expanded", "false");
  };

  const show = async (count) => {
    const own = turn;
    const { results, terms } = found;
    const next = results.slice(shown.length, shown.length + count);
    const chunks = await Promise.all(next.map(({ part, post }) => json(part, `d${(post / LISTED) | 0}.json`)));
    if (own !== turn) return;
    next.forEach(({ post }, at) => {
      const [url, title, date, lang] = chunks[at][post % LISTED];
      const link = element("a", "", { href: url });
      link.append(...marked(title, terms));
      const item = element("li", "");
      const text = element("p", "");
      if (lang) item.lang = lang;
      item.append(link, ...(date ? [" ", element("time", dateText(date), { dateTime: date })] : []), text);
      const option = element("li", title, { id: `${options.id}_${shown.length}` });
      option.setAttribute("role", "option");
      list.append(item);
      options.append(option);
      shown.push({ item, option, url, text, terms });
    });
    choose(-1);
    input.setAttribute("aria-expanded", String(shown.length > 0));
    more.hidden = shown.length >= results.length;
    later("excerpts", 250, () => {
      for (const one of shown) {
        if (one.terms) excerpt(one.url, terms).then((words) => one.text.replaceChildren(...marked(words, terms)), () => {});
        delete one.terms;
      }
    });
  };

  let dates;
  const dateText = (date) => {
    try {
      dates ||= new Intl.DateTimeFormat(language || undefined, { dateStyle: "long" });
      return dates.format(new Date(`${date}T12:00`));
    } catch {
      return date;
    }
  };

  const run = async () => {
    const own = ++turn;
    const query = input.value.trim();
    later("address", 400, () => {
      const address = new URL(location.href);
      if (query) address.searchParams.set("q", query);
      else address.searchParams.delete("q");
      history.replaceState(null, "", address);
    });
    // One letter begins too many words; one character of a script without spaces is one.
    if (!query || (query.length < 2 && classOf(query.toLowerCase()) === LETTER)) {
      clear();
      return say("");
    }
    try {
      const finding = search(query);
      // The first date takes longer than all others: it is written while files are loaded.
      dateText("2000-01-01");
      const next = await finding;
      if (own !== turn) return;
      found = next;
      clear();
      await show(FIRST);
      say(found.results.length ? words.results.replace("{n}", found.results.length.toLocaleString(language || undefined)) : words.none);
    } catch {
      if (own !== turn) return;
      clear();
      say(words.failed);
    }
  };

  input.addEventListener("input", () => later("run", 120, run));
  more.addEventListener("click", () => {
    const first = shown.length;
    show(MORE).then(() => shown[first]?.item.querySelector("a").focus());
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (active >= 0) location.href = shown[active].url;
    else later("run", 0, run);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      event.preventDefault();
      // Before the first and behind the last one is the input itself.
      const count = shown.length + 1;
      choose(((active + 1 + step + count) % count) - 1);
    } else if (event.key === "Escape" && active >= 0) {
      event.preventDefault();
      choose(-1);
    }
  });

  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    input.value = asked;
    run();
  }
})();
