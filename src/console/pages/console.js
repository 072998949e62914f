// SPDX-License-Identifier: AGPL-3.0-or-later
// What scripts add to pages that work without them.
"use strict";

// An error summary is where the eye and the reader should be.
document.getElementById("summary")?.focus();

// Hide screen: Shift three times within a second and a half, and nothing else between.
let shifts = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") { shifts = []; return; }
  if (event.repeat) return;
  shifts = shifts.filter((at) => event.timeStamp - at < 1500).concat(event.timeStamp);
  if (shifts.length < 3) return;
  const form = document.getElementById("hide");
  document.documentElement.replaceChildren();
  if (form) { document.documentElement.append(form); form.submit(); } else location.replace("/hidden");
});

// The back button after signing out shows nothing: a page kept by the browser is asked for anew.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// The phone: keys fill the line, and what it answers comes without a new page.
function phone() {
  const form = document.getElementById("handset");
  if (!form) return;
  const typed = form.elements.typed;
  form.querySelectorAll(".lcd-text, .talk").forEach((e) => { e.scrollTop = e.classList.contains("thread") ? e.scrollHeight : 0; });
  document.querySelectorAll(".talk").forEach((e) => { e.scrollTop = e.scrollHeight; });
  form.addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (!key) return;
    if (key.name === "key") {
      typed.value += key.value;
      event.preventDefault();
    } else if (key.value === "clear") {
      typed.value = Array.from(typed.value).slice(0, -1).join("");
      event.preventDefault();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    if (!event.submitter?.name) body.set("do", "send");
    const focus = document.activeElement?.value;
    try {
      const answer = await fetch("/phone", { method: "POST", body });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["handset", "meter"]) document.getElementById(id).replaceWith(page.getElementById(id));
      phone();
      const again = [...document.querySelectorAll("#handset button")].find((b) => focus && b.value === focus);
      (again || document.getElementById("typed")).focus();
    } catch {
      location.assign("/phone");
    }
  });
}
phone();
