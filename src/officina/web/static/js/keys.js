// The keyboard. Keys are declared where they act, as data-key on a link, button or field, so a page's help lists itself.
"use strict";
(() => {
  const PAUSE = 900; // milliseconds in which "g" waits for its second key
  const MOVING = [["j", "Next row"], ["k", "Previous row"], ["Enter", "Open the row"], ["Esc", "Close, or leave a field"]];
  const TICKING = [["x", "Tick the row"]];
  const SCAN = 40, SHORTEST = 3; // a scanner's keys come within 40 milliseconds of each other, a person's do not
  let held = "", heldAt = 0, quick = "", quickAt = 0, timer = 0;

  const visible = (element) => element.getClientRects().length > 0;
  const typing = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const bound = () => [...document.querySelectorAll("[data-key]")].filter(visible);
  // What j and k (and the arrows, in a menu) walk: an open menu's entries, else the rows of the lists.
  const MENU = "[data-menu][open] .sheet :is(a, button)", ROWS = "[data-rows] a.open";
  const rows = () => [...document.querySelectorAll(document.querySelector(MENU) ? MENU : ROWS)].filter(visible);

  function move(step) {
    const links = rows();
    if (!links.length) return false;
    const now = links.indexOf(document.activeElement);
    const next = links[Math.min(Math.max(now < 0 ? (step > 0 ? 0 : links.length - 1) : now + step, 0), links.length - 1)];
    next.focus({ preventScroll: true });
    (next.closest("tr") ?? next).scrollIntoView({ block: "nearest" });
    return true;
  }

  // The box of the row one is in.
  const tick = () => document.activeElement?.closest("[data-rows] tr")?.querySelector("[data-pick]");

  function act(element) {
    if (typing(element) || element.matches("summary")) element.focus();
    if (element.matches("textarea")) return true; // what one key selected, the next would replace
    if (typing(element)) element.select?.(); else element.click();
    return true;
  }

  // What a key does here, as a function; nothing if it means nothing.
  function meaning(stroke) {
    const sequence = performance.now() - heldAt < PAUSE ? `${held} ${stroke}` : stroke;
    const all = bound();
    const target = all.find((element) => element.dataset.key === sequence) ?? all.find((element) => element.dataset.key === stroke);
    if (target) return () => act(target);
    if (all.some((element) => element.dataset.key.startsWith(`${stroke} `))) return () => { held = stroke; heldAt = performance.now(); return true; };
    if (stroke === "x" && tick()) return () => { tick().click(); return true; };
    if (stroke === "j" || stroke === "k") return () => move(stroke === "j" ? 1 : -1);
    if (document.querySelector(MENU) && (stroke === "ArrowDown" || stroke === "ArrowUp")) return () => move(stroke === "ArrowDown" ? 1 : -1);
    return undefined;
  }

  function pressed(stroke) {
    const does = meaning(stroke);
    held = ""; // a sequence is two keys at most
    return does?.() ?? false;
  }

  // The keys held back: what a scanner typed is looked for, what a person typed are keys. Tells whether it was a scanner.
  function settle() {
    const typed = quick, field = document.querySelector(".find [name=number]");
    quick = "";
    clearTimeout(timer);
    if (typed.length < SHORTEST || !field) { for (const stroke of typed) pressed(stroke); return false; }
    field.value = typed;
    field.form.requestSubmit();
    return true;
  }

  // A printing key waits a moment, for it may be the first of a scanner's.
  function hold(event) {
    if (event.timeStamp - quickAt > SCAN) settle();
    if (quick || meaning(event.key)) event.preventDefault();
    quick += event.key;
    quickAt = event.timeStamp;
    clearTimeout(timer);
    timer = setTimeout(settle, SCAN);
  }

  // Any other key ends what was held; Enter then opens what a key before it has moved to.
  function end(event) {
    const waited = quick !== "";
    if (settle()) event.preventDefault();
    else if (event.key === "Enter" && waited) { event.preventDefault(); document.activeElement?.click(); }
    else if (pressed(event.key)) event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    const focus = document.activeElement ?? document.body;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("[data-menu][open]")) { menu.open = false; menu.querySelector("summary").focus(); }
      if (typing(focus)) focus.blur();
      return;
    }
    if (typing(focus) || document.querySelector("dialog[open]")) return;
    if (event.key === "Shift" || event.key === "CapsLock") return;
    // Looking for something begins at once, so that what is typed next is not lost; no code begins with a slash.
    if (event.key.length === 1 && !event.repeat && (quick || event.key !== "/")) hold(event); else end(event);
  });

  function line(stroke, does) {
    const keys = document.createElement("span");
    stroke.split(" ").forEach((key, index) => {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      keys.append(index ? " " : "", cap);
    });
    const words = document.createElement("span");
    words.textContent = does;
    return [keys, words];
  }

  document.addEventListener("officina:opens", (event) => {
    const list = event.target.querySelector("[data-key-list]");
    if (!list) return;
    const told = [...bound(), ...document.querySelectorAll("[data-later]")];
    const keys = (here) => {
      const found = new Map();
      for (const { dataset } of told.filter(here)) if (!found.has(dataset.key ?? dataset.later)) found.set(dataset.key ?? dataset.later, dataset.does);
      return [...found];
    };
    const inMain = (element) => element.closest("main") !== null;
    const groups = [["This page", keys(inMain)], ["Moving", rows().length ? [...MOVING, ...(document.querySelector("[data-pick]") ? TICKING : [])] : MOVING.slice(-1)], ["Everywhere", keys((element) => !inMain(element))]];
    list.replaceChildren(...groups.filter(([, lines]) => lines.length).flatMap(([title, lines]) => {
      const head = document.createElement("h3");
      head.textContent = title;
      return [head, ...lines.flatMap(([stroke, does]) => line(stroke, does))];
    }));
  });
})();
