/** What a report of the history can be written as. */
export const reportFormats = ['markdown', 'html', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** In a file's name. */
export const reportEndings: Readonly<Record<ReportFormat, string>> = { markdown: 'md', html: 'html', json: 'json' }
