import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

/** A real HTTP server on a free port that answers as the test says, and keeps every body it was sent. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly bodies: readonly string[];
}

/** What the server does with the n-th request, counted from 0, once its body has arrived. */
export type Answer = (response: ServerResponse, n: number, request: IncomingMessage) => void;

/** Starts a test server; disposing of it closes every connection. */
export async function aServer(answer: Answer): Promise<TestServer> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      answer(response, bodies.push(Buffer.concat(chunks).toString("utf8")) - 1, request),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, bodies, [Symbol.asyncDispose]: close };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
