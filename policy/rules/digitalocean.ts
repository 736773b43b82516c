/** Rules on DigitalOcean's resources: managed databases, Spaces buckets, the cluster. */
import { each, type Rule } from "../rule.ts";

export const digitaloceanRules: readonly Rule[] = [
  {
    name: "databases-are-private",
    level: "mandatory",
    description: "A managed database is in the VPC and names who may connect.",
    why: "Without a firewall its port is open to the internet, behind nothing but a password.",
    example: "a DatabaseFirewall with a rule of type k8s",
    check: (stack) => {
      const firewalls = stack.of("DatabaseFirewall").toReversed();
      const byDatabase = new Map(firewalls.flatMap((one) => one.dependsOn.map((urn) => [urn, one])));
      return each(stack.of("DatabaseCluster"), (database) => {
        const firewall = byDatabase.get(database.urn);
        if (firewall === undefined) return "has no firewall";
        const rules = (firewall.inputs["rules"] ?? []) as { value?: string }[];
        // A database without trusted sources admits everybody, and a firewall without rules names none.
        if (rules.length === 0 && firewall.unknown?.includes("rules") !== true) return "has a firewall without a rule";
        if (rules.some(({ value }) => value === "0.0.0.0/0")) return "admits the whole internet";
        const inVpc = "privateNetworkUuid" in database.inputs || database.unknown?.includes("privateNetworkUuid");
        return inVpc !== true && "is not in the VPC";
      });
    },
  },
  {
    name: "buckets-are-private",
    level: "mandatory",
    description: "Buckets are private; in production they are not emptied when they are deleted.",
    why: "A public bucket lists its objects to everybody; `forceDestroy` empties it first.",
    example: "acl: private, forceDestroy: false",
    check: (stack) => [
      ...each(stack.of("SpacesBucket"), ({ inputs: { acl, forceDestroy } }) => {
        if (acl !== "private") return "is not private";
        return stack.production && forceDestroy === true && "is emptied when it is deleted";
      }),
      ...each(stack.of("SpacesBucketPolicy"), ({ inputs }) => admitsEverybody(inputs["policy"]) && "admits everybody"),
    ],
  },
  {
    name: "buckets-keep-versions",
    level: "advisory",
    description: "In production, buckets keep versions.",
    why: "What an application deletes or overwrites by mistake is otherwise gone: Spaces has no backups.",
    example: "versioning: { enabled: true }",
    check: (stack) =>
      stack.production
        ? each(
            stack.of("SpacesBucket"),
            ({ inputs }) =>
              (inputs["versioning"] as { enabled?: boolean } | undefined)?.enabled !== true && "keeps no versions",
          )
        : [],
  },
  {
    name: "cluster-upgrades",
    level: "mandatory",
    description:
      "In production, a cluster takes patches by itself, in a window, with a spare node; its availability is written out.",
    why: "DigitalOcean upgrades a cluster by force when its version ends; and since 1.36 an omitted `ha` means 40 $ a month that cannot be switched off.",
    example: "autoUpgrade: true, surgeUpgrade: true, maintenancePolicy: { day, startTime }, ha: true",
    check: (stack) =>
      stack.production
        ? each(stack.of("KubernetesCluster"), ({ inputs }) => {
            const missing = [
              ...(inputs["autoUpgrade"] === true ? [] : ["autoUpgrade"]),
              ...(inputs["surgeUpgrade"] === true ? [] : ["surgeUpgrade"]),
              ...(inputs["maintenancePolicy"] === undefined ? ["maintenancePolicy"] : []),
              ...(inputs["ha"] === undefined ? ["ha"] : []),
            ];
            return missing.length > 0 && `does not say ${missing.join(", ")}`;
          })
        : [],
  },
];

interface Statement {
  readonly Effect?: string;
  readonly Principal?: unknown;
}

/** Whether a bucket policy allows anything to everybody. */
export function admitsEverybody(policy: unknown): boolean {
  if (typeof policy !== "string") return false;
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Statement | readonly Statement[] };
  return [statements]
    .flat()
    .some(
      ({ Effect, Principal }) => Effect === "Allow" && /^("\*"|\{"AWS":\[?"\*"\]?\})$/.test(JSON.stringify(Principal)),
    );
}
