import type { DayCounts } from "../../shared/stats/shown-days.js";
import { jsonReply, padding, type PaddingRule } from "./json-reply.js";
import type { Reply } from "./reply.js";

/** An answer of `/v1/stats` before it becomes bytes. Facts, §3.7. */
export interface StatsAnswer {
  readonly status: 200 | 400 | 401 | 503;
  readonly days?: readonly DayCounts[];
  readonly error?: string;
  readonly code?: "bad_request" | "unauthorized" | "internal_error";
}

/** The bytes of an answer, with its headers. One to a request that can't be read is not padded. */
export function renderStats(answer: StatsAnswer, rule: PaddingRule): Reply {
  const { status, days = [], error = "", code } = answer;
  return jsonReply(status, {
    ...(days.length === 0 ? {} : { days: days.map(dayFields) }),
    ...(error === "" ? {} : { error }),
    ...(code === undefined ? {} : { code }),
    padding: status === 400 ? "" : padding(rule),
  });
}

function dayFields(day: DayCounts): Record<string, unknown> {
  const [unknown = 0, android = 0, ios = 0] = day.publish;
  return {
    day: new Date(day.dayStartSeconds * 1000).toISOString().replace(".000Z", "Z"),
    publish_requests: { unknown, android, ios },
    total_teks_published: day.teks,
    requests_with_revisions: day.revisions,
    tek_age_distribution: day.oldestTekDays,
    onset_to_upload_distribution: day.onsetAgeDays,
    requests_missing_onset_date: day.missingOnset,
  };
}
