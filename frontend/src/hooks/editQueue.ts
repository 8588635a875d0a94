/**
 * Edits of a transcript on their way: one after the other, each of what the one before it made.
 *
 * What cannot be sent now waits for the connection, over a reload as well; what was changed
 * elsewhere meanwhile is never overwritten.
 */
import type { QueryClient } from "@tanstack/react-query";
import { ApiError, messageOf } from "../api/client";
import { isMade, speakerAt, withEdit } from "../api/pending";
import {
  getEdits,
  postEdit,
  rediarize,
  redoEdit,
  undoEdit,
  type Edit,
  type EditState,
  type SpeakerHints,
  type Transcript,
} from "../api/transcripts";
import { Listeners } from "../lib/listeners";
import { keepEdits, tellTabs, takeKeptEdits } from "./editStorage";
import { connection, isUnreachable } from "./useConnection";
import { notices } from "./useNotices";

export const transcriptKey = (id: string) => ["transcript", id] as const;

export const ELSEWHERE =
  "The transcript was changed elsewhere meanwhile, so your last change was not made. Here it is as it is now.";

type Act =
  | { kind: "edit"; edit: Edit; newcomer: string }
  | { kind: "undo" | "redo" }
  | { kind: "tell_apart"; hints: SpeakerHints };

interface Waiting {
  act: Act;
  /** What was seen when it was made; empty for what the one before it will make. */
  etag: string;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const STALE = 412;
/** Times somebody else may be quicker before one gives up. */
const MOST_TRIES = 5;

export class EditQueue extends Listeners {
  private waiting: readonly Waiting[] = [];
  private isRunning = false;
  private tries = 0;
  private newcomers = 0;
  /** Ids of speakers shown before the server gave them theirs. */
  private readonly aliases = new Map<string, string>();

  constructor(
    private readonly jobId: string,
    private readonly queries: QueryClient,
  ) {
    super();
    for (const { edit, etag } of takeKeptEdits(jobId)) void this.add({ kind: "edit", edit, newcomer: this.newId() }, etag);
  }

  readonly get = (): readonly Waiting[] => this.waiting;

  /** The transcript with what waits done to it. */
  shown(transcript: Transcript): Transcript {
    const holding: Extract<Act, { kind: "edit" }>[] = [];
    for (const { act } of this.waiting) {
      if (act.kind === "edit") holding.push(act);
      else if (act.kind === "undo") holding.pop();
    }
    return holding.reduce((now, { edit, newcomer }) => withEdit(now, edit, newcomer), transcript);
  }

  /** Resolves when it is kept; rejects, with a notice shown, when it was refused. */
  edit(edit: Edit): Promise<void> {
    return this.add({ kind: "edit", edit, newcomer: this.newId() });
  }

  undo(): void {
    const last = this.waiting.at(-1);
    if (last?.act.kind === "edit" && this.waiting.length > 1) {
      this.drop(last); // it was never sent
      last.resolve();
    } else void this.add({ kind: "undo" });
  }

  redo(): void {
    void this.add({ kind: "redo" });
  }

  tellApart(hints: SpeakerHints): void {
    void this.add({ kind: "tell_apart", hints });
  }

  private newId(): string {
    return `new-${(this.newcomers += 1)}`;
  }

  private add(act: Act, seen?: string): Promise<void> {
    const etag = seen ?? (this.waiting.length > 0 ? "" : this.etag());
    const made = new Promise<void>((resolve, reject) => {
      this.set([...this.waiting, { act, etag, resolve, reject }]);
    });
    void this.run();
    made.catch(() => undefined); // it was told; whoever wants to know asks
    return made;
  }

  private set(waiting: readonly Waiting[]): void {
    this.waiting = waiting;
    const edits = waiting.flatMap(({ act }) => (act.kind === "edit" ? [act.edit] : []));
    keepEdits(this.jobId, waiting[0]?.etag ?? "", edits);
    this.tell();
  }

  private drop(gone: Waiting): void {
    this.set(this.waiting.filter((one) => one !== gone));
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    for (let [first] = this.waiting; first; [first] = this.waiting) await this.send(first);
    this.isRunning = false;
  }

