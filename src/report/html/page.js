// The page's behaviour: two charts, a table that sorts and filters, and a dialog with one workload in full.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { workloads, curve } = data;
  const $ = (id) => document.getElementById(id);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dollars = (value) => (value < 0 ? "-$" : "$") + Math.abs(value).toLocaleString("en", { maximumFractionDigits: 0 });
  const range = (cost) => {
    const [low, high] = [dollars(cost.low), dollars(cost.high)];
    return low === high ? low : `${low} to ${high}`;
  };

  // A saving in words: below nothing it's a cost.
  const saves = (saving) => saving.high <= 0 && saving.low < 0 ? `costs ${range({ low: -saving.high, high: -saving.low })} more`
    : saving.low >= 0 ? `saves ${range(saving)}` : `saves up to ${dollars(saving.high)} or costs up to ${dollars(-saving.low)} more`;
  const title = (target) => data.titles[data.targets.indexOf(target)] ?? target;

  // One element with text: never HTML, whatever a manifest holds.
  const el = (tag, text, ...children) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  };

  // Charts
  let charts = [];
  const axis = (more) => ({ font: "13px system-ui, sans-serif", labelFont: "13px system-ui, sans-serif", stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") }, ...more });
  // Dollars on a logarithmic axis: a line for 1, 2 and 5 of each power of ten, which is lines enough.
  const money = (least, most) => {
    const lines = [];
    for (let ten = 10 ** Math.floor(Math.log10(least)); ten <= most * 1.6; ten *= 10) lines.push(ten, 2 * ten, 5 * ten);
    return axis({ splits: () => lines.filter((line) => line >= least && line <= most * 1.05), filter: (_, splits) => splits, values: (_, ticks) => ticks.map(dollars), size: 64, label: "$ a month", labelSize: 20 });
  };
  const size = (host) => ({ width: Math.max(host.clientWidth, 260), height: host.clientWidth < 560 ? 340 : 350 });

  const drawFleet = () => {
    const host = $("fleet");
    const placed = workloads.map((workload, index) => ({ workload, index })).filter((item) => item.workload.best);
    placed.sort((a, b) => data.targets.indexOf(a.workload.best.target) - data.targets.indexOf(b.workload.best.target)
      || a.workload.best.monthlyCost.high - b.workload.best.monthlyCost.high);
    const groups = [];
    placed.forEach((item, at) => {
      const last = groups[groups.length - 1];
      if (last && last.target === item.workload.best.target) last.end = at;
      else groups.push({ target: item.workload.best.target, start: at, end: at });
    });
    const many = placed.length > 500;
    // The ring is the larger one: where both cost the same, it still shows.
    const points = (name, fill, large) => ({ show: true, size: many ? 4 : large ? 13 : 8, width: 2, stroke: colour(name), fill });
    const all = placed.flatMap((item) => [item.workload.best.monthlyCost.high, item.workload.best.currentMonthlyCost.high]);
    const most = Math.max(10, ...all);
    const lowest = Math.max(0.1, Math.min(most / 10, ...all)), ten = 10 ** Math.floor(Math.log10(lowest));
    const least = ten * (lowest >= 5 * ten ? 5 : lowest >= 2 * ten ? 2 : 1);
    const value = (cost) => Math.max(least, cost.high);
    const narrow = host.clientWidth < 560;
    const slant = narrow ? -55 : (groups.length > 7 ? -30 : 0);
    const name = (target) => slant ? title(target) : title(target).replace(" ", "\n");
    // Between two targets, so that it's seen which marks are above which.
    const borders = (chart) => {
      const { ctx, bbox } = chart;
      ctx.save();
      ctx.strokeStyle = colour("--line");
      ctx.beginPath();
      for (const group of groups.slice(1)) {
        const x = chart.valToPos(group.start - 0.5, "x", true);
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
      }
      ctx.stroke();
      ctx.restore();
    };
    const chart = new uPlot({
      ...size(host), legend: { show: false }, cursor: { drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: [-0.7, Math.max(placed.length - 0.3, 0.7)] }, y: { distr: 3, range: [least, most * 1.6] } },
      axes: [
        axis({ splits: () => groups.map((g) => (g.start + g.end) / 2), values: () => groups.map((g) => name(g.target)), grid: { show: false },
          rotate: slant, size: narrow ? 130 : (slant ? 100 : 56) }),
        money(least, most),
      ],
      series: [{}, { label: "now", paths: () => null, stroke: colour("--now"), points: points("--now", colour("--card"), true) },
        { label: "recommended", paths: () => null, stroke: colour("--then"), points: points("--then", colour("--then"), false) }],
      hooks: { drawClear: [borders] },
      // A slanted name goes on to the right of its mark.
      padding: [null, slant ? 56 : null, null, null],
    }, [placed.map((_, at) => at), placed.map((i) => value(i.workload.best.currentMonthlyCost)), placed.map((i) => value(i.workload.best.monthlyCost))], host);
    chart.over.addEventListener("click", () => { const at = chart.cursor.idx; if (at !== null && placed[at]) open(placed[at].index); });
    charts.push(chart);
  };

  const drawCurve = () => {
    const host = $("curve");
    const most = curve.services[curve.services.length - 1];
    const dearest = [...curve.fargate, ...curve.nodes];
    const [least, highest] = [Math.min(...dearest) / 1.3, Math.max(...dearest)];
    const here = curve.services.map((n) => n === curve.here ? curve.nodes[curve.services.indexOf(n)] : null);
    charts.push(new uPlot({
      ...size(host), legend: { show: false }, cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false, distr: 3, range: [1, most] }, y: { distr: 3, range: [least, highest * 1.2] } },
      axes: [axis({ label: "services", splits: () => [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter((n) => n <= most), filter: (_, splits) => splits, values: (_, ticks) => ticks.map(String), labelSize: 22, size: 36 }),
        money(least, highest)],
      series: [{}, { stroke: colour("--then"), width: 2, points: { show: false } }, { stroke: colour("--now"), width: 2, points: { show: false } },
        { paths: () => null, stroke: colour("--here"), points: { show: true, size: 14, stroke: colour("--here"), fill: colour("--here") } }],
    }, [curve.services, curve.fargate, curve.nodes, here], host));
  };

  const draw = () => {
    charts.forEach((chart) => chart.destroy());
    charts = [];
    drawFleet();
    drawCurve();
  };
  let resizing = 0;
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(draw, 150); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { theme(); draw(); });

  // Light and dark
  const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = () => { $("theme").textContent = isDark() ? "Light" : "Dark"; };
  $("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    theme();
    draw();
  });

  // The table
  const body = document.querySelector("#workloads tbody");
  const rows = [...body.rows].map((row, index) => ({ row, index, workload: workloads[index] }));
  const key = {
    name: (w) => w.name, namespace: (w) => w.namespace, team: (w) => w.team, verdict: (w) => w.verdict,
    target: (w) => w.best?.target ?? "", confidence: (w) => ["Low", "Medium", "High"].indexOf(w.best?.confidence),
    cost: (w) => w.best?.monthlyCost.high ?? -1, now: (w) => w.best?.currentMonthlyCost.high ?? -1,
  };
  const compare = (a, b) => typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;
  document.querySelectorAll("thead button").forEach((button) => button.addEventListener("click", () => {
    const head = button.parentElement;
    const up = head.getAttribute("aria-sort") !== "ascending";
    document.querySelectorAll("thead th").forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const of = key[button.dataset.key];
    rows.sort((a, b) => (up ? 1 : -1) * compare(of(a.workload), of(b.workload)) || a.index - b.index);
    body.append(...rows.map((item) => item.row));
  }));
  const choices = { "by-verdict": key.verdict, "by-target": key.target, "by-team": key.team };
  for (const [id, of] of Object.entries(choices)) {
    const values = [...new Set(workloads.map(of))].filter(Boolean).sort();
    $(id).append(...values.map((value) => new Option(title(value), value)));
  }
  const filter = () => {
    const words = $("search").value.toLowerCase();
    let shown = 0;
    for (const { row, workload } of rows) {
      const text = `${workload.cluster ?? ""} ${workload.namespace} ${workload.name} ${workload.team}`.toLowerCase();
      const fits = text.includes(words) && Object.entries(choices).every(([id, of]) => !$(id).value || $(id).value === of(workload));
      row.hidden = !fits;
      shown += fits;
    }
    $("shown").textContent = `${shown} of ${rows.length} shown`;
  };
  $("filters").addEventListener("input", filter);
  $("filters").addEventListener("submit", (event) => event.preventDefault());

  // One workload
  const list = (title, items) => items.length ? [el("h3", title), el("ul", "", ...items)] : [];
  const open = (index) => {
    const w = workloads[index];
    const heading = el("h2", `${w.name} in ${w.namespace}`);
    heading.id = "detail-title";
    const candidates = w.candidates.map((c) => el("li", "", el("b", c.target),
      ` ${c.fit}${c.fit === "Excluded" ? "" : `, ${range(c.monthlyCost)} a month`}`,
      ...(c.reasons.length ? [el("ul", "", ...c.reasons.map((reason) => el("li", reason)))] : [])));
    const questions = w.questions.map((q) => el("li", "", q.question,
      el("ul", "", ...q.answers.map((answer) => el("li", answer)), el("li", `answer with ${q.answerWith.join(", ")}`))));
    $("detail-body").replaceChildren(heading, el("p", w.best ? w.best.summary : "No target certainly holds it."),
      ...(w.best ? [el("p", `${w.verdict}, ${w.best.confidence.toLowerCase()} confidence. A month, moving it ${saves(w.best.saving.ifClusterStays)} if the cluster stays, and ${saves(w.best.saving.ifClusterGoes)} if it goes.`)] : []),
      ...list("Notices", w.notices.map((notice) => el("li", notice))),
      ...list("What would change it, if known", questions),
      ...list("Break-evens", w.breakEvens.map((text) => el("li", text))),
      ...list("Candidates", candidates),
      ...list("Evidence", w.evidence.map((item) => el("li", `${item.fact}: ${item.value} (${item.source}, ${item.at})`))),
      el("p", w.source));
    $("detail").showModal();
    $("detail").scrollTop = 0;
  };
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) open(Number(opener.dataset.open));
    else if (event.target === $("detail")) $("detail").close();
  });

  theme();
  filter();
  draw();
  document.documentElement.dataset.ready = "true";
})();
