import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MongoClient, type Db } from "mongodb";
import { brokerTuning } from "../../compose/broker-tuning.js";
import type { Endpoints } from "../../compose/endpoints.js";
import { fetchParts, type Programs } from "../../compose/fetch/fetch-parts.js";
import { flags } from "../../compose/flags.js";
import { kafkaCommand } from "../../compose/parts/kafka.js";
import { pathsFrom, type Env } from "../../compose/paths.js";
import { freePort } from "../river/free-port.js";
import { eventually } from "../river/eventually.js";
import { makeCertificates, type Certificates } from "./certificates.js";
import { securedFront } from "./secured-front.js";

export const user = "tekstream";
const operator = "operator";

/** Real parts that take nobody without TLS and a password. */
export interface SecuredParts {
  /** Settings of processes that may come in. */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/** Starts a broker, a MongoDB and a Redis of its own, and puts doors before the registry and the object store. */
export async function securedParts(endpoints: Endpoints, environment: Env): Promise<SecuredParts> {
  const folder = mkdtempSync(join(tmpdir(), "tekstream-secured-"));
  const certificates = makeCertificates(folder);
  const password = randomBytes(18).toString("base64url");
  const paths = pathsFrom(environment);
  const programs = await fetchParts(
    { cache: paths.cache, env: environment },
    { progress: "silent", withObjectStore: false },
  );
  const place: Place = { folder, certificates, password, programs };
  const [kafkaPort, mongodbPort, redisPort] = [await freePort(), await freePort(), await freePort()];
  const running = [
    await startBroker(place, kafkaPort, await freePort()),
    startMongodb(place, mongodbPort),
    startRedis(place, redisPort),
  ];
  const prefix = `t-${randomBytes(5).toString("hex")}`;
  await eventually("MongoDB", () => openMongodb(place, mongodbPort, prefix), 120);
  const registry = new URL(endpoints.registry.url);
  const s3 = endpoints.objectStore;
  if (s3.kind !== "s3") throw new Error("the object store is a folder here");
  const fronts = [
    await securedFront(certificates, endpoints.registry.url, { user, password }),
    await securedFront(certificates, s3.endpoint),
  ];
  const [registryPort, s3Port] = fronts.map(({ port }) => port);
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, `${password}\n`);
  return {
    env: {
      TEKSTREAM_PREFIX: prefix,
      NODE_EXTRA_CA_CERTS: certificates.authorityFile,
      TEKSTREAM_KAFKA_BROKERS: `127.0.0.1:${kafkaPort}`,
      TEKSTREAM_KAFKA_TLS: "true",
      TEKSTREAM_KAFKA_SASL: "scram-sha-512",
      TEKSTREAM_KAFKA_USER: user,
      TEKSTREAM_KAFKA_PASSWORD_FILE: passwordFile,
      TEKSTREAM_REGISTRY_URL: `https://${user}:${password}@127.0.0.1:${registryPort}${registry.pathname}`,
      TEKSTREAM_MONGODB_URL: `mongodb://${user}:${password}@127.0.0.1:${mongodbPort}/?replicaSet=rs0&directConnection=true&tls=true`,
      TEKSTREAM_REDIS_URL: `rediss://${user}:${password}@127.0.0.1:${redisPort}`,
      TEKSTREAM_OBJECT_STORE_URL: `s3://${s3.accessKey}:${s3.secretKey}@127.0.0.1:${s3Port}/${s3.bucket}?tls=true`,
    },
    stop() {
      for (const front of fronts) front.stop();
      for (const part of running) part.kill("SIGKILL");
    },
  };
}

interface Place {
  readonly folder: string;
  readonly certificates: Certificates;
  readonly password: string;
  readonly programs: Programs;
}

