// Small conveniences of a page. Nothing here draws data.
"use strict";
(() => {
  const on = (name, act) => document.addEventListener(name, act);

  // What went wrong is read first; after an action the keyboard goes on where its answer points, and the address is clean.
  const aim = location.hash && document.querySelector(`#${CSS.escape(location.hash.slice(1))}:is([data-list], tr, [tabindex])`);
  const next = aim && (aim.matches("[tabindex]") ? aim : aim.querySelector("[data-next], a.open") ?? document.getElementById("main"));
  (document.querySelector("[data-focus]") ?? (next || null))?.focus();
  if (aim) history.replaceState(history.state, "", location.pathname + location.search);

  // Rows that are ticked stay so when their list draws itself anew, until something was done with them.
  const picks = () => [...document.querySelectorAll("[data-pick]")];
  const drawn = Idiomorph.defaults.callbacks, before = drawn.beforeAttributeUpdated;
  drawn.beforeAttributeUpdated = (name, element, ...more) =>
    before(name, element, ...more) !== false && !(name === "checked" && element.matches("[data-pick], [data-pick-all]"));
  on("change", (event) => {
    if (event.target.matches("[data-pick-all]")) for (const each of picks()) each.checked = event.target.checked;
  });
  on("htmx:afterSwap", (event) => {
    if (!event.target.querySelector("[data-done]")) return;
    for (const each of document.querySelectorAll("[data-pick], [data-pick-all]")) each.checked = false;
  });

  // A row opens by a click anywhere on it, unless text is being selected or another control was meant.
  on("click", (event) => {
    const row = event.target.closest("[data-rows] tr");
    if (!row || event.target.closest("a, button, input, label") || !getSelection().isCollapsed) return;
    const link = row.querySelector("a.open");
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener"); else link?.click();
  });

  // Dialogs and menus
  function opens(name) {
    const dialog = document.getElementById(name);
    dialog.dispatchEvent(new CustomEvent("officina:opens", { bubbles: true }));
    dialog.showModal();
  }
  on("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) opens(opener.dataset.opens);
    if (event.target.closest("[data-closes]") || event.target.matches("dialog")) event.target.closest("dialog").close();
    for (const menu of document.querySelectorAll("[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // "12 min ago" stays true
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  function ago(time) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000, distance = Math.abs(seconds);
    if (distance < 10) return "now";
    const [unit, size] = UNITS.find(([, least]) => distance >= least);
    const text = `${Math.floor(distance / size)} ${unit}`;
    return seconds >= 0 ? `${text} ago` : `in ${text}`;
  }
  setInterval(() => document.querySelectorAll("[data-ago]").forEach((part) => {
    const text = ago(part.closest("time"));
    if (part.textContent !== text) part.textContent = text;
  }), 10000);

  // Fields of a filter that say nothing stay out of the address
  on("htmx:configRequest", (event) => {
    if (!event.target.matches("[data-tidy]")) return;
    const given = event.detail.parameters;
    for (const name of Object.keys(given)) if (given[name] === "") delete given[name];
  });

  // A field of a message, lit in the tree and in the bytes at once
  const find = (attribute, value) => document.querySelectorAll(`[${attribute}="${CSS.escape(value)}"]`);
  function light(path, from) {
    document.querySelectorAll(".lit").forEach((part) => part.classList.remove("lit"));
    const place = [...find("data-path", path), ...find("data-field", path)].find((part) => part.closest(".tree"));
    const bytes = [...find("data-field", place?.dataset.field ?? path)].filter((part) => part.closest(".bytes"));
    for (const part of [place?.matches(".segment") ? place.querySelector("summary") : place, ...bytes]) {
      if (!part) continue;
      part.closest("details")?.setAttribute("open", "");
      part.classList.add("lit");
      if (!part.parentElement.contains(from)) part.scrollIntoView({ block: "nearest" });
    }
  }
  on("click", (event) => {
    const to = event.target.closest("[data-to]"), part = event.target.closest(".element, .bytes [data-field]");
    if (to) { event.preventDefault(); light(to.dataset.to, to); }
    if (part && getSelection().isCollapsed) light(part.dataset.path || part.dataset.field, part);
  });

  // Saying something in passing
  function say(text) {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.textContent = text;
    document.getElementById("said").replaceChildren(toast);
    setTimeout(() => toast.remove(), 6000);
  }
  on("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    say("Copied.");
  });

  on("said", (event) => say(event.detail.value));

  // What was asked for is under way until the answer draws it anew.
  on("submit", (event) => {
    const place = event.target.querySelector("[data-under-way]");
    if (place) place.textContent = event.submitter?.dataset.says ?? "";
  });

  // A list that is asked for is dimmed; one that could not be had says so in its place, with the way to try again.
  const list = (event) => event.detail.target?.closest("[data-list]");
  // What draws itself anew is not: nobody asked.
  on("htmx:beforeRequest", (event) => { if (event.detail.elt !== event.detail.target) list(event)?.setAttribute("aria-busy", "true"); });
  on("htmx:afterRequest", (event) => list(event)?.removeAttribute("aria-busy"));
  function failed(event, why) {
    const told = document.querySelector("template[data-failed]"), place = list(event);
    if (!place || !told) return say(why);
    place.replaceChildren(told.content.cloneNode(true));
    place.querySelector("[data-why]").textContent = why;
  }
  on("htmx:responseError", (event) => failed(event, `The hub refused this (${event.detail.xhr.status}).`));
  on("htmx:sendError", (event) => failed(event, "The hub does not answer."));
  on("htmx:timeout", (event) => failed(event, "The hub did not answer within ten seconds."));
})();
