import { http, HttpResponse, ws } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as pcm from "../lib/pcm";
import { at, server } from "../test/server";
import { LiveText } from "./useLiveText";

const socket = ws.link(at("/v1/realtime").replace("http", "ws"));
const TRANSCRIPTION = "conversation.item.input_audio_transcription";
const stream = {} as MediaStream;

/** A server that configures the session and notes what comes; `tell` sends an event. */
function serve() {
  const asked: { type: string; session?: unknown; audio?: string }[] = [];
  let tell: (event: object) => void = () => undefined;
  let hangUp: () => void = () => undefined;
  server.use(
    socket.addEventListener("connection", ({ client }) => {
      tell = (event) => {
        client.send(JSON.stringify(event));
      };
      hangUp = () => {
        client.close(1000);
      };
      tell({ type: "session.created" });
      client.addEventListener("message", ({ data }) => {
        const event = JSON.parse(String(data)) as (typeof asked)[number];
        asked.push(event);
        if (event.type === "session.update") tell({ type: "session.updated" });
        if (event.type === "quoth.session.finish") {
          tell({ type: `${TRANSCRIPTION}.completed`, item_id: "i", transcript: "good morning all" });
          setTimeout(hangUp, 20);
        }
      });
    }),
  );
  return { asked, tell: (event: object) => { tell(event); }, hangUp: () => { hangUp(); } };
}

let speak: (samples: ArrayBuffer) => void;
const ended = vi.fn();

beforeEach(() => {
  ended.mockClear();
  vi.spyOn(pcm, "watchSamples").mockImplementation((_stream, tell) => {
    speak = tell;
    return Promise.resolve(ended);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function begin(form = {}) {
  const told = serve();
  const text = new LiveText();
  text.start(stream, form);
  await vi.waitFor(() => {
    expect(text.get().status).toBe("on");
  });
  return { ...told, text };
}

describe("LiveText", () => {
  it("says how it is to be heard, and sends what the microphone hears", async () => {
    const { asked, text } = await begin({ language: "en", keywords: ["Ada"] });
    expect(asked[0]?.session).toMatchObject({
      type: "transcription",
      audio: { input: { format: { rate: 16_000 }, transcription: { language: "en", keywords: ["Ada"] } } },
      quoth: { interim: true },
    });
    speak(new Int16Array([1, -2]).buffer);
    await vi.waitFor(() => {
      expect(asked[1]).toEqual({ type: "input_audio_buffer.append", audio: "AQD+/w==" });
    });
    text.pause();
    speak(new Int16Array([3]).buffer);
    text.goOn();
    speak(new Int16Array([4]).buffer);
    await vi.waitFor(() => {
      expect(asked.map(({ audio }) => audio)).toEqual([undefined, "AQD+/w==", "BAA="]);
    });
  });

  it("tells settled words from those that may change, and takes the whole in their place", async () => {
    const { tell, text } = await begin();
    tell({ type: "quoth.input_audio_transcription.interim", item_id: "i", text: "good mourning" });
    tell({ type: `${TRANSCRIPTION}.delta`, item_id: "i", delta: "good" });
    tell({ type: `${TRANSCRIPTION}.delta`, item_id: "i", delta: " morning" });
    tell({ type: "quoth.input_audio_transcription.interim", item_id: "i", text: "all" });
    await vi.waitFor(() => {
      expect(text.get().utterances).toEqual([{ item: "i", settled: "good morning", guess: "all" }]);
    });
    text.finish();
    await vi.waitFor(() => {
      expect(text.get()).toEqual({
        status: "ended",
        utterances: [{ item: "i", settled: "good morning all", guess: "" }],
        error: null,
      });
    });
    expect(ended).toHaveBeenCalled();
  });

  it("says why the server opens no connection", async () => {
    class RefusedSocket {
      onclose: () => void = () => undefined;
      constructor() {
        setTimeout(() => {
          this.onclose();
        });
      }
    }
    vi.stubGlobal("WebSocket", RefusedSocket);
    server.use(
      http.get(at("/v1/realtime"), () =>
        HttpResponse.json({ error: { message: "This server has no engine.", code: "live_unavailable" } }, { status: 501 }),
      ),
    );
    const text = new LiveText();
    text.start(stream, {});
    await vi.waitFor(() => {
      expect(text.get().status).toBe("broken");
    });
    expect(text.get().error).toContain("This server has no engine.");
    vi.unstubAllGlobals();
  });

  it("says that the recording goes on when the connection breaks", async () => {
    const { hangUp, text } = await begin();
    hangUp();
    await vi.waitFor(() => {
      expect(text.get().status).toBe("broken");
    });
    expect(text.get().error).toContain("The recording goes on");
  });
});
