import { once } from "node:events";
import { connect } from "node:net";

/** Throws unless a PING is answered with PONG; while it loads its data, Redis answers something else. */
export async function checkRedis(port: number): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  const signal = AbortSignal.timeout(2000);
  try {
    await once(socket, "connect", { signal });
    socket.write("PING\r\n");
    const [answer] = await once(socket, "data", { signal });
    if (String(answer).trim() !== "+PONG") throw new Error(`answered ${String(answer).trim()}`);
  } finally {
    socket.destroy();
  }
}
