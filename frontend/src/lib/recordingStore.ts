/** Recordings while they are made, second by second in the browser's own store: a crash loses one. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

export interface KeptRecording {
  id: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  mimeType: string;
  seconds: number;
  sizeBytes: number;
}

interface Schema extends DBSchema {
  recordings: { key: string; value: KeptRecording };
  pieces: { key: [string, number]; value: { recording: string; place: number; data: ArrayBuffer } };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("quoth", 1, {
    upgrade(db) {
      db.createObjectStore("recordings", { keyPath: "id" });
      db.createObjectStore("pieces", { keyPath: ["recording", "place"] });
    },
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

export async function keepRecording(recording: KeptRecording): Promise<void> {
  await (await database()).put("recordings", recording);
}

/** Keep the next piece, and how long and large the recording is with it. */
export async function keepPiece(recording: KeptRecording, place: number, data: ArrayBuffer): Promise<void> {
  const change = (await database()).transaction(["recordings", "pieces"], "readwrite");
  await Promise.all([
    change.objectStore("pieces").put({ recording: recording.id, place, data }),
    change.objectStore("recordings").put(recording),
    change.done,
  ]);
}

export async function keptRecordings(): Promise<KeptRecording[]> {
  const all = await (await database()).getAll("recordings");
  return all.sort((one, other) => other.startedAt - one.startedAt);
}

const piecesOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Infinity]);

export async function keptPieces(id: string): Promise<ArrayBuffer[]> {
  return (await (await database()).getAll("pieces", piecesOf(id))).map(({ data }) => data);
}

export async function forgetRecording(id: string): Promise<void> {
  const change = (await database()).transaction(["recordings", "pieces"], "readwrite");
  await Promise.all([
    change.objectStore("recordings").delete(id),
    change.objectStore("pieces").delete(piecesOf(id)),
    change.done,
  ]);
}

const ENDINGS: Record<string, string> = { webm: "webm", mp4: "m4a", ogg: "ogg" };

/** A recording as a file; the same pieces make the same file, so a broken upload goes on with it. */
export function fileOf({ startedAt, mimeType }: KeptRecording, pieces: readonly BlobPart[]): File {
  const kind = /^audio\/(\w+)/.exec(mimeType)?.[1] ?? "";
  const date = new Date(startedAt);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const name = `Recording ${day} ${two(date.getHours())}.${two(date.getMinutes())}.${ENDINGS[kind] ?? "audio"}`;
  return new File([...pieces], name, { type: mimeType.split(";")[0] ?? "", lastModified: startedAt });
}
