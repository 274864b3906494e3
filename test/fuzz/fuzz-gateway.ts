import { aPhone, publishBody } from "../phones/phone.js";
import { seededRandom } from "../phones/seeded-random.js";
import { residentBytesOf } from "../hard-places/flood.js";
import type { River } from "../river/a-river.js";
import { appName } from "../river/set-up.js";
import { FuzzConnection } from "./fuzz-connection.js";
import type { FuzzRequest } from "./fuzz-request.js";
import { mutations } from "./mutations.js";

const connections = 16;
const soundBodies = 300;
const memoryReadings = 8;

export interface FuzzResult {
  /** How often each status came. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers that no request may get, and requests without one; each tells how to make the request again. */
  readonly problems: readonly string[];
  /** Resident memory of the gateway after each quarter of the requests, in megabytes. */
  readonly megabytes: readonly number[];
}

/** Sends mutated requests to a river's gateway. The same seed sends the same requests, in about the same order. */
export async function fuzzGateway(river: River, seed: string, requests: number): Promise<FuzzResult> {
  const bodies = Array.from({ length: soundBodies }, (_, index) => soundBody(river, `${seed}/${index}`));
  const port = Number(new URL(river.apiUrls[0] ?? "").port);
  const { pid } = river.process("gateway");
  const statuses: Record<string, number> = {};
  const problems: string[] = [];
  const megabytes: number[] = [];
  let next = 0;
  const one = async (connection: FuzzConnection, number: number): Promise<void> => {
    const { name, request } = mutated(bodies, seed, number);
    const tell = (what: string): void => void problems.push(`${seed}/${number}, ${name}: ${what}`);
    try {
      const answer = await connection.ask(request);
      const status = String(answer?.status ?? "went away");
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (answer !== undefined && isFault(answer)) tell(`${status} ${answer.body.slice(0, 200)}`);
    } catch (error) {
      connection.stop();
      tell(String(error));
    }
  };
  const client = async (until: number): Promise<void> => {
    const connection = new FuzzConnection(port);
    while (next < until) await one(connection, next++);
    connection.stop();
  };
  for (let quarter = 1; quarter <= 4; quarter++) {
    const until = Math.round((requests * quarter) / 4);
    await Promise.all(Array.from({ length: connections }, () => client(until)));
    megabytes.push(await restingMegabytes(pid));
  }
  return { statuses, problems, megabytes };
}

function mutated(
  bodies: readonly Buffer[],
  seed: string,
  number: number,
): { readonly name: string; readonly request: FuzzRequest } {
  const random = seededRandom(`${seed}/request/${number}`);
  const sound: FuzzRequest = {
    method: "POST",
    target: "/v1/publish",
    headers: [["Content-Type", "application/json"]],
    body: bodies[random.below(bodies.length)] ?? Buffer.alloc(0),
    delivery: "whole",
  };
  const names = Object.keys(mutations);
  const chosen = Array.from({ length: 1 + random.below(2) }, () => names[random.below(names.length)] ?? "");
  const request = chosen.reduce((changed, name) => mutations[name]?.(changed, random) ?? changed, sound);
  return { name: chosen.join(" and "), request };
}

/** The facts know one 5xx that a request can bring about: an app without a region. */
function isFault({ status, body }: { readonly status: number; readonly body: string }): boolean {
  return status >= 500 && !body.includes("health_authority_missing_region_config");
}

function soundBody({ authority }: River, seed: string): Buffer {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const phone = aPhone({ seed, nowSeconds });
  return Buffer.from(publishBody(phone, { authority, healthAuthorityID: appName, nowSeconds }));
}

/** The least of some readings: one alone may come in the middle of garbage. */
async function restingMegabytes(pid: number): Promise<number> {
  const readings: number[] = [];
  for (let count = 0; count < memoryReadings; count++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    readings.push(residentBytesOf(pid) / 1e6);
  }
  return Math.round(Math.min(...readings));
}
