/** Recordings that this browser keeps, because the page was closed before they were sent. */
import { useEffect, useSyncExternalStore } from "react";
import type { JobForm } from "../api/jobs";
import { Listeners } from "../lib/listeners";
import { fileOf, forgetRecording, keptPieces, keptRecordings, type KeptRecording } from "../lib/recordingStore";
import { uploads } from "./useUploads";

const LOCK = "quoth-recording-";

export class Shelf extends Listeners {
  private items: readonly KeptRecording[] = [];
  /** Those that this page is recording or sending, and what lets go of them. */
  private readonly busy = new Map<string, () => void>();

  readonly get = (): readonly KeptRecording[] => this.items;

  /** Look what is there that no page has its hands on. */
  async look(): Promise<void> {
    const [all, held] = await Promise.all([keptRecordings(), heldAnywhere()]).catch((): [KeptRecording[], string[]] => [[], []]);
    this.items = all.filter(({ id, sizeBytes }) => sizeBytes > 0 && !this.busy.has(id) && !held.includes(LOCK + id));
    this.tell();
  }

  /** Say that this page works on a recording. */
  hold(id: string): void {
    if (this.busy.has(id)) return;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.busy.set(id, release);
    // Where there are no locks, other tabs may offer it, too: nothing is lost by that.
    if ("locks" in navigator) navigator.locks.request(LOCK + id, () => released).catch(() => undefined);
  }

  private async letGo(id: string): Promise<void> {
    this.busy.get(id)?.();
    this.busy.delete(id);
    await this.look();
  }

  /** Have it sent; it is kept until the server has made a job of it. */
  send(id: string, file: File, form?: JobForm): void {
    this.hold(id);
    uploads.add([file], { ...(form ? { form } : {}), onJob: () => void this.remove(id), onLeftOut: () => void this.letGo(id) });
    void this.look();
  }

  async open(recording: KeptRecording): Promise<File> {
    return fileOf(recording, await keptPieces(recording.id));
  }

  async remove(id: string): Promise<void> {
    await forgetRecording(id).catch(() => undefined);
    await this.letGo(id);
  }
}

async function heldAnywhere(): Promise<readonly string[]> {
  if (!("locks" in navigator)) return [];
  const { held = [] } = await navigator.locks.query();
  return held.map(({ name = "" }) => name);
}

export const shelf = new Shelf();

export function useKeptRecordings(): readonly KeptRecording[] {
  useEffect(() => {
    void shelf.look();
  }, []);
  return useSyncExternalStore(shelf.subscribe, shelf.get);
}
