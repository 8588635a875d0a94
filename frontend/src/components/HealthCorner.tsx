import { useHealth } from "../hooks/useServer";

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
        {health.loaded ? "ready" : "loads with the next recording"} · Quoth {health.version} ·{" "}
        <a href="docs">API</a>
      </span>
    </p>
  );
}
