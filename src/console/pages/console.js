// SPDX-License-Identifier: AGPL-3.0-or-later
// What scripts add to pages that work without them.
"use strict";

// An error summary is where the eye and the reader should be.
document.getElementById("summary")?.focus();

// Hide screen: this page is blank before the service answers, and so is each other window of ours.
const windows = window.BroadcastChannel && new BroadcastChannel("hide");
function hide() {
  const form = document.getElementById("hide");
  windows?.postMessage("hide");
  document.documentElement.replaceChildren();
  if (!form) { location.replace("/hidden"); return; }
  form.hidden = true;
  document.documentElement.append(form);
  form.submit();
}
if (windows) windows.onmessage = () => { document.documentElement.replaceChildren(); location.replace("/hidden"); };
document.getElementById("hide")?.addEventListener("submit", (event) => { event.preventDefault(); hide(); });

// By the keyboard: Shift three times within a second and a half, and nothing else between.
let shifts = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") { shifts = []; return; }
  if (event.repeat) return;
  shifts = shifts.filter((at) => event.timeStamp - at < 1500).concat(event.timeStamp);
  if (shifts.length === 3) hide();
});

// The back button after signing out shows nothing: a page kept by the browser is asked for anew.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// Two minutes before somebody who does nothing is signed out, they are asked (WCAG 2.2, 2.2.1); when they are signed out the
// page goes, for nobody may be there to see who reads it. How long is left the service says, since another window may be in
// use. Typing and choosing are doing something, and it is told of them.
function idle() {
  const bar = document.getElementById("idle");
  if (!bar) return;
  const asked = 2 * 60, told = 60;
  let end, timer, before, next = 0;
  const ends = (seconds) => { end = performance.now() + seconds * 1000; };
  function show(left) {
    const late = left <= asked;
    if (late && bar.hidden) {
      before = document.activeElement;
      bar.hidden = false;
      bar.querySelector("button").focus();
    } else if (!late && !bar.hidden) {
      bar.hidden = true;
      before?.focus();
    }
    clearTimeout(timer);
    timer = setTimeout(look, (late ? left + 1 : left - asked) * 1000, "/idle");
  }
  async function look(path) {
    try {
      const answer = await fetch(path, { redirect: "manual" });
      if (answer.type === "opaqueredirect") ends(0); // to the door
      else if (answer.ok) ends(Number(await answer.text()));
    } catch { /* not reached: what was said last still holds */ }
    const left = (end - performance.now()) / 1000;
    if (left > 0) { show(left); return; }
    document.documentElement.replaceChildren();
    location.replace("/sign-in?over=yes");
  }
  document.addEventListener("input", () => {
    if (performance.now() < next) return;
    next = performance.now() + told * 1000;
    look("/stay");
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look("/idle"); });
  bar.querySelector("button").addEventListener("click", () => look("/stay"));
  ends(Number(bar.dataset.left));
  show(Number(bar.dataset.left));
}
idle();

// A second press on a button, while the first is under way, does not send the form twice.
const sent = new WeakMap();
let sending;
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.timeStamp - (sent.get(event.target) ?? -Infinity) < 5000) { event.preventDefault(); return; }
  sent.set(event.target, event.timeStamp);
  sending = event.target;
});

// A page has several forms: words in one are asked about before another, or a link, takes the page away.
addEventListener("beforeunload", (event) => {
  const lost = [...document.querySelectorAll("main textarea:not([readonly])")]
    .some((field) => field.form !== sending && field.value !== field.defaultValue);
  if (lost) event.preventDefault();
});

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

// Whoever writes an answer of their own means that one.
document.getElementById("words")?.addEventListener("input", () => {
  const own = document.getElementById("canned-none");
  if (own) own.checked = true;
});

// News of the list: how many there are is told above it; the list itself stays as it is until somebody asks for the new one.
function live() {
  const bar = document.getElementById("news");
  if (!bar || !window.EventSource) return;
  const address = new URLSearchParams(location.search);
  address.set("since", bar.dataset.change);
  const source = new EventSource("/events?" + address);
  source.addEventListener("news", (event) => {
    bar.hidden = false;
    bar.querySelector("a").textContent = event.data + " new - show";
  });
  // Signed out meanwhile (idle, or in another window): this page goes too.
  source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) location.reload(); });
  addEventListener("pagehide", () => source.close(), { once: true });
}
live();

// While a team's key is replaced the answer takes its time: what the page says of it is asked for anew until it comes.
function rotation() {
  document.querySelectorAll('form[action="/teams/rotate"]').forEach((form) => form.addEventListener("submit", () => {
    const id = "progress-" + form.elements.team.value;
    form.querySelector("button").disabled = true;
    setInterval(async () => {
      const answer = await fetch("/teams");
      const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
      if (now) document.getElementById(id).replaceChildren(...now.childNodes);
    }, 1000);
  }));
}
rotation();

// Single letters, where the list has the focus and they were not switched off.
function letters() {
  const list = document.getElementById("cases");
  if (!list || localStorage.getItem("letters") === "off") return;
  const rows = [...list.querySelectorAll("tbody tr")].filter((row) => row.querySelector("th a"));
  const at = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (index) => rows[Math.max(0, Math.min(rows.length - 1, index))]?.querySelector("th a").focus();
  const act = {
    j: () => go(at() + 1), k: () => go(at() - 1),
    c: () => rows[at()]?.querySelector("form button")?.click(),
    "/": () => document.getElementById("priority").focus(),
    "?": () => { const help = document.getElementById("keys-help"); help.open = !help.open; help.querySelector("summary").focus(); },
  };
  list.closest(".scroll").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !act[event.key]) return;
    event.preventDefault();
    act[event.key]();
  });
}
letters();

// On a case: reply, note, call. As in a list they act where the case has the focus (WCAG 2.2, 2.1.4), not while something is
// typed, and not where they were switched off.
function caseLetters() {
  const help = document.getElementById("case-keys");
  if (!help) return;
  help.hidden = false;
  if (localStorage.getItem("letters") === "off") return;
  const act = {
    r: () => document.getElementById("reply")?.click(), b: () => document.getElementById("callback")?.click(),
    n: () => document.getElementById("text")?.focus(), "?": () => { help.open = !help.open; help.querySelector("summary").focus(); },
  };
  document.getElementById("main").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !act[event.key] || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    act[event.key]();
  });
}
caseLetters();

// The switch for them: kept by this browser, so it is here only with scripts.
function switches() {
  const part = document.getElementById("keys"), box = document.getElementById("letters");
  if (!part) return;
  part.hidden = false;
  box.checked = localStorage.getItem("letters") !== "off";
  box.addEventListener("change", () => localStorage.setItem("letters", box.checked ? "on" : "off"));
}
switches();
