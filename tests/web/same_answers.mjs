// The engine for browsers answers as the program does: 200 questions, every field of the JSON but the cost.
// Usage: node same_answers.mjs ENGINE_FOLDER PROGRAM
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, program] = process.argv.slice(2);
globalThis.require ??= createRequire(import.meta.url);
globalThis.__dirname ??= folder;
const createEngine = new Function("require", "__dirname", "__filename", readFileSync(join(folder, "engine.js"), "utf8") + ";return createEngine")(
  createRequire(import.meta.url), folder, join(folder, "engine.js"));
const engine = await createEngine({ wasmBinary: readFileSync(join(folder, "engine.wasm")) });

function ask(question) {
  const text = JSON.stringify(question), room = engine.lengthBytesUTF8(text) + 1, at = engine._malloc(room);
  engine.stringToUTF8(text, at, room);
  const answer = JSON.parse(engine.UTF8ToString(engine._etamax_ask(at)));
  engine._free(at);
  return answer;
}

// Libraries of functions differ in the last digits, and 10,000 steps carry those on: the tolerance is relative to the larger, and
// absolute for what is 0 beside the numbers that it came from.
const tolerance = 1e-9;
// Rules that divide by a running size of the gradient wander near their limit, where a last digit decides in which of many
// narrow windows a run ends: what is measured there is one of several true answers. All else is compared for them too.
const sensitive = ["lr_max_from_start", "lr_max_from_start_bracket", "lr_max_from_start_reason", "lr_converges_up_to", "lr_unsettled", "lyapunov"];
// The range of a run without a period is asked of hundreds of thousands of steps: its rim is met by chance.
const nearly = { extent: 0.1, reason: 0.1 };
const wandering = ["adam", "adamw", "adagrad", "rmsprop"];
function difference(ours, theirs, path, left_out, within = tolerance) {
  if (typeof ours === "number" && typeof theirs === "number") {
    const apart = Math.abs(ours - theirs);
    return apart <= within * Math.max(Math.abs(ours), Math.abs(theirs)) || apart <= 1e-12 ? null : `${path}: ${ours} and ${theirs}`;
  }
  if (within !== tolerance && typeof ours === "string" && typeof theirs === "string")
    [ours, theirs] = [ours, theirs].map((text) => text.replace(/ a range of [^ ]+/, " a range"));
  if (ours === null || theirs === null || typeof ours !== "object" || typeof theirs !== "object")
    return ours === theirs ? null : `${path}: ${JSON.stringify(ours)} and ${JSON.stringify(theirs)}`;
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  for (const name of names) {
    if (name === "cost" || left_out.includes(name)) continue;
    const wide = left_out.length > 0 && ours.period === null && name in nearly ? nearly[name] : tolerance;
    const found = difference(ours[name] ?? null, theirs[name] ?? null, path + "." + name, left_out, wide);
    if (found) return found;
  }
  return null;
}

const functions = [["x^2", "-1"], ["x^4", "1"], ["x^4-3x^2+x", "0.5"], ["logcosh", "1"], ["tanh(x)^2", "0.5"], ["exp(x)-2x", "0"], ["x^2+y^4", "1"],
  ["rosenbrock", "-1,1"], ["quadratic(condition=10)", "1"], ["sqrt(1+x^2)", "2"], ["abs(x)", "1"], ["-x^2", "1"]];
const rules = [{}, { optimizer: "sgd", momentum: "0.9" }, { optimizer: "sgd", momentum: "0.9", nesterov: true }, { optimizer: "adam" },
  { optimizer: "rmsprop" }, { optimizer: "lion" }, { optimizer: "adagrad" }, { optimizer: "signsgd" }, { optimizer: "adamw", "weight-decay": "0.1" }];
const questions = [];
for (const [expression, from] of functions)
  for (const rule of rules)
    for (const lr of ["0.05", wandering.includes(rule.optimizer) ? "0.01" : "0.4"]) questions.push({ expression, from, lr, ...rule });
const asked = questions.slice(0, 200);
let failed = 0, refused = 0;
for (const options of asked) {
  const { expression, from, lr, ...rule } = options;
  const words = ["explain", expression, "--from", from, "--lr", lr, "--json"];
  const given = { expression, from, lr };
  for (const [name, value] of Object.entries(rule)) {
    words.push("--" + name, ...(value === true ? [] : [value]));
    given[name.replace(/-/g, "_")] = value;
  }
  let theirs;
  try {
    theirs = JSON.parse(execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"] }));
  } catch (error) {
    theirs = { error: error.status };
  }
  const ours = ask({ verb: "explain", options: given, answer: true });
  if (theirs.error && ours.error) { ++refused; continue; }
  const found = theirs.error ? "only the program refuses" : ours.error ? "only the engine refuses: " + ours.error.message : difference(ours.answer, theirs, "", wandering.includes(rule.optimizer) ? sensitive : []);
  if (found) ++failed, console.log(words.join(" ") + "\n    engine and program: " + found);
}
console.log(`${asked.length} questions, ${failed} answered differently, ${refused} refused by both`);
if (asked.length !== 200 || failed > 0 || refused > 20) process.exit(1);
