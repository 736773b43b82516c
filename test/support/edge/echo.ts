/**
 * What stands behind the routes in tests: it answers each request with what arrived, after `?wait=<milliseconds>`, and sends
 * everything back that comes over a WebSocket. Its ports are its arguments.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostname } from "node:os";

function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  let bytes = 0;
  incoming.on("data", (chunk: Buffer) => (bytes += chunk.length));
  incoming.on("error", () => undefined);
  incoming.on("end", () => {
    const told = { pod: hostname(), path: incoming.url, headers: incoming.headers, bytes };
    const wait = Number(new URL(incoming.url ?? "", "http://localhost").searchParams.get("wait"));
    setTimeout(() => {
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(told));
    }, wait);
  });
}

for (const port of process.argv.slice(2)) {
  const server = createServer(answer);
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  server.requestTimeout = 0;
  server.listen(Number(port));
}
process.once("SIGTERM", () => process.exit(0));
