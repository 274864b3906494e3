import { readFileSync } from "node:fs";

/** What the reference server answered to one request (test/vectors/README.md, "http/"). */
export interface Sample {
  readonly name: string;
  readonly note?: string;
  readonly method: string;
  readonly path: string;
  readonly request_headers?: Readonly<Record<string, string>>;
  readonly request_body?: Readonly<Record<string, unknown>>;
  readonly request_body_raw?: string;
  /** The bytes as sent, where they are no text. */
  readonly request_body_base64?: string;
  readonly status: number;
  readonly response_headers: Readonly<Record<string, string>>;
  readonly response_body?: Readonly<Record<string, unknown>>;
  readonly response_body_raw?: string;
  /** Of the recorded padding; absent where there was none, or where it is empty. */
  readonly response_padding_chars?: number;
  readonly rows_for_request_keys_after?: readonly Row[] | null;
}

/** A stored key as the reference server's database has it. */
export interface Row {
  readonly Key: string;
  readonly App: string;
  readonly ReportType: string;
  readonly Created: string;
  readonly Regions: readonly string[];
  readonly Risk: number;
  readonly Days: number;
  readonly Traveler: boolean;
  readonly Local: boolean;
  readonly HA: number | null;
  readonly RevType: string | null;
  readonly RevAt: string | null;
  readonly RevDays: number | null;
  readonly RevRisk: number | null;
}

interface Samples {
  readonly samples: readonly Sample[];
}

/** The caller says what the file holds (test/vectors/README.md). */
function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/http/${name}`, import.meta.url), "utf8"));
}

export const v1 = (read("v1.json") as Samples).samples;
export const v1Alpha1 = read("v1alpha1.json") as Samples & { readonly rows_stored: readonly Row[] };
export const other = read("other.json") as Readonly<
  Record<"chaff_fresh" | "health_db_down" | "maintenance", readonly Sample[]>
>;
