import type { Binary, Document } from "mongodb";
import { reportTypeNumber } from "../../shared/records/report-type-number.js";
import type { Audit } from "./audit.js";
import { findingAbout, type Finding } from "./finding.js";
import type { LogFold, LoggedKey } from "./read-log.js";

/** One key as the view has it; report types are numbers as in the log, `revisedTo` is absent for one never revised. */
export interface ViewedKey {
  readonly rollingStart: number;
  readonly rollingPeriod: number;
  readonly reportType: number;
  readonly revisedTo: number | undefined;
}

/** The view's keys by standard base64. */
export async function readView({ view }: Audit): Promise<ReadonlyMap<string, ViewedKey>> {
  const documents = await view.db.collection("keys").find().toArray();
  return new Map(documents.map((document) => [tekOf(document), viewedKey(document)]));
}

/** The view against the log: the same keys, with the same revisions. */
export function compareView(log: LogFold, viewed: ReadonlyMap<string, ViewedKey>): readonly Finding[] {
  const all = new Set([...log.keys.keys(), ...log.revised.keys(), ...viewed.keys()]);
  const differing = [...all].filter((tek) => {
    const key = viewed.get(tek);
    return key === undefined || !shows(key, log.keys.get(tek)?.[0], log.revised.get(tek)?.[0]);
  });
  return findingAbout("view_differs", differing);
}

function shows(key: ViewedKey, inserted: LoggedKey | undefined, revised: LoggedKey | undefined): boolean {
  return (
    key.reportType === inserted?.reportType &&
    key.rollingStart === inserted.rollingStart &&
    key.rollingPeriod === inserted.rollingPeriod &&
    key.revisedTo === revised?.reportType
  );
}

function tekOf({ _id }: Document): string {
  return Buffer.from((_id as unknown as Binary).buffer).toString("base64");
}

function viewedKey(document: Document): ViewedKey {
  const revision = document["revision"] as { reportType: string } | undefined;
  return {
    rollingStart: Number(document["rollingStartIntervalNumber"]),
    rollingPeriod: Number(document["rollingPeriod"]),
    reportType: numberOf(String(document["reportType"])),
    revisedTo: revision === undefined ? undefined : numberOf(revision.reportType),
  };
}

function numberOf(reportType: string): number {
  return reportTypeNumber(reportType as Parameters<typeof reportTypeNumber>[0]);
}
