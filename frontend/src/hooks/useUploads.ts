/** Files on their way: sent as soon as they are dropped, made jobs of when a person says so. */
import { useSyncExternalStore } from "react";
import { messageOf } from "../api/client";
import { createJob, type Job, type JobForm } from "../api/jobs";
import { sendFile, type Sending } from "../api/uploads";
import { Listeners } from "../lib/listeners";

export type UploadState = "waiting" | "sending" | "paused" | "failed" | "sent" | "submitting";

export interface UploadItem {
  id: number;
  name: string;
  sizeBytes: number;
  sentBytes: number;
  state: UploadState;
  error: string | null;
  /** How to transcribe it, once that is decided. */
  form: JobForm | null;
}

type Send = typeof sendFile;
type Create = typeof createJob;

const AT_ONCE = 2;

export class UploadQueue extends Listeners {
  private items: readonly UploadItem[] = [];
  private readonly files = new Map<number, { file: File; sending: Sending | null; uploadId: string }>();
  private last = 0;
  /** Told of each job that is made. */
  onJob: (job: Job) => void = () => undefined;

  constructor(
    private readonly send: Send = sendFile,
    private readonly create: Create = createJob,
  ) {
    super();
  }

  readonly get = (): readonly UploadItem[] => this.items;

  add(files: readonly File[]): void {
    for (const file of files) {
      const id = (this.last += 1);
      this.files.set(id, { file, sending: null, uploadId: "" });
      const item = { id, name: file.name, sizeBytes: file.size, sentBytes: 0, error: null, form: null };
      this.items = [
        ...this.items,
        file.size === 0
          ? { ...item, state: "failed", error: "This file is empty. Choose another one." }
          : { ...item, state: "waiting" },
      ];
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
    const isSent = Boolean(this.files.get(id)?.uploadId);
    this.change(id, { state: isSent ? "sent" : "waiting", error: null });
  }

  remove(id: number): void {
    const entry = this.files.get(id);
    // What the server has of it expires by itself if this does not reach it.
    entry?.sending?.abandon().catch(() => undefined);
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
        entry.uploadId = uploadId;
        this.change(id, { state: "sent", sentBytes: entry.file.size });
      },
      onError: (error) => {
        this.change(id, { state: "failed", error: error.message });
      },
    });
    entry.sending.start().catch((error: unknown) => {
      this.change(id, { state: "failed", error: messageOf(error) });
    });
  }

  private async makeJob({ id, name, form }: UploadItem): Promise<void> {
    const uploadId = this.files.get(id)?.uploadId;
    if (!uploadId || !form) return;
    try {
      this.onJob(await this.create(uploadId, name, form));
      this.forget(id);
    } catch (error) {
      // With other options it may do: they are asked for again.
      this.change(id, { state: "failed", error: messageOf(error), form: null });
    }
  }
}

export const uploads = new UploadQueue();

export function useUploads(): readonly UploadItem[] {
  return useSyncExternalStore(uploads.subscribe, uploads.get);
}
