/** Text while one speaks. The recording goes on whatever becomes of it: nothing hangs on it. */
import { useSyncExternalStore } from "react";
import { messageOf } from "../api/client";
import type { JobForm } from "../api/jobs";
import { openLive, type Live } from "../api/live";
import { Listeners } from "../lib/listeners";
import { watchSamples } from "../lib/pcm";

export interface Utterance {
  item: string;
  /** What will not change any more, and what may. */
  settled: string;
  guess: string;
}

export interface LiveState {
  status: "off" | "connecting" | "on" | "ended" | "broken";
  utterances: readonly Utterance[];
  error: string | null;
}

const OFF: LiveState = { status: "off", utterances: [], error: null };
const CUT_OFF = "The text cannot follow any more: the connection is gone. The recording goes on.";
const TOO_SLOW = "The text cannot follow: the connection is too slow. The recording goes on.";

function refusal(why?: string): string | null {
  return why ? `The text cannot follow: ${why} The recording goes on.` : null;
}

export class LiveText extends Listeners {
  private state = OFF;
  private live: Live | null = null;
  private endSamples: () => void = () => undefined;
  private isPaused = false;

  readonly get = (): LiveState => this.state;

  start(stream: MediaStream, form: JobForm): void {
    this.stop();
    this.isPaused = false;
    this.change({ ...OFF, status: "connecting" });
    const live = openLive(form, {
      onOpen: () => {
        this.change({ status: "on" });
      },
      onText: (item, more) => {
        this.say(item, (one) => ({ ...one, settled: one.settled + more, guess: "" }));
      },
      onGuess: (item, guess) => {
        this.say(item, (one) => ({ ...one, guess }));
      },
      onWhole: (item, text) => {
        this.say(item, (one) => ({ ...one, settled: text, guess: "" }));
      },
      onError: (error) => {
        this.change({ error });
      },
      onClose: (isInOrder, why) => {
        if (this.live !== live) return;
        this.end(isInOrder ? "ended" : "broken", isInOrder ? null : refusal(why) ?? CUT_OFF);
      },
    });
    this.live = live;
    watchSamples(stream, (samples) => {
      if (this.isPaused || this.live !== live || live.send(samples)) return;
      live.close();
      this.end("broken", TOO_SLOW);
    }).then(
      (end) => {
        if (this.live === live) this.endSamples = end;
        else end();
      },
      (error: unknown) => {
        live.close();
        this.end("broken", messageOf(error));
      },
    );
  }

  pause(): void {
    this.isPaused = true;
  }

  goOn(): void {
    this.isPaused = false;
  }

  /** No more is to come; the last words still do. */
  finish(): void {
    this.endSamples();
    this.live?.finish();
  }

  /** Forget all of it. */
  stop(): void {
    const { live } = this;
    this.end("off", null);
    live?.close();
    this.change(OFF);
  }

  private end(status: LiveState["status"], error: string | null): void {
    this.endSamples();
    this.endSamples = () => undefined;
    this.live = null;
    this.change({ status, error: error ?? this.state.error });
  }

  private say(item: string, change: (one: Utterance) => Utterance): void {
    const { utterances } = this.state;
    const isKnown = utterances.some((one) => one.item === item);
    const all = isKnown ? utterances : [...utterances, { item, settled: "", guess: "" }];
    this.change({ utterances: all.map((one) => (one.item === item ? change(one) : one)) });
  }

  private change(changes: Partial<LiveState>): void {
    this.state = { ...this.state, ...changes };
    this.tell();
  }
}

export const liveText = new LiveText();

export function useLiveText(): LiveState {
  return useSyncExternalStore(liveText.subscribe, liveText.get);
}
