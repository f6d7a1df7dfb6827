// Pictures are drawn when they come into view: their libraries are large, and most of a page is read without them.

/** Prepare every place that fits the selector, also one that is put into the page later, and show it when it is near. */
export function whenInView(selector, show, prepare = () => {}) {
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        show(entry.target);
      }
    },
    { rootMargin: "300px" },
  );
  const prepareAll = () => {
    for (const place of document.querySelectorAll(`${selector}:not([data-prepared])`)) {
      place.dataset.prepared = "yes";
      place.hidden = false;
      near.observe(place);
      prepare(place);
    }
  };
  prepareAll();
  new MutationObserver(prepareAll).observe(document.body, { childList: true, subtree: true });
}
