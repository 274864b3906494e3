import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aHealthAuthority } from "../phones/health-authority.js";
import { aPhone, publish } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { readerOf } from "../river/a-river.js";
import { aProcess, type RunningProcess } from "../river/a-process.js";
import { freePort } from "../river/free-port.js";
import { eventually } from "../river/eventually.js";
import { appName, commandLine, filenameRoot, publicKey, setUpDeployment } from "../river/set-up.js";
import { makeCertificates } from "./certificates.js";
import { securedParts, user, type SecuredParts } from "./secured-parts.js";
import { strangersDoor } from "./strangers-door.js";

// Every part wants TLS and a password: Kafka, the registry, MongoDB, Redis; the object store TLS and its signatures.

const endpoints = inject("endpoints");
const authority = aHealthAuthority();
const folder = mkdtempSync(join(tmpdir(), "tekstream-secured-test-"));
const running: RunningProcess[] = [];
let parts: SecuredParts | undefined;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  parts = await securedParts(endpoints, process.env);
  env = {
    ...parts.env,
    TEKSTREAM_HTTP_HOST: "127.0.0.1",
    HOST: "127.0.0.1",
    TEKSTREAM_MASTER_KEY: randomBytes(32).toString("base64"),
    MIN_WINDOW_AGE: "0",
    PUBLISH_LIMIT: "100",
  };
  await setUpDeployment(commandLine(env), { authority, folder, periodSeconds: 2 });
});
afterAll(async () => {
  await Promise.all(running.map((process) => process.signal("SIGKILL")));
  parts?.stop();
});

async function aService(
  name: string,
  entry: string,
  more: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const process = await aProcess({ name, entry, env: { ...env, ...more }, logFolder: folder });
  running.push(process);
  return process;
}

test("a key goes from a phone to an export though every part asks who comes", async () => {
  const apiPort = await freePort();
  const services = await Promise.all([
    aService("gateway", "producers/gateway/main.js", { PORT: String(apiPort) }),
    aService("clock", "producers/clock/main.js"),
    aService("key-store", "consumers/key-store/main.js"),
    aService("export-window", "consumers/export-window/main.js"),
  ]);
  await Promise.all(services.map((service) => service.ready()));
  const nowSeconds = Math.floor(Date.now() / 1000);
  const phone = aPhone({ nowSeconds });
  const client = publishClient({ urls: [`http://127.0.0.1:${apiPort}`] });
  const { status } = await publish(phone, client, { authority, healthAuthorityID: appName, nowSeconds });
  client.close();
  expect(status).toBe(200);
  const keys = [await publicKey(commandLine(env))];
  const reader = readerOf(endpoints, env["TEKSTREAM_PREFIX"] ?? "", filenameRoot, keys);
  const wanted = phone.keys.map(({ key }) => key);
  await eventually("the keys in an export", async () => {
    const { keys } = await reader.readNew();
    return wanted.some((key) => keys.has(key));
  });
});

function logOf({ logFile }: RunningProcess): string {
  return existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
}

/** What `tekstream app list` says when it may not come in. */
async function refused(changes: Readonly<Record<string, string>>): Promise<string> {
  const failed = await commandLine({ ...env, ...changes })("app", "list", "--timeout", "25s").then(
    () => undefined,
    (error: unknown) => error as { stderr: string },
  );
  return failed?.stderr ?? "it was let in";
}

test.concurrent.each([
  [
    "a wrong password for Kafka",
    { TEKSTREAM_KAFKA_PASSWORD_FILE: "", TEKSTREAM_KAFKA_PASSWORD: "other" },
    /authentication/i,
  ],
  ["no user for Kafka", { TEKSTREAM_KAFKA_USER: "" }, /TEKSTREAM_KAFKA_SASL needs TEKSTREAM_KAFKA_USER/],
  ["no TLS to Kafka", { TEKSTREAM_KAFKA_TLS: "false" }, /did not answer/],
  ["an authority that is not trusted", { NODE_EXTRA_CA_CERTS: "" }, /certificate/i],
])("%s is told", async (_what, changes, reason) => {
  const said = await refused(changes);
  expect(said).toMatch(reason);
  expect(said).not.toContain(readFileSync(env["TEKSTREAM_KAFKA_PASSWORD_FILE"] ?? "", "utf8").trim());
});

test.each(["plain", "scram-sha-256"])("the mechanism %s opens the same broker", async (mechanism) => {
  expect(await commandLine({ ...env, TEKSTREAM_KAFKA_SASL: mechanism })("app", "list")).toContain(appName);
});

test("Redis lets in who has its password, also without a user", async () => {
  const [url, name] = [env["TEKSTREAM_REDIS_URL"] ?? "", "export-window-without-user"];
  const entry = "consumers/export-window/main.js";
  await Promise.all(
    running.filter((one) => one.name === "export-window").map((one) => one.signal("SIGTERM")),
  );
  const worker = await aService(name, entry, { TEKSTREAM_REDIS_URL: url.replace(`//${user}:`, "//:") });
  await eventually("the worker to get windows", () => Promise.resolve(/batch built/.test(logOf(worker))));
  await worker.signal("SIGTERM");
});

const entries = {
  clock: "producers/clock/main.js",
  "key-store": "consumers/key-store/main.js",
  "export-window": "consumers/export-window/main.js",
} as const;

test.each([
  ["MongoDB", "key-store", "TEKSTREAM_MONGODB_URL", /Authentication failed/i],
  ["the registry", "clock", "TEKSTREAM_REGISTRY_URL", /registry/],
  ["Redis", "export-window", "TEKSTREAM_REDIS_URL", /WRONGPASS/],
  ["the object store", "export-window", "TEKSTREAM_OBJECT_STORE_URL", /SignatureDoesNotMatch/],
] as const)(
  "a wrong password for %s is in the log, and nothing is done",
  async (_part, service, variable, reason) => {
    const url = (env[variable] ?? "").replace(/:\/\/([^:]*):[^@]+@/, "://$1:wrong@");
    const process = await aService(`wrong-${variable}`, entries[service], { [variable]: url });
    await eventually("the log to say so", () => Promise.resolve(reason.test(logOf(process))));
    await process.signal("SIGKILL");
    expect(logOf(process)).not.toMatch(/batch built|"tick written"/);
  },
);

test.each([
  ["Kafka", "clock", "TEKSTREAM_KAFKA_BROKERS"],
  ["the registry", "clock", "TEKSTREAM_REGISTRY_URL"],
  ["MongoDB", "key-store", "TEKSTREAM_MONGODB_URL"],
  ["Redis", "export-window", "TEKSTREAM_REDIS_URL"],
  ["the object store", "export-window", "TEKSTREAM_OBJECT_STORE_URL"],
] as const)(
  "a stranger in the place of %s is told of, and is told nothing",
  async (_part, service, variable) => {
    const door = await strangersDoor(makeCertificates(mkdtempSync(join(folder, "stranger-"))));
    const address = (env[variable] ?? "").replace(/:\d+(?=\/|$)/, `:${door.port}`);
    const process = await aService(`stranger-${variable}`, entries[service], { [variable]: address });
    await eventually("the log to say so", () => Promise.resolve(/certificate/i.test(logOf(process))));
    await process.signal("SIGKILL");
    expect(door.heard()).toBe(0);
    door.stop();
  },
);
