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

  it("gives back what was typed when the server refuses it", async () => {
    serve();
    server.use(
      http.post(at("/v1/jobs/j1/edits"), () =>
        HttpResponse.json({ error: { message: "The words there are others.", code: null } }, { status: 400 }),
      ),
    );
    await userEvent.click(await screen.findByRole("button", { name: "Correct the paragraph at 0:00" }));
    await userEvent.type(screen.getByRole("textbox", { name: /Text of the paragraph/ }), " of you{Enter}");
    expect(await screen.findByRole("textbox", { name: /Text of the paragraph/ })).toHaveValue("good morning all of you");
  });

  it("parts a paragraph at the cursor, and gives the rest to somebody new", async () => {
    const made = serve();
    await userEvent.click(await screen.findByRole("button", { name: "Correct the paragraph at 0:00" }));
    const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: /Text of the paragraph/ });
    field.setSelectionRange(5, 5);
    await userEvent.click(screen.getByRole("button", { name: "Split here" }));
    const dialog = await screen.findByRole("dialog", { name: "Who says the rest?" });
    expect(within(dialog).getByText("morning all")).toBeInTheDocument();
    await userEvent.type(within(dialog).getByLabelText("Somebody new"), "Cleo{Enter}");
    await waitFor(() => {
      expect(made).toEqual([
        { kind: "reassign_interval", interval: { start: 1, end: 2.9 }, speaker: null, name: "Cleo" },
      ]);
    });
  });

  it("chooses words by key and says whose they are by number", async () => {
    const made = serve();
    await paragraph(0);
    await userEvent.keyboard("w{Shift>}{ArrowRight}{/Shift}");
    expect(await screen.findByRole("toolbar", { name: "The chosen words" })).toHaveTextContent("One word");
    await userEvent.keyboard("s");
    await screen.findByRole("dialog", { name: "Who says this?" });
    await userEvent.keyboard("2");
    await waitFor(() => {
      expect(made).toMatchObject([{ kind: "reassign_interval", speaker: "B", interval: { start: 1, end: 1.9 } }]);
    });
  });

  it("replaces everywhere at once, so that one undo takes it back", async () => {
    const made = serve();
    await paragraph(0);
    await userEvent.keyboard("f");
    await userEvent.type(screen.getByPlaceholderText("Search the transcript"), "l");
    await userEvent.type(screen.getByPlaceholderText("Replace with"), "r");
    await screen.findByText("1 of 5");
    await userEvent.click(screen.getByRole("button", { name: "All" }));
    await waitFor(() => {
      expect(made).toMatchObject([
        {
          kind: "correct_texts",
          corrections: [
            { text: "arr", was: "all" },
            { text: "<b>herro</b>", was: "<b>hello</b>" },
            { text: "ret", was: "let" },
          ],
        },
      ]);
    });
  });

  it("shows what can be taken away before it is, with what is wanted of it", async () => {
    serve();
    const asked: string[] = [];
    server.use(
      http.get(at("/v1/jobs/j1/transcript"), ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.text(`shown for ${asked.at(-1)}`);
      }),
    );
    await paragraph(0);
    await userEvent.keyboard("t");
    await userEvent.click(await screen.findByLabelText(/Plain text/));
    await userEvent.click(screen.getByRole("switch", { name: "Times" }));
    expect(await screen.findByText("shown for ?format=txt&times=true")).toBeInTheDocument();
    const link = screen.getByRole("link", { name: "Download txt" });
    expect(link).toHaveAttribute("href", at("/v1/jobs/j1/transcript?download=true&format=txt&times=true"));
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
