import { uploads, type UploadItem, type UploadState } from "../hooks/useUploads";
import { sizeInWords } from "../lib/time";
import { IconButton } from "./ui/Button";
import { Progress } from "./ui/Progress";

const WORDS: Record<UploadState, string> = {
  waiting: "waits for its turn",
  sending: "",
  paused: "paused",
  failed: "",
  sent: "is here",
  submitting: "is queued",
};

export function UploadList({ items }: { items: readonly UploadItem[] }) {
  return (
    <ul className="uploads" aria-label="Uploads">
      {items.map((item) => (
        <UploadRow key={item.id} item={item} />
      ))}
    </ul>
  );
}

function UploadRow({ item }: { item: UploadItem }) {
  const { id, name, state, sizeBytes, sentBytes, error } = item;
  const isMoving = state === "sending" || state === "waiting";
  const sent = state === "sending" ? `${sizeInWords(sentBytes)} of ` : "";
  return (
    <li className="row">
      <div className="row-main">
        <p className="row-name">{name}</p>
        {error ? (
          <p className="row-note error" role="alert">
            {error}
          </p>
        ) : (
          <p className="row-note">
            {[`${sent}${sizeInWords(sizeBytes)}`, WORDS[state]].filter(Boolean).join(", ")}
          </p>
        )}
        {state !== "failed" && (
          <Progress
            label={`Upload of ${name}`}
            fraction={sizeBytes ? sentBytes / sizeBytes : 0}
            isPaused={state === "paused"}
          />
        )}
      </div>
      <div className="row-actions">
        {isMoving && (
          <IconButton icon="pause" label={`Pause ${name}`} onClick={() => { uploads.pause(id); }} />
        )}
        {state === "paused" && (
          <IconButton icon="play" label={`Go on with ${name}`} onClick={() => { uploads.resume(id); }} />
        )}
        {state === "failed" && sizeBytes > 0 && (
          <IconButton icon="retry" label={`Try ${name} again`} onClick={() => { uploads.resume(id); }} />
        )}
        <IconButton icon="close" label={`Leave out ${name}`} onClick={() => { uploads.remove(id); }} />
      </div>
    </li>
  );
}
