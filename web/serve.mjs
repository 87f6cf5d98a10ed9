// Serves one page to this machine: node serve.mjs PAGE [PORT]
import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const [page, port = "8000"] = process.argv.slice(2);
const server = createServer((request, response) => {
  if (new URL(request.url, "http://localhost").pathname !== "/") return response.writeHead(404).end("there is one page here: /\n");
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" }).end(readFileSync(page));
});
server.on("error", (error) => {
  console.error(error.code === "EADDRINUSE" ? `port ${port} is taken: ./run lab PORT` : String(error.message));
  process.exit(2);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`The lab: http://127.0.0.1:${port}/  (it also opens from disk: ${page})`));
