/** Links at which others can read and listen, for a time. */
import { ask, client, HERE, type Schemas } from "./client";
import type { Outline, Transcript } from "./transcripts";

export type Share = Schemas["ShareDocument"];
export type NewShare = Schemas["NewShareDocument"];
export type SharedJob = Schemas["SharedJob"];

export const createShare = (job_id: string, expires_in: number): Promise<NewShare> =>
  ask(
    client.POST("/v1/jobs/{job_id}/shares", {
      params: { path: { job_id } },
      body: { expires_in, label: "" },
    }),
  );

export const findShares = (job_id: string): Promise<Schemas["ShareList"]> =>
  ask(client.GET("/v1/jobs/{job_id}/shares", { params: { path: { job_id } } }));

export const revokeShare = (job_id: string, share_id: string): Promise<unknown> =>
  ask(
    client.DELETE("/v1/jobs/{job_id}/shares/{share_id}", {
      params: { path: { job_id, share_id } },
    }),
  );

export const getShared = (token: string): Promise<SharedJob> =>
  ask(client.GET("/v1/shares/{token}", { params: { path: { token } } }));

export const getSharedTranscript = (token: string): Promise<Transcript> =>
  ask(
    client.GET("/v1/shares/{token}/transcript", { params: { path: { token } } }),
  ) as Promise<Transcript>;

export const getSharedOutline = (token: string): Promise<Outline> =>
  ask(client.GET("/v1/shares/{token}/peaks", { params: { path: { token } } }));

export const sharedAudioUrl = (token: string): string => `${HERE}/v1/shares/${token}/audio`;

/** The address of the page that shows a share. */
export const shareLink = (token: string): string => `${HERE}/#/share/${token}`;
