// Opens the documented page in a headless browser, on an origin of its own: CORS counts.
//
//   node open_page.mjs BROWSER PROFILE_FOLDER BASE_URL
//
// Reads one line, a JSON list of {"name", "runId", "token"}. Prints one JSON object a line for what
// the page tells: {"name", "run", "shown"}, {"name", "error"}, {"name", "done"}. Ends with its input.

import { spawn } from "node:child_process";
import http from "node:http";
import readline from "node:readline";
import { build } from "esbuild";

const [browser, profile, base] = process.argv.slice(2);
const bundle = await build({
  entryPoints: ["page.jsx"],
  bundle: true,
  write: false,
  format: "iife",
  external: ["node:*"], // asked for under Node only
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "error",
});
const pages = {
  "/": ["text/html", '<!doctype html><div id="root"></div><script src="/page.js"></script>'],
  "/page.js": ["text/javascript", bundle.outputFiles[0].text],
};
const server = http.createServer(async (request, response) => {
  let told = "";
  for await (const part of request) told += part;
  if (told) process.stdout.write(`${told}\n`);
  const [type, text] = pages[request.url.split("?")[0]] ?? ["text/plain", ""];
  response.setHeader("Content-Type", `${type}; charset=utf-8`);
  response.end(text);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`];
for await (const runs of readline.createInterface({ input: process.stdin })) {
  const url = `http://localhost:${server.address().port}/?${new URLSearchParams({ base, runs })}`;
  const opened = spawn(browser, [...flags, url], { stdio: "ignore" });
  process.on("exit", () => opened.kill("SIGKILL"));
}
process.exit(0);
