import { MongoClient, MongoServerError } from "mongodb";
import type { Db } from "mongodb";

/**
 * Throws unless this server is the primary of its replica set. Starts the set where there is none yet, and corrects its
 * only member's address where the port has changed.
 */
export async function checkReplicaSet(address: string, replicaSet: string): Promise<void> {
  const client = new MongoClient(`mongodb://${address}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1500,
    connectTimeoutMS: 1000,
    socketTimeoutMS: 3000,
  });
  try {
    await client.connect();
    const admin = client.db("admin");
    const hello = await admin.command({ hello: 1 });
    if (hello["isWritablePrimary"] === true) return;
    await startReplicaSet(admin, address, replicaSet);
    throw new Error("the replica set has no primary yet");
  } finally {
    await client.close();
  }
}

const notYetInitialized = 94;
const invalidReplicaSetConfig = 93;

async function startReplicaSet(admin: Db, address: string, replicaSet: string): Promise<void> {
  try {
    await admin.command({ replSetGetStatus: 1 });
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    const members = [{ _id: 0, host: address }];
    if (error.code === notYetInitialized) {
      await admin.command({ replSetInitiate: { _id: replicaSet, members } });
    } else if (error.code === invalidReplicaSetConfig) {
      const { config } = await admin.command({ replSetGetConfig: 1 });
      const next = { ...config, version: Number(config.version) + 1, members };
      await admin.command({ replSetReconfig: next, force: true });
    } else {
      throw error;
    }
  }
}
