import { setTimeout as sleep } from "node:timers/promises";
import type { Binary } from "mongodb";
import { runReplay } from "../../consumers/replay/run-replay.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { anAccount, type Account } from "../faults/account.js";
import { phoneActs } from "../faults/acts.js";
import { openAudit, type Audit } from "../faults/audit.js";
import { compareExports, compareLog } from "../faults/compare-log.js";
import { compareView, readView } from "../faults/compare-view.js";
import type { Finding } from "../faults/finding.js";
import { performAct } from "../faults/perform-act.js";
import { readLog } from "../faults/read-log.js";
import { runTraffic } from "../faults/run-traffic.js";
import { untilSettled } from "../faults/settle.js";
import { publishClient } from "../phones/publish-client.js";
import type { River } from "../river/a-river.js";

/** How a replay ended, and what it told. */
export interface Replayed {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** A river whose store is replayed: its traffic, its audit, and the account of its phones. */
export interface ReplayRiver {
  readonly river: River;
  readonly audit: Audit;
  readonly account: Account;
  /** The audit's connection in the name of replay. */
  readonly connection: KafkaConnection;
  /** Phones publish, revise and race for a while; resolves when all have their answers. */
  traffic(seed: string, forMs: number, perSecond: number): Promise<void>;
  /** Runs `tekstream replay …` in this process. */
  replay(...words: readonly string[]): Promise<Replayed>;
  /** Everything compared, once all is decided and published: log against phones, view against log, exports against both. */
  findings(): Promise<readonly Finding[]>;
  stop(): Promise<void>;
}

const clientOptions = { timeoutMs: 12_000, retriesMax: 200, backoffMs: 200, pauseMsMax: 1000 };

export async function aReplayRiver(river: River): Promise<ReplayRiver> {
  const audit = await openAudit(river.env);
  const account = anAccount();
  const reader = await river.reader();
  const client = publishClient({ ...clientOptions, urls: river.apiUrls });
  const stage = { client, authority: river.authority, healthAuthorityID: river.appName, account };
  return {
    river,
    audit,
    account,
    connection: { ...audit.connection, process: "replay" },
    traffic: (seed, forMs, perSecond) =>
      runTraffic(phoneActs(seed, forMs, perSecond), (act) => performAct(stage, act)),
    replay: (...words) => replayed(river.env, words),
    async findings() {
      const endSeconds = await untilSettled(audit, ["us"]);
      const log = await readLog(audit, ["us"], endSeconds);
      return [
        ...account.findings,
        ...compareLog(account, log),
        ...compareView(log, await readView(audit)),
        ...compareExports(account, log, await reader.readNew(), endSeconds),
      ];
    },
    async stop() {
      client.close();
      await audit.stop();
      await river.stop();
    },
  };
}

async function replayed(
  environment: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<Replayed> {
  let [out, err] = ["", ""];
  const exitCode = await runReplay(words, {
    environment,
    nowSeconds: () => Date.now() / 1000,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    bar: { update: () => undefined, stop: () => undefined },
  });
  return { exitCode, out, err };
}

/** The TEKs of the view in every form in which they could be told. */
export async function tellableTeks({ view }: Audit): Promise<readonly string[]> {
  const documents = await view.db.collection("keys").find().toArray();
  return documents.flatMap(({ _id }) => {
    const tek = Buffer.from((_id as unknown as Binary).buffer);
    return [tek.toString("hex"), tek.toString("base64"), tek.toString("base64url")];
  });
}

/** Waits until a process has ended by itself. */
export async function untilEnded(river: River, name: string, secondsMax: number): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000;
  while (river.process(name).exitCode === null) {
    if (performance.now() > deadline) throw new Error(`${name} did not end within ${secondsMax} s`);
    await sleep(100);
  }
}
