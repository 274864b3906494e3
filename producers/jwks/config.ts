import { logSettings, processSettings } from "../../shared/process/common-settings.js";
import { list, seconds, whole } from "../../shared/process/setting-kinds.js";

export const jwksSettings = {
  ...processSettings,
  ...logSettings,
  periodSeconds: seconds("JWKS_PERIOD", {
    description: "pause between two looks at all documents of keys",
    fallback: "2m",
    min: 0.1,
    max: 86_400,
  }),
  runSecondsMax: seconds("MAX_RUNTIME", {
    description: "longest look at all documents; those not fetched by then wait for the next",
    fallback: "10m",
    min: 1,
    max: 86_400,
  }),
  timeoutSeconds: seconds("REQUEST_TIMEOUT", {
    description: "longest fetch of one document, redirects included",
    fallback: "30s",
    min: 0.1,
    max: 3600,
  }),
  workers: whole("MAX_WORKERS", {
    description: "documents that are fetched at the same time",
    fallback: "5",
    min: 1,
    max: 100,
  }),
  cleanupSeconds: seconds("HEALTH_AUTHORITY_KEY_CLEANUP_TTL", {
    description: "how long a discovered key that was revoked is remembered",
    fallback: "720h",
  }),
  allowedHosts: list("JWKS_ALLOWED_HOSTS", {
    description:
      "hosts, or host:port, that may have private addresses and may be fetched from without TLS, comma-separated",
    fallback: "",
  }),
  documentBytesMax: whole("JWKS_DOCUMENT_BYTES_MAX", {
    description: "bytes of one document; a larger one is not read",
    fallback: "65536",
    min: 256,
    max: 10_000_000,
  }),
  keysMax: whole("JWKS_KEYS_MAX", {
    description: "keys that one document may list; a longer list is not used",
    fallback: "100",
    min: 1,
    max: 200,
  }),
  redirectsMax: whole("JWKS_REDIRECTS_MAX", {
    description: "redirects that one fetch follows, each under the same rules",
    fallback: "3",
    max: 10,
  }),
};
