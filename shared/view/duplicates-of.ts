import { MongoBulkWriteError } from "mongodb";

const duplicateKeyCode = 11_000;

/** Which of `items` an unordered insert left out because they were there already. Rethrows every other error. */
export function duplicatesOf<Item>(error: unknown, items: readonly Item[]): readonly Item[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  const isOther =
    error.result.getWriteConcernError() !== undefined || errors.some(({ code }) => code !== duplicateKeyCode);
  if (errors.length === 0 || isOther) throw error;
  return errors.flatMap(({ index }) => items[index] ?? []);
}
