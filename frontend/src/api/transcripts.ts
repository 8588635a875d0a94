/** A transcript: reading it, mending it, taking it away. */
import type { Look } from "../lib/formats";
import { access } from "./access";
import { ask, client, HERE, type Schemas } from "./client";

export type EditState = Schemas["EditStateDocument"];
export type Transcript = EditState["transcript"];
export type Speaker = Transcript["speakers"][number];
export type Outline = Schemas["Outline"];
export type Edit =
  | Schemas["Rename"]
  | Schemas["Merge"]
  | Schemas["Split"]
  | Schemas["Reassign"]
  | Schemas["Correct"]
  | Schemas["CorrectAll"];
export type SpeakerHints = Partial<
  Pick<Schemas["Hinted"], "num_speakers" | "min_speakers" | "max_speakers">
>;

const at = (job_id: string) => ({ path: { job_id } });
const seen = (job_id: string, etag: string) => ({ ...at(job_id), header: { "if-match": etag } });

export const getEdits = (job_id: string): Promise<EditState> =>
  ask(client.GET("/v1/jobs/{job_id}/edits", { params: at(job_id) }));

/** Make an edit of what was seen under an etag: refused (412) if it has changed since. */
export const postEdit = (job_id: string, etag: string, edit: Edit): Promise<EditState> =>
  ask(client.POST("/v1/jobs/{job_id}/edits", { params: seen(job_id, etag), body: edit }));

export const undoEdit = (job_id: string, etag: string): Promise<EditState> =>
  ask(client.POST("/v1/jobs/{job_id}/edits/undo", { params: seen(job_id, etag) }));

export const redoEdit = (job_id: string, etag: string): Promise<EditState> =>
  ask(client.POST("/v1/jobs/{job_id}/edits/redo", { params: seen(job_id, etag) }));

export const rediarize = (job_id: string, hints: SpeakerHints): Promise<unknown> =>
  ask(
    client.POST("/v1/jobs/{job_id}/rediarize", {
      params: at(job_id),
      body: { speaker_names: [], ...hints },
    }),
  );

export const getOutline = (job_id: string): Promise<Outline> =>
  ask(client.GET("/v1/jobs/{job_id}/peaks", { params: at(job_id) }));

export const audioUrl = (job_id: string): string => `${HERE}/v1/jobs/${job_id}/audio`;

export function exportUrl(job_id: string, look: Look): string {
  const query = new URLSearchParams({ download: "true" });
  for (const [name, value] of Object.entries(look)) query.set(name, String(value));
  return access.media(`${HERE}/v1/jobs/${job_id}/transcript?${query.toString()}`);
}

export async function exportText(job_id: string, look: Look): Promise<string> {
  return ask(
    client.GET("/v1/jobs/{job_id}/transcript", {
      params: { ...at(job_id), query: look },
      parseAs: "text",
    }),
  ) as Promise<string>;
}
