/** Asking the server: paths and bodies are typed by what it says of itself. */
import createClient from "openapi-fetch";
import { HERE } from "../lib/here";
import { access } from "./access";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** What the server says went wrong, in words a person can act on. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export const UNREACHABLE =
  "The server cannot be reached. Is it running, and is this device online? Nothing is lost: try again.";

export { HERE };

export const NO_KEY = "This needs a key: sign in with one, at the top of the page.";

/** Ask with the key there is; where another is needed, wait for it and ask again. */
async function send(request: Request): Promise<Response> {
  for (;;) {
    const key = access.key;
    const attempt = request.clone();
    for (const [name, value] of Object.entries(access.headers())) attempt.headers.set(name, value);
    // Looked up at each call, so that tests can stand in between.
    const answer = await globalThis.fetch(attempt);
    if (answer.status !== 401 || !(await access.ask(key))) return answer;
  }
}

export const client = createClient<paths>({
  baseUrl: HERE,
  fetch: send,
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Unwrap an answer, or throw an ApiError. */
export async function ask<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(UNREACHABLE, 0, "unreachable");
  }
  if (!answer.response.ok) throw errorOf(answer.error, answer.response.status);
  return answer.data as T;
}

export function errorOf(body: unknown, status: number): ApiError {
  const told = isErrorBody(body) ? body.error : null;
  if (status === 401) return new ApiError(NO_KEY, status, told?.code ?? null);
  const message = told?.message ?? `The server answered ${status} without saying why.`;
  return new ApiError(message, status, told?.code ?? null);
}

interface ErrorBody {
  error: { message: string; code: string | null };
}

function isErrorBody(body: unknown): body is ErrorBody {
  return (
    typeof body === "object" &&
    body !== null &&
    "error" in body &&
    typeof (body as ErrorBody).error === "object" &&
    typeof (body as ErrorBody).error.message === "string"
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
