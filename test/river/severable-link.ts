import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { freePort } from "./free-port.js";

/** A way to a server that others use too, for one user of it to lose, or to find late. */
export interface SeverableLink {
  /** The server's address by this way. */
  readonly url: string;
  /** From now on nobody gets through. */
  sever(): Promise<void>;
  /** From now on everybody does. */
  open(): Promise<void>;
}

/** A way to the server that a URL names by host and port, open unless it is wanted otherwise. */
export async function severableLink(url: string, { isOpen } = { isOpen: true }): Promise<SeverableLink> {
  const { hostname, port, host } = new URL(url);
  const localPort = await freePort();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const link: SeverableLink = {
    url: url.replace(host, `127.0.0.1:${localPort}`),
    async open() {
      server = createServer((client) => {
        join(client, connect(Number(port), hostname), sockets);
      });
      server.listen(localPort, "127.0.0.1");
      await once(server, "listening");
    },
    async sever() {
      if (server?.listening !== true) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  if (isOpen) await link.open();
  return link;
}

function join(client: Socket, upstream: Socket, sockets: Set<Socket>): void {
  for (const socket of [client, upstream]) {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      client.destroy();
      upstream.destroy();
      sockets.delete(socket);
    });
  }
  client.pipe(upstream).pipe(client);
}
