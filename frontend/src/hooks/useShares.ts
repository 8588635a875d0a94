/** Links to a job for others. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "../api/client";
import {
  createShare,
  findShares,
  getShared,
  getSharedOutline,
  getSharedTranscript,
  revokeShare,
} from "../api/shares";
import { notices } from "./useNotices";

export function useShares(jobId: string) {
  const queries = useQueryClient();
  const queryKey = ["shares", jobId];
  const onSettled = () => queries.invalidateQueries({ queryKey });
  const onError = (error: Error): void => {
    notices.show(messageOf(error), "error");
  };
  return {
    found: useQuery({ queryKey, queryFn: () => findShares(jobId) }),
    create: useMutation({
      mutationFn: (seconds: number) => createShare(jobId, seconds),
      onSettled,
      onError,
    }),
    revoke: useMutation({ mutationFn: (id: string) => revokeShare(jobId, id), onSettled, onError }),
  };
}

/** What whoever holds a link may see. */
export function useShared(token: string) {
  const once = { staleTime: Infinity, retry: false } as const;
  return {
    job: useQuery({ queryKey: ["shared", token], queryFn: () => getShared(token), ...once }),
    transcript: useQuery({
      queryKey: ["shared", token, "transcript"],
      queryFn: () => getSharedTranscript(token),
      ...once,
    }),
    outline: useQuery({
      queryKey: ["shared", token, "outline"],
      queryFn: () => getSharedOutline(token),
      ...once,
    }),
  };
}
