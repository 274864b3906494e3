/** The command was given something that can't be right, whatever the deployment holds. Exit code 2. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** The command was understood and not done; the message says why and what to do. Exit code 1. */
export class Refused extends Error {
  override readonly name = "Refused";
}
