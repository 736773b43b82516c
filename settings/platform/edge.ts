/** How the world reaches a stack: domains, and who serves their hosts. */
import { z } from "zod";
import { dnsLabel, emailAddress, hostName } from "../slices/fields.ts";

const acmeEmail = emailAddress
  .describe("Contact of the account at the issuer of certificates.")
  .meta({ examples: ["web@bowmark.ca", "tls@bowmark.ca"] });

const acmeServer = z
  .string()
  .regex(
    /^(production|staging|https:\/\/[^\s/]+\/\S*)$/,
    "use production, staging, or the https address of a directory",
  )
  .default("production")
  .meta({
    description:
      "Who issues certificates: Let's Encrypt; its `staging`, whose limits are far higher and whose certificates no browser" +
      " trusts; or the directory of another ACME server that asks for no account made beforehand. A change issues every" +
      " certificate anew.",
    form: "`production`, `staging`, or the https address of a directory",
    examples: ["staging", "https://acme.example.com/directory"],
  });

const certificates = z
  .enum(["host", "system"])
  .default("host")
  .describe(
    "One certificate for each host, or one for all hosts of a system. Browsers send requests for every host of a" +
      " certificate down one HTTP/2 connection, which a gateway with a listener for each host answers wrongly; so hosts" +
      " that share one get HTTP/1.1 only. `system` counts once against the issuer's limits.",
  );

export const edgeSetting = z
  .discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("gateway"),
        acmeEmail,
        acmeServer,
        certificates,
        replicas: z
          .int()
          .min(1)
          .max(20)
          .default(2)
          .describe("Envoy pods.")
          .meta({ examples: [3] }),
      })
      .describe("Envoy Gateway behind a DigitalOcean load balancer; certificates from Let's Encrypt."),
    z
      .strictObject({
        kind: z.literal("ingress"),
        className: dnsLabel
          .default("nginx")
          .meta({ description: "IngressClass of the controller.", examples: ["internal"] }),
        controllerNamespace: dnsLabel
          .default("ingress-nginx")
          .describe("Namespace of the controller's pods, which may connect to the systems.")
          .meta({ examples: ["internal-ingress"] }),
        acmeEmail,
        acmeServer,
      })
      .describe("An ingress controller that the cluster already has."),
    z.strictObject({ kind: z.literal("stack"), certificates }).describe("The edge of the stack that made the cluster."),
    z.strictObject({ kind: z.literal("none") }).describe("Nobody serves hosts."),
  ])
  .default({ kind: "none" })
  .describe("Who takes requests from outside, and ends their TLS.");

export const domainsSetting = z
  .record(hostName, z.enum(["create", "existing", "external"]))
  .default({})
  .describe(
    "Domains of the systems' hosts. This stack writes the records of `create` and `existing`; `create` also makes the zone " +
      "(one stack of the account does); those of `external` are yours to point at the stack's address.",
  )
  .meta({ examples: [{ "example.org": "existing" }] });
