import type * as pulumi from "@pulumi/pulumi";
import {
  alertRules,
  backupAlerts,
  certificateAlert,
  podAlerts,
  volumeAlert,
} from "../../components/monitoring/alerts.ts";
import { dashboard, podPanels } from "../../components/monitoring/dashboard.ts";
import type { BowMarkSetting } from "./settings.ts";
import type { Place } from "../../components/site/namespace.ts";

/** Alerts and dashboard from section "Monitoring" of the document. The images have no metrics, so all are about Kubernetes' own. */
export function bowMarkMonitoring(
  name: string,
  settings: BowMarkSetting,
  { site, namespace }: Place,
  parent: pulumi.Resource,
): void {
  const own = namespace.namespaceName;
  const alerts = [
    ...podAlerts(own),
    ...(settings.database.kind === "in-cluster" || settings.rabbitmq.kind === "in-cluster" ? [volumeAlert(own)] : []),
    ...(settings.backup === false ? [] : backupAlerts(own, "pg-backup", settings.backup.schedule)),
    ...(site.edge === undefined ? [] : [certificateAlert(own, 14)]),
  ];
  alertRules(`${name}-alerts`, { site, namespace, groupName: "bow-mark-alerts", alerts }, parent);
  const board = { site, namespace, objectName: "bow-mark-dashboard", title: "Bow-Mark", panels: podPanels(own) };
  dashboard(`${name}-dashboard`, board, parent);
}
