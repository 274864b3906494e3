/** One bar: what it stands for, and how long it is. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Drawn in another colour: not measured here. */
  readonly isReference?: boolean;
}

const rowHeight = 26;
const labelWidth = 400;
const barWidth = 420;
const width = labelWidth + barWidth + 100;

/** A picture of bars below each other, in groups of one scale, as SVG. */
export function barChart(
  groups: readonly { readonly title: string; readonly bars: readonly Bar[] }[],
): string {
  let y = 10;
  const parts = groups.flatMap(({ title, bars }) => {
    const longest = Math.max(...bars.map(({ value }) => value));
    const heading = `<text x="10" y="${(y += rowHeight)}" font-weight="bold">${title}</text>`;
    return [heading, ...bars.map((bar) => row(bar, (y += rowHeight), bar.value / longest))];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 20}" font-family="sans-serif" font-size="14">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function row({ label, value, isReference }: Bar, y: number, share: number): string {
  const long = Math.max(1, share * barWidth);
  const colour = isReference === true ? "#b0b0b0" : "#3572a5";
  return (
    `<text x="${labelWidth - 8}" y="${y}" text-anchor="end">${label}</text>` +
    `<rect x="${labelWidth}" y="${y - 14}" width="${long.toFixed(1)}" height="18" fill="${colour}"/>` +
    `<text x="${labelWidth + long + 6}" y="${y}">${value >= 100 ? value.toFixed(0) : value.toFixed(2)}</text>`
  );
}
