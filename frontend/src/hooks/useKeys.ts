import { useEffect, useRef } from "react";
import { actionOf, type Action } from "../lib/keys";

/** Let keys do things; an action that is not there is the browser's. */
export function useKeys(acts: Partial<Record<Action, () => void>>): void {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const action = actionOf(event);
      const act = action && latest.current[action];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => {
      window.removeEventListener("keydown", press);
    };
  }, []);
}
