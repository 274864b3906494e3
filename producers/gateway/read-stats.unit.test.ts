import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { emptyDeployment, type Deployment } from "../../shared/deployment/deployment.js";
import type { HealthAuthority } from "../../shared/keys/health-authority.js";
import { parsePublicKey } from "../../shared/keys/public-key.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { noCounts, type HourCounts } from "../../shared/stats/counts.js";
import { readStats } from "./read-stats.js";

interface TokenVector {
  readonly name: string;
  readonly jwt: string;
  readonly accepted: boolean;
  readonly error?: string;
}

const folder = new URL("../../test/vectors/verification/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const { vectors } = JSON.parse(read("stats-tokens.json")) as { vectors: TokenVector[] };
/** The moment at which the vectors say that a token expired 57077h35m15s ago. */
const nowSeconds = 1_795_470_015;

function anAuthority(id: string, issuer: string, statsEnabled: boolean): HealthAuthority {
  const parsed = parsePublicKey(read("keys/ha-v1.public.pem"));
  if (!parsed.ok) throw new Error(parsed.error);
  const keys = [{ version: "v1", fromSeconds: nowSeconds - 3600, publicKey: parsed.key }];
  return { id, issuer, audience: "exposure-key-server", name: "Health", keys, statsEnabled };
}

const deployment: Deployment = {
  ...emptyDeployment,
  healthAuthorities: new Map([
    ["doh", anAuthority("doh", "gov.example.doh", true)],
    ["other", anAuthority("other", "gov.other.doh", false)],
  ]),
};

function ask(jwt: string, hoursOf: (id: string) => Promise<readonly HourCounts[]>) {
  const steps = {
    audience: "keyserver",
    rule: { uploadMinimum: 10, embargoSeconds: 172_800 },
    nowSeconds: () => nowSeconds,
    deployment: () => deployment,
    hoursOf,
  };
  return readStats(steps, `Bearer ${jwt}`);
}

test.each(vectors)("a token: $name", async ({ jwt, accepted, error }) => {
  const asked: string[] = [];
  const answer = await ask(jwt, async (id) => {
    asked.push(id);
    return [{ healthAuthorityId: id, hourSeconds: nowSeconds - 86_400, ...noCounts, publish: [0, 0, 10] }];
  });
  if (accepted) {
    expect(answer).toMatchObject({ status: 200, days: [{ publish: [0, 0, 10] }] });
    expect(asked).toEqual(["doh"]);
  } else {
    expect(answer).toEqual({ status: 401, code: "unauthorized", error });
    expect(asked).toEqual([]);
  }
});

test("there are tokens that are accepted and tokens that are not", () => {
  expect(vectors.filter(({ accepted }) => accepted)).toHaveLength(1);
  expect(vectors).toHaveLength(10);
});

test("a view that is away is not taken for an empty one", async () => {
  const away = async (): Promise<never> => {
    throw new Unavailable("MongoDB does not answer");
  };
  await expect(ask(vectors.find(({ accepted }) => accepted)?.jwt ?? "", away)).rejects.toThrow(Unavailable);
});
