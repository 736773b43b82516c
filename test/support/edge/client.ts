/** A client of an edge: requests as they are written, over TLS with the name of their host. */
import { once } from "node:events";
import { Agent, request as byTls } from "node:https";
import { get, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { connect as connectByHttp2 } from "node:http2";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";

const mebibyte = 1024 ** 2;

/** What came back, with what the pod behind the route tells of the request. */
export interface Answer {
  readonly status: number;
  readonly location?: string | undefined;
  readonly pod?: string;
  readonly path?: string;
  readonly headers?: IncomingHttpHeaders;
  readonly bytes?: number;
}

/** A request beside its host and path. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of the body. @default 0 */
  readonly body?: number;
  /** Whether the body comes without its size. @default false */
  readonly chunked?: boolean;
  /** Milliseconds between two mebibytes of the body. @default 0 */
  readonly pause?: number;
}

export class EdgeClient {
  readonly #address: string;
  readonly #ca: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  /**
   * @param address of the load balancer
   * @param ca certificate of the authority that it trusts, in PEM
   */
  constructor(address: string, ca: string) {
    this.#address = address;
    this.#ca = ca;
  }

  /** The answer to a request, whose path is sent as it is written. Rejects if the connection breaks before one comes. */
  send(host: string, path: string, asked: Asked = {}): Promise<Answer> {
    const { headers = {}, body = 0, chunked = false } = asked;
    return new Promise((resolve, reject) => {
      const sized = body === 0 || chunked ? {} : { "content-length": String(body) };
      const outgoing = byTls({
        ...{ host: this.#address, servername: host, ca: this.#ca, path, method: body === 0 ? "GET" : "POST" },
        ...{ headers: { host, ...headers, ...sized }, agent: body === 0 ? this.#agent : false, timeout: 60_000 },
      });
      outgoing.on("response", (incoming) => {
        read(incoming).then(resolve, reject);
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in a minute")));
      outgoing.on("error", reject);
      write(outgoing, body, asked.pause ?? 0);
    });
  }

  /** The answer to a request without TLS. */
  plain(host: string, path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      get({ host: this.#address, path, headers: { host } }, (incoming) => {
        read(incoming).then(resolve, reject);
      }).on("error", reject);
    });
  }

  /** Status and pod over HTTP/2. */
  async http2(host: string, path: string): Promise<Answer> {
    const options = { createConnection: () => this.#connect(host, { ALPNProtocols: ["h2"] }) };
    const session = connectByHttp2(`https://${host}`, options);
    try {
      const stream = session.request({ ":path": path });
      const [headers] = (await once(stream, "response")) as [{ ":status"?: number }];
      const text: string = (await stream.setEncoding("utf8").toArray()).join("");
      return { status: headers[":status"] ?? 0, ...(JSON.parse(text) as object) };
    } finally {
      session.destroy();
    }
  }

  /** A connection with the name of a host. */
  async open(host: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = this.#connect(host, options);
    await once(socket, "secureConnect");
    socket.on("error", () => undefined);
    return socket;
  }

  /** Code of the error with which a connection ends, whatever certificate is shown; empty if it does not. */
  async refusal(host: string): Promise<string> {
    try {
      (await this.open(host, { rejectUnauthorized: false })).destroy();
      return "";
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? "";
    }
  }

  /** Status of what comes back for bytes; 0 if the connection ends without. */
  async raw(host: string, text: string): Promise<number> {
    const socket = await this.open(host);
    socket.write(text);
    const [answer] = (await Promise.race([once(socket, "data"), once(socket, "close")])) as [unknown];
    socket.destroy();
    return Buffer.isBuffer(answer) ? Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer.toString("latin1"))?.[1]) : 0;
  }

  stop(): void {
    this.#agent.destroy();
  }

  #connect(host: string, options: ConnectionOptions): TLSSocket {
    return connect({ host: this.#address, port: 443, servername: host, ca: this.#ca, ...options });
  }
}

/** Reads an answer to its end; one that breaks off counts by its status. */
function read(incoming: IncomingMessage): Promise<Answer> {
  return new Promise((resolve) => {
    const { statusCode: status = 0, headers } = incoming;
    let text = "";
    incoming.on("data", (data) => (text += String(data)));
    const finish = () => {
      const told = status === 200 && text.startsWith("{") ? (JSON.parse(text) as object) : {};
      resolve({ status, location: headers.location, ...told });
    };
    incoming.on("end", finish);
    incoming.on("error", finish);
  });
}

function write(outgoing: ReturnType<typeof byTls>, bytes: number, pause: number): void {
  const chunk = Buffer.alloc(Math.min(bytes, mebibyte));
  const more = (left: number) => {
    if (left <= 0) outgoing.end();
    else
      outgoing.write(chunk.subarray(0, Math.min(left, mebibyte)), () => {
        setTimeout(() => {
          more(left - mebibyte);
        }, pause);
      });
  };
  more(bytes);
}
