// The lab's map of trainings in a browser: what a pixel shows is what its training does, as the program has it; mouse, touch, keys.
// Usage: node trainings_page_test.mjs PAGE CHROMIUM PROGRAM
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { axe, center, desk, open, phone, program, verdict, wide } from "./lab_in_browser.mjs";

const small = "#map=network:tanh:4&steps=50&lr0=1&lr1=1";
const canvas = (tab) => tab.locator(".map canvas");
const drawn = (tab) => tab.waitForFunction(() => document.querySelector(".hover").textContent === "every pixel is a training of its own", null, { timeout: 240000 });
const some = (tab) => tab.waitForFunction(() => /%/.test(document.querySelector(".map .areas").textContent), null, { timeout: 60000 });
const state = async (tab) => Object.fromEntries(new URLSearchParams((await tab.evaluate(() => location.hash)).slice(1)));

test("a map of trainings: a click trains there, and the fate is the pixel's and the program's", async () => {
  for (const [viewport, colorScheme] of [[desk, "light"], [phone, "dark"]])
    await open(small, async (tab) => {
      await some(tab);
      assert.match(await tab.locator(".hover").textContent(), /^coarse so far: \d+% drawn$/);
      await drawn(tab);
      assert.match(await tab.locator(".areas").textContent(), /% (trains|diverges).*% (trains|diverges)/s);
      await canvas(tab).scrollIntoViewIfNeeded();
      const box = await canvas(tab).boundingBox();
      for (const [u, v] of [[0.12, 0.2], [0.9, 0.7], [0.3, 0.93]]) {
        await tab.mouse.move(box.x + u * box.width, box.y + v * box.height);
        const fate = (await tab.locator(".hover").textContent()).split(": ")[1];
        await tab.mouse.click(box.x + u * box.width, box.y + v * box.height);
        assert.equal(await verdict(tab), fate);
        const { lr0, lr1 } = await state(tab), axis = (name, at) => [`--${name[0]}`, `${name[1]}=${at}:${at * 1.5}:log`];
        const theirs = JSON.parse(execFileSync(program, ["map", "network:tanh:4", "--steps", "50", ...axis(["x", "lr0"], lr0), ...axis(["y", "lr1"], lr1), "--size", "2x2", "--pixel", "0,0", "--json"]));
        assert.equal(theirs.verdict, fate);
        assert.equal(await tab.locator(".verdict p").textContent(), theirs.reason);
      }
      assert.deepEqual(await tab.evaluate(wide), []);
      await tab.evaluate(axe);
      const found = await tab.evaluate(() => axe.run());
      assert.deepEqual(found.violations.map((v) => v.id + ": " + v.nodes[0].html.slice(0, 90)), []);
    }, { viewport, colorScheme });
});

test("a map of trainings by mouse and keys: a box looks closer, Enter trains there, Back undoes", () => open(small, async (tab) => {
  await some(tab);
  const box = await canvas(tab).boundingBox();
  await tab.mouse.move(box.x + 0.25 * box.width, box.y + 0.25 * box.height);
  await tab.mouse.down();
  await tab.mouse.move(box.x + 0.75 * box.width, box.y + 0.75 * box.height, { steps: 5 });
  await tab.mouse.up();
  const area = (await state(tab)).area.split(",").map(Number), decades = [0, 2].map((i) => Math.log10(area[i + 1] / area[i]));
  for (const d of decades) assert.ok(Math.abs(d - 4.5) < 0.1, `${d} decades of 9`);
  await tab.goBack();
  assert.equal((await state(tab)).area, undefined);
  await some(tab);
  await canvas(tab).focus();
  const was = await state(tab);
  for (let k = 0; k < 3; ++k) await tab.keyboard.press("Shift+ArrowRight");
  await tab.keyboard.press("ArrowUp");
  assert.match(await tab.locator(".hover").textContent(), /^lr0 [\d.e+]+, lr1 [\d.e+]+: /);
  await tab.keyboard.press("Enter");
  const now = await state(tab);
  assert.ok(Number(now.lr0) > 2 * Number(was.lr0) && Number(now.lr1) >= Number(was.lr1), JSON.stringify(now));
  await tab.keyboard.press("+");
  assert.ok((await state(tab)).area);
  await tab.keyboard.press("Escape");
  assert.equal((await state(tab)).area, undefined);
  await tab.getByLabel("steps", { exact: true }).selectOption("100");
  assert.equal((await state(tab)).steps, "100");
  assert.match(await tab.locator("table").textContent(), /step.*loss/s);
}));

test("a map of trainings by touch: a tap trains there, two fingers look closer", () => open(small, async (tab) => {
  await some(tab);
  await canvas(tab).scrollIntoViewIfNeeded();
  const box = await canvas(tab).boundingBox(), [x, y] = await center(canvas(tab));
  await tab.touchscreen.tap(box.x + 0.1 * box.width, box.y + 0.9 * box.height);
  const there = await state(tab);
  assert.ok(Number(there.lr0) < 0.1 && Number(there.lr1) < 0.1, JSON.stringify(there));
  const touch = await tab.context().newCDPSession(tab);
  const fingers = (type, ...points) => touch.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })) });
  await fingers("touchStart", [x - 40, y]);
  await fingers("touchStart", [x - 40, y], [x + 40, y]);
  for (const d of [50, 60, 70, 80]) await fingers("touchMove", [x - d, y], [x + d, y]);
  await fingers("touchEnd");
  const area = (await state(tab)).area.split(",").map(Number);
  assert.ok(Math.abs(Math.log10(area[1] / area[0]) - 4.5) < 0.1, area.join());
  assert.equal((await state(tab)).lr0, there.lr0);
}, { viewport: phone, hasTouch: true, reducedMotion: "reduce" }));

test("a map of trainings: what is not understood in its address is said", () => open("#map=network:tanh:9&steps=-1&lr0=0", async (tab) => {
  assert.match(await tab.locator(".note").first().textContent(), /map=network:tanh:9, steps=-1, lr0=0/);
  await tab.getByRole("link", { name: "A function" }).click();
  assert.equal(await verdict(tab), "diverges");
}));
