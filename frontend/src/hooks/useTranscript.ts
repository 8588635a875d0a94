/** A transcript as edited, and its edits, each made of what was seen. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, messageOf } from "../api/client";
import {
  getEdits,
  getOutline,
  postEdit,
  rediarize,
  redoEdit,
  undoEdit,
  type Edit,
  type EditState,
  type SpeakerHints,
} from "../api/transcripts";
import { notices } from "./useNotices";

const keyOf = (id: string) => ["transcript", id] as const;

export function useTranscript(id: string) {
  return useQuery({
    queryKey: keyOf(id),
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

const STALE = 412;
export const ELSEWHERE =
  "The transcript was changed elsewhere meanwhile. Here it is as it is now; do your change again if it is still wanted.";

export function useEdits(id: string) {
  const queries = useQueryClient();
  const show = (state: EditState): void => {
    queries.setQueryData(keyOf(id), state);
  };
  const etag = (): string => queries.getQueryData<EditState>(keyOf(id))?.etag ?? "";
  const fail = async (error: unknown): Promise<void> => {
    const isStale = error instanceof ApiError && error.status === STALE;
    notices.show(isStale ? ELSEWHERE : messageOf(error), "error");
    if (isStale) await queries.refetchQueries({ queryKey: keyOf(id) });
  };
  // One after the other: each edit is of what the one before it made.
  const mutation = useMutation({
    mutationFn: (act: (etag: string) => Promise<EditState>) => act(etag()),
    scope: { id: `edits-${id}` },
    onSuccess: show,
    onError: fail,
  });
  const speakers = useMutation({
    mutationFn: (hints: SpeakerHints) => rediarize(id, hints),
    scope: { id: `edits-${id}` },
    onSuccess: () => queries.refetchQueries({ queryKey: keyOf(id) }),
    onError: fail,
  });
  return {
    /** Resolves when it is kept; rejects, with a notice shown, when it is not. */
    edit: (edit: Edit) => mutation.mutateAsync((seen) => postEdit(id, seen, edit)),
    undo: () => {
      mutation.mutate((seen) => undoEdit(id, seen));
    },
    redo: () => {
      mutation.mutate((seen) => redoEdit(id, seen));
    },
    tellApart: (hints: SpeakerHints) => {
      speakers.mutate(hints);
    },
    isSaving: mutation.isPending,
    isTellingApart: speakers.isPending,
  };
}
