/** Chooses private ranges that overlap nothing. Pure. */
import { overlap, parseBlock, type Block } from "../../catalogue/addresses.ts";
import { isPrivate, reservedRange } from "../../catalogue/networks.ts";

/**
 * A private range as large as the template's that touches none of the others, nor what DigitalOcean keeps for itself: the next
 * ones after the template's, each with a second number of its own as long as there are such.
 *
 * @param region DigitalOcean's slug, `nyc1`
 * @returns undefined if there is none left
 */
export function freeRange(template: Block, taken: readonly Block[], region: string): Block | undefined {
  const size = template.last - template.first + 1;
  const steps = [Math.max(size, 2 ** 16), size];
  for (const step of steps) {
    const first = Math.ceil(template.first / step) * step;
    const blocks = [...starts(first, step), ...starts(0, step)].map((start) => blockAt(start, template.prefix));
    const found = blocks.find((block) => isFree(block, taken, region));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** First addresses of the blocks of 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, from one on. */
function starts(from: number, step: number): number[] {
  return ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseBlock).flatMap(({ first, last }) => {
    const begin = Math.max(from, first);
    return Array.from({ length: Math.max(0, Math.floor((last + 1 - begin) / step)) }, (_, i) => begin + i * step);
  });
}

function blockAt(first: number, prefix: number): Block {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return parseBlock(`${octets.join(".")}/${prefix}`);
}

function isFree(block: Block, taken: readonly Block[], region: string): boolean {
  return (
    isPrivate(block) && reservedRange(block, region) === undefined && !taken.some((other) => overlap(block, other))
  );
}
