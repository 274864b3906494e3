import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

/** A way to a server that others use too, for one user of it to lose. */
export interface SeverableLink {
  /** The server's address by this way. */
  readonly url: string;
  /** From now on nobody gets through. */
  sever(): Promise<void>;
}

/** Opens a way to the server that a URL names by host and port. */
export async function severableLink(url: string): Promise<SeverableLink> {
  const { hostname, port, host } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
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
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const local = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.replace(host, local),
    async sever() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
