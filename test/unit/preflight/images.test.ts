/** What registries are asked of an image, and what becomes of each answer. */
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { placeOf } from "../../../catalogue/image.ts";
import { lookFor, pushCommands } from "../../../preflight/images/check.ts";
import { Registries } from "../../../preflight/images/registry.ts";
import { undelegated } from "../../../preflight/domains.ts";
import { stack } from "../../support/stack.ts";

/** A registry that answers as the OCI distribution specification and its token authentication have it. */
class Registry {
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(manifests: Readonly<Record<string, object>>, token?: { user: string }): Promise<Registry> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const registry = new Registry(server, typeof address === "object" && address !== null ? address.port : 0);
    server.on("request", (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
      const answer = (status: number, body: object, headers = {}) => {
        response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
      };
      registry.asked.push(`${pathname}${request.headers.authorization === undefined ? "" : " as somebody"}`);
      if (pathname === "/token") {
        const wanted = `Basic ${Buffer.from(`${token?.user ?? ""}:secret`).toString("base64")}`;
        const scope = searchParams.get("scope") ?? "";
        if (request.headers.authorization !== wanted) answer(401, {});
        else answer(200, { token: `for ${scope}` });
        return;
      }
      const [, repository = "", what = ""] = /^\/v2\/(.+)\/(?:manifests|blobs)\/(.+)$/.exec(pathname) ?? [];
      const scope = `repository:${repository}:pull`;
      if (token !== undefined && request.headers.authorization !== `Bearer for ${scope}`) {
        const challenge = `Bearer realm="${registry.url}/token",service="registry",scope="${scope}"`;
        answer(401, { errors: [{ code: "UNAUTHORIZED" }] }, { "www-authenticate": challenge });
        return;
      }
      const found = manifests[`${repository} ${what}`];
      const code = Object.keys(manifests).some((key) => key.startsWith(`${repository} `))
        ? "MANIFEST_UNKNOWN"
        : "NAME_UNKNOWN";
      if (found === undefined) answer(404, { errors: [{ code }] });
      else answer(200, found);
    });
    return registry;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const index = (...platforms: object[]) => ({
  schemaVersion: 2,
  manifests: platforms.map((platform) => ({ platform })),
});

describe("an image", () => {
  let registry: Registry | undefined;
  afterEach(() => registry?.stop());
  const ask = (image: string, who?: { username: string; password: string }) =>
    new Registries({ credentials: () => (who === undefined ? [] : [who]), platform: amd64, url: registry?.url }).ask(
      image,
    );

  it.each([
    ["postgres", { host: "docker.io", repository: "library/postgres", reference: "latest" }],
    [
      "itsdevin/bow-mark-server:3f9c2e1",
      { host: "docker.io", repository: "itsdevin/bow-mark-server", reference: "3f9c2e1" },
    ],
    ["localhost:5001/app:1", { host: "localhost:5001", repository: "app", reference: "1" }],
    ["ghcr.io/dot-do/dotdo:0.9.1", { host: "ghcr.io", repository: "dot-do/dotdo", reference: "0.9.1" }],
    ["a.example/b/c:1@sha256:0a", { host: "a.example", repository: "b/c", reference: "sha256:0a" }],
  ])("%s is asked for where Docker would", (image, place) => {
    expect(placeOf(image)).toEqual(place);
  });

  it("is there, or its tag is not, or its repository is not", async () => {
    registry = await Registry.start({ "geo/api 1.0": index(arm64, amd64) });
    expect(await ask("registry.digitalocean.com/geo/api:1.0")).toEqual({ kind: "there" });
    expect(await ask("registry.digitalocean.com/geo/api:2.0")).toEqual({ kind: "missing", why: "geo/api has no 2.0" });
    expect(await ask("registry.digitalocean.com/geo/web:1.0")).toEqual({
      kind: "missing",
      why: "there is no repository geo/web",
    });
  });

  it("that was built on a Mac alone is not there for the nodes", async () => {
    registry = await Registry.start({
      "geo/index 1": index(arm64, { os: "unknown", architecture: "unknown" }),
      ...{ "geo/single 1": { config: { digest: "sha256:c" } }, "geo/single sha256:c": arm64 },
      ...{ "geo/right 1": { config: { digest: "sha256:d" } }, "geo/right sha256:d": amd64 },
    });
    const wrong = { kind: "missing", why: "is there for linux/arm64 only, and the nodes are linux/amd64" };
    expect(await ask("r.example/geo/index:1")).toEqual(wrong);
    expect(await ask("r.example/geo/single:1")).toEqual(wrong);
    expect(await ask("r.example/geo/right:1")).toEqual({ kind: "there" });
  });

  it("of a private registry is asked for as who may pull it; whoever may not learns nothing", async () => {
    registry = await Registry.start({ "geo/api 1": index(amd64) }, { user: "robot" });
    expect(await ask("r.example/geo/api:1", { username: "robot", password: "secret" })).toEqual({ kind: "there" });
    for (const who of [undefined, { username: "robot", password: "wrong" }])
      expect(await ask("r.example/geo/api:1", who)).toEqual({ kind: "unasked", why: "r.example answers 401" });
  });

  it("of a registry that nobody can reach is not said to be missing", async () => {
    registry = await Registry.start({});
    registry.stop();
    const { kind, why } = (await ask("r.example/geo/api:1")) as { kind: string; why: string };
    expect(kind).toBe("unasked");
    expect(why).toMatch(/^r\.example cannot be asked: /);
  });

  it("of a registry that the stack is still to make is missing, and nobody is asked", async () => {
    const { rendering } = await stack("prod");
    const account = createServer((_request, response) => response.end(JSON.stringify({ registries: [] })));
    await new Promise<void>((done) => account.listen(0, "127.0.0.1", done));
    const address = account.address();
    const apiUrl = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const access = { token: "t", password: () => undefined, apiUrl };
    const image = "registry.digitalocean.com/geo/svc-identity:2.0.0";
    expect(await lookFor([image], rendering, access)).toEqual({
      missing: [{ image, why: "its registry is not there yet", early: true }],
      unasked: [],
    });
    account.closeAllConnections();
    account.close();
  });

  it("is pushed with one log-in for each registry", () => {
    expect(pushCommands(["registry.digitalocean.com/geo/a:1", "registry.digitalocean.com/geo/b:1", "me/c:1"])).toEqual([
      "doctl registry login",
      "docker login",
      ...["registry.digitalocean.com/geo/a:1", "registry.digitalocean.com/geo/b:1", "me/c:1"].map(
        (image) => `docker buildx build --platform linux/amd64 --tag ${image} --push .`,
      ),
    ]);
  });
});

describe("a domain", () => {
  const servers: Readonly<Record<string, readonly string[] | string>> = {
    "good.example": ["ns2.digitalocean.com", "NS1.DigitalOcean.com."],
    "elsewhere.example": ["b.iana-servers.net", "a.iana-servers.net"],
    // Source: Node, `dns` error codes.
    "nobody.example": "ENOTFOUND",
    "unasked.example": "ETIMEOUT",
  };
  const find = (domain: string) => {
    const answer = servers[domain];
    return Array.isArray(answer)
      ? Promise.resolve(answer as readonly string[])
      : Promise.reject(Object.assign(new Error("dns"), { code: answer }));
  };

  it("that is delegated elsewhere, or not at all, is named; of one that cannot be asked for nothing is said", async () => {
    const domains = Object.fromEntries(Object.keys(servers).map((domain) => [domain, "existing" as const]));
    const remarks = await undelegated({ domains }, find);
    expect(remarks).toEqual([
      expect.stringMatching(/^domain elsewhere\.example is delegated to a\.iana-servers\.net, b\.iana-servers\.net/),
      expect.stringMatching(/^domain nobody\.example is delegated to nobody/),
    ]);
    expect(await undelegated({ domains: { "elsewhere.example": "external" } }, find)).toEqual([]);
  });

  it("whose zone is still to be made is delegated after phase platform", async () => {
    const [remark] = await undelegated({ domains: { "nobody.example": "create" } }, find);
    expect(remark).toMatch(/ns1\.digitalocean\.com.*, once phase platform has made its zone$/);
  });
});
