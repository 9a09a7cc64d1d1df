// Draws the figures of `pixmill stats`. Everything comes from the JSON in #data, which docs/stats.md describes.
(() => {
  "use strict";
  const { bars, colour, columns, figure, show } = pixmillCharts;
  const MOST_CLASSES = 20;
  const ROW_HEIGHT = 34;
  const stats = JSON.parse(document.getElementById("data").textContent);

  function classes() {
    const shown = stats.classes.slice(0, MOST_CLASSES);
    const sets = [
      { label: "things", data: shown.map((one) => one.things), backgroundColor: colour("accent") },
      { label: "pictures", data: shown.map((one) => one.pictures), backgroundColor: colour("pale") },
    ];
    const config = bars(sets, shown.map((one) => one.class), "");
    config.height = 80 + ROW_HEIGHT * shown.length;
    const left = stats.classes.length - shown.length;
    return figure("Classes", left > 0 ? `The ${MOST_CLASSES} with the most things; the table has ${left} more.` :
      "Things, and pictures that have one.", config.height, config);
  }

  function sizes() {
    const shown = stats.classes.slice(0, MOST_CLASSES);
    const part = (name, label, shade) => ({
      label,
      data: shown.map((one) => 100 * one.sizes[name] / one.things),
      backgroundColor: colour(shade),
    });
    const sets = [
      part("small", "small: below 32 x 32", "s1"),
      part("medium", "medium: below 96 x 96", "s2"),
      part("large", "large", "s4"),
    ];
    const config = bars(sets, shown.map((one) => one.class), "%", { stacked: true });
    config.options.scales.x.max = 100;
    config.height = 80 + ROW_HEIGHT * shown.length;
    return figure("Sizes of things", "Share of each class, by area in pixels.", config.height, config);
  }

  // "0.25" of the step from 0.25; of a longer last step "from 800".
  function steps({ edges }, digits) {
    const text = (edge) => edge.toLocaleString("en", { maximumFractionDigits: digits });
    return edges.slice(0, -1).map((edge, i) => {
      const longer = i > 0 && edges[i + 1] - edge > 1.001 * (edges[i] - edges[i - 1]);
      return longer ? `from ${text(edge)}` : text(edge);
    });
  }

  const measured = (name) => stats[name].count > 0;

  function things() {
    const most = 20;
    const counts = stats.pictures_by_things.slice(0, most);
    const more = stats.pictures_by_things.slice(most).reduce((sum, count) => sum + count, 0);
    const labels = counts.map((_, i) => `${i}`);
    if (more > 0) {
      labels.push(`from ${most}`);
      counts.push(more);
    }
    return columns("Things a picture", "How many pictures have so many.", labels, counts, "things", "pictures");
  }

  function confidences() {
    const { edges, counts } = stats.histograms.confidence;
    const first = Math.max(0, edges.findIndex((edge) => edge > stats.confidence + 1e-6) - 1);
    const labels = steps(stats.histograms.confidence, 2);
    return columns("Confidence", "How sure the model was of the things.", labels.slice(first), counts.slice(first),
      "confidence", "things");
  }

  const sharpness = () => columns("Sharpness", "Variance of the Laplacian at 768 pixels.",
    steps(stats.histograms.sharpness, 1), stats.histograms.sharpness.counts, "sharpness", "pictures");
  const brightness = () => columns("Brightness", "0 is black, 255 white.",
    steps(stats.histograms.brightness, 0), stats.histograms.brightness.counts, "brightness", "pictures");

  show([
    ...(stats.things > 0 ? [classes, sizes, things, confidences] : []),
    ...(measured("sharpness") ? [sharpness] : []),
    ...(measured("brightness") ? [brightness] : []),
  ]);
})();
