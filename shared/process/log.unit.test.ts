import { MongoBulkWriteError, MongoServerError } from "mongodb";
import { expect, test } from "vitest";
import { describeError } from "./log.js";

const tek = "00112233445566778899aabbccddeeff";
const quoting = {
  message: `E11000 duplicate key error collection: keys dup key: { _id: BinData(0, ${tek.toUpperCase()}) }`,
  code: 11_000,
};

test("an error of the database is logged without the document that it quotes, also as a cause", () => {
  const duplicate = new MongoServerError(quoting);
  const bulk = new MongoBulkWriteError({ ...quoting, writeErrors: [] }, {} as never);
  for (const error of [duplicate, bulk, new Error("the view is away", { cause: bulk })]) {
    expect(JSON.stringify(describeError(error)).toLowerCase()).not.toContain(tek);
    expect(JSON.stringify(describeError(error))).toContain("11000");
  }
});

test("other errors are logged with what they say", () => {
  const refused = new MongoServerError({ message: "Authentication failed.", code: 18 });
  expect(describeError(refused)).toMatchObject({ message: "Authentication failed.", code: 18 });
  expect(describeError("no error at all")).toEqual({ message: "no error at all" });
});
