import type { Job } from "../api/jobs";
import type { EditState, Transcript } from "../api/transcripts";

export function job(changes: Partial<Job> = {}): Job {
  return {
    id: "j1",
    object: "job",
    name: "talk.mp3",
    status: "completed",
    stage: null,
    fraction: 1,
    remaining: null,
    queue_position: null,
    waiting_for: null,
    duration: 61,
    size_bytes: 1000,
    model: null,
    language: null,
    diarize: true,
    created_at: 1_760_000_000,
    started_at: null,
    finished_at: 1_760_000_100,
    attempt: 1,
    error: null,
    has_audio: false,
    revision: 1,
    ...changes,
  };
}

/** Each line `A: words`, a word a second. */
export function transcript(...lines: string[]): Transcript {
  let second = 0;
  const segments = lines.map((line, id) => {
    const [speaker = "", said = ""] = line.split(": ");
    const words = said.split(" ").map((text) => {
      second += 1;
      return { text, start: second - 1, end: second - 0.1, speaker, confidence: 0.9 };
    });
    return { id, speaker, start: words[0]?.start ?? 0, end: second, text: said, words };
  });
  const ids = [...new Set(segments.map(({ speaker }) => speaker))];
  return {
    version: 1,
    language: "en",
    duration: second,
    engine: "fake",
    model: "fake",
    speakers: ids.map((id) => ({ id, name: `Speaker ${id}`, seconds: 10 })),
    segments,
    turns: segments.map(({ speaker, start, end }) => ({ speaker, start, end })),
    warnings: [],
  };
}

export function editState(shown: Transcript, changes: Partial<EditState> = {}): EditState {
  return {
    object: "edit_state",
    etag: '"1"',
    can_undo: false,
    can_redo: false,
    unapplied: [],
    transcript: shown,
    ...changes,
  };
}
