import { settings } from "./settings.js";

/** Where the object store is: an S3 server, or a folder where that server could not be had. */
export type ObjectStoreEndpoint =
  | {
      readonly kind: "s3";
      readonly endpoint: string;
      readonly accessKey: string;
      readonly secretKey: string;
      readonly bucket: string;
      readonly url: string;
    }
  | { readonly kind: "folder"; readonly path: string; readonly url: string };

/** One of our own processes: `url` is the operator's (/ready, /metrics), `apiUrl` the phone's. */
export type ServiceEndpoint = { readonly url: string; readonly apiUrl?: string };

/** Where everything of a stack answers, as written to `endpoints.json`; `services` are our own processes. */
export type Endpoints = {
  readonly kafka: { readonly brokers: readonly string[] };
  readonly registry: { readonly url: string };
  readonly mongodb: { readonly url: string };
  readonly redis: { readonly url: string };
  readonly objectStore: ObjectStoreEndpoint;
  readonly services: Readonly<Record<string, ServiceEndpoint>>;
};

/** The addresses that follow from the ports of a stack. `services` are our own processes, with the names of their ports. */
export function endpointsFrom(stack: {
  ports: Readonly<Record<string, number>>;
  brokers: number;
  objectStoreFolder: string | null;
  services: readonly { readonly name: string; readonly apiName: string | undefined }[];
}): Endpoints {
  const at = (name: string): string => `127.0.0.1:${portOf(stack.ports, name)}`;
  const { replicaSet } = settings.mongodb;
  return {
    kafka: { brokers: brokerNames(stack.brokers).map(at) },
    registry: { url: `http://${at("registry")}${settings.registry.apiPath}` },
    mongodb: { url: `mongodb://${at("mongodb")}/?replicaSet=${replicaSet}&directConnection=true` },
    redis: { url: `redis://${at("redis")}` },
    objectStore:
      stack.objectStoreFolder === null
        ? s3Endpoint(at("object-store"))
        : folderEndpoint(stack.objectStoreFolder),
    services: Object.fromEntries(
      stack.services.map(({ name, apiName }) => [
        name,
        { url: `http://${at(name)}`, ...(apiName === undefined ? {} : { apiUrl: `http://${at(apiName)}` }) },
      ]),
    ),
  };
}

/** `kafka-1` to `kafka-<brokers>`. */
export function brokerNames(brokers: number): string[] {
  return Array.from({ length: brokers }, (_, index) => `kafka-${index + 1}`);
}

/** The port recorded for a name. Throws when there is none, which is a mistake of the program. */
export function portOf(ports: Readonly<Record<string, number>>, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`no port was chosen for ${name}`);
  return port;
}

/** The S3 server at this `host:port`, with the keys and the bucket of the settings. */
export function s3Endpoint(address: string): ObjectStoreEndpoint {
  const { accessKey, secretKey, bucket } = settings.objectStore;
  const url = `s3://${accessKey}:${secretKey}@${address}/${bucket}`;
  return { kind: "s3", endpoint: `http://${address}`, accessKey, secretKey, bucket, url };
}

function folderEndpoint(path: string): ObjectStoreEndpoint {
  return { kind: "folder", path, url: `file://${path}` };
}
