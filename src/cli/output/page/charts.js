// Charts of report pages, drawn with Chart.js. A page's own script makes figures by these functions and calls show().
const pixmillCharts = (() => {
  "use strict";
  const LINES_HEIGHT = 280;
  const place = document.getElementById("charts");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const series = (index) => colour(["accent", "s1", "s4", "s5", "s6", "s2", "s0"][index % 7]);
  const three = (value) => value.toLocaleString("en", { maximumSignificantDigits: 3 });

  function axis(title, more = {}) {
    return {
      beginAtZero: true,
      title: { display: title !== "", text: title, color: colour("soft") },
      ticks: { color: colour("soft") },
      grid: { color: colour("grid") },
      border: { display: false },
      ...more,
    };
  }

  function figure(title, words, height, config) {
    const frame = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const small = document.createElement("small");
    const plot = document.createElement("div");
    const canvas = document.createElement("canvas");
    caption.textContent = title;
    small.textContent = words;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${title}. ${words}`);
    plot.className = "plot";
    plot.style.height = `${height}px`;
    caption.append(small);
    plot.append(canvas);
    frame.append(caption, plot);
    place.append(frame);
    return new Chart(canvas, config);
  }

  function bars(datasets, labels, unit, { stacked = false, plugins = [] } = {}) {
    const perRow = stacked ? 1 : datasets.length;
    return {
      type: "bar",
      data: { labels, datasets: datasets.map((set) => ({ maxBarThickness: 22, borderRadius: stacked ? 0 : 2, ...set })) },
      plugins,
      options: {
        indexAxis: "y",
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "y", intersect: false },
        scales: {
          x: axis(unit, { stacked, grace: "3%" }),
          y: axis("", { stacked, grid: { display: false }, ticks: { color: colour("text"), autoSkip: false } }),
        },
        plugins: {
          legend: { display: datasets.length > 1, position: "bottom", labels: legend() },
          tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${three(item.parsed.x)} ${unit}` } },
        },
      },
      height: 78 + labels.length * (16 + 24 * perRow),
    };
  }

  const legend = () => ({ color: colour("text"), boxWidth: 12, boxHeight: 12, padding: 14 });

  // A histogram: a column for each label.
  function columns(title, words, labels, values, below, unit) {
    return figure(title, words, LINES_HEIGHT, {
      type: "bar",
      data: {
        labels,
        datasets: [{ data: values, backgroundColor: colour("accent"), categoryPercentage: 1, barPercentage: 0.92, borderRadius: 2 }],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: axis(below, { grid: { display: false } }),
          y: axis(unit, { ticks: { color: colour("soft"), precision: 0 } }),
        },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: (item) => ` ${item.parsed.y.toLocaleString("en")} ${unit}` } },
        },
      },
    });
  }

  // Calls the functions, each of which makes a figure; again where the colours change.
  function show(figures) {
    if (typeof Chart === "undefined" || figures.length === 0) return;
    let drawn = [];
    const draw = () => {
      drawn.forEach((chart) => chart.destroy());
      place.replaceChildren();
      place.hidden = false;
      document.getElementById("no-charts").hidden = true;
      Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
      drawn = figures.map((make) => make());
    };
    draw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    // Paper is white, whatever the screen is.
    for (const [event, paper] of [["beforeprint", true], ["afterprint", false]]) {
      addEventListener(event, () => {
        document.documentElement.classList.toggle("paper", paper);
        draw();
      });
    }
  }

  return { axis, bars, colour, columns, figure, legend, series, show, three, LINES_HEIGHT };
})();
