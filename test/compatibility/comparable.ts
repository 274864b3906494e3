import type { PlacedKey } from "../../shared/records/placed-key.js";
import type { Row, Sample } from "./samples.js";
import type { SampleAnswer } from "./send-sample.js";

/** Headers that every answer may have beyond its sample's; the sample's length and date were not recorded. */
const headersOfHttp = new Set(["date", "connection", "content-length"]);

/** What of an answer is compared: all of it, with the random parts replaced by what they are. */
export function comparableAnswer({ status, headers, text }: SampleAnswer) {
  const own = Object.entries(headers).filter(([name]) => !headersOfHttp.has(name));
  return { status, headers: Object.fromEntries(own), body: comparableBody(bodyOf(text)) };
}

/** The same of what the reference server answered. */
export function comparableSample(sample: Sample) {
  const { status, response_headers: headers } = sample;
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status,
    headers: Object.fromEntries(lower),
    body: comparableBody(recordedBody(sample)),
  };
}

/** Of padding only the length was recorded; where there is none, it was empty. */
function recordedBody({
  response_body: body,
  response_body_raw: raw = "",
  response_padding_chars: chars,
}: Sample) {
  const isEmpty = body !== undefined && "padding" in body && chars === undefined;
  return isEmpty ? { ...body, padding: "" } : (body ?? raw);
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not all answers are JSON; those that should be differ from their sample then.
    return text;
  }
}

function comparableBody(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, comparableField(name, value)]),
  );
}

function comparableField(name: string, value: unknown): unknown {
  if (typeof value !== "string" || value === "") return value;
  if (name === "revisionToken") return "a token";
  return name === "padding" && isPadding(value) ? "padding" : value;
}

/** Between the least of publishes and the most of statistics. */
function isPadding(text: string): boolean {
  return (
    text === "<base64>" || (/^[A-Za-z0-9+/]+=*$/.test(text) && text.length >= 1368 && text.length <= 4096)
  );
}

/** A stored key as a row. */
export function rowOf(key: PlacedKey): Row {
  const { revision } = key;
  return {
    Key: key.tek.toString("base64"),
    App: key.app,
    ReportType: key.reportType,
    Created: timeText(key.createdAtSeconds),
    Regions: key.regions.toSorted(),
    Risk: key.transmissionRisk,
    Days: key.daysSinceOnset ?? Number.NaN,
    Traveler: key.traveler,
    Local: key.provenance === "local",
    HA: numberOf(revision?.healthAuthorityId ?? key.healthAuthorityId),
    RevType: revision?.reportType ?? null,
    RevAt: revision === undefined ? null : timeText(revision.revisedAtSeconds),
    RevDays: revision?.daysSinceOnset ?? null,
    RevRisk: revision?.transmissionRisk ?? null,
  };
}

function numberOf(id: string | undefined): number | null {
  return id === undefined ? null : Number(id);
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
