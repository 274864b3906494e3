import type { ExportConfiguration } from "../../shared/deployment/deployment.js";
import { parseIndex } from "../../shared/exports/index-file.js";
import { indexObjectName, parseExportObjectName } from "../../shared/exports/object-names.js";
import { topicAges } from "../../shared/kafka/older-records.js";
import { deadLetters, deadLetterTopic, streams } from "../../shared/topology.js";
import { oldestDocuments } from "../../shared/view/oldest-documents.js";
import type { Opened } from "./explain-session.js";
import { judgeAge, judgeCollection, judgeTopic, type RetentionRow } from "./judge-retention.js";

/** Turns of export-window's clean-up, and time for it to have been away. */
const cleanUpSeconds = 3600;

/** Looks into every place that holds something for a time. @throws {Unavailable} */
export async function checkRetention(opened: Opened, nowSeconds: number): Promise<readonly RetentionRow[]> {
  const { connection, view, deployment } = opened;
  const letters = deadLetters.map(({ stream, process }) => deadLetterTopic(stream, process));
  const topics = [...streams.map(({ topic }) => topic), ...letters];
  const ages = await topicAges(connection, topics, nowSeconds);
  const collections = await oldestDocuments(view);
  const exports = await Promise.all(
    [...deployment.exportConfigurations.values()].map((configuration) =>
      checkExports(opened, configuration, nowSeconds),
    ),
  );
  return [
    ...ages.map(judgeTopic),
    ...collections.map((age) => judgeCollection(age, nowSeconds)),
    ...exports.flat(),
  ];
}

async function checkExports(
  { store, indexRetentionSeconds }: Opened,
  { versions }: ExportConfiguration,
  nowSeconds: number,
): Promise<RetentionRow[]> {
  const periodSeconds = Math.max(...versions.map((version) => version.periodSeconds));
  const rows: RetentionRow[] = [];
  for (const root of new Set(versions.map(({ filenameRoot }) => filenameRoot))) {
    const index = await store.get(indexObjectName(root));
    const starts = parseIndex(index?.bytes.toString("utf8") ?? "").map(
      (line) => parseExportObjectName(line)?.startSeconds,
    );
    const ends = (await store.list(`${root}/`)).map(endOf);
    const judge = (place: string, times: readonly (number | undefined)[], slackSeconds: number): void => {
      const known = times.filter((time) => time !== undefined);
      const oldest = known.length === 0 ? undefined : Math.min(...known);
      rows.push(judgeAge(place, oldest, indexRetentionSeconds, slackSeconds, nowSeconds));
    };
    judge(`lines of ${root}/index.txt`, starts, periodSeconds + cleanUpSeconds);
    judge(`files and manifests below ${root}/`, ends, 2 * periodSeconds + cleanUpSeconds);
  }
  return rows;
}

function endOf(name: string): number | undefined {
  const times = /\/\d{1,15}-(\d{1,15})(?:-\d{5}\.zip|\.json)$/.exec(name)?.[1];
  return times === undefined ? undefined : Number(times);
}
