/** Words while they are spoken: `/v1/realtime`, with OpenAI's events and one of ours. */
import { base64Of, RATE } from "../lib/pcm";
import { ask, client, HERE, messageOf } from "./client";
import { withTicket } from "./events";
import type { JobForm } from "./jobs";

export interface LiveEvents {
  onOpen: () => void;
  /** Settled text, put after what is there of an utterance. */
  onText: (item: string, more: string) => void;
  /** What may follow it, and takes the place of the last guess. */
  onGuess: (item: string, guess: string) => void;
  /** All of an utterance. */
  onWhole: (item: string, text: string) => void;
  onError: (message: string) => void;
  /** Whether it ended as it was asked to; else why, where that is known. */
  onClose: (isInOrder: boolean, why?: string) => void;
}

export interface Live {
  /** Samples of 16 bits at `RATE`; false when more waits to be sent than should. */
  send: (samples: ArrayBuffer) => boolean;
  /** Have the last words recognised, then close. */
  finish: () => void;
  close: () => void;
}

const PATH = "/v1/realtime?intent=transcription";
const TRANSCRIPTION = "conversation.item.input_audio_transcription";
/** About a quarter of a minute that does not get through. */
const MOST_WAITING_BYTES = 700_000;

interface Told {
  type?: string;
  item_id?: string;
  delta?: string;
  text?: string;
  transcript?: string;
  error?: { message?: string };
}

export function openLive(form: JobForm, events: LiveEvents): Live {
  let socket: WebSocket | null = null;
  let isOpen = false;
  let isFinishing = false;
  const send = (event: object): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(event));
  };
  const hear = ({ data }: MessageEvent<string>): void => {
    const told = JSON.parse(data) as Told;
    const item = told.item_id ?? "";
    switch (told.type) {
      case "session.created":
        send({ type: "session.update", session: sessionOf(form) });
        break;
      case "session.updated":
        events.onOpen();
        break;
      case `${TRANSCRIPTION}.delta`:
        events.onText(item, told.delta ?? "");
        break;
      case "quoth.input_audio_transcription.interim":
        events.onGuess(item, told.text ?? "");
        break;
      case `${TRANSCRIPTION}.completed`:
        events.onWhole(item, told.transcript ?? "");
        break;
      case `${TRANSCRIPTION}.failed`:
      case "error":
        events.onError(told.error?.message ?? "The server did not say what went wrong.");
        break;
      default: // of no use here
    }
  };
  const end = (): void => {
    events.onClose(isFinishing);
  };
  const refused = async (): Promise<void> => {
    const why = await whyNot();
    events.onClose(isFinishing, why);
  };
  withTicket(PATH).then((path) => {
    if (isFinishing) {
      end();
      return;
    }
    socket = new WebSocket(HERE.replace(/^http/, "ws") + path);
    socket.onopen = () => {
      isOpen = true;
    };
    socket.onmessage = hear;
    socket.onclose = () => {
      if (isOpen || isFinishing) end();
      else void refused();
    };
  }, end);
  return {
    send: (samples) => {
      send({ type: "input_audio_buffer.append", audio: base64Of(samples) });
      return (socket?.bufferedAmount ?? 0) < MOST_WAITING_BYTES;
    },
    finish: () => {
      isFinishing = true;
      if (socket?.readyState === WebSocket.OPEN) send({ type: "quoth.session.finish" });
      else socket?.close();
    },
    close: () => {
      isFinishing = true;
      socket?.close();
    },
  };
}

/** Why a socket did not open, which browsers keep to themselves: the same asked without one. */
async function whyNot(): Promise<string> {
  const asked = client.GET("/v1/realtime", { params: { query: { intent: "transcription" } } });
  return ask(asked).then(() => "", messageOf);
}

/** The recording is kept by this page, which makes a job of all of it: the server keeps none. */
function sessionOf({ language, model, keywords }: JobForm) {
  return {
    type: "transcription",
    audio: {
      input: {
        format: { type: "audio/pcm", rate: RATE },
        transcription: {
          ...(language ? { language } : {}),
          ...(model ? { model } : {}),
          ...(keywords ? { keywords } : {}),
        },
      },
    },
    quoth: { interim: true },
  };
}
