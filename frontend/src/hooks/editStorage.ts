/** Edits that wait, kept over a reload; and word to other tabs of what was changed in this one. */
import type { Edit } from "../api/transcripts";
import { perTab } from "../lib/perTab";

const storage = perTab<{ etag: string; edits: Edit[] }>("quoth.edits.v1.");
const waiting = new Set<string>();

export function keepEdits(jobId: string, etag: string, edits: Edit[]): void {
  storage.keep(jobId, edits.length > 0 ? { etag, edits } : null);
  if (edits.length > 0) waiting.add(jobId);
  else waiting.delete(jobId);
}

export function takeKeptEdits(jobId: string): { edit: Edit; etag: string }[] {
  return storage.take(jobId).flatMap(({ etag, edits }) =>
    // Only the first is of what was seen; each other one is of what the one before it made.
    edits.map((edit, place) => ({ edit, etag: place === 0 ? etag : "" })),
  );
}

window.addEventListener("beforeunload", (event) => {
  if (waiting.size > 0) event.preventDefault();
});

interface Word {
  jobId: string;
  etag: string;
}

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("quoth.edits");

export function tellTabs(jobId: string, etag: string): void {
  channel?.postMessage({ jobId, etag } satisfies Word);
}

export function onOtherTab(act: (jobId: string, etag: string) => void): () => void {
  const hear = ({ data }: MessageEvent<Word>): void => {
    act(data.jobId, data.etag);
  };
  channel?.addEventListener("message", hear);
  return () => channel?.removeEventListener("message", hear);
}
