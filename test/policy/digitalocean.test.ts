/** What is DigitalOcean's: the rules, tried. */
import { digitaloceanRules } from "../../policy/rules/digitalocean.ts";
import { checkRules, cloud, platform, production, cluster, kept, database, firewall } from "./support.ts";

checkRules(digitaloceanRules, {
  "databases-are-private": [
    {
      breaks: [database, cloud("DatabaseFirewall", { rules: [] }, { dependsOn: [database.urn] })],
      says: "has a firewall without a rule",
      // The engine's preview does not know it yet.
      holds: [database, cloud("DatabaseFirewall", {}, { dependsOn: [database.urn], unknown: ["rules"] })],
    },
    {
      breaks: [cloud("DatabaseCluster", { name: "pg" }, kept), firewall("cluster-id")],
      says: "is not in the VPC",
      holds: [
        cloud("DatabaseCluster", { name: "pg" }, { ...kept, unknown: ["privateNetworkUuid"] }),
        firewall("cluster-id"),
      ],
    },
    { breaks: [database], says: "has no firewall", holds: [database, firewall("cluster-id")] },
    { breaks: [database, firewall("0.0.0.0/0")], says: "admits the whole internet", holds: [] },
  ],
  "buckets-are-private": [
    {
      breaks: [
        cloud("SpacesBucketPolicy", {
          policy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}]}',
        }),
      ],
      says: "admits everybody",
      holds: [cloud("SpacesBucketPolicy", { policy: '{"Statement":{"Effect":"Deny","Principal":{"AWS":"*"}}}' })],
    },
    {
      breaks: [cloud("SpacesBucket", { name: "b", acl: "public-read" })],
      says: "is not private",
      holds: [cloud("SpacesBucket", { name: "b", acl: "private" })],
    },
    {
      breaks: [production, cloud("SpacesBucket", { name: "b", acl: "private", forceDestroy: true }, kept)],
      says: "is emptied when it is deleted",
      holds: [platform("staging"), cloud("SpacesBucket", { name: "b", acl: "private", forceDestroy: true })],
    },
  ],
  "buckets-keep-versions": [
    {
      breaks: [production, cloud("SpacesBucket", { name: "b", acl: "private" }, kept)],
      says: "keeps no versions",
      holds: [production, cloud("SpacesBucket", { name: "b", acl: "private", versioning: { enabled: true } }, kept)],
    },
  ],
  "cluster-upgrades": [
    {
      breaks: [production, cloud("KubernetesCluster", { ...cluster, surgeUpgrade: false, ha: undefined }, kept)],
      says: "does not say surgeUpgrade, ha",
      holds: [production, cloud("KubernetesCluster", cluster, kept)],
    },
  ],
});
