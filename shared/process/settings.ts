import { readFileSync } from "node:fs";
import { z } from "zod";
import { uncheckedByNode } from "./unchecked-tls.js";

/**
 * One described setting of a process. `env` is the variable it comes from; `<env>_FILE` names a file to read it from
 * instead, which is how secrets arrive. `schema` parses the text (undefined when the variable is unset or empty).
 */
export interface Setting<Value> {
  readonly env: string;
  readonly description: string;
  readonly schema: z.ZodType<Value, string | undefined>;
  /** The default as shown in the reference table. */
  readonly fallback?: string | undefined;
  /** Never printed. */
  readonly secret?: boolean;
}

export type SettingsShape = Record<string, Setting<unknown>>;
export type SettingsOf<Shape extends SettingsShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Setting<infer Value> ? Value : never;
};
export type Environment = Readonly<Record<string, string | undefined>>;

/** Every problem of an environment at once, one line each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/**
 * Reads all settings of `shape` from the environment.
 * @throws {SettingsError} naming each variable that is missing or wrong, and what it is for.
 */
export function readSettings<Shape extends SettingsShape>(
  shape: Shape,
  environment: Environment,
): SettingsOf<Shape> {
  const problems = [uncheckedByNode(environment)].filter((problem) => problem !== undefined);
  const entries = Object.entries(shape).map(([name, setting]) => {
    const parsed = parseOne(setting, environment);
    if (parsed.problem !== undefined) problems.push(parsed.problem);
    return [name, parsed.value] as const;
  });
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  // Each value was parsed by the schema of its own name just above.
  return Object.fromEntries(entries) as SettingsOf<Shape>;
}

/** The settings by variable, secrets hidden, for the log line at start. */
export function printableSettings(
  shape: SettingsShape,
  settings: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, { env, secret }]) => [
      env,
      secret === true ? "(hidden)" : settings[name],
    ]),
  );
}

function parseOne(
  setting: Setting<unknown>,
  environment: Environment,
): { value?: unknown; problem?: string } {
  try {
    const result = setting.schema.safeParse(textOf(setting.env, environment));
    if (result.success) return { value: result.data };
    const reasons = result.error.issues.map((issue) => issue.message).join(", ");
    return { problem: `${setting.env}: ${reasons} (${setting.description})` };
  } catch (error) {
    return { problem: `${setting.env}_FILE: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function textOf(env: string, environment: Environment): string | undefined {
  const file = environment[`${env}_FILE`];
  const text = file === undefined || file === "" ? environment[env] : readFileSync(file, "utf8").trimEnd();
  return text === "" ? undefined : text;
}
