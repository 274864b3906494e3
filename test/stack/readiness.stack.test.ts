import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { apiKeys } from "../hard-places/faulty-sockets.js";
import { faultyProcess } from "../hard-places/faulty-process.js";
import { aPhone, publishBody } from "../phones/phone.js";
import { aRiver, type River, type ServiceName } from "../river/a-river.js";
import type { RunningProcess } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import { severableLink, type SeverableLink } from "../river/severable-link.js";
import { postPublish } from "./post-publish.js";

// Every process of a deployment, each part of which can be taken from it alone: what /ready tells, and that it comes
// back by itself.

const services = ["gateway", "clock", "jwks", "key-store", "export-window", "stats"] as const;
const withView: readonly ServiceName[] = ["gateway", "key-store", "export-window", "stats"];
// Brokers tell their own addresses, so that no link leads to them; but nobody gets anywhere without their metadata.
const faulty = faultyProcess();
const cluster = {
  sever: () => faulty.order({ apiKey: apiKeys.metadata, faults: ["cut before"] }),
  open: async () => faulty.heal(),
};
let river: River;
let links: Record<"registry" | "mongodb" | "redis" | "objects", SeverableLink>;
let running: RunningProcess[];

beforeAll(async () => {
  const endpoints = inject("endpoints");
  river = await aRiver(endpoints, { services: [] });
  const closed = (url: string): Promise<SeverableLink> => severableLink(url, { isOpen: false });
  links = {
    registry: await closed(endpoints.registry.url),
    mongodb: await closed(endpoints.mongodb.url),
    redis: await closed(endpoints.redis.url),
    objects: await closed(endpoints.objectStore.url),
  };
  const env = {
    ...faulty.env,
    TEKSTREAM_REGISTRY_URL: links.registry.url,
    TEKSTREAM_MONGODB_URL: links.mongodb.url,
    TEKSTREAM_REDIS_URL: links.redis.url,
    TEKSTREAM_OBJECT_STORE_URL: links.objects.url,
  };
  cluster.sever();
  running = await Promise.all(services.map((service) => river.add(service, service, env)));
});
afterAll(async () => {
  await river.stop();
  await Promise.all(Object.values(links).map((link) => link.sever()));
});

interface Told {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, boolean>>;
}

/** Undefined while it is not there to say anything. */
async function told({ port }: RunningProcess): Promise<Told | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
  if (answer === undefined) return undefined;
  const body = (await answer.json()) as Told;
  expect(answer.status).toBe(body.ready ? 200 : 503);
  return body;
}

async function untilAll(
  what: string,
  names: readonly string[],
  look: (told: Told) => boolean,
): Promise<void> {
  const asked = running.filter(({ name }) => names.includes(name));
  await eventually(
    what,
    async () => {
      const answers = await Promise.all(asked.map(told));
      return answers.every((answer) => answer !== undefined && look(answer));
    },
    120,
  );
}

test("processes that are started before their parts get ready by themselves, in whatever order those come", async () => {
  await untilAll("all to say that they are not ready", services, ({ ready }) => !ready);
  // The other way round than a process asks for them.
  for (const part of [links.objects, links.redis, links.registry, cluster, links.mongodb]) {
    await sleep(500);
    const answers = await Promise.all(withView.map((name) => told(river.process(name))));
    expect(answers.map((answer) => answer?.ready)).toEqual(withView.map(() => false));
    await part.open();
  }
  await untilAll("all to be ready", services, ({ ready }) => ready);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { authority, appName } = river;
  const body = publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID: appName, nowSeconds });
  expect((await postPublish(river.apiUrls[0] ?? "", body)).status).toBe(200);
  expect(running.map(({ exitCode }) => exitCode)).toEqual(running.map(() => null));
});

test("while MongoDB is away those that need it say so, and nobody else", async () => {
  await links.mongodb.sever();
  await untilAll(
    "all with a view to miss it",
    withView,
    ({ parts, ready }) => !ready && parts["view"] === false,
  );
  const others = services.filter((name) => !withView.includes(name));
  await untilAll("the others to be ready all the same", others, ({ ready }) => ready);
  await links.mongodb.open();
  await untilAll("all to be ready again", services, ({ ready }) => ready);
});

test("while the cluster is away all say so", async () => {
  cluster.sever();
  await untilAll("all to miss the log", services, ({ parts, ready }) => !ready && parts["log"] === false);
  await cluster.open();
  await untilAll("all to be ready again", services, ({ ready }) => ready);
  expect(running.map(({ exitCode }) => exitCode)).toEqual(running.map(() => null));
});
