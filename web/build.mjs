// Makes one file of the page and its engine: node build.mjs ENGINE_FOLDER OUTPUT
import { build } from "esbuild";
import { readFileSync, writeFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const [engine, output] = process.argv.slice(2);
if (!engine || !output) throw new Error("usage: node build.mjs ENGINE_FOLDER OUTPUT");

async function bundle(entry) {
  const result = await build({ entryPoints: [join(here, entry)], bundle: true, minify: true, write: false, format: "iife", target: ["es2020"],
    jsx: "automatic", jsxImportSource: "preact", legalComments: "none", logLevel: "warning" });
  return result.outputFiles[0].text.trim();
}

/// Inside a script element nothing may look like its end.
const script = (text) => text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
const style = (await build({ entryPoints: [join(here, "lab/style.css")], minify: true, write: false })).outputFiles[0].text.trim();
const parts = {
  STYLE: style,
  WASM: gzipSync(readFileSync(join(engine, "engine.wasm")), { level: 9 }).toString("base64"),
  ENGINE: script(readFileSync(join(engine, "engine.js"), "utf8").trim()),
  WORKER: script(await bundle("lab/map_worker.ts")),
  PAGE: script(await bundle("lab/app.tsx")),
};
const page = readFileSync(join(here, "lab/page.html"), "utf8").replace(/\/\*([A-Z]+)\*\//g, (_, name) => parts[name]);
writeFileSync(output + ".new", page);
renameSync(output + ".new", output);
console.log(`${output}: ${(page.length / 1024).toFixed(0)} kB`);
