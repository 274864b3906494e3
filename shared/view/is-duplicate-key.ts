import { MongoServerError } from "mongodb";

const duplicateKeyCode = 11_000;

/** Whether a write was refused because another document has its place. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKeyCode;
}
