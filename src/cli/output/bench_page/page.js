// Draws the figures of a bench with Chart.js. Everything comes from the JSON in #data, which docs/bench.md describes.
(() => {
  "use strict";
  const { axis, bars, colour, figure, legend, series, show, three, LINES_HEIGHT } = pixmillCharts;
  const bench = JSON.parse(document.getElementById("data").textContent);
  const ran = bench.contenders.filter((contender) => contender.state === "ran");
  if (ran.length === 0) return;
  const told = ran.filter((contender) => contender.latency_quantiles_ms.length > 0);
  const names = (contenders) => contenders.map((contender) => contender.name);

  // From the slowest to the fastest run, over each bar of a data set that has `ranges`.
  const whiskers = {
    id: "whiskers",
    afterDatasetsDraw(chart) {
      const { ctx, scales } = chart;
      ctx.save();
      ctx.strokeStyle = colour("whisker");
      ctx.lineWidth = 1.25;
      chart.data.datasets.forEach((set, index) => {
        chart.getDatasetMeta(index).data.forEach((bar, i) => {
          const range = set.ranges && chart.isDatasetVisible(index) && set.ranges[i];
          if (!range || range[0] === range[1]) return;
          const [from, to] = range.map((value) => scales.x.getPixelForValue(value));
          ctx.beginPath();
          ctx.moveTo(from, bar.y);
          ctx.lineTo(to, bar.y);
          for (const end of [from, to]) {
            ctx.moveTo(end, bar.y - 4);
            ctx.lineTo(end, bar.y + 4);
          }
          ctx.stroke();
        });
      });
      ctx.restore();
    },
  };

  const range = (statistics) => [statistics.min, statistics.max];

  function throughput() {
    const sets = [
      {
        label: "end to end",
        data: ran.map((contender) => contender.summary.rate.median),
        ranges: ran.map((contender) => range(contender.summary.rate)),
        backgroundColor: colour("accent"),
      },
    ];
    if (ran.some((contender) => contender.summary.bare_rate.count > 0)) {
      sets.push({
        label: "bare model",
        data: ran.map((contender) => contender.summary.bare_rate.median),
        ranges: ran.map((contender) => range(contender.summary.bare_rate)),
        backgroundColor: colour("pale"),
      });
    }
    const config = bars(sets, names(ran), "img/s", { plugins: [whiskers] });
    return figure("Pictures a second", "Median of the runs, and their range. Longer is better.",
      config.height, config);
  }

  function stages() {
    const stageNames = Object.keys(told[0].summary.stages_ms);
    const sets = stageNames.map((stage, index) => ({
      label: stage,
      data: told.map((contender) => contender.summary.stages_ms[stage].mean),
      backgroundColor: colour(`s${index}`),
    }));
    const config = bars(sets, names(told), "ms", { stacked: true });
    return figure("Time of a picture, by stage", "Mean milliseconds of computing; several pictures are in work at once.",
      Math.max(config.height, LINES_HEIGHT), config);
  }

  function latency() {
    const step = 100 / (told[0].latency_quantiles_ms.length - 1);
    return figure("Spread of a picture's time", "Percentage of the pictures that took at most this long.", LINES_HEIGHT, {
      type: "line",
      data: {
        datasets: told.map((contender, index) => ({
          label: contender.name,
          data: contender.latency_quantiles_ms.map((ms, i) => ({ x: i * step, y: ms })),
          borderColor: series(index),
          backgroundColor: series(index),
          borderDash: index < 7 ? [] : [5, 4],
          borderWidth: 2,
          pointRadius: 0,
          pointHitRadius: 8,
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: axis("% of the pictures", { type: "linear", max: 100 }),
          y: axis("ms"),
        },
        plugins: {
          legend: { display: told.length > 1, position: "bottom", labels: legend() },
          tooltip: {
            callbacks: {
              title: (items) => `${three(items[0].parsed.x)} % of the pictures`,
              label: (item) => ` ${item.dataset.label}: at most ${three(item.parsed.y)} ms`,
            },
          },
        },
      },
    });
  }

  function memory() {
    const mebibytes = (key) => ran.map((contender) => contender.summary.memory_bytes[key] / 2 ** 20);
    const config = bars(
      [
        { label: "peak", data: mebibytes("peak"), backgroundColor: colour("accent") },
        { label: "after the last picture", data: mebibytes("after"), backgroundColor: colour("pale") },
      ],
      names(ran),
      "MiB",
    );
    return figure("Memory", "Resident, of the whole process. Shorter is better.", config.height, config);
  }

  show([throughput, memory, ...(told.length > 0 ? [stages, latency] : [])]);
})();
