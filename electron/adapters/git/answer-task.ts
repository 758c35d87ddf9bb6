import type { GitRemote } from '../../engine/source/artifact-port.ts'
import type { GitWriter } from '../../engine/source/git-write-port.ts'
import type { GitAnswers, GitTask } from './protocol.ts'

/** One task, wherever it runs. */
export function answerTask(
  service: GitRemote & GitWriter,
  task: GitTask,
  signal: AbortSignal,
): Promise<GitAnswers[keyof GitAnswers]> {
  switch (task.do) {
    case 'resolve':
      return service.resolve(task.request, signal)
    case 'tree':
      return service.tree(task.request, task.revision, task.limits, signal)
    case 'commit':
      return service.commit(task.request, task.sha, signal)
    case 'log':
      return service.log(task.request, task.sha, task.limit, signal)
    case 'verify':
      return service.verify(task.request, task.revision, task.demand, signal)
    case 'look':
      return service.look(task.request, task.branch, task.folder, signal)
    case 'deployKey':
      return service.deployKey(task.url, task.keyFile, signal)
    case 'push':
      return service.push(task.request, task.push, signal)
  }
}
