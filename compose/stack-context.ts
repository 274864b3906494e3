import type { Programs } from "./fetch/fetch-parts.js";
import type { Env } from "./paths.js";

/** What the descriptions of a stack's parts are made from. */
export type StackContext = {
  readonly name: string;
  /** The folder that holds everything of this stack. */
  readonly directory: string;
  /** What the names of topics, groups, databases and buckets of our processes begin with. */
  readonly prefix: string;
  /** The checkout, where `dist/` is. */
  readonly root: string;
  readonly env: Env;
  readonly programs: Programs;
  readonly brokers: number;
  readonly objectStore: "s3" | "folder";
  readonly ttlMonitorSleepSeconds: number | null;
  readonly ports: Readonly<Record<string, number>>;
};
