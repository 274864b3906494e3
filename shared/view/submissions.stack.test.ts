import { expect, test } from "vitest";
import { bytesOf } from "../records/a-placed-key.test-support.js";
import { aView } from "./a-view.test-support.js";
import { Submissions, type DecidedSubmission } from "./submissions.js";

const view = aView();
const submissions = new Submissions(view);
const later = new Date(Date.now() + 3_600_000);

function decided(name: string, offset: number): DecidedSubmission {
  return { identity: bytesOf(name), partition: 1, offset, insertedExposures: 14 };
}

test("the first position of an identity stays, and the others are told", async () => {
  expect(await submissions.insertNew([decided("a", 1), decided("b", 2)], later)).toEqual([]);
  const again = decided("a", 3);
  expect(await submissions.insertNew([again, decided("c", 4)], later)).toEqual([again]);
  const found = await submissions.find([bytesOf("a"), bytesOf("c"), bytesOf("nobody")]);
  expect(found).toEqual(
    new Map([decided("a", 1), decided("c", 4)].map((one) => [one.identity.toString("hex"), one])),
  );
});

test("one request twice in a slice is remembered where it stands first", async () => {
  const second = decided("twice", 6);
  expect(await submissions.insertNew([decided("twice", 5), second], later)).toEqual([second]);
});

test("a submission is forgotten when its time has come", async () => {
  await submissions.ensureIndexes();
  await submissions.insertNew([decided("old", 7)], new Date(Date.now() - 1000));
  const deadline = Date.now() + 60_000;
  while ((await submissions.find([bytesOf("old")])).size > 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await submissions.find([bytesOf("old"), bytesOf("a")])).size).toBe(1);
});
