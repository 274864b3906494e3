import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoints } from "../../compose/endpoints.js";
import type { ReadExports } from "../phones/export-reader.js";
import type { ReportType } from "../phones/health-authority.js";
import { keepRevisionToken, publishBody, type Phone } from "../phones/phone.js";
import { publishClient, type PublishAnswer } from "../phones/publish-client.js";
import type { RunningProcess } from "../river/a-process.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";

/** A deployment with two gateways and two key-stores that share the partitions, and with exports. */
export interface DecidingRiver {
  readonly river: River;
  readonly keyStores: readonly RunningProcess[];
  readonly gateways: readonly RunningProcess[];
  /** Publishes until there is another answer than 503, by both gateways in turn; the phone keeps its token. */
  say(phone: Phone, reportType: ReportType): Promise<PublishAnswer>;
  stop(): Promise<void>;
}

export async function aDecidingRiver(
  endpoints: Endpoints,
  settings: Readonly<Record<string, string>> = {},
): Promise<DecidingRiver> {
  const river = await aRiver(endpoints, {
    services: ["clock", "export-window"],
    periodSeconds: 2,
    settings: {
      TEKSTREAM_PARTITIONS: "4",
      PROGRESS_TIMEOUT: "1s",
      RECORDS_PER_TRANSACTION: "20",
      ...settings,
    },
  });
  const keyStores = [
    await river.add("key-store", "key-store-1"),
    await river.add("key-store", "key-store-2"),
  ];
  const gateways = [await river.add("gateway", "gateway-1"), await river.add("gateway", "gateway-2")];
  await Promise.all([...keyStores, ...gateways].map((process) => process.ready()));
  await eventually("partitions at both key-stores", async () => keyStores.every(hasPartitions));
  const client = publishClient({ urls: river.apiUrls, retriesMax: 200, timeoutMs: 30_000, pauseMsMax: 1000 });
  return {
    river,
    keyStores,
    gateways,
    async say(phone, reportType) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const { authority, appName: healthAuthorityID } = river;
      const answer = await client.publish(
        publishBody(phone, { authority, healthAuthorityID, reportType, nowSeconds }),
      );
      keepRevisionToken(phone, answer);
      return answer;
    },
    async stop() {
      client.close();
      await river.stop();
    },
  };
}

function hasPartitions({ logFile }: RunningProcess): boolean {
  return readFileSync(logFile, "utf8").includes("partition opened");
}

/**
 * Freezes processes together, again and again, until the returned function is called. The first time is at once, and
 * lasts at least until the lag is felt, where that is looked for.
 */
export async function lagging(
  processes: readonly RunningProcess[],
  turns: { asleepSeconds: number; awakeSeconds: number; isFelt?: () => Promise<boolean> },
): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const all = (signal: "SIGSTOP" | "SIGCONT"): Promise<unknown> =>
    Promise.all(processes.map((process) => process.signal(signal)));
  const take = async (): Promise<void> => {
    while (turns.isFelt !== undefined && !stop.signal.aborted && !(await turns.isFelt())) await sleep(100);
    while (!stop.signal.aborted) {
      await sleep(turns.asleepSeconds * 1000);
      await all("SIGCONT");
      await sleep(turns.awakeSeconds * 1000);
      if (!stop.signal.aborted) await all("SIGSTOP");
    }
    await all("SIGCONT");
  };
  await all("SIGSTOP");
  const running = take();
  return async () => {
    stop.abort();
    await running;
  };
}

/** Whether a gateway has told phones to come again. */
export async function isRefusing({ port }: RunningProcess): Promise<boolean> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return /^gateway_publishes_total\{status="503".*\} [1-9]/m.test(metrics);
}

/** Of each key (TEK in standard base64), the ends of the windows in which it is a key, and in which it is revised. */
export function windowsOf(
  { keys, revised }: ReadExports,
  tek: string,
): { primary: number[]; revised: number[] } {
  const ends = (list: ReadExports["keys"]): number[] =>
    (list.get(tek) ?? []).map(({ file }) => Number(/\/\d+-(\d+)-\d+\.zip$/.exec(file)?.[1]));
  return { primary: ends(keys), revised: ends(revised) };
}
