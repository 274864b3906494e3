import type { Deployment } from "../../shared/deployment/deployment.js";
import { parseIndex } from "../../shared/exports/index-file.js";
import { indexObjectName } from "../../shared/exports/object-names.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import { keysAccepted } from "../../shared/topology.js";
import type { Batches } from "../../shared/view/batches.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { changeIndex } from "../../shared/windows/change-index.js";
import type { ExportWindowEvents } from "./events.js";
import { whatIsOld } from "./what-is-old.js";

// Reads     the index and the names below the root of every configuration, ended ones too
// Writes    the index, without lines that are too old; removes files and manifests a while later, and batches that
//           neither the log nor the index tells of any more
// On duplicate    several workers may do it at the same time, or one after the other
// On outage       tried again at the next turn

export interface CleanUpOptions {
  readonly store: ObjectStore;
  readonly batches: Pick<Batches, "unpublished" | "forget">;
  readonly ticks: Pick<Ticks, "last">;
  readonly deployment: () => Deployment;
  readonly indexRetentionSeconds: number;
  /** For how long MongoDB knows of a window that was published. */
  readonly keptSeconds: number;
  /** Unix seconds. */
  readonly nowSeconds: () => number;
  readonly events: Pick<ExportWindowEvents, "cleanedUp" | "batchesForgotten">;
}

/** How long a file stays without its line, at most: so long nobody needs who has read the index. */
const outSecondsMax = 3600;

/** Takes back what is older than the retention: first its line, and a period later, or an hour, the file. */
export class CleanUp {
  readonly #options: CleanUpOptions;
  /** Since when this worker has seen an old object out of the index; one that starts anew waits again. */
  readonly #outSince = new Map<string, number>();

  constructor(options: CleanUpOptions) {
    this.#options = options;
  }

  /** One turn over all configurations. @throws {Unavailable} */
  async run(): Promise<void> {
    const nowSeconds = await this.#now();
    if (nowSeconds === undefined) return;
    for (const { id, versions } of this.#options.deployment().exportConfigurations.values()) {
      const periodSeconds = Math.max(...versions.map((version) => version.periodSeconds));
      for (const root of new Set(versions.map(({ filenameRoot }) => filenameRoot)))
        await this.#cleanRoot({ id, root, nowSeconds, periodSeconds });
      await this.#forgetBatches(id, nowSeconds);
    }
  }

  async #forgetBatches(id: string, nowSeconds: number): Promise<void> {
    const { batches, keptSeconds, events } = this.#options;
    const forgotten = await batches.forget(id, nowSeconds - keptSeconds);
    if (forgotten > 0) events.batchesForgotten(id, forgotten);
  }

  /** The time that the log has come to. A worker whose clock has jumped ahead must not take anything back. */
  async #now(): Promise<number | undefined> {
    const tick = await this.#options.ticks.last(keysAccepted.topic, 0);
    return tick && Math.min(tick.boundarySeconds, this.#options.nowSeconds());
  }

  async #cleanRoot(of: {
    id: string;
    root: string;
    nowSeconds: number;
    periodSeconds: number;
  }): Promise<void> {
    const { store, batches, indexRetentionSeconds: retentionSeconds, events } = this.#options;
    const { id, root, nowSeconds } = of;
    const indexName = indexObjectName(root);
    const [unpublished] = await batches.unpublished(id, 1);
    const firstUnpublishedEndSeconds = unpublished?.endSeconds;
    const index = await store.get(indexName);
    const lines = parseIndex(index?.bytes.toString("utf8") ?? "");
    const objects = await store.list(`${root}/`);
    const times = { nowSeconds, retentionSeconds, firstUnpublishedEndSeconds };
    const old = whatIsOld({ lines, objects, ...times });
    if (old.lines.length > 0) {
      const isOld = new Set(old.lines);
      await changeIndex(store, indexName, (current) => current.filter((line) => !isOld.has(line)));
    }
    const due = this.#outLongEnough(old.objects, of);
    if (due.length > 0) await store.remove(due);
    for (const name of due) this.#outSince.delete(name);
    if (old.lines.length + due.length > 0) events.cleanedUp(id, old.lines.length, due.length);
  }

  /** A phone that has read the index just before a line went may still come for the file. */
  #outLongEnough(
    objects: readonly string[],
    { nowSeconds, periodSeconds }: { nowSeconds: number; periodSeconds: number },
  ): string[] {
    for (const name of objects) if (!this.#outSince.has(name)) this.#outSince.set(name, nowSeconds);
    const outSeconds = Math.min(periodSeconds, outSecondsMax);
    return objects.filter((name) => (this.#outSince.get(name) ?? nowSeconds) + outSeconds <= nowSeconds);
  }
}
