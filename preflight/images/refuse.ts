/** Refuses to create or change a workload whose image is not there: it would wait for it until the update gives up. */
import * as pulumi from "@pulumi/pulumi";
import { pinnedImages } from "../../components/site/images.ts";
import type { Settings } from "../../settings/index.ts";
import { ImagesMissing, lookFor, type Access, type Looked } from "./check.ts";

/** Variable that makes the engine's preview say what is missing instead of failing; an update is refused nevertheless. */
const onlyWarnVariable = "DOKS_IMAGES_ONLY_WARN";

const kinds = /^kubernetes:(apps\/v1:(Deployment|StatefulSet|DaemonSet)|batch\/v1:(Job|CronJob))$/;

interface PodTemplate {
  readonly spec?: { readonly [key in "containers" | "initContainers"]?: readonly { readonly image?: unknown }[] };
}
interface WorkloadInputs {
  readonly spec?: {
    readonly template?: PodTemplate;
    readonly jobTemplate?: { readonly spec?: { template?: PodTemplate } };
  };
}

/** Images of a workload's inputs. */
function imagesIn({ spec }: WorkloadInputs): string[] {
  const pod = (spec?.jobTemplate?.spec ?? spec)?.template?.spec;
  const all = [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].map(({ image }) => image);
  return [...new Set(all)].filter((image) => typeof image === "string");
}

/**
 * Transformation that gives workloads a hook. Before the engine creates or changes one, also in a preview, the hook fails if an
 * image of it is not there. It is not asked for pinned images of data services, nor for workloads that stay as they are.
 */
export function refuseMissingImages(
  { platform, facts }: Pick<Settings, "platform" | "facts">,
  access: Access,
): pulumi.ResourceTransformation {
  const pinned = pinnedImages(platform.images);
  const asked = new Map<string, Promise<Looked>>();
  const said = new Set<string>();
  const sayOnce = (text: string) => {
    if (!said.has(text)) void pulumi.log.warn(text);
    said.add(text);
  };
  const look = (image: string) => {
    const known = asked.get(image) ?? lookFor([image], { platform, facts }, access);
    asked.set(image, known);
    return known;
  };
  const hook = new pulumi.ResourceHook(
    "images-are-there",
    async ({ newInputs }) => {
      const images = imagesIn((newInputs ?? {}) as WorkloadInputs).filter((image) => !pinned.has(image));
      const answers = await Promise.all(images.map(look));
      const missing = answers.flatMap((one) => one.missing);
      for (const { image, why } of answers.flatMap((one) => one.unasked))
        sayOnce(`whether ${image} is there is not known: ${why}`);
      if (missing.length === 0) return;
      const refusal = new ImagesMissing(
        missing,
        "then run the update again; npm run up does what comes before by itself",
      );
      if (process.env[onlyWarnVariable] === undefined) throw refusal;
      sayOnce(refusal.message);
    },
    { onDryRun: true },
  );
  return ({ type, props, opts }) => {
    if (!kinds.test(type)) return undefined;
    const { beforeCreate = [], beforeUpdate = [] } = opts.hooks ?? {};
    const hooks = { ...opts.hooks, beforeCreate: [...beforeCreate, hook], beforeUpdate: [...beforeUpdate, hook] };
    return { props, opts: { ...opts, hooks } };
  };
}
