import { z } from "zod";
import type { Setting } from "./settings.js";

interface Description {
  readonly description: string;
  readonly secret?: boolean;
}

/** Free text. Without `fallback` the variable is required. `problemOf` says what is wrong with a text, if anything. */
export function text(
  env: string,
  about: Description & { fallback?: string },
  problemOf: (value: string) => string | undefined = () => undefined,
): Setting<string> {
  return setting(env, about, (value, fail) => {
    const problem = problemOf(value);
    return problem === undefined ? value : fail(problem);
  });
}

/** Text that may be absent. */
export function optionalText(env: string, about: Description): Setting<string | undefined> {
  return { env, ...about, schema: z.string().optional() };
}

/** A comma-separated list; empty items are dropped. */
export function list(env: string, about: Description & { fallback?: string }): Setting<readonly string[]> {
  return setting(env, about, (value) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );
}

/** A whole number within bounds. */
export function whole(
  env: string,
  about: Description & { fallback?: string; min?: number; max?: number },
): Setting<number> {
  return setting(env, about, (value, fail) => {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = about;
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < min || number > max)
      return fail(`not a whole number from ${min} to ${max}`);
    return number;
  });
}

/** `true` or `false`. */
export function flag(env: string, about: Description & { fallback?: string }): Setting<boolean> {
  return setting(env, { fallback: "false", ...about }, (value, fail) => {
    if (value !== "true" && value !== "false") return fail("neither true nor false");
    return value === "true";
  });
}

/** A duration in Go's syntax, as the reference server takes it (`336h`, `1h30m`, `10s`, `250ms`), in seconds. */
export function seconds(
  env: string,
  about: Description & { fallback?: string; min?: number; max?: number },
): Setting<number> {
  return setting(env, about, (value, fail) => {
    const parsed = durationSeconds(value);
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = about;
    if (parsed === undefined) return fail("not a duration such as 336h, 1h30m or 10s");
    if (parsed < min || parsed > max) return fail(`not between ${min} and ${max} seconds`);
    return parsed;
  });
}

/** A duration of at least `min` seconds, or one of 0 or less, which switches off and gives 0. */
export function secondsOrOff(
  env: string,
  about: Description & { fallback?: string; min: number },
): Setting<number> {
  return setting(env, about, (value, fail) => {
    const parsed = durationSeconds(value);
    if (parsed === undefined) return fail("not a duration such as 336h, 1h30m or 10s");
    if (parsed > 0 && parsed < about.min) return fail(`neither 0 nor at least ${about.min} seconds`);
    return Math.max(0, parsed);
  });
}

/** Seconds of a Go duration, or undefined where it is none. Source: Go's time.ParseDuration. */
export function durationSeconds(value: string): number | undefined {
  if (value === "0") return 0;
  const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 };
  const pattern = /^-?(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
  if (!pattern.test(value)) return undefined;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (unitSeconds[unit ?? ""] ?? 0);
  }
  return value.startsWith("-") ? -total : total;
}

function setting<Value>(
  env: string,
  about: Description & { fallback?: string },
  parse: (value: string, fail: (message: string) => never) => Value,
): Setting<Value> {
  const schema = z
    .string({ error: "is required" })
    .default(about.fallback as string)
    .transform((value, context): Value => {
      try {
        return parse(value, (message) => {
          throw new TypeError(message);
        });
      } catch (error) {
        context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    });
  const required = z.string({ error: "is required" }).pipe(schema as unknown as z.ZodType<Value, string>);
  const chosen = about.fallback === undefined ? required : schema;
  return { env, ...about, schema: chosen as z.ZodType<Value, string | undefined> };
}
