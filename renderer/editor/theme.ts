/** The editor's colours from the tokens. Pure but for the style that it is given. */

/** The part of CSSStyleDeclaration that a theme needs. */
export interface TokenSource {
  getPropertyValue(name: string): string
}

export interface EditorTheme {
  readonly base: 'vs' | 'vs-dark'
  readonly inherit: boolean
  readonly rules: { token: string; foreground?: string; fontStyle?: string }[]
  readonly colors: Record<string, string>
}

const hex = /^#[0-9a-f]{6}$/i

/**
 * A Monaco theme; a colour that is not six hex digits is left to the editor's own. Light and dark have the same rules and nothing of a base theme, which
 * has other ones for each: Monaco numbers colours in the order of the rules, and lines that are gone keep their numbers in the inline layout when the
 * theme turns.
 */
export function themeOf(tokens: TokenSource, isDark: boolean): EditorTheme {
  const value = (name: string): string | null => {
    const text = tokens.getPropertyValue(name).trim()
    return hex.test(text) ? text : null
  }
  const colors: Record<string, string> = {}
  const paint = (part: string, name: string, alpha = ''): void => {
    const color = value(name)
    if (color !== null) colors[part] = `${color}${alpha}`
  }
  paint('editor.background', '--bg-surface')
  paint('editor.foreground', '--fg')
  paint('editorLineNumber.foreground', '--fg-faint')
  paint('editorLineNumber.activeForeground', '--fg')
  paint('editor.lineHighlightBackground', '--bg-hover')
  paint('editor.selectionBackground', '--accent-border', '55')
  paint('editor.findMatchBackground', '--diff-live-strong')
  paint('editor.findMatchHighlightBackground', '--diff-live-bg')
  paint('editorWidget.background', '--bg-raised')
  paint('editorWidget.foreground', '--fg')
  paint('editorWidget.border', '--line-strong')
  paint('input.background', '--bg-surface')
  paint('input.foreground', '--fg')
  paint('input.border', '--line-control')
  paint('focusBorder', '--focus')
  paint('editorStickyScroll.background', '--bg-subtle')
  paint('editorStickyScrollHover.background', '--bg-hover')
  paint('editorIndentGuide.background1', '--line')
  paint('editorIndentGuide.activeBackground1', '--line-control')
  paint('scrollbarSlider.background', '--line-control', '66')
  paint('scrollbarSlider.hoverBackground', '--line-control', '99')
  paint('scrollbarSlider.activeBackground', '--line-control', 'bb')

  // The one diff there is compares origins: Git teal, the cluster amber.
  paint('diffEditor.removedLineBackground', '--diff-git-bg')
  paint('diffEditor.removedTextBackground', '--diff-git-strong', 'd9')
  paint('diffEditorGutter.removedLineBackground', '--diff-git-bg')
  paint('diffEditor.insertedLineBackground', '--diff-live-bg')
  paint('diffEditor.insertedTextBackground', '--diff-live-strong', 'd9')
  paint('diffEditorGutter.insertedLineBackground', '--diff-live-bg')
  paint('diffEditor.diagonalFill', '--line')
  paint('diffEditor.border', '--line')
  paint('diffEditor.unchangedRegionBackground', '--bg-subtle')
  paint('diffEditor.unchangedRegionForeground', '--fg-faint')
  paint('diffEditor.unchangedCodeBackground', '--bg-surface', '00')
  paint('diffEditor.unchangedRegionShadow', '--bg-surface', '00')
  paint('scrollbar.shadow', '--bg-surface', '00')

  const rules: EditorTheme['rules'] = []
  const rule = (token: string, name: string): void => {
    const color = value(name)
    if (color !== null) rules.push({ token, foreground: color.slice(1) })
  }
  rule('', '--fg')
  rule('type', '--code-key')
  rule('string', '--code-string')
  rule('number', '--code-number')
  rule('keyword', '--code-number')
  rule('comment', '--code-comment')
  rule('tag', '--code-number')
  rule('namespace', '--code-number')
  rule('meta', '--code-comment')
  rule('operators', '--fg-muted')
  rule('delimiter', '--fg-muted')
  return { base: isDark ? 'vs-dark' : 'vs', inherit: false, rules, colors }
}
