import {
  keyAgeSettings,
  logSettings,
  processSettings,
  retentionSettings,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import {
  flag,
  optionalText,
  seconds,
  secondsOrOff,
  text,
  whole,
} from "../../shared/process/setting-kinds.js";

export const gatewaySettings = {
  ...processSettings,
  ...logSettings,
  ...viewSettings,
  ...secretSettings,
  ...keyAgeSettings,
  ...retentionSettings,
  apiHost: text("HOST", { description: "address that the phone's API listens on", fallback: "0.0.0.0" }),
  apiPort: whole("PORT", {
    description: "port of the phone's API; 0 takes a free one",
    fallback: "8080",
    max: 65_535,
  }),
  keysPerPublishMax: whole("MAX_KEYS_ON_PUBLISH", {
    description: "keys in one publish",
    fallback: "30",
    min: 1,
    max: 1000,
  }),
  keysPerStartMax: whole("MAX_SAME_START_INTERVAL_KEYS", {
    description: "keys with one start",
    fallback: "3",
    min: 1,
  }),
  truncateWindowSeconds: seconds("TRUNCATE_WINDOW", {
    description: "times that are stored or leave are rounded down to this",
    fallback: "1h",
    min: 1,
    max: 3600,
  }),
  onsetDaysMax: whole("MAX_SYMPTOM_ONSET_DAYS", {
    description: "days between symptom onset and a key, either way",
    fallback: "14",
    min: 1,
    // Phones refuse exports with more.
    max: 14,
  }),
  onsetReportDaysMax: whole("MAX_VALID_SYMPTOM_ONSET_REPORT_DAYS", {
    description: "how many days ago a reported onset may be",
    fallback: "28",
    min: 1,
  }),
  onsetDefaultDays: whole("DEFAULT_SYMPTOM_ONSET_DAYS_AGO", {
    description: "days before the publish that are taken for the onset when none is usable",
    fallback: "4",
  }),
  releaseStillValidKeys: flag("DEBUG_RELEASE_SAME_DAY_KEYS", {
    description: "no embargo for keys that are still usable on air; only for trials",
  }),
  paddingBytesMin: whole("RESPONSE_PADDING_MIN_BYTES", {
    description: "least padding of an answer, before base64; what is not positive is 1024",
    fallback: "1024",
    min: Number.MIN_SAFE_INTEGER,
    max: 1_000_000,
  }),
  statsPaddingBytesMin: whole("RESPONSE_PADDING_MIN_BYTES", {
    description: "the same for answers of /v1/stats",
    fallback: "2048",
    min: Number.MIN_SAFE_INTEGER,
    max: 1_000_000,
  }),
  paddingBytesRange: whole("RESPONSE_PADDING_RANGE", {
    description: "how much the padding varies; what is not positive is 1024",
    fallback: "1024",
    min: Number.MIN_SAFE_INTEGER,
    max: 1_000_000,
  }),
  defaultRegion: optionalText("DEFAULT_REGION", { description: "used when an app has no region" }),
  allowPartialRevisions: flag("ALLOW_PARTIAL_REVISIONS", {
    description: "drop existing keys that the token does not hold instead of refusing the request",
  }),
  revisionTokenAad: text("REVISION_TOKEN_AAD", {
    description: "base64; binds revision tokens to this deployment",
    fallback: "dGVrc3RyZWFt",
  }),
  tokenEntriesMin: whole("REVISION_TOKEN_MIN_LENGTH", {
    description:
      "keys for which a revision token has room before its length changes, and by which it grows then",
    fallback: "28",
    min: 1,
    max: 300,
  }),
  newKeySeconds: seconds("NEW_KEY_PERIOD", {
    description: "age of the newest data key of revision tokens at which the next one is made",
    fallback: "168h",
    min: 600,
  }),
  deleteOldKeySeconds: seconds("DELETE_OLD_KEY_PERIOD", {
    description: "a data key is destroyed when the one that followed it has this age",
    fallback: "360h",
    min: 600,
  }),
  hasV1Alpha1: flag("ENABLE_V1ALPHA1_API", {
    description: "also answer the older version of the API, at /",
  }),
  statsAudience: text("STATS_AUDIENCE", {
    description: "the `aud` of tokens with which health authorities ask for statistics",
    fallback: "keyserver",
  }),
  statsUploadMinimum: whole("STATS_UPLOAD_MINIMUM", {
    description: "publishes from which on a day's statistics are shown at once",
    fallback: "10",
    min: 10,
  }),
  statsEmbargoSeconds: secondsOrOff("STATS_EMBARGO_PERIOD", {
    description: "how long after its end a day with fewer publishes is shown; 0 or less: never",
    fallback: "48h",
    min: 172_800,
  }),
  maintenance: flag("MAINTENANCE_MODE", {
    description: "answer 429 on every route, /health included",
  }),
  chaffLatencyMsMax: whole("CHAFF_REQUEST_MAX_LATENCY_MS", {
    description: "longest delay of the answer to a chaff request; 0 is no cap",
    fallback: "1000",
    max: 60_000,
  }),
  chaffRecentMax: whole("CHAFF_RECENT_ANSWERS", {
    description: "latest real publishes whose size and delay answers to chaff requests take over",
    fallback: "100",
    min: 1,
    max: 100_000,
  }),
  requestsPerNetworkMax: whole("PUBLISH_LIMIT", {
    description:
      "requests of one client network (/24, /64) in PUBLISH_LIMIT_WINDOW, all gateways together; 0 is no limit",
    fallback: "0",
  }),
  requestsWindowSeconds: seconds("PUBLISH_LIMIT_WINDOW", {
    description: "see PUBLISH_LIMIT",
    fallback: "1h",
    min: 1,
    max: 86_400,
  }),
  trustedProxies: whole("TRUSTED_PROXIES", {
    description:
      "proxies in front, each of which adds to X-Forwarded-For whom it was asked by; 0 ignores the header",
    fallback: "0",
    max: 10,
  }),
  redisUrl: optionalText("TEKSTREAM_REDIS_URL", {
    description: "Redis of the counters of PUBLISH_LIMIT, which needs it",
    secret: true,
  }),
  connectionsMax: whole("CONNECTIONS_MAX", {
    description:
      "connections of phones at once; one more is closed, and so are those on which nothing is under way",
    fallback: "15000",
    min: 1,
  }),
  keepAliveSeconds: seconds("KEEP_ALIVE_TIMEOUT", {
    description: "a connection on which no request has come for so long is closed",
    fallback: "65s",
    min: 1,
  }),
  pipelinedMax: whole("PIPELINED_REQUESTS_MAX", {
    description:
      "requests of one connection that may wait for their answers, or their answers for the client; one more costs the connection",
    fallback: "8",
    min: 1,
  }),
  headerBytesMax: whole("HEADER_BYTES_MAX", {
    description: "bytes of a request's headers; more are answered 431",
    fallback: "16384",
    min: 4096,
    max: 1_000_000,
  }),
  headersMax: whole("HEADERS_MAX", {
    description: "headers of a request that are looked at; more are passed over",
    fallback: "100",
    min: 20,
    max: 10_000,
  }),
  headerSecondsMax: seconds("HEADER_TIMEOUT", {
    description: "a request whose headers are not there by then is given up",
    fallback: "10s",
    min: 1,
  }),
  requestSecondsMax: seconds("HTTP_REQUEST_TIMEOUT", {
    description: "a request that is not there as a whole by then is given up; at least HEADER_TIMEOUT",
    fallback: "30s",
    min: 1,
  }),
  takeSecondsMax: seconds("HTTP_RESPONSE_TIMEOUT", {
    description: "an answer that its client has not taken by then costs the connection",
    fallback: "30s",
    min: 1,
  }),
  bodiesBytesMax: whole("BODIES_BYTES_MAX", {
    description:
      "bytes of requests that have not arrived as a whole, all together; whoever sends more is answered 503",
    fallback: "64000000",
    min: 64_001,
  }),
  inFlightMax: whole("PUBLISH_IN_FLIGHT_MAX", {
    description: "publishes under way at once, from the last byte of the request; one more is answered 503",
    fallback: "2000",
    min: 1,
  }),
  answerSecondsMax: seconds("PUBLISH_TIMEOUT", {
    description: "a publish that is not durable by then is answered 503",
    fallback: "10s",
    min: 1,
  }),
  progressWaitSecondsMax: seconds("PROGRESS_TIMEOUT", {
    description: "longest wait until the view has what a revision token points at",
    fallback: "5s",
  }),
  queueBytesMax: whole("PUBLISH_QUEUE_BYTES_MAX", {
    description: "submissions waiting for one partition, in bytes; one more is answered 503",
    fallback: "8000000",
    min: 1_000_000,
  }),
  waitSecondsMax: seconds("PUBLISH_QUEUE_TIMEOUT", {
    description: "a submission that could not be sent to its partition by then is answered 503",
    fallback: "5s",
    min: 0.1,
  }),
  requestsPerLookUpMax: whole("PUBLISHES_PER_LOOK_UP", {
    description: "publishes that are looked up in MongoDB together",
    fallback: "100",
    min: 1,
    max: 1000,
  }),
  unreadySeconds: seconds("SHUTDOWN_DELAY", {
    description:
      "how long a gateway that is told to stop still takes requests while /ready is 503, so that whoever balances the load notices",
    fallback: "0s",
    max: 600,
  }),
};
