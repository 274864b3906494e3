import type { Endpoints } from "../../compose/endpoints.js";
import { recordKey } from "../../shared/deployment/apply-change.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { openLog } from "../../shared/registry/open-log.js";
import { configChanged } from "../../shared/topology.js";
import { aRiver, type River } from "../river/a-river.js";
import type { ProcessExit } from "../river/a-process.js";
import { logSettingsOf, silentLog } from "../river/read-topic.js";
import { draftsOf } from "./drafts.js";
import type { Draft } from "./draft.js";
import type { Surroundings } from "./mutation.js";

/** What a fuzz run is aimed at. */
export interface FuzzRiver {
  readonly pid: number;
  readonly port: number;
  readonly drafts: readonly Draft[];
  readonly surroundings: Surroundings;
  /** Ends of the gateway: none, unless it crashed. */
  readonly exits: readonly ProcessExit[];
  stop(): Promise<void>;
}

/** A gateway with both versions of the API, and three apps: a usual one, one without regions, one that must prove nothing. */
export async function fuzzRiver(endpoints: Endpoints, seed: string): Promise<FuzzRiver> {
  const river = await aRiver(endpoints, { services: ["gateway", "key-store"], settings });
  const bypassing = "gov.bypass.app";
  await river.tekstream(
    "app",
    "create",
    "--name",
    bypassing,
    "--region",
    "US",
    "--health-authority",
    "doh",
    "--bypass-verification",
    "--bypass-revision-token",
  );
  await addRegionlessApp(river.env);
  const gateway = river.process("gateway");
  const exits: ProcessExit[] = [];
  gateway.onExit((exit) => exits.push(exit));
  const { authority } = river;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const appNames = [river.appName, river.appName, river.appName, regionlessApp, bypassing];
  return {
    pid: gateway.pid,
    port: portOf(river),
    drafts: draftsOf({ seed, authority, appNames, nowSeconds }),
    surroundings: { authority, nowSeconds },
    exits,
    stop: () => river.stop(),
  };
}

const regionlessApp = "noregion";

/** The command line would not make an app like this; a log that an older one wrote may hold it. */
async function addRegionlessApp(env: River["env"]): Promise<void> {
  const { connection, framing } = await openLog("admin", logSettingsOf(env), silentLog);
  const writer = new StreamWriter(connection, configChanged, framing);
  const bypasses = { bypassHealthAuthorityVerification: true, bypassRevisionToken: true };
  const authorizedApp = { name: regionlessApp, regions: [], healthAuthorityIds: ["doh"], ...bypasses };
  await writer.write(0, { authorizedApp }, { key: recordKey("authorized-app", regionlessApp) });
  await writer.stop();
}

const settings = {
  ENABLE_V1ALPHA1_API: "true",
  // Chaff would hold up its connection for as long as publishes take.
  CHAFF_REQUEST_MAX_LATENCY_MS: "5",
  // On a slow machine a publish may take long; 503 is not what is looked for here.
  PUBLISH_TIMEOUT: "60s",
};

function portOf({ apiUrls: [url = ""] }: River): number {
  return Number(new URL(url).port);
}
