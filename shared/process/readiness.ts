/** Whether each part of a process can do its work now; the process is ready when all of them can. */
export class Readiness {
  readonly #parts = new Map<string, boolean>();

  set(part: string, ready: boolean): void {
    this.#parts.set(part, ready);
  }

  /** True when there is at least one part and every part is ready. */
  get ready(): boolean {
    return this.#parts.size > 0 && [...this.#parts.values()].every(Boolean);
  }

  /** Each part with its state, for the answer of /ready. */
  get parts(): Record<string, boolean> {
    return Object.fromEntries(this.#parts);
  }
}
