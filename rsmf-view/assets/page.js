(() => {
"use strict";
const get = (id) => document.getElementById(id);
const form = get("form"), text = get("text"), person = get("person"), kind = get("kind");
const date = get("date"), count = get("count"), none = get("none");
const roots = [];
const all = [];
let read = false;

const take = (item, root) => {
  const article = item.firstElementChild;
  const one = {
    item, article, root, text: "", hit: true, replies: [], shown: true, dim: false,
    own: !article.classList.contains("context"), person: article.dataset.p || "", kinds: ` ${article.dataset.k} `,
  };
  all.push(one);
  if (root) { root.replies.push(one); return; }
  roots.push(one);
  const thread = article.nextElementSibling;
  if (thread) { for (const reply of thread.lastElementChild.children) { take(reply, one); } }
};
for (const item of document.querySelectorAll(".events > li")) { take(item, null); }

const own = all.filter((one) => one.own).length;

// Once, when there is time for it or somebody searches.
const readAll = () => {
  if (read) { return; }
  read = true;
  for (const one of all) { one.text = one.article.textContent.toLowerCase().replace(/\s+/g, " "); }
};

// A browser does work for the same value, too.
const hide = (element, hidden) => { if (element.hidden !== hidden) { element.hidden = hidden; } };

const show = (one, shown, dim) => {
  if (one.shown !== shown) { one.shown = shown; one.item.hidden = !shown; }
  if (one.dim !== dim) { one.dim = dim; one.article.classList.toggle("dim", dim); }
};

const filter = () => {
  const words = text.value.trim().toLowerCase().replace(/\s+/g, " ");
  const who = person.value, what = kind.value && ` ${kind.value} `;
  const filtered = Boolean(words || who || what);
  if (words) { readAll(); }
  const hits = { own: 0, again: 0 };
  for (const one of all) {
    one.hit = (!who || one.person === who) && (!what || one.kinds.includes(what))
      && (!words || one.text.includes(words));
    if (one.hit) { hits[one.own ? "own" : "again"] += 1; }
  }
  for (const one of roots) {
    const below = one.replies.some((reply) => reply.hit);
    for (const reply of one.replies) { show(reply, reply.hit, false); }
    show(one, one.hit || below, !one.hit && below);
    const thread = one.article.nextElementSibling;
    if (thread) { hide(thread, !below); }
  }
  for (const list of document.querySelectorAll(".events")) {
    hide(list, filtered && !list.querySelector(":scope > li:not([hidden])"));
  }
  for (const day of document.querySelectorAll(".day")) {
    hide(day, filtered && !day.querySelector(".events:not([hidden])"));
  }
  document.body.classList.toggle("filtered", filtered);
  hide(none, hits.own + hits.again > 0 || all.length === 0);
  count.textContent = (filtered ? `${hits.own} of ` : "") + `${own} ${own === 1 ? "event" : "events"}`
    + (hits.again ? ` + ${hits.again} for context` : "");
  mark(words);
};

// Marks what was found without a change of the page.
const MARKS = 500;
const mark = (words) => {
  if (!window.CSS || !CSS.highlights) { return; }
  CSS.highlights.delete("found");
  if (!words) { return; }
  const ranges = [];
  for (const one of all) {
    if (!one.hit || ranges.length >= MARKS) { continue; }
    const walker = document.createTreeWalker(one.article, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const lower = node.data.toLowerCase();
      // A letter whose other case is longer would shift all that follows.
      if (lower.length !== node.data.length) { continue; }
      for (let at = lower.indexOf(words); at >= 0; at = lower.indexOf(words, at + words.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + words.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
};

// What comes into sight for the first time takes its real height, which moves what lies below.
const land = (element, block, frames = 12) => {
  element.scrollIntoView({ block, behavior: "instant" });
  if (frames > 0) { requestAnimationFrame(() => land(element, block, frames - 1)); }
};

const go = (element) => {
  land(element, "nearest");
  element.focus({ preventScroll: true });
};

const landAtAddress = () => {
  const target = location.hash.length > 1 && get(location.hash.slice(1));
  if (target) { land(target, "start"); }
};
addEventListener("hashchange", landAtAddress);

const step = (by) => {
  const hits = all.filter((one) => one.hit && one.article.checkVisibility());
  if (hits.length === 0) { return; }
  const here = hits.findIndex((one) => one.article.contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : hits.length - 1) : here + by;
  if (hits[next]) { go(hits[next].article); }
};

const clear = () => { form.reset(); filter(); };

let waiting = false;
const soon = () => {
  if (waiting) { return; }
  waiting = true;
  requestAnimationFrame(() => { waiting = false; filter(); });
};
text.addEventListener("input", soon);
person.addEventListener("change", soon);
kind.addEventListener("change", soon);
form.addEventListener("reset", () => setTimeout(filter));
// The day that was asked for, or the next one that is shown.
const wantedDay = () => {
  const days = [...document.querySelectorAll(".day:not([hidden])")].filter((day) => day.dataset.date);
  return date.value ? days.find((one) => one.dataset.date >= date.value) || days[days.length - 1] : undefined;
};
// While somebody types a date, each digit makes another one: only Enter leaves the field.
if (date) {
  date.addEventListener("change", () => {
    const day = wantedDay();
    if (day) { land(day, "start"); }
  });
  date.addEventListener("keydown", (event) => {
    const day = event.key === "Enter" && wantedDay();
    if (!day) { return; }
    event.preventDefault();
    location.hash = day.id;
    day.querySelector("h3").focus({ preventScroll: true });
  });
}
form.addEventListener("submit", (event) => { event.preventDefault(); step(1); });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) { return; }
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "Escape") {
    if (typing) { typing.blur(); }
    clear();
  } else if (typing) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    text.focus();
    text.select();
  } else if (event.key === "j") {
    step(1);
  } else if (event.key === "k") {
    step(-1);
  }
});

// From the first place that Tab leads to, browsers look for one before it in all that is out of sight, which takes them
// seconds. There is none: what is out of sight is taken away until they have looked.
let begun = location.hash.length > 1;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) { return; }
  const here = document.activeElement;
  if (!here.classList.contains("skip") && (begun || here !== document.body)) { return; }
  const top = scrollY;
  document.body.classList.add("leaving");
  requestAnimationFrame(() => {
    document.body.classList.remove("leaving");
    scrollTo({ top, behavior: "instant" });
  });
});

document.addEventListener("click", (event) => {
  if (event.target.matches(".files img")) { event.target.classList.toggle("large"); }
});

// Browsers that cannot open these by style.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details.edits:not([open]), details.thread:not([open])")];
  for (const one of opened) { one.open = true; }
});
addEventListener("afterprint", () => { for (const one of opened) { one.open = false; } });

// They would push the messages off a small screen.
if (matchMedia("(max-width: 899px)").matches) {
  for (const one of document.querySelectorAll(".wide")) { one.open = false; }
}
get("tools").hidden = false;
if (window.requestIdleCallback) { requestIdleCallback(readAll); }
// A browser keeps what was typed when a page is loaded again.
filter();
landAtAddress();
// Tab begins at the top. From nowhere, browsers look at all that is out of sight for a better place.
if (document.activeElement === document.body && location.hash.length < 2) {
  document.body.tabIndex = -1;
  document.body.focus({ preventScroll: true });
  document.body.blur();
  document.body.removeAttribute("tabindex");
}
for (const kind of ["focusin", "pointerdown", "hashchange"]) {
  addEventListener(kind, () => { begun = true; }, { once: true });
}
})();
