import { readFileSync } from "node:fs";

// Loaded before a real process of ours (`node --import`), it makes the process's clock differ from the machine's by as
// many seconds as a file says, from the moment at which the file changes.

const shiftFile = process.env["TEKSTREAM_TEST_CLOCK"] ?? "";
const lookEveryMs = 20;
let shiftMs = readShift();

setInterval(() => {
  shiftMs = readShift();
}, lookEveryMs).unref();

const MachineDate = Date;

class ShiftedDate extends MachineDate {
  constructor(...values: unknown[]) {
    if (values.length === 0) super(ShiftedDate.now());
    else super(...(values as [number]));
  }

  static override now(): number {
    return MachineDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

function readShift(): number {
  try {
    return Number(readFileSync(shiftFile, "utf8")) * 1000;
  } catch {
    return 0;
  }
}
