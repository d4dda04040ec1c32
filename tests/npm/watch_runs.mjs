// Follows runs with Trigger.dev's own packages and with EventSource, as pages and servers do.
//
//   node watch_runs.mjs BASE_URL
//
// Reads one JSON object a line: {"name", "by", "runId", "token"}; `by` is one of `followers`. Prints one a line: {"name", "run"} for each state that the app sees, {"name", "error"},
// {"name", "done"}, and {"request": url, "status", "began", "ms"} for each request, begun in seconds
// of the system's monotonic clock, as Python's time.monotonic() has it. Ends with its input.

import readline from "node:readline";
import { TriggerAuthContext, useRealtimeRun } from "@trigger.dev/react-hooks";
import { auth, configure, runs } from "@trigger.dev/sdk";
import { EventSource } from "eventsource";
import React from "react";
import { create } from "react-test-renderer";

const [baseURL] = process.argv.slice(2);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const monotonic = () => Number(process.hrtime.bigint()) / 1e9;
globalThis.IS_REACT_ACT_ENVIRONMENT = false;
configure({ baseURL });

const ask = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  const began = monotonic();
  const told = (status) => {
    const ms = Math.round((monotonic() - began) * 1000);
    tell({ request: String(url?.url ?? url), status, began, ms });
  };
  try {
    const answer = await ask(url, options);
    told(answer.status);
    return answer;
  } catch (error) {
    told(String(error));
    throw error;
  }
};

function Page({ name, runId, token }) {
  const { run, error } = useRealtimeRun(runId, { accessToken: token });
  React.useEffect(() => {
    if (run) tell({ name, run });
    if (run?.finishedAt) tell({ name, done: true });
  }, [run]);
  React.useEffect(() => {
    if (error) tell({ name, error: error.message, status: error.status });
  }, [error]);
  return null;
}

const followers = {
  hook: ({ ...of }) => {
    const page = React.createElement(Page, of);
    create(React.createElement(TriggerAuthContext.Provider, { value: { baseURL } }, page));
  },
  subscribe: async ({ name, runId }) => {
    for await (const run of runs.subscribeToRun(runId)) tell({ name, run });
    tell({ name, done: true });
  },
  poll: async ({ name, runId }) => {
    tell({ name, run: await runs.poll(runId, { pollIntervalMs: 500 }) });
    tell({ name, done: true });
  },
  events: async ({ name, runId, token }) => {
    const source = new EventSource(`${baseURL}/api/runs/${runId}/events?token=${token}`);
    source.addEventListener("status", ({ data, lastEventId }) =>
      tell({ name, run: JSON.parse(data), id: Number(lastEventId) }),
    );
    source.addEventListener("end", () => (source.close(), tell({ name, done: true })));
    source.addEventListener("error", ({ code }) => code && tell({ name, error: code }));
  },
  retrieve: async ({ name, runId }) => tell({ name, run: await runs.retrieve(runId) }),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line);
  const begin = async () => followers[wish.by](wish);
  auth
    .withAuth({ baseURL, accessToken: wish.token }, begin)
    .catch((error) => tell({ name: wish.name, error: error.message, status: error.status }));
}
process.exit(0);
