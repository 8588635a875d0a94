import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { show } from "../test/render";
import { at, server } from "../test/server";
import { GuideView } from "./GuideView";
import { Home } from "./Home";

beforeEach(() => {
  server.use(
    http.get(at("/health"), () => HttpResponse.error()),
    http.get(at("/v1/models"), () => HttpResponse.json({ object: "list", data: [] })),
    http.get(at("/v1/jobs"), () => HttpResponse.json({ object: "list", data: [], total: 0, has_more: false })),
  );
  return () => {
    vi.unstubAllGlobals();
  };
});

describe("recording", () => {
  it("is a sentence and a way to https where the browser refuses the microphone", async () => {
    vi.stubGlobal("isSecureContext", false);
    show(<Home isOver={false} />);
    expect(await screen.findByText(/only to pages that come over https/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "How to have it here" })).toHaveAttribute("href", "#/help/https");
    expect(screen.queryByRole("button", { name: "Record" })).not.toBeInTheDocument();
  });

  it("says how to allow the microphone when it was refused", async () => {
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("MediaRecorder", vi.fn());
    const getUserMedia = vi.fn(() => Promise.reject(new DOMException("no", "NotAllowedError")));
    Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia } });
    show(<Home isOver={false} />);
    await userEvent.click(await screen.findByRole("button", { name: "Record" }));
    expect(await screen.findByText(/may not use the microphone/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Not now" }));
    expect(await screen.findByRole("button", { name: "Record" })).toBeInTheDocument();
  });
});

describe("the guide to https", () => {
  it("is the one of the documentation, with its commands", () => {
    show(<GuideView />);
    expect(screen.getByRole("heading", { name: "https, for microphones" })).toBeInTheDocument();
    expect(screen.getByText("./start.sh --tls -- --host 0.0.0.0")).toBeInTheDocument();
    expect(screen.getAllByRole("table").length).toBeGreaterThan(1);
  });
});
