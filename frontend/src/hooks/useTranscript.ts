/** A transcript as edited, with what is still on its way done to it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { getEdits, getOutline, type EditState } from "../api/transcripts";
import { editQueueOf, transcriptKey, type EditQueue } from "./editQueue";
import { onOtherTab } from "./editStorage";

export function useTranscript(id: string) {
  const queries = useQueryClient();
  useEffect(
    () =>
      onOtherTab((jobId, etag) => {
        if (jobId !== id || queries.getQueryData<EditState>(transcriptKey(id))?.etag === etag) return;
        void queries.invalidateQueries({ queryKey: transcriptKey(id) });
      }),
    [id, queries],
  );
  return useQuery({
    queryKey: transcriptKey(id),
    queryFn: () => getEdits(id),
    staleTime: 10_000,
    structuralSharing: false, // comparing ten hours of words costs more than showing them
  });
}

export function useOutline(id: string) {
  return useQuery({
    queryKey: ["outline", id],
    queryFn: () => getOutline(id),
    staleTime: Infinity,
    retry: false,
  });
}

export interface Edits {
  queue: EditQueue;
  /** How many changes wait to be sent. */
  count: number;
  isTellingApart: boolean;
}

export function useEdits(id: string): Edits {
  const queries = useQueryClient();
  const queue = editQueueOf(queries, id);
  const waiting = useSyncExternalStore(queue.subscribe, queue.get);
  return {
    queue,
    count: waiting.length,
    isTellingApart: waiting.some(({ act }) => act.kind === "tell_apart"),
  };
}

/** The state of the server with what waits done to its transcript. */
export function useShownState(state: EditState, { queue }: Edits): EditState {
  const waiting = useSyncExternalStore(queue.subscribe, queue.get);
  return useMemo(() => {
    const canUndo = state.can_undo || waiting.some(({ act }) => act.kind === "edit");
    return { ...state, can_undo: canUndo, transcript: queue.shown(state.transcript) };
  }, [state, queue, waiting]);
}
