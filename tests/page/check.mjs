// The report's page in a real browser: content, filter, sort, keyboard, accessibility, no request, 5,000 workloads.
// usage: node check.mjs BERTH [FOLDER]   (screenshots go to FOLDER)
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [berth, shots] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "berth-page-"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const render = (name, ...paths) => {
  const file = join(folder, `${name}.html`);
  execFileSync(berth, ["scan", ...paths, "-o", "html", "--output-file", file], { maxBuffer: 1 << 28 });
  return file;
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

// Opens a page that may say nothing on the console and ask for nothing but itself.
const visit = async (file, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error}`));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  const own = pathToFileURL(file).href;
  page.on("request", (request) => { if (request.url() !== own && !request.url().startsWith("data:")) wrong.push(`request: ${request.url()}`); });
  await page.goto(own);
  await page.waitForSelector("html[data-ready]");
  return { page, done: async () => { assert.deepEqual(wrong, []); await context.close(); } };
};
const visible = (page) => page.$$eval("#workloads tbody tr", (rows) => rows.filter((row) => !row.hidden).map((row) => row.cells[0].textContent.trim()));

const shop = render("shop", "examples/shop");
const tests = {
  async "it says the verdict and shows every workload"() {
    const { page, done } = await visit(shop);
    assert.match(await page.textContent("h1"), /don't need Kubernetes/);
    assert.equal((await visible(page)).length, 10);
    assert.equal(await page.locator(".chart canvas").count(), 2);
    const counters = await page.$$eval(".counts li", (items) => items.map((item) => [item.textContent.replace(/^\d+ /, ""), parseInt(item.textContent, 10)]));
    const { workloads: all, ...parts } = Object.fromEntries(counters);
    assert.ok("exempt" in parts, JSON.stringify(parts));
    assert.equal(Object.values(parts).reduce((sum, count) => sum + count, 0), all, "each workload is counted once");
    assert.ok((await page.locator("#by-target option").allTextContents()).includes("ECS on Fargate"));
    await done();
  },
  async "it filters by words and by verdict"() {
    const { page, done } = await visit(shop);
    await page.fill("#search", "checkout");
    assert.deepEqual(await visible(page), ["deployment/checkout"]);
    assert.equal(await page.textContent("#shown"), "1 of 10 shown");
    await page.fill("#search", "");
    await page.selectOption("#by-verdict", "WellPlaced");
    assert.deepEqual(await visible(page), ["daemonset/log-agent", "deployment/flag-controller", "statefulset/search"]);
    await done();
  },
  async "it sorts by figure, both ways, and says so"() {
    const { page, done } = await visit(shop);
    const costs = () => page.$$eval("#workloads tbody tr", (rows) => rows.map((row) => Number(row.cells[6].textContent.split(" to ").pop().replace(/[$,]/g, ""))));
    const button = page.getByRole("button", { name: "$ a month" });
    await button.click();
    const up = await costs();
    assert.deepEqual(up, [...up].sort((a, b) => a - b));
    assert.equal(await page.getAttribute("th:nth-child(7)", "aria-sort"), "ascending");
    await button.click();
    assert.deepEqual(await costs(), [...up].sort((a, b) => b - a));
    await done();
  },
  async "a workload opens by keyboard, and gives the focus back"() {
    const { page, done } = await visit(shop);
    const button = page.locator("#workloads").getByRole("button", { name: "deployment/storefront" });
    await button.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    for (const part of ["deployment/storefront in shop", "Candidates", "Evidence", "berth.dev/unit-duration", "costs $", "more if the cluster stays", "if it goes"])
      assert.ok((await dialog.textContent()).includes(part), part);
    await page.keyboard.press("Escape");
    assert.equal(await dialog.count(), 0);
    assert.ok(await button.evaluate((element) => element === document.activeElement));
    await done();
  },
  async "it has no fault that axe finds, light and dark, wide and narrow"() {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        const { page, done } = await visit(shop, { colorScheme, viewport: { width, height: 844 } });
        await page.evaluate(axe);
        for (const open of [false, true]) {
          if (open) await page.locator("tbody [data-open]").first().click();
          const { violations } = await page.evaluate(() => globalThis.axe.run());
          const told = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
          assert.deepEqual(told, [], `${colorScheme}, ${width}`);
          if (shots) await page.screenshot({ path: join(shots, `${colorScheme}-${width}${open ? "-open" : ""}.png`), fullPage: !open });
        }
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: it scrolls sideways`);
        await done();
      }
    }
  },
  async "the theme can be chosen"() {
    const { page, done } = await visit(shop, { colorScheme: "light" });
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await paper();
    await page.getByRole("button", { name: "Dark" }).click();
    assert.notEqual(await paper(), before);
    await done();
  },
  async "what a manifest holds is text"() {
    const file = join(folder, "hostile.yaml");
    const team = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
    writeFileSync(file, `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {berth.dev/team: ${JSON.stringify(team)}}}\nspec: {template: {spec: {containers: [{name: web, image: web}]}}}\n`);
    const { page, done } = await visit(render("hostile", file));
    assert.equal((await page.textContent("#workloads tbody td:nth-child(3)")).trim(), team);
    await page.locator("tbody [data-open]").click();
    assert.ok((await page.textContent("#detail-body")).includes(team));
    await done();
  },
  async "five thousand workloads: a filter finds one, and a sort takes no more than its share"() {
    const few = await sorted(500);
    const many = await sorted(5000);
    console.log(`# a sort of 500 rows: ${Math.round(few)} ms, of 5,000: ${Math.round(many)} ms`);
    // Ten times the rows, and the browser's layout of them: a sort that looks at pairs would take a hundred times.
    assert.ok(many < 40 * Math.max(few, 1), `500 rows: ${few} ms, 5,000 rows: ${many} ms`);
  },
};

// Milliseconds that the page takes to sort so many workloads, after its filter has found one of them.
async function sorted(count) {
  const file = join(folder, `many-${count}.yaml`);
  const one = (n) => `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-${n}, namespace: ns-${n % 50}}\nspec: {template: {spec: {containers: [{name: web, image: web, resources: {requests: {cpu: ${1 + n % 9}00m, memory: 1Gi}}}]}}}\n`;
  writeFileSync(file, Array.from({ length: count }, (_, n) => one(n)).join("---\n"));
  const { page, done } = await visit(render(`many-${count}`, file));
  assert.equal((await visible(page)).length, count);
  await page.fill("#search", `web-${count - 1}`);
  assert.deepEqual(await visible(page), [`deployment/web-${count - 1}`]);
  await page.fill("#search", "");
  const took = await page.evaluate(() => {
    const button = document.querySelector("thead button[data-key=cost]");
    const start = performance.now();
    button.click();
    document.body.offsetHeight;
    return performance.now() - start;
  });
  await done();
  return took;
}

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  }
}
await browser.close();
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
