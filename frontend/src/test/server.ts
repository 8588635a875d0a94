/** A server that is none: what it is not told to answer is an error. */
import { setupServer } from "msw/node";

export const server = setupServer();
export const at = (path: string): string => `http://localhost:8000${path}`;
