/**
 * Images as a registry has them, assembled from layers when they are asked for. Source: OCI image specification, "Image
 * Manifest" and "Image Configuration".
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { placeOf, type ImagePlace } from "../../catalogue/image.ts";
import { certManagerImages, dnsImage, envoyImage, gatewayImage, pauseImage } from "../node/own-images.ts";
import { contractOf } from "./contracts.ts";
import { buildLayer, debianLayer, type Layer } from "./layers.ts";

/** Something that a registry hands out. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  read(): Readable;
}

const ownImages = [pauseImage, dnsImage];
/** Of a cluster with Envoy Gateway and cert-manager. */
export const edgeImages = [gatewayImage, envoyImage, ...Object.values(certManagerImages)];

/** All images of the sandbox. */
export class Images {
  /** By digest. */
  readonly #blobs = new Map<string, Blob>();
  readonly #layers = new Map<string, Promise<readonly Layer[]>>();

  /** The manifest of an image. Its layers are built if they are missing, which may take minutes. */
  async manifest({ repository, reference }: ImagePlace): Promise<Blob> {
    const known = this.#blobs.get(reference);
    if (known !== undefined) return known;
    const contract = contractOf(repository, reference);
    const layers = await this.#layersOf(contract.name, async () => [
      ...(contract.layer.debian ? [await debianLayer()] : []),
      await buildLayer(contract.layer),
    ]);
    const described = layers.map((layer) => this.#keep(layerType, layer, () => createReadStream(layer.file)));
    const config = this.#text(configType, {
      ...{ architecture: "amd64", os: "linux", config: contract.config },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    });
    return this.#text(manifestType, {
      ...{ schemaVersion: 2, mediaType: manifestType },
      ...{ config: descriptor(config), layers: described.map(descriptor) },
    });
  }

  /** Builds all layers of images, by their references, and of those that a node needs for itself. */
  async prepare(references: Iterable<string>): Promise<void> {
    // One after the other: each build takes what the machine has.
    for (const reference of [...ownImages, ...references]) await this.manifest(placeOf(reference));
  }

  /** Whether an image belongs to a node, which has it whatever is in the registries. */
  isOwn(repository: string): boolean {
    return [...ownImages, ...edgeImages].some((image) => placeOf(image).repository === repository);
  }

  blob(digest: string): Blob | undefined {
    return this.#blobs.get(digest);
  }

  #layersOf(name: string, make: () => Promise<readonly Layer[]>): Promise<readonly Layer[]> {
    const known = this.#layers.get(name) ?? make();
    this.#layers.set(name, known);
    return known;
  }

  #text(mediaType: string, content: object): Blob {
    const text = Buffer.from(JSON.stringify(content));
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    return this.#keep(mediaType, { digest, size: text.length }, () => Readable.from(text));
  }

  #keep(mediaType: string, { digest, size }: Pick<Blob, "digest" | "size">, read: () => Readable): Blob {
    const blob = { mediaType, digest, size, read };
    this.#blobs.set(digest, blob);
    return blob;
  }
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";
const layerType = "application/vnd.oci.image.layer.v1.tar";

function descriptor({ mediaType, digest, size }: Blob): object {
  return { mediaType, digest, size };
}
