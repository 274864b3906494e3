import { InvalidArgumentError } from "commander";
import type { Parsed } from "./parsed.js";

/** An option's parser for commander, which shows the error beside the option's name. */
export function one<Value>(parse: (text: string) => Parsed<Value>): (text: string) => Value {
  return (text) => {
    const parsed = parse(text);
    if (!parsed.ok) throw new InvalidArgumentError(`${parsed.error}.`);
    return parsed.value;
  };
}

/** The same for an option that may be repeated, take several words, or words with commas; doubles are dropped. */
export function many<Value>(
  parse: (text: string) => Parsed<Value>,
): (text: string, before: readonly Value[] | undefined) => Value[] {
  return (text, before) => [...new Set([...(before ?? []), ...text.split(",").map(one(parse))])];
}
