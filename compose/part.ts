/**
 * One process of a stack, described: how to get ready for it, how to run it, and how to tell that it works.
 *
 * `prepare` runs before each start and may be repeated. `check` throws until the part does its work; it also does what
 * only a running part allows, such as starting the replica set, and may be repeated.
 */
export type Part = {
  readonly name: string;
  /** The parts that must be healthy before this one is started. */
  readonly after: readonly string[];
  /** Ports by purpose, for the status table. */
  readonly ports: Readonly<Record<string, number>>;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly prepare: () => Promise<void>;
  readonly check: () => Promise<void>;
};
