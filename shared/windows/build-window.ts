import type { KeyObject } from "node:crypto";
import { signingKeysAt } from "../deployment/deployment.js";
import type { Deployment, ExportSettings, SigningKeyRecord } from "../deployment/deployment.js";
import { buildExport, type BuiltExportFile } from "../exports/build-export.js";
import { isHeld } from "../exports/hold.js";
import type { Signer } from "../exports/signer.js";
import type { ExportWindow } from "../exports/window.js";
import type { RangeReader } from "../kafka/range-reader.js";
import type { SchemaFraming } from "../registry/schema-framing.js";
import { keysAccepted } from "../topology.js";
import { checkedFiles } from "./checked-files.js";
import { windowCollector, type WindowKeys } from "./collect-window.js";
import type { WindowRange } from "./window-ranges.js";

// A window's files are a pure function of ranges of the log, the settings and the deployment's keys: building them the
// first time and rebuilding them in a month are these lines on the same bytes.

export interface WindowBuilder {
  readonly reader: RangeReader;
  readonly framing: SchemaFraming;
  readonly signerOf: (key: SigningKeyRecord) => Signer;
  readonly paddingSecret: KeyObject;
  readonly readSecondsMax: number;
}

/** A window in the log, for however many configurations. */
export interface PlacedWindow {
  /** It begins with the held windows before it. */
  readonly window: ExportWindow;
  /** Those of the whole `window`. */
  readonly ranges: readonly WindowRange[];
}

export interface WindowToBuild extends PlacedWindow {
  readonly configurationId: string;
  readonly settings: ExportSettings;
  readonly deployment: Deployment;
}

export type BuiltWindow =
  /** It has too few keys to leave: they are in the files of a later window. */
  | { readonly kind: "held" }
  /** One at a time, each checked as a phone would when it is packed, whereupon {@link BadExport}; none when there is no key. */
  | { readonly kind: "files"; readonly files: AsyncGenerator<BuiltExportFile, void, void> };

/**
 * Reads a window from the log, and gives its files.
 * @throws {RangeGone} @throws {Unavailable}
 */
export async function buildWindow(builder: WindowBuilder, wanted: WindowToBuild): Promise<BuiltWindow> {
  const [keys] = await collectWindow(builder, wanted, [wanted.settings]);
  if (keys === undefined) throw new Error("a collector was made for each configuration");
  return windowFiles(builder, wanted, keys);
}

/**
 * Reads a window from the log once, and gives what it holds for each of several configurations, in their order.
 * @throws {RangeGone} @throws {Unavailable}
 */
export async function collectWindow(
  builder: WindowBuilder,
  { window, ranges }: PlacedWindow,
  configurations: readonly ExportSettings[],
): Promise<readonly WindowKeys[]> {
  const collectors = configurations.map((settings) => windowCollector(window, settings));
  const starts = new Map(
    ranges.map((range) => [`${range.topic}/${range.partition}`, range.windowStartOffset]),
  );
  await builder.reader.read(
    ranges,
    async ({ topic, partition }, messages) => {
      const windowStartOffset = starts.get(`${topic}/${partition}`) ?? 0;
      const values = messages.map(({ value }) => value);
      const payloads = await builder.framing.payloads(keysAccepted, values);
      for (const [index, payload] of payloads.entries()) {
        if (payload.fate === "reject") continue;
        const place = { topic, offset: Number(messages[index]?.offset ?? -1), windowStartOffset };
        for (const { add } of collectors) add(payload.message, place);
      }
    },
    builder.readSecondsMax,
  );
  return collectors.map(({ collected }) => collected);
}

/** The files of a window that has been read. */
export function windowFiles(
  builder: WindowBuilder,
  { configurationId, window, settings, deployment }: WindowToBuild,
  { keys, revisedKeys }: WindowKeys,
): BuiltWindow {
  if (isHeld(settings, window, { keys: keys.count, revisedKeys: revisedKeys.count })) return { kind: "held" };
  const signingKeys = signingKeysAt(deployment, settings, window.endSeconds);
  const files = buildExport({
    config: {
      id: configurationId,
      filenameRoot: settings.filenameRoot,
      outputRegion: settings.outputRegion,
      maxRecords: settings.recordsPerFileMax,
      padding: { recordsMin: settings.paddingRecordsMin, recordsRange: settings.paddingRecordsRange },
    },
    window,
    keys,
    revisedKeys,
    paddingSecret: builder.paddingSecret,
    signers: signingKeys.map(builder.signerOf),
  });
  return { kind: "files", files: checkedFiles(files, signingKeys) };
}
