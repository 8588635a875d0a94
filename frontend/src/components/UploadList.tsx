import { useRef } from "react";
import { uploads, type UploadItem, type UploadState } from "../hooks/useUploads";
import { sizeInWords } from "../lib/time";
import { Button, IconButton } from "./ui/Button";
import { Progress } from "./ui/Progress";

const WORDS: Record<UploadState, string> = {
  waiting: "waits for its turn",
  sending: "",
  paused: "paused",
  "cut off": "goes on when the server can be reached",
  absent: "choose this file once more: it goes on where it stopped",
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
  const isMoving = state === "sending" || state === "waiting" || state === "cut off";
  const isPart = state === "sending" || state === "paused" || state === "cut off" || state === "absent";
  const sent = isPart ? `${sizeInWords(sentBytes)} of ` : "";
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
            isPaused={state === "paused" || state === "cut off" || state === "absent"}
          />
        )}
      </div>
      <div className="row-actions">
        {isMoving && (
          <IconButton icon="pause" label={`Pause ${name}`} onClick={() => { uploads.pause(id); }} />
        )}
        {state === "absent" && <ChooseAgain name={name} />}
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

function ChooseAgain({ name }: { name: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look="quiet" onClick={() => input.current?.click()}>
        Choose
      </Button>
      <input
        ref={input}
        className="visually-hidden"
        tabIndex={-1}
        type="file"
        aria-label={`Choose ${name} once more`}
        onChange={(event) => {
          uploads.add([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}
