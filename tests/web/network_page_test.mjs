// The lab's page of a network in a browser: the program's edge, a training that is looked at, both sizes, light and dark.
// Usage: node network_page_test.mjs PAGE CHROMIUM PROGRAM
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { address, axe, center, desk, open, phone, program, rate, slider, verdict, wide } from "./lab_in_browser.mjs";

test("a network: the program's edge, training live, and a run that blows up", async () => {
  const theirs = JSON.parse(execFileSync(program, "analyze --data plane:moons --model mlp:2-8-1:tanh --loss mse --dtype float64 --steps 0 --json".split(" ")));
  for (const [viewport, colorScheme] of [[desk, "light"], [phone, "dark"]])
    await open("#data=plane:moons&lr=0.3", async (tab) => {
      const steps = (least) => tab.waitForFunction((n) => parseInt(document.querySelector(".count").textContent) >= n, least, { timeout: 60000 });
      await steps(30);
      assert.match(await verdict(tab), /begins below the edge/);
      const [, low, high] = (await tab.locator(".verdict").textContent()).match(/edge is ([\d.]+) to ([\d.]+), certified/);
      assert.ok(Number(low) <= theirs.lr_edge.upper && Number(high) >= theirs.lr_edge.lower, `${low} to ${high}`);
      assert.match(await tab.locator(".verdict").textContent(), /After \d+ steps the loss is 0\.\d+, the sharpness [\d.]+; this rate is stable up to 6\.67/);
      await tab.getByRole("button", { name: "Pause" }).click();
      assert.deepEqual(await tab.evaluate(wide), []);
      await tab.evaluate(axe);
      const found = await tab.evaluate(() => axe.run());
      assert.deepEqual(found.violations.map((v) => v.id + ": " + v.nodes[0].html.slice(0, 90)), []);
      await slider(tab).focus();
      await tab.keyboard.press("End");
      assert.match(await address(tab), /lr=[\d.]+$/);
      await tab.getByRole("button", { name: "Train" }).click();
      await tab.waitForFunction(() => document.querySelector(".verdict h2 strong").textContent === "blew up", null, { timeout: 60000 });
      await tab.getByRole("button", { name: "Explain like I’m new" }).click();
      assert.match(await tab.locator(".plain").textContent(), /33 numbers in it.*is above the edge.*This run blew up/s);
      assert.match(await address(tab), /plain=1$/);
      assert.deepEqual(await tab.evaluate(wide), []);
      const again = await tab.evaluate(() => axe.run());
      assert.deepEqual(again.violations.map((v) => v.id + ": " + v.nodes[0].html.slice(0, 90)), []);
      // The pictures have the colors of the button.
      const corner = () => tab.evaluate(() => [...document.querySelector("canvas.lines").getContext("2d").getImageData(1, 1, 1, 1).data].slice(0, 3));
      const were = await corner();
      await tab.getByRole("button", { name: colorScheme === "light" ? "dark colors" : "light colors" }).click();
      await tab.waitForFunction((was) => document.querySelector("canvas.lines").getContext("2d").getImageData(1, 1, 1, 1).data[0] !== was, were[0]);
      const light = (c) => c[0] + c[1] + c[2] > 384;
      assert.deepEqual([light(were), light(await corner())], [colorScheme === "light", colorScheme !== "light"]);
      assert.match(await tab.locator(".verdict").textContent(), /In step \d+ the loss came to be .* of the sharpest direction lay in \d\.(weight|bias)/);
      await tab.getByRole("link", { name: "A function" }).click();
      assert.equal(await verdict(tab), "diverges");
    }, { viewport, colorScheme });
  await open("#data=plane:spirals&lr=-1", async (tab) => assert.match(await tab.locator(".note").first().textContent(), /plane:spirals, lr=-1/));
});

test("a network: the headline says when its rate has crossed the edge", async () => {
  await open("#data=plane:xor&lr=0.4&plain=1", async (tab) => {
    await tab.waitForFunction(() => /crossed it after step/.test(document.querySelector(".verdict h2").textContent), null, { timeout: 60000 });
    const [, at] = (await verdict(tab)).match(/^began below the edge, crossed it after step (\d+)$/);
    assert.ok(Number(at) >= 1 && Number(at) <= parseInt(await tab.locator(".count").textContent()), at);
    assert.match(await tab.locator(".plain").textContent(), new RegExp(`is below the edge.*after step ${at} the rate was above the edge`, "s"));
  });
  await open("#data=plane:moons&lr=0.41&model=mlp:2-8-1:tanh", async (tab) => {  // within the certified range
    await tab.waitForFunction(() => parseInt(document.querySelector(".count").textContent) >= 3, null, { timeout: 60000 });
    assert.match(await verdict(tab), /^(begins|began) at the edge/);
  });
});

test("a network on a telephone, by touch", () => open("#data=plane:xor&lr=0.3", async (tab) => {
  const ruler = await tab.locator(".ruler").boundingBox(), [, y] = await center(slider(tab));
  await tab.touchscreen.tap(ruler.x + 60, y);
  const lr = await rate(tab);
  assert.ok(lr < 0.3, "the rate is " + lr);
  assert.match(await address(tab), new RegExp(`lr=${lr}$`));
  await tab.waitForFunction(() => parseInt(document.querySelector(".count").textContent) >= 3, null, { timeout: 60000 });
  await tab.getByRole("button", { name: "Pause" }).tap();
  await tab.getByRole("button", { name: "Explain like I’m new" }).tap();
  assert.match(await tab.locator(".plain").textContent(), /its weights/);
  assert.deepEqual(await tab.evaluate(wide), []);
  assert.equal(await tab.evaluate(() => getComputedStyle(document.querySelector(".ruler")).touchAction), "pan-y");
}, { viewport: phone, hasTouch: true }));
