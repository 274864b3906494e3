import { readFileSync } from "node:fs";
import type { Environment } from "../../shared/process/settings.js";
import { WrongUsage } from "./failures.js";

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/;
const QUOTED = /^(["'])(.*)\1$/;

/**
 * The environment with what a file of settings adds; a variable that is set already stays as it is.
 * @throws {WrongUsage} when the file can't be read, or a line is no setting.
 */
export function withEnvFile(environment: Environment, path: string | undefined): Environment {
  if (path === undefined) return environment;
  const parsed = parseEnvFile(read(path));
  if (!parsed.ok) throw new WrongUsage(`${path}: ${parsed.error}`);
  const present = Object.entries(environment).filter(([, value]) => value !== undefined);
  return { ...parsed.value, ...Object.fromEntries(present) };
}

export type ParsedEnvFile =
  | { readonly ok: true; readonly value: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly error: string };

/**
 * Reads lines of KEY=VALUE. Empty lines and lines that start with # are skipped; white space around a value and one
 * pair of quotes are taken off; nothing is expanded. An error names the line, never its text, which may be a secret.
 */
export function parseEnvFile(text: string): ParsedEnvFile {
  const entries: [string, string][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const match = LINE.exec(trimmed);
    if (match === null) return { ok: false, error: `line ${index + 1} is not KEY=VALUE` };
    const value = (match[2] ?? "").trim();
    entries.push([match[1] ?? "", QUOTED.exec(value)?.[2] ?? value]);
  }
  return { ok: true, value: Object.fromEntries(entries) };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new WrongUsage(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
