/** What is said of a context whose cluster is silent, wherever something of it is shown or may not be done. */
import type { ContextRow } from '../model/rows.ts'

/** `prod-us-1 does not answer`, `prod-us-1 has not answered yet` */
export function silenceText({ name, connection }: Pick<ContextRow, 'name' | 'connection'>): string {
  return `${name} ${connection === 'connecting' || connection === 'idle' ? 'has not answered yet' : 'does not answer'}`
}
