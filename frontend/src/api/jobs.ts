/** Jobs: one recording each, and what becomes of it. */
import { ask, client, type Schemas } from "./client";
import type { paths } from "./schema";

export type Job = Schemas["JobDocument"];
export type JobPage = Schemas["JobList"];
type CreateBody = NonNullable<
  paths["/v1/jobs"]["post"]["requestBody"]
>["content"]["multipart/form-data"];
/** How a recording is to be transcribed, as the form of a new job has it. */
export type JobForm = Pick<
  CreateBody,
  | "diarize"
  | "num_speakers"
  | "min_speakers"
  | "max_speakers"
  | "language"
  | "model"
  | "keywords"
>;

export const PAGE_SIZE = 30;

export const findJobs = (q: string, after: string | null): Promise<JobPage> =>
  ask(
    client.GET("/v1/jobs", {
      params: { query: { limit: PAGE_SIZE, ...(q ? { q } : {}), ...(after ? { after } : {}) } },
    }),
  );

/** How many recordings wait or are being transcribed. */
export const countActive = async (): Promise<number> => {
  const query = { limit: 1, status: ["queued" as const, "running" as const] };
  return (await ask(client.GET("/v1/jobs", { params: { query } }))).total;
};

export const getJob = (job_id: string): Promise<Job> =>
  ask(client.GET("/v1/jobs/{job_id}", { params: { path: { job_id } } }));

export const cancelJob = (job_id: string): Promise<Job> =>
  ask(client.POST("/v1/jobs/{job_id}/cancel", { params: { path: { job_id } } }));

export const retryJob = (job_id: string): Promise<Job> =>
  ask(client.POST("/v1/jobs/{job_id}/retry", { params: { path: { job_id } } }));

export const renameJob = (job_id: string, name: string): Promise<Job> =>
  ask(client.PATCH("/v1/jobs/{job_id}", { params: { path: { job_id } }, body: { name } }));

/** Delete for good; it goes through even while the page is being closed. */
export const deleteJob = (job_id: string): Promise<unknown> =>
  ask(client.DELETE("/v1/jobs/{job_id}", { params: { path: { job_id } }, keepalive: true }));

/** Make a job of a finished upload. The same upload gives the same job, however often it is asked. */
export async function createJob(uploadId: string, name: string, form: JobForm): Promise<Job> {
  const made = await ask(
    client.POST("/v1/jobs", {
      params: { header: { "idempotency-key": uploadId } },
      body: { ...form, name, upload_id: [uploadId] },
      bodySerializer: formDataOf,
    }),
  );
  // The answer to one recording is its job; the document of the API leaves it open.
  return made as Job;
}

function formDataOf(body: object = {}): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(body) as [string, unknown][]) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined && one !== null) data.append(name, String(one));
    }
  }
  return data;
}
