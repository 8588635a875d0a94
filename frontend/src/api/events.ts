/** Changes of jobs as they happen. */
import { access } from "./access";
import { ask, client, HERE } from "./client";
import type { Job } from "./jobs";

const PATH = "/v1/jobs/events";
const AGAIN_MS = 5000;

export interface Heard {
  onOpen: () => void;
  onJob: (job: Job) => void;
}

/** A ticket that opens a path once, within a minute, where the browser sends no key. */
export async function ticketFor(path: string): Promise<string> {
  return (await ask(client.POST("/v1/tickets", { body: { path } }))).ticket;
}

/** A path with what opens it, for a request in which the browser sends no key. */
export async function withTicket(path: string): Promise<string> {
  if (access.key === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}ticket=${await ticketFor(path.split("?")[0] ?? path)}`;
}

/** Listen until what is returned is called; the browser connects again by itself, or it is done here. */
export function listen({ onOpen, onJob }: Heard): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let isOver = false;
  const again = (): void => {
    window.clearTimeout(timer);
    if (!isOver) timer = window.setTimeout(() => void open(), AGAIN_MS);
  };
  const open = async (): Promise<void> => {
    const path = await withTicket(PATH).catch(() => null);
    if (isOver) return;
    if (path === null) {
      again();
      return;
    }
    source = new EventSource(`${HERE}${path}`);
    source.onopen = onOpen;
    source.onmessage = (event: MessageEvent<string>) => {
      onJob(JSON.parse(event.data) as Job);
    };
    source.onerror = () => {
      // Closed for good: its ticket is used up, or a proxy answered. Without a key another try
      // would be refused as well.
      if (source?.readyState === EventSource.CLOSED && (access.key !== null || !access.get().isLeft)) again();
    };
  };
  void open();
  return () => {
    isOver = true;
    window.clearTimeout(timer);
    source?.close();
  };
}
