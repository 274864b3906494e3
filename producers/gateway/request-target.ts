/** What a request asks for: a path to look up, a better spelling of it, or nothing that can be read. */
export type RequestTarget =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "moved"; readonly location: string }
  | { readonly kind: "unreadable" };

/**
 * Reads the target of a request line. Paths are compared decoded, and one with extra slashes or dots is sent to its
 * clean spelling, query kept (facts, §1.1). A trailing slash is part of a path.
 */
export function requestTarget(url: string): RequestTarget {
  // What phones send, unchanged.
  if (/^(?:\/[\w-]+)+$/.test(url)) return { kind: "path", path: url };
  const [written, query] = split(url.replace(/^https?:\/\/[^/?]*/i, ""));
  const path = decoded(written);
  if (path === undefined) return { kind: "unreadable" };
  const clean = cleanPath(path);
  if (clean === path) return { kind: "path", path };
  return { kind: "moved", location: encoded(clean) + (query === undefined ? "" : `?${query}`) };
}

function split(url: string): [string, string | undefined] {
  const mark = url.indexOf("?");
  return mark === -1 ? [url, undefined] : [url.slice(0, mark), url.slice(mark + 1)];
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign without two digits, or bytes that are no text: no route is called so.
    return undefined;
  }
}

/** The shortest path that names the same: no empty, `.` or `..` parts; what follows the last slash stays. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const clean = `/${parts.join("/")}`;
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

function encoded(path: string): string {
  return encodeURI(path).replace(
    /[?#!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
