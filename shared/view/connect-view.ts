import {
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoServerSelectionError,
  type Db,
} from "mongodb";
import type { Log } from "../process/log.js";
import { Unavailable } from "../process/outcomes.js";

/** The MongoDB side: a view of the log that can be thrown away and folded again. */
export interface View {
  readonly db: Db;
  /** Resolves when the primary answers. @throws {Unavailable} */
  ping(): Promise<void>;
  stop(): Promise<void>;
}

const connectPauseMs = 500;
// Among them QueryPlanKilled (175): a replay has swapped the collection that was being read.
const codesThatPass = new Set([
  6, 7, 50, 89, 91, 112, 175, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);
/** Of a socket that breaks while the driver waits to write on: it hands those on as they are. */
const socketCodesThatPass = ["EPIPE", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"];
const labelsThatPass = [
  "RetryableWriteError",
  "TransientTransactionError",
  // Whether the transaction went through shows when its documents are read again.
  "UnknownTransactionCommitResult",
];

/**
 * Opens the view, now or as soon as MongoDB answers; operations before that throw {@link Unavailable}. The prefix names
 * the database.
 */
export function connectView(options: {
  mongodbUrl: string;
  prefix: string;
  process: string;
  /** Hears why MongoDB does not let this process in. */
  log?: Log;
}): View {
  const client = new MongoClient(options.mongodbUrl, {
    appName: options.process,
    writeConcern: { w: "majority", journal: true },
    readConcernLevel: "majority",
    serverSelectionTimeoutMS: 3000,
    connectTimeoutMS: 3000,
    socketTimeoutMS: 30_000,
    retryWrites: true,
  });
  const stopped = new AbortController();
  void connectPatiently(client, stopped.signal, options.log);
  return {
    db: client.db(options.prefix),
    ping: () => available(() => client.db(options.prefix).command({ ping: 1 })).then(() => undefined),
    stop: () => {
      stopped.abort();
      return client.close();
    },
  };
}

/**
 * A client whose first connection failed stays closed for good: only connecting again opens it, and operations don't
 * do that. Once connected, it comes back from outages by itself.
 */
async function connectPatiently(client: MongoClient, stopped: AbortSignal, log?: Log): Promise<void> {
  let told = "";
  while (!stopped.aborted) {
    try {
      await client.connect();
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : "";
      // Each reason once, not at every turn.
      if (reason !== told) log?.warn({ error }, "no connection to MongoDB yet");
      told = reason;
    }
    await new Promise((resolve) => setTimeout(resolve, connectPauseMs));
  }
}

/**
 * Runs an operation of the driver; its errors that pass by themselves (network, elections, shutdown) become
 * {@link Unavailable}, all others stay what they are.
 */
export async function available<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    if (passes(error)) throw new Unavailable("MongoDB does not answer", { cause: error });
    throw error;
  }
}

function passes(error: unknown): boolean {
  if (!(error instanceof MongoError)) return isOfSocket(error);
  if (error instanceof MongoBulkWriteError) return bulkWritePasses(error);
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (/Timeout|PoolCleared|PoolClosed|TopologyClosed|NotConnected/.test(error.name)) return true;
  if (labelsThatPass.some((label) => error.hasErrorLabel(label))) return true;
  return typeof error.code === "number" && codesThatPass.has(error.code);
}

function isOfSocket(error: unknown): boolean {
  return error instanceof Error && "code" in error && socketCodesThatPass.some((code) => code === error.code);
}

/** A bulk write hides the driver's own error, and a write that the majority did not confirm has to be made again. */
function bulkWritePasses(error: MongoBulkWriteError): boolean {
  if (error.result.getWriteConcernError() !== undefined) return true;
  return error.errorResponse instanceof MongoError && passes(error.errorResponse);
}
