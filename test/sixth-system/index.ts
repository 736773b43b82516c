import type * as pulumi from "@pulumi/pulumi";
import { System } from "../../components/platform/system.ts";
import { ownImage } from "../../components/site/own-image.ts";
import type { Site } from "../../components/site/site.ts";
import { samePort } from "../../components/workload/service.ts";
import type { SystemOn } from "../../settings/secrets.ts";
import type { MinifluxSecrets, MinifluxSetting } from "./settings.ts";

/** Miniflux: a feed reader, one program that migrates its PostgreSQL itself and fetches feeds from the internet. */
export class Miniflux extends System {
  readonly outputs;
  readonly operatorSecrets;

  constructor(
    name: string,
    on: SystemOn<MinifluxSetting, MinifluxSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:miniflux:Miniflux", name, { ...on, site }, opts);
    const { settings } = on;
    const database = this.postgres({
      setting: settings.database,
      serverName: "miniflux-postgres",
      databases: ["miniflux"],
      secretKeys: { url: "url", user: "user", password: "password" },
    });
    const adminPassword = this.generated("admin");
    const admin = this.secretObject("admin", "miniflux-admin", () => ({ password: adminPassword }));
    const server = this.workload("server", {
      workloadName: "miniflux",
      update: "recreate",
      services: [{ serviceName: "miniflux", ports: [samePort("http", 8080)] }],
      connectsTo: [database.endpoint, { kind: "outside", name: "feeds", ports: [80, 443] }],
      pod: {
        containers: [
          {
            name: "miniflux",
            image: ownImage(site, settings.images, "miniflux", settings.imageTag),
            env: {
              DATABASE_URL: database.secret.key("url"),
              BASE_URL: `https://${settings.host}`,
              RUN_MIGRATIONS: "1",
              CREATE_ADMIN: "1",
              ADMIN_USERNAME: "admin",
              ADMIN_PASSWORD: admin.key("password"),
              ...database.trust.env,
            },
            mounts: database.clientMounts,
          },
        ],
      },
    });
    this.route({
      routeName: "miniflux",
      tlsSecretName: "miniflux-tls",
      maxBodyMiB: 10,
      timeoutSeconds: 60,
      groups: [{ name: "miniflux", hosts: [settings.host], rules: [{ path: "/", to: server }] }],
    });
    this.backup({ setting: settings.backup, database, taskName: "miniflux-backup" });
    this.outputs = { url: `https://${settings.host}`, namespace: settings.namespace.name };
    this.operatorSecrets = { "postgres-password": database.password, "admin-password": adminPassword };
    this.registerOutputs({ namespace: settings.namespace.name });
  }
}
