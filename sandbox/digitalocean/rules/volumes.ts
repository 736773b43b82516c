/** What DigitalOcean's CSI driver refuses of claims. Source: csi-digitalocean 4.9.0, `driver/controller.go`. */
import { volumeBytes } from "../../../catalogue/doks.ts";
import { unprocessable, type Refusal } from "../answers.ts";

/** Why a volume is not made; what asks for less than 1Gi gets as much. @param bytes that the claim asks for */
export function volumeRefusal(bytes: number): Refusal | undefined {
  return bytes > volumeBytes.largest
    ? unprocessable(`required (${bytes / 2 ** 30}Gi) can not exceed maximum supported volume size (16Ti)`)
    : undefined;
}
