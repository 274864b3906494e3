import { z } from "zod";
import { uncheckedTls } from "./unchecked-tls.js";
import { flag, list, seconds, text, whole } from "./setting-kinds.js";
import { kafkaSecuritySettings } from "./security-settings.js";
import type { Setting } from "./settings.js";
import type { LogLevel } from "./log.js";

const logLevels = z.enum(["debug", "info", "warn", "error"], {
  error: "is none of debug, info, warn, error",
});

const logLevel: Setting<LogLevel> = {
  env: "LOG_LEVEL",
  description: "debug, info, warn or error",
  fallback: "info",
  schema: logLevels.default("info"),
};

/** For programs that an operator runs: quiet unless asked, for the operator is told in sentences. */
export const quietLogLevel: Setting<LogLevel> = {
  ...logLevel,
  fallback: "error",
  schema: logLevels.default("error"),
};

/** What every process needs to know. */
export const processSettings = {
  logLevel,
  prefix: text("TEKSTREAM_PREFIX", {
    description:
      "starts the name of every topic, group, transactional id and Redis key, and names the database",
    fallback: "tekstream",
  }),
  host: text("TEKSTREAM_HTTP_HOST", { description: "address to listen on", fallback: "127.0.0.1" }),
  port: whole("TEKSTREAM_HTTP_PORT", {
    description: "operators' port: /live, /ready and /metrics; 0 takes a free one",
    fallback: "8081",
    max: 65_535,
  }),
  logLinesPerSecondMax: whole("LOG_LINES_PER_SECOND_MAX", {
    description:
      "lines a second with the same message, debug lines aside; how many were left out is told in the next second with a line",
    fallback: "20",
    min: 1,
  }),
  stopSecondsMax: seconds("SHUTDOWN_TIMEOUT", {
    description: "a process that is told to stop and has not done so by then is ended",
    fallback: "20s",
    min: 1,
  }),
};

/** Where the log and its schemas are. */
export const logSettings = {
  brokers: list("TEKSTREAM_KAFKA_BROKERS", {
    description: "Kafka bootstrap servers, host:port, comma-separated",
  }),
  registryUrl: text("TEKSTREAM_REGISTRY_URL", {
    description:
      "base address of the Confluent-compatible schema registry, http[s]://[USER:PASSWORD@]HOST:PORT[/PATH]",
    secret: true,
  }),
  ...kafkaSecuritySettings,
  partitions: whole("TEKSTREAM_PARTITIONS", {
    description: "partitions of each topic of keys when it is created",
    fallback: "3",
    min: 1,
    max: 1000,
  }),
  replication: whole("TEKSTREAM_REPLICATION", {
    description: "replicas of each topic when it is created; the in-sync minimum is one less, at least one",
    fallback: "1",
    min: 1,
    max: 9,
  }),
};

/** Where the view is. */
export const viewSettings = {
  mongodbUrl: text(
    "TEKSTREAM_MONGODB_URL",
    {
      description:
        "MongoDB connection string of a replica set, with user, password and tls=true where it wants them",
      secret: true,
    },
    uncheckedTls,
  ),
};

/** Lets retention be shorter than ten days, for trials. */
export const minimumRetentionSettings = {
  hasNoMinimumRetention: flag("DEBUG_OVERRIDE_CLEANUP_MIN_DURATION", {
    description: "lets KEYS_RETENTION and CLEANUP_TTL be shorter than 240h; never where real keys are",
    fallback: "false",
  }),
};

/** How long the view keeps what it holds; the same in all processes, for it decides what is refused twice. */
export const retentionSettings = {
  keysRetentionSeconds: seconds("KEYS_RETENTION", {
    description:
      "how long MongoDB keeps keys, counted from their creation time, and statistics, counted from the end of their day",
    fallback: "336h",
    min: 1,
  }),
};

/** How long keys are taken; the same in gateway and key-store, for together they decide what is refused twice. */
export const keyAgeSettings = {
  keyAgeSecondsMax: seconds("MAX_INTERVAL_AGE_ON_PUBLISH", {
    description: "how long ago a key may have ended; trims tokens, too",
    fallback: "360h",
  }),
};

/** Where exports lie. */
export const objectStoreSettings = {
  objectStoreUrl: text("TEKSTREAM_OBJECT_STORE_URL", {
    description: "s3://ACCESS_KEY:SECRET_KEY@HOST:PORT/BUCKET[?tls=true][&region=REGION], or file:///FOLDER",
    secret: true,
  }),
};

/** The secret from which all others are derived. */
export const secretSettings = {
  masterKey: text("TEKSTREAM_MASTER_KEY", {
    description:
      "32 random bytes in base64 (openssl rand -base64 32), the same in every process of the deployment",
    secret: true,
  }),
};
