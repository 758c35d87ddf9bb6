/**
 * Texts and patches of compared objects, made when somebody looks. Printing a large object takes the better part of a second: those are
 * printed by a worker, and what is beyond any editor is told so at once.
 */
import { SluiceError } from '../../../../shared/model/errors.ts'
import { blindSealer, sealObject } from '../../diff/sealed-values.ts'
import type { Compared } from '../../diff/texts.ts'
import { exactText, isLongNumber } from '../../exact-json.ts'
import type { PrintElsewhere, ShownTexts } from '../cluster-renderer-port.ts'

export const maxTextLength = 2_000_000
/** Up to so many characters an object is printed in this thread: some ten milliseconds. */
export const maxPrintedHere = 32 * 1024

export interface Printer {
  /** Throws Unsupported for what is too large to be shown side by side. */
  textsOf(compared: Compared, title: string, signal: AbortSignal): Promise<ShownTexts['texts']>
  patchOf(compared: Compared, signal: AbortSignal): Promise<string>
}

export function createPrinter(
  comparison: {
    readonly textsOf: (compared: Compared) => ShownTexts['texts']
    readonly patchOf: (compared: Compared) => string
  },
  elsewhere: PrintElsewhere | null,
): Printer {
  const isElsewhere = (compared: Compared): boolean => isLargerThan([compared.live, compared.wouldBe], maxPrintedHere)
  return {
    async textsOf(compared, title, signal) {
      const isTooLarge = (texts: ShownTexts['texts']): boolean =>
        texts.git.length > maxTextLength || texts.live.length > maxTextLength
      const refuse = (): never => {
        throw new SluiceError('Unsupported', `${title} is too large to be shown side by side`, {
          remedy: 'Look at its fields instead.',
        })
      }
      if (isLargerThan(compared.live, maxTextLength) || isLargerThan(compared.wouldBe, maxTextLength)) return refuse()
      const texts =
        elsewhere !== null && isElsewhere(compared)
          ? (await elsewhere(exactText(plain(compared)), signal)).texts
          : comparison.textsOf(compared)
      return isTooLarge(texts) ? refuse() : texts
    },
    async patchOf(compared, signal) {
      if (elsewhere === null || !isElsewhere(compared)) return comparison.patchOf(compared)
      return (await elsewhere(exactText(plain(compared)), signal)).patch
    },
  }
}

/** SECURITY: item 9: of the desired body only the order is needed: its values go nowhere. */
function plain({ action, fields, desired, live, wouldBe }: Compared): Compared {
  const body = desired === null ? null : sealObject(desired.object, desired.sensitive, blindSealer)
  return {
    action,
    fields,
    desired: desired === null || body === null ? null : { ...desired, object: body },
    live,
    wouldBe,
  }
}

/** Whether texts and keys in a value are longer than so much in all: what it prints to is longer still. Looks no further than that. */
export function isLargerThan(value: unknown, maxChars: number): boolean {
  let left = maxChars
  const walk = (each: unknown): void => {
    if (left < 0) return
    if (typeof each === 'string') left -= each.length
    else if (typeof each !== 'object' || each === null || isLongNumber(each)) left -= 1
    else if (Array.isArray(each)) {
      for (const item of each) {
        walk(item)
        if (left < 0) return
      }
    } else
      for (const key in each) {
        left -= key.length
        walk((each as Readonly<Record<string, unknown>>)[key])
        if (left < 0) return
      }
  }
  walk(value)
  return left < 0
}
