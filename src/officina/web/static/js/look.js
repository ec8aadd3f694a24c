// The person's appearance and time zone: two cookies the server renders by. Not a session, so a script may write them.
"use strict";

function remember(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
}

remember("officina_zone", Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (!choice) return;
  document.documentElement.dataset.theme = choice.dataset.themeChoice;
  remember("officina_theme", choice.dataset.themeChoice);
  for (const each of choice.parentElement.children) each.setAttribute("aria-pressed", String(each === choice));
});
