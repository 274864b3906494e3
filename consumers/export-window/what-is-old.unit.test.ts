import { expect, test } from "vitest";
import { whatIsOld } from "./what-is-old.js";

const nothing = {
  lines: [],
  objects: [],
  nowSeconds: 5000,
  retentionSeconds: 1000,
  firstUnpublishedEndSeconds: undefined,
};
const line = (start: number, end: number): string => `us/${start}-${end}-00001.zip`;

test("lines go by the start of their window, objects by its end", () => {
  const lines = [line(3900, 4100), line(4000, 4200), line(4900, 5000)];
  const objects = [
    "us/3700-3999.json",
    "us/3700-4000.json",
    line(3700, 3999),
    line(3900, 4000),
    "us/index.txt",
  ];
  expect(whatIsOld({ ...nothing, lines, objects })).toEqual({
    lines: [line(3900, 4100)],
    objects: ["us/3700-3999.json", line(3700, 3999)],
  });
});

test("a file that the index lists stays, however old", () => {
  const old = line(1000, 2000);
  expect(whatIsOld({ ...nothing, lines: [old], objects: [old] })).toEqual({ lines: [old], objects: [] });
});

test("what waits to be published stays, and all behind it", () => {
  const objects = [line(1000, 1100), line(1100, 1200), line(1200, 1300)];
  const found = whatIsOld({ ...nothing, objects, firstUnpublishedEndSeconds: 1200 });
  expect(found.objects).toEqual([line(1000, 1100)]);
});

test("what no window has made is left alone", () => {
  const objects = ["us/readme.txt", "us/1-2.zip", "us/a-b-00001.zip", "us/1000-2000-1.zip", "us/.json"];
  expect(whatIsOld({ ...nothing, lines: ["anything"], objects })).toEqual({ lines: [], objects: [] });
});
