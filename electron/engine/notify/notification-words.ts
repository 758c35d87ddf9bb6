/**
 * What a notification says and where a click on it leads. SECURITY: item 13: names and messages are the cluster's: one line, capped, without control
 * and direction characters, without what looks like a secret.
 */
import { formatAge } from '../../../shared/lib/format/time.ts'
import { redactText } from '../../../shared/lib/redact.ts'
import { capText, neutralizeLine } from '../../../shared/lib/text.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { NotifyEvent, NotifyRule } from '../../../shared/model/notify.ts'
import type { NotifyItem } from './notify-item.ts'
import { objectPath, viewPath } from './object-path.ts'

export interface NotificationWords {
  readonly title: string
  readonly body: string
  /** `sluice://…`; null: the click shows the window. */
  readonly link: string | null
}

/** Names in a group's text; more are counted. */
const maxNames = 3
const maxName = 80
const maxLine = 200

/** For one item, or one notification for many. `items` is not empty. */
export function wordsOf(
  rule: Pick<NotifyRule, 'filter'>,
  items: readonly NotifyItem[],
  now: number,
): NotificationWords {
  const [first] = items
  if (first === undefined) throw new RangeError('nothing to tell')
  if (countItems(items) === 1)
    return { title: titleOf(first), body: bodyOf(first, now), link: `sluice://${placeOf(first)}` }
  return {
    title: countOf(first.event, countItems(items)),
    body: `${namesOf(items)}${contextsOf(items)}${endings[first.event]}`,
    link: `sluice://${placeOfMany(first.event, items, rule.filter)}`,
  }
}

/** One for all that came while nothing was shown. */
export function summaryOf(
  waiting: readonly { readonly item: NotifyItem; readonly isOver: boolean }[],
): NotificationWords {
  const parts: string[] = []
  const lasting: NotifyItem[] = []
  const recovered = new Set(waiting.flatMap(({ item }) => (item.event === 'recovered' ? [item.subject] : [])))
  for (const event of order) {
    const mine = waiting.filter(({ item }) => item.event === event)
    const now = mine.filter(({ isOver }) => !isOver)
    // Whoever is said to be ready again has failed before.
    const over = mine.filter(({ item, isOver }) => isOver && !recovered.has(item.subject)).length
    if (now.length > 0) parts.push(countOf(event, countItems(now.map(({ item }) => item))))
    if (over > 0) parts.push(`${countOf(event, over)}, and no longer`)
    lasting.push(...now.map(({ item }) => item))
  }
  const named = lasting.length > 0 ? lasting : waiting.map(({ item }) => item)
  const first = named[0]?.event
  const isOneKind = first !== undefined && named.every(({ event }) => event === first)
  return {
    title: 'While notifications were paused',
    body: `${parts.join('. ')}. ${namesOf(named)}${contextsOf(named)}`,
    link: `sluice://${isOneKind ? placeOfMany(first, named, '') : viewPath('overview')}`,
  }
}

/** What the test of a rule shows. */
export function exampleOf(event: NotifyEvent): NotificationWords {
  return { title: `Test: ${examples[event]}`, body: 'Notifications of this rule look like this one.', link: null }
}

/** Those counted with others too. */
export function countItems(items: readonly NotifyItem[]): number {
  return items.reduce((sum, { more = 0 }) => sum + 1 + more, 0)
}

const order: readonly NotifyEvent[] = ['failing', 'unreachable', 'credentials', 'gate', 'drift', 'recovered']

const examples: Readonly<Record<NotifyEvent, string>> = {
  failing: 'an object fails',
  recovered: 'an object is ready again',
  drift: 'a Kustomization drifts',
  gate: 'a gate is past its until-time',
  credentials: 'a certificate ends soon',
  unreachable: 'a cluster does not answer',
}

const endings: Readonly<Record<NotifyEvent, string>> = {
  failing: '.',
  recovered: '.',
  drift: '.',
  gate: '. They stay suspended until you resume them.',
  credentials: '.',
  unreachable: '.',
}

