import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Transform, pipeline } from "node:stream";

/** A way to a server that takes its time when told so. Others who use the server come to no harm. */
export interface SlowWay {
  /** The server's address by this way. */
  readonly url: string;
  /** From now on all that comes and goes waits so long; 0: it does not. */
  delay(delayMs: number): void;
  stop(): void;
}

/** @param url of a server on loopback that is reached by one port. */
export async function aSlowWay(url: string): Promise<SlowWay> {
  let delayMs = 0;
  const target = new URL(url);
  const open = new Set<Socket>();
  const carry = (from: Socket, to: Socket): void => {
    const late = new Transform({
      transform(bytes, _encoding, done) {
        if (delayMs === 0) done(null, bytes);
        else setTimeout(() => done(null, bytes), delayMs);
      },
    });
    pipeline(from, late, to, (error) => {
      // Where one side has gone, the other is told so.
      if (error) to.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      socket.setNoDelay();
    }
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const way = new URL(url);
  way.port = String((server.address() as AddressInfo).port);
  return {
    url: way.href,
    delay(ms) {
      delayMs = ms;
    },
    stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
