import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

// What one client may hold of the server: connections, requests on one of them, answers that it does not take. Whoever
// goes too far loses the connection: there is nobody to talk to who would read an answer.

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly pipelinedMax: number;
  readonly takeSecondsMax: number;
}

/** Why a connection was closed from our side. */
export type ClosingReason = "too_many_connections" | "too_many_requests" | "answer_not_taken";

export interface ConnectionEvents {
  /** A client held more than its share of connections, requests or answers. */
  connectionClosed(reason: ClosingReason): void;
}

const closeIdlePauseMs = 1000;

/** When all connections are taken, those on which nothing is under way make room for the next ones. */
export function limitConnections(
  server: Server,
  { connectionsMax }: ConnectionLimits,
  events: ConnectionEvents,
): void {
  server.maxConnections = connectionsMax;
  let closedIdleAtMs = Number.NEGATIVE_INFINITY;
  server.on("drop", () => {
    events.connectionClosed("too_many_connections");
    // To look through all of them costs more than to refuse one.
    if (performance.now() - closedIdleAtMs < closeIdlePauseMs) return;
    closedIdleAtMs = performance.now();
    server.closeIdleConnections();
  });
}

/** Counts what each connection has under way. */
export class RequestsUnderWay {
  readonly #limits: ConnectionLimits;
  readonly #events: ConnectionEvents;
  readonly #counts = new WeakMap<Socket, number>();

  constructor(limits: ConnectionLimits, events: ConnectionEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  /** Whether one more request is served; it counts until its answer has been taken. */
  begin(socket: Socket, response: ServerResponse): boolean {
    // The parser hands on what it had read before the connection was closed.
    if (socket.destroyed) return false;
    const count = (this.#counts.get(socket) ?? 0) + 1;
    if (count > this.#limits.pipelinedMax) {
      this.#close(socket, "too_many_requests");
      return false;
    }
    this.#counts.set(socket, count);
    response.once("close", () => {
      this.#counts.set(socket, (this.#counts.get(socket) ?? 1) - 1);
    });
    return true;
  }

  /** Gives the client of an answer that was just sent so long to take it. Nearly all are with the kernel at once. */
  awaitTaken(socket: Socket, response: ServerResponse): void {
    if (response.writableFinished) return;
    const timer = setTimeout(() => {
      this.#close(socket, "answer_not_taken");
    }, this.#limits.takeSecondsMax * 1000);
    timer.unref();
    // An answer that waits behind another one hears nothing of the connection's end; the connection outlives answers.
    const clear = (): void => {
      clearTimeout(timer);
      response.off("close", clear);
      socket.off("close", clear);
    };
    response.on("close", clear);
    socket.on("close", clear);
  }

  #close(socket: Socket, reason: ClosingReason): void {
    if (socket.destroyed) return;
    socket.destroy();
    this.#events.connectionClosed(reason);
  }
}
