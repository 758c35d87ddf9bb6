/** Untrusted text as the window shows it (shared/lib/text), cut to what a place can hold. */
import { capText, neutralizeLine, neutralizeText } from '../../../shared/lib/text.ts'

/** SECURITY: item 13: text of a cluster or a repository on one line, at most `max` characters. */
export function oneLine(text: string, max = 1000): string {
  return neutralizeLine(capText(text, max))
}

/** The same over several lines. */
export function manyLines(text: string, max = 20_000): string {
  return neutralizeText(capText(text, max))
}
