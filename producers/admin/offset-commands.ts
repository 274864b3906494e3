import type { Command } from "commander";
import { hasMembers, readGroupOffsets, setGroupOffsets } from "../../shared/kafka/group-offsets.js";
import { keysSubmitted } from "../../shared/topology.js";
import type { CommandContext } from "./command-context.js";
import { Refused } from "./failures.js";
import { planOffsets, type OffsetPlan } from "./plan-offsets.js";
import { json, table } from "./print.js";
import type { Session } from "./session.js";
import { toldOffsets } from "./told-offsets.js";

const process = "key-store";

/** Adds `offsets show` and `offsets restore`. */
export function addOffsetCommands(program: Command, context: CommandContext): void {
  const noun = program.command("offsets").description("where the key-store stands in its log");
  noun
    .command("show")
    .description(
      "show, for each partition of the submissions, what the log holds, the group's offset, and up to where the outputs tell of it",
    )
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  tekstream offsets show\n  tekstream offsets show --json")
    .action(async (options: { json?: true }) => {
      await context.withSession(async (session) => {
        const plans = await planned(session);
        context.out(options.json ? json(plans) : offsetsTable(plans));
      });
    });
  noun
    .command("restore")
    .description(
      "commit offsets where the group has none, from what the outputs tell; no key-store may run meanwhile",
    )
    .addHelpText("after", "\nExamples:\n  tekstream offsets show\n  tekstream offsets restore")
    .action(async () => {
      await context.withSession((session) => restore(context, session));
    });
}

async function planned({ connection, framing }: Session): Promise<readonly OffsetPlan[]> {
  const offsets = await readGroupOffsets(connection, process, keysSubmitted.topic);
  return planOffsets(offsets, await toldOffsets(connection, framing));
}

async function restore(context: CommandContext, session: Session): Promise<void> {
  const { connection } = session;
  if (await hasMembers(connection, process))
    throw new Refused("a key-store is running: stop every one of them first");
  const plans = await planned(session);
  const other = plans.find(({ kind }) => kind === "refuse");
  if (other !== undefined) {
    const { partition, high, told } = other;
    throw new Refused(
      `partition ${partition} ends at offset ${high}, but outputs were decided from it up to ${told}: this is another log. Nothing was changed`,
    );
  }
  const missing = plans.filter((plan) => plan.kind === "restore");
  if (missing.length === 0) {
    context.say("The group has an offset in every partition. Nothing was changed.");
    return;
  }
  await setGroupOffsets(connection, process, keysSubmitted.topic, missing);
  for (const { partition, offset, gone } of missing) {
    const lost = gone === 0 ? "" : `, ${gone} records before it are gone and may never have been handled`;
    context.say(`Partition ${partition} goes on at offset ${offset}${lost}.`);
  }
  context.say("The key-stores can be started.");
}

function offsetsTable(plans: readonly OffsetPlan[]): string {
  const rows = plans.map((plan) => [
    String(plan.partition),
    `${plan.low} to ${plan.high}`,
    plan.committed === undefined ? "none" : String(plan.committed),
    String(plan.told),
    planText(plan),
  ]);
  const headings = ["PARTITION", "LOG", "GROUP", "TOLD", "RESTORE WOULD"];
  return table(headings, rows, "There is no partition yet.");
}

function planText(plan: OffsetPlan): string {
  if (plan.kind === "keep") return "keep it";
  return plan.kind === "refuse" ? "refuse: another log" : `set ${plan.offset}`;
}
