import { WrongUsage } from "./failures.js";
import { parseTime } from "./time-argument.js";

/**
 * The value of an option that is a time.
 * @throws {WrongUsage} naming the option.
 */
export function timeOption(option: string, text: string, nowSeconds: number): number {
  const parsed = parseTime(text, nowSeconds);
  if (!parsed.ok) throw new WrongUsage(`option ${option}: ${parsed.error}`);
  return parsed.value;
}
