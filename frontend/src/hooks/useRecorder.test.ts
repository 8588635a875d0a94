import "fake-indexeddb/auto";
import { act, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as microphone from "../lib/microphone";
import { fileOf, forgetRecording, keepPiece, keptPieces, keptRecordings } from "../lib/recordingStore";
import { shelf, useKeptRecordings } from "./useKeptRecordings";
import { Recorder } from "./useRecorder";
import { uploads } from "./useUploads";

/** A browser's recorder, which gives what a test says. */
class Media {
  static last: Media;
  state: "inactive" | "recording" | "paused" = "inactive";
  readonly mimeType = "audio/webm;codecs=opus";
  ondataavailable: (event: { data: Blob }) => void = () => undefined;
  onstop: () => void = () => undefined;

  constructor() {
    Media.last = this;
  }
  start() {
    this.state = "recording";
  }
  pause() {
    this.state = "paused";
  }
  resume() {
    this.state = "recording";
  }
  stop() {
    this.state = "inactive";
    this.onstop();
  }
  give(text: string) {
    const data = new Blob([text]);
    data.arrayBuffer = () => Promise.resolve(new TextEncoder().encode(text).buffer);
    this.ondataavailable({ data });
  }
}

const track = Object.assign(new EventTarget(), { stop: vi.fn() });
const stream = { getTracks: () => [track], getAudioTracks: () => [track] } as unknown as MediaStream;

beforeEach(() => {
  vi.stubGlobal("MediaRecorder", Media);
  vi.spyOn(microphone, "openMicrophone").mockResolvedValue(stream);
  vi.spyOn(microphone, "recordingType").mockReturnValue("audio/webm");
  vi.spyOn(microphone, "watchLevel").mockReturnValue(() => undefined);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  for (const { id } of await keptRecordings()) await forgetRecording(id);
});

const textOf = async (id: string): Promise<string> =>
  (await keptPieces(id)).map((piece) => new TextDecoder().decode(piece)).join("");

async function begin() {
  const recorder = new Recorder();
  await recorder.start();
  expect(recorder.get().status).toBe("recording");
  return recorder;
}

describe("Recorder", () => {
  it("keeps each piece as it comes, in order", async () => {
    await begin();
    Media.last.give("one ");
    Media.last.give("two ");
    await waitFor(async () => {
      const [recording] = await keptRecordings();
      expect(await textOf(recording?.id ?? "")).toBe("one two ");
      expect(recording?.sizeBytes).toBe(8);
    });
  });

  it("makes an upload of it when it ends, and forgets it only once the server has a job", async () => {
    const add = vi.spyOn(uploads, "add").mockReturnValue();
    const recorder = await begin();
    Media.last.give("all of it");
    recorder.stop();
    await waitFor(() => {
      expect(add).toHaveBeenCalled();
    });
    const [[file] = [], fate] = add.mock.calls[0] ?? [];
    expect(file?.name).toMatch(/^Recording \d{4}-\d\d-\d\d \d\d\.\d\d\.webm$/);
    expect(file?.size).toBe(9);
    expect(await keptRecordings()).toHaveLength(1);
    expect(track.stop).toHaveBeenCalled();
    fate?.onJob?.();
    await waitFor(async () => {
      expect(await keptRecordings()).toEqual([]);
    });
    expect(recorder.get().status).toBe("idle");
  });

  it("keeps nothing of what is thrown away", async () => {
    const add = vi.spyOn(uploads, "add").mockReturnValue();
    const recorder = await begin();
    Media.last.give("never mind");
    recorder.throwAway();
    await waitFor(async () => {
      expect(await keptRecordings()).toEqual([]);
    });
    expect(add).not.toHaveBeenCalled();
  });

  it("counts no time while it is paused", async () => {
    const recorder = await begin();
    recorder.pause();
    const { seconds } = recorder.get();
    await new Promise((done) => setTimeout(done, 400));
    expect(recorder.get()).toMatchObject({ status: "paused", seconds });
    recorder.goOn();
    expect(recorder.get().status).toBe("recording");
    recorder.throwAway();
  });

  it("goes on in memory when the browser has no room, and says so", async () => {
    const add = vi.spyOn(uploads, "add").mockReturnValue();
    const recorder = await begin();
    Media.last.give("kept ");
    await waitFor(async () => {
      expect(await textOf((await keptRecordings())[0]?.id ?? "")).toBe("kept ");
    });
    const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    Media.last.give("held ");
    Media.last.give("too");
    await waitFor(() => {
      expect(recorder.get().warning).toContain("no room");
    });
    full.mockRestore();
    recorder.stop();
    await waitFor(() => {
      expect(add).toHaveBeenCalled();
    });
    expect(add.mock.calls[0]?.[0][0]?.size).toBe("kept held too".length);
  });

  it("says what to do when the microphone is refused", async () => {
    vi.mocked(microphone.openMicrophone).mockRejectedValue(new Error("Allow it."));
    const recorder = new Recorder();
    await recorder.start();
    expect(recorder.get()).toMatchObject({ status: "idle", error: "Allow it." });
  });
});

describe("recordings that were cut short", () => {
  const cut = { id: "cut", startedAt: 1_760_000_000_000, mimeType: "audio/webm", seconds: 3, sizeBytes: 3 };

  it("are offered, and make the same file each time, so that a broken upload goes on", async () => {
    await keepPiece(cut, 0, new TextEncoder().encode("abc").buffer);
    const { result } = renderHook(() => useKeptRecordings());
    await waitFor(() => {
      expect(result.current).toEqual([cut]);
    });
    const [one, other] = [await shelf.open(cut), fileOf(cut, await keptPieces("cut"))];
    expect([one.name, one.size, one.lastModified]).toEqual([other.name, 3, cut.startedAt]);
  });

  it("are not offered while they are sent, and again when the upload is left out", async () => {
    await keepPiece(cut, 0, new TextEncoder().encode("abc").buffer);
    const add = vi.spyOn(uploads, "add").mockReturnValue();
    const { result } = renderHook(() => useKeptRecordings());
    await waitFor(() => {
      expect(result.current).toHaveLength(1);
    });
    act(() => {
      shelf.send("cut", new File(["abc"], "cut.webm"));
    });
    await waitFor(() => {
      expect(result.current).toEqual([]);
    });
    act(() => add.mock.calls[0]?.[1]?.onLeftOut?.());
    await waitFor(() => {
      expect(result.current).toHaveLength(1);
    });
  });
});
