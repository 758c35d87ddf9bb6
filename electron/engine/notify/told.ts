/** What happens once and has been told, by name: until-times that passed, credentials that end. */
import { maxStored } from './stored-notify.ts'

export class Told {
  readonly #changed: () => void
  #names = new Set<string>()

  constructor(changed: () => void) {
    this.#changed = changed
  }

  restore(names: readonly string[]): void {
    this.#names = new Set([...names, ...this.#names])
  }

  state(): readonly string[] {
    return [...this.#names]
  }

  /** False where it was told before. The oldest are forgotten. */
  add(name: string): boolean {
    if (this.#names.has(name)) return false
    this.#names.add(name)
    const [oldest] = this.#names
    if (this.#names.size > maxStored && oldest !== undefined) this.#names.delete(oldest)
    this.#changed()
    return true
  }
}
