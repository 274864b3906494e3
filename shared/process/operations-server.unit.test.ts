import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { startOperationsServer } from "./operations-server.js";
import { Readiness } from "./readiness.js";

async function aServer() {
  const options = { host: "127.0.0.1", port: 0, readiness: new Readiness(), metrics: new Registry() };
  return { ...(await startOperationsServer(options)), readiness: options.readiness };
}

test("a part that can't work makes a process unready, by its name", async () => {
  const { port, readiness, stop } = await aServer();
  readiness.set("view", false);
  const answer = await fetch(`http://127.0.0.1:${port}/ready`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ ready: false, parts: { view: false } });
  await stop();
});

test("a process holds 200 connections of operators, and closes others as they come", async () => {
  const { port, stop } = await aServer();
  const held: Socket[] = [];
  for (let count = 0; count < 200; count++) {
    const socket = connect(port, "127.0.0.1");
    held.push(socket);
    await once(socket, "connect");
  }
  const one = connect(port, "127.0.0.1");
  await once(one, "close");
  expect(held.filter(({ destroyed }) => destroyed)).toEqual([]);
  held[0]?.destroy();
  await expect
    .poll(() =>
      fetch(`http://127.0.0.1:${port}/live`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  for (const socket of held) socket.destroy();
  await stop();
});
