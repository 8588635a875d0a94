import { act, renderHook, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { at, server } from "../test/server";
import { withEdit } from "../api/pending";
import type { Edit, EditState } from "../api/transcripts";
import { withQueries } from "../test/render";
import { editState, transcript } from "../test/samples";
import { notices } from "./useNotices";
import { ELSEWHERE } from "./editQueue";
import { connection } from "./useConnection";
import { useEdits, useTranscript } from "./useTranscript";

const EDITS = at("/v1/jobs/j1/edits");
const RENAME = { kind: "rename_speaker", speaker: "A", name: "Ada" } as const;

const CORRECTION = {
  kind: "correct_text", interval: { start: 0, end: 0.9 }, text: "hallo", was: "hello",
} as const;

/** A server with one transcript, that can be changed by others, be cut off, and lose its answers. */
function setUp() {
  const seen: (string | null)[] = [];
  const made: unknown[] = [];
  let version = 1;
  let trouble: "none" | "cut off" | "answer lost" = "none";
  let said = transcript("A: hello");
  const refuse = () =>
    HttpResponse.json({ error: { message: "It changed.", code: "stale_version" } }, { status: 412 });
  server.use(
    http.get(at("/health"), () => (trouble === "none" ? HttpResponse.json({}) : HttpResponse.error())),
    http.get(EDITS, () =>
      trouble === "none" ? HttpResponse.json(editState(said, { etag: `"${version}"` })) : HttpResponse.error(),
    ),
    http.post(EDITS, async ({ request }) => {
      if (trouble === "cut off") return HttpResponse.error();
      seen.push(request.headers.get("if-match"));
      if (seen.at(-1) !== `"${version}"`) return refuse();
      const edit = (await request.json()) as Edit;
      made.push(edit);
      version += 1;
      said = withEdit(said, edit, "1");
      if (trouble === "answer lost") return HttpResponse.error();
      return HttpResponse.json(editState(said, { etag: `"${version}"`, can_undo: true }));
    }),
  );
  const { wrapper, queries } = withQueries();
  const start = () => renderHook(() => ({ state: useTranscript("j1"), edits: useEdits("j1") }), { wrapper });
  const hook = start();
  const loaded = (): Promise<void> =>
    waitFor(() => {
      expect(hook.result.current.state.data).toBeDefined();
    });
  return {
    hook, queries, seen, made, loaded,
    queue: () => hook.result.current.edits.queue,
    changeElsewhere: () => (version += 1),
    be: (next: typeof trouble) => (trouble = next),
  };
}

const notice = (text: string) => notices.get().find((one) => one.text === text);

describe("useEdits", () => {
  it("makes each edit of what the one before it made, even when they come at once", async () => {
    const { hook, seen, loaded, queue } = setUp();
    await loaded();
    await act(() => Promise.all([1, 2, 3].map(() => queue().edit(RENAME))));
    expect(seen).toEqual(['"1"', '"2"', '"3"']);
    expect(hook.result.current.state.data?.can_undo).toBe(true);
  });

  it("overwrites nothing that was changed elsewhere: it says so, shows that, and does it if that is wanted", async () => {
    const { hook, made, changeElsewhere, loaded, queue } = setUp();
    await loaded();
    changeElsewhere();
    await act(() => expect(queue().edit(RENAME)).rejects.toThrow("It changed."));
    expect(made).toEqual([]);
    await waitFor(() => {
      expect(hook.result.current.state.data?.etag).toBe('"2"');
    });
    act(() => notice(ELSEWHERE)?.action?.run());
    await waitFor(() => {
      expect(made).toEqual([RENAME]);
    });
  });

  it("makes a correction of what is there now: it says which words it means", async () => {
    const { seen, made, changeElsewhere, loaded, queue } = setUp();
    await loaded();
    changeElsewhere();
    await act(() => queue().edit(CORRECTION));
    expect(seen).toEqual(['"1"', '"2"']);
    expect(made).toEqual([CORRECTION]);
  });

  it("keeps what cannot be sent, shows it, and sends it when the server is back", async () => {
    const { hook, made, loaded, queue, be } = setUp();
    await loaded();
    be("cut off");
    let both = Promise.resolve<unknown>(null);
    act(() => {
      both = Promise.all([queue().edit(RENAME), queue().edit(CORRECTION)]);
    });
    await waitFor(() => {
      expect(connection.get()).toBe(true);
    });
    const data = hook.result.current.state.data as EditState;
    expect(queue().shown(data.transcript).speakers[0]?.name).toBe("Ada");
    expect(queue().shown(data.transcript).segments[0]?.words[0]?.text).toBe("hallo");
    expect(hook.result.current.edits.count).toBe(2);
    expect(sessionStorage.getItem("quoth.edits.v1.j1")).toContain("hallo");
    be("none");
    await act(() => both);
    expect(made).toEqual([RENAME, CORRECTION]);
    expect(sessionStorage.getItem("quoth.edits.v1.j1")).toBeNull();
  });

  it("does not do twice what was done though its answer was lost", async () => {
    const { made, loaded, queue, be } = setUp();
    await loaded();
    be("answer lost");
    let edit = Promise.resolve();
    act(() => {
      edit = queue().edit(RENAME);
    });
    await waitFor(() => {
      expect(connection.get()).toBe(true);
    });
    be("none");
    await act(() => edit);
    expect(made).toEqual([RENAME]);
  });

  it("takes up after a reload what could not be sent before it, and heeds what was seen then", async () => {
    const kept = [{ etag: '"1"', edits: [RENAME] }];
    sessionStorage.setItem("quoth.edits.v1.j1", JSON.stringify(kept));
    const { made, seen, loaded } = setUp();
    await loaded();
    await waitFor(() => {
      expect(made).toEqual([RENAME]);
    });
    expect(seen).toEqual(['"1"']);
  });

  it("undoes what was never sent without asking anybody", async () => {
    const { made, loaded, queue, be } = setUp();
    await loaded();
    be("cut off");
    act(() => {
      void queue().edit(RENAME);
      void queue().edit(CORRECTION);
      queue().undo();
    });
    be("none");
    await waitFor(() => {
      expect(queue().get()).toEqual([]);
    });
    expect(made).toEqual([RENAME]);
  });
});
