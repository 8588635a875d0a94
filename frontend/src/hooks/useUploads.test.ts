import { http, HttpResponse } from "msw";
import { describe, expect, it, vi } from "vitest";
import { ApiError, UNREACHABLE } from "../api/client";
import type { SendingEvents } from "../api/uploads";
import { job } from "../test/samples";
import { at, server } from "../test/server";
import { UploadQueue } from "./useUploads";

function setUp(create = vi.fn(() => Promise.resolve(job()))) {
  const begun: { file: File; events: SendingEvents; pause: ReturnType<typeof vi.fn> }[] = [];
  const queue = new UploadQueue((file, events) => {
    const pause = vi.fn(() => Promise.resolve());
    begun.push({ file, events, pause });
    return { start: () => Promise.resolve(), pause, abandon: () => Promise.resolve() };
  }, create);
  return { begun, queue, create };
}

const file = (name: string, text = "sound"): File => new File([text], name);
const states = (queue: UploadQueue): string[] => queue.get().map(({ state }) => state);

describe("UploadQueue", () => {
  it("sends two at once, the next when one has come", () => {
    const { begun, queue } = setUp();
    queue.add([file("a"), file("b"), file("c")]);
    expect(states(queue)).toEqual(["sending", "sending", "waiting"]);
    begun[0]?.events.onDone("u1");
    expect(states(queue)).toEqual(["sent", "sending", "sending"]);
  });

  it("makes a job of what was sent once a person says so, and of what comes later", async () => {
    const { begun, queue, create } = setUp();
    queue.add([file("a"), file("b")]);
    begun[0]?.events.onDone("u1");
    expect(create).not.toHaveBeenCalled();
    queue.submit({ diarize: true });
    expect(create).toHaveBeenCalledWith("u1", "a", { diarize: true });
    begun[1]?.events.onDone("u2");
    expect(create).toHaveBeenCalledWith("u2", "b", { diarize: true });
    await vi.waitFor(() => {
      expect(queue.get()).toEqual([]);
    });
  });

  it("keeps a file that no job could be made of, with the reason, for another try", async () => {
    const create = vi.fn(() => Promise.reject(new Error("The queue is full.")));
    const { begun, queue } = setUp(create);
    queue.add([file("a")]);
    begun[0]?.events.onDone("u1");
    queue.submit({});
    await vi.waitFor(() => {
      expect(queue.get()[0]).toMatchObject({ state: "failed", error: "The queue is full." });
    });
    create.mockImplementation(() => Promise.resolve(job()) as never);
    queue.resume(queue.get()[0]?.id ?? 0);
    expect(states(queue)).toEqual(["sent"]);
    queue.submit({ diarize: false });
    expect(create).toHaveBeenLastCalledWith("u1", "a", { diarize: false });
  });

  it("pauses and goes on with the same upload", () => {
    const { begun, queue } = setUp();
    queue.add([file("a")]);
    const id = queue.get()[0]?.id ?? 0;
    queue.pause(id);
    expect(begun[0]?.pause).toHaveBeenCalled();
    expect(states(queue)).toEqual(["paused"]);
    queue.resume(id);
    expect(states(queue)).toEqual(["sending"]);
    expect(begun).toHaveLength(1);
  });

  it("refuses an empty file in words", () => {
    const { begun, queue } = setUp();
    queue.add([file("a", "")]);
    expect(queue.get()[0]).toMatchObject({ state: "failed", error: expect.stringContaining("empty") as string });
    expect(begun).toHaveLength(0);
  });

  it("goes on by itself when the server can be reached again", async () => {
    server.use(http.get(at("/health"), () => HttpResponse.json({})));
    const { begun, queue } = setUp();
    queue.add([file("a")]);
    begun[0]?.events.onError(new ApiError(UNREACHABLE, 0));
    expect(states(queue)).toEqual(["cut off"]);
    await vi.waitFor(() => {
      expect(states(queue)).toEqual(["sending"]);
    }, 5000);
    expect(begun).toHaveLength(1);
  });

  it("knows after a reload what was sent, and which files have to be chosen again", () => {
    const before = setUp();
    before.queue.add([file("a"), file("b")]);
    before.begun[0]?.events.onDone("u1");
    before.begun[1]?.events.onProgress(2);
    before.queue.pause(before.queue.get()[1]?.id ?? 0);
    const { begun, queue, create } = setUp();
    expect(queue.get()).toMatchObject([
      { name: "a", state: "sent", uploadId: "u1" },
      { name: "b", state: "absent", sentBytes: 2 },
    ]);
    queue.submit({ diarize: true });
    expect(create).toHaveBeenCalledWith("u1", "a", { diarize: true });
    queue.add([file("b")]);
    expect(queue.get()).toHaveLength(2);
    begun[0]?.events.onDone("u2");
    expect(create).toHaveBeenCalledWith("u2", "b", { diarize: true });
  });

  it("tells whoever gave a file what became of it", async () => {
    const { begun, queue } = setUp();
    const [onJob, onLeftOut] = [vi.fn(), vi.fn()];
    queue.add([file("a"), file("b")], { onJob, onLeftOut });
    queue.remove(queue.get()[1]?.id ?? 0);
    expect(onLeftOut).toHaveBeenCalledOnce();
    begun[0]?.events.onDone("u1");
    queue.submit({});
    await vi.waitFor(() => {
      expect(onJob).toHaveBeenCalledOnce();
    });
  });
});
