/** Who one is to the server. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { access, type AccessState } from "../api/access";
import { messageOf } from "../api/client";
import { createKey, findKeys, getWhoAmI, revokeKey } from "../api/keys";
import { notices } from "./useNotices";

export function useAccess(): AccessState {
  return useSyncExternalStore(access.subscribe, access.get);
}

/** Show nothing of whoever was there before, when somebody signs in. */
export function useFreshStart(): void {
  const queries = useQueryClient();
  const key = useAccess().held?.key ?? null;
  const before = useRef(key);
  useEffect(() => {
    if (before.current === key) return;
    before.current = key;
    if (key !== null) void queries.resetQueries();
  }, [key, queries]);
}

export async function signOut(): Promise<void> {
  await access.signOut();
  // What is shown and what waits in memory was somebody's: nothing of it stays.
  location.hash = "#/";
  location.reload();
}

export function useWhoAmI() {
  return useQuery({ queryKey: ["whoami"], queryFn: getWhoAmI, staleTime: 0 });
}

export function useApiKeys() {
  const queries = useQueryClient();
  const queryKey = ["keys"];
  const onSettled = () => queries.invalidateQueries({ queryKey });
  const onError = (error: Error): void => {
    notices.show(messageOf(error), "error");
  };
  return {
    found: useQuery({ queryKey, queryFn: findKeys, refetchInterval: 30_000 }),
    create: useMutation({ mutationFn: createKey, onSettled }),
    revoke: useMutation({ mutationFn: revokeKey, onSettled, onError }),
  };
}
