/** What the sandbox builds of add-ons is of the versions that the program installs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { certManagerVersion } from "../../../components/addons/cert-manager.ts";
import { envoyGatewayVersion } from "../../../components/addons/envoy-gateway.ts";
import { envoyImage } from "../../../sandbox/node/own-images.ts";
import { hasGo, moduleFolder } from "../../../sandbox/tools.ts";

const sandbox = join(import.meta.dirname, "../../../sandbox");
const pinned = (module: string, file: string) =>
  new RegExp(`\\s${module} (\\S+)`).exec(readFileSync(join(sandbox, file), "utf8"))?.[1];

describe("versions of the sandbox's programs", () => {
  it("are those of the add-ons", () => {
    expect(pinned("github.com/envoyproxy/gateway", "edge/go.mod")).toBe(`v${envoyGatewayVersion}`);
    expect(pinned("github.com/cert-manager/cert-manager", "edge/cert-manager/go.mod")).toBe(certManagerVersion);
  });

  it.skipIf(!hasGo())("Envoy's is the one that Envoy Gateway asks for", () => {
    const folder = moduleFolder(`github.com/envoyproxy/gateway@v${envoyGatewayVersion}`);
    const text = readFileSync(join(folder, "api/v1alpha1/shared_types.go"), "utf8");
    expect(/DefaultEnvoyProxyImage = "(.*)"/.exec(text)?.[1]).toBe(envoyImage);
  });
});
