/** Command-line arguments from settings: `{ port: 1 }` becomes `--port 1`. */
export function flags(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
