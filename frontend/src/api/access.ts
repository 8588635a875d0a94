/** The key of whoever needs one: kept while this window is open, asked for when the server wants one. */
import { HERE } from "../lib/here";
import { Listeners } from "../lib/listeners";
import { readStored, store } from "../lib/stored";
import type { components } from "./schema";

type WhoAmI = components["schemas"]["WhoAmI"];
type Session = components["schemas"]["SessionDocument"];

const KEPT = "quoth.key.v1";
/** A session is begun anew when it has no more left than that, in seconds. */
const NEARLY_OVER = 3600;

export const WRONG =
  "This key opens nothing here: it was typed wrongly, taken back, or has expired. Look at it again, or ask whoever gave it to you for another.";
const NOT_REACHED = "The server cannot be reached, so the key could not be tried. Try again.";

/** Why a key is asked for: the server wants one, the one there was is no longer good, or a person has one. */
export type Why = "needed" | "refused" | "offered";

interface Held {
  key: string;
  /** What the key is called. */
  name: string;
  /** What lets the browser play and save, where it sends no key. */
  session: Session | null;
}

export interface AccessState {
  held: Held | null;
  asked: Why | null;
  /** Whether the person was asked and went without. */
  isLeft: boolean;
}

export class Access extends Listeners {
  private state: AccessState = { held: readHeld(), asked: null, isLeft: false };
  private readonly waiting = new Set<(isThere: boolean) => void>();
  private renewing: Promise<void> | null = null;

  readonly get = (): AccessState => this.state;
  get key(): string | null {
    return this.state.held?.key ?? null;
  }

  headers(): Record<string, string> {
    return this.key === null ? {} : bearer(this.key);
  }

  /** Wait for another key than the one that was refused; false if the person goes without. */
  ask(refused: string | null): Promise<boolean> {
    if (this.key !== null && this.key !== refused) return Promise.resolve(true);
    if (this.state.isLeft && refused === null) return Promise.resolve(false);
    const why = refused !== null || this.state.asked === "refused" ? "refused" : "needed";
    if (refused !== null) this.hold(null);
    this.change({ asked: why });
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  /** A person has a key where none is needed, or went without before. */
  offer(): void {
    this.change({ asked: "offered" });
  }

  /** Go without a key. */
  leave(): void {
    this.change({ asked: null, isLeft: true });
    this.settle(false);
  }

  /** Try a key and keep it; what is wrong with it in words, or null. */
  async signIn(typed: string): Promise<string | null> {
    const key = typed.trim();
    if (!/^[\x21-\x7e]+$/.test(key)) return WRONG;
    let answer: Response;
    try {
      answer = await fetch(`${HERE}/v1/whoami`, { headers: bearer(key) });
    } catch {
      return NOT_REACHED;
    }
    if (answer.status === 401) return WRONG;
    if (answer.status === 429) {
      const seconds = answer.headers.get("retry-after") ?? "60";
      return `Too many keys were tried from here. Try again in ${seconds} seconds.`;
    }
    if (!answer.ok) return NOT_REACHED;
    const { key: name } = (await answer.json()) as WhoAmI;
    if (name === null) return WRONG; // where none is needed, any text may pass
    this.hold({ key, name, session: await begin(key) });
    this.change({ asked: null, isLeft: false });
    this.settle(true);
    return null;
  }

  async signOut(): Promise<void> {
    const { held } = this.state;
    this.change({ asked: null, isLeft: false });
    if (!held) return;
    const session = held.session && `${HERE}/v1/session?session=${held.session.id}`;
    // If it does not get there, it ends by itself; without its cookie nobody can use it.
    if (session) await fetch(session, { method: "DELETE", headers: bearer(held.key) }).catch(() => undefined);
    this.hold(null);
  }

  /** An address that the browser asks for by itself, to play or to save what it leads to. */
  media(url: string): string {
    const { held } = this.state;
    if (!held) return url;
    if (!held.session || held.session.expires_at - Date.now() / 1000 < NEARLY_OVER) void this.renew();
    return held.session ? `${url}${url.includes("?") ? "&" : "?"}session=${held.session.id}` : url;
  }

  /** Begin another session, for addresses that are made from now on. */
  renew(): Promise<void> {
    const { held } = this.state;
    if (!held) return Promise.resolve();
    this.renewing ??= begin(held.key).then((session) => {
      this.renewing = null;
      if (session && this.key === held.key) this.hold({ ...held, session });
    });
    return this.renewing;
  }

  private hold(held: Held | null): void {
    store(KEPT, held, sessionStorage);
    this.change({ held });
  }

  private settle(isThere: boolean): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve(isThere);
  }

  private change(changes: Partial<AccessState>): void {
    this.state = { ...this.state, ...changes };
    this.tell();
  }
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function begin(key: string): Promise<Session | null> {
  try {
    const answer = await fetch(`${HERE}/v1/session`, { method: "POST", headers: bearer(key) });
    return answer.ok ? ((await answer.json()) as Session) : null;
  } catch {
    return null; // it is tried again when something is to be played
  }
}

function readHeld(): Held | null {
  const kept = readStored(KEPT, sessionStorage) as Partial<Held> | null;
  if (typeof kept?.key !== "string" || typeof kept.name !== "string") return null;
  return { key: kept.key, name: kept.name, session: kept.session ?? null };
}

export const access = new Access();
