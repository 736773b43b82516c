/** For every alert of production: series that must fire it, and series beside them that must not. */

/** Series by name, with a value a minute: `0+10x20` is 0, 10, 20, … */
export type Series = Record<string, string>;
export interface Case {
  readonly alert: string;
  /** Minutes at which it is looked at. @default 30 */
  readonly at?: number;
  readonly fires: Series;
  readonly quiet: Series;
}

const always = (value: number) => `${value}+0x60`;
const pod = 'namespace="bow-mark", pod="a"';
const cron = (name: string, job: string) => `kube_cronjob_${name}{namespace="bow-mark", cronjob="${job}"}`;
const hour = 3600;
/** Looked at 30 hours after the epoch; the series say what happened before. */
const afterThirtyHours = 30 * 60;

/** By the name of their PrometheusRule. */
export const cases: Record<string, Case[]> = {
  "bow-mark-alerts": [
    {
      alert: "PodNotReady",
      fires: { [`kube_pod_status_ready{${pod}, condition="true"}`]: always(0) },
      quiet: {
        [`kube_pod_status_ready{${pod}, condition="true"}`]: always(1),
        'kube_pod_status_ready{namespace="bow-mark", pod="dump", condition="true"}': always(0),
        'kube_pod_owner{namespace="bow-mark", pod="dump", owner_kind="Job", owner_name="pg-backup-29123456"}':
          always(1),
        'kube_pod_status_ready{namespace="other", pod="b", condition="true"}': always(0),
      },
    },
    {
      alert: "PodRestarting",
      fires: { [`kube_pod_container_status_restarts_total{${pod}, container="c"}`]: "0+1x60" },
      quiet: { [`kube_pod_container_status_restarts_total{${pod}, container="c"}`]: "0x20 1x40" },
    },
    {
      alert: "VolumeFillingUp",
      fires: {
        'kubelet_volume_stats_used_bytes{namespace="bow-mark", persistentvolumeclaim="p"}': always(81),
        'kubelet_volume_stats_capacity_bytes{namespace="bow-mark", persistentvolumeclaim="p"}': always(100),
      },
      quiet: {
        'kubelet_volume_stats_used_bytes{namespace="bow-mark", persistentvolumeclaim="p"}': always(79),
        'kubelet_volume_stats_capacity_bytes{namespace="bow-mark", persistentvolumeclaim="p"}': always(100),
      },
    },
    {
      alert: "BackupStale",
      at: afterThirtyHours,
      fires: {
        [cron("status_last_successful_time", "pg-backup")]: `${hour}+0x2000`,
        [cron("created", "pg-backup")]: "0+0x2000",
      },
      quiet: {
        [cron("status_last_successful_time", "pg-backup")]: `${10 * hour}+0x2000`,
        [cron("created", "pg-backup")]: "0+0x2000",
        [cron("status_last_successful_time", "other")]: "0+0x2000",
      },
    },
    {
      // Never succeeded, and a day is over since it was made.
      alert: "BackupStale",
      at: afterThirtyHours,
      fires: { [cron("created", "pg-backup")]: "0+0x2000" },
      quiet: { [cron("created", "pg-backup")]: `${10 * hour}+0x2000` },
    },
    {
      alert: "BackupFailed",
      fires: { 'kube_job_status_failed{namespace="bow-mark", job_name="pg-backup-29123456"}': always(1) },
      quiet: {
        'kube_job_status_failed{namespace="bow-mark", job_name="pg-backup-29123456"}': always(0),
        'kube_job_status_failed{namespace="bow-mark", job_name="nightly-worker-restart-29123456"}': always(1),
      },
    },
    {
      // Of its drill, too.
      alert: "BackupFailed",
      fires: { 'kube_job_status_failed{namespace="bow-mark", job_name="pg-backup-drill-29123456"}': always(1) },
      quiet: { 'kube_job_status_failed{namespace="bow-mark", job_name="pg-backup-drill-29123456"}': always(0) },
    },
    {
      alert: "CertificateExpiring",
      at: 90,
      fires: {
        'certmanager_certificate_expiration_timestamp_seconds{exported_namespace="bow-mark", name="t"}': `${13 * 86400}+0x120`,
      },
      quiet: {
        'certmanager_certificate_expiration_timestamp_seconds{exported_namespace="bow-mark", name="t"}': `${15 * 86400}+0x120`,
      },
    },
  ],
  "backend-alerts": [
    {
      alert: "APIErrorRateHigh",
      // The published image's own name and statuses; the ratio's are the document's.
      fires: { 'http_http_requests_total{namespace="backend-mainnet", status="5XX"}': "0+6x60" },
      quiet: {
        'http_http_requests_total{namespace="backend-mainnet", status="5XX"}': "0+2x60",
        'http_http_requests_total{namespace="backend-mainnet", status="2XX"}': "0+600x60",
      },
    },
    {
      alert: "APIErrorRatioHigh",
      fires: {
        'http_requests_total{namespace="backend-mainnet", status="503"}': "0+10x60",
        'http_requests_total{namespace="backend-mainnet", status="200"}': "0+90x60",
      },
      quiet: {
        'http_requests_total{namespace="backend-mainnet", status="503"}': "0+10x60",
        'http_requests_total{namespace="backend-mainnet", status="200"}': "0+990x60",
      },
    },
    {
      alert: "OutboxQueueDepthHigh",
      fires: {
        'outbox_queue_depth{namespace="backend-mainnet", pod="a"}': always(1001),
        'outbox_queue_depth{namespace="backend-mainnet", pod="b"}': always(1001),
      },
      quiet: { 'outbox_queue_depth{namespace="backend-mainnet", pod="a"}': always(1000) },
    },
    {
      alert: "OutboxCommandsGivenUp",
      fires: { 'outbox_commands_processed_total{namespace="backend-mainnet", status="max_retries"}': "0+0x22 1+0x40" },
      quiet: { 'outbox_commands_processed_total{namespace="backend-mainnet", status="max_retries"}': always(3) },
    },
    {
      alert: "ProjectorStandsStill",
      fires: { 'projector_blockchain_height{namespace="backend-mainnet"}': always(7) },
      quiet: { 'projector_blockchain_height{namespace="backend-mainnet"}': "0+1x60" },
    },
    {
      alert: "ProjectorLagging",
      fires: { 'projector_lag_blocks{namespace="backend-mainnet"}': always(101) },
      quiet: { 'projector_lag_blocks{namespace="backend-mainnet"}': always(100) },
    },
    {
      alert: "ProjectorAbsent",
      fires: { 'projector_blockchain_height{namespace="backend-testnet"}': always(7) },
      quiet: { 'projector_blockchain_height{namespace="backend-mainnet"}': always(7) },
    },
  ],
  "dotdo-alerts": [
    {
      alert: "DotdoSlow",
      fires: {
        'dotdo_request_duration_seconds_bucket{namespace="dotdo", le="1"}': "0+90x60",
        'dotdo_request_duration_seconds_bucket{namespace="dotdo", le="5"}': "0+100x60",
        'dotdo_request_duration_seconds_bucket{namespace="dotdo", le="+Inf"}': "0+100x60",
      },
      quiet: {
        'dotdo_request_duration_seconds_bucket{namespace="dotdo", le="0.5"}': "0+100x60",
        'dotdo_request_duration_seconds_bucket{namespace="dotdo", le="+Inf"}': "0+100x60",
      },
    },
    {
      alert: "DotdoPodCrowded",
      fires: { 'dotdo_active_instances{namespace="dotdo", pod="a"}': always(4001) },
      quiet: { 'dotdo_active_instances{namespace="dotdo", pod="a"}': always(4000) },
    },
    {
      alert: "DotdoAbsent",
      fires: { 'up{namespace="dotdo", pod="a"}': always(0) },
      quiet: { 'up{namespace="dotdo", pod="a"}': always(0), 'up{namespace="dotdo", pod="b"}': always(1) },
    },
    {
      alert: "DotdoAtMaximum",
      fires: {
        'kube_horizontalpodautoscaler_status_current_replicas{namespace="dotdo", horizontalpodautoscaler="dotdo"}':
          always(200),
        'kube_horizontalpodautoscaler_spec_max_replicas{namespace="dotdo", horizontalpodautoscaler="dotdo"}':
          always(200),
      },
      quiet: {
        'kube_horizontalpodautoscaler_status_current_replicas{namespace="dotdo", horizontalpodautoscaler="dotdo"}':
          always(199),
        'kube_horizontalpodautoscaler_spec_max_replicas{namespace="dotdo", horizontalpodautoscaler="dotdo"}':
          always(200),
      },
    },
  ],
  "hermes-alerts": [
    {
      alert: "HermesCursorStale",
      at: 60,
      fires: { 'hermes_ipfs_cache_cursor_timestamp_seconds{namespace="kafka"}': `${30 * 60}+0x60` },
      quiet: { 'hermes_ipfs_cache_cursor_timestamp_seconds{namespace="kafka"}': "0+60x60" },
    },
    {
      alert: "HermesCursorReset",
      fires: { 'hermes_ipfs_cache_block_number{namespace="kafka"}': "1000+1x25 0+1x30" },
      quiet: { 'hermes_ipfs_cache_block_number{namespace="kafka"}': "1000+1x60" },
    },
  ],
  "caracal-alerts": [
    {
      alert: "CaracalMeteringStalled",
      at: 250,
      fires: { 'caracal_metering_events_processed_total{namespace="caracal"}': "0+10x180 1800+0x120" },
      quiet: { 'caracal_metering_events_processed_total{namespace="caracal"}': "0+10x300" },
    },
    {
      alert: "CaracalMerkleVerificationFailed",
      fires: { 'caracal_merkle_verification_failures_total{namespace="caracal"}': "0+0x25 1+1x30" },
      quiet: { 'caracal_merkle_verification_failures_total{namespace="caracal"}': always(3) },
    },
    {
      alert: "CaracalBrokersMissing",
      fires: { 'kube_statefulset_status_replicas_ready{namespace="caracal", statefulset="caracal-kafka"}': always(2) },
      quiet: { 'kube_statefulset_status_replicas_ready{namespace="caracal", statefulset="caracal-kafka"}': always(3) },
    },
  ],
  "node-pools": [
    {
      alert: "PoolAtMaximum",
      at: 45,
      fires: Object.fromEntries(
        [1, 2, 3, 4, 5, 6].map((i) => [
          `kube_node_labels{node="n${i}", label_doks_digitalocean_com_node_pool="default-pool"}`,
          always(1),
        ]),
      ),
      quiet: { 'kube_node_labels{node="n1", label_doks_digitalocean_com_node_pool="default-pool"}': always(1) },
    },
  ],
};
