import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Edit } from "../api/transcripts";
import { show } from "../test/render";
import { editState, job, transcript } from "../test/samples";
import { at, server } from "../test/server";
import { JobView } from "./JobView";

const LINES = ["A: good morning all", "B: <b>hello</b> Ada", "A: let us begin"];
const play = vi.spyOn(HTMLMediaElement.prototype, "play");

/** A window in which everything has room: jsdom gives nothing a size. */
beforeEach(() => {
  play.mockClear();
  Object.defineProperty(HTMLElement.prototype, "offsetHeight", { configurable: true, value: 80 });
});

function serve() {
  const made: Edit[] = [];
  const shown = transcript(...LINES);
  server.use(
    http.get(at("/v1/jobs/j1"), () => HttpResponse.json(job({ has_audio: true }))),
    http.get(at("/v1/jobs/j1/edits"), () => HttpResponse.json(editState(shown))),
    http.get(at("/v1/jobs/j1/peaks"), () =>
      HttpResponse.json({ error: { message: "Gone.", code: null } }, { status: 404 }),
    ),
    http.post(at("/v1/jobs/j1/edits"), async ({ request }) => {
      made.push((await request.json()) as Edit);
      return HttpResponse.json(editState(shown, { etag: '"2"', can_undo: true }));
    }),
  );
  show(<JobView id="j1" />);
  return made;
}

const paragraph = async (place: number): Promise<HTMLElement> => {
  const all = await screen.findAllByRole("article");
  return all[place] ?? expect.fail(`there is no paragraph ${place}`);
};

describe("a transcript", () => {
  it("plays from the word that is clicked", async () => {
    serve();
    await userEvent.click(within(await paragraph(0)).getByText("morning"));
    expect(play).toHaveBeenCalledOnce();
    expect(screen.getByText("morning")).toHaveAttribute("data-active", "true");
    expect(screen.getByText("good")).not.toHaveAttribute("data-active");
  });

  it("shows what was said as text, whatever it says", async () => {
    serve();
    expect(within(await paragraph(1)).getByText("<b>hello</b>")).toBeInTheDocument();
  });

  it("corrects a paragraph: when it is, what it said, what it says now", async () => {
    const made = serve();
    await userEvent.click(await screen.findByRole("button", { name: "Correct the paragraph at 0:00" }));
    const field = screen.getByRole("textbox", { name: /Text of the paragraph/ });
    expect(field).toHaveValue("good morning all");
    await userEvent.type(field, " of you{Enter}");
    await waitFor(() => {
      expect(made).toEqual([
        {
          kind: "correct_text",
          interval: { start: 0, end: 2.9 },
          text: "good morning all of you",
          was: "good morning all",
        },
      ]);
    });
    await waitFor(() => {
      expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
    });
  });

  it("keeps what was typed when it cannot be saved", async () => {
    serve();
    server.use(http.post(at("/v1/jobs/j1/edits"), () => HttpResponse.error()));
    await userEvent.click(await screen.findByRole("button", { name: "Correct the paragraph at 0:00" }));
    const field = screen.getByRole("textbox", { name: /Text of the paragraph/ });
    await userEvent.type(field, " of you{Enter}");
    await new Promise((done) => setTimeout(done, 100));
    expect(field).toHaveValue("good morning all of you");
  });

  it("gives a paragraph to another speaker", async () => {
    const made = serve();
    await userEvent.click(within(await paragraph(1)).getByRole("button", { name: "Speaker B" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Speaker A" }));
    await waitFor(() => {
      expect(made).toMatchObject([{ kind: "reassign_interval", speaker: "A", interval: { start: 3 } }]);
    });
  });

  it("finds words by key and shows how often they are there", async () => {
    serve();
    await paragraph(0);
    await userEvent.keyboard("/");
    await userEvent.type(screen.getByPlaceholderText("Search the transcript"), "ada");
    expect(await screen.findByText("1 of 1")).toBeInTheDocument();
    expect(screen.getByText("Ada")).toHaveAttribute("data-match", "current");
  });
});
