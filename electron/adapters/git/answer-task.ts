import type { GitRemote } from '../../engine/source/artifact-port.ts'
import type { GitAnswers, GitTask } from './protocol.ts'

/** One task, wherever it runs. */
export function answerTask(
  service: GitRemote,
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
    case 'verify':
      return service.verify(task.request, task.revision, task.demand, signal)
  }
}
