import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { keysSubmitted } from "../../shared/topology.js";
import { eventually } from "../river/eventually.js";
import { DeadLetterScene, submittedLetters } from "./dead-letter-scene.js";

let scene: DeadLetterScene;

beforeAll(async () => {
  scene = await DeadLetterScene.open(inject("endpoints"));
});
afterAll(() => scene.river.stop());

test("a letter is listed, shown without its keys, and not sent back in as it is", async () => {
  expect(await scene.dlq("list")).toBe("There is no open letter.\n");
  const junk = Buffer.concat([Buffer.from([7]), Buffer.from("keys of a person")]);
  const offset = await scene.write(keysSubmitted.topic, 1, junk, { key: "k" });
  await eventually("the letter", async () => (await scene.listed()).length === 1);
  expect(await scene.dlq("list")).toMatch(
    new RegExp(`${submittedLetters} +0 +1/${offset} +not_framed .* open`),
  );
  const letter = ["--topic", submittedLetters, "--offset", "0"];
  const shown = await scene.dlq("show", ...letter);
  expect(shown).toContain("it would be rejected again: not_framed");
  expect(shown).not.toContain("person");
  expect(await scene.dlq("show", ...letter, "--value")).toContain("keys of a perso");
  expect(JSON.parse(await scene.dlq("show", ...letter, "--value", "--json"))).toMatchObject({
    reason: "not_framed",
    key: Buffer.from("k").toString("base64"),
    value: junk.toString("base64"),
  });

  expect(await scene.refusal(1, "retry", ...letter)).toContain("it would be rejected again");
  expect(await scene.refusal(1, "show", "--topic", submittedLetters, "--offset", "5")).toContain(
    "no letter 5",
  );
  await scene.dlq("retry", ...letter, "--anyway");
  const again = await eventually(
    "the letter of the record that came back",
    async () => (await scene.listed())[0],
  );
  expect(again).toMatchObject({ reason: "not_framed", bytes: junk.length });
  await scene.dlq("drop", "--topic", submittedLetters, "--offset", String(again.offset));
  expect(
    await scene.refusal(1, "drop", "--topic", submittedLetters, "--offset", String(again.offset)),
  ).toContain("dropped before");
  expect(await scene.listed()).toEqual([]);
  expect((await scene.listed("--all")).map(({ decision }) => decision?.action)).toEqual([
    "retried",
    "dropped",
  ]);
});

test("all open letters of a topic are dropped at once, by one who means it", async () => {
  const values = Array.from({ length: 3 }, () => scene.aSubmittedRecord().value);
  await scene.writeLetters(keysSubmitted, values, 2000);
  const all = ["--topic", submittedLetters, "--all"];
  expect(await scene.refusal(2, "drop", ...all)).toContain("--yes");
  expect(await scene.listed("--limit", "2")).toHaveLength(2);
  await scene.dlq("drop", ...all, "--yes");
  expect(await scene.listed()).toEqual([]);
});