async function startBroker(place: Place, port: number, controllerPort: number): Promise<ChildProcess> {
  const { folder, certificates, password, programs } = place;
  const oneLine = (pem: string): string => pem.trim().replaceAll(/\r?\n/g, "\\n");
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required username="${user}" password="${password}" user_${user}="${password}";`;
  const scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  const properties = {
    ...brokerTuning(1),
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `SASL_SSL://127.0.0.1:${port}`,
    "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "SASL_SSL",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl_ssl.plain.sasl.jaas.config": jaas,
    "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scramModule,
    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scramModule,
    "ssl.keystore.type": "PEM",
    "ssl.keystore.certificate.chain": oneLine(certificates.certificatePem),
    "ssl.keystore.key": oneLine(certificates.keyPem),
    "ssl.truststore.type": "PEM",
    "ssl.truststore.certificates": oneLine(certificates.authorityPem),
    "log.dirs": join(folder, "kafka"),
  };
  const file = join(folder, "kafka.properties");
  writeFileSync(
    file,
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  const scram = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=${user},password=${password}]`,
  ]);
  const clusterId = randomBytes(16).toString("base64url").replace(/^-/, "A");
  const format = ["kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file, ...scram];
  const [java, ...formatArguments] = kafkaCommand(programs, ...format);
  await promisify(execFile)(java, formatArguments);
  return start(place, "kafka", kafkaCommand(programs, "kafka.Kafka", file));
}

function startMongodb(place: Place, port: number): ChildProcess {
  const { folder, certificates, programs } = place;
  const dbpath = join(folder, "mongodb");
  mkdirSync(dbpath);
  const keyFile = join(folder, "mongodb-key");
  writeFileSync(keyFile, randomBytes(96).toString("base64"), { mode: 0o400 });
  return start(place, "mongodb", [
    join(programs.mongodb, "mongod"),
    "--nounixsocket",
    "--auth",
    ...flags({ replSet: "rs0", bind_ip: "127.0.0.1", port, dbpath, keyFile, tlsMode: "requireTLS" }),
    ...flags({ tlsCertificateKeyFile: certificates.bothFile, tlsCAFile: certificates.authorityFile }),
    "--tlsAllowConnectionsWithoutCertificates",
    ...flags({ wiredTigerCacheSizeGB: 0.25, oplogSize: 64 }),
  ]);
}

/**
 * Makes the replica set, its operator, whom MongoDB lets anybody on the same machine make, and by that one the user of
 * our processes, who may do what docs/security.md says and no more. Call it until it gives true.
 */
async function openMongodb(place: Place, port: number, db: string): Promise<boolean> {
  const { password } = place;
  // Once there is an operator, nobody else may.
  await asUser(place, `127.0.0.1:${port}`, async (admin) => {
    const hello = await admin.command({ hello: 1 });
    if (hello["isWritablePrimary"] === true)
      return admin.command({ createUser: operator, pwd: password, roles: ["root"] });
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
    return admin.command({ replSetInitiate: { _id: "rs0", members } });
  });
  return asUser(place, `${operator}:${password}@127.0.0.1:${port}`, async (admin) => {
    const roles = ["readWrite", "dbAdmin"].map((role) => ({ role, db }));
    const { users } = await admin.command({ usersInfo: user });
    if (users.length === 0) await admin.command({ createUser: user, pwd: password, roles });
  });
}

async function asUser(
  { certificates }: Place,
  address: string,
  work: (admin: Db) => Promise<unknown>,
): Promise<boolean> {
  const client = new MongoClient(`mongodb://${address}/?directConnection=true&tls=true`, {
    tlsCAFile: certificates.authorityFile,
    serverSelectionTimeoutMS: 5000,
  });
  try {
    await work(client.db("admin"));
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

function startRedis(place: Place, port: number): ChildProcess {
  const { folder, certificates, password, programs } = place;
  return start(place, "redis", [
    programs.redis,
    ...flags({ port: 0, "tls-port": port, bind: "127.0.0.1", dir: folder, requirepass: password }),
    ...flags({
      "tls-cert-file": certificates.certificateFile,
      "tls-key-file": certificates.keyFile,
      "tls-ca-cert-file": certificates.authorityFile,
      "tls-auth-clients": "no",
    }),
    ...flags({ appendonly: "no", save: "" }),
    // Beside the default user, who needs the password alone.
    "--user",
    user,
    "on",
    `>${password}`,
    "~*",
    "&*",
    "+@all",
  ]);
}

/** It ends with the test's own process. */
function start(
  { folder }: Place,
  name: string,
  [file, ...args]: readonly [string, ...string[]],
): ChildProcess {
  const log = join(folder, `${name}.log`);
  const child = spawn(file, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => {
      appendFileSync(log, text);
    });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}
