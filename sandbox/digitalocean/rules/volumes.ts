/** Claims that DigitalOcean's CSI driver refuses. Source: csi-digitalocean 4.9.0, `driver/controller.go`. */
import { volumeBytes } from "../../../catalogue/doks.ts";
import { unprocessable, type Refusal } from "../answers.ts";

/**
 * Why a volume cannot be made; undefined if it can. A claim for less than 1Gi is not refused: it gets 1Gi.
 *
 * @param bytes size that the claim requests
 */
export function volumeRefusal(bytes: number): Refusal | undefined {
  return bytes > volumeBytes.largest
    ? unprocessable(`required (${bytes / 2 ** 30}Gi) can not exceed maximum supported volume size (16Ti)`)
    : undefined;
}
