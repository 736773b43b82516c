/** Passwords and keys of a running installation that are taken over no longer, or only now. Pure. */
import { kindOf } from "../../../graph/resource.ts";
import { loss, type Loss, type Pair, type Revisions } from "./loss.ts";

/** What it means that another value is in the place of the one in use, by the component that has it. */
const meanings: Readonly<Record<string, string>> = {
  RotatingPassword:
    "whoever has the one that is in use is locked out; nobody can set the new one on a server that does not know it",
  SigningKey: "what was signed before verifies with the old key alone, and the program forgets it",
  CertificateAuthority: "clients trust the old authority, and their own certificates are refused",
};

/**
 * Values that were the stack's secrets and are generated now, or the other way round. Of a password only while its version is 1:
 * later ones are generated in either case.
 */
export function takenLosses(revisions: Revisions): Loss[] {
  return revisions
    .of(...Object.keys(meanings))
    .filter(({ old, now }) => isTaken(old) !== isTaken(now) && (now.inputs["version"] ?? 1) === 1)
    .map((pair) => {
      const { now } = pair;
      const kept = isTaken(now);
      return loss(now, {
        // Taken over only now is also what a stack looks like before its first update.
        level: kept ? "look" : "stop",
        text: kept ? "is given now, and no longer generated" : "is generated anew, and no longer what was taken over",
        meaning: meanings[kindOf(now)] ?? "",
        was: isTaken(pair.old) ? "taken over" : "generated",
        is: kept ? "taken over" : "generated",
        fix: kept
          ? "right before the first update; later raise passwordVersion instead"
          : "set the secret again (docs/taking-over.md), or raise passwordVersion while it is still there",
        page: "docs/taking-over.md",
      });
    });
}

function isTaken({ inputs }: Pair["now"]): boolean {
  return inputs["taken"] === true;
}
