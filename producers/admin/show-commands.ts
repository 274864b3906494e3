import type { Command } from "commander";
import { one } from "./arguments.js";
import type { CommandContext } from "./command-context.js";
import { deploymentView, type DeploymentView } from "./deployment-view.js";
import { Refused } from "./failures.js";
import { parseId } from "./name-arguments.js";
import type { Parsed } from "./parsed.js";
import { json } from "./print.js";

/** How one kind of entity is listed and shown. */
export interface Shown<View> {
  /** As in "There is no <what> X". */
  readonly what: string;
  readonly all: (view: DeploymentView) => readonly View[];
  readonly idOf: (view: View) => string;
  readonly listText: (views: readonly View[], nowSeconds: number) => string;
  readonly showText: (view: View, nowSeconds: number) => string;
  /** The option that names one; --id without it. */
  readonly id?: {
    readonly flags: string;
    readonly name: string;
    readonly parse: (text: string) => Parsed<string>;
  };
}

/** Adds `list` and `show` to a noun. */
export function addShowCommands<View>(noun: Command, context: CommandContext, shown: Shown<View>): void {
  const { flags, name, parse } = shown.id ?? { flags: "--id <id>", name: "id", parse: parseId };
  noun
    .command("list")
    .description(`list every ${shown.what}`)
    .option("--json", "print JSON; times are unix seconds, null is no end")
    .action(async (options: { json?: true }) => {
      await context.withSession(async ({ deployment }) => {
        const views = shown.all(deploymentView(deployment));
        context.out(options.json ? json(views) : shown.listText(views, context.nowSeconds()));
      });
    });
  noun
    .command("show")
    .description(`show one ${shown.what}; exit code 1 when there is none`)
    .requiredOption(flags, `which ${shown.what}`, one(parse))
    .option("--json", "print JSON; times are unix seconds, null is no end")
    .action(async (options: { json?: true } & Record<string, unknown>) => {
      const id = String(options[name]);
      await context.withSession(async ({ deployment }) => {
        const view = shown.all(deploymentView(deployment)).find((candidate) => shown.idOf(candidate) === id);
        if (view === undefined)
          throw new Refused(`there is no ${shown.what} ${id}; see: tekstream ${noun.name()} list`);
        context.out(options.json ? json(view) : shown.showText(view, context.nowSeconds()));
      });
    });
}
