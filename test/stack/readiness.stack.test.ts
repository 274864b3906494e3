import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, inject, test } from "vitest";
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
  sever: async () => faulty.order({ apiKey: apiKeys.metadata, faults: ["cut before"] }),
  open: async () => faulty.heal(),
};
type Part = "registry" | "mongodb" | "redis" | "objects";
type Severable = Pick<SeverableLink, "sever" | "open">;

interface Deployment {
  readonly river: River;
  readonly running: readonly RunningProcess[];
  readonly parts: Readonly<Record<Part | "cluster", Severable>>;
  stop(): Promise<void>;
}

/** Starts all processes, with none of their parts there. */
async function startedBeforeItsParts(): Promise<Deployment> {
  const endpoints = inject("endpoints");
  const river = await aRiver(endpoints, { services: [] });
  const closed = (url: string): Promise<SeverableLink> => severableLink(url, { isOpen: false });
  const links = {
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
  await cluster.sever();
  return {
    river,
    running: await Promise.all(services.map((service) => river.add(service, service, env))),
    parts: { ...links, cluster },
    async stop() {
      await river.stop();
      await Promise.all(Object.values(links).map((link) => link.sever()));
      faulty.heal();
    },
  };
}

/** The one that was started last. */
let deployment: Deployment | undefined;
afterAll(() => deployment?.stop());

function started(): Deployment {
  if (deployment === undefined) throw new Error("no deployment was started");
  return deployment;
}

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
  const asked = started().running.filter(({ name }) => names.includes(name));
  await eventually(
    what,
    async () => {
      const answers = await Promise.all(asked.map(told));
      return answers.every((answer) => answer !== undefined && look(answer));
    },
    120,
  );
}

function untilAllReady(): Promise<void> {
  return untilAll("all to be ready", services, ({ ready }) => ready);
}

function exitCodes(): readonly unknown[] {
  return started().running.map(({ exitCode }) => exitCode);
}

interface Order {
  readonly which: string;
  readonly order: readonly (keyof Deployment["parts"])[];
  /** Who is not ready before the last of them is there. */
  readonly needLast: readonly ServiceName[];
}

test.each<Order>([
  {
    which: "in which they are asked for",
    order: ["mongodb", "cluster", "registry", "redis", "objects"],
    needLast: ["export-window"],
  },
  {
    which: "that is its reverse",
    order: ["objects", "redis", "registry", "cluster", "mongodb"],
    needLast: withView,
  },
])(
  "processes that are started before their parts get ready by themselves when those come, in the order $which",
  async ({ order, needLast }) => {
    await deployment?.stop();
    deployment = await startedBeforeItsParts();
    const { river, parts } = deployment;
    await untilAll("all to say that they are not ready", services, ({ ready }) => !ready);
    for (const part of order) {
      await sleep(500);
      const answers = await Promise.all(needLast.map((name) => told(river.process(name))));
      expect(answers.map((answer) => answer?.ready)).toEqual(needLast.map(() => false));
      await parts[part].open();
    }
    await untilAllReady();
    const nowSeconds = Math.floor(Date.now() / 1000);
    const { authority, appName } = river;
    const body = publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID: appName, nowSeconds });
    expect((await postPublish(river.apiUrls[0] ?? "", body)).status).toBe(200);
    expect(exitCodes()).toEqual(services.map(() => null));
  },
);

test("while MongoDB is away those that need it say so, and nobody else", async () => {
  const { mongodb } = started().parts;
  await mongodb.sever();
  await untilAll(
    "all with a view to miss it",
    withView,
    ({ parts, ready }) => !ready && parts["view"] === false,
  );
  const others = services.filter((name) => !withView.includes(name));
  await untilAll("the others to be ready all the same", others, ({ ready }) => ready);
  await mongodb.open();
  await untilAllReady();
});

test("while the object store is away export-window says so", async () => {
  const { objects } = started().parts;
  await objects.sever();
  await untilAll("it to miss the store", ["export-window"], ({ parts }) => parts["objects"] === false);
  await objects.open();
  await untilAllReady();
});

test("while no tick can be written the clock says so", async () => {
  faulty.order({ apiKey: apiKeys.produce, faults: ["cut before"] });
  await untilAll("it to miss a tick", ["clock"], ({ parts }) => parts["ticker"] === false);
  faulty.heal();
  await untilAllReady();
});

test("while the cluster is away all say so, and those that have lost their group tell it", async () => {
  await cluster.sever();
  await untilAll("all to miss the log", services, ({ parts, ready }) => !ready && parts["log"] === false);
  const members = ["key-store", "stats"];
  await untilAll("its readers to be without it", members, ({ parts }) => parts["consumer"] === false);
  await cluster.open();
  await untilAllReady();
  expect(exitCodes()).toEqual(services.map(() => null));
});
