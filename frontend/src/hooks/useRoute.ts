import { useSyncExternalStore } from "react";
import { addressOf, parseRoute, type Route } from "../lib/route";

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => {
    window.removeEventListener("hashchange", listener);
  };
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.hash));
}

export function goTo(route: Route): void {
  location.hash = addressOf(route);
}
