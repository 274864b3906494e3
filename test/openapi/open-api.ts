import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";

/** What of an answer a document can say something of. Header names are in lower case. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

interface Referring {
  readonly $ref?: string;
}
interface HeaderObject extends Referring {
  readonly required?: boolean;
}
interface ResponseObject extends Referring {
  readonly headers?: Readonly<Record<string, HeaderObject>>;
  readonly content: Readonly<Record<string, { readonly schema: { readonly oneOf?: readonly unknown[] } }>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, ResponseObject>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Headers of HTTP itself, and the one that the content is named by. */
const headersOfHttp = new Set(["connection", "content-length", "content-type", "date"]);
const id = "openapi";

export const openApiText = readFileSync(new URL("../../schemas/openapi.yaml", import.meta.url), "utf8");

/** schemas/openapi.yaml, held against answers: each against the document, and the document against all of them. */
export class OpenApi {
  readonly #document = parse(openApiText) as Document;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #seen = new Set<string>();

  constructor() {
    this.#ajv.addSchema(this.#document, id);
  }

  get paths(): readonly string[] {
    return Object.keys(this.#document.paths);
  }

  /** What of the answer is not as the document has it. A path that it does not have must be answered as no path at all. */
  differences(path: string, answer: Answer): readonly string[] {
    const name = path.replace(/\?.*$/, "");
    const operation = this.#operation(name);
    if (operation === undefined)
      return [404, 301].includes(answer.status) ? [] : [`${name}: the document has no such path`];
    if (answer.status === 404 && name === "/") return [];
    const place = `${operation.pointer}/responses/${answer.status}`;
    const response = this.#resolve<ResponseObject>(place);
    if (response === undefined) return [`${name}: the document has no ${answer.status}`];
    const found = [...this.#headerDifferences(response, answer), ...this.#bodyDifferences(response, answer)];
    if (found.length === 0) this.#note(name, answer, response);
    return found.map((difference) => `${name} ${answer.status}: ${difference}`);
  }

  /** What the document promises and no answer has shown yet: by path, status, and place among several kinds of answers. */
  unseen(): readonly string[] {
    return this.paths
      .flatMap((path) => {
        const operation = this.#operation(path);
        return Object.keys(operation?.operation.responses ?? {}).flatMap((status) => {
          const response = this.#resolve<ResponseObject>(`${operation?.pointer}/responses/${status}`);
          return Object.values(response?.value.content ?? {}).flatMap(({ schema }) =>
            (schema.oneOf ?? [schema]).map((_, kind) => `${path} ${status} ${kind}`),
          );
        });
      })
      .filter((kind) => !this.#seen.has(kind));
  }

  #headerDifferences({ value, pointer }: Resolved<ResponseObject>, { headers }: Answer): string[] {
    const declared = Object.keys(value.headers ?? {});
    const known = new Set([...headersOfHttp, ...declared.map((name) => name.toLowerCase())]);
    const undeclared = Object.keys(headers).filter((name) => !known.has(name));
    return [
      ...undeclared.map((name) => `header ${name} is not in the document`),
      ...declared.flatMap((name) => {
        const header = this.#resolve<HeaderObject>(`${pointer}/headers/${name}`);
        const sent = headers[name.toLowerCase()];
        if (sent === undefined) return header?.value.required === true ? [`header ${name} is missing`] : [];
        return this.#errors(`${header?.pointer}/schema`, sent).map((error) => `header ${name}: ${error}`);
      }),
    ];
  }

  #bodyDifferences({ value, pointer }: Resolved<ResponseObject>, answer: Answer): string[] {
    const mediaType = String(answer.headers["content-type"]).replace(/;.*$/, "");
    const schema = value.content[mediaType]?.schema;
    if (schema === undefined) return [`media type ${mediaType} is not in the document`];
    return this.#errors(schemaPlace(pointer, mediaType), bodyAs(mediaType, answer.text));
  }

  #note(path: string, { status, text }: Answer, { value, pointer }: Resolved<ResponseObject>): void {
    for (const [mediaType, { schema }] of Object.entries(value.content)) {
      const place = schemaPlace(pointer, mediaType);
      const kinds = schema.oneOf?.map((_, kind) => `${place}/oneOf/${kind}`) ?? [place];
      for (const [kind, kindPlace] of kinds.entries())
        if (this.#errors(kindPlace, bodyAs(mediaType, text)).length === 0)
          this.#seen.add(`${path} ${status} ${kind}`);
    }
  }

  #operation(path: string): { readonly operation: Operation; readonly pointer: string } | undefined {
    const [found] = Object.entries(this.#document.paths[path] ?? {});
    if (found === undefined) return undefined;
    const [method, operation] = found;
    return { operation, pointer: `#/paths/${path.replaceAll("/", "~1")}/${method}` };
  }

  /** Follows a JSON pointer, and references where it ends. */
  #resolve<T extends Referring>(pointer: string): Resolved<T> | undefined {
    const parts = pointer.split("/").slice(1);
    const value = parts.reduce<unknown>(
      (at, part) => (at as Record<string, unknown> | undefined)?.[part.replaceAll("~1", "/")],
      this.#document,
    ) as T | undefined;
    if (value?.$ref !== undefined) return this.#resolve<T>(value.$ref);
    return value && { value, pointer };
  }

  #errors(pointer: string, value: unknown): string[] {
    let validate = this.#validators.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `${id}${pointer}` });
      this.#validators.set(pointer, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
}

interface Resolved<T> {
  readonly value: T;
  /** Where it stands, references followed. */
  readonly pointer: string;
}

function schemaPlace(response: string, mediaType: string): string {
  return `${response}/content/${mediaType.replace("/", "~1")}/schema`;
}

function bodyAs(mediaType: string, text: string): unknown {
  return mediaType === "application/json" ? JSON.parse(text) : text;
}
