#!/bin/bash
# Takes a snapshot of every bound claim of $NAMESPACE (with the labels $SELECTOR, if that is set), then deletes all but the newest $KEEP of each claim's. A claim that
# belongs to a pod goes with it, and is nobody's data.
set -euo pipefail

stamp=$(date -u +%Y%m%d-%H%M%S)
claims=$(kubectl --namespace "$NAMESPACE" get persistentvolumeclaims ${SELECTOR:+--selector "$SELECTOR"} --output \
  jsonpath='{range .items[?(@.status.phase=="Bound")]}{.metadata.name}{" "}{.metadata.ownerReferences[0].kind}{"\n"}{end}')
while read -r claim owner; do
  if [ -z "$claim" ] || [ "$owner" = Pod ]; then continue; fi
  kubectl --namespace "$NAMESPACE" create --filename - <<YAML
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata:
  name: $claim-$stamp
  labels: { doks-systems/claim: $claim }
spec:
  ${CLASS:+volumeSnapshotClassName: $CLASS}
  source: { persistentVolumeClaimName: $claim }
YAML
  # Names end in the time, so their order is that of the snapshots.
  kubectl --namespace "$NAMESPACE" get volumesnapshots --selector "doks-systems/claim=$claim" \
    --output jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}' | sort | head -n "-$KEEP" |
    while read -r old; do kubectl --namespace "$NAMESPACE" delete volumesnapshot "$old" --wait=false; done
done <<<"$claims"
