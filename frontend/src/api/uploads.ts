/** Sending a file in pieces, by tus: what breaks goes on where it stopped. */
import type * as Tus from "tus-js-client";
import { access } from "./access";
import { ApiError, errorOf, HERE, UNREACHABLE } from "./client";

const PIECE_BYTES = 48 * 1024 * 1024;
/** Waits before it is tried again by itself, in milliseconds; then a person is asked. */
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000];

export interface Sending {
  start: () => Promise<void>;
  pause: () => Promise<void>;
  /** Stop, and have the server throw away what it has. */
  abandon: () => Promise<void>;
}

export interface SendingEvents {
  onProgress: (sentBytes: number) => void;
  onDone: (uploadId: string) => void;
  onError: (error: Error) => void;
}

/** It comes with the first file, which is when it is needed. */
export const loadTus = () =>
  import("tus-js-client").catch(() => {
    throw new ApiError(UNREACHABLE, 0, "unreachable");
  });

export function sendFile(file: File, events: SendingEvents): Sending {
  let upload: Tus.Upload | null = null;
  let isWanted = false;
  let key: string | null = null;
  const start = async (): Promise<void> => {
    isWanted = true;
    upload ??= make(await loadTus());
    if (upload.url === null) {
      const [before] = await upload.findPreviousUploads();
      if (before) upload.resumeFromPreviousUpload(before);
    }
    if (isWanted) upload.start();
  };
  const make = (tus: typeof Tus): Tus.Upload =>
    new tus.Upload(file, {
      endpoint: `${HERE}/v1/uploads`,
      chunkSize: PIECE_BYTES,
      retryDelays: RETRY_MS,
      metadata: { filename: file.name },
      removeFingerprintOnSuccess: true,
      onProgress: events.onProgress,
      onSuccess: () => {
        events.onDone((upload?.url ?? "").split("/").at(-1) ?? "");
      },
      onBeforeRequest: (request) => {
        key = access.key;
        for (const [name, value] of Object.entries(access.headers())) request.setHeader(name, value);
      },
      onError: (error) => {
        void goOn(inWords(error));
      },
    });
  const goOn = async (error: Error): Promise<void> => {
    const isKeyNeeded = error instanceof ApiError && error.status === 401;
    if (!isKeyNeeded || !(await access.ask(key))) events.onError(error);
    else if (isWanted) upload?.start();
  };
  const stop = async (isForGood: boolean): Promise<void> => {
    isWanted = false;
    await upload?.abort(isForGood);
  };
  return { start, pause: () => stop(false), abandon: () => stop(true) };
}

function inWords(error: Error | Tus.DetailedError): Error {
  const response = "originalResponse" in error ? error.originalResponse : null;
  if (!response) return new ApiError(UNREACHABLE, 0, "unreachable");
  let body: unknown = null;
  try {
    body = JSON.parse(response.getBody());
  } catch {
    // a proxy answered, not we
  }
  return errorOf(body, response.getStatus());
}
