/** What DigitalOcean's CSI driver refuses of claims. Source: csi-digitalocean 4.9.0, `driver/controller.go`. */
import { unprocessable, type Refusal } from "../answers.ts";

const largest = 16 * 2 ** 40;

/** Why a volume is not made; what asks for less than 1Gi gets as much. @param bytes that the claim asks for */
export function volumeRefusal(bytes: number): Refusal | undefined {
  return bytes > largest
    ? unprocessable(`required (${bytes / 2 ** 30}Gi) can not exceed maximum supported volume size (16Ti)`)
    : undefined;
}
