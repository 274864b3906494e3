import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import confluent, { type SchemaRegistry as Registry } from "@kafkajs/confluent-schema-registry";
import { NeedsOperator, Unavailable, type Reject } from "../process/outcomes.js";
import { streams, type Stream } from "../topology.js";
import { registryAddress, type RegistryAddress } from "./registry-address.js";

// Values travel in Confluent's wire format: a zero byte, the schema id (4 bytes), the message index (a zero byte: the
// first message of the file), the protobuf payload. The client library's own encoder leaves the index out, which
// other deserializers refuse, so that frame is written here; the client registers, checks and looks up.
// Source: Confluent Schema Registry documentation, "Wire format".

const { SchemaRegistry, SchemaType, COMPATIBILITY } = confluent;

/** New readers can read all older records. Set on every subject before its first schema is registered. */
export const compatibility = COMPATIBILITY.BACKWARD_TRANSITIVE;

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]["middlewares"]>[number];

const frameBytes = 6;
/** Longest wait for an answer. The client itself would wait for ever. */
const answerMsMax = 5000;
/** So many ids that the registry does not know are remembered; then all are forgotten, and asked for again. */
export const unknownIdsMax = 100;
/** For so long: a registry that follows others may get to know a schema later. */
export const unknownMs = 60_000;

export type FramingReason = "no_value" | "not_framed" | "unknown_schema" | "other_schema" | "malformed";
export type Decoded<Out> = { readonly fate: "done"; readonly message: Out } | Reject<FramingReason>;

export class SchemaFraming {
  readonly #registry: Registry;
  readonly #address: RegistryAddress;
  /** Schema id that this process writes with, by type name. */
  readonly #writeIds: ReadonlyMap<string, number>;
  /** Type name by schema id, for all ids seen that the registry knows; undefined for schemas of another kind. */
  readonly #typeNames = new Map<number, string | undefined>();
  /** When the registry was asked for an id and had nothing that can be read, by `performance.now()`. */
  readonly #unknownIds = new Map<number, number>();

  constructor(registry: Registry, address: RegistryAddress, writeIds: ReadonlyMap<string, number>) {
    this.#registry = registry;
    this.#address = address;
    this.#writeIds = writeIds;
    for (const [typeName, id] of writeIds) this.#typeNames.set(id, typeName);
  }

  /** Frames one message. */
  encode<In, Out extends In>(stream: Stream<In, Out>, message: In): Buffer {
    const id = this.#writeIds.get(typeName(stream));
    if (id === undefined) throw new Error(`no schema was registered for ${stream.topic}`);
    const payload = stream.codec.encode(message).finish();
    const framed = Buffer.allocUnsafe(frameBytes + payload.length);
    framed[0] = 0;
    framed.writeInt32BE(id, 1);
    framed[5] = 0;
    framed.set(payload, frameBytes);
    return framed;
  }

  /**
   * Reads many values; those that can't be read say why.
   * @throws {Unavailable} when a schema id is not known yet and the registry does not answer.
   */
  async decodeAll<In, Out extends In>(
    stream: Stream<In, Out>,
    values: readonly (Buffer | null)[],
  ): Promise<Decoded<Out>[]> {
    return (await this.payloads(stream, values)).map((payload) =>
      payload.fate === "reject" ? payload : decodePayload(stream, payload.message),
    );
  }

  /**
   * The messages of many values as they are encoded, not copied. Errors as of {@link decodeAll}, but that nothing is
   * malformed yet.
   */
  async payloads<In, Out extends In>(
    stream: Stream<In, Out>,
    values: readonly (Buffer | null)[],
  ): Promise<Decoded<Buffer>[]> {
    for (const value of values) {
      if (value !== null && isFramed(value)) await this.#learn(value.readInt32BE(1));
    }
    return values.map((value) => this.#unframe(stream, value));
  }

  #unframe<In, Out extends In>(stream: Stream<In, Out>, value: Buffer | null): Decoded<Buffer> {
    if (value === null) return reject("no_value");
    if (!isFramed(value)) return reject("not_framed");
    const found = this.#typeNames.get(value.readInt32BE(1));
    if (found === undefined) return reject("unknown_schema");
    if (found !== typeName(stream)) return reject("other_schema");
    return { fate: "done", message: value.subarray(frameBytes) };
  }

