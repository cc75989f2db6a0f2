(() => {
"use strict";
const get = (id) => document.getElementById(id);
const form = get("form"), text = get("text"), count = get("count"), none = get("none");
const read = (element) => element.textContent.toLowerCase().replace(/\s+/g, " ");
const groups = [...document.querySelectorAll(".group")].map((element) => {
  const rows = [...element.querySelectorAll("tbody tr")].map((row) => ({ row, text: read(row) }));
  const head = [...element.querySelectorAll("h2, p")].map(read).join(" ");
  return { element, head, rows };
});

const filter = () => {
  const words = text.value.trim().toLowerCase().replace(/\s+/g, " ");
  let hits = 0;
  for (const { element, head, rows } of groups) {
    const whole = head.includes(words);
    let any = whole;
    for (const one of rows) {
      const hit = whole || one.text.includes(words);
      one.row.hidden = !hit;
      any = any || hit;
    }
    element.hidden = !any;
    if (any) { hits += 1; }
  }
  none.hidden = hits > 0 || groups.length === 0;
  count.textContent = words ? `${hits} of ${groups.length} conversations` : `${groups.length} conversations`;
};

text.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const first = document.querySelector(".group:not([hidden]) tr:not([hidden]) a");
  if (first) { first.focus(); }
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) { return; }
  if (event.key === "Escape") {
    text.blur();
    form.reset();
  } else if (event.key === "/" && event.target !== text) {
    event.preventDefault();
    text.focus();
  }
});

get("tools").hidden = false;
filter();
})();
