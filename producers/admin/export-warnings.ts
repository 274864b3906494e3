import type { ExportFields } from "./change-export.js";

/** Files that Android took a day at most; iOS took 15 (reference server facts, §6.7). */
const filesPerDayMax = 20;
const daySeconds = 86_400;

/** What phones may not bear in settings that are allowed; one sentence each. */
export function exportWarnings(id: string, fields: ExportFields): string[] {
  const filesPerDay = Math.ceil(daySeconds / fields.periodSeconds);
  return [
    ...(fields.signingKeyIds.length === 0 ? [unsigned(id)] : []),
    ...(fields.signingKeyIds.length > 1 ? [several] : []),
    ...(filesPerDay > filesPerDayMax
      ? [
          `${filesPerDay} windows a day: phones of some versions take 15 (iOS) or ${filesPerDayMax} (Android) files a day. A --period of 4h or more is safe`,
        ]
      : []),
    ...(fields.paddingRecordsMin === 0 && fields.holdRecordsMin === 0
      ? ["Exports of few keys show how few: neither --min-records nor --hold-below is set"]
      : []),
  ];
}

const several =
  "While several of these signing keys are valid, files carry several signatures: Android takes such files, clients that want exactly one (microG among them) refuse them";

function unsigned(id: string): string {
  return `Phones refuse files without a signature: make a key with "tekstream signing-key create", then "tekstream export update --id ${id} --signing-key ID"`;
}
