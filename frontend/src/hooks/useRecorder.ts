/** Recording from the microphone. Each second is kept in the browser before the next is over. */
import { useSyncExternalStore } from "react";
import { messageOf } from "../api/client";
import type { JobForm } from "../api/jobs";
import { Listeners } from "../lib/listeners";
import { openMicrophone, recordingType, watchLevel } from "../lib/microphone";
import { fileOf, keepPiece, keepRecording, keptPieces, type KeptRecording } from "../lib/recordingStore";
import { liveText } from "./useLiveText";
import { shelf } from "./useKeptRecordings";

export interface RecorderState {
  status: "idle" | "asking" | "recording" | "paused" | "saving";
  seconds: number;
  error: string | null;
  warning: string | null;
}

const PIECE_MS = 1000;
const IDLE: RecorderState = { status: "idle", seconds: 0, error: null, warning: null };
const NO_ROOM =
  "This browser has no room to keep the recording while it is made. It is only in this page: do not close it before you stop.";
const UNPLUGGED = "The microphone is gone. What was recorded is here.";

/** One recording under way. */
interface Session {
  recording: KeptRecording;
  media: MediaRecorder;
  form: JobForm | null;
  place: number;
  /** Pieces the browser has no room for. */
  held: BlobPart[];
  writing: Promise<void>;
  begun: number;
  before: number;
  isThrownAway: boolean;
  end: () => void;
}

export class Recorder extends Listeners {
  private state = IDLE;
  private session: Session | null = null;
  private clock: ReturnType<typeof setInterval> | undefined;
  private readonly levels = new Set<(level: number) => void>();

  readonly get = (): RecorderState => this.state;

  readonly onLevel = (listener: (level: number) => void): (() => void) => {
    this.levels.add(listener);
    return () => this.levels.delete(listener);
  };

  /** @param form how it is to be transcribed, if the text is wanted while one speaks */
  async start(form: JobForm | null = null): Promise<void> {
    if (this.state.status !== "idle") return;
    this.state = IDLE;
    this.change({ status: "asking" });
    let stream: MediaStream | null = null;
    try {
      stream = await openMicrophone();
      this.begin(stream, form);
    } catch (error) {
      stream?.getTracks().forEach((track) => { track.stop(); });
      this.change({ status: "idle", error: messageOf(error) });
    }
  }

  private begin(stream: MediaStream, form: JobForm | null): void {
    const mimeType = recordingType();
    const media = new MediaRecorder(stream, { ...(mimeType ? { mimeType } : {}), audioBitsPerSecond: 96_000 });
    const startedAt = Date.now();
    const id = `${startedAt}-${Math.floor(Math.random() * 1e9)}`;
    const recording = { id, startedAt, mimeType: media.mimeType, seconds: 0, sizeBytes: 0 };
    const endLevel = watchLevel(stream, (level) => {
      for (const tell of this.levels) tell(media.state === "recording" ? level : 0);
    });
    shelf.hold(id);
    const session: Session = {
      recording, media, form, place: 0, held: [], writing: Promise.resolve(), begun: performance.now(), before: 0,
      isThrownAway: false,
      end: () => {
        endLevel();
        stream.getTracks().forEach((track) => { track.stop(); });
      },
    };
    this.session = session;
    session.writing = keepRecording(recording).catch(() => {
      this.change({ warning: NO_ROOM });
    });
    media.ondataavailable = ({ data }) => {
      this.keep(session, data);
    };
    media.onstop = () => void this.finish(session);
    stream.getAudioTracks()[0]?.addEventListener("ended", () => {
      if (media.state === "inactive") return;
      this.change({ warning: UNPLUGGED });
      this.stop();
    });
    media.start(PIECE_MS);
    if (form) liveText.start(stream, form);
    this.clock = setInterval(() => {
      this.change({ seconds: secondsOf(session) });
    }, 250);
    this.change({ status: "recording" });
  }

  pause(): void {
    const session = this.session;
    if (this.state.status !== "recording" || !session) return;
    session.before = secondsOf(session);
    session.media.pause();
    liveText.pause();
    this.change({ status: "paused", seconds: session.before });
  }

  goOn(): void {
    if (this.state.status !== "paused" || !this.session) return;
    this.session.begun = performance.now();
    this.session.media.resume();
    liveText.goOn();
    this.change({ status: "recording" });
  }

  /** End it; it becomes an upload like any file. */
  stop(): void {
    if (!this.session || this.session.media.state === "inactive") return;
    if (this.state.status === "recording") this.session.before = secondsOf(this.session);
    clearInterval(this.clock);
    if (this.session.isThrownAway) liveText.stop();
    else liveText.finish();
    this.session.media.stop();
    this.change({ status: "saving", seconds: this.session.before });
  }

  /** End it, and keep nothing of it. */
  throwAway(): void {
    if (!this.session) return;
    this.session.isThrownAway = true;
    this.stop();
  }

  private keep(session: Session, data: Blob): void {
    if (data.size === 0 || session.isThrownAway) return;
    const place = session.place;
    session.place += 1;
    session.recording = {
      ...session.recording,
      seconds: secondsOf(session),
      sizeBytes: session.recording.sizeBytes + data.size,
    };
    const { recording } = session;
    session.writing = session.writing.then(async () => {
      if (session.held.length === 0) {
        try {
          await keepPiece(recording, place, await data.arrayBuffer());
          return;
        } catch {
          this.change({ warning: NO_ROOM });
        }
      }
      session.held.push(data); // in order, from the first that found no room
    });
  }

  private async finish(session: Session): Promise<void> {
    session.end();
    await session.writing;
    const { recording, held, form, isThrownAway } = session;
    this.session = null;
    if (isThrownAway) await shelf.remove(recording.id);
    else {
      const kept = await keptPieces(recording.id).catch(() => []);
      shelf.send(recording.id, fileOf(recording, [...kept, ...held]), form ?? undefined);
    }
    this.state = { ...IDLE, warning: this.state.warning === UNPLUGGED ? UNPLUGGED : null };
    this.tell();
  }

  private change(changes: Partial<RecorderState>): void {
    this.state = { ...this.state, ...changes };
    this.tell();
  }
}

function secondsOf({ media, begun, before }: Session): number {
  return media.state === "recording" ? before + (performance.now() - begun) / 1000 : before;
}

export const recorder = new Recorder();

window.addEventListener("beforeunload", (event) => {
  if (recorder.get().status !== "idle") event.preventDefault();
});

export function useRecorder(): RecorderState {
  return useSyncExternalStore(recorder.subscribe, recorder.get);
}
