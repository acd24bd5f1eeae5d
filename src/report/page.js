// What the page does: which classes are shown and coloured, what the pointer is at, tables of numbers, sorting, the theme.
// All text goes in by textContent: names of classes are anybody's.
(() => {
  "use strict";
  const root = document.documentElement;
  addEventListener("error", event => { root.dataset.error = event.message; });
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const byId = id => document.getElementById(id);
  const { classes, charts } = JSON.parse(byId("data").textContent);
  const folded = classes.map(name => name.toLowerCase());
  const COLOURS = 8;
  const DASHED = 16;
  const pinned = [];

  // Texts of numbers.
  const count = number => number === null || number === undefined ? "–" : number.toLocaleString("en");
  const ofSeconds = value => value === null ? "–" : value < 1e-6 ? (value * 1e9).toFixed(0) + " ns"
    : value < 1e-3 ? (value * 1e6).toPrecision(3) + " µs" : value < 1 ? (value * 1e3).toPrecision(3) + " ms"
    : value < 1e4 ? value.toPrecision(3) + " s" : count(Math.round(value)) + " s";
  const way = length => length < 0 ? count(-length) + " B in" : count(length) + " B out";
  const said = {
    bars: value => count(value),
    splits: value => count(value),
    times: value => value === null ? "" : count(value),
    sizes: value => count(value),
    gaps: (value, column) => column ? ofSeconds(value) : count(value),
    entropy: value => value ? value[0].toFixed(2) + " bits" : "",
    openings: value => value ? way(value[3]) : "",
  };
  const told = {
    ...said,
    times: value => value === null ? "" : value === 1 ? "1 packet" : count(value) + " packets",
    entropy: value => value ? said.entropy(value) + ", " + count(value[1]) + " packets" : "no packet is so long",
    openings: value => value && value[0]
      ? "median " + way(value[3]) + "; quartiles " + way(value[2]) + ", " + way(value[4]) + "\n"
        + count(value[1]) + " of " + count(value[0]) + " samples send out here"
      : "no sample is so long",
  };

  // The selection: the first so many classes whose names hold the text, and those that were clicked at.
  const select = () => {
    const text = byId("find").value.trim().toLowerCase();
    const limit = Number(byId("top").value) || Infinity;
    const found = order().filter(number => folded[number].includes(text) && !pinned.includes(number));
    const shown = new Set([...pinned, ...found.slice(0, limit)]);
    const coloured = [...pinned, ...found.slice(0, Math.max(0, COLOURS - pinned.length))].slice(0, DASHED);
    for (const row of all(".row[data-c]")) {
      row.classList.toggle("off", !shown.has(Number(row.dataset.c)));
      row.classList.toggle("pinned", pinned.includes(Number(row.dataset.c)));
    }
    for (const line of all(".plot path[data-c]")) {
      const slot = coloured.indexOf(Number(line.dataset.c));
      line.setAttribute("class", "line " + (slot >= 0 ? colour(slot) : shown.has(Number(line.dataset.c)) ? "" : "off"));
      if (slot >= 0) line.parentNode.append(line);
    }
    for (const legend of all("div.legend")) legend.replaceChildren(...coloured.map(key));
    byId("shown").textContent = shown.size + " of " + byId("shown").dataset.of;
  };
  const colour = slot => "k" + slot % COLOURS + (slot >= COLOURS ? " dash" : "");
  const order = () => {
    const values = charts.labels.values, by = measure();
    return classes.map((_, number) => number).sort((a, b) => values[b][by] - values[a][by] || a - b);
  };
  const measure = () => Number(document.querySelector("[name=measure]:checked")?.value ?? 0);
  // The page has such an element, which knows its own namespace.
  const NS = document.querySelector("svg")?.namespaceURI;
  const key = (number, slot) => {
    const button = element("button", "key " + (pinned.includes(number) ? "pinned" : ""));
    button.type = "button";
    button.dataset.c = number;
    button.title = classes[number];
    const svg = document.createElementNS(NS, "svg"), path = document.createElementNS(NS, "path");
    svg.setAttribute("viewBox", "0 0 26 10");
    path.setAttribute("class", "line " + colour(slot));
    path.setAttribute("d", "M1 5h24");
    svg.append(path);
    button.append(svg, element("bdi", "", classes[number]));
    return button;
  };
  const element = (name, style = "", text = "") => {
    const made = document.createElement(name);
    if (style) made.className = style;
    made.textContent = text;
    return made;
  };
  byId("controls").addEventListener("submit", event => event.preventDefault());
  byId("controls").addEventListener("input", select);
  byId("reset").addEventListener("click", () => {
    pinned.length = 0;
    byId("find").value = "";
    byId("top").value = "20";
    select();
  });
  document.addEventListener("click", event => {
    const at = event.target.closest(".key[data-c], .row[data-c] .name");
    if (!at) return;
    const number = Number(at.closest("[data-c]").dataset.c);
    const place = pinned.indexOf(number);
    if (place >= 0) pinned.splice(place, 1); else pinned.push(number);
    select();
  });

  // The bars of labels: what is counted, and how it is drawn.
  const bars = () => {
    const by = measure(), log = byId("log").checked, grid = document.querySelector(".bars");
    const values = charts.labels.values, most = Math.max(1, ...values.map(value => value[by]));
    // Logarithmic bars have to begin somewhere: at the power of ten below the least, which is said.
    const least = Math.min(most, ...values.map(value => value[by]).filter(value => value > 0));
    const from = 10 ** Math.min(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most)) - 1);
    const part = value => !log ? value / most : value > 0 ? Math.max(0.005, Math.log(value / from) / Math.log(most / from)) : 0;
    byId("from").textContent = log ? "from " + count(from) : "";
    const rows = all(".row", grid);
    for (const row of rows) {
      const value = values[row.dataset.c][by];
      row.querySelector("rect").setAttribute("width", (100 * part(value)).toFixed(2) + "%");
      row.querySelector(".value").textContent = count(value);
    }
    const place = new Map(order().map((number, place) => [number, place]));
    grid.append(...rows.sort((a, b) => place.get(Number(a.dataset.c)) - place.get(Number(b.dataset.c))));
    select();
  };
  for (const input of all("#labels .switch input")) input.addEventListener("change", bars);

  // What the pointer is at.
  const tip = byId("tip");
  const show = (event, text) => {
    tip.textContent = text;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 4)) + "px";
    tip.style.top = (event.clientY + 18 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 18) + "px";
  };
  const cell = (strip, event) => {
    const row = strip.closest("[data-c]"), id = strip.closest("figure")?.dataset.chart, chart = charts[id];
    if (!row || !chart) return "";
    const number = Number(row.dataset.c), values = chart.values[number];
    if (chart.kind === "bars" || chart.kind === "splits") {
      return [classes[number], ...chart.columns.map((name, column) => name + ": " + count(values[column]))].join("\n");
    }
    const box = strip.getBoundingClientRect();
    const column = Math.min(chart.columns.length - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * chart.columns.length)));
    return classes[number] + "\n" + chart.columns[column] + "\n" + told[chart.kind](values[column] ?? null, column);
  };
  const points = new Map();
  const trace = line => {
    if (!points.has(line)) {
      let x = 0, y = 0;
      points.set(line, [...line.getAttribute("d").matchAll(/([Mhvl])(-?\d+)(?: (-?\d+))?/g)].map(([, step, a, b]) => {
        if (step === "M") [x, y] = [+a, +b]; else if (step === "h") x += +a; else if (step === "v") y += +a; else [x, y] = [x + +a, y + +b];
        return [x, y];
      }));
    }
    return points.get(line);
  };
  // How far a point is from a line of level and upright pieces.
  const distance = (line, px, py) => {
    let least = Infinity, before = null;
    for (const [x, y] of trace(line)) {
      if (before) {
        const dx = Math.max(Math.min(x, before[0]) - px, px - Math.max(x, before[0]), 0);
        const dy = Math.max(Math.min(y, before[1]) - py, py - Math.max(y, before[1]), 0);
        least = Math.min(least, Math.hypot(dx, dy));
      }
      before = [x, y];
    }
    return least;
  };
  const NEAR = 12;
  const curve = (plot, event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
    let best = null, least = NEAR;
    for (const line of all("path[data-c]:not(.off)", plot)) {
      const away = distance(line, at.x, at.y) + (/k\d/.test(line.getAttribute("class")) ? 0 : 1);
      line.classList.remove("near");
      if (away < least) [best, least] = [line, away];
    }
    if (!best) return "";
    best.classList.add("near");
    const chart = charts[plot.closest("figure").dataset.chart], { x, y, from, to, log } = chart.axis;
    const along = from + (to - from) * Math.min(1, Math.max(0, (at.x - x[0]) / (x[1] - x[0])));
    const value = log ? 10 ** along : along;
    const part = Math.min(1, Math.max(0, (at.y - y[1]) / (y[0] - y[1])));
    const median = chart.values[best.dataset.c][4];
    const written = chart.kind === "gaps" ? ofSeconds : bytes => count(Math.round(bytes)) + " B";
    return classes[best.dataset.c] + "\nhere: " + (100 * part).toFixed(0) + " % at most " + written(value) + "\nmedian: " + written(median);
  };
  document.addEventListener("pointermove", event => {
    const strip = event.target.closest?.("svg.strip"), plot = event.target.closest?.("svg.plot");
    const text = strip ? cell(strip, event) : plot ? curve(plot, event) : "";
    if (text) show(event, text); else tip.hidden = true;
  });
  addEventListener("scroll", () => { tip.hidden = true; }, true);
  document.addEventListener("pointerleave", () => { tip.hidden = true; });

  // The numbers behind a chart, when they are asked for.
  for (const details of all(".numbers")) details.addEventListener("toggle", () => {
    const id = details.closest("figure").dataset.chart, { kind, columns, values } = charts[id];
    const into = details.querySelector(".scroll");
    if (!details.open || into.firstChild) return;
    const table = element("table"), head = table.createTHead().insertRow(), body = table.createTBody();
    for (const name of ["class", ...columns]) {
      const cell = element("th", name === "class" ? "" : "number");
      cell.scope = "col";
      const button = element("button", "sort", name);
      button.type = "button";
      button.title = name;
      cell.append(button);
      head.append(cell);
    }
    classes.forEach((name, number) => {
      const row = body.insertRow();
      const first = row.insertCell();
      first.textContent = first.title = name;
      columns.forEach((_, column) => {
        const cell = row.insertCell(), value = values[number][column] ?? null;
        cell.className = "number";
        cell.textContent = said[kind](value, column);
        cell.dataset.v = Array.isArray(value) ? (kind === "openings" ? value[3] : value[0]) : value ?? "";
      });
    });
    into.append(table);
  });
  document.addEventListener("click", event => {
    const head = event.target.closest("th");
    if (!head?.querySelector(".sort")) return;
    const table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
    const down = head.getAttribute("aria-sort") !== "descending";
    for (const other of all("th", table)) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = row => row.cells[column].dataset.v, text = row => row.cells[column].textContent;
    const compare = (a, b) => value(a) !== undefined ? Number(value(b)) - Number(value(a)) : text(b).localeCompare(text(a), "en");
    body.append(...[...body.rows].sort((a, b) => down ? compare(a, b) : -compare(a, b)));
  });

  // The theme: the system's, unless one chooses.
  const themes = ["system", "light", "dark"];
  byId("theme").addEventListener("click", event => {
    const next = themes[(themes.indexOf(root.dataset.theme ?? "system") + 1) % themes.length];
    if (next === "system") delete root.dataset.theme; else root.dataset.theme = next;
    event.target.textContent = "Theme: " + next;
  });

  select();
  root.dataset.ready = "yes";
})();
