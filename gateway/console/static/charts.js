// Reading a bar chart with the pointer, a finger or the arrow keys. Without this script the chart is a picture with a
// table below it, and nothing is missing.

const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1 };

function follow(plot) {
  const bars = Array.from(plot.querySelectorAll("[data-read]"));
  const output = plot.closest("figure")?.querySelector("output");
  if (!bars.length || !output) return;
  let at = bars.length - 1;

  function read(number) {
    bars[at].classList.remove("is-read");
    at = Math.min(Math.max(number, 0), bars.length - 1);
    bars[at].classList.add("is-read");
    output.textContent = bars[at].dataset.read;
    plot.setAttribute("aria-valuenow", String(at + 1));
    plot.setAttribute("aria-valuetext", bars[at].dataset.read);
  }

  function leave() {
    bars[at].classList.remove("is-read");
    output.textContent = "";
  }

  plot.tabIndex = 0;
  plot.setAttribute("role", "slider");
  plot.setAttribute("aria-label", plot.dataset.label);
  plot.setAttribute("aria-valuemin", "1");
  plot.setAttribute("aria-valuemax", String(bars.length));
  plot.setAttribute("aria-valuenow", String(bars.length));
  plot.setAttribute("aria-valuetext", bars[at].dataset.read);
  // a slider says its value itself: said twice would be once too often
  output.setAttribute("aria-hidden", "true");

  plot.addEventListener("pointermove", (event) => {
    const place = plot.getBoundingClientRect();
    read(Math.floor(((event.clientX - place.left) / place.width) * bars.length));
  });
  plot.addEventListener("pointerleave", leave);
  plot.addEventListener("focus", () => read(at));
  plot.addEventListener("blur", leave);
  plot.addEventListener("keydown", (event) => {
    const to = { Home: 0, End: bars.length - 1 }[event.key] ?? (event.key in MOVES ? at + MOVES[event.key] : null);
    if (to === null) return;
    event.preventDefault();
    read(to);
  });
}

document.querySelectorAll("[data-chart]").forEach(follow);
