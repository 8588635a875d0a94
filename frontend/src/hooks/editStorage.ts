/** Edits that wait, kept over a reload; and word to other tabs of what was changed in this one. */
import type { Edit } from "../api/transcripts";

interface Kept {
  etag: string;
  edits: Edit[];
}

const KEY = "quoth.edits.v1.";
/** Each tab keeps its own; what a tab leaves behind, the next one takes up. */
const mine = new Map<string, Kept>();

const kept = (storage: Storage, jobId: string): Kept[] => {
  try {
    const found: unknown = JSON.parse(storage.getItem(KEY + jobId) ?? "[]");
    storage.removeItem(KEY + jobId);
    return Array.isArray(found) ? (found as Kept[]) : [];
  } catch {
    return []; // nothing can be kept here
  }
};

const keep = (storage: Storage, jobId: string, all: readonly Kept[]): void => {
  try {
    if (all.length > 0) storage.setItem(KEY + jobId, JSON.stringify(all));
    else storage.removeItem(KEY + jobId);
  } catch {
    // full, or forbidden: they are sent as long as the page is open
  }
};

export function keepEdits(jobId: string, etag: string, edits: Edit[]): void {
  if (edits.length > 0) mine.set(jobId, { etag, edits });
  else mine.delete(jobId);
  keep(sessionStorage, jobId, edits.length > 0 ? [{ etag, edits }] : []);
}

/** Take what this tab kept before a reload, and what closed tabs left. */
export function takeKeptEdits(jobId: string): { edit: Edit; etag: string }[] {
  return [...kept(sessionStorage, jobId), ...kept(localStorage, jobId)].flatMap(({ etag, edits }) =>
    // Only the first is of what was seen; each other one is of what the one before it made.
    edits.map((edit, place) => ({ edit, etag: place === 0 ? etag : "" })),
  );
}

window.addEventListener("pagehide", (event) => {
  if (event.persisted) return; // it may come back as it is
  for (const [jobId, one] of mine) {
    keep(localStorage, jobId, [...kept(localStorage, jobId), one]);
    keep(sessionStorage, jobId, []);
  }
});

window.addEventListener("beforeunload", (event) => {
  if (mine.size > 0) event.preventDefault();
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
