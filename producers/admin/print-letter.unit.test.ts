import { expect, test } from "vitest";
import { emptyDeployment } from "../../shared/deployment/deployment.js";
import { deadLetter } from "../../shared/kafka/dead-letters.js";
import { keysAccepted, keysSubmitted } from "../../shared/topology.js";
import { expiredDecisions } from "./decide-letter.js";
import { explanationOf } from "./letter-reason.js";
import { letterOf, letterView, type Letter } from "./letter.js";
import { letterTopics, parseLetterTopic } from "./letter-topic.js";
import { hexDump, letterText, lettersText } from "./print-letter.js";

const secret = Buffer.from("the keys of a person");
const topic = letterTopics.find(({ source }) => source === keysSubmitted.topic);

function aLetter(): Letter {
  if (topic === undefined) throw new Error("no topic");
  const message = {
    key: secret,
    value: secret,
    timestamp: "1795467600123",
    attributes: 0,
    offset: "41",
    headers: { trace: secret },
  };
  const source = { partition: 2, message, reason: "malformed" };
  const { headers = {} } = deadLetter(keysSubmitted, "key-store", source);
  return letterOf(topic, { ...message, offset: "7", headers });
}

test("a letter is shown with what to do, and without what the record holds", () => {
  const view = letterView(aLetter(), emptyDeployment);
  const text = letterText(aLetter(), view, { reason: "malformed" });
  expect(text).toContain(`${keysSubmitted.topic}, partition 2, offset 41`);
  expect(text).toContain("Keep the letter until it is understood");
  expect(text).toContain("it would be rejected again: malformed");
  expect(text).toContain("trace");
  for (const shown of [text, lettersText([view], ""), JSON.stringify(view)]) {
    expect(shown).not.toContain(secret.toString());
    expect(shown).not.toContain(secret.toString("base64"));
    expect(shown).not.toContain(secret.toString("hex"));
  }
});

test("a list has one line a letter, or says that there is none", () => {
  const decision = { action: "retried", decidedAtSeconds: 5, source: "" } as const;
  const deadLetterDecisions = new Map([[`${topic?.name}/7`, decision]]);
  const open = letterView(aLetter(), emptyDeployment);
  const decided = letterView(aLetter(), { ...emptyDeployment, deadLetterDecisions });
  const lines = lettersText([open, decided], "").split("\n");
  expect(lines[0]).toMatch(/^TOPIC +OFFSET +FROM +REASON +TIME +BYTES +DECISION$/);
  expect(lines[1]).toMatch(/^\S+\.key-store\.dlq +7 +2\/41 +malformed +\S+Z +20 +open$/);
  expect(lines[2]).toMatch(/retried$/);
  expect(lettersText([], "There is none.")).toBe("There is none.\n");
});

test("bytes are dumped as hex and text", () => {
  expect(hexDump(Buffer.from("abc\n0123456789abcdef"))).toBe(
    "00000000  61 62 63 0a 30 31 32 33 34 35 36 37 38 39 61 62  abc.0123456789ab\n" +
      "00000010  63 64 65 66                                      cdef\n",
  );
  expect(hexDump(Buffer.alloc(0))).toBe("");
});

test("a topic may be named by the topic of its records", () => {
  expect(parseLetterTopic(keysSubmitted.topic)).toEqual({ ok: true, value: topic });
  expect(parseLetterTopic("exports.published.v9")).toMatchObject({ ok: false });
});

test("reasons of other versions are named without an explanation", () => {
  expect(explanationOf("eaten_by_a_bear")).toMatch(/does not know/);
});

test("decisions on letters that are gone are found, of this topic only", () => {
  const one = { action: "dropped", decidedAtSeconds: 5, source: "" } as const;
  const name = topic?.name ?? "";
  const other = letterTopics.find(({ source }) => source === keysAccepted.topic)?.name;
  const ids = [`${name}/3`, `${name}/4`, `${other}/1`];
  const deadLetterDecisions = new Map(ids.map((id) => [id, one]));
  const gone =
    topic === undefined ? [] : expiredDecisions({ ...emptyDeployment, deadLetterDecisions }, topic, 4);
  expect(gone).toEqual([`${name}/3`]);
});
