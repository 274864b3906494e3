import type { HealthAuthorityKey } from "../../shared/keys/health-authority.js";
import type { ListedKey } from "./key-document.js";

// What a document means for the keys of its health authority (reference server facts, §3.6, its defects repaired).
// Keys are the same when their content is. A listed key that is new is added; a known one that is not listed is revoked
// and keeps the time of that; a revoked one that is listed again is reinstated; one that has been revoked for long is
// forgotten. Where several listed keys claim one version, the newest has it, and the others count as revoked.

export interface KnownKeys {
  /** What the document said before. */
  readonly discovered: readonly HealthAuthorityKey[];
  /** What operators say. */
  readonly given: readonly HealthAuthorityKey[];
}

export interface KeyLimits {
  /** How long a revoked key is remembered. */
  readonly cleanupSeconds: number;
  /** Discovered keys that are remembered; of more, those revoked first are forgotten. */
  readonly keysKeptMax: number;
}

/** Versions of the keys that change, by what happens to them. */
export interface KeyChanges {
  readonly added: readonly string[];
  readonly revoked: readonly string[];
  readonly reinstated: readonly string[];
  readonly purged: readonly string[];
}

export type NextKeys =
  | {
      readonly kind: "next";
      readonly discovered: readonly HealthAuthorityKey[];
      readonly changes: KeyChanges;
      /** Listed keys left out because they are new and name no version. */
      readonly withoutKid: number;
    }
  | { readonly kind: "broken"; readonly reason: "no_usable_key"; readonly withoutKid: number };

export function nextKeys(
  known: KnownKeys,
  listed: readonly ListedKey[],
  nowSeconds: number,
  limits: KeyLimits,
): NextKeys {
  const claims = listed.flatMap((key) => claimOf(key, known, nowSeconds) ?? []);
  const withoutKid = listed.length - claims.length;
  if (claims.length === 0) return { kind: "broken", reason: "no_usable_key", withoutKid };
  const winners = winnersOf(claims);
  const next = [
    ...known.discovered.map((key) => (holds(winners, key) ? withoutEnd(key) : ended(key, nowSeconds))),
    ...claims.filter(({ isNew }) => isNew).map((claim) => newKey(claim, winners, nowSeconds)),
    ...unlistedGiven(known, winners, nowSeconds),
  ];
  const isForgettable = (key: HealthAuthorityKey): boolean =>
    key.thruSeconds !== undefined && !holds(claims, key) && !holds(known.given, key);
  const kept = withinLimits(next, isForgettable, nowSeconds, limits);
  return { kind: "next", discovered: kept, changes: changesOf(known, next, kept), withoutKid };
}

/** A listed key with the version that it claims. */
interface Claim extends HealthAuthorityKey {
  readonly isNew: boolean;
}

function claimOf(listed: ListedKey, known: KnownKeys, nowSeconds: number): Claim | undefined {
  const { publicKey, kid } = listed;
  const found = same(known.discovered, listed) ?? same(known.given, listed);
  if (found !== undefined) return { ...found, isNew: false };
  return kid === undefined ? undefined : { version: kid, fromSeconds: nowSeconds, publicKey, isNew: true };
}

/**
 * For each version the newest key that claims it; among equals one that has not ended, then the first in the list. The
 * others are recorded as ended, so that the next run decides alike.
 */
function winnersOf(claims: readonly Claim[]): Claim[] {
  const winners = new Map<string, Claim>();
  for (const claim of claims) {
    const holder = winners.get(claim.version);
    if (holder === undefined || beats(claim, holder)) winners.set(claim.version, claim);
  }
  return [...winners.values()];
}

function beats(claim: Claim, holder: Claim): boolean {
  if (claim.fromSeconds !== holder.fromSeconds) return claim.fromSeconds > holder.fromSeconds;
  return claim.thruSeconds === undefined && holder.thruSeconds !== undefined;
}

function newKey(
  { isNew: _isNew, ...key }: Claim,
  winners: readonly Claim[],
  nowSeconds: number,
): HealthAuthorityKey {
  return holds(winners, key) ? key : ended(key, nowSeconds);
}

/** Operators' keys that the document does not list now. What an operator has ended is recorded with that end. */
function unlistedGiven(
  { given, discovered }: KnownKeys,
  winners: readonly Claim[],
  nowSeconds: number,
): HealthAuthorityKey[] {
  return given
    .filter((key, index) => given.findIndex(({ publicKey }) => publicKey.equals(key.publicKey)) === index)
    .filter((key) => !holds(winners, key) && !holds(discovered, key))
    .map((key) => ended(key, nowSeconds));
}

function ended(key: HealthAuthorityKey, nowSeconds: number): HealthAuthorityKey {
  return { ...key, thruSeconds: key.thruSeconds ?? Math.max(nowSeconds, key.fromSeconds) };
}

function withoutEnd({ thruSeconds: _end, ...key }: HealthAuthorityKey): HealthAuthorityKey {
  return key;
}

function withinLimits(
  keys: readonly HealthAuthorityKey[],
  isForgettable: (key: HealthAuthorityKey) => boolean,
  nowSeconds: number,
  { cleanupSeconds, keysKeptMax }: KeyLimits,
): HealthAuthorityKey[] {
  const endOf = ({ thruSeconds = Infinity }: HealthAuthorityKey): number => thruSeconds;
  const young = keys.filter((key) => !isForgettable(key) || endOf(key) >= nowSeconds - cleanupSeconds);
  const excess = Math.max(0, young.length - keysKeptMax);
  const oldest = young.filter(isForgettable).toSorted((a, b) => endOf(a) - endOf(b));
  const forgotten = new Set(oldest.slice(0, excess));
  return young.filter((key) => !forgotten.has(key));
}

function changesOf(
  { discovered, given }: KnownKeys,
  next: readonly HealthAuthorityKey[],
  kept: readonly HealthAuthorityKey[],
): KeyChanges {
  const before = [...discovered, ...given];
  const valid = next.filter(({ thruSeconds }) => thruSeconds === undefined);
  const over = next.filter(({ thruSeconds }) => thruSeconds !== undefined);
  const hadEnd = (key: HealthAuthorityKey): boolean => same(before, key)?.thruSeconds !== undefined;
  return {
    added: versionsOf(valid.filter((key) => !holds(before, key))),
    revoked: versionsOf(over.filter((key) => !hadEnd(key))),
    reinstated: versionsOf(valid.filter(hadEnd)),
    purged: versionsOf(next.filter((key) => !kept.includes(key))),
  };
}

function versionsOf(keys: readonly HealthAuthorityKey[]): string[] {
  return keys.map(({ version }) => version);
}

/** All that makes a key the same. */
type Content = Pick<HealthAuthorityKey, "publicKey">;

function holds(keys: readonly Content[], key: Content): boolean {
  return same(keys, key) !== undefined;
}

function same<Key extends Content>(keys: readonly Key[], { publicKey }: Content): Key | undefined {
  return keys.find((key) => key.publicKey.equals(publicKey));
}
