import { signStatsToken } from "../phones/health-authority.js";
import type { SeededRandom } from "../phones/seeded-random.js";
import type { Draft, Header } from "./draft.js";
import type { Mutation } from "./mutation.js";
import { onceIn, pick } from "./pick.js";

/** Mutations of what is around a body. */
export const httpMutations = {
  "another content type": (draft, random) => {
    const others = draft.headers.filter(([name]) => name.toLowerCase() !== "content-type");
    const types = pick(random, contentTypes).map((type): Header => ["Content-Type", type]);
    return { ...draft, headers: [...others, ...types] };
  },
  "odd headers": (draft, random) => ({ ...draft, headers: [...draft.headers, ...oddHeaders(random)] }),
  chaff: (draft, random) => ({
    ...draft,
    headers: [...draft.headers, ...pick(random, chaffHeaders).map((value): Header => ["X-Chaff", value])],
  }),
  "another method": (draft, random) => ({ ...draft, method: pick(random, methods) }),
  "another path": (draft, random) => ({ ...draft, target: pick(random, targets) }),
  "the older version": (draft) => ({ ...draft, target: "/" }),
  statistics: (draft, random, { authority, nowSeconds }) => {
    const token = signStatsToken(authority, { issuedAtSeconds: nowSeconds, lifeSeconds: 6 * 3600 });
    const authorization = pick(random, [
      `Bearer ${token}`,
      `bearer ${token}`,
      `Bearer  ${token}`,
      token,
      "Bearer",
      "Bearer ",
      "Basic YTpi",
      `Bearer ${token}x`,
      `Bearer ${token.slice(random.below(token.length))}`,
      `Bearer ${"a.".repeat(4e3)}`,
    ]);
    const others = draft.headers.filter(([name]) => name.toLowerCase() !== "authorization");
    const method = onceIn(random, 4) ? draft.method : "GET";
    return { ...draft, method, target: "/v1/stats", headers: [...others, ["Authorization", authorization]] };
  },
  chunks: (draft) => ({ ...draft, framing: "chunks" }),
  "broken chunks": (draft) => ({ ...draft, framing: "broken chunks" }),
  "goes away": (draft) => ({ ...draft, goesAway: true }),
  "written slowly": (draft, random) => ({ ...draft, writes: 2 + random.below(6) }),
} satisfies Record<string, Mutation>;

const contentTypes: readonly (readonly string[])[] = [
  [],
  [""],
  ["application/jsonx"],
  ["application/json;charset=latin1"],
  ["Application/JSON"],
  ["text/plain"],
  [" application/json"],
  ["application/json", "text/plain"],
  ["text/plain", "application/json"],
  ["application/x-www-form-urlencoded"],
  ["application/jsonÿ"],
  ["a".repeat(5e3)],
];
const chaffHeaders = [["1"], ["1", "1"], ["1", "0"], [""], ["0"], ["true"], ["x".repeat(4000)], ["\xff"]];
const methods = [
  "GET",
  "PUT",
  "HEAD",
  "OPTIONS",
  "DELETE",
  "PATCH",
  "TRACE",
  "post",
  "FOO",
  "PROPFIND",
  "POST",
];
const targets = [
  "/v1/publish/",
  "//v1/publish",
  "/v1//publish",
  "/v1/./publish",
  "/v1/x/../publish",
  "/v1/publish?x=1",
  "/v1/%70ublish",
  "/v1/publish%00",
  "/v1/publish%",
  "/v1/%ff",
  "/v1%2fpublish",
  "/V1/publish",
  "/v2/publish",
  "http://127.0.0.1/v1/publish",
  "http://",
  "*",
  "/health",
  "/health/",
  "//",
  "/../../etc/passwd",
  "/__proto__",
  "/v1/publish#x",
  "/v1/stats",
  "/v1/stats/",
  "/metrics",
  "/ready",
  `/${"a".repeat(6e3)}`,
  `/${"../".repeat(2e3)}`,
  "/v1/publish;a=b",
  "/v1/ä",
  "/v1/publish?%zz",
  "//example.org/..",
  "/constructor",
  "?",
  "v1/publish",
];

/** At most about 12 kB with all that other mutations may have added. */
function oddHeaders(random: SeededRandom): readonly Header[] {
  const kinds: readonly (() => readonly Header[])[] = [
    () => [["X-Long", "x".repeat(random.below(3000))]],
    () => Array.from({ length: random.below(120) }, (_, index): Header => [`X-${index}`, "1"]),
    () => [
      [
        "X-Bytes",
        random
          .bytes(40)
          .toString("latin1")
          .replaceAll(/[\r\n\0]/g, ""),
      ],
    ],
    () => [["User-Agent", pick(random, ["", "Dalvik", "CFNetwork", "x".repeat(2000), "\xff\xfe"])]],
    () => [["X-Forwarded-For", pick(random, ["", "1.2.3.4, ::1", "999.1.1.1", "unknown", ",".repeat(1000)])]],
    () => [["Expect", pick(random, ["100-continue", "200-ok", ""])]],
    () => [["Connection", pick(random, ["close", "upgrade", "keep-alive, close", "x"])]],
    () => [["Content-Encoding", pick(random, ["gzip", "identity", "br"])]],
    () => [["Content-Length", pick(random, ["0", "5", "-1", "1e3", "99999999999999999999"])]],
    () => [["Transfer-Encoding", pick(random, ["identity", "chunked, chunked", "gzip", "xchunked"])]],
    () => [["Host", pick(random, ["", "example.org", "a b"])]],
    () => [[pick(random, ["X Space", "X\x01", "", "__proto__", "X-\xe4"]), "1"]],
    () => [["Cookie", "a=b; ".repeat(random.below(500))]],
    () => [["Upgrade", "h2c"]],
    () => [["Origin", "http://example.org"]],
  ];
  return pick(random, kinds)();
}

/** Whether the server may give up a connection over this request without a word: its framing is not what it says. */
export function mayStayUnanswered(draft: Draft): boolean {
  const framing = /^(content-length|transfer-encoding|connection|upgrade|expect)$/i;
  return (
    draft.framing === "broken chunks" || draft.goesAway || draft.headers.some(([name]) => framing.test(name))
  );
}
