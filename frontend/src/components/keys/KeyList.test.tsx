import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Key } from "../../api/keys";
import { show } from "../../test/render";
import { at, server } from "../../test/server";
import { KeyList } from "./KeyList";

const PHONE: Key = {
  id: "key_1",
  object: "api_key",
  name: "Ana’s phone",
  scopes: ["read", "transcribe"],
  created_at: 1_760_000_000,
  expires_at: null,
  quotas: { audio_seconds_per_day: 7200, bytes_per_day: null, concurrent_jobs: 2 },
  last_used_at: null,
  used_today: { audio_seconds: 720, bytes: 30_000_000 },
};

let keys: Key[] = [];
let wanted: unknown = null;

beforeEach(() => {
  keys = [PHONE];
  wanted = null;
  server.use(
    http.get(at("/v1/keys"), () => HttpResponse.json({ object: "list", data: keys })),
    http.post(at("/v1/keys"), async ({ request }) => {
      wanted = await request.json();
      const made = { ...PHONE, id: "key_2", name: "radio", key: "quoth_made" };
      keys = [...keys, made];
      return HttpResponse.json(made, { status: 201 });
    }),
    http.delete(at("/v1/keys/:id"), ({ params }) => {
      keys = keys.filter(({ id }) => id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

describe("keys", () => {
  it("tell what they may do, what they used and when", async () => {
    show(<KeyList />);
    expect(await screen.findByRole("heading", { name: "Ana’s phone" })).toBeInTheDocument();
    expect(screen.getByText(/read, transcribe · made .* · 2 jobs at once/)).toBeInTheDocument();
    expect(screen.getByText("Never used · today 12 min of 2 h, 30 MB")).toBeInTheDocument();
  });

  it("are made as wanted, shown once, and copied even where the browser refuses", async () => {
    document.execCommand = vi.fn(() => false);
    show(<KeyList />);
    await userEvent.click(await screen.findByRole("button", { name: "New key" }));
    await userEvent.type(screen.getByLabelText("Who or what is it for?"), "radio");
    await userEvent.click(screen.getByLabelText("Delete its own recordings"));
    await userEvent.selectOptions(screen.getByLabelText("It ends"), "After a week");
    await userEvent.type(screen.getByLabelText("Hours of audio a day"), "1.5");
    await userEvent.click(screen.getByRole("button", { name: "Make it" }));
    const field = await screen.findByLabelText<HTMLInputElement>("Key");
    expect(wanted).toEqual({
      name: "radio",
      scopes: ["transcribe", "read"],
      expires_in: 604_800,
      quotas: { audio_seconds_per_day: 5400, bytes_per_day: null, concurrent_jobs: null },
    });
    expect(field).toHaveValue("quoth_made");
    await userEvent.click(screen.getByRole("button", { name: "Copy" }));
    expect(await screen.findByText(/the key is marked/)).toBeInTheDocument();
    expect([field.selectionStart, field.selectionEnd]).toEqual([0, "quoth_made".length]);
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.getByText(/never shown again\.$/, { selector: "[role=status]" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "I have it" }));
    expect(screen.queryByDisplayValue("quoth_made")).not.toBeInTheDocument();
    expect(await screen.findByRole("heading", { name: "radio" })).toBeInTheDocument();
  });

  it("are taken back once it is confirmed", async () => {
    show(<KeyList />);
    const open = async (): Promise<HTMLElement> => {
      await userEvent.click(await screen.findByRole("button", { name: "Take back the key Ana’s phone" }));
      return screen.getByRole("dialog", { name: "Take back Ana’s phone?" });
    };
    await userEvent.click(within(await open()).getByRole("button", { name: "Keep it" }));
    expect(keys).toHaveLength(1);
    await userEvent.click(within(await open()).getByRole("button", { name: "Take it back" }));
    expect(await screen.findByText("There is no key yet.")).toBeInTheDocument();
  });
});
