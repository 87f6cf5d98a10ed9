// HTML reports of functions in a browser: the lab is in them, at what was answered; --static leaves it out.
// Usage: node report_test.mjs - CHROMIUM PROGRAM
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { axe, desk, openFile, phone, program, wide } from "./lab_in_browser.mjs";

const folder = mkdtempSync(join(tmpdir(), "etamax-report-"));
after(() => rmSync(folder, { recursive: true }));
const report = (...words) => {
  const file = join(folder, "report.html");
  execFileSync(program, [...words, "--output", file, "--quiet"]);
  return file;
};
const frame = async (tab) => (await tab.waitForSelector(".lab iframe")).contentFrame();

test("explain: the lab begins with the runs of the report, and its slider moves", async () => {
  const file = report("explain", "x^4-3x^2+x", "--from", "0.5", "--lr", "0.05,0.3", "--optimizer", "sgd", "--momentum", "0.5", "--steps", "5");
  for (const [viewport, colorScheme] of [[desk, "light"], [phone, "dark"]])
    await openFile(file, "", async (tab) => {
      const lab = await frame(tab), verdict = () => lab.locator(".verdict h2").textContent();
      assert.match(await verdict(), /Learning rate 0\.3/);
      const said = await tab.locator(".verdicts li").nth(1).textContent();
      assert.ok(said.includes(await lab.locator(".verdict h2 strong").textContent()), said);
      assert.equal(await lab.locator("#from").inputValue(), "0.5");
      assert.equal(await lab.locator("#optimizer").inputValue(), "sgd");
      assert.equal(await lab.locator(".count").textContent(), "5 steps");
      await lab.getByRole("slider", { name: "learning rate" }).focus();
      await tab.keyboard.press("Home");
      assert.doesNotMatch(await verdict(), /Learning rate 0\.3/);
      const high = await tab.locator(".lab iframe").evaluate((f) => f.getBoundingClientRect().height), needs = await lab.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(high >= needs - 2, `the frame is ${high} high, the lab ${needs}`);
      assert.deepEqual([await tab.evaluate(wide), await lab.evaluate(wide)], [[], []]);
      await tab.evaluate(axe);
      const found = await tab.evaluate(() => axe.run());
      assert.deepEqual(found.violations.map((v) => v.id + ": " + v.nodes[0].html.slice(0, 90)), []);
    }, { viewport, colorScheme }, frame);
});

test("explain with several optimizers: the lab begins with the first, and a button leads to each", async () => {
  const file = report("explain", "x^2", "--from", "-1", "--lr", "0.8,1.2", "--optimizer", "gd,sgd,adam", "--momentum", "0.9");
  for (const [viewport, colorScheme] of [[desk, "light"], [phone, "dark"]])
    await openFile(file, "", async (tab) => {
      const lab = await frame(tab), stands = async (optimizer) => {
        const word = (await tab.locator(".verdicts").textContent()).match(new RegExp(`\\b${optimizer} at lr 1\\.2 (\\w+)\\.`))[1];
        await lab.waitForFunction((name) => document.getElementById("optimizer").value === name, optimizer);
        assert.match(await lab.locator(".verdict h2").textContent(), new RegExp("Learning rate 1\\.2 " + word));
        assert.equal(await lab.locator(".note").count(), 0);
        assert.equal(await tab.locator(".lab button[aria-pressed=true]").textContent(), optimizer);
      };
      await stands("gd");
      await tab.getByRole("button", { name: "sgd" }).click();
      await stands("sgd");
      assert.equal(await lab.locator("#setting-momentum").inputValue(), "0.9");
      await lab.getByRole("slider", { name: "learning rate" }).focus();
      await tab.keyboard.press("Home");
      await tab.getByRole("button", { name: "sgd" }).click();  // once more: what the report says
      await lab.waitForFunction(() => document.querySelector(".verdict h2").textContent.includes("Learning rate 1.2"));
      await tab.getByRole("button", { name: "adam" }).press("Enter");
      await stands("adam");
      assert.deepEqual([await tab.evaluate(wide), await lab.evaluate(wide)], [[], []]);
      await tab.evaluate(axe);
      const found = await tab.evaluate(() => axe.run());
      assert.deepEqual(found.violations.map((v) => v.id + ": " + v.nodes[0].html.slice(0, 90)), []);
    }, { viewport, colorScheme }, frame);
});

test("map and bifurcation: the lab has their tab", async () => {
  for (const [words, name] of [[["--y", "start=-2:2"], "Map"], [["--y", "momentum=0:0.9", "--from", "0.5"], "Map"], [["--bifurcation", "--from", "0.5"], "Bifurcation"]])
    await openFile(report("map", "x^4-3x^2+x", "--x", "lr=0.02:0.4:log", "--size", "40x30", ...words), "", async (tab) => {
      const lab = await frame(tab);
      assert.equal(await lab.getByRole("tab", { selected: true }).textContent(), name);
      assert.equal(await lab.locator(".note").count(), 0);
    }, {}, frame);
});

test("static: small, and without scripts", () => {
  const words = ["explain", "x^2", "--from", "-1", "--lr", "1.2"];
  const large = statSync(report(...words)).size, file = report(...words, "--static");
  assert.ok(statSync(file).size < 200000 && large > 500000, `${statSync(file).size} and ${large} bytes`);
  assert.doesNotMatch(readFileSync(file, "utf8"), /<script|<iframe/);
});
