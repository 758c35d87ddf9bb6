/** A program of the controllers' own code that answers line by line. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Answers in the order of the questions, each of them one line of JSON. */
export async function askOracle<T>(
  program: string,
  questions: readonly string[],
  options: { readonly words?: readonly string[]; readonly parse?: (line: string) => unknown } = {},
): Promise<readonly T[]> {
  const { words = [], parse = JSON.parse } = options
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers: T[] = []
  const done = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(parse(line) as T)
  })()
  for (const question of questions)
    if (!child.stdin.write(`${question}\n`)) await new Promise((resolve) => child.stdin.once('drain', resolve))
  child.stdin.end()
  await done
  if (answers.length !== questions.length) throw new Error(`${answers.length} answers to ${questions.length} questions`)
  return answers
}
