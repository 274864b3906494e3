import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import type { Certificates } from "./certificates.js";

/** Somebody who has put himself in the place of a part. */
export interface StrangersDoor {
  readonly port: number;
  /** Bytes that somebody has told him, behind the handshake. */
  heard(): number;
  stop(): void;
}

/** Takes every connection by TLS, and listens. */
export async function strangersDoor({ certificatePem, keyPem }: Certificates): Promise<StrangersDoor> {
  let heard = 0;
  const server = createServer({ cert: certificatePem, key: keyPem }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => (heard += bytes.length));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    stop: () => void server.close(),
  };
}
