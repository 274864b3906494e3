import { exportWindowSettings } from "../../consumers/export-window/config.js";
import { keyStoreSettings } from "../../consumers/key-store/config.js";
import { replayExportSettings, replayStoreSettings } from "../../consumers/replay/config.js";
import { statsSettings } from "../../consumers/stats/config.js";
import { explainSettings, signingKeySettings } from "../../producers/admin/config.js";
import { clockSettings } from "../../producers/clock/config.js";
import { gatewaySettings } from "../../producers/gateway/config.js";
import { jwksSettings } from "../../producers/jwks/config.js";
import type { Setting } from "../../shared/process/settings.js";
import type { ProcessName } from "../../shared/topology.js";

/** What each process may be told, as its own folder describes it. */
export const settings: Readonly<Record<ProcessName, Readonly<Record<string, Setting<unknown>>>>> = {
  gateway: gatewaySettings,
  clock: clockSettings,
  admin: { ...signingKeySettings, ...explainSettings },
  jwks: jwksSettings,
  "key-store": keyStoreSettings,
  "export-window": exportWindowSettings,
  stats: statsSettings,
  replay: { ...replayStoreSettings, ...replayExportSettings },
};

interface Row {
  readonly setting: Setting<unknown>;
  readonly processes: string[];
}

/** The reference of all settings as Markdown tables: first what several processes share, then what is one's own. */
export function renderSettings(): string {
  const rows = new Map<string, Row>();
  for (const [process, shape] of Object.entries(settings)) {
    for (const setting of Object.values(shape)) {
      const key = JSON.stringify([setting.env, setting.fallback, setting.description]);
      const row: Row = rows.get(key) ?? { setting, processes: [] };
      row.processes.push(process);
      rows.set(key, row);
    }
  }
  const groups = new Map<string, Row[]>();
  for (const row of rows.values()) {
    const processes = row.processes.join(", ");
    groups.set(processes, [...(groups.get(processes) ?? []), row]);
  }
  return [...groups]
    .sort(([, [a]], [, [b]]) => (b?.processes.length ?? 0) - (a?.processes.length ?? 0))
    .map(([processes, group]) => section(processes, group))
    .join("\n\n");
}

function section(processes: string, rows: readonly Row[]): string {
  const cells = rows.map(({ setting }) => {
    const { env, description, secret } = setting;
    const about = secret === true ? `${description} (secret)` : description;
    return [`\`${env}\``, defaultOf(setting), about.replaceAll("|", "\\|")];
  });
  return `### ${processes}\n\n${table(["variable", "default", "what it is"], cells)}`;
}

/** A table as the formatter leaves it, columns aligned. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((_, column) =>
    Math.max(...[headings, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [headings, rule, ...rows].map(line).join("\n");
}

function defaultOf({ fallback, schema }: Setting<unknown>): string {
  if (fallback !== undefined && fallback !== "") return `\`${fallback}\``;
  return schema.safeParse(undefined).success ? "none" : "required";
}
