/** Short words at the edge of the page: what went wrong, what was done, a way back. */
import { useSyncExternalStore } from "react";
import { Listeners } from "../lib/listeners";

export interface Notice {
  id: number;
  text: string;
  kind: "info" | "error";
  action?: { label: string; run: () => void };
}

const SHOWN_MS = { info: 6000, error: 12_000 };

class NoticeBoard extends Listeners {
  private notices: readonly Notice[] = [];
  private last = 0;

  readonly get = (): readonly Notice[] => this.notices;

  show(text: string, kind: Notice["kind"] = "info", action?: Notice["action"]): number {
    const id = (this.last += 1);
    this.notices = [
      ...this.notices.filter((one) => one.text !== text),
      { id, text, kind, ...(action ? { action } : {}) },
    ].slice(-4);
    this.tell();
    setTimeout(() => {
      this.dismiss(id);
    }, SHOWN_MS[kind]);
    return id;
  }

  readonly dismiss = (id: number): void => {
    this.notices = this.notices.filter((one) => one.id !== id);
    this.tell();
  };
}

export const notices = new NoticeBoard();

export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(notices.subscribe, notices.get);
}
