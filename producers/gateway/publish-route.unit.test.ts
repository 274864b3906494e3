import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { PublishAnswer } from "./answer.js";
import type { GatewayEvents } from "./events.js";
import { BodyRoom } from "./read-body.js";
import { publishRoutes, publishV1 } from "./publish-route.js";
import type { Reply } from "./reply.js";

// How many publishes are under way at once, with a publish made for the test.

const accepted: PublishAnswer = { status: 200, revisionToken: "dG9rZW4=", insertedExposures: 1 };
const sound = JSON.stringify({ healthAuthorityID: "app" });

function aRoute(answerSecondsMax: number) {
  const underWay: ((answer: PublishAnswer) => void)[] = [];
  const route = publishRoutes({
    publish: () => new Promise((resolve) => underWay.push(resolve)),
    padding: { paddingBytesMin: 1, paddingBytesRange: 1 },
    room: new BodyRoom(64_001),
    inFlightMax: 2,
    answerSecondsMax,
    recent: { record: () => undefined },
    events: { answered: () => undefined, failed: () => undefined } as unknown as GatewayEvents,
  })(publishV1);
  return {
    underWay,
    ask: (body = Readable.from([Buffer.from(sound)])): Promise<Reply | undefined> => {
      const headers = { "content-type": "application/json" };
      const request = Object.assign(body, { headers }) as unknown as IncomingMessage;
      return route(request, { requestId: "", path: "/v1/publish", arrivedAtMs: performance.now() });
    },
    async untilUnderWay(count: number) {
      while (underWay.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}

test("so many publishes are under way, one more is refused for now, and the next is taken when one is over", async () => {
  const { ask, underWay, untilUnderWay } = aRoute(10);
  const first = [ask(), ask()];
  await untilUnderWay(2);
  expect(await ask()).toMatchObject({ status: 503, headers: { "Retry-After": 5 } });
  underWay[0]?.(accepted);
  expect(await first[0]).toMatchObject({ status: 200 });
  const next = ask();
  await untilUnderWay(3);
  for (const finish of underWay) finish(accepted);
  expect([await first[1], await next]).toMatchObject([{ status: 200 }, { status: 200 }]);
});

test("a publish that was answered counts until nothing works on it any more", async () => {
  const { ask, underWay, untilUnderWay } = aRoute(0.01);
  expect(await Promise.all([ask(), ask()])).toMatchObject([{ status: 503 }, { status: 503 }]);
  expect(await ask()).toMatchObject({ status: 503 });
  expect(underWay).toHaveLength(2);
  underWay[0]?.(accepted);
  await new Promise((resolve) => setTimeout(resolve, 5));
  void ask();
  await untilUnderWay(3);
});

test("a request whose body is still on its way does not count", async () => {
  const { ask, underWay, untilUnderWay } = aRoute(10);
  const slow = [1, 2, 3].map(() => new Readable({ read: () => undefined }));
  const slowAnswers = slow.map((body) => ask(body));
  const quick = ask();
  await untilUnderWay(1);
  underWay[0]?.(accepted);
  expect(await quick).toMatchObject({ status: 200 });
  for (const body of slow) body.destroy();
  await Promise.all(slowAnswers);
});

test("whoever sends more than there is room for on the way is refused for now", async () => {
  const { ask } = aRoute(10);
  const slow = new Readable({ read: () => undefined });
  slow.push(Buffer.alloc(64_000, " "));
  const waiting = ask(slow);
  const refused = new Readable({ read: () => undefined });
  refused.push(sound);
  expect(await ask(refused)).toMatchObject({ status: 503, headers: { "Retry-After": 5 } });
  slow.destroy();
  await waiting;
});
