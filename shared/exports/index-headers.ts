/** Phones ask for the index again and again, and must see what is new. */
export const indexHeaders = { contentType: "text/plain", cacheControl: "no-cache, max-age=0" };
