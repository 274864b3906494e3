import { keysAccepted, keysEmbargoed, type AcceptedRecord } from "../../shared/topology.js";
import { readStream } from "../river/read-topic.js";

/** One place at which the log tells of a key. */
export interface Telling {
  readonly partition: number;
  readonly offset: number;
  readonly isEmbargoed: boolean;
  /** Of the key, or of its revision; numbers as in the export file. */
  readonly reportType: number;
  /** When it may leave (unix seconds); 0: at once. */
  readonly releaseSeconds: number;
}

/** All tellings, by TEK in standard base64. */
export interface ToldKeys {
  readonly inserted: ReadonlyMap<string, readonly Telling[]>;
  readonly revised: ReadonlyMap<string, readonly Telling[]>;
}

/** What keys.accepted and keys.embargoed tell to those who read committed records. */
export async function toldKeys(env: Readonly<Record<string, string>>): Promise<ToldKeys> {
  const inserted = new Map<string, Telling[]>();
  const revised = new Map<string, Telling[]>();
  for (const stream of [keysAccepted, keysEmbargoed]) {
    for (const { partition, offset, message } of await readStream(env, stream)) {
      const place = { partition, offset, isEmbargoed: stream === keysEmbargoed };
      for (const key of message.inserted)
        append(inserted, key, { ...place, ...telling(key, key.reportType) });
      for (const key of message.revised)
        append(revised, key, { ...place, ...telling(key, key.revision?.reportType) });
    }
  }
  return { inserted, revised };
}

/** Revisions that are told before their key, or that may leave before it. Empty when all is well. */
export function overtaking({ inserted, revised }: ToldKeys): string[] {
  return [...revised].flatMap(([tek, [revision]]) => {
    const [key] = inserted.get(tek) ?? [];
    if (key === undefined || revision === undefined) return [`${tek} was never told`];
    if (key.partition !== revision.partition) return [`${tek} is revised in another partition`];
    if (revision.releaseSeconds < key.releaseSeconds) return [`${tek} may leave after its revision`];
    if (key.isEmbargoed !== revision.isEmbargoed) return [`${tek} is revised in another topic`];
    return key.offset <= revision.offset ? [] : [`${tek} is told after its revision`];
  });
}

type AcceptedKey = AcceptedRecord["inserted"][number];

function telling(
  { releaseSeconds }: AcceptedKey,
  reportType: number | null | undefined,
): Pick<Telling, "reportType" | "releaseSeconds"> {
  return { reportType: reportType ?? 0, releaseSeconds: releaseSeconds ?? 0 };
}

function append(to: Map<string, Telling[]>, { tek }: AcceptedKey, told: Telling): void {
  const id = Buffer.from(tek ?? []).toString("base64");
  to.set(id, [...(to.get(id) ?? []), told]);
}
