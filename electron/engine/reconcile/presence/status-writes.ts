/**
 * Status writes that are not ours: the only trace of a controller that runs without a Deployment and without leases. Owns what we wrote ourselves, as
 * the server answered it. Semantics: managedFields managers `gotk-kustomize-controller` and `source-controller`, under which we write too.
 */
import type { HostedController } from '../../../../shared/model/hosting.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { asArray, at, textAt } from '../../status/read.ts'

/** Own answers remembered per object: a watch may be some writes behind. */
const maxOwn = 8

export class StatusWrites {
  /** By UID: texts of what the server made of our writes. */
  readonly #own = new Map<string, string[]>()
  /** By UID: our writes whose answer is not known yet, or will never be. */
  readonly #pending = new Map<string, number>()
  readonly #onForeign: (controller: HostedController, object: KubeObject) => void

  constructor(onForeign: (controller: HostedController, object: KubeObject) => void) {
    this.#onForeign = onForeign
  }

  /** Before a write of ours to the object; call the result with the answer: null where none came. */
  begin(uid: string): (answer: KubeObject | 'refused' | null) => void {
    this.#pending.set(uid, (this.#pending.get(uid) ?? 0) + 1)
    return (answer) => {
      // A write without an answer may have been done: one more change of this object proves nothing.
      if (answer === null) return
      const left = (this.#pending.get(uid) ?? 1) - 1
      if (left <= 0) this.#pending.delete(uid)
      else this.#pending.set(uid, left)
      if (answer === 'refused') return
      const own = this.#own.get(uid) ?? []
      own.push(statusText(answer))
      if (own.length > maxOwn) own.shift()
      this.#own.set(uid, own)
    }
  }

  /** A change as a watch told it; `before` is the object as it was known. */
  look(controller: HostedController, before: KubeObject | null, after: KubeObject): void {
    if (before === null) return
    const { uid = '' } = after.metadata
    const text = statusText(after)
    if (text === statusText(before) || this.#own.get(uid)?.includes(text) === true) return
    // A person who edits the status by hand writes under another name.
    const [now, then] = [statusWriters(after, controller), statusWriters(before, controller)]
    if (now.own === '' || now.others !== then.others) return
    const pending = this.#pending.get(uid) ?? 0
    if (pending > 0) {
      // Each of them may be told by an event of its own.
      if (pending === 1) this.#pending.delete(uid)
      else this.#pending.set(uid, pending - 1)
      return
    }
    this.#onForeign(controller, after)
  }

  forget(uid: string): void {
    this.#own.delete(uid)
    this.#pending.delete(uid)
  }
}

/** Who wrote the status when: the controller's status manager ('' where it never did), and all others. */
function statusWriters(
  object: KubeObject,
  controller: HostedController,
): { readonly own: string; readonly others: string } {
  const texts = { own: '', others: '' }
  for (const entry of asArray(object.metadata.managedFields)) {
    if (textAt(entry, 'subresource') !== 'status') continue
    const manager = textAt(entry, 'manager')
    texts[manager === `gotk-${controller}` || manager === controller ? 'own' : 'others'] +=
      `${manager} ${textAt(entry, 'time')}\n`
  }
  return texts
}

function statusText(object: KubeObject): string {
  return JSON.stringify(at(object, 'status') ?? null)
}
