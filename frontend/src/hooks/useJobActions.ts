/** What a person does with a job. Deleting waits a few seconds, in which it can be taken back. */
import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { messageOf } from "../api/client";
import { cancelJob, deleteJob, renameJob, retryJob, type Job } from "../api/jobs";
import { Listeners } from "../lib/listeners";
import { refreshJobs, showJob } from "./useJobs";
import { notices } from "./useNotices";

export const GRACE_MS = 6000;

class Bin extends Listeners {
  private doomed: ReadonlyMap<string, () => void> = new Map();

  readonly get = (): ReadonlyMap<string, () => void> => this.doomed;

  constructor() {
    super();
    // Whoever closes the page has not taken it back.
    window.addEventListener("pagehide", () => {
      for (const remove of this.doomed.values()) remove();
    });
  }

  throwIn(job: Job, queries: QueryClient): void {
    const remove = (): void => {
      clearTimeout(timer);
      deleteJob(job.id)
        .catch((error: unknown) => notices.show(messageOf(error), "error"))
        .then(() => refreshJobs(queries))
        .finally(() => {
          this.keep(job.id);
        });
    };
    const timer = setTimeout(remove, GRACE_MS);
    this.doomed = new Map(this.doomed).set(job.id, remove);
    this.tell();
    const notice = notices.show(`“${job.name}” is deleted.`, "info", {
      label: "Undo",
      run: () => {
        clearTimeout(timer);
        this.keep(job.id);
        notices.dismiss(notice);
      },
    });
  }

  private keep(id: string): void {
    const left = new Map(this.doomed);
    left.delete(id);
    this.doomed = left;
    this.tell();
  }
}

const bin = new Bin();

/** Ids of jobs that are about to be deleted, and are not shown. */
export function useDoomed(): ReadonlyMap<string, unknown> {
  return useSyncExternalStore(bin.subscribe, bin.get);
}

export function useJobActions() {
  const queries = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (act: () => Promise<Job>) => act(),
    onSuccess: (job) => {
      showJob(queries, job);
    },
    onError: (error) => {
      notices.show(messageOf(error), "error");
      void refreshJobs(queries);
    },
  });
  return {
    cancel: (job: Job) => {
      mutate(() => cancelJob(job.id));
    },
    retry: (job: Job) => {
      mutate(() => retryJob(job.id));
    },
    rename: (job: Job, name: string) => {
      if (name.trim() && name !== job.name) mutate(() => renameJob(job.id, name.trim()));
    },
    remove: (job: Job) => {
      bin.throwIn(job, queries);
    },
  };
}
