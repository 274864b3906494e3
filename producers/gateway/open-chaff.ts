import { randomInt } from "node:crypto";
import type { Clock } from "../../shared/process/clock.js";
import type { SettingsOf } from "../../shared/process/settings.js";
import { emptyRevisionToken, usualTokenBytes } from "../../shared/keys/empty-revision-token.js";
import type { TokenKeyRing } from "../../shared/keys/revision-token.js";
import { renderAlphaAnswer, renderAnswer, type PublishAnswer } from "./answer.js";
import { chaffDays } from "./chaff-days.js";
import { chaffGate } from "./chaff.js";
import type { gatewaySettings } from "./config.js";
import type { GatewayEvents } from "./events.js";
import { punctual } from "./punctual.js";
import type { RecentAnswers } from "./recent-answers.js";
import { healthy, type Reply } from "./reply.js";
import type { Gate } from "./route.js";
import { renderStats } from "./stats-answer.js";

/** The gate of chaff, with an answer for each route. */
export function openChaff(
  settings: SettingsOf<typeof gatewaySettings>,
  parts: {
    readonly recent: RecentAnswers;
    readonly tokenKeys: () => TokenKeyRing | undefined;
    readonly nowSeconds: Clock;
    readonly events: Pick<GatewayEvents, "chaffAnswered">;
  },
): Gate {
  const { recent, tokenKeys, nowSeconds, events } = parts;
  const statsPadding = { ...settings, paddingBytesMin: settings.statsPaddingBytesMin };
  return chaffGate({
    replies: new Map<string, (publish: PublishAnswer) => Reply>([
      ["/v1/publish", (publish) => renderAnswer(publish, settings)],
      ["/", (publish) => renderAlphaAnswer(publish, settings)],
      ["/v1/stats", () => renderStats({ status: 200, days: chaffDays(nowSeconds(), chance) }, statsPadding)],
      ["/health", () => healthy],
    ]),
    promptPaths: new Set(["/health"]),
    recent,
    events,
    tokenLike: (bytes) => {
      const ring = tokenKeys();
      if (ring === undefined) return "";
      return emptyRevisionToken(ring, bytes ?? usualTokenBytes(ring, settings.tokenEntriesMin));
    },
    latencyMsMax: settings.chaffLatencyMsMax,
    chance,
    pause: punctual(nowMs),
    nowMs,
  });
}

function nowMs(): number {
  return performance.now();
}

/** What nobody can foresee, as it decides what a watcher sees. */
function chance(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
