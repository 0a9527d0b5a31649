/* Lets a reader choose light or dark. It stands in the head and is run before the first paint, so that no page flashes; the
   button is hidden until it can be pressed. A choice that is also the system's is not kept. */
(() => {
  const root = document.documentElement, key = "scheme", dark = matchMedia("(prefers-color-scheme: dark)");
  const own = root.dataset.theme;
  const kept = () => { try { return localStorage.getItem(key) } catch { return null } };
  const keep = (scheme) => { try { scheme ? localStorage.setItem(key, scheme) : localStorage.removeItem(key) } catch {} };
  const unchosen = () => own || (dark.matches ? "dark" : "light");
  const show = () => {
    const chosen = kept();
    if (chosen || own) root.dataset.theme = chosen || own; else delete root.dataset.theme;
    document.querySelector(".scheme")?.setAttribute("aria-pressed", (chosen || unchosen()) === "dark");
  };
  show();
  addEventListener("storage", show);
  addEventListener("pageshow", show);
  dark.addEventListener("change", show);
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".scheme");
    if (!button) return;
    show();
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = (kept() || unchosen()) === "dark" ? "light" : "dark";
      keep(next === unchosen() ? null : next);
      show();
    });
  });
})();
