/** Columns side by side, the first row above them; a sentence instead when there is no other row. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  whenEmpty: string,
): string {
  if (rows.length === 0) return `${whenEmpty}\n`;
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** One line for each pair, the names padded to the same width. */
export function details(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs
    .map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${value}`.trimEnd())
    .join("\n")
    .concat("\n");
}

/** JSON over several lines. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A time (unix seconds) in UTC, or a word when there is none. */
export function timeText(seconds: number | null, whenNone = "no end"): string {
  if (seconds === null) return whenNone;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** A list in one cell. */
export function listText(items: readonly string[], whenEmpty = "-"): string {
  return items.length === 0 ? whenEmpty : items.join(" ");
}

/** A duration (seconds) in the largest units that fit. */
export function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  const text = parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join("");
  return text === "" ? "0s" : text;
}
