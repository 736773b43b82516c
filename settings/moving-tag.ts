const words = "latest|stable|edge|canary|main|master|dev|develop|nightly|next|current|lts";
const moving = new RegExp(`^(${words})(-[a-z]+)*$`);

/** Whether an image tag names whatever is newest, such as `latest` or `stable-alpine`; one with a version or a commit does not. */
export function isMovingTag(tag: string): boolean {
  return moving.test(tag);
}
