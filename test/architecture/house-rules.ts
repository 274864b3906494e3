import { basename } from "node:path";
import { isTest, type TextFile } from "./checkout.js";

/** A rule about the text of single files. */
export interface HouseRule {
  readonly title: string;
  /** What is wrong with the file, or undefined. */
  readonly breach: (file: TextFile) => string | undefined;
}

const linesMax = 300;

/** Composition roots, what starts real processes for tests, and tests themselves. */
const environmentReaders = [
  /^(producers|consumers|test)\/[^/]+\/main\.ts$/,
  /^compose\/main\.ts$/,
  /^test\/river\//,
  /\.test\.ts$/,
  /\/testing\//,
];
const pureCode = /^shared\/(export-check|exports|keys|records)\//;
const defaultExports = ["vitest.config.ts", "test/reporting/closing-line.ts"];
const hosts =
  /^(127\.0\.0\.1|localhost|host|registry|[\w.-]*\bexample(\.\w+)?|(www|maven)\.apache\.org|www\.w3\.org|github\.com)$/;
// Host names of package registries and their mirrors begin so; the names themselves don't belong here.
const registryHost =
  /\b(?:deb|files|index|mirror|proxy|registry|repo)[\w-]*\.[\w-]+\.(?:com|dev|io|net|org)\b/;
const machinePath = /(?<![\w.$}-])\/(?:root|work(?:space)?|(?:home|Users)\/\w{2,})\//;

export const houseRules: readonly HouseRule[] = [
  {
    title: "no file has more than 300 lines",
    breach: ({ path, text }) => {
      const lines = text.split("\n").length - 1;
      return isCode(path) && lines > linesMax ? `${lines} lines` : undefined;
    },
  },
  {
    title: "the environment is read by composition roots only",
    breach: ({ path, text }) =>
      isCode(path) && !mayReadEnvironment(path) && /\bprocess\.env\b/.test(withoutComments(text))
        ? "the environment"
        : undefined,
  },
  {
    title: "code without I/O has no clock, no timer and no chance",
    breach: ({ path, text }) =>
      pureCode.test(path) && !isTest({ path })
        ? /\b(Date\.now|performance\.now|new Date\(\)|Math\.random|setTimeout|setInterval|process\.\w+)/.exec(
            withoutComments(text),
          )?.[0]
        : undefined,
  },
  {
    title: "exports have names",
    breach: ({ path, text }) =>
      isCode(path) && !defaultExports.includes(path) && /^export default\b/m.test(text)
        ? "export default"
        : undefined,
  },
  {
    title: "no file gathers others or is named for nothing",
    breach: ({ path, text }) => {
      if (/^(index|types|utils?|helpers?|common)\.ts$/.test(basename(path))) return "its name";
      if (/(^|\/)(utils?|helpers?|common)\//.test(path)) return "its folder";
      return isCode(path) && /^export \* from/m.test(text) ? "export *" : undefined;
    },
  },
  {
    title: "files are named in lower case with hyphens",
    breach: ({ path }) =>
      path.endsWith(".ts") && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*\.ts$/.test(basename(path))
        ? basename(path)
        : undefined,
  },
  {
    title: "no path of one machine is committed",
    breach: ({ text }) => machinePath.exec(text)?.[0],
  },
  {
    title: "no host of a package registry is committed, and no unknown host at all",
    breach: ({ path, text }) => {
      if (path === "package-lock.json") return /"resolved": "http/.exec(text)?.[0];
      return registryHost.exec(text)?.[0] ?? unknownHost(text);
    },
  },
];

/** The breaches of one rule, one line for each file. */
export function breachesOf({ breach }: HouseRule, files: readonly TextFile[]): string[] {
  return files.flatMap((file) => {
    const found = breach(file);
    return found === undefined ? [] : [`${file.path}: ${found}`];
  });
}

function mayReadEnvironment(path: string): boolean {
  return environmentReaders.some((reader) => reader.test(path));
}

function isCode(path: string): boolean {
  return /\.(ts|mjs|proto)$/.test(path);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

function unknownHost(text: string): string | undefined {
  for (const [, host] of text.matchAll(/https?:\/\/(?:[^\s/@]+@)?([\w.-]+)/g)) {
    if (host !== undefined && !hosts.test(host)) return host;
  }
  return undefined;
}
