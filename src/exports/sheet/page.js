"use strict";
// The data are described in src/exports/sheet.cc. Names come from files: they reach the page as text only.
const data = JSON.parse(document.getElementById("data").textContent);
const { pictures, classes } = data;
const NOTHING = -1; // the filter for pictures without a thing
const GAP = 12;
const SVG = "http://www.w3.org/2000/svg";

const at = (id) => document.getElementById(id);
const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const shape = (tag, attributes) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const state = { query: "", confidence: data.confidence, chosen: new Set(), sort: "order", size: 220, shapes: true };
let shown = []; // of `pictures`, in their order on the page
let opened = -1; // index in `shown`
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const folded = pictures.map((picture) => picture.f.toLocaleLowerCase());

// The things of a picture that the slider and the classes leave.
const strong = (picture) => picture.d.filter((thing) => thing[1] >= state.confidence - 1e-6);
function things(picture) {
  const all = strong(picture);
  const some = [...state.chosen].some((label) => label !== NOTHING);
  return some ? all.filter((thing) => state.chosen.has(thing[0])) : all;
}

function tally(list) {
  const counts = new Map();
  for (const thing of list) counts.set(thing[0], (counts.get(thing[0]) ?? 0) + 1);
  return counts;
}

function summary(list) {
  if (list.length === 0) return "nothing found";
  const parts = [...tally(list)].sort((a, b) => b[1] - a[1]).map(([label, n]) => `${classes[label].n} ${n}`);
  return parts.join(" · ");
}

// Which pictures, in which order; a class's count is of the pictures that the search leaves.
function choose() {
  const words = state.query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const counts = new Map();
  let kept = [];
  pictures.forEach((picture, index) => {
    if (!words.every((word) => folded[index].includes(word))) return;
    const all = strong(picture);
    for (const label of all.length ? tally(all).keys() : [NOTHING]) counts.set(label, (counts.get(label) ?? 0) + 1);
    const fits = state.chosen.size === 0 || (all.length === 0 ? state.chosen.has(NOTHING) : all.some((thing) => state.chosen.has(thing[0])));
    if (fits) kept.push({ picture, index, list: things(picture) });
  });
  const best = (entry) => entry.list.reduce((most, thing) => Math.max(most, thing[1]), 0);
  const by = (key, sign) => (a, b) => sign * ((a.picture[key] ?? Infinity * sign) - (b.picture[key] ?? Infinity * sign)) || a.index - b.index;
  const orders = {
    name: (a, b) => collator.compare(a.picture.f, b.picture.f),
    most: (a, b) => b.list.length - a.list.length || a.index - b.index,
    fewest: (a, b) => a.list.length - b.list.length || a.index - b.index,
    best: (a, b) => best(b) - best(a) || a.index - b.index,
    sharp: by("s", -1), blurred: by("s", 1), bright: by("b", -1), dark: by("b", 1),
  };
  if (orders[state.sort]) kept = kept.sort(orders[state.sort]);
  shown = kept;
  return counts;
}

function showClasses(counts) {
  const order = classes.map((_, label) => label).filter((label) => counts.has(label) || state.chosen.has(label));
  order.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || a - b);
  if (counts.has(NOTHING) || state.chosen.has(NOTHING)) order.push(NOTHING);
  const held = document.activeElement?.dataset?.label;
  at("classes").replaceChildren(...order.map((label) => {
    const n = counts.get(label) ?? 0;
    const button = element("button", { type: "button", title: `in ${count(n, "picture")}` });
    button.dataset.label = label;
    button.setAttribute("aria-pressed", state.chosen.has(label));
    button.classList.toggle("none", n === 0);
    if (label !== NOTHING) {
      const mark = element("i");
      mark.style.background = classes[label].c;
      button.append(mark);
    }
    button.append(label === NOTHING ? "nothing found" : classes[label].n, element("span", { textContent: n.toLocaleString("en") }));
    return button;
  }));
  if (held !== undefined) at("classes").querySelector(`[data-label="${held}"]`)?.focus();
}

// The outline of a thing: its polygons, or its box; a line that contrasts keeps the coloured one visible.
function outline(thing, into) {
  const [label, , left, top, right, bottom, polygons, points] = thing;
  const { c: colour, k: contrast } = classes[label];
  if (polygons?.length) {
    const path = polygons.map((line) => "M" + line.join(" ") + "Z").join("");
    into.append(shape("path", { class: "area", d: path, fill: colour, stroke: colour, "fill-rule": "evenodd" }));
  } else {
    const box = { x: left, y: top, width: right - left, height: bottom - top };
    into.append(shape("rect", { class: "halo", stroke: contrast, ...box }), shape("rect", { class: "edge", stroke: colour, ...box }));
  }
  for (let i = 0; points && i < points.length; i += 2) {
    into.append(shape("path", { d: `M${points[i]} ${points[i + 1]}h0`, stroke: colour, "stroke-width": 5, "stroke-linecap": "round" }));
  }
}

