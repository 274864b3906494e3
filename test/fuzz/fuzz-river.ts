import type { Endpoints } from "../../compose/endpoints.js";
import { aRiver, type River } from "../river/a-river.js";
import type { ProcessExit } from "../river/a-process.js";
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
  const regionless = "gov.regionless.app";
  const bypassing = "gov.bypass.app";
  await river.tekstream("app", "create", "--name", regionless, "--health-authority", "doh");
  await river.tekstream(
    ...["app", "create", "--name", bypassing, "--region", "US", "--health-authority", "doh"],
    ...["--bypass-verification", "--bypass-revision-token"],
  );
  const gateway = river.process("gateway");
  const exits: ProcessExit[] = [];
  gateway.onExit((exit) => exits.push(exit));
  const { authority } = river;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const appNames = [river.appName, river.appName, river.appName, regionless, bypassing];
  return {
    pid: gateway.pid,
    port: portOf(river),
    drafts: draftsOf({ seed, authority, appNames, nowSeconds }),
    surroundings: { authority, nowSeconds },
    exits,
    stop: () => river.stop(),
  };
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
