import { posix } from "node:path";

/** One import or re-export. `target` is a path in the checkout for relative imports, else the specifier as written. */
export interface Import {
  readonly target: string;
  readonly isRelative: boolean;
  /** The package of a bare specifier, without what lies inside it; `node:…` stays as it is. */
  readonly package: string | undefined;
}

// Statements as the formatter leaves them: at the start of a line, the specifier in double quotes.
const statement =
  /^\s*(?:import\s+(?:type\s+)?(?:[\w$*{},\s]+?\sfrom\s+)?|export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+)["']([^"']+)["']/gm;
const call = /\b(?:import|require)\(\s*["']([^"']+)["']\s*\)/g;

/** What a module imports, of types as well as of values. `path` is relative to the checkout. */
export function importsOf(path: string, text: string): Import[] {
  const specifiers = [...text.matchAll(statement), ...text.matchAll(call)].map((match) => match[1] ?? "");
  return specifiers.map((specifier) => asImport(path, specifier));
}

function asImport(path: string, specifier: string): Import {
  if (!specifier.startsWith(".")) {
    return { target: specifier, isRelative: false, package: packageOf(specifier) };
  }
  const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
  return { target, isRelative: true, package: undefined };
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
