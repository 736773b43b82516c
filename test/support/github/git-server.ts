/** Git over HTTP, by git's own CGI program. Source: git-http-backend(1), and RFC 3875 for what a CGI program is told. */
import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Serves the repositories of a folder to whoever has the token as the password, as GitHub and GitLab take it. */
export function serveGit(folder: string, token: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", "http://hub");
  const given = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
  if (given !== `x-access-token:${token}`) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="hub"' }).end();
    return;
  }
  const { headers, method } = request;
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname.replace(/^\/our\/infra\//, "/our/infra.git/"),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: method,
      REMOTE_USER: "someone",
      CONTENT_TYPE: headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on("data", (data: Buffer) => chunks.push(data));
  backend.on("close", () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf("\r\n\r\n");
    const fields = all
      .subarray(0, end)
      .toString()
      .split("\r\n")
      .map((line) => line.split(": ", 2) as [string, string]);
    const status = fields.find(([name]) => name === "Status")?.[1] ?? "200";
    response
      .writeHead(Number.parseInt(status, 10), Object.fromEntries(fields.filter(([name]) => name !== "Status")))
      .end(all.subarray(end + 4));
  });
}
