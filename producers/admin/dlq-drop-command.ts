import type { Command } from "commander";
import type { Changed } from "../../shared/topology.js";
import { one } from "./arguments.js";
import type { CommandContext } from "./command-context.js";
import { decision, expiredDecisions } from "./decide-letter.js";
import { Refused, WrongUsage } from "./failures.js";
import { decisionId, decisionOn, type Letter } from "./letter.js";
import { withLetters, type LetterReader } from "./letter-reader.js";
import { parseLetterTopic, parseOffset } from "./letter-topic.js";
import { wantedOf, type Wanted } from "./letters-wanted.js";
import type { Session } from "./session.js";

type Options = Wanted & { readonly yes?: boolean };

export function addDropCommand(noun: Command, context: CommandContext, examples: string): void {
  noun
    .command("drop")
    .description("decide that letters are of no use; they stay in their topic until their time is over")
    .requiredOption("--topic <topic>", "their dead-letter topic", one(parseLetterTopic))
    .option("--offset <offset>", "one letter", one(parseOffset))
    .option("--all", "every open letter")
    .option("--reason <reason>", "with --all: of this reason only")
    .option("--yes", "needed with --all")
    .addHelpText("after", examples)
    .action(async (options: Options) => {
      const { topic, offset } = wantedOf(options);
      if (options.all && !options.yes)
        throw new WrongUsage(
          `this drops every open letter of ${topic.name}: look at them with "tekstream dlq list --topic ${topic.name}", and say --yes if you mean it`,
        );
      await context.withSession(async (session) => {
        await withLetters(session, async (letters) => {
          if (offset === undefined) await dropAll(context, session, letters, options);
          else await dropOne(context, session, await letters.one(topic, offset));
          const { low } = await letters.span(topic);
          const expired = expiredDecisions(session.deployment, topic, low);
          await session.putAll(
            "dead-letter",
            expired.map((id) => [id, undefined]),
          );
        });
      });
    });
}

async function dropOne(context: CommandContext, session: Session, letter: Letter): Promise<void> {
  const before = decisionOn(session.deployment, letter);
  if (before?.action === "dropped") throw new Refused(`letter ${letter.offset}: it was dropped before`);
  if (before?.action === "retried")
    throw new Refused(`letter ${letter.offset}: it was sent back in, there is nothing to drop`);
  await session.putAll("dead-letter", [dropped(letter, context.nowSeconds())]);
  context.say(`Letter ${letter.offset} was dropped.`);
}

async function dropAll(
  context: CommandContext,
  session: Session,
  letters: LetterReader,
  { topic, reason }: Options,
): Promise<void> {
  const span = await letters.span(topic);
  const progress = context.progress("letters", span.high - span.low);
  let count = 0;
  try {
    await letters.read(topic, span, async (read) => {
      const open = read.filter(
        (letter) =>
          decisionOn(session.deployment, letter) === undefined &&
          (reason === undefined || letter.content?.reason === reason),
      );
      await session.putAll(
        "dead-letter",
        open.map((letter) => dropped(letter, context.nowSeconds())),
      );
      count += open.length;
      progress.update((read.at(-1)?.offset ?? span.low) - span.low);
    });
  } finally {
    progress.stop();
    context.say(`${count} dropped.`);
  }
}

function dropped(letter: Letter, nowSeconds: number): [id: string, changed: Changed] {
  return [decisionId(letter), decision(letter, "dropped", nowSeconds)];
}
