/** The floor of `bench/preview.ts`: as many plain resources and components under the mocks, and nothing else. */
import { enableCompileCache } from "node:module";

enableCompileCache("node_modules/.cache/compile");
const pulumi = await import("@pulumi/pulumi");
const k8s = await import("@pulumi/kubernetes");
await Promise.all([import("@pulumi/digitalocean"), import("@pulumi/random")]);

const [custom = 0, components = 0] = process.argv.slice(2).map(Number);
await pulumi.runtime.setMocks({
  newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
  call: ({ inputs }) => inputs as Record<string, unknown>,
});
await pulumi.runtime.runInPulumiStack(() => {
  for (let i = 0; i < components; i += 1) new pulumi.ComponentResource("bench:index:Component", `component-${i}`);
  for (let i = 0; i < custom; i += 1) new k8s.core.v1.ConfigMap(`resource-${i}`, { data: { key: String(i) } });
  return Promise.resolve({});
});
await pulumi.runtime.disconnect();
