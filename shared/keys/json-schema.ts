/** What a JSON value must be. `int` kinds take integers without fraction or exponent that fit the type. */
export type JsonSchema =
  | { readonly kind: "string" | "bool" | "int32" | "uint32" | "int64" }
  | { readonly kind: "array"; readonly element: JsonSchema }
  | ObjectSchema;

/** An object whose fields are known. */
export interface ObjectSchema<Fields extends FieldSchemas = FieldSchemas> {
  readonly kind: "object";
  readonly fields: Fields;
  /** Fields by the length of their names, and by their names in lower case. */
  readonly byNameLength: ReadonlyMap<number, readonly Field[]>;
  readonly byFoldedName: ReadonlyMap<string, Field>;
  /** The object with every field absent. */
  readonly absent: Readonly<Record<string, unknown>>;
}

export interface FieldSchemas {
  readonly [name: string]: JsonSchema;
}

export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** What decoding by a schema gives. A 64-bit integer is a bigint where a number would lose digits. */
export type Decoded<Schema> = Schema extends { kind: "string" }
  ? string
  : Schema extends { kind: "bool" }
    ? boolean
    : Schema extends { kind: "int32" | "uint32" }
      ? number
      : Schema extends { kind: "int64" }
        ? number | bigint
        : Schema extends { kind: "array"; element: infer Element }
          ? Decoded<Element>[]
          : Schema extends ObjectSchema<infer Fields>
            ? { [Name in keyof Fields]: Decoded<Fields[Name]> }
            : never;

export const string = { kind: "string" } as const;
export const bool = { kind: "bool" } as const;
export const int32 = { kind: "int32" } as const;
export const uint32 = { kind: "uint32" } as const;
export const int64 = { kind: "int64" } as const;

/** A list of values of one schema. */
export function array<Element extends JsonSchema>(element: Element): { kind: "array"; element: Element } {
  return { kind: "array", element };
}

/** An object with these fields, each of which may be absent. */
export function object<Fields extends FieldSchemas>(fields: Fields): ObjectSchema<Fields> {
  const list = Object.entries(fields).map(([name, schema]) => ({ name, schema }));
  return {
    kind: "object",
    fields,
    byNameLength: new Map(
      list.map(({ name }) => [name.length, list.filter((field) => field.name.length === name.length)]),
    ),
    byFoldedName: new Map(list.map((field) => [foldName(field.name), field])),
    absent: Object.fromEntries(list.map(({ name, schema }) => [name, absentValue(schema)])),
  };
}

/** The field that a name in the JSON means, in any letter case (reference server facts, §1.2). */
export function fieldNamed(schema: ObjectSchema, name: string): Field | undefined {
  // Folding keeps the length, so that most unknown names need none.
  return schema.byNameLength.has(name.length) ? schema.byFoldedName.get(foldName(name)) : undefined;
}

/** What an absent value counts as: empty, 0 or false. Not to be changed in place. */
export function absentValue(schema: JsonSchema): unknown {
  return schema.kind === "object" ? schema.absent : absentValues[schema.kind];
}

const absentValues = { string: "", bool: false, int32: 0, uint32: 0, int64: 0, array: Object.freeze([]) };

// Unicode's simple folding: besides ASCII, only the Kelvin sign and the long s fold to ASCII letters.
function foldName(name: string): string {
  return name
    .replaceAll("\u212A", "k")
    .replaceAll("\u017F", "s")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
