import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { describe, expect, it, vi } from "vitest";
import type { Job } from "../api/jobs";
import { GRACE_MS } from "../hooks/useJobActions";
import { showJob } from "../hooks/useJobs";
import { show } from "../test/render";
import { job } from "../test/samples";
import { at, server } from "../test/server";
import { JobList } from "./JobList";
import { Notices } from "./Notices";

function serve(jobs: Job[], deleted: string[] = []) {
  server.use(
    http.get(at("/v1/jobs"), ({ request }) => {
      const q = new URL(request.url).searchParams.get("q") ?? "";
      const data = jobs.filter(({ name, id }) => name.includes(q) && !deleted.includes(id));
      return HttpResponse.json({ object: "list", data, total: data.length, has_more: false });
    }),
    http.delete(at("/v1/jobs/:id"), ({ params }) => {
      deleted.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return deleted;
}

describe("JobList", () => {
  it("shows stage, fraction and time left, as events tell of them", async () => {
    const running = job({ status: "running", stage: "transcribe", fraction: 0.4, remaining: 95 });
    serve([running]);
    const { queries } = show(<JobList />);
    const row = await screen.findByText(/Writing down words, 40 %, 2 min left/);
    expect(row).toBeInTheDocument();
    act(() => {
      showJob(queries, { ...running, revision: 3, stage: "diarize", fraction: 0.8, remaining: 3 });
      showJob(queries, { ...running, revision: 2, fraction: 0.5 });
    });
    expect(await screen.findByText(/Telling speakers apart, 80 %, a moment left/)).toBeInTheDocument();
  });

  it("says why a job failed, and how it can be tried again", async () => {
    serve([job({ status: "failed", error: { message: "The file has no sound.", code: "x" } })]);
    show(<JobList />);
    expect(await screen.findByText("The file has no sound.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Try talk.mp3 again" })).toBeInTheDocument();
  });

  it("deletes only after some seconds, in which it can be taken back", async () => {
    const deleted = serve([job(), job({ id: "j2", name: "other.mp3" })]);
    show(
      <>
        <JobList />
        <Notices />
      </>,
    );
    const remove = async (name: string): Promise<void> => {
      await userEvent.click(await screen.findByRole("button", { name: `More for ${name}` }));
      await userEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
    };
    await remove("talk.mp3");
    expect(screen.queryByRole("link", { name: "talk.mp3" })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByRole("link", { name: "talk.mp3" })).toBeInTheDocument();
    await remove("other.mp3");
    expect(deleted).toEqual([]);
    await waitFor(() => {
      expect(deleted).toEqual(["j2"]);
    }, { timeout: GRACE_MS + 3000 });
  }, 15_000);

  it("shows names as text, whatever they say", async () => {
    const name = '<img src=x onerror="window.hacked=1">.mp3';
    serve([job({ name })]);
    show(<JobList />);
    const link = await screen.findByRole("link", { name });
    expect(within(link).queryByRole("img")).not.toBeInTheDocument();
  });

  it("tells what to do when the server cannot be reached", async () => {
    server.use(http.get(at("/v1/jobs"), () => HttpResponse.error()));
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    show(<JobList />);
    expect(await screen.findByRole("alert")).toHaveTextContent(/cannot be reached/);
  });
});
