import { recordKey } from "../../shared/deployment/apply-change.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import type { HealthAuthority, HealthAuthorityKey } from "../../shared/keys/health-authority.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { configChanged, type Changed } from "../../shared/topology.js";
import type { JwksEvents, RefreshOutcome } from "./events.js";
import type { Fetched } from "./fetch-document.js";
import { parseKeyDocument } from "./key-document.js";
import { nextKeys, type KeyLimits } from "./next-keys.js";

// Reads   the documents in which health authorities list their keys, over the internet; the configuration
// Writes  to config.changed what a document says about its health authority's keys, if that is something new
// On duplicate   what is written depends on the configuration and the document alone, the time of a change excepted:
//                several instances do no harm, the last one wins, and the next look puts right what a slow one undid
// On poison      a document that can't be fetched or says nothing usable changes nothing; it is counted and logged
// On outage      what could not be written is found again by the next look

export interface RefreshSteps extends KeyLimits {
  readonly deployment: () => Deployment;
  /** Unix seconds. */
  readonly nowSeconds: () => number;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
  readonly fetchDocument: (uri: string) => Promise<Fetched>;
  /** Writes the entity, and resolves once the configuration has it. */
  readonly write: (healthAuthorityId: string, changed: Changed) => Promise<void>;
  readonly workers: number;
  /** Keys that one document may list. */
  readonly keysMax: number;
  readonly events: JwksEvents;
}

/** Looks once at the document of every health authority that has one, in random order, and gives the outcomes. */
export async function refreshAll(steps: RefreshSteps): Promise<readonly RefreshOutcome[]> {
  const queue = shuffled(authoritiesWithDocument(steps.deployment()), steps.random);
  const outcomes: RefreshOutcome[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const outcome = await refresh(steps, next);
      steps.events.refreshed(next.id, outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: steps.workers }, work));
  steps.events.lookedAtAll(outcomes, steps.nowSeconds());
  return outcomes;
}

/** The health authorities whose documents are to be looked at. */
export function authoritiesWithDocument({ healthAuthorities }: Deployment): DocumentedAuthority[] {
  return [...healthAuthorities.values()].flatMap(({ id, jwksUri }) =>
    jwksUri === undefined ? [] : { id, jwksUri },
  );
}

type DocumentedAuthority = Required<Pick<HealthAuthority, "id" | "jwksUri">>;

async function refresh(steps: RefreshSteps, { id, jwksUri }: DocumentedAuthority): Promise<RefreshOutcome> {
  const fetched = await steps.fetchDocument(jwksUri);
  if (fetched.kind === "failed") return fetched.reason;
  const document = parseKeyDocument(fetched.text, steps.keysMax);
  steps.events.ignored(id, document.ignored);
  if (document.kind === "broken") return document.reason;
  // Fetching takes its time, and the configuration may have changed meanwhile.
  const deployment = steps.deployment();
  const authority = deployment.healthAuthorities.get(id);
  if (authority?.jwksUri !== jwksUri) return "unchanged";
  const known = {
    discovered: deployment.discoveredKeys.get(id) ?? [],
    given: authority.keys.filter(({ discovered }) => discovered !== true),
  };
  const next = nextKeys(known, document.keys, Math.floor(steps.nowSeconds()), steps);
  if (next.withoutKid > 0)
    steps.events.ignored(
      id,
      Array.from({ length: next.withoutKid }, () => "no_kid"),
    );
  if (next.kind === "broken") return next.reason;
  const changed = entityOf(id, next.discovered);
  if (isSame(deployment.entities.get(recordKey("health-authority-keys", id)), changed)) return "unchanged";
  try {
    await steps.write(id, changed);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return "not_written";
  }
  steps.events.keysChanged(id, next.changes);
  return "changed";
}

function entityOf(healthAuthorityId: string, discovered: readonly HealthAuthorityKey[]): Changed {
  const keys = discovered.map(({ publicKey, version, fromSeconds, thruSeconds = 0 }) => ({
    version,
    fromSeconds,
    thruSeconds,
    publicKeyPem: String(publicKey.export({ type: "spki", format: "pem" })),
  }));
  return { discoveredKeys: { healthAuthorityId, keys } };
}

/** A health authority of which nothing is recorded yet has no keys to record either. */
function isSame(before: Changed | undefined, changed: Changed): boolean {
  const { codec } = configChanged;
  const bytes = (message: Changed): Uint8Array => codec.encode(message).finish();
  const decoded = codec.decode(bytes(changed));
  if (before === undefined) return changed.discoveredKeys?.keys?.length === 0;
  return Buffer.compare(bytes(before), bytes(decoded)) === 0;
}

/** Fisher and Yates: each order is equally likely, so that no document is always the last one. */
function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const rest = [...items];
  return Array.from({ length: rest.length }, () => rest.splice(Math.floor(random() * rest.length), 1)).flat();
}
