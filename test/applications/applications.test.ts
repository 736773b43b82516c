/**
 * Published applications under the rendered manifests: for each workload a process that refuses, listens, answers and ends
 * as the application does, with the environment, files and user of its pod. The facts are tables, one a system, in `facts/`;
 * a row there is a test here.
 */
import { afterAll, describe, expect, it, type TestContext } from "vitest";
import { stack, type RenderedStack } from "../support/stack.ts";
import { applicationWorkloads, containerOf, memoryLimit, type Container } from "./container.ts";
import { allFacts } from "../../sandbox/applications/facts/all.ts";
import type { Application, Fact, Facts } from "../../sandbox/applications/facts/fact.ts";
import { changesUser, makeIdentity, start } from "./process.ts";
import { commandOf, makeRoot, removeRoot } from "./root.ts";
import { Broker, brokerPort, life, verdict, type Scene } from "./verdict.ts";

const mongo = (site: string) => ({ mongoUri: `mongodb+srv://app:given@${site}.example.mongodb.net/app` });
const secrets = { "doks-systems:secrets": { bowmark: { paving: mongo("paving"), concrete: mongo("concrete") } } };
const stacks = await Promise.all(
  ["prod", "staging", "local"].map(async (name) => ({ name, rendered: await stack(name, secrets) })),
);

const identity = makeIdentity();
if (!changesUser)
  console.warn("as this user: stand-ins of applications, which need root and setpriv to run as the pods'");
if (identity === undefined) console.warn("skipped: applications that listen by TLS, which need openssl");

/** Whether the image is one that the fact is about, and no notice says what no manifest can cure. */
function holds({ images, unlessSaid }: Fact, { stack: { rendering }, spec }: Container, { system }: Facts): boolean {
  const path = `doks-systems:${system.replace("-", "")}`;
  const said = rendering.notices.some(
    (notice) =>
      notice.path.startsWith(path) && unlessSaid !== undefined && new RegExp(unlessSaid, "i").test(notice.text),
  );
  return !said && (images === undefined || new RegExp(images).test(spec.image));
}

interface Playing {
  readonly scene: Scene;
  down(): Promise<void>;
}

/** Runs the application; it lists what it would refuse, so that each row is judged by itself. */
async function play(defaults: Application["defaults"], facts: readonly Fact[], container: Container): Promise<Playing> {
  const port = brokerPort(facts, container);
  const broker = port === undefined ? undefined : await Broker.open(port);
  const root = makeRoot(container);
  const command = commandOf(container, root);
  const first = container.pod.shareProcessNamespace !== true;
  const rest = { command, mebibytes: memoryLimit(container), first, lenient: true, identity };
  const clear = async () => {
    await broker?.close();
    removeRoot(root);
  };
  try {
    const standIn = await start({ root, defaults, facts, ...rest }, container.env, container.user);
    const down = async () => {
      standIn.kill();
      await clear();
    };
    return { scene: { root, container, defaults, standIn, broker, ports: standIn.report.ports }, down };
  } catch (error) {
    await clear();
    throw error;
  }
}

function workloadTests(facts: Facts, application: Application, container: Container, workload: string): void {
  const needsTls = application.facts.some(({ check }) => check.kind === "listens" && check.tls !== undefined);
  const kept = application.facts.filter((row) => holds(row, container, facts));

  describe.skipIf(needsTls && identity === undefined)(workload, () => {
    let playing: Playing | undefined;
    afterAll(() => playing?.down());

    /** The running application; another, when a test was the end of it. */
    const sceneFor = async (skip: TestContext["skip"]): Promise<Scene> => {
      if (playing?.scene.standIn.alive !== true || playing.scene.broker?.restarted === true) {
        await playing?.down();
        playing = await play(application.defaults, kept, container);
      }
      const { scene } = playing;
      skip(scene.broker === undefined && brokerPort(kept, container) !== undefined, "the broker's port is taken");
      return scene;
    };

    for (const row of application.facts) {
      it(`${facts.system} ${workload} starts: ${row.fact}`, async ({ skip }) => {
        const wrong = kept.includes(row) ? await verdict(row, await sceneFor(skip)) : [];
        expect(wrong.join("\n"), `${facts.code} ${row.source}`).toBe("");
      });
    }

    it(`${facts.system} ${workload} lives: its probes pass, no outage of another restarts it, it ends when told`, async ({
      skip,
    }) => {
      const scene = await sceneFor(skip);
      const refused = kept.flatMap(({ fact }) => scene.standIn.report.refusals[fact] ?? []);
      expect([...refused, ...(await life(scene))].join("\n")).toBe("");
    });
  });
}

describe.each(stacks)("$name", ({ rendered }: { rendered: RenderedStack }) => {
  it("every application workload has facts", () => {
    const known = allFacts.flatMap(({ applications }) => applications.flatMap(({ workloads }) => workloads));
    expect(applicationWorkloads(rendered).filter((workload) => !known.includes(workload))).toEqual([]);
  });

  for (const facts of allFacts) {
    for (const application of facts.applications) {
      for (const workload of application.workloads) {
        const container = containerOf(rendered, workload);
        if (container !== undefined) workloadTests(facts, application, container, workload);
      }
    }
  }
});
