/** Whether domains whose records a stack writes are delegated to DigitalOcean: otherwise nobody ever sees the records. */
import { Resolver } from "node:dns/promises";
import { nameServers } from "../catalogue/networks.ts";
import type { PlatformSetting } from "../settings/platform.ts";

/** Finds the name servers of a domain. */
export type FindNameServers = (domain: string) => Promise<readonly string[]>;

const resolver = new Resolver({ timeout: 3000, tries: 2 });
/** Answers that say something of the domain; others only say that nobody could be asked. Source: Node, `dns` error codes. */
const said = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * Remarks on domains that are not delegated; none of a domain that could not be asked for. A domain whose zone this stack is
 * still to make cannot be delegated before, so its remark says when.
 *
 * @param find @default - asks the name servers that this machine uses
 */
export async function undelegated(
  { domains }: Pick<PlatformSetting, "domains">,
  find: FindNameServers = (domain) => resolver.resolveNs(domain),
): Promise<string[]> {
  const ours = Object.entries(domains).filter(([, kind]) => kind !== "external");
  const remarks = await Promise.all(
    ours.map(async ([domain, kind]) => {
      const servers = await serversOf(domain, find);
      if (servers?.some((server) => nameServers.includes(server)) !== false) return [];
      const now = servers.length === 0 ? "nobody" : servers.toSorted().join(", ");
      const when = kind === "create" ? ", once phase platform has made its zone" : "";
      return [
        `domain ${domain} is delegated to ${now}, so its records at DigitalOcean count for nothing: have its registrar name ${nameServers.join(", ")}${when}`,
      ];
    }),
  );
  return remarks.flat();
}

/** Name servers of a domain, in lower case; undefined if nobody could be asked. */
async function serversOf(domain: string, find: FindNameServers): Promise<string[] | undefined> {
  try {
    return (await find(domain)).map((server) => server.toLowerCase().replace(/\.$/, ""));
  } catch (error) {
    return said.has((error as NodeJS.ErrnoException).code ?? "") ? [] : undefined;
  }
}
