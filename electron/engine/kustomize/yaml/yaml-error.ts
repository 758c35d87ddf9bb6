/** Errors of YAML text, with go-yaml's words and its way of counting lines. */
import { BuildError } from '../build-error.ts'

/** go-yaml's text for a scanner error; lines are 0-based, and a line 0 counts as unknown. */
export function scannerError(isV3: boolean, contextLine: number, problemLine: number, problem: string): BuildError {
  let line: number
  if (isV3) line = contextLine !== 0 ? contextLine + 1 : problemLine !== 0 ? problemLine + 1 : 0
  else line = problemLine !== 0 ? problemLine + 1 : contextLine
  return yamlError(line, Math.max(problemLine, contextLine) + 1, problem)
}

/** go-yaml's text for a parser error, which names the line before. */
export function parserError(isV3: boolean, contextLine: number, problemLine: number, problem: string): BuildError {
  const line = isV3 ? contextLine || problemLine : problemLine || contextLine
  return yamlError(line, problemLine + 1, problem)
}

/** `yaml: line N: PROBLEM`; `place` is the line where a reader should look. */
export function yamlError(line: number, place: number, problem: string): BuildError {
  return new BuildError('InvalidYaml', `yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`, { line: place })
}
