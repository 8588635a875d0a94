/** Playing a recording, and what hangs on where it is. */
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { access } from "../api/access";
import { Listeners } from "../lib/listeners";
import { useSettings } from "./useSettings";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;
/** Seconds to go back or forward at once. */
export const SKIP = 5;

export interface PlayerState {
  isPlaying: boolean;
  duration: number;
  error: string | null;
}

const GONE =
  "The recording cannot be played: it was removed to save room, or this browser does not know its format.";
/** A second back on going on after a pause: one hears again where one was. */
const REWIND = 1;
/** If it cannot be played sooner than so much after a new beginning, it is for another reason. */
const RECOVER_MS = 30_000;

/** Tells of the time on each frame while it plays; `state` changes seldom. */
export class Player extends Listeners {
  readonly audio = new Audio();
  private state: PlayerState = { isPlaying: false, duration: 0, error: null };
  private frame = 0;
  private readonly ticks = new Set<(seconds: number) => void>();
  private stopAt = Infinity;
  private recovered = 0;

  constructor(private readonly url: string) {
    super();
    this.audio.preload = "metadata";
    const on = (name: string, act: () => void): void => {
      this.audio.addEventListener(name, act);
    };
    on("play", () => {
      this.change({ isPlaying: true, error: null });
      this.follow();
    });
    on("pause", () => {
      this.change({ isPlaying: false });
    });
    on("durationchange", () => {
      if (Number.isFinite(this.audio.duration)) this.change({ duration: this.audio.duration });
    });
    on("seeking", () => {
      this.tick();
    });
    on("error", () => {
      void this.recover();
    });
  }

  open(): void {
    this.audio.src = access.media(this.url);
  }

  /** What the browser plays by may have come to an end, where a key is needed: once it is begun anew. */
  private async recover(): Promise<void> {
    const { currentTime, paused } = this.audio;
    if (access.key !== null && Date.now() - this.recovered > RECOVER_MS) {
      this.recovered = Date.now();
      await access.renew();
      this.open();
      this.audio.currentTime = currentTime;
      if (!paused) this.play();
      return;
    }
    this.change({ isPlaying: false, error: GONE });
  }

  readonly get = (): PlayerState => this.state;
  get time(): number {
    return this.audio.currentTime;
  }

  readonly onTime = (listener: (seconds: number) => void): (() => void) => {
    this.ticks.add(listener);
    return () => this.ticks.delete(listener);
  };

  readonly seek = (seconds: number): void => {
    this.stopAt = Infinity;
    const end = this.state.duration || Infinity;
    this.audio.currentTime = Math.max(0, Math.min(seconds, end));
    this.tick();
  };

  readonly skip = (seconds: number): void => {
    this.seek(this.time + seconds);
  };

  readonly play = (): void => {
    // Refused before the person has touched the page, or cut off by a pause: both may be.
    this.audio.play().catch(() => undefined);
  };

  /** Play a stretch, then stop. */
  playFrom(start: number, end = Infinity): void {
    this.seek(start);
    this.stopAt = end;
    this.play();
  }

  readonly toggle = (): void => {
    this.stopAt = Infinity;
    if (this.audio.paused) {
      if (this.time > REWIND && !this.audio.ended) this.seek(this.time - REWIND);
      this.play();
    } else this.audio.pause();
  };

  close(): void {
    cancelAnimationFrame(this.frame);
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  private follow(): void {
    cancelAnimationFrame(this.frame);
    this.tick();
    if (this.time >= this.stopAt) {
      this.stopAt = Infinity;
      this.audio.pause();
    }
    if (!this.audio.paused) {
      this.frame = requestAnimationFrame(() => {
        this.follow();
      });
    }
  }

  private tick(): void {
    for (const listener of this.ticks) listener(this.time);
  }

  private change(changes: Partial<PlayerState>): void {
    this.state = { ...this.state, ...changes };
    this.tell();
  }
}

export function usePlayer(url: string): Player {
  const player = useMemo(() => new Player(url), [url]);
  const [{ speed }] = useSettings();
  useEffect(() => {
    player.open();
    return () => {
      player.close();
    };
  }, [player]);
  useEffect(() => {
    player.audio.defaultPlaybackRate = speed;
    player.audio.playbackRate = speed;
  }, [player, speed]);
  return player;
}

export function usePlayerState(player: Player): PlayerState {
  return useSyncExternalStore(player.subscribe, player.get);
}

/** A value that depends on the time; renders only when the value is another one. */
export function useAtTime<T extends string | number | boolean>(
  player: Player,
  valueAt: (seconds: number) => T,
): T {
  const [value, setValue] = useState(() => valueAt(player.time));
  useEffect(() => {
    setValue(valueAt(player.time));
    return player.onTime((seconds) => {
      setValue(valueAt(seconds));
    });
  }, [player, valueAt]);
  return value;
}
