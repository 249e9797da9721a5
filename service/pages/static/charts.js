// Draws each chart of a page from the specification beside it, once it comes into view.
"use strict";
{
  const script = document.currentScript;
  const load = (src) =>
    new Promise((resolve, reject) => {
      const element = Object.assign(document.createElement("script"), { src, async: false });
      element.addEventListener("load", resolve);
      element.addEventListener("error", reject);
      document.head.append(element);
    });
  let libraries;
  // Evaluated as syntax trees: the policy of the page lets nothing be compiled from text.
  const ready = () =>
    (libraries ??= Promise.all([load(script.dataset.vega), load(script.dataset.vegaLite)])
      .then(() => import(script.dataset.interpreter))
      .then((module) => module.expressionInterpreter));

  const isDark = () =>
    (document.documentElement.dataset.theme ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const dark = JSON.parse(document.getElementById("dark")?.textContent ?? "{}");
  // Other inks on a dark ground; data are not looked at, and have names of colours of their own.
  const darkened = (part) => {
    if (Array.isArray(part)) return part.map(darkened);
    if (part === null || typeof part !== "object") return dark[part] ?? part;
    return Object.fromEntries(
      Object.entries(part).map(([name, of]) => [name, name === "data" ? of : darkened(of)]),
    );
  };

  const views = new Map();
  const draw = async (place) => {
    const expr = await ready();
    const light = JSON.parse(place.querySelector("script").textContent);
    const spec = isDark() ? darkened(light) : light;
    spec.config = { ...spec.config, background: "transparent" };
    views.get(place)?.finalize();
    const canvas = place.querySelector(".drawn") ?? document.createElement("div");
    canvas.className = "drawn";
    canvas.setAttribute("aria-hidden", "true"); // what it shows is said by its place and its table
    place.append(canvas);
    const compiled = vegaLite.compile(spec, { logger: vega.logger(vega.Warn) });
    const runtime = vega.parse(compiled.spec, null, { ast: true });
    const view = new vega.View(runtime, { expr, renderer: "svg", container: canvas, hover: true });
    views.set(place, view);
    await view.runAsync();
    place.dataset.drawn = "";
  };

  document.addEventListener("DOMContentLoaded", () => {
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((one) => one.isIntersecting)) {
          seen.unobserve(entry.target);
          draw(entry.target);
        }
      },
      { rootMargin: "600px" },
    );
    for (const place of document.querySelectorAll(".chart")) seen.observe(place);
    document.addEventListener("theme", () => views.forEach((_, place) => draw(place)));
    addEventListener("beforeprint", () => document.querySelectorAll(".chart").forEach(draw));
  });
}
