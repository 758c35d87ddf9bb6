/** The choices for "until": how long a gate stays closed. Times are the person's own, ms since the epoch. Pure. */

export type UntilChoice = 'hour' | 'fourHours' | 'today' | 'tomorrow' | 'date' | 'none'

export interface UntilOption {
  readonly choice: UntilChoice
  readonly label: string
  /** null: no end, or the date that the person types. */
  readonly at: number | null
}

const hourMs = 3_600_000
const endOfDayHour = 18
const morningHour = 9

/** Options at `now`; "today 18:00" is offered while that is at least half an hour away, else "today 22:00" or nothing. */
export function untilOptions(now: number): readonly UntilOption[] {
  const today = [endOfDayHour, 22].map((hour) => atHour(now, 0, hour)).find((at) => at - now >= hourMs / 2)
  return [
    { choice: 'hour', label: '1 h', at: now + hourMs },
    { choice: 'fourHours', label: '4 h', at: now + 4 * hourMs },
    ...(today === undefined
      ? []
      : [{ choice: 'today' as const, label: `Today ${new Date(today).getHours()}:00`, at: today }]),
    { choice: 'tomorrow', label: 'Tomorrow', at: atHour(now, 1, morningHour) },
    { choice: 'date', label: 'Date…', at: null },
    { choice: 'none', label: 'No end', at: null },
  ]
}

function atHour(now: number, days: number, hour: number): number {
  const date = new Date(now)
  date.setDate(date.getDate() + days)
  date.setHours(hour, 0, 0, 0)
  return date.getTime()
}

/** What is wrong with a typed time: '' if nothing. */
export function untilProblem(choice: UntilChoice, at: number | null, now: number): string {
  if (choice !== 'date') return ''
  if (at === null) return 'Type a date and a time, such as 2026-09-16 18:00.'
  return at <= now ? 'This is in the past.' : ''
}