  private async send(first: Waiting): Promise<void> {
    try {
      const state = await this.perform(first);
      this.tries = 0;
      this.done(first, state);
    } catch (error) {
      if (isUnreachable(error)) {
        connection.lost();
        await connection.back();
      } else if (error instanceof ApiError && error.status === STALE) {
        await this.lookAgain(first, error);
      } else this.refuse(first, error, messageOf(error));
    }
  }

  private async perform({ act, etag: seen }: Waiting): Promise<EditState> {
    const id = this.jobId;
    const etag = seen || this.etag() || (await this.load()).etag;
    switch (act.kind) {
      case "edit":
        return postEdit(id, etag, this.named(act.edit));
      case "undo":
        return undoEdit(id, etag);
      case "redo":
        return redoEdit(id, etag);
      case "tell_apart":
        await rediarize(id, act.hints);
        return getEdits(id);
    }
  }

  private async load(): Promise<EditState> {
    const state = await getEdits(this.jobId);
    this.queries.setQueryData(transcriptKey(this.jobId), state);
    return state;
  }

  /** Somebody was quicker: see what there is now, and whether this can still be meant. */
  private async lookAgain(first: Waiting, error: ApiError): Promise<void> {
    const before = this.state()?.transcript;
    const state = await this.load().catch(() => null);
    if (!state) return; // the next round finds out why
    first.etag = state.etag;
    const { act } = first;
    this.tries += 1;
    if (act.kind === "edit" && isMade(state.transcript, this.named(act.edit), before)) this.done(first, state);
    else if (act.kind !== "edit" || !saysWhatWas(act.edit) || this.tries > MOST_TRIES) this.refuse(first, error, ELSEWHERE);
    // Else it is sent again: the server refuses it by itself if other words are there now.
  }

  private done(first: Waiting, state: EditState): void {
    const { act } = first;
    if (act.kind === "edit" && act.edit.kind === "reassign_interval" && act.edit.speaker === null) {
      this.aliases.set(act.newcomer, speakerAt(state.transcript, act.edit.interval) ?? act.newcomer);
    }
    this.queries.setQueryData(transcriptKey(this.jobId), state);
    const [, next] = this.waiting;
    if (next) next.etag ||= state.etag;
    this.drop(first);
    tellTabs(this.jobId, state.etag);
    first.resolve();
  }

  private refuse(first: Waiting, error: unknown, message: string): void {
    this.tries = 0;
    this.drop(first);
    const { act } = first;
    const again = { label: "Do it all the same", run: () => void this.add(act) };
    notices.show(message, "error", message === ELSEWHERE && act.kind === "edit" ? again : undefined);
    first.reject(error);
  }

  /** An edit with speakers as the server calls them. */
  private named(edit: Edit): Edit {
    const name = (id: string): string => this.aliases.get(id) ?? id;
    if (edit.kind === "merge_speakers") return { ...edit, speaker: name(edit.speaker), into: name(edit.into) };
    if ("speaker" in edit && edit.speaker !== null) return { ...edit, speaker: name(edit.speaker) };
    return edit;
  }

  private state(): EditState | undefined {
    return this.queries.getQueryData<EditState>(transcriptKey(this.jobId));
  }

  private etag(): string {
    return this.state()?.etag ?? "";
  }
}

/** Corrections say what they correct, and so overwrite nothing. */
function saysWhatWas(edit: Edit): boolean {
  if (edit.kind === "correct_texts") return edit.corrections.every(({ was }) => typeof was === "string");
  return edit.kind === "correct_text" && typeof edit.was === "string";
}

const queues = new WeakMap<QueryClient, Map<string, EditQueue>>();

/** The queue of a job; it goes on when the job is no longer shown. */
export function editQueueOf(queries: QueryClient, jobId: string): EditQueue {
  const all = queues.get(queries) ?? new Map<string, EditQueue>();
  queues.set(queries, all);
  const queue = all.get(jobId) ?? new EditQueue(jobId, queries);
  all.set(jobId, queue);
  return queue;
}
