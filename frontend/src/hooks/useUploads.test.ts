import { describe, expect, it, vi } from "vitest";
import type { SendingEvents } from "../api/uploads";
import { job } from "../test/samples";
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
});
