/** The bounds that keep a hostile file from using up memory or time. */
export interface ExportLimits {
  /** Size of the zip itself; 20 MiB is what the reference server's mirror downloads at most (facts, §9.1). */
  readonly zipBytesMax: number;
  /** Inflated size of export.bin. */
  readonly exportBinBytesMax: number;
  /** Inflated size of export.sig: ten signatures need about 1.2 kB. */
  readonly exportSigBytesMax: number;
  /** Keys in both lists together; the vendors recommend at most about 750,000 (facts, §6.7). */
  readonly keysMax: number;
  /** How old a key may be when its window starts. Keys stay useful for 14 days; imported ones may be older. */
  readonly keyAgeDaysMax: number;
  /** How long after the end of the window a key may start: one rolling period, for phones whose clock is fast. */
  readonly keyAheadIntervalsMax: number;
}

/** The bounds used when the caller names no others. */
export const exportLimits: ExportLimits = {
  zipBytesMax: 20 * 1024 * 1024,
  exportBinBytesMax: 64 * 1024 * 1024,
  exportSigBytesMax: 64 * 1024,
  keysMax: 750_000,
  keyAgeDaysMax: 30,
  keyAheadIntervalsMax: 144,
};
