// The documented page, once for each run, and what it shows told to the server that it came from.

import { TriggerAuthContext, useRealtimeRun } from "@trigger.dev/react-hooks";
import React from "react";
import { createRoot } from "react-dom/client";

const asked = new URL(location.href).searchParams;
const tell = (line) => fetch("/told", { method: "POST", body: JSON.stringify(line) });

function VideoProgress({ name, runId, accessToken }) {
  const { run, error } = useRealtimeRun(runId, { accessToken });
  const shown = React.useRef(null);
  const status = run?.metadata?.status;
  React.useEffect(() => {
    if (run) tell({ name, run, shown: shown.current.textContent });
    if (run?.finishedAt) tell({ name, done: true });
  }, [run]);
  React.useEffect(() => {
    if (error) tell({ name, error: error.message });
  }, [error]);
  return (
    <div>
      <p ref={shown}>{status?.label}</p>
      <progress value={status?.progress} max={100} />
    </div>
  );
}

createRoot(document.getElementById("root")).render(
  <TriggerAuthContext.Provider value={{ baseURL: asked.get("base") }}>
    {JSON.parse(asked.get("runs")).map((run) => (
      <VideoProgress key={run.name} name={run.name} runId={run.runId} accessToken={run.token} />
    ))}
  </TriggerAuthContext.Provider>,
);
