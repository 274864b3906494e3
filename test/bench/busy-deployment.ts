import type { Stack } from "../../compose/stack.js";
import { readStackState } from "../../compose/stack-state.js";
import { connectKafka } from "../../shared/kafka/connect.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { aRiver, type River } from "../river/a-river.js";
import { changeTopic } from "../river/change-topic.js";
import { eventually } from "../river/eventually.js";
import { lagOf } from "../river/lag.js";
import { logSettingsOf, silentLog } from "../river/read-topic.js";
import type { Processes } from "./cost.js";
import { fillView } from "./fill-view.js";

const behindTheGateway = ["clock", "key-store", "export-window"] as const;
const partsAtWork = ["kafka-1", "mongodb", "registry"];
const periodSeconds = 10;
const catchUpSecondsMax = 600;
/** So many keys are in the view before the first publish. */
export const keysBefore = 1_000_000;

/** A deployment under load: its processes, and those of the stack that work for it. */
export interface BusyDeployment {
  readonly river: River;
  readonly view: View;
  /** Of the gateways' publish API. */
  readonly ports: readonly number[];
  readonly processes: Processes;
  /** The same with as many gateways of another checkout in the place of its own. */
  withGatewaysOf(checkout: string): Promise<BusyDeployment>;
  /** Whether what comes after the gateway stands still or works. */
  hold(isHeld: boolean): Promise<void>;
  /** Resolves once everything that was acknowledged is in the view. */
  caughtUp(): Promise<void>;
  /** Has the broker write each record to the disk before it acknowledges it, or when it thinks best (its default). */
  flushEach(isEach: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the deployment and fills its view. */
export async function aBusyDeployment(stack: Stack, gateways: number): Promise<BusyDeployment> {
  const { endpoints, directory } = stack;
  const river = await aRiver(endpoints, { services: behindTheGateway, periodSeconds });
  const own = await startGateways(river, gateways);
  const connection = connectKafka({ ...logSettingsOf(river.env), process: "admin", log: silentLog });
  const view = connectView({ mongodbUrl: endpoints.mongodb.url, prefix: river.prefix, process: "admin" });
  await eventually("the view", () => isThere(view));
  await fillView(new KeyDocuments(view), keysBefore);
  const others = await processesBehind(river, directory);
  const deployment: BusyDeployment = {
    river,
    view,
    ports: own.ports,
    processes: { ...own.processes, ...others },
    async withGatewaysOf(checkout) {
      const { ports, processes } = await startGateways(river, gateways, checkout);
      return { ...deployment, ports, processes: { ...processes, ...others } };
    },
    async hold(isHeld) {
      for (const name of behindTheGateway) await river.process(name).signal(isHeld ? "SIGSTOP" : "SIGCONT");
    },
    async caughtUp() {
      const hasCaughtUp = async (): Promise<boolean> =>
        (await lagOf(connection, "key-store", keysSubmitted.topic)) === 0;
      await eventually("key-store to catch up", hasCaughtUp, catchUpSecondsMax);
    },
    async flushEach(isEach) {
      const value = isEach ? "1" : "9223372036854775807";
      for (const { topic } of [keysSubmitted, keysAccepted, keysEmbargoed])
        await changeTopic(connection, topic, { name: "flush.messages", value });
    },
    async stop() {
      await view.stop();
      await river.stop();
    },
  };
  return deployment;
}

/** Starts gateways, and names them as tables do. */
async function startGateways(
  river: River,
  count: number,
  checkout?: string,
): Promise<Pick<BusyDeployment, "ports" | "processes">> {
  const before = river.apiUrls.length;
  const processes: Record<string, number> = {};
  for (let number = 1; number <= count; number++) {
    const name = number === 1 ? "gateway" : `gateway-${number}`;
    const started = await river.add("gateway", `${name}-${before + number}`, {}, checkout);
    await started.ready();
    processes[name] = started.pid;
  }
  return { ports: river.apiUrls.slice(before).map((url) => Number(new URL(url).port)), processes };
}

function isThere(view: View): Promise<boolean> {
  return view.ping().then(
    () => true,
    () => false,
  );
}

async function processesBehind(river: River, directory: string): Promise<Processes> {
  const state = await readStackState(directory);
  const own = behindTheGateway.map((name) => [name, river.process(name).pid] as const);
  const parts = partsAtWork.map((name) => [name, state?.parts[name]?.process?.pid ?? 0] as const);
  return Object.fromEntries([...own, ...parts]);
}
