import { act, renderHook, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { at, server } from "../test/server";
import { withQueries } from "../test/render";
import { editState, transcript } from "../test/samples";
import { notices } from "./useNotices";
import { ELSEWHERE, useEdits, useTranscript } from "./useTranscript";

const EDITS = at("/v1/jobs/j1/edits");
const RENAME = { kind: "rename_speaker", speaker: "A", name: "Ada" } as const;

function setUp() {
  const seen: (string | null)[] = [];
  let version = 1;
  server.use(
    http.get(EDITS, () => HttpResponse.json(editState(transcript("A: hello"), { etag: `"${version}"` }))),
    http.post(EDITS, ({ request }) => {
      seen.push(request.headers.get("if-match"));
      if (seen.at(-1) !== `"${version}"`) {
        return HttpResponse.json({ error: { message: "It changed.", code: "stale_version" } }, { status: 412 });
      }
      version += 1;
      return HttpResponse.json(editState(transcript("A: hello"), { etag: `"${version}"`, can_undo: true }));
    }),
  );
  const { wrapper } = withQueries();
  const hook = renderHook(() => ({ state: useTranscript("j1"), edits: useEdits("j1") }), { wrapper });
  const changeElsewhere = (): void => {
    version += 1;
  };
  return { hook, seen, changeElsewhere };
}

describe("useEdits", () => {
  it("makes each edit of what the one before it made, even when they come at once", async () => {
    const { hook, seen } = setUp();
    await waitFor(() => {
      expect(hook.result.current.state.data).toBeDefined();
    });
    await act(() => Promise.all([1, 2, 3].map(() => hook.result.current.edits.edit(RENAME))));
    expect(seen).toEqual(['"1"', '"2"', '"3"']);
    expect(hook.result.current.state.data?.can_undo).toBe(true);
  });

  it("overwrites nothing that was changed elsewhere: it says so and shows that", async () => {
    const { hook, changeElsewhere } = setUp();
    await waitFor(() => {
      expect(hook.result.current.state.data).toBeDefined();
    });
    changeElsewhere();
    await act(() => expect(hook.result.current.edits.edit(RENAME)).rejects.toThrow("It changed."));
    expect(notices.get().map(({ text }) => text)).toContain(ELSEWHERE);
    await waitFor(() => {
      expect(hook.result.current.state.data?.etag).toBe('"2"');
    });
  });
});
