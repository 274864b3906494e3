/** It was given something that can't be right, whatever the deployment holds. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}
