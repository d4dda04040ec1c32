// Calls functions with supabase-js, as documented pages do.
//
//   node invoke.mjs BASE_URL ANON_KEY
//
// Reads one JSON object a line: {"name", "function", "options", "token"}; without a token nobody is
// signed in. Prints one for each: {"name", "kind", "data"} or {"name", "error", "status", "body"},
// both with "headers" where there are some. Ends with its input.

import readline from "node:readline";
import { createClient } from "@supabase/supabase-js";

const [base, key] = process.argv.slice(2);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const client = (token) =>
  createClient(base, key, token ? { accessToken: async () => token } : undefined);

async function shown(data) {
  if (data instanceof Response) {
    const headers = Object.fromEntries(data.headers);
    return { kind: "Response", data: await data.text(), headers };
  }
  if (data instanceof Blob) {
    const bytes = Buffer.from(await data.arrayBuffer());
    return { kind: "Blob", data: bytes.toString("base64") };
  }
  return { kind: typeof data, data };
}

async function call({ name, function: called, options, token }) {
  const { bytes, ...rest } = options ?? {};
  if (bytes) rest.body = { text: "x".repeat(bytes) };
  const { data, error } = await client(token).functions.invoke(called, rest);
  if (!error) return tell({ name, ...(await shown(data)) });
  const { context } = error;
  const headers = Object.fromEntries(context?.headers ?? []);
  const body = context?.json ? await context.json() : String(context);
  tell({ name, error: error.name, status: context?.status, body, headers });
}

// One after another: those at once would each start a process of their function.
for await (const line of readline.createInterface({ input: process.stdin })) {
  await call(JSON.parse(line)).catch((error) => tell({ broken: String(error) }));
}
process.exit(0);
