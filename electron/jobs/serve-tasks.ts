/** The loop of a job process: checks what the host asks, carries it out, and tells how it goes. */
import type {
  Abilities,
  HostMessage,
  JobMessage,
  Task,
  TaskEvent,
  TaskKind,
  TaskOf,
  TaskResult,
} from '../ipc/job-contract.js';
import { hostMessageSchema } from '../ipc/job-contract.js';
import { describeFailure } from './describe-failure.js';
import type { JobPort } from './job-port.js';

export const HEARTBEAT_MS = 2000;

export interface TaskContext {
  readonly tell: (event: TaskEvent) => void;
  readonly signal: AbortSignal;
  /** While set, the task stands still where it can. */
  readonly pause: { readonly isPaused: boolean };
}

export type TaskHandlers = {
  readonly [K in TaskKind]: (task: TaskOf<K>, context: TaskContext) => Promise<TaskResult<K>>;
};

interface RunningTask {
  readonly abort: AbortController;
  readonly pause: { isPaused: boolean };
}

/** Returns how to stop everything that runs. */
export function serveTasks(port: JobPort, handlers: TaskHandlers, abilities: Abilities): () => void {
  const running = new Map<string, RunningTask>();
  const post = (message: JobMessage): void => port.post(message);

  const carryOut = async (taskId: string, task: Task): Promise<void> => {
    const own: RunningTask = { abort: new AbortController(), pause: { isPaused: false } };
    running.set(taskId, own);
    try {
      // The union of handlers and the union of tasks are matched by their kind.
      const handler = handlers[task.kind] as (task: Task, context: TaskContext) => Promise<unknown>;
      const result = await handler(task, {
        tell: (event) => post({ type: 'event', taskId, event }),
        signal: own.abort.signal,
        pause: own.pause,
      });
      post({ type: 'done', taskId, result });
    } catch (error) {
      post({ type: 'failed', taskId, failure: describeFailure(error, own.abort.signal.aborted) });
    } finally {
      running.delete(taskId);
    }
  };

  const obey = (message: HostMessage): void => {
    if (message.type === 'shut-down') {
      stop();
      return;
    }
    if (message.type === 'start') return void carryOut(message.taskId, message.task);
    const task = running.get(message.taskId);
    if (task === undefined) return;
    if (message.type === 'cancel') task.abort.abort(new Error('cancelled'));
    else task.pause.isPaused = message.type === 'pause';
  };

  const beat = setInterval(() => post({ type: 'heartbeat' }), HEARTBEAT_MS);
  const stop = (): void => {
    clearInterval(beat);
    for (const { abort } of running.values()) abort.abort(new Error('the application closes'));
  };

  port.onMessage((message) => {
    const parsed = hostMessageSchema.safeParse(message);
    if (parsed.success) {
      obey(parsed.data);
      return;
    }
    const taskId = (message as { taskId?: unknown } | null)?.taskId;
    const failure = describeFailure(new Error('this process was asked for something that it does not know'), false);
    if (typeof taskId === 'string') post({ type: 'failed', taskId, failure });
  });
  post({ type: 'ready', abilities });
  return stop;
}
