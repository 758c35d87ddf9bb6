/** Memory and processor time of a process tree as the kernel counts them: proportional set size divides shared pages among their users. */
import { readFile, readdir } from 'node:fs/promises'

/** The process ids of `root` and all that descends from it. Linux only. */
export async function processTree(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (Number.isInteger(parent)) parents.set(Number(name), parent)
  }
  const found = [root]
  for (let index = 0; index < found.length; index++) {
    for (const [pid, parent] of parents) if (parent === found[index]) found.push(pid)
  }
  return found
}

/** Sum of PSS in bytes over a process tree; processes that end meanwhile count as nothing. */
export async function treePssBytes(root: number): Promise<number> {
  let total = 0
  for (const pid of await processTree(root)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
    total += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024
  }
  return total
}

/** Linux counts a process's time in hundredths of a second. */
const tickMs = 10

/** Processor time of a process and its threads so far, in ms. Rejects when it is gone. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** The same of a process tree; processes that end meanwhile count as nothing. */
export async function treeCpuMs(root: number): Promise<number> {
  let total = 0
  for (const pid of await processTree(root)) total += await cpuMsOf(pid).catch(() => 0)
  return total
}
