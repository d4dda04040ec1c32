// Reads gen-shots to its last event with one of two npm packages, over a connection that is cut.
//
//   node read_shots.mjs READER URL TOKEN BODY CUT
//
// READER is eventsource-parser or fetch-event-source; CUT is after how many bytes of the answer the
// first connection breaks, 0 for never. Prints {events, connections, lastEventIds} as JSON.

import net from "node:net";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { createParser } from "eventsource-parser";

const [reader, address, token, body, cut] = process.argv.slice(2);
const target = new URL(address);
const events = [];
const lastEventIds = [];
let connections = 0;

// Passes bytes on; the first connection is destroyed after `cut` bytes of the answer.
const proxy = net.createServer((client) => {
  connections += 1;
  let left = connections === 1 && Number(cut) > 0 ? Number(cut) : Infinity;
  const server = net.connect(Number(target.port), target.hostname);
  const end = () => (client.destroy(), server.destroy());
  client.on("data", (data) => {
    const found = /^last-event-id: (\d+)/im.exec(data.toString("latin1"));
    if (found) lastEventIds.push(Number(found[1]));
    server.write(data);
  });
  server.on("data", (data) => {
    client.write(data.subarray(0, left), left <= data.length ? end : undefined);
    left -= data.length;
  });
  for (const socket of [client, server]) socket.on("error", end).on("close", end);
});
await new Promise((ready) => proxy.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${proxy.address().port}${target.pathname}`;
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const isLast = (name) => name === "done" || name === "error";
const take = (id, event, data) => events.push({ id: Number(id), event, data: JSON.parse(data) });

async function withParser() {
  const lastSeen = () => (events.length ? { "Last-Event-ID": String(events.at(-1).id) } : {});
  const parser = () => createParser({ onEvent: ({ id, event, data }) => take(id, event, data) });
  while (!isLast(events.at(-1)?.event)) {
    try {
      const answer = await fetch(url, { method: "POST", headers: { ...headers, ...lastSeen() }, body });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
      const { feed } = parser();
      const decoder = new TextDecoder();
      for await (const chunk of answer.body) feed(decoder.decode(chunk, { stream: true }));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what fetch says of a broken connection
    }
  }
}

async function withFetchEventSource() {
  globalThis.window = globalThis; // the package was written for browsers
  globalThis.document = new EventTarget();
  const leaving = new AbortController();
  await fetchEventSource(url, {
    method: "POST",
    headers,
    body,
    signal: leaving.signal,
    openWhenHidden: true,
    onopen: async (answer) => {
      if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
    },
    onmessage: ({ id, event, data }) => {
      if (event) take(id, event, data); // a comment or `retry` alone comes as an empty message
      if (isLast(event)) leaving.abort();
    },
    onclose: () => {
      throw new Error("cut"); // ended without a last event: come back
    },
    onerror: (error) => {
      if (String(error.message).startsWith("HTTP ")) throw error;
      return 100; // milliseconds until it comes back
    },
  });
}

await (reader === "eventsource-parser" ? withParser() : withFetchEventSource());
console.log(JSON.stringify({ events, connections, lastEventIds }));
process.exit(0);
