import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, expect, inject, test, vi } from "vitest";
import { connectKafka } from "../kafka/connect.js";
import { defaultTopicSettings, provisionTopics } from "../kafka/provision-topics.js";
import { Unavailable } from "../process/outcomes.js";
import { exportsPublished, keysSubmitted, streams } from "../topology.js";
import {
  IncompatibleSchema,
  registerSchema,
  registerSchemas,
  registryClient,
  schemaSource,
  unknownIdsMax,
  unknownMs,
  type SchemaFraming,
} from "./schema-framing.js";
import { registryAddress } from "./registry-address.js";

const prefix = `t-${randomBytes(5).toString("hex")}`;
const { kafka, registry } = inject("endpoints");
const client = registryClient(registryAddress(registry.url));
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
let framing: SchemaFraming;

beforeAll(async () => {
  const connection = connectKafka({ brokers: kafka.brokers, prefix, process: "admin", log: quiet });
  await provisionTopics(connection, { ...defaultTopicSettings, partitions: 1, replication: 1 });
  framing = await registerSchemas(registry.url, prefix);
});

const subject = `${prefix}.${keysSubmitted.topic}-value`;
const source = schemaSource(keysSubmitted.schema);
const register = (schema: string): Promise<number> =>
  registerSchema(client, registryAddress(registry.url), subject, schema);

test("every stream's subject has the compatibility mode that the code sets", async () => {
  for (const { topic } of streams) {
    const answer = await fetch(`${registry.url}/config/${prefix}.${topic}-value`);
    expect(await answer.json()).toMatchObject({ compatibilityLevel: "BACKWARD_TRANSITIVE" });
  }
});

test.each([
  ["a field that changes its type", source.replace("string app = 2;", "int64 app = 2;")],
  ["a field that is taken away", source.replace("  bool traveler = 6;\n", "")],
  ["a field that gets another number", source.replace("bool traveler = 6;", "bool traveler = 60;")],
])("%s is refused by the registry", async (_what, changed) => {
  expect(changed).not.toBe(source);
  await expect(register(changed)).rejects.toBeInstanceOf(IncompatibleSchema);
});

test("a field that is added is taken", async () => {
  const added = source.replace("  bool traveler = 6;\n", "  bool traveler = 6;\n  bool added_later = 99;\n");
  await expect(register(added)).resolves.toBeGreaterThan(0);
});

test("a message goes there and back, and other clients of the registry can read it", async () => {
  const framed = framing.encode(keysSubmitted, { app: "gov.example.app", identity: randomBytes(16) });
  expect(framed[0]).toBe(0);
  expect(framed[5]).toBe(0);
  const [decoded] = await framing.decodeAll(keysSubmitted, [framed]);
  expect(decoded).toMatchObject({ fate: "done", message: { app: "gov.example.app" } });
  expect(await client.decode(framed)).toMatchObject({ app: "gov.example.app" });
});

test.each([
  ["nothing", null, "no_value"],
  ["junk", Buffer.from("junk that is no frame"), "not_framed"],
  ["too little", Buffer.from([0, 0, 0]), "not_framed"],
  ["a schema that nobody registered", Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0, 1]), "unknown_schema"],
])("%s is rejected with its reason", async (_what, value, reason) => {
  expect(await framing.decodeAll(keysSubmitted, [value])).toEqual([{ fate: "reject", reason }]);
});

test("a message of another stream and a damaged payload are rejected", async () => {
  const foreign = framing.encode(exportsPublished, {});
  const damaged = Buffer.concat([framing.encode(keysSubmitted, {}), Buffer.from([0x0a, 0xff])]);
  expect(await framing.decodeAll(keysSubmitted, [foreign, damaged])).toEqual([
    { fate: "reject", reason: "other_schema" },
    { fate: "reject", reason: "malformed" },
  ]);
});

