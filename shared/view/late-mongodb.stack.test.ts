import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, inject, test } from "vitest";
import { freePort } from "../../test/river/a-process.js";
import { eventually } from "../../test/river/eventually.js";
import { Unavailable } from "../process/outcomes.js";
import { connectView } from "./connect-view.js";

test("a view that was opened while MongoDB was away answers as soon as MongoDB is there", async () => {
  const real = new URL(inject("endpoints").mongodb.url);
  const port = await freePort();
  const late = new URL(real);
  late.port = String(port);
  const view = connectView({ mongodbUrl: late.href, prefix: "late-mongodb", process: "test" });
  await expect(view.ping()).rejects.toThrow(Unavailable);
  await using _forwarder = await forward(port, Number(real.port));
  const answers = () =>
    view.ping().then(
      () => true,
      () => false,
    );
  expect(await eventually("MongoDB to answer", answers, 15)).toBe(true);
  await view.stop();
});

async function forward(from: number, to: number): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((incoming) => {
    const outgoing = connect(to, "127.0.0.1");
    incoming.pipe(outgoing).pipe(incoming);
    for (const socket of [incoming, outgoing]) sockets.add(socket.on("error", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(from, "127.0.0.1", resolve));
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
