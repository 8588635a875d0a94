/** Asking the server: paths and bodies are typed by what it says of itself. */
import createClient from "openapi-fetch";
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

/** Where the server is: where the page is, which a proxy may have put below a prefix. */
export const HERE = new URL(".", location.href).href.replace(/\/$/, "");

export const client = createClient<paths>({
  baseUrl: HERE,
  // Looked up at each call, so that tests can stand in between.
  fetch: (request) => globalThis.fetch(request),
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
