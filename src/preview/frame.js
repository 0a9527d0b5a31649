// Follows the changes of the page it stands in: hears from the server that the page is another one, fetches it, and
// changes what is there into what there should be, so that scroll position, focus and open details stay. Where
// that cannot be done the page is loaded again.
"use strict";
(() => {
  const script = document.currentScript;
  const EVENTS = "/.backmatter/events";
  let version = script.dataset.version;
  let source = null;
  let work = Promise.resolve();

  // A browser opens six connections to a server and no more. So a page that nobody sees lets go of its own, and asks
  // when it is seen again.
  function follow() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      const page = encodeURIComponent(location.pathname);
      source = new EventSource(`${EVENTS}?page=${page}&seen=${version}`);
      source.addEventListener("page", (event) => queue(() => update(event.data)));
      source.addEventListener("files", (event) => queue(() => refresh(JSON.parse(event.data))));
    }
  }

  function queue(task) {
    work = work.then(task).catch(() => location.reload());
  }

  async function update(news) {
    if (news === version) return;
    const answer = await fetch(location.href, { cache: "no-cache", headers: { Accept: "text/html" } });
    const type = answer.headers.get("Content-Type") ?? "";
    if (answer.redirected || !type.startsWith("text/html")) return location.reload();
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const own = next.querySelector("script[data-version]");
    if (!own || scripts(next) !== scripts(document)) return location.reload();
    await styles(next);
    version = own.dataset.version;
    morph(document.documentElement, next.documentElement);
    document.dispatchEvent(new CustomEvent("backmatter:changed"));
  }

  // Scripts that changed have to run, and those that ran cannot be undone.
  function scripts(page) {
    const all = [...page.querySelectorAll("script:not([data-version])")];
    return all.filter((one) => !/json/.test(one.type)).map((one) => one.outerHTML).join("\n");
  }

  // Style sheets of another version are loaded before the page changes, so that it is never seen without them.
  function styles(next) {
    const known = new Set([...document.querySelectorAll(SHEETS)].map((sheet) => sheet.href));
    const fresh = [...next.querySelectorAll(SHEETS)].filter((sheet) => !known.has(absolute(sheet)));
    return Promise.all(fresh.map((sheet) => swap(sheet, sheet.getAttribute("href"))));
  }

  const SHEETS = 'link[rel~="stylesheet"][href]';
  const absolute = (element) => new URL(element.getAttribute("href"), location.href).href;
  const path = (address) => new URL(address, location.href).pathname;

  // Puts a sheet in the place of the one with the same path, and takes that away when the new one is there.
  function swap(sheet, href) {
    const old = [...document.querySelectorAll(SHEETS)].find((one) => path(one.href) === path(href));
    const link = document.importNode(sheet, true);
    link.setAttribute("href", href);
    return new Promise((done) => {
      const end = () => {
        old?.remove();
        restore(link, sheet.getAttribute("href"));
        done();
      };
      link.addEventListener("load", end, { once: true });
      link.addEventListener("error", end, { once: true });
      if (old) old.after(link);
      else document.head.append(link);
    });
  }

  // Gives a sheet the address that the server writes, so that the page and what it becomes are the same. The browser
  // loads it once more, and while the page is without it, it may be too short for where it was scrolled to.
  function restore(link, href) {
    if (link.getAttribute("href") === href) return;
    const [x, y] = [scrollX, scrollY];
    link.addEventListener("load", () => scrollTo(x, y), { once: true });
    link.setAttribute("href", href);
  }

  // Files have changed that the page names without a mark of their version, or only its style sheets name.
  async function refresh(files) {
    const changed = new Set(files.map((file) => path(file)));
    const isMarked = (address) => new URL(address, location.href).searchParams.has("v");
    const fresh = (address) => {
      const url = new URL(address, location.href);
      url.searchParams.set("changed", Date.now());
      return url.href;
    };
    for (const one of document.querySelectorAll("script[src]")) {
      if (changed.has(path(one.src)) && !isMarked(one.src)) return location.reload();
    }
    for (const one of document.querySelectorAll("img[src], source[src], video[src], audio[src], iframe[src]")) {
      if (one.src && changed.has(path(one.src))) one.src = fresh(one.src);
    }
    const sheets = [...document.querySelectorAll(SHEETS)];
    const inSheets = files.some((file) => /\.(css|woff2?|ttf|otf|png|jpe?g|gif|svg|webp|avif)$/.test(path(file)));
    const named = sheets.filter((sheet) => changed.has(path(sheet.href)) && !isMarked(sheet.href));
    const isOnlyNamed = files.every((file) => sheets.some((sheet) => path(sheet.href) === path(file)));
    const own = sheets.filter((sheet) => new URL(sheet.href).origin === location.origin);
    await Promise.all((isOnlyNamed ? named : inSheets ? own : []).map((sheet) => swap(sheet, fresh(sheet.href))));
  }

  // Changes a node into another one.
  function morph(from, to) {
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    if (from.localName.startsWith("backmatter-")) return frame(from, to);
    attributes(from, to);
    // What somebody is writing is theirs.
    if (from.localName === "textarea" || from.shadowRoot) return;
    children(from, to);
  }

  function attributes(from, to) {
    const isOpen = (name) => from.localName === "details" && name === "open";
    for (const { name } of [...from.attributes]) {
      if (!to.hasAttribute(name) && !isOpen(name)) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value && !isOpen(name)) from.setAttribute(name, value);
    }
  }

  const isAlike = (a, b) =>
    a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");

  // Keeps of the old children those that are alike to new ones, in their order, and makes the others anew.
  function children(from, to) {
    let old = from.firstChild;
    for (const next of [...to.childNodes]) {
      if (old?.isEqualNode(next)) {
        old = old.nextSibling;
        continue;
      }
      const same = find(old, (node) => node.isEqualNode(next)) ?? find(old, (node) => isAlike(node, next));
      if (!same || isAwaited(old, same, to)) {
        from.insertBefore(made(next), old);
        continue;
      }
      while (old !== same) {
        const gone = old;
        old = old.nextSibling;
        gone.remove();
      }
      // Before: an element of the preview is replaced, and has no neighbours after that.
      const rest = same.nextSibling;
      if (!same.isEqualNode(next)) morph(same, next);
      old = rest;
    }
    while (old) {
      const gone = old;
      old = old.nextSibling;
      gone.remove();
    }
  }

  function find(node, wanted) {
    for (let seen = 0; node && seen < 50; node = node.nextSibling, seen++) {
      if (wanted(node)) return node;
    }
    return null;
  }

  // Whether going on to `same` would drop something that comes later.
  function isAwaited(old, same, to) {
    for (let node = old; node && node !== same; node = node.nextSibling) {
      if (node.nodeType === Node.ELEMENT_NODE && [...to.childNodes].some((next) => node.isEqualNode(next))) return true;
    }
    return false;
  }

  function made(node) {
    const copy = document.importNode(node, true);
    for (const one of [copy, ...(copy.querySelectorAll?.("*") ?? [])]) {
      if (one.localName?.startsWith("backmatter-")) shadow(one);
    }
    return copy;
  }

  // The bar and the faults: their trees come as templates, as a parser without a document leaves them.
  function shadow(host) {
    const template = host.querySelector("template[shadowrootmode]");
    if (!template) return;
    host.attachShadow({ mode: "open" }).append(template.content);
    template.remove();
  }

  function frame(from, to) {
    const next = made(to);
    if (from.shadowRoot?.innerHTML !== next.shadowRoot?.innerHTML) from.replaceWith(next);
  }

  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    source = null;
    follow();
  });
  follow();
})();
