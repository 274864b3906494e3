import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Endpoints } from "../../compose/endpoints.js";
import { connectKafka, type KafkaConnection } from "../../shared/kafka/connect.js";
import { deadLetter } from "../../shared/kafka/dead-letters.js";
import { partitionWriter } from "../../shared/kafka/stream-writer.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { deadLetterTopic, keysAccepted, keysSubmitted, type AnyStream } from "../../shared/topology.js";
import { aSubmission } from "../hard-places/exactly-once-deployment.js";
import { aRiver, type River } from "../river/a-river.js";
import { changeTopic } from "../river/change-topic.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, readRaw, readStream } from "../river/read-topic.js";

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
export const submittedLetters = deadLetterTopic(keysSubmitted, "key-store");
export const acceptedLetters = deadLetterTopic(keysAccepted, "export-window");
const limits = { queueBytesMax: 8_000_000, waitSecondsMax: 10 };

interface Listed {
  readonly offset: number;
  readonly reason: string;
  readonly bytes: number;
  readonly decision: { action: string } | null;
}

/**
 * Dead letters as an operator meets them, by the real command line. The letters that can be read again are written by
 * the test, in the place of a process that could not: nothing that is rejected today is accepted tomorrow without an
 * update.
 */
export class DeadLetterScene {
  static async open(endpoints: Endpoints): Promise<DeadLetterScene> {
    const river = await aRiver(endpoints);
    const { framing } = await openLog("admin", logSettingsOf(river.env), quiet);
    const connection = connectKafka({ ...logSettingsOf(river.env), process: "admin", log: quiet });
    return new DeadLetterScene(river, framing, connection);
  }

  private constructor(
    readonly river: River,
    readonly framing: SchemaFraming,
    private readonly connection: KafkaConnection,
  ) {}

  async write(topic: string, partition: number, value: Buffer, rest: object = {}): Promise<number> {
    const writer = partitionWriter(this.connection, topic, partition, limits);
    const { offset } = await writer.write({ ...rest, value });
    await writer.stop();
    return offset;
  }

  /** Writes letters of records that could be read, as if their reader could not; gives the letters' offsets. */
  async writeLetters(
    stream: AnyStream,
    values: readonly Buffer[],
    firstOffset = 900,
  ): Promise<readonly number[]> {
    const process = stream === keysSubmitted ? "key-store" : "export-window";
    const writer = partitionWriter(this.connection, deadLetterTopic(stream, process), 0, limits);
    const writes = values.map((value, index) => {
      const headers = { trace: Buffer.from("a header") };
      const at = { timestamp: "1", attributes: 0, offset: String(firstOffset + index) };
      const message = { key: Buffer.from("a key"), value, headers, ...at };
      const letter = deadLetter(stream, process, { partition: 2, message, reason: "unknown_schema" });
      return writer.write({ key: letter.key ?? null, value, headers: letter.headers ?? {} });
    });
    const written = await Promise.all(writes);
    await writer.stop();
    return written.map(({ offset }) => offset);
  }

  aSubmittedRecord(): { value: Buffer; tek: string } {
    const tek = randomBytes(16);
    const submission = aSubmission();
    const keys = [{ ...submission.keys?.[0], tek }];
    return {
      value: this.framing.encode(keysSubmitted, { ...submission, keys }),
      tek: tek.toString("base64"),
    };
  }

  dlq(verb: string, ...args: string[]): Promise<string> {
    return this.river.tekstream("dlq", verb, ...args);
  }

  async listed(...args: string[]): Promise<Listed[]> {
    return JSON.parse(await this.dlq("list", "--json", ...args)) as Listed[];
  }

  /** What a command says that ends with this exit code. */
  async refusal(code: number, verb: string, ...args: string[]): Promise<string> {
    const error: unknown = await this.dlq(verb, ...args).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code });
    return (error as { stderr: string }).stderr;
  }

  async acceptedTeks(): Promise<string[]> {
    const records = await readStream(this.river.env, keysAccepted);
    return records.flatMap(({ message }) =>
      message.inserted.map(({ tek }) => Buffer.from(tek ?? []).toString("base64")),
    );
  }

  async exportedTimes(tek: string): Promise<number> {
    const exports = await this.river.reader();
    const read = await eventually("the key in an export", async () => {
      const all = await exports.readNew();
      return all.keys.has(tek) && all;
    });
    return read.keys.get(tek)?.length ?? 0;
  }

  async countOf(topic: string): Promise<number> {
    return (await readRaw(this.river.env, topic)).length;
  }

  /** With 100 bytes the broker refuses every letter, but not the markers of transactions. */
  setRecordBytesMax(topic: string, bytes: number): Promise<void> {
    return changeTopic(this.connection, topic, { name: "max.message.bytes", value: String(bytes) });
  }
}
