import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoints } from "../../compose/endpoints.js";
import { services as stackServices } from "../../compose/services.js";
import type { ExportPublicKey } from "../../shared/export-check/check-export.js";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import { aHealthAuthority, type HealthAuthority } from "../phones/health-authority.js";
import { exportReader, type ExportReader } from "../phones/export-reader.js";
import { inProcessCommandLine } from "./in-process-command-line.js";
import { aProcess, type RunningProcess } from "./a-process.js";
import { freePort } from "./free-port.js";
import { appName, commandLine, filenameRoot, publicKey, setUpDeployment, type Tekstream } from "./set-up.js";

const entries = {
  gateway: "producers/gateway/main.js",
  clock: "producers/clock/main.js",
  jwks: "producers/jwks/main.js",
  "key-store": "consumers/key-store/main.js",
  "export-window": "consumers/export-window/main.js",
  stats: "consumers/stats/main.js",
} as const;

export type ServiceName = keyof typeof entries;

/** What a key passes on its way from a phone to an export; the others run only in tests that are about them. */
const wayOfAKey: readonly ServiceName[] = ["gateway", "clock", "key-store", "export-window"];

/** A whole deployment of real processes, apart from all others by its prefix, set up through the command line. */
export interface River {
  readonly prefix: string;
  /** What every process of it gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly authority: HealthAuthority;
  readonly appName: string;
  /** Addresses of the gateways' publish API. */
  readonly apiUrls: readonly string[];
  readonly logFolder: string;
  process(name: string): RunningProcess;
  /** Starts one more process of a kind, under a name of its own; by default from the river's checkout. */
  add(
    service: ServiceName,
    name: string,
    env?: Record<string, string>,
    checkout?: string,
  ): Promise<RunningProcess>;
  /** Runs the `tekstream` command line and gives what it prints. */
  readonly tekstream: Tekstream;
  /**
   * A phone that downloads and checks the exports below `filenameRoot`. It believes `publicKeys`, which may grow; without
   * them the key that the deployment began with.
   */
  reader(filenameRoot?: string, publicKeys?: readonly ExportPublicKey[]): Promise<ExportReader>;
  stop(): Promise<void>;
}

/** For phones that ask once: where processors are short, 503 is not what is looked for. */
export const patientGateway = {
  PUBLISH_TIMEOUT: "60s",
  PUBLISH_QUEUE_TIMEOUT: "60s",
  PROGRESS_TIMEOUT: "50s",
} as const;

export interface RiverOptions {
  readonly services?: readonly ServiceName[];
  readonly periodSeconds?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly prefix?: string;
  /** Default: a new one. */
  readonly authority?: HealthAuthority;
  /** When its key begins, as the command line takes it; default: at once. */
  readonly keyFrom?: string;
  /** Whose build its processes run, but not its command line; default: this one's. */
  readonly checkout?: string | undefined;
}

/** Sets up a deployment with one health authority, one app, one signing key and one export, and starts it. */
export async function aRiver(endpoints: Endpoints, options: RiverOptions = {}): Promise<River> {
  const prefix = options.prefix ?? `t-${randomBytes(5).toString("hex")}`;
  const logFolder = mkdtempSync(join(tmpdir(), `tekstream-${prefix}-`));
  const env = environment(endpoints, prefix, options.settings ?? {});
  const authority = options.authority ?? aHealthAuthority();
  const running = new Map<string, RunningProcess>();
  const apiUrls: string[] = [];
  const tekstream = commandLine(env);
  await setUpDeployment(inProcessCommandLine(env), {
    authority,
    folder: logFolder,
    keyFrom: options.keyFrom,
    periodSeconds: options.periodSeconds ?? 4,
  });

  const add: River["add"] = async (service, name, extra = {}, checkout = options.checkout) => {
    const apiPort = await freePort();
    if (service === "gateway") apiUrls.push(`http://127.0.0.1:${apiPort}`);
    const started = await aProcess({
      name,
      entry: entries[service],
      env: { ...env, ...ofStack(service), PORT: String(apiPort), ...extra },
      logFolder,
      checkout,
    });
    running.set(name, started);
    return started;
  };
  const services = options.services ?? wayOfAKey;
  const started = await Promise.all(services.map((service) => add(service, service)));
  await Promise.all(started.map((process) => process.ready()));
  return {
    prefix,
    env,
    authority,
    appName,
    apiUrls,
    logFolder,
    add,
    tekstream,
    process: (name) => known(running, name),
    reader: async (name = filenameRoot, publicKeys) =>
      readerOf(endpoints, prefix, name, publicKeys ?? [await publicKey(tekstream)]),
    async stop() {
      await Promise.all([...running.values()].map((process) => process.signal("SIGKILL")));
    },
  };
}

/** As the stack that `make up` starts runs this kind of process. */
function ofStack(service: ServiceName): Readonly<Record<string, string>> {
  return stackServices.find(({ name }) => name === service)?.env ?? {};
}

function environment(
  endpoints: Endpoints,
  prefix: string,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    TEKSTREAM_KAFKA_BROKERS: endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: endpoints.registry.url,
    TEKSTREAM_MONGODB_URL: endpoints.mongodb.url,
    TEKSTREAM_REDIS_URL: endpoints.redis.url,
    TEKSTREAM_OBJECT_STORE_URL: endpoints.objectStore.url,
    TEKSTREAM_PREFIX: prefix,
    TEKSTREAM_HTTP_HOST: "127.0.0.1",
    HOST: "127.0.0.1",
    TEKSTREAM_MASTER_KEY: randomBytes(32).toString("base64"),
    MIN_WINDOW_AGE: "0",
    ...settings,
  };
}

/** A phone that downloads and checks the exports of a deployment. */
export function readerOf(
  endpoints: Endpoints,
  prefix: string,
  name: string,
  publicKeys: readonly ExportPublicKey[],
): ExportReader {
  const store = openObjectStore(endpoints.objectStore.url, prefix);
  const fetchObject = async (object: string): Promise<Uint8Array | undefined> =>
    (await store.get(object))?.bytes;
  return exportReader({ fetchObject }, { root: name, publicKeys });
}

function known(running: ReadonlyMap<string, RunningProcess>, name: string): RunningProcess {
  const found = running.get(name);
  if (found === undefined) throw new Error(`no process is called ${name}`);
  return found;
}
