/** Sending a file in pieces, by tus: what breaks goes on where it stopped. */
import * as tus from "tus-js-client";
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

export function sendFile(file: File, events: SendingEvents): Sending {
  const upload = new tus.Upload(file, {
    endpoint: `${HERE}/v1/uploads`,
    chunkSize: PIECE_BYTES,
    retryDelays: RETRY_MS,
    metadata: { filename: file.name },
    removeFingerprintOnSuccess: true,
    onProgress: events.onProgress,
    onSuccess: () => {
      events.onDone((upload.url ?? "").split("/").at(-1) ?? "");
    },
    onError: (error) => {
      events.onError(inWords(error));
    },
  });
  return {
    start: async () => {
      if (upload.url === null) {
        const [before] = await upload.findPreviousUploads();
        if (before) upload.resumeFromPreviousUpload(before);
      }
      upload.start();
    },
    pause: () => upload.abort(),
    abandon: () => upload.abort(true),
  };
}

function inWords(error: Error | tus.DetailedError): Error {
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
