/** Names outside of a cluster: those that are published lead where their records say, the others to the network's servers. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../tools.ts";
import type { Machine } from "./machine.ts";
import { outsideAddress, serverAddresses } from "./outside.ts";

/** Host names with their IPv4 addresses. */
export type Names = ReadonlyMap<string, readonly string[]>;

/** Names as name servers outside of clusters tell them. */
export class PublicNames {
  /** File with the names, in the format of `/etc/hosts`. */
  readonly file: string;
  readonly #fixed: Names;

  /**
   * @param folder of the file, which exists
   * @param fixed names that nobody publishes
   */
  constructor(folder: string, fixed: Names) {
    this.file = join(folder, "names");
    this.#fixed = fixed;
    this.publish(new Map());
  }

  /** Replaces all published names; a second later they are told so. */
  publish(names: Names): void {
    const lines = [...this.#fixed, ...names].flatMap(([name, addresses]) =>
      addresses.map((address) => `${address} ${name}\n`),
    );
    // The name server may be reading it.
    writeFileSync(`${this.file}.new`, lines.join(""));
    renameSync(`${this.file}.new`, this.file);
  }
}

/** Starts the name server outside of a machine. */
export function startOutsideNames(machine: Machine, names: PublicNames): void {
  const config = join(machine.folder, "outside.corefile");
  const zone = (name: string, address: string) => `${name}:53 {
    bind ${serverAddresses.names}
    errors
    hosts ${names.file} {
        reload 500ms
        ttl 1
        fallthrough
    }
    template IN A {
        answer "{{ .Name }} 5 IN A ${address}"
    }
    template ANY ANY {
        rcode NOERROR
    }
}
`;
  writeFileSync(config, zone("digitaloceanspaces.com", serverAddresses.spaces) + zone(".", outsideAddress));
  machine.run("outside-names", "ip", ["netns", "exec", "outside", tool("coredns"), "-conf", config]);
}
