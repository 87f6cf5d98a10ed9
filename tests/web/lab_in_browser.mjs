// What the tests of the lab share: a browser, the page in it, and what is read off it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

export const [page, executablePath, program, teaching] = process.argv.slice(2);
const lab = createRequire(fileURLToPath(new URL("../../web/package.json", import.meta.url)));
const { chromium } = lab("playwright-core");
export const axe = readFileSync(lab.resolve("axe-core/axe.min.js"), "utf8");
export const desk = { width: 1440, height: 900 }, phone = { width: 390, height: 844 };

let browser;
before(async () => { browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] }); });
after(() => browser.close());

/// Opens the page; an error in it, or a request for anything but itself, fails the test that `use` is.
export const open = (hash, use, how) => openFile(page, hash, use, how);
/// The same of another file; one that holds the lab in a frame has its first answer there.
export async function openFile(file, hash, use, { viewport = desk, colorScheme = "light", hasTouch = false, reducedMotion = "no-preference" } = {}, within = (tab) => tab.mainFrame()) {
  const context = await browser.newContext({ viewport, colorScheme, hasTouch, reducedMotion });
  const tab = await context.newPage(), faults = [];
  tab.on("pageerror", (error) => faults.push(error.message));
  tab.on("request", (request) => { if (!/^(file|blob|data):/.test(request.url())) faults.push("asked for " + request.url()); });
  try {
    await tab.goto("file://" + file + hash);
    await (await within(tab)).waitForFunction(() => performance.getEntriesByName("first answer").length > 0);
    await use(tab);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}
export const verdict = (tab) => tab.locator(".verdict h2 strong").textContent();
export const reason = async (tab) => (await tab.locator(".verdict .words p").first().textContent()).replace(/\u00a0/g, " ");
export const slider = (tab) => tab.getByRole("slider", { name: "learning rate" });
export const rate = async (tab) => Number(await slider(tab).getAttribute("aria-valuenow"));
/// Asked of the page: what the browser has told of it may be older.
export const address = (tab) => tab.evaluate(() => location.href);
export const center = async (locator) => { const b = await locator.boundingBox(); return [b.x + b.width / 2, b.y + b.height / 2]; };
export const explained = (...words) => JSON.parse(execFileSync(program, ["explain", ...words, "--json"]));
/// What makes the page wider than the screen.
export const wide = () => (document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.tagName + "." + e.className + " " + e.textContent.slice(0, 20)));
