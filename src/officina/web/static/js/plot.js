// Plots: the bar under the pointer or the focus says what it counts; the arrows walk from bar to bar.
"use strict";
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the bar's own name says it already
  document.body.append(tip);

  function show(bar) {
    tip.textContent = bar.getAttribute("aria-label");
    tip.hidden = false;
    const over = bar.getBoundingClientRect(), middle = over.left + over.width / 2 - tip.offsetWidth / 2;
    tip.style.left = `${Math.max(8, Math.min(middle, innerWidth - tip.offsetWidth - 8)) + scrollX}px`;
    tip.style.top = `${over.bottom + scrollY + 4}px`;
  }
  const hide = () => { tip.hidden = true; };
  const at = (event) => event.target.closest?.("[data-bar]");
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => { const bar = at(event); if (bar) show(bar); else if (name === "pointerover") hide(); });
  }
  document.addEventListener("focusout", hide);

  const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  document.addEventListener("keydown", (event) => {
    const bar = at(event), step = STEPS[event.key];
    if (event.key === "Escape") hide();
    if (!bar || !step) return;
    event.preventDefault();
    const all = [...bar.closest("[data-plot]").querySelectorAll("[data-bar]")];
    const next = all[Math.max(0, Math.min(all.indexOf(bar) + step, all.length - 1))];
    for (const each of all) each.setAttribute("tabindex", each === next ? "0" : "-1");
    next.focus();
  });
})();
