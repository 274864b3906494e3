import type { Command } from "commander";
import { one } from "./arguments.js";
import type { CommandContext } from "./command-context.js";
import { judge } from "./judge-letter.js";
import { letterView, type LetterView } from "./letter.js";
import { withLetters, type LetterReader } from "./letter-reader.js";
import { letterTopics, parseLetterTopic, parseLimit, parseOffset, type LetterTopic } from "./letter-topic.js";
import { json } from "./print.js";
import { hexDump, letterText, lettersText } from "./print-letter.js";
import { addDropCommand } from "./dlq-drop-command.js";
import { addRetryCommand } from "./dlq-retry-command.js";
import type { Session } from "./session.js";

interface ListOptions {
  readonly topic?: LetterTopic;
  readonly all?: true;
  readonly limit: number;
  readonly json?: true;
}

/** Dead letters: records that a process could never handle, and what the operator decides on them. */
export function addDlqCommands(program: Command, context: CommandContext): void {
  const noun = program
    .command("dlq")
    .description("dead letters: records that could never be handled, byte for byte, with the reason")
    .addHelpText("after", examples);
  addList(noun, context);
  addShow(noun, context);
  addRetryCommand(noun, context, examples);
  addDropCommand(noun, context, examples);
}

function addList(noun: Command, context: CommandContext): void {
  noun
    .command("list")
    .description(
      "list the open letters, oldest first; FROM is the record's partition and offset in its topic",
    )
    .option("--topic <topic>", "of one dead-letter topic only", one(parseLetterTopic))
    .option("--all", "letters that were decided on, too")
    .option("--limit <count>", "print so many at most", one(parseLimit), 100)
    .option("--json", "print JSON; times are unix seconds")
    .addHelpText("after", examples)
    .action(async (options: ListOptions) => {
      await context.withSession(async (session) => {
        await withLetters(session, async (letters) => {
          const { listed, more } = await list(session, letters, options);
          const whenEmpty = options.all ? "There is no letter." : "There is no open letter.";
          context.out(options.json ? json(listed) : lettersText(listed, whenEmpty));
          if (more > 0) context.say(`There are ${more} more: see --limit and --topic.`);
        });
      });
    });
}

/** Counts all, and keeps as many as are printed. */
async function list(
  { deployment }: Session,
  letters: LetterReader,
  { topic: wanted, all, limit }: ListOptions,
): Promise<{ listed: LetterView[]; more: number }> {
  const listed: LetterView[] = [];
  let more = 0;
  for (const topic of wanted === undefined ? letterTopics : [wanted]) {
    await letters.look(topic, await letters.span(topic), (read) => {
      const views = read
        .map((letter) => letterView(letter, deployment))
        .filter(({ decision }) => all === true || decision === null);
      const room = limit - listed.length;
      listed.push(...views.slice(0, room));
      more += Math.max(0, views.length - room);
    });
  }
  return { listed, more };
}

function addShow(noun: Command, context: CommandContext): void {
  noun
    .command("show")
    .description("show one letter: what the reason means, and how the record would be read now")
    .requiredOption("--topic <topic>", "its dead-letter topic", one(parseLetterTopic))
    .requiredOption("--offset <offset>", "its offset there", one(parseOffset))
    .option("--value", "the record's key, headers and value as well, which may hold the keys of persons")
    .option("--json", "print JSON; times are unix seconds, bytes are base64")
    .addHelpText("after", examples)
    .action(async (options: { topic: LetterTopic; offset: number; value?: true; json?: true }) => {
      await context.withSession(async (session) => {
        await withLetters(session, async (letters) => {
          const letter = await letters.one(options.topic, options.offset);
          const now = await judge(session.framing, letter.topic, letter.value);
          const view = letterView(letter, session.deployment);
          if (options.value)
            context.say("Warning: this may hold the keys of persons. Do not store it, do not pass it on.");
          const record = options.value === true ? recordView(letter) : undefined;
          if (options.json) context.out(json({ ...view, readNow: now?.reason ?? null, ...record }));
          else {
            context.out(letterText(letter, view, now));
            if (record !== undefined) context.out(`\n${recordText(letter)}`);
          }
        });
      });
    });
}

type ShownLetter = Awaited<ReturnType<LetterReader["one"]>>;

function recordView({ content, value }: ShownLetter): object {
  const base64 = (bytes: Buffer | string | null | undefined): string | null =>
    bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString("base64");
  const headers = Object.entries(content?.record.headers ?? {}).map(([name, values]) => [
    name,
    [values ?? []].flat().map(base64),
  ]);
  return { key: base64(content?.record.key), headers: Object.fromEntries(headers), value: base64(value) };
}

function recordText({ content, value }: ShownLetter): string {
  const parts: [string, Buffer | string | null | undefined][] = [["key", content?.record.key]];
  for (const [name, values] of Object.entries(content?.record.headers ?? {}))
    for (const one of [values ?? []].flat()) parts.push([`header ${name}`, one]);
  parts.push(["value", value]);
  return parts
    .map(([name, bytes]) =>
      bytes === null || bytes === undefined
        ? `${name}: none\n`
        : `${name}, ${bytes.length} bytes:\n${hexDump(Buffer.from(bytes))}`,
    )
    .join("\n");
}

const anyTopic = letterTopics[0]?.name ?? "";

const examples = `
Examples:
  tekstream dlq list
  tekstream dlq show --topic ${anyTopic} --offset 0
  tekstream dlq retry --topic ${anyTopic} --all --reason unknown_schema
  tekstream dlq drop --topic ${anyTopic} --offset 0

Letters stay in their topics for as long as the records that they are of; a letter that was sent back in or dropped is no
longer listed.`;