  async #learn(id: number): Promise<void> {
    const askedAtMs = this.#unknownIds.get(id) ?? Number.NEGATIVE_INFINITY;
    if (this.#typeNames.has(id) || performance.now() < askedAtMs + unknownMs) return;
    try {
      const schema = (await this.#registry.getSchema(id)) as { message?: { fullName: string } };
      this.#typeNames.set(id, schema.message?.fullName.slice(1));
    } catch (error) {
      if (statusOf(error) !== 404 && !isUnreadable(error))
        throw new Unavailable("the schema registry does not answer", { cause: error });
      await this.#expectOurs();
      if (this.#unknownIds.size === unknownIdsMax) this.#unknownIds.clear();
      this.#unknownIds.set(id, performance.now());
    }
  }

  /**
   * A registry that has just started, or lost its store, knows no schema at all; what it says of others then would turn
   * good records into dead letters. So it is believed only while it knows one that this process has registered.
   */
  async #expectOurs(): Promise<void> {
    const [id] = this.#writeIds.values();
    const answer = await fetch(`${this.#address.url}/schemas/ids/${id}`, {
      headers: this.#address.headers,
      signal: AbortSignal.timeout(answerMsMax),
    }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok !== true)
      throw new Unavailable("the schema registry does not know the schemas that it took");
  }
}

/**
 * Registers the schema of every stream, with its compatibility mode, and gives the framing that uses them.
 * @throws {Unavailable} when the registry does not answer.
 * @throws {IncompatibleSchema} when a schema can't follow the registered ones.
 */
export async function registerSchemas(registryUrl: string, prefix: string): Promise<SchemaFraming> {
  const address = registryAddress(registryUrl);
  const registry = registryClient(address);
  const ids = new Map<string, number>();
  for (const stream of streams) {
    const subject = `${prefix}.${stream.topic}-value`;
    ids.set(typeName(stream), await registerSchema(registry, address, subject, schemaSource(stream.schema)));
  }
  return new SchemaFraming(registry, address, ids);
}

/** The client, which gives up a request that gets no answer. */
export function registryClient({ url: host, auth }: RegistryAddress): Registry {
  const impatient: Middleware = () => ({
    prepareRequest: async (next) => (await next()).enhance({ timeout: answerMsMax }),
  });
  return new SchemaRegistry({ host, middlewares: [impatient], ...(auth && { auth }) });
}

/** The registry refused a schema: readers of older records would break. */
export class IncompatibleSchema extends NeedsOperator {}

/** Registers one protobuf schema under a subject and gives its id. Errors as of {@link registerSchemas}. */
export async function registerSchema(
  registry: Registry,
  address: RegistryAddress,
  subject: string,
  schema: string,
): Promise<number> {
  try {
    await setCompatibility(address, subject);
    const { id } = await registry.register({ type: SchemaType.PROTOBUF, schema }, { subject, compatibility });
    return id;
  } catch (error) {
    if (statusOf(error) === 409)
      throw new IncompatibleSchema(`${subject}: incompatible schema`, { cause: error });
    throw new Unavailable(`the schema registry did not take ${subject}`, { cause: error });
  }
}

/** The text of a schema, by its path under schemas/. */
export function schemaSource(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../schemas/${path}`, import.meta.url)), "utf8");
}

async function setCompatibility({ url, headers }: RegistryAddress, subject: string): Promise<void> {
  const response = await fetch(`${url}/config/${encodeURIComponent(subject)}`, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify({ compatibility }),
    signal: AbortSignal.timeout(answerMsMax),
  });
  if (!response.ok) throw new Error(`the registry answered ${response.status}`);
}

function typeName(stream: { codec: { getTypeUrl(): string } }): string {
  return stream.codec.getTypeUrl().replace(/^.*\//, "");
}

/** Reads one of {@link SchemaFraming.payloads}. */
export function decodePayload<In, Out extends In>(
  stream: Stream<In, Out>,
  payload: Uint8Array,
): Decoded<Out> {
  try {
    return { fate: "done", message: stream.codec.decode(payload) };
  } catch {
    return reject("malformed");
  }
}

function isFramed(value: Buffer): boolean {
  return value.length >= frameBytes && value[0] === 0 && value[5] === 0;
}

function reject(reason: FramingReason): Reject<FramingReason> {
  return { fate: "reject", reason };
}

/** A schema of somebody else, from which the client can make no reader. */
function isUnreadable(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith("ConfluentSchemaRegistry");
}

function statusOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
}
