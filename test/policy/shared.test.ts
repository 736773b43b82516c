/** What selects others' pods in a namespace that is not the stack's own: the rules, tried. */
import { sharedRules } from "../../policy/rules/shared.ts";
import { budget, checkRules, object, resource } from "./support.ts";

const own = { "doks-systems/system": "gx" };
const adopted = resource("doks-systems:workload:Namespace", "shop", { adopts: "shop", ownLabels: own });
const policy = (podSelector: object, kind = "NetworkPolicy", field = "podSelector") =>
  object(kind, "web", { spec: { [field]: podSelector, policyTypes: ["Ingress"] } });

checkRules(sharedRules, {
  "others-pods-untouched": [
    {
      breaks: [adopted, policy({})],
      says: "affects every pod in shop, whoever made it",
      // A namespace of the stack's own has no pods of others.
      holds: [policy({})],
    },
    {
      breaks: [adopted, policy({ matchLabels: { app: "redis" } })],
      says: "affects every pod in shop with app=redis, whoever made it",
      holds: [adopted, policy({ matchLabels: { app: "redis", ...own } })],
    },
    {
      breaks: [
        adopted,
        policy({ matchExpressions: [{ key: "doks-systems/system", operator: "In", values: ["gx", "other"] }] }),
      ],
      says: "with doks-systems/system In gx other",
      holds: [adopted, policy({ matchExpressions: [{ key: "doks-systems/system", operator: "In", values: ["gx"] }] })],
    },
    {
      breaks: [adopted, policy({ matchLabels: { app: "redis" } }, "CiliumNetworkPolicy", "endpointSelector")],
      says: "CiliumNetworkPolicy shop/web affects",
      holds: [adopted, policy({ matchLabels: own }, "CiliumNetworkPolicy", "endpointSelector")],
    },
    {
      breaks: [adopted, budget({ maxUnavailable: 1 })],
      says: "PodDisruptionBudget shop/web affects every pod in shop with app=web",
      holds: [adopted, budget({ maxUnavailable: 1, selector: { matchLabels: { app: "web", ...own } } })],
    },
  ],
});
