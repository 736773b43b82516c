/** The floor of `bench/engine.ts`: as many resources as a stack has, of the provider with the least to do. */
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const count = new pulumi.Config().requireNumber("count");
for (let i = 0; i < count; i += 1) new random.RandomBytes(`resource-${i}`, { length: 8 });
