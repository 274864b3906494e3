import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Unavailable } from "../process/outcomes.js";
import { keysSubmitted } from "../topology.js";
import { registryAddress } from "./registry-address.js";
import { registerSchema, registryClient, schemaSource, SchemaFraming } from "./schema-framing.js";

// A registry that takes requests and says nothing, as one behind a network that has lost it.

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    // The compatibility is set; after that there is silence.
    if (request.method === "PUT") response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("a schema that it does not answer for is tried again later", async () => {
  const address = registryAddress(url);
  const registered = registerSchema(
    registryClient(address),
    address,
    "a",
    schemaSource(keysSubmitted.schema),
  );
  await expect(registered).rejects.toBeInstanceOf(Unavailable);
});

test("a record whose schema it does not tell waits, and does not hold its partition", async () => {
  const address = registryAddress(url);
  const framing = new SchemaFraming(registryClient(address), address, new Map());
  const record = Buffer.from([0, 0, 0, 0, 7, 0, 1]);
  await expect(framing.decodeAll(keysSubmitted, [record])).rejects.toBeInstanceOf(Unavailable);
});