function countOf(event: NotifyEvent, count: number): string {
  const number = count.toLocaleString('en')
  const isOne = count === 1
  switch (event) {
    case 'failing':
      return isOne ? '1 object fails' : `${number} objects fail`
    case 'recovered':
      return isOne ? '1 object is ready again' : `${number} objects are ready again`
    case 'drift':
      return isOne ? '1 object drifts' : `${number} objects drift`
    case 'gate':
      return isOne ? '1 suspension is past its until-time' : `${number} suspensions are past their until-time`
    case 'credentials':
      return isOne ? '1 credential ends soon' : `${number} credentials end soon`
    case 'unreachable':
      return isOne ? '1 cluster does not answer' : `${number} clusters do not answer`
  }
}

function titleOf(item: NotifyItem): string {
  const name = nameOf(item)
  switch (item.event) {
    case 'failing':
      return `${name} fails`
    case 'recovered':
      return `${name} is ready again`
    case 'drift':
      return `${name} drifts`
    case 'gate':
      return `${name} is past its until-time`
    case 'credentials':
      return `The ${item.text || 'credential'} of ${name} ends`
    case 'unreachable':
      return `${name} does not answer`
  }
}

function bodyOf(item: NotifyItem, now: number): string {
  const kind = item.ref === null ? '' : neutralizeLine(item.ref.kind)
  const place = item.contextName === '' || item.ref === null ? kind : `${kind} in ${contextName(item)}`
  const age = formatAge(now - item.at)
  switch (item.event) {
    case 'failing':
      return withText(`${place}, for ${age}`, item)
    case 'recovered':
      return `${place}. It failed for ${age}.`
    case 'drift':
      return withText(`${place}, for ${age}`, item)
    case 'gate':
      return `${place} stays suspended until you resume it.`
    case 'credentials':
      return item.at <= now
        ? 'It has ended: renew it, or the cluster cannot be reached.'
        : `In ${formatAge(item.at - now)}. Renew it before, or the cluster cannot be reached.`
    case 'unreachable':
      return withText(`For ${age}`, item)
  }
}

function withText(text: string, item: NotifyItem): string {
  const line = capText(neutralizeLine(redactText(item.text)), maxLine)
  return line === '' ? `${text}.` : `${text}: ${line}`
}

function nameOf(item: NotifyItem): string {
  return item.ref === null ? contextName(item) : capText(neutralizeLine(refTitle(item.ref)), maxName)
}

function contextName({ contextName: name, subject }: NotifyItem): string {
  return capText(neutralizeLine(name === '' ? subject : name), maxName)
}

function namesOf(items: readonly NotifyItem[]): string {
  const names = items.slice(0, maxNames).map(nameOf)
  const more = countItems(items) - names.length
  if (more > 0) return `${names.join(', ')} and ${more.toLocaleString('en')} more`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

function contextsOf(items: readonly NotifyItem[]): string {
  if (items.some(({ ref, contextName: name }) => ref === null || name === '')) return ''
  const contexts = [...new Set(items.map(contextName))]
  return contexts.length === 1 ? ` in ${contexts.join('')}` : ` in ${String(contexts.length)} contexts`
}

function placeOf(item: NotifyItem): string {
  if (item.ref === null || item.context === null) return viewPath(item.ref === null ? 'settings' : 'overview')
  return objectPath(item.context, item.ref, item.event === 'drift' ? 'drift' : 'tree')
}

/** The list where all of them are, filtered; where they are of several kinds, what needs attention. */
function placeOfMany(event: NotifyEvent, items: readonly NotifyItem[], filter: string): string {
  if (event === 'credentials' || event === 'unreachable') return viewPath('settings')
  if (event === 'drift') return viewPath('drift', filter)
  const [category] = items.map((item) => item.category)
  if (category == null || items.some((item) => item.category !== category)) return viewPath('overview')
  const words = event === 'gate' ? 'is:suspended' : event === 'failing' ? 'is:failed' : namesFilter(items)
  return viewPath(category, [filter, words].filter((part) => part !== '').join(' '))
}

/** The objects by name, where these are few: nothing else tells them from the others. */
function namesFilter(items: readonly NotifyItem[]): string {
  const names = [...new Set(items.flatMap(({ ref }) => ref?.name ?? []))]
  return names.length > 20 ? '' : `name:${names.join(',')}`
}
