import { readFileSync } from "node:fs";
import net from "node:net";
import { faultySockets, type Fault } from "../faulty-sockets.js";

// Loaded before a real process of ours (`node --import`), it makes the process's connections to Kafka fail as a file
// says. The brokers and everybody else at them are left alone.

/** What the file holds, as JSON: this becomes of each request of the kind, or of each `every`th. */
export interface FaultOrder {
  readonly apiKey: number;
  readonly faults: readonly Fault[];
  readonly every?: number;
}

const orderFile = process.env["TEKSTREAM_TEST_FAULTS"] ?? "";
const ports = new Set(
  (process.env["TEKSTREAM_KAFKA_BROKERS"] ?? "").split(",").map((at) => Number(at.split(":")[1])),
);
let seen = 0;

const factory = faultySockets(({ apiKey }) => {
  const order = readOrder();
  if (order?.apiKey !== apiKey) return undefined;
  const { faults, every = 1 } = order;
  seen += 1;
  return seen % every === 0 ? faults[(seen / every) % faults.length] : undefined;
});

const connect = net.connect.bind(net) as (...values: unknown[]) => net.Socket;
net.connect = (...values: unknown[]) => {
  const [to, onConnect] = values as [{ host: string; port: number }, () => void];
  return ports.has(to.port) ? factory({ ...to, ssl: false as never, onConnect }) : connect(...values);
};

function readOrder(): FaultOrder | undefined {
  try {
    return JSON.parse(readFileSync(orderFile, "utf8")) as FaultOrder;
  } catch {
    return undefined;
  }
}
