import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { keysSubmitted } from "../../shared/topology.js";
import { aPhone, publishBody } from "../phones/phone.js";
import { aRiver, patientGateway, type River } from "../river/a-river.js";
import type { RunningProcess } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";
import { postPublish } from "./post-publish.js";

// What becomes of phones when a gateway is told to stop.

const underWay = 20;
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["key-store"], settings: patientGateway });
});
afterAll(() => river.stop());

async function aGateway(name: string, env: Record<string, string> = {}) {
  const gateway = await river.add("gateway", name, env);
  await gateway.ready();
  const url = river.apiUrls.at(-1) ?? "";
  return { gateway, url, port: Number(new URL(url).port) };
}

function aBody(): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { authority, appName } = river;
  return publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID: appName, nowSeconds });
}

async function readyOf({
  port,
}: RunningProcess): Promise<{ status: number; parts: Record<string, boolean> }> {
  const answer = await fetch(`http://127.0.0.1:${port}/ready`);
  const { parts } = (await answer.json()) as { parts: Record<string, boolean> };
  return { status: answer.status, parts };
}

async function untilToldUnready(gateway: RunningProcess): Promise<void> {
  await eventually("/ready to tell of the stop", async () => {
    const { status, parts } = await readyOf(gateway);
    return status === 503 && parts["running"] === false;
  });
}

/** A phone that has sent all of its request but the last byte. */
async function almostSent(port: number): Promise<{ finish(): Promise<string>; hangUp(): void }> {
  const socket: Socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  const body = aBody();
  const head = [
    "POST /v1/publish HTTP/1.1",
    "Host: a",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "",
    "",
  ];
  socket.write(head.join("\r\n") + body.slice(0, -1));
  return {
    async finish() {
      const closed = once(socket, "close");
      socket.write(body.slice(-1));
      await closed;
      return received;
    },
    hangUp() {
      socket.destroy();
    },
  };
}

test("requests under way are answered and in the log, their connections closed, and nobody else gets in", async () => {
  const { gateway, url, port } = await aGateway("under-way");
  const phones = await Promise.all(Array.from({ length: underWay }, () => almostSent(port)));
  // The gateway has taken all of these connections when it answers one that came later.
  expect((await postPublish(url, aBody())).status).toBe(200);
  const ended = gateway.signal("SIGTERM");
  await untilToldUnready(gateway);
  await expect(postPublish(url, aBody())).rejects.toThrow();
  const answers = await Promise.all(phones.map((phone) => phone.finish()));
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/^connection: close\r$/im);
  }
  await ended;
  expect(gateway.exitCode).toBe(0);
  expect(await readStream(river.env, keysSubmitted)).toHaveLength(underWay + 1);
});

test("a gateway with a delay tells first that it is not ready, and takes requests until the delay is over", async () => {
  const { gateway, url } = await aGateway("delayed", { SHUTDOWN_DELAY: "6s", SHUTDOWN_TIMEOUT: "75s" });
  const ended = gateway.signal("SIGTERM");
  await untilToldUnready(gateway);
  expect((await postPublish(url, aBody())).status).toBe(200);
  await ended;
  expect(gateway.exitCode).toBe(0);
  await expect(postPublish(url, aBody())).rejects.toThrow();
});

test("a process that has not stopped in its time is ended, and no other one", async () => {
  const quick = await aGateway("quick", { SHUTDOWN_TIMEOUT: "1s" });
  const patient = await aGateway("patient", { SHUTDOWN_DELAY: "10m", SHUTDOWN_TIMEOUT: "12m" });
  const phone = await almostSent(quick.port);
  // It has taken the phone's connection when it answers one that came later.
  expect((await postPublish(quick.url, aBody())).status).toBe(200);
  const gateways = [quick.gateway, patient.gateway];
  const ended = gateways.map(async (gateway) => {
    await gateway.signal("SIGTERM");
    return gateway.name;
  });
  expect(await Promise.race(ended)).toBe("quick");
  expect(gateways.map(({ exitCode }) => exitCode)).toEqual([1, null]);
  phone.hangUp();
});
