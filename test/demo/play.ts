import { setTimeout as sleep } from "node:timers/promises";
import type { HealthAuthority } from "../phones/health-authority.js";
import { compare, isSame, type Comparison } from "../phones/compare.js";
import { publishCrowd, type CrowdResult } from "../phones/crowd.js";
import type { ExportReader, ReadExports } from "../phones/export-reader.js";
import { enter } from "../phones/ledger.js";
import { withoutPadding } from "../phones/padding.js";
import { publish } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { appName } from "../river/set-up.js";
import { sendBadRequests, type BadRequest } from "./bad-requests.js";
import { progress } from "./progress.js";

export interface Played {
  readonly crowd: CrowdResult;
  readonly revised: number;
  readonly bad: readonly BadRequest[];
  readonly read: ReadExports;
  /** Padding taken out. */
  readonly comparison: Comparison;
  readonly padding: number;
  readonly secondsToExports: number;
}

const regions = ["US"];
/** So that the phones fall into several windows. */
const phonesPerSecond = 60;
const exportSecondsMax = 60;

/** Phones publish, some revise, somebody sends nonsense; then a phone downloads until everything is there. */
export async function play(options: {
  apiUrl: string;
  authority: HealthAuthority;
  phones: number;
  reader: ExportReader;
}): Promise<Played> {
  const { apiUrl, authority, phones, reader } = options;
  const client = publishClient({ urls: [apiUrl] });
  const bar = progress("phones publish", phones);
  const crowd = await publishCrowd({
    phones,
    concurrency: 16,
    perSecond: phonesPerSecond,
    client,
    authority,
    healthAuthorityID: appName,
    regions,
    reportType: "likely",
    onProgress: ({ done }) => {
      bar.update(done);
    },
  });
  bar.stop();
  const bad = await sendBadRequests(apiUrl, authority, appName);
  const revised = await reviseSome(crowd, authority, apiUrl);
  client.close();
  const startedAtMs = performance.now();
  const read = await readUntilThere(reader, crowd);
  const secondsToExports = (performance.now() - startedAtMs) / 1000;
  return { crowd, revised, bad, read, ...compared(read, crowd), secondsToExports };
}

/** Every tenth phone gets a test result and says so with its token: confirmed, or negative after all. */
async function reviseSome(crowd: CrowdResult, authority: HealthAuthority, apiUrl: string): Promise<number> {
  const client = publishClient({ urls: [apiUrl] });
  const some = crowd.phones.filter((_phone, index) => index % 10 === 0);
  for (const [index, phone] of some.entries()) {
    const reportType = index % 3 === 0 ? ("negative" as const) : ("confirmed" as const);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const answer = await publish(phone, client, {
      authority,
      healthAuthorityID: appName,
      reportType,
      nowSeconds,
    });
    if (answer.status !== 200)
      throw new Error(`a revision was answered ${answer.status}: ${answer.body?.error ?? ""}`);
    enter(crowd.ledger, { phone, answer, reportType, regions, nowMs: Date.now() });
  }
  client.close();
  return some.length;
}

function compared(read: ReadExports, { ledger }: CrowdResult): ReturnType<typeof withoutPadding> {
  return withoutPadding(compare(ledger, read), ledger, read);
}

async function readUntilThere(reader: ExportReader, crowd: CrowdResult): Promise<ReadExports> {
  const total = crowd.ledger.acknowledged.size;
  const bar = progress("keys exported", total);
  const deadline = performance.now() + exportSecondsMax * 1000;
  for (;;) {
    const read = await reader.readNew();
    bar.update(Math.min(total, read.keys.size));
    if (isSame(compared(read, crowd).comparison) || performance.now() > deadline) {
      bar.stop();
      return read;
    }
    await sleep(500);
  }
}
