import type { Point, Series } from "./series.js";

const width = 960;
const chartHeight = 240;
const margin = { left: 70, right: 230, top: 34, bottom: 24 };
const colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2"];

/** One picture (SVG) with a chart for each group of figures, one below the other. */
export function drawCharts(series: readonly Series[]): string {
  const names = [...new Set(series.map(({ chart }) => chart))];
  const charts = names.map((name, index) => {
    const own = series.filter(({ chart }) => chart === name);
    return `<g transform="translate(0 ${index * chartHeight})">${drawChart(name, own)}</g>`;
  });
  const height = names.length * chartHeight;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`;
  return `${head}<rect width="100%" height="100%" fill="white"/>${charts.join("\n")}</svg>\n`;
}

function drawChart(name: string, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const top = Math.max(1, ...points.map(({ value }) => value));
  const end = Math.max(1, ...points.map(({ seconds }) => seconds));
  const [right, bottom] = [width - margin.right, chartHeight - margin.bottom];
  const x = (seconds: number): number => margin.left + (seconds / end) * (right - margin.left);
  const y = (value: number): number => bottom - (value / top) * (bottom - margin.top);
  const line = (own: readonly Point[]): string =>
    own.map(({ seconds, value }) => `${x(seconds).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return [
    `<text x="${margin.left}" y="20" font-size="14">${escaped(name)}</text>`,
    `<path d="M${margin.left} ${margin.top}V${bottom}H${right}" fill="none" stroke="#888"/>`,
    `<text x="${margin.left - 6}" y="${margin.top + 4}" text-anchor="end">${figure(top)}</text>`,
    `<text x="${margin.left - 6}" y="${bottom}" text-anchor="end">0</text>`,
    `<text x="${right}" y="${bottom + 15}" text-anchor="end">${(end / 60).toFixed(1)} min</text>`,
    ...series.map(({ name: label, points: own }, index) => {
      const colour = colours[index % colours.length];
      return (
        `<polyline points="${line(own)}" fill="none" stroke="${colour}" stroke-width="1.5"/>` +
        `<text x="${right + 10}" y="${margin.top + 12 + index * 14}" fill="${colour}">${escaped(label)}</text>`
      );
    }),
  ].join("\n");
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
