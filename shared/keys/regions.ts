/**
 * What the regions of one publish take at most: beside them, the keys of many phones have to find room in a record of
 * keys.accepted, and one that is too large for its topic could never be written.
 */
export const regionsBytesMax = 10_000;

/** The room that regions take in a record, the frame of each counted in. */
export function regionsBytes(regions: readonly string[]): number {
  return regions.reduce((sum, region) => sum + Buffer.byteLength(region) + 3, 0);
}
