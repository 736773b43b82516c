/** What DigitalOcean's CSI driver refuses of claims. Source: csi-digitalocean, `driver/controller.go`. */
import { unprocessable, type Refusal } from "../router.ts";

const gibibyte = 2 ** 30;
const [smallest, largest] = [gibibyte, 16 * 1024 * gibibyte];

/** Why a volume is not made. @param bytes that the claim asks for */
export function volumeRefusal(bytes: number): Refusal | undefined {
  const sizes = "the size of a volume is 1Gi to 16Ti";
  if (bytes < smallest) return unprocessable(`required (${bytes}) can not be less than minimum supported: ${sizes}`);
  return bytes > largest ? unprocessable(`required (${bytes}) can not exceed maximum supported: ${sizes}`) : undefined;
}
