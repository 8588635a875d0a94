/** Files on their way: sent as soon as they are dropped, made jobs of when a person says so. */
import { useSyncExternalStore } from "react";
import { messageOf } from "../api/client";
import { createJob, type Job, type JobForm } from "../api/jobs";
import { sendFile, type Sending } from "../api/uploads";
import { Listeners } from "../lib/listeners";
import { perTab } from "../lib/perTab";
import { connection, isUnreachable } from "./useConnection";

export type UploadState =
  | "waiting"
  | "sending"
  | "paused"
  /** There is no connection; it goes on by itself. */
  | "cut off"
  /** The page was loaded anew: the file has to be chosen again, and goes on where it stopped. */
  | "absent"
  | "failed"
  | "sent"
  | "submitting";

export interface UploadItem {
  id: number;
  name: string;
  sizeBytes: number;
  sentBytes: number;
  state: UploadState;
  error: string | null;
  /** How to transcribe it, once that is decided. */
  form: JobForm | null;
  /** What the server calls it once it has all of it. */
  uploadId: string;
}

export interface Fate {
  /** How to transcribe it, if that is decided already. */
  form?: JobForm;
  onJob?: () => void;
  onLeftOut?: () => void;
}

type Send = typeof sendFile;
type Create = typeof createJob;
type Kept = Pick<UploadItem, "name" | "sizeBytes" | "sentBytes" | "form" | "uploadId">;

const AT_ONCE = 2;
const ALL = "all";

export class UploadQueue extends Listeners {
  private items: readonly UploadItem[] = [];
  private readonly files = new Map<number, { file: File; sending: Sending | null; fate: Fate }>();
  private last = 0;
  private readonly storage = perTab<Kept[]>("quoth.uploads.v1.");
  /** Told of each job that is made. */
  onJob: (job: Job) => void = () => undefined;

  constructor(
    private readonly send: Send = sendFile,
    private readonly create: Create = createJob,
  ) {
    super();
    this.items = this.storage.take(ALL).flat().map((kept) => ({
      ...kept,
      id: (this.last += 1),
      state: kept.uploadId ? "sent" : "absent",
      error: null,
    }));
    this.proceed();
  }

  readonly get = (): readonly UploadItem[] => this.items;

  add(files: readonly File[], fate: Fate = {}): void {
    for (const file of files) {
      const before = this.items.find(
        ({ state, name, sizeBytes }) => state === "absent" && name === file.name && sizeBytes === file.size,
      );
      const id = before?.id ?? (this.last += 1);
      this.files.set(id, { file, sending: null, fate });
      const item: UploadItem = {
        id, name: file.name, sizeBytes: file.size, sentBytes: 0, error: null, uploadId: "",
        form: before?.form ?? fate.form ?? null,
        state: "waiting",
      };
      if (file.size === 0) Object.assign(item, { state: "failed", error: "This file is empty. Choose another one." });
      this.items = before ? this.items.map((one) => (one === before ? item : one)) : [...this.items, item];
    }
    this.proceed();
  }

  /** Make jobs of all that is here and of all that is still on its way, as it comes. */
  submit(form: JobForm): void {
    this.items = this.items.map((item) => ({ ...item, form: item.form ?? form }));
    this.proceed();
  }

  pause(id: number): void {
    void this.files.get(id)?.sending?.pause();
    this.change(id, { state: "paused" });
  }

  /** Go on after a pause, or try again. */
  resume(id: number): void {
    const isSent = Boolean(this.items.find((item) => item.id === id)?.uploadId);
    this.change(id, { state: isSent ? "sent" : "waiting", error: null });
  }

  remove(id: number): void {
    const entry = this.files.get(id);
    // What the server has of it expires by itself if this does not reach it.
    entry?.sending?.abandon().catch(() => undefined);
    entry?.fate.onLeftOut?.();
    this.forget(id);
  }

  private forget(id: number): void {
    this.files.delete(id);
    this.items = this.items.filter((item) => item.id !== id);
    this.proceed();
  }

  private change(id: number, changes: Partial<UploadItem>): void {
    this.items = this.items.map((item) => (item.id === id ? { ...item, ...changes } : item));
    this.proceed();
  }

  private proceed(): void {
    const sending = this.items.filter((item) => item.state === "sending").length;
    const next = this.items.filter((item) => item.state === "waiting").slice(0, AT_ONCE - sending);
    const ready = this.items.filter((item) => item.state === "sent" && item.form !== null);
    const begun = new Map<number, UploadState>([
      ...next.map((item) => [item.id, "sending"] as const),
      ...ready.map((item) => [item.id, "submitting"] as const),
    ]);
    this.items = this.items.map((item) => ({ ...item, state: begun.get(item.id) ?? item.state }));
    const kept = this.items.filter(({ sizeBytes }) => sizeBytes > 0);
    this.storage.keep(ALL, kept.length > 0 ? kept.map(keptOf) : null);
    this.tell();
    for (const item of next) this.begin(item.id);
    for (const item of ready) void this.makeJob(item);
  }

  private begin(id: number): void {
    const entry = this.files.get(id);
    if (!entry) return;
    entry.sending ??= this.send(entry.file, {
      onProgress: (sentBytes) => {
        if (this.files.has(id)) this.change(id, { sentBytes });
      },
      onDone: (uploadId) => {
        this.change(id, { state: "sent", sentBytes: entry.file.size, uploadId });
      },
      onError: (error) => {
        this.fail(id, error);
      },
    });
    entry.sending.start().catch((error: unknown) => {
      this.fail(id, error);
    });
  }

  private async makeJob({ id, name, form, uploadId }: UploadItem): Promise<void> {
    if (!form) return;
    try {
      this.onJob(await this.create(uploadId, name, form));
      this.files.get(id)?.fate.onJob?.();
      this.forget(id);
    } catch (error) {
      // With other options it may do: they are asked for again.
      if (!isUnreachable(error)) this.change(id, { form: null });
      this.fail(id, error);
    }
  }

  private fail(id: number, error: unknown): void {
    if (!isUnreachable(error)) {
      this.change(id, { state: "failed", error: messageOf(error) });
      return;
    }
    this.change(id, { state: "cut off" });
    connection.lost();
    void connection.back().then(() => {
      if (this.items.some((item) => item.id === id && item.state === "cut off")) this.resume(id);
    });
  }
}

function keptOf({ name, sizeBytes, sentBytes, form, uploadId }: UploadItem): Kept {
  return { name, sizeBytes, sentBytes, form, uploadId };
}

export const uploads = new UploadQueue();

export function useUploads(): readonly UploadItem[] {
  return useSyncExternalStore(uploads.subscribe, uploads.get);
}
