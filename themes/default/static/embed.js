/* Loads the frame of a box when its button is pressed, and nothing before that. Without this script a box is a link. */
for (const box of document.querySelectorAll(".embed[data-frame]")) {
  const button = box.querySelector("button");
  if (!button) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const frame = document.createElement("iframe");
    frame.title = box.querySelector("p").textContent;
    frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
    /* YouTube shows nothing to who does not say from which site. */
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = box.dataset.frame;
    button.replaceWith(frame);
    frame.focus();
  });
}
