// Generates static protobufjs code from every .proto file under schemas/ into schemas/generated/, mirroring the
// folders. Each schema stands alone (no imports between files), because the registry's references between
// protobuf subjects are fragile, so each becomes one module.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pbjs from "protobufjs-cli/pbjs.js";
import pbts from "protobufjs-cli/pbts.js";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "generated");
const protos = readdirSync(here, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".proto"))
  .sort();

const options = [
  "-t static-module -w es6 --es6 --no-create --no-verify --no-delimited --no-service --no-convert",
  "--force-number --dependency protobufjs/minimal.js",
].flatMap((line) => line.split(" "));

const targets = new Set();
for (const proto of protos) {
  const target = join(out, proto.replace(/\.proto$/, ".js"));
  mkdirSync(dirname(target), { recursive: true });
  const root = relative(here, target).replaceAll(/\W/g, "_");
  const code = await promisify(pbjs.main)([...options, "--root", root, join(here, proto)]);
  write(target, withPlainNumbers(code));
  write(target.replace(/\.js$/, ".d.ts"), await promisify(pbts.main)([target]));
}
removeStale();

// 64-bit fields hold offsets and unix seconds, all far below 2^53: read them as numbers, not as Long objects.
function withPlainNumbers(code) {
  return code.replace(
    /^import \$protobuf .*$/m,
    (line) => `${line}\n\n$protobuf.util.Long = undefined;\n$protobuf.configure();`,
  );
}

// Unchanged files are left alone, so that generating disturbs nobody who is compiling or testing meanwhile.
function write(file, content) {
  targets.add(file);
  if (!existsSync(file) || readFileSync(file, "utf8") !== content) writeFileSync(file, content);
}

function removeStale() {
  for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
    const file = join(out, name);
    if (/\.(js|d\.ts)$/.test(name) && !targets.has(file)) rmSync(file);
  }
}
