import type { Job } from "../api/jobs";
import { useJobActions } from "../hooks/useJobActions";
import { isActive } from "../hooks/useJobs";
import { addressOf } from "../lib/route";
import { clock, timeLeft, whenInWords } from "../lib/time";
import { IconButton } from "./ui/Button";
import { Menu, MenuItem } from "./ui/Menu";
import { Progress } from "./ui/Progress";

const STAGES: Record<string, string> = {
  decode: "Reading the file",
  detect_speech: "Finding speech",
  transcribe: "Writing down words",
  diarize: "Telling speakers apart",
};

export function stateInWords(job: Job): string {
  switch (job.status) {
    case "queued":
      if (job.waiting_for) return `Waits for ${job.waiting_for}`;
      return job.queue_position && job.queue_position > 1
        ? `Waits, number ${job.queue_position}`
        : "Is next";
    case "running": {
      const stage = STAGES[job.stage ?? ""] ?? "Begins";
      const left = timeLeft(job.remaining);
      return `${stage}, ${Math.round(job.fraction * 100)} %${left && `, ${left}`}`;
    }
    case "failed":
      return job.error?.message ?? "Failed.";
    case "cancelled":
      return "Stopped. A retry goes on from what was done.";
    case "completed":
      return `${clock(job.duration)} · ${whenInWords(job.finished_at ?? job.created_at)}`;
  }
}

export function JobRow({ job }: { job: Job }) {
  const { cancel, retry, remove } = useJobActions();
  const canRetry = job.status === "failed" || job.status === "cancelled";
  const isDone = job.status === "completed";
  return (
    <li className="row job" data-status={job.status}>
      <div className="row-main">
        <p className="row-name">
          {isDone ? <a href={addressOf({ view: "job", id: job.id })}>{job.name}</a> : job.name}
        </p>
        <p className={job.status === "failed" ? "row-note error" : "row-note"}>{stateInWords(job)}</p>
        {isActive(job) && <Progress label={`Progress of ${job.name}`} fraction={job.fraction} />}
      </div>
      <div className="row-actions">
        {isActive(job) && (
          <IconButton icon="close" label={`Stop ${job.name}`} onClick={() => { cancel(job); }} />
        )}
        {canRetry && (
          <IconButton icon="retry" label={`Try ${job.name} again`} onClick={() => { retry(job); }} />
        )}
        {!isActive(job) && (
          <Menu trigger={<IconButton icon="more" label={`More for ${job.name}`} />}>
            <MenuItem look="danger" onSelect={() => { remove(job); }}>
              Delete
            </MenuItem>
          </Menu>
        )}
      </div>
    </li>
  );
}
