"use strict";
// The data: [{name, result, before: [w, h], after: [w, h], whole: [before, after], detail: [before, after], part: [x, y, w, h]}],
// pictures as data: addresses. Names come from files: they reach the page as text only.
const pairs = JSON.parse(document.getElementById("data").textContent);

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const pixels = (size) => `${size[0].toLocaleString("en")} × ${size[1].toLocaleString("en")}`;

// A frame keeps its place on the page before its pictures are there.
function show(frame, pair, view) {
  const [width, height] = view === "detail" ? pair.part.slice(2) : pair.after;
  frame.style.aspectRatio = `${width} / ${height}`;
  frame.style.width = `min(100%, ${(86 * width) / height}vh, ${Math.max(width, 480)}px)`;
  frame.dataset.view = view;
  if (frame.dataset.near) load(frame, pair);
}

function load(frame, pair) {
  const [old, result] = pair[frame.dataset.view];
  frame.querySelector(".old").src = old;
  frame.querySelector(".new").src = result;
}

function slide(frame, part) {
  const at = Math.min(1, Math.max(0, part));
  frame.style.setProperty("--at", `${100 * at}%`);
  frame.querySelector("input").value = Math.round(100 * at);
}

function listen(frame) {
  const slider = frame.querySelector("input");
  const follow = (event) => {
    const box = frame.getBoundingClientRect();
    slide(frame, (event.clientX - box.left) / box.width);
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    frame.setPointerCapture(event.pointerId);
    slider.focus({ preventScroll: true });
    follow(event);
    event.preventDefault();
  });
  frame.addEventListener("pointermove", (event) => {
    if (frame.hasPointerCapture(event.pointerId)) follow(event);
  });
  slider.addEventListener("input", () => slide(frame, slider.value / 100));
}

function views(frame, pair) {
  if (!pair.detail) return [];
  const buttons = [["whole", "Whole"], ["detail", "Detail, 1:1"]].map(([view, text]) => {
    const button = element("button", { type: "button", textContent: text });
    button.addEventListener("click", () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", other === button));
      show(frame, pair, view);
    });
    return button;
  });
  buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === 0));
  return buttons;
}

function figure(pair) {
  const frame = element("div", { className: "frame" },
    element("img", { className: "new", alt: `${pair.name} after`, draggable: false }),
    element("img", { className: "old", alt: `${pair.name} before`, draggable: false }),
    element("i"), element("em", { textContent: "before" }), element("em", { textContent: "after" }),
    element("input", { type: "range", min: 0, max: 100, ariaLabel: "How much of the picture before" }));
  const caption = element("figcaption", {}, element("b", { textContent: pair.name, title: pair.result }),
    element("span", { textContent: `${pixels(pair.before)} → ${pixels(pair.after)}` }), ...views(frame, pair));
  slide(frame, 0.5);
  show(frame, pair, "whole");
  listen(frame);
  return [element("figure", {}, caption, frame), frame];
}

const near = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    target.dataset.near = "yes";
    load(target, near.get(target));
  }
}, { rootMargin: "1200px" });
for (const pair of pairs) {
  const [whole, frame] = figure(pair);
  near.set(frame, pair);
  document.getElementById("pictures").append(whole);
  watcher.observe(frame);
}
