import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoints } from "../../compose/endpoints.js";
import { replicationFor } from "../../compose/settings.js";
import { shiftedClock } from "../hard-places/preloaded.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River, type ServiceName } from "../river/a-river.js";
import { commandLine } from "../river/set-up.js";
import { anAccount, type Account } from "./account.js";
import { phoneActs } from "./acts.js";
import { openAudit, type Audit } from "./audit.js";
import { checkDeadLetters } from "./check-dead-letters.js";
import { checkIndexFile, checkOrder } from "./check-windows.js";
import { compareExports, compareLog } from "./compare-log.js";
import { compareStatistics, readStatistics } from "./compare-statistics.js";
import { compareView, readView } from "./compare-view.js";
import { doHarm, heal, type Victims } from "./do-harm.js";
import type { Finding } from "./finding.js";
import { forget } from "./forget.js";
import { followExports, type ExportFollower } from "./follow-exports.js";
import type { HarmableStack } from "./harmable-stack.js";
import { makeChanges } from "./make-changes.js";
import { anOperator, type KnownExport, type Operator } from "./operator.js";
import { performAct } from "./perform-act.js";
import { readLog, type LogFold } from "./read-log.js";
import { rebuildExports } from "./rebuild-exports.js";
import { isOverWithin, runTraffic } from "./run-traffic.js";
import { ownProcesses, type Harm, type OwnTarget, type Schedule } from "./schedule.js";
import { untilSettled } from "./settle.js";
import { aSlowWay } from "./slow-way.js";
import { Supervisor } from "./supervisor.js";

/** Where a schedule is played; without `stack` only what is the deployment's own can be harmed. */
export interface Site {
  readonly endpoints: Endpoints;
  readonly stack?: HarmableStack;
  /** Whose build our processes run, and the operator's commands; default: this checkout's. */
  readonly checkout?: string | undefined;
  /** Leaves topics and database where they are. */
  readonly keep?: boolean;
  /** Called when all processes are up; phones publish, and harms are counted, from when it resolves. */
  readonly begin?: () => Promise<void>;
}

/** What came of a schedule. It has passed when there are no findings. */
export interface Trial {
  readonly findings: readonly Finding[];
  /** Harms that could not be done. */
  readonly leftOut: readonly Harm[];
  readonly account: Account;
  /** What lies in the log and what was published. */
  readonly counts: {
    readonly keys: number;
    readonly revised: number;
    readonly windows: number;
    readonly files: number;
  };
  /** How long it took: until all was up, until all was healed and answered, until all was published, and compared. */
  readonly seconds: readonly [up: number, healed: number, published: number, compared: number];
  /** Logs of our processes. */
  readonly logFolder: string;
  readonly prefix: string;
}

type Suffered = Pick<Trial, "findings" | "leftOut">;
type FollowedExport = KnownExport & { readonly phone: ExportFollower };
type Compared = Pick<Trial, "findings" | "counts"> & { readonly publishedAt: number };

const periodSeconds = 4;
/** From the moment at which everything is well again. */
const answeredSecondsMax = 180;
const readySecondsMax = 180;
const clientOptions = { timeoutMs: 12_000, retriesMax: 1000, backoffMs: 200, pauseMsMax: 2000 };

/** Plays a schedule on a deployment of its own: traffic and harms, healing, and then every comparison. */
export function playSchedule(site: Site, schedule: Schedule): Promise<Trial> {
  return playInTurn(site, [schedule]);
}

/** Plays schedules on one deployment, each when all is healed from the one before; everything is compared in the end. */
export async function playInTurn(site: Site, schedules: readonly Schedule[]): Promise<Trial> {
  const { mongodb, kafka } = site.endpoints;
  const wayToMongodb = await aSlowWay(mongodb.url);
  try {
    const replication = replicationFor(kafka.brokers.length).factor;
    const river = await aRiver(
      { ...site.endpoints, mongodb: { url: wayToMongodb.url } },
      {
        services: [],
        periodSeconds,
        settings: { TEKSTREAM_REPLICATION: String(replication) },
        // A gateway whose clock is behind knows the health authority's key all the same.
        keyFrom: "-1h",
        checkout: site.checkout,
      },
    );
    const supervisor = new Supervisor();
    const clocks = clocksThatJump(schedules);
    const victims = { supervisor, env: river.env, stack: site.stack, wayToMongodb, clocks };
    try {
      return await playOn({ river, victims, site }, schedules);
    } finally {
      supervisor.stop();
      await river.stop();
    }
  } finally {
    wayToMongodb.stop();
  }
}

interface Play {
  readonly river: River;
  readonly victims: Victims;
  readonly site: Site;
}

async function playOn(play: Play, schedules: readonly Schedule[]): Promise<Trial> {
  const { river, victims, site } = play;
  const times = [performance.now()];
  const account = anAccount();
  const operator = await anOperator(commandLine(river.env, site.checkout));
  const [holdBelow] = schedules.flatMap((schedule) => schedule.holdBelow ?? []);
  if (holdBelow !== undefined) await operator.addHoldingExport(holdBelow, periodSeconds);
  await startOwn(play, schedules);
  const phones = await followAll(river, operator);
  await site.begin?.();
  times.push(performance.now());
  const suffered: Suffered[] = [];
  for (const schedule of schedules)
    suffered.push(await sufferAndHeal({ ...play, schedule, operator, account }));
  times.push(performance.now());
  const compared = await auditAll(river, account, phones);
  times.push(compared.publishedAt, performance.now());
  victims.supervisor.stop();
  await river.stop();
  if (site.keep !== true && compared.findings.length === 0) await forget(river.env);
  return {
    findings: [
      ...account.findings,
      ...suffered.flatMap(({ findings }) => findings),
      ...operator.findings,
      ...victims.supervisor.findings,
      ...compared.findings,
    ],
    counts: compared.counts,
    leftOut: suffered.flatMap(({ leftOut }) => leftOut),
    account,
    seconds: between(times),
    logFolder: river.logFolder,
    prefix: river.prefix,
  };
}