function drawing(picture, list) {
  const svg = shape("svg", { viewBox: `0 0 ${picture.w} ${picture.h}`, preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" });
  for (let i = list.length - 1; i >= 0; i--) outline(list[i], svg);
  return svg;
}

const lastPart = (path) => path.slice(path.lastIndexOf("/") + 1);

function card(entry, place) {
  const { picture, list } = entry;
  const words = summary(list);
  const shot = element("span", { className: "shot" }, element("img", { src: picture.t, alt: `${picture.f}: ${words}`, decoding: "async" }));
  if (state.shapes) shot.append(drawing(picture, list));
  const made = element("button", { className: "card", type: "button", title: picture.f }, shot,
    element("b", { textContent: lastPart(picture.f) }), element("small", { textContent: words }));
  made.dataset.place = place;
  return made;
}

// Only the rows near the window are in the page.
const grid = at("grid");
const cards = new Map(); // place in `shown` -> element
let layout = { columns: 1, width: 0, height: 0 };

function measure() {
  const room = grid.clientWidth;
  const columns = Math.max(1, Math.floor((room + GAP) / (state.size + GAP)));
  const width = (room - GAP * (columns - 1)) / columns;
  layout = { columns, width, height: Math.round(width * 0.78) + 42 };
  grid.style.height = `${Math.max(0, Math.ceil(shown.length / columns) * (layout.height + GAP) - GAP)}px`;
}

function put(place) {
  if (cards.has(place)) return;
  const made = card(shown[place], place);
  const row = Math.floor(place / layout.columns), column = place % layout.columns;
  made.style.cssText = `left:${column * (layout.width + GAP)}px;top:${row * (layout.height + GAP)}px;width:${layout.width}px;height:${layout.height}px`;
  cards.set(place, made);
  const later = [...cards.keys()].filter((other) => other > place);
  grid.insertBefore(made, later.length ? cards.get(Math.min(...later)) : null); // the order of the keyboard
}

function fill(everything = false) {
  const top = -grid.getBoundingClientRect().top, screen = window.innerHeight, step = layout.height + GAP;
  const first = everything ? 0 : Math.max(0, Math.floor((top - screen) / step) * layout.columns);
  const last = everything ? shown.length : Math.min(shown.length, Math.ceil((top + 2 * screen) / step) * layout.columns);
  for (const [place, made] of cards) {
    if ((place >= first && place < last) || made === document.activeElement) continue;
    made.remove();
    cards.delete(place);
  }
  for (let place = first; place < last; place++) put(place);
}

function refresh() {
  showClasses(choose());
  const total = shown.reduce((sum, entry) => sum + entry.list.length, 0);
  const of = shown.length === pictures.length ? count(pictures.length, "picture") : `${shown.length.toLocaleString("en")} of ${count(pictures.length, "picture")}`;
  at("status").textContent = `${of}, ${count(total, "thing")} with a confidence of ${state.confidence.toFixed(2)} or more`;
  at("confidence-value").textContent = state.confidence.toFixed(2);
  rebuild();
}

function rebuild() {
  cards.clear();
  grid.replaceChildren();
  measure();
  if (shown.length === 0) grid.append(element("p", { className: "empty", textContent: pictures.length ? "No picture fits." : "No picture was looked at." }));
  fill();
}

let waiting = false;
function soon(work) {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; work(); });
}

// The large view.
const viewer = at("viewer"), large = at("large");

function open(place) {
  if (place < 0 || place >= shown.length) return;
  opened = place;
  const { picture, list } = shown[place];
  const name = picture.u ? element("a", { href: picture.u, textContent: picture.f, target: "_blank", rel: "noopener" }) : picture.f;
  at("viewer-name").replaceChildren(name);
  const facts = [`${picture.w} × ${picture.h}`, `${place + 1} of ${shown.length}`];
  if (picture.s !== undefined) facts.push(`sharpness ${picture.s}`);
  if (picture.b !== undefined) facts.push(`brightness ${picture.b}`);
  const told = (more) => { at("viewer-facts").textContent = facts.concat(more).join(" · "); };
  told([]);
  at("viewer-things").replaceChildren(...(list.length ? list : [null]).map((thing) => {
    if (!thing) return element("li", { textContent: "nothing found" });
    const mark = element("i");
    mark.style.background = classes[thing[0]].c;
    const line = element("li", {}, mark, classes[thing[0]].n, element("span", { textContent: thing[1].toFixed(2) }));
    line.addEventListener("mouseenter", () => drawLarge([thing]));
    line.addEventListener("mouseleave", () => drawLarge(list));
    return line;
  }));
  at("before").disabled = place === 0;
  at("next").disabled = place === shown.length - 1;
  large.alt = `${picture.f}: ${summary(list)}`;
  large.onerror = () => { large.onerror = null; large.src = picture.t; told(["the picture itself is not beside this page"]); };
  large.src = picture.u || picture.t;
  large.parentElement.style.background = `url("${picture.t}") 0 0 / 100% 100%`;
  if (!viewer.open) viewer.showModal();
  fit();
}

