/** The jobs of this server: pages of them, kept up to date while they change. */
import {
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
} from "@tanstack/react-query";
import { useEffect } from "react";
import { listen } from "../api/events";
import { countActive, findJobs, getJob, type Job, type JobPage } from "../api/jobs";
import { useAccess } from "./useAccess";

const ALL = ["jobs"] as const;
const keyOf = (q: string) => [...ALL, "found", q] as const;
const keyOfJob = (id: string) => [...ALL, "one", id] as const;

export const isActive = (job: Job): boolean => job.status === "queued" || job.status === "running";

type Pages = InfiniteData<JobPage, string | null>;

export function useJobs(q: string) {
  return useInfiniteQuery({
    queryKey: keyOf(q),
    queryFn: ({ pageParam }) => findJobs(q, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? (page.data.at(-1)?.id ?? null) : null),
    placeholderData: (before) => before,
    // Events tell of what this process does; another worker's progress is only in the rows.
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.data.some(isActive)) ? 4000 : 30_000,
  });
}

export function useQueueLength() {
  return useQuery({ queryKey: [...ALL, "queue"], queryFn: countActive, refetchInterval: 10_000, retry: false });
}

export function useJob(id: string) {
  return useQuery({
    queryKey: keyOfJob(id),
    queryFn: () => getJob(id),
    refetchInterval: ({ state }) => (state.data && isActive(state.data) ? 2000 : false),
  });
}

/** Put what is new of a job wherever it is shown. */
export function showJob(queries: QueryClient, job: Job): void {
  const newer = (old: Job): Job => (old.id === job.id && job.revision >= old.revision ? job : old);
  queries.setQueryData<Job>(keyOfJob(job.id), (old) => (old ? newer(old) : job));
  let isShown = false;
  queries.setQueriesData<Pages>({ queryKey: [...ALL, "found"] }, (old) => {
    if (!old) return old;
    isShown ||= old.pages.some((page) => page.data.some((one) => one.id === job.id));
    const pages = old.pages.map((page) => ({ ...page, data: page.data.map(newer) }));
    return { ...old, pages };
  });
  if (!isShown) void refreshJobs(queries);
}

export function refreshJobs(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: [...ALL, "found"] });
}

/** Hear of every change as it happens. */
export function useJobEvents(): void {
  const queries = useQueryClient();
  const key = useAccess().held?.key;
  useEffect(() => {
    if (typeof EventSource === "undefined") return;
    return listen({
      onOpen: () => void refreshJobs(queries),
      onJob: (job) => {
        showJob(queries, job);
      },
    });
  }, [queries, key]);
}
