import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { requestBytes, type FuzzRequest } from "./fuzz-request.js";

const answerSecondsMax = 20;

/** What came back; undefined when the client itself went away. */
export type FuzzAnswer = { readonly status: number; readonly body: string } | undefined;

/** One client that keeps its connection while the gateway lets it. */
export class FuzzConnection {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Throws when there is no answer, or half of one. */
  async ask(request: FuzzRequest): Promise<FuzzAnswer> {
    const bytes = requestBytes(request);
    const socket = await this.#open();
    if (request.delivery === "cut") {
      socket.write(bytes.subarray(0, Math.floor(bytes.length * 0.7)));
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.stop();
      return undefined;
    }
    const answer = this.#answer(socket, request.method === "HEAD");
    if (request.delivery === "slow") {
      socket.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.write(bytes.subarray(Math.floor(bytes.length / 2)));
    } else socket.write(bytes);
    return answer;
  }

  stop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #open(): Promise<Socket> {
    if (this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    const socket = connect(this.#port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    this.#socket = socket;
    return socket;
  }

  #answer(socket: Socket, isHead: boolean): Promise<FuzzAnswer> {
    return new Promise((resolve, reject) => {
      let received = Buffer.alloc(0);
      const timer = setTimeout(() => {
        finish(() => {
          reject(new Error(`no answer within ${answerSecondsMax} s`));
        });
      }, answerSecondsMax * 1000);
      const onData = (chunk: Buffer): void => {
        received = Buffer.concat([received, chunk]);
        const answer = parsed(received, isHead);
        if (answer === undefined) return;
        finish(() => {
          if (answer.closes) this.stop();
          resolve({ status: answer.status, body: answer.body });
        });
      };
      const onClose = (): void => {
        finish(() => {
          reject(new Error(`the connection ended after ${received.length} bytes of an answer`));
        });
      };
      const finish = (then: () => void): void => {
        clearTimeout(timer);
        socket.off("data", onData);
        socket.off("close", onClose);
        then();
      };
      socket.on("data", onData);
      socket.on("close", onClose);
    });
  }
}

/** Undefined while something is missing. */
function parsed(
  received: Buffer,
  isHead: boolean,
): { readonly status: number; readonly body: string; readonly closes: boolean } | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = received.subarray(0, end).toString("latin1");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  // The client said that it would wait for this.
  if (status === 100) return parsed(received.subarray(end + 4), isHead);
  const length = isHead ? 0 : Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  const body = received.subarray(end + 4, end + 4 + length);
  if (body.length < length) return undefined;
  return { status, body: body.toString("utf8"), closes: /^connection: close$/im.test(head) };
}
