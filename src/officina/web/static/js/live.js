// Live signals. The stream names what changed; elements that wait for "changed:NAME" fetch their own piece.
// Only a visible page holds a connection: browsers allow six per site, and people keep many tabs.
"use strict";
(() => {
  const address = document.body.dataset.live;
  const NEWS = ["messages", "orders"], DRAWN = ["connectors", "deliveries", "alerts"]; // announced; drawn anew
  const AGAIN = 5000; // milliseconds until a stream that the browser has given up is asked for once more
  let source = null, interrupted = false, lost = false;

  function show() {
    const live = source?.readyState === EventSource.OPEN;
    for (const pulse of document.querySelectorAll("[data-pulse]")) {
      pulse.className = `pulse s-${live ? "done" : lost ? "attention" : "inactive"}`;
      pulse.textContent = live ? "Live" : lost ? "Reconnecting" : "Connecting";
    }
  }

  // At most once a second for each topic; what came in between is told at its end, so the last change is never missed.
  const resting = new Map();
  function tell(topic) {
    if (resting.has(topic)) { resting.set(topic, true); return; }
    resting.set(topic, false);
    htmx.trigger(document.body, `changed:${topic}`);
    setTimeout(() => {
      const again = resting.get(topic);
      resting.delete(topic);
      if (again) tell(topic);
    }, 1000);
  }

  function open() {
    if (source || document.hidden) return;
    source = new EventSource(address);
    source.onmessage = (event) => tell(event.data);
    source.onopen = () => {
      lost = false;
      show();
      // Whatever was missed: since the stream ended, or since this page was drawn.
      (interrupted ? [...NEWS, ...DRAWN] : DRAWN).forEach(tell);
      interrupted = false;
    };
    source.onerror = () => {
      interrupted = lost = true;
      show();
      if (source?.readyState === EventSource.CLOSED) { source = null; setTimeout(open, AGAIN); }
    };
  }

  function close() {
    source?.close();
    source = null;
    interrupted = true;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  document.addEventListener("htmx:afterSettle", show);

  // What a person opened or closed stays so when the page draws itself anew.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !(name === "open" && element.matches("details, dialog"));

  // Following: news flow in by themselves, but never while the list is in use: under the pointer or the focus, or scrolled.
  const following = () => localStorage.getItem("follow") === "yes";
  const inUse = () => scrollY > 0 || document.querySelector("[data-rows]:is(:hover, :focus-within)") !== null;
  const mark = () => document.querySelectorAll("[data-follow]").forEach((button) => button.setAttribute("aria-pressed", String(following())));
  const follow = () => following() && !inUse() && document.querySelector("[data-news]")?.click();

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-follow]")) return;
    localStorage.setItem("follow", following() ? "no" : "yes");
    mark();
    follow();
  });
  document.addEventListener("htmx:afterSettle", (event) => { mark(); if (event.target.closest("#news")) follow(); });
  document.addEventListener("pointerout", (event) => { if (event.target.closest?.("[data-rows]")) follow(); });
  document.addEventListener("scroll", () => { if (scrollY === 0) follow(); }, { passive: true });
  mark();

  // Rows that are new, or changed, when a person takes the news are lit for a moment; those of another filter are not.
  let known = new Set();
  const rows = () => [...document.querySelectorAll("[data-rows] tr[id]")];
  const named = (row) => `${row.id} ${row.dataset.version}`;
  const asked = (event) => event.detail.requestConfig?.elt.matches("[data-news]");
  document.addEventListener("htmx:beforeSwap", (event) => { if (asked(event)) known = new Set(rows().map(named)); });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.closest("[data-list]")) document.getElementById("news")?.replaceChildren();
    for (const row of rows()) row.classList.toggle("fresh", known.size > 0 && !known.has(named(row)));
    known = new Set();
  });
})();