test("a registry that knows no schema at all is waited for, and rejects nothing", async () => {
  // In front of the real one: as it answers for some seconds after its start, and then again.
  let isEmpty = false;
  const front = createServer((request, response) => {
    if (isEmpty) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error_code":40403}');
      return;
    }
    void forward(request, response);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const { port } = front.address() as AddressInfo;
  const other = await registerSchemas(`http://127.0.0.1:${port}`, prefix);
  const unknown = Buffer.from([0, 0x7f, 0xff, 0xff, 0xfe, 0, 1]);
  isEmpty = true;
  await expect(other.decodeAll(keysSubmitted, [unknown])).rejects.toBeInstanceOf(Unavailable);
  isEmpty = false;
  const reason = "unknown_schema";
  expect(await other.decodeAll(keysSubmitted, [unknown])).toEqual([{ fate: "reject", reason }]);
  front.close();
});

test("an id without a schema that can be read is asked for again after a while, and holds up nothing", async () => {
  let answer: [status: number, body: string] = [404, '{"error_code":40403}'];
  const front = createServer((request, response) => {
    if (!/\/schemas\/ids\/2000000000\b/.test(request.url ?? "")) return void forward(request, response);
    response.writeHead(answer[0], { "content-type": "application/json" }).end(answer[1]);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const { port } = front.address() as AddressInfo;
  const other = await registerSchemas(`http://127.0.0.1:${port}`, prefix);
  const value = Buffer.from([0, 0x77, 0x35, 0x94, 0x00, 0]);
  const fate = async (): Promise<string | undefined> =>
    (await other.decodeAll(keysSubmitted, [value]))[0]?.fate;
  const clock = vi.spyOn(performance, "now");
  const later = (minutes: number): void => void clock.mockReturnValue(startedAtMs + minutes * unknownMs);
  const startedAtMs = performance.now();
  later(0);
  expect(await fate()).toBe("reject");
  // The client looks for a reader in what stands first.
  const foreign = 'syntax = "proto3"; package a; enum Color { RED = 0; } message M { Color color = 1; }';
  answer = [200, JSON.stringify({ schemaType: "PROTOBUF", schema: foreign })];
  later(1);
  expect(await fate()).toBe("reject");
  answer = [200, JSON.stringify({ schemaType: "PROTOBUF", schema: source })];
  expect(await fate()).toBe("reject");
  later(2);
  expect(await fate()).toBe("done");
  clock.mockRestore();
  front.close();
});

test("ids that the registry does not know are not remembered without end", async () => {
  const asked = new Map<string, number>();
  const front = createServer((request, response) => {
    const id = /\/schemas\/ids\/(21\d{8})\b/.exec(request.url ?? "")?.[1];
    if (id === undefined) return void forward(request, response);
    asked.set(id, (asked.get(id) ?? 0) + 1);
    response.writeHead(404, { "content-type": "application/json" }).end('{"error_code":40403}');
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const { port } = front.address() as AddressInfo;
  const other = await registerSchemas(`http://127.0.0.1:${port}`, prefix);
  const first = 2_100_000_000;
  const values = Array.from({ length: unknownIdsMax + 1 }, (_, index) => {
    const value = Buffer.alloc(7);
    value.writeInt32BE(first + index, 1);
    return value;
  });
  const rejected = { fate: "reject", reason: "unknown_schema" };
  const timesOfFirst = (): number | undefined => asked.get(String(first));
  await other.decodeAll(keysSubmitted, values.slice(0, -1));
  await other.decodeAll(keysSubmitted, values.slice(0, 1));
  expect(timesOfFirst()).toBe(1);
  expect(await other.decodeAll(keysSubmitted, values)).toEqual(values.map(() => rejected));
  expect(await other.decodeAll(keysSubmitted, values.slice(0, 1))).toEqual([rejected]);
  expect(timesOfFirst()).toBe(2);
  expect(asked.size).toBe(values.length);
  front.close();
});

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const method = request.method ?? "GET";
  const answer = await fetch(`${registry.url}${request.url}`, {
    method,
    headers: { "content-type": request.headers["content-type"] ?? "application/json" },
    ...(method === "GET" ? {} : { body: Buffer.concat(chunks) }),
  });
  const type = answer.headers.get("content-type") ?? "application/json";
  response.writeHead(answer.status, { "content-type": type }).end(Buffer.from(await answer.arrayBuffer()));
}
