import { randomBytes } from "node:crypto";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { configChanged, keysAccepted, keysSubmitted, type AnyStream } from "../../shared/topology.js";

/** A record that can never be handled, and the reason that its letter has to name. */
export interface Poison {
  readonly kind: string;
  readonly value: Buffer | null;
  readonly reason: string;
}

/** As large as a topic takes it: the batch around it, its key and its headers have the rest. */
const hugeBytes = 1_048_576 - 200;

/** Every kind of poison, for a topic of keys. */
export function poisonsFor(stream: AnyStream, framing: SchemaFraming): readonly Poison[] {
  const junk = randomBytes(100);
  junk[0] = 7;
  const foreign = framing.encode(configChanged, { authorizedApp: { name: "x" } });
  const sound = framing.encode(keysSubmitted, { app: "x".repeat(50) });
  const unknown = Buffer.from(sound);
  unknown.writeInt32BE(2_000_000_000, 1);
  const frame =
    stream === keysSubmitted ? framing.encode(keysSubmitted, {}) : framing.encode(keysAccepted, {});
  return [
    { kind: "not framed", value: junk, reason: "not_framed" },
    { kind: "of an unknown schema", value: unknown, reason: "unknown_schema" },
    { kind: "of another schema", value: foreign, reason: "other_schema" },
    { kind: "cut off", value: Buffer.concat([frame, Buffer.from([0x0a, 0x7f, 1])]), reason: "malformed" },
    ...senseless(stream, framing),
    { kind: "empty", value: Buffer.alloc(0), reason: "not_framed" },
    { kind: "without a value", value: null, reason: "no_value" },
    { kind: "huge", value: Buffer.alloc(hugeBytes, 9), reason: "not_framed" },
  ];
}

/** Well formed, and of no use. */
function senseless(stream: AnyStream, framing: SchemaFraming): Poison[] {
  if (stream === keysSubmitted) {
    const value = framing.encode(keysSubmitted, { identity: randomBytes(16) });
    return [{ kind: "without keys", value, reason: "no_keys" }];
  }
  const key = { tek: randomBytes(16), reportType: 1, rollingStartIntervalNumber: 1000 } as const;
  const withKey = (changes: object): Buffer =>
    framing.encode(keysAccepted, { origins: [{ regions: ["US"] }], inserted: [{ ...key, ...changes }] });
  return [
    { kind: "with a short key", value: withKey({ tek: randomBytes(3) }), reason: "bad_tek" },
    { kind: "with what phones refuse", value: withKey({ rollingPeriod: 145 }), reason: "bad_key" },
  ];
}
