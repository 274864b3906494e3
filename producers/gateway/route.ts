import type { IncomingMessage } from "node:http";
import type { Reply } from "./reply.js";

/** What a route knows of a request besides the request itself. */
export interface Call {
  /** Random; only for logs. */
  readonly requestId: string;
  /** The route's. */
  readonly path: string;
  /** When its headers were there; on `performance`'s clock. */
  readonly arrivedAtMs: number;
}

/** Answers a request; undefined when nobody waits for an answer any more. Any method will do. */
export type Route = (request: IncomingMessage, call: Call) => Promise<Reply | undefined>;

/** Stands before every route, and answers in its place or lets the request pass. */
export type Gate = (request: IncomingMessage, call: Call) => Promise<Reply | undefined>;