function clocksThatJump(schedules: readonly Schedule[]): Victims["clocks"] {
  const harms = schedules.flatMap((schedule) => schedule.harms);
  return new Map(harms.flatMap((harm) => (harm.kind === "jump" ? [[harm.target, shiftedClock()]] : [])));
}

async function startOwn(play: Play, schedules: readonly Schedule[]): Promise<void> {
  const now = ownProcesses.filter((name) =>
    schedules.every(({ startedAtMs }) => startedAtMs?.[name] === undefined),
  );
  await Promise.all(now.map((name) => startOne(play, name)));
  await play.victims.supervisor.untilReady(readySecondsMax);
}

async function startOne({ river, victims }: Play, name: OwnTarget): Promise<void> {
  const service = name.replace(/-\d$/, "") as ServiceName;
  victims.supervisor.watch(await river.add(service, name, victims.clocks.get(name)?.env));
}

/** However it ends, nothing of the stack is harmed any more afterwards. */
async function sufferAndHeal(
  play: Play & { readonly schedule: Schedule; readonly operator: Operator; readonly account: Account },
): Promise<Suffered> {
  const { river, victims, schedule, operator, account } = play;
  const { seed, trafficMs, publishesPerSecond, harms, startedAtMs = {} } = schedule;
  const { authority, appName: healthAuthorityID, apiUrls } = river;
  const client = publishClient({ ...clientOptions, urls: apiUrls });
  const stage = { client, authority, healthAuthorityID, account };
  const traffic = runTraffic(phoneActs(seed, trafficMs, publishesPerSecond), (act) => performAct(stage, act));
  const late = ownProcesses.flatMap((name) => {
    const atMs = startedAtMs[name];
    return atMs === undefined ? [] : [sleep(atMs).then(() => startOne(play, name))];
  });
  const { supervisor } = victims;
  const harming = doHarm(victims, harms);
  const changing = makeChanges({ river, operator, supervisor }, schedule.changes ?? []);
  const all = [harming, changing, ...late, sleep(trafficMs)];
  try {
    await Promise.allSettled(all);
    const findings: Finding[] = [...(await heal(victims))];
    await Promise.all(all);
    if (!(await isOverWithin(traffic, answeredSecondsMax)))
      findings.push({ reason: "no_answer", detail: `phones still wait after ${answeredSecondsMax} s` });
    await supervisor.untilReady(readySecondsMax).catch((error: unknown) => {
      findings.push({ reason: "not_ready", detail: String(error) });
    });
    return { findings, leftOut: await harming };
  } finally {
    client.close();
  }
}

/** One phone for each export. */
function followAll(river: River, { exports, publicKeys }: Operator): Promise<readonly FollowedExport[]> {
  return Promise.all(
    exports.map(async ({ id, root }) => ({
      id,
      root,
      phone: followExports(await river.reader(root, publicKeys)),
    })),
  );
}

async function auditAll(
  river: River,
  account: Account,
  phones: readonly FollowedExport[],
): Promise<Compared> {
  const audit = await openAudit(river.env);
  try {
    return await compareAll(audit, account, phones);
  } catch (error) {
    const finding: Finding = { reason: "not_settled", detail: String(error) };
    const counts = { keys: 0, revised: 0, windows: 0, files: 0 };
    return { findings: [finding], counts, publishedAt: performance.now() };
  } finally {
    await audit.stop();
  }
}

async function compareAll(
  audit: Audit,
  account: Account,
  phones: readonly FollowedExport[],
): Promise<Compared> {
  const exportIds = phones.map(({ id }) => id);
  const endSeconds = await untilSettled(audit, exportIds);
  const publishedAt = performance.now();
  const log = await readLog(audit, exportIds, endSeconds);
  const findings: Finding[] = [
    ...compareLog(account, log),
    ...compareView(log, await readView(audit)),
    ...compareStatistics(log, await readStatistics(audit, log)),
    ...(await rebuildExports(audit, log.published)),
    ...(await checkDeadLetters(audit)),
  ];
  let files = 0;
  for (const { id, root, phone } of phones) {
    const read = await phone.finish();
    const published = log.published.filter(({ exportConfigurationId }) => exportConfigurationId === id);
    files += read.files.length;
    findings.push(
      ...compareExports(account, log, read, endSeconds, `in ${id}`),
      ...checkOrder(published),
      ...(await checkIndexFile(audit, root, published)),
    );
  }
  const counts = { keys: log.keys.size, revised: log.revised.size, windows: windowsOf(log), files };
  return { findings, counts, publishedAt };
}

function windowsOf({ published }: LogFold): number {
  return new Set(published.map(({ exportConfigurationId: id, endSeconds }) => `${id}/${endSeconds}`)).size;
}

function between(times: readonly number[]): Trial["seconds"] {
  const [start = 0, up = 0, healed = 0, published = 0, end = 0] = times;
  return [(up - start) / 1000, (healed - up) / 1000, (published - healed) / 1000, (end - published) / 1000];
}
