import { useQueueLength } from "../hooks/useJobs";
import { useHealth } from "../hooks/useServer";

function Queue() {
  const { data: count } = useQueueLength();
  if (count === undefined) return null;
  return <>{count === 0 ? "nothing waits" : count === 1 ? "one recording in the works" : `${count} recordings in the works`} · </>;
}

/** What does the work, at the foot of the page. */
export function HealthCorner() {
  const { data: health, isError } = useHealth();
  if (isError) {
    return (
      <p className="health" role="status">
        <span className="dot bad" /> The server cannot be reached. It is asked again every few seconds.
      </p>
    );
  }
  if (!health) return null;
  const device = health.gpu?.name ?? (health.device === "cpu" ? "processor" : health.device);
  return (
    <p className="health">
      <span className="dot" />
      <span title={health.engine_choice}>
        {health.engine} · {health.model} · {device}
      </span>
      <span className="health-rest">
        {health.loaded ? "ready" : "loads with the next recording"} · <Queue />Quoth {health.version} ·{" "}
        <a href="docs">API</a>
      </span>
    </p>
  );
}
