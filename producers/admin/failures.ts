/** The command was given something that can't be right, whatever the deployment holds. Exit code 2. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** The command was understood and not done; the message says why and what to do. Exit code 1. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** Another program did the work, and has told everything itself. */
export class EndedWith extends Error {
  override readonly name = "EndedWith";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}
