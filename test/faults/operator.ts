import type { ExportPublicKey } from "../../shared/export-check/check-export.js";
import { eventually } from "../river/eventually.js";
import { filenameRoot, publicKey, signingKey, type Tekstream } from "../river/set-up.js";
import type { Finding } from "./finding.js";

/** An export, and where phones find it. */
export interface KnownExport {
  readonly id: string;
  readonly root: string;
}

export const mainExport: KnownExport = { id: "us", root: filenameRoot };
const heldExport: KnownExport = { id: "us-held", root: `${filenameRoot}-held` };
const nextSigningKey = { ...signingKey, id: "us-2", version: "v2" };
/** Keys of the export that holds wait no longer. */
const heldSecondsMax = 20;
/** Parts that a command needs may be away just then: an operator tries again. */
const doneSecondsMax = 150;

/** Who gives commands to a deployment, one at a time: two who change the same thing would overwrite each other. */
export interface Operator {
  /** Begins an export that holds windows with fewer keys. */
  addHoldingExport(holdBelow: number, periodSeconds: number): Promise<KnownExport>;
  makeFilesSmaller(recordsMax: number): Promise<void>;
  /** Has a new key sign every export, phones know of it before; the first key then signs no more if it is `retired`. */
  addSigningKey(retired: boolean): Promise<void>;
  /** Both expect that nothing differs. */
  replayExport(): Promise<void>;
  replayStore(): Promise<void>;
  readonly exports: readonly KnownExport[];
  /** What phones believe. */
  readonly publicKeys: readonly ExportPublicKey[];
  readonly findings: readonly Finding[];
}

/** @param tekstream rejects when a command fails. */
export async function anOperator(tekstream: Tekstream): Promise<Operator> {
  const exports = [mainExport];
  const publicKeys = [await publicKey(tekstream)];
  const findings: Finding[] = [];
  const inTurn = aQueue();

  /** What a command prints once it succeeds. */
  const insist = (...words: readonly string[]): Promise<string> => {
    const attempt = (): Promise<string | false> => tekstream(...words).catch(() => false as const);
    return inTurn(() => eventually(`tekstream ${words.join(" ")}`, attempt, doneSecondsMax));
  };
  const expectText = async (expected: string, ...words: readonly string[]): Promise<void> => {
    const text = await insist(...words);
    if (text.includes(expected)) return;
    findings.push({ reason: "replay_differs", detail: `${words.join(" ")}: ${text}` });
  };

  return {
    exports,
    publicKeys,
    findings,
    async addHoldingExport(holdBelow, periodSeconds) {
      const names = ["--id", heldExport.id, "--filename-root", heldExport.root, "--output-region", "US"];
      const hold = ["--hold-below", String(holdBelow), "--hold-at-most", `${heldSecondsMax}s`];
      const others = ["--min-records", "0", "--padding-range", "0", "--signing-key", signingKey.id];
      await tekstream("export", "create", ...names, "--period", `${periodSeconds}s`, ...hold, ...others);
      exports.push(heldExport);
      return heldExport;
    },
    async makeFilesSmaller(recordsMax) {
      await insist("export", "update", "--id", mainExport.id, "--max-records", String(recordsMax));
    },
    async addSigningKey(retired) {
      const { id, keyId, version } = nextSigningKey;
      const names = ["--id", id, "--key-id", keyId, "--key-version", version];
      const isThere = async (): Promise<ExportPublicKey | false> => {
        await tekstream("signing-key", "create", ...names).catch(() => undefined);
        return publicKey(tekstream, nextSigningKey).catch(() => false as const);
      };
      publicKeys.push(await inTurn(() => eventually("a new signing key", isThere, doneSecondsMax)));
      for (const one of exports)
        await insist("export", "update", "--id", one.id, "--signing-key", id, signingKey.id);
      if (retired) await insist("signing-key", "retire", "--id", signingKey.id, "--at", "+6s");
    },
    async replayExport() {
      for (const { id } of exports) {
        const words = ["--config", id, "--from", "-1h", "--to", "now", "--publish", "--threads", "1"];
        await expectText("the exports are what the log says", "replay", "export", ...words);
      }
    },
    async replayStore() {
      await expectText("the keys in use are what the log says", "replay", "store", "--swap");
    },
  };
}

function aQueue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}
