/** Whether the server can be reached; while it cannot, it is asked again and again, calmly. */
import { useSyncExternalStore } from "react";
import { ApiError } from "../api/client";
import { getHealth } from "../api/server";
import { Listeners } from "../lib/listeners";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 10_000;

/** Whether asking failed on the way, so that the same may be asked again. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || [502, 503, 504].includes(error.status));
}

const answers = (): Promise<boolean> =>
  getHealth().then(
    () => true,
    (error: unknown) => !isUnreachable(error),
  );

export class Connection extends Listeners {
  private isLost = false;
  private wakeUp: () => void = () => undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly check: () => Promise<boolean> = answers) {
    super();
    window.addEventListener("offline", () => {
      this.lost();
    });
    window.addEventListener("online", () => {
      this.wakeUp();
    });
  }

  readonly get = (): boolean => this.isLost;

  /** Told by whoever asked in vain. */
  lost(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.tell();
    void this.lookOut();
  }

  /** Resolves once the server answers. */
  back(): Promise<void> {
    return this.isLost ? new Promise((resolve) => this.waiting.add(resolve)) : Promise.resolve();
  }

  private async lookOut(): Promise<void> {
    let wait = FIRST_WAIT_MS;
    do {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wait = Math.min(LONGEST_WAIT_MS, wait * 1.6);
    } while (!(await this.check()));
    this.isLost = false;
    this.tell();
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

export const connection = new Connection();

export function useIsLost(): boolean {
  return useSyncExternalStore(connection.subscribe, connection.get);
}
