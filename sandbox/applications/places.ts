/** Destinations in the settings of applications. */

const usualPorts: Readonly<Record<string, string>> = {
  ...{ "http:": "80", "https:": "443", "postgresql:": "5432", "postgres:": "5432", "amqp:": "5672" },
  ...{ "redis:": "6379", "rediss:": "6379" },
};

/** Host and port of a URL, `host:port`. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === "" ? (usualPorts[protocol] ?? "") : port}`;
}

/** Destinations in a text, as `host:port`: those, or URLs, by comma; a name may stand before each URL. */
export function placesIn(text: string): string[] {
  return text.split(",").flatMap((part) => {
    if (part.trim() === "") return [];
    return [hostAndPort(new URL(/[a-z+]+:\/\/\S+/.exec(part)?.[0] ?? `tcp://${part.trim()}`))];
  });
}
