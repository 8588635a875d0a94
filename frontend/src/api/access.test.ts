import { http, HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { at, server } from "../test/server";
import { access, WRONG } from "./access";
import { NO_KEY } from "./client";
import { withTicket } from "./events";
import { findJobs } from "./jobs";
import { audioUrl, exportUrl } from "./transcripts";

const GOOD = "quoth_good";
const NEVER = 4e9;
const NONE = { object: "list", data: [], total: 0, has_more: false };
const refused = () => HttpResponse.json({ error: { message: "no", type: "", param: null, code: "invalid_api_key" } }, { status: 401 });
const isGood = (request: Request): boolean => request.headers.get("authorization") === `Bearer ${GOOD}`;

/** A server that lets nobody in without the good key. */
function guarded(): { asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  server.use(
    http.get(at("/v1/whoami"), ({ request }) => (isGood(request) ? HttpResponse.json({ key: "Ana", scopes: ["read"] }) : refused())),
    http.post(at("/v1/session"), ({ request }) =>
      isGood(request) ? HttpResponse.json({ id: "s1", expires_at: NEVER }, { status: 201 }) : refused(),
    ),
    http.delete(at("/v1/session"), () => new HttpResponse(null, { status: 204 })),
    http.post(at("/v1/tickets"), ({ request }) =>
      isGood(request) ? HttpResponse.json({ ticket: "t1" }, { status: 201 }) : refused(),
    ),
    http.get(at("/v1/jobs"), ({ request }) => {
      asked.push(request.headers.get("authorization"));
      return isGood(request) ? HttpResponse.json(NONE) : refused();
    }),
  );
  return { asked };
}

const isAsked = () => vi.waitFor(() => { expect(access.get().asked).not.toBeNull(); });

afterEach(async () => {
  server.use(http.delete(at("/v1/session"), () => new HttpResponse(null, { status: 204 })));
  access.leave();
  await access.signOut();
});

describe("whoever needs a key", () => {
  it("is asked for it, and what was asked of the server goes on by itself", async () => {
    const { asked } = guarded();
    const found = findJobs("", null);
    await isAsked();
    expect(access.get().asked).toBe("needed");
    expect(await access.signIn("quoth_wrong")).toBe(WRONG);
    expect(await access.signIn("with\u00a0blanks inside")).toBe(WRONG);
    expect(await access.signIn(` ${GOOD}\n`)).toBeNull();
    expect(await found).toEqual(NONE);
    expect(asked).toEqual([null, `Bearer ${GOOD}`]);
    expect(access.get()).toMatchObject({ asked: null, held: { name: "Ana" } });
  });

  it("can go without, and is told so where something needs one", async () => {
    guarded();
    const found = findJobs("", null);
    await isAsked();
    access.leave();
    await expect(found).rejects.toMatchObject({ status: 401, message: NO_KEY });
    await expect(findJobs("", null)).rejects.toMatchObject({ status: 401 });
    expect(access.get().asked).toBeNull(); // and is not asked again and again
  });

  it("is asked for another when the key is taken back", async () => {
    guarded();
    await access.signIn(GOOD);
    server.use(http.get(at("/v1/jobs"), refused, { once: true }));
    const found = findJobs("", null);
    await isAsked();
    expect(access.get()).toMatchObject({ asked: "refused", held: null });
    await access.signIn(GOOD);
    expect(await found).toEqual(NONE);
  });

  it("is told when too many keys were tried", async () => {
    server.use(http.get(at("/v1/whoami"), () => new HttpResponse("{}", { status: 429, headers: { "retry-after": "7" } })));
    expect(await access.signIn(GOOD)).toMatch(/in 7 seconds/);
  });

  it("keeps nothing that is no key where none is needed", async () => {
    server.use(http.get(at("/v1/whoami"), () => HttpResponse.json({ key: null, scopes: [] })));
    expect(await access.signIn("any text")).toBe(WRONG);
    expect(await access.signIn("sk-text")).toBe(WRONG);
  });
});

describe("what the browser asks for by itself", () => {
  it("has a session or a ticket in its address, and never the key", async () => {
    guarded();
    expect(access.media(audioUrl("j1"))).toBe(audioUrl("j1"));
    expect(await withTicket("/v1/jobs/events")).toBe("/v1/jobs/events");
    await access.signIn(GOOD);
    expect(access.media(audioUrl("j1"))).toBe(`${audioUrl("j1")}?session=s1`);
    expect(exportUrl("j1", { format: "srt" } as never)).toMatch(/format=srt&session=s1$/);
    expect(await withTicket("/v1/jobs/events")).toBe("/v1/jobs/events?ticket=t1");
    expect(await withTicket("/v1/realtime?intent=transcription")).toBe("/v1/realtime?intent=transcription&ticket=t1");
  });

  it("has another session when the one there was is nearly over", async () => {
    guarded();
    server.use(http.post(at("/v1/session"), () => HttpResponse.json({ id: "s0", expires_at: Date.now() / 1000 + 60 }), { once: true }));
    await access.signIn(GOOD);
    expect(access.media(audioUrl("j1"))).toMatch(/session=s0$/);
    await vi.waitFor(() => { expect(access.media(audioUrl("j1"))).toMatch(/session=s1$/); });
  });
});

it("the key is kept for this window, and gone when one signs out", async () => {
  guarded();
  await access.signIn(GOOD);
  expect(sessionStorage.getItem("quoth.key.v1")).toContain(GOOD);
  expect(JSON.stringify(localStorage)).not.toContain(GOOD);
  await access.signOut();
  expect(sessionStorage.getItem("quoth.key.v1")).toBeNull();
  expect(access.key).toBeNull();
});