function fit() {
  if (!viewer.open) return;
  const { picture, list } = shown[opened];
  const stage = viewer.querySelector(".stage"), frame = viewer.querySelector(".frame");
  const room = 32, scale = Math.min((stage.clientWidth - room) / picture.w, (stage.clientHeight - room) / picture.h);
  frame.style.width = `${Math.max(1, picture.w * scale)}px`;
  frame.style.height = `${Math.max(1, picture.h * scale)}px`;
  frame.dataset.scale = scale;
  drawLarge(list);
}

function drawLarge(list) {
  const { picture } = shown[opened];
  const svg = at("large-shapes"), unit = 1 / Number(viewer.querySelector(".frame").dataset.scale || 1);
  svg.setAttribute("viewBox", `0 0 ${picture.w} ${picture.h}`);
  svg.replaceChildren();
  if (!state.shapes) return;
  for (let i = list.length - 1; i >= 0; i--) outline(list[i], svg);
  for (let i = list.length - 1; i >= 0; i--) nameTag(list[i], svg, unit);
}

function nameTag(thing, svg, unit) {
  const { n, c, k } = classes[thing[0]];
  const text = shape("text", { x: thing[2] + 5 * unit, y: Math.max(thing[3] - 5 * unit, 14 * unit), "font-size": 13 * unit, fill: k });
  text.textContent = `${n} ${thing[1].toFixed(2)}`;
  svg.append(text);
  const over = text.getBBox().x + text.getBBox().width + 5 * unit - shown[opened].picture.w;
  if (over > 0) text.setAttribute("x", Math.max(5 * unit, thing[2] + 5 * unit - over)); // inside the picture
  const { x, y, width, height } = text.getBBox();
  svg.insertBefore(shape("rect", { x: x - 5 * unit, y: y - unit, width: width + 10 * unit, height: height + 2 * unit, fill: c }), text);
}

// What people do.
at("search").addEventListener("input", (event) => { state.query = event.target.value; soon(refresh); });
at("confidence").addEventListener("input", (event) => { state.confidence = Number(event.target.value); soon(refresh); });
at("sort").addEventListener("change", (event) => { state.sort = event.target.value; refresh(); });
at("size").addEventListener("input", (event) => { state.size = Number(event.target.value); soon(rebuild); });
at("shapes").addEventListener("change", (event) => setShapes(event.target.checked));
at("classes").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const label = Number(button.dataset.label);
  if (!state.chosen.delete(label)) state.chosen.add(label);
  refresh();
});
grid.addEventListener("click", (event) => {
  const made = event.target.closest(".card");
  if (made) open(Number(made.dataset.place));
});
grid.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -layout.columns, ArrowDown: layout.columns };
  const made = event.target.closest(".card");
  if (!made || !(event.key in steps)) return;
  event.preventDefault();
  focusCard(Number(made.dataset.place) + steps[event.key]);
});
viewer.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight" || event.key === "ArrowDown") open(opened + 1);
  else if (event.key === "ArrowLeft" || event.key === "ArrowUp") open(opened - 1);
  else if (event.key === "s" || event.key === "S") setShapes(!state.shapes);
  else return;
  event.preventDefault();
});
viewer.addEventListener("close", () => focusCard(opened));
at("close").addEventListener("click", () => viewer.close());
at("before").addEventListener("click", () => open(opened - 1));
at("next").addEventListener("click", () => open(opened + 1));
addEventListener("scroll", () => soon(fill), { passive: true });
addEventListener("resize", () => soon(() => { rebuild(); fit(); }));
addEventListener("beforeprint", () => fill(true));
addEventListener("afterprint", () => fill());

function setShapes(on) {
  state.shapes = at("shapes").checked = on;
  rebuild();
  if (viewer.open) drawLarge(shown[opened].list);
}

function focusCard(place) {
  if (place < 0 || place >= shown.length) return;
  put(place);
  cards.get(place).focus({ preventScroll: true });
  cards.get(place).scrollIntoView({ block: "nearest" });
}

for (const key of ["s", "b"]) {
  if (pictures.some((picture) => picture[key] !== undefined)) continue;
  for (const option of at("sort").querySelectorAll(`[data-needs="${key}"]`)) option.remove();
}
state.size = Math.max(120, Math.min(state.size, Math.floor((grid.clientWidth - GAP) / 2))); // two columns on a phone
at("size").value = state.size;
at("confidence").value = state.confidence;
at("title").textContent = count(pictures.length, "picture");
document.title = `Contact sheet: ${count(pictures.length, "picture")}`;
refresh();
