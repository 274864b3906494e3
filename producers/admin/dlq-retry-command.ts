import type { Command } from "commander";
import { one } from "./arguments.js";
import type { CommandContext } from "./command-context.js";
import { expiredDecisions } from "./decide-letter.js";
import { Refused } from "./failures.js";
import { withLetters, type LetterReader } from "./letter-reader.js";
import { parseLetterTopic, parseOffset } from "./letter-topic.js";
import { leftText, wantedOf, type Wanted } from "./letters-wanted.js";
import { retryRefusals, type RetryOptions, type RetryRefusal } from "./refuse-retry.js";
import { withPostman, type Postman } from "./send-back.js";

type Options = Wanted & RetryOptions;

export function addRetryCommand(noun: Command, context: CommandContext, examples: string): void {
  noun
    .command("retry")
    .description(
      "send letters back in: each record, as it was, to the end of the partition that it came from. With --all, letters that can't be sent back are counted and left",
    )
    .requiredOption("--topic <topic>", "their dead-letter topic", one(parseLetterTopic))
    .option("--offset <offset>", "one letter", one(parseOffset))
    .option("--all", "every open letter")
    .option("--reason <reason>", "with --all: of this reason only")
    .option("--again", "letters that were decided on before, too")
    .option("--anyway", "letters that would be rejected again, too")
    .option("--not-exported", "you know that the keys of these decided records are in no export")
    .addHelpText("after", examples)
    .action(async (options: Options) => {
      const { topic, offset } = wantedOf(options);
      await context.withSession(async (session) => {
        await withLetters(session, async (letters) => {
          await withPostman(session, topic, context.nowSeconds(), (postman) =>
            offset === undefined
              ? sendAll(context, letters, postman, options)
              : sendOne(context, letters, postman, options, offset),
          );
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

async function sendOne(
  context: CommandContext,
  letters: LetterReader,
  postman: Postman,
  options: Options,
  offset: number,
): Promise<void> {
  const letter = await letters.one(options.topic, offset);
  const refusal = await postman.send(letter, options);
  if (refusal !== undefined) throw new Refused(`letter ${offset}: ${retryRefusals[refusal]}`);
  context.say(`Letter ${offset} was sent back in. Should it be rejected again, it comes as a new letter.`);
}

async function sendAll(
  context: CommandContext,
  letters: LetterReader,
  postman: Postman,
  options: Options,
): Promise<void> {
  const span = await letters.span(options.topic);
  const progress = context.progress("letters", span.high - span.low);
  const left = new Map<RetryRefusal, number>();
  let sent = 0;
  try {
    await letters.read(options.topic, span, async (read) => {
      for (const letter of read) {
        if (options.reason !== undefined && letter.content?.reason !== options.reason) continue;
        const refusal = await postman.send(letter, options);
        if (refusal === undefined) sent += 1;
        else if (refusal !== "retried" && refusal !== "dropped")
          left.set(refusal, (left.get(refusal) ?? 0) + 1);
        progress.update(letter.offset - span.low);
      }
    });
  } finally {
    progress.stop();
    context.say(`${sent} sent back in.`);
  }
  context.say(leftText(left, retryRefusals));
}
