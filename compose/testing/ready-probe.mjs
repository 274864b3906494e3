// The smallest process that a stack can supervise: it answers /ready with what it was told.
import { createServer } from "node:http";

createServer((request, response) => {
  response.writeHead(request.url === "/ready" ? 200 : 404, { "content-type": "application/json" });
  response.end(
    JSON.stringify({ greeting: process.env["PROBE_GREETING"], prefix: process.env["TEKSTREAM_PREFIX"] }),
  );
}).listen(Number(process.env["TEKSTREAM_HTTP_PORT"]), "127.0.0.1");
