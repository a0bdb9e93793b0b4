/** One job process as the service sees it: tasks with events and results. Whatever the process says is checked; its death is an answer too. */
import type {
  Abilities,
  HostMessage,
  JobMessage,
  Task,
  TaskEvent,
  TaskFailure,
  TaskKind,
  TaskOf,
  TaskResult,
} from '../ipc/job-contract.js';
import { jobMessageSchema, taskResults } from '../ipc/job-contract.js';
import type { JobProcess } from './app-service.js';
import type { JobDeath } from './describe-death.js';
import { describeDeath } from './describe-death.js';

/** The task could not be carried out; the process lives. */
export class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError';
  constructor(readonly failure: TaskFailure) {
    super(failure.message);
  }
}

/** The process that carried the task out is gone. */
export class JobDiedError extends Error {
  override readonly name = 'JobDiedError';
  constructor(readonly death: JobDeath) {
    super(death.message);
  }
}

export interface TaskHandle<K extends TaskKind> {
  /** Rejects with TaskFailedError or JobDiedError. */
  readonly done: Promise<TaskResult<K>>;
  tell(order: 'pause' | 'resume' | 'cancel'): void;
}

interface PendingTask {
  readonly kind: TaskKind;
  readonly onEvent: (event: TaskEvent) => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export const HUNG_AFTER_MS = 30_000;
/** A process is asked for its heart's beat so often. */
const LOOK_EVERY_MS = 1000;

const BROKEN_ANSWER: TaskFailure = {
  message: 'The engine answered with something that cannot be used.',
  hint: 'Try again; if it happens again, report it as an issue.',
  file: null,
  isOutOfMemory: false,
  isCancelled: false,
};

export class JobClient {
  /** Rejects with JobDiedError when the process ends before it could say anything. */
  readonly ready: Promise<Abilities>;
  private readonly pending = new Map<string, PendingTask>();
  private readonly watch: NodeJS.Timeout;
  private nextId = 1;
  private silentMs = 0;
  private death: JobDeath | null = null;
  private resolveReady: (abilities: Abilities) => void = () => undefined;
  private rejectReady: (error: Error) => void = () => undefined;

  constructor(
    private readonly process: JobProcess,
    hungAfterMs = HUNG_AFTER_MS,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.resolveReady = resolve;
      this.rejectReady = reject;
    });
    // Whoever asks for `ready` is told; nobody has to ask.
    this.ready.catch(() => undefined);
    process.onMessage((message) => this.receive(message));
    process.onExit((exit) => this.die(describeDeath(exit)));
    this.watch = setInterval(() => {
      // Counted, not measured: a computer that slept has not heard from anyone either.
      this.silentMs += LOOK_EVERY_MS;
      if (this.silentMs < hungAfterMs) return;
      this.die(describeDeath('hung'));
      process.kill();
    }, LOOK_EVERY_MS);
    this.watch.unref();
  }

  get isAlive(): boolean {
    return this.death === null;
  }

  start<K extends TaskKind>(task: TaskOf<K>, onEvent: (event: TaskEvent) => void = () => undefined): TaskHandle<K> {
    const taskId = `task-${this.nextId++}`;
    const done = new Promise<TaskResult<K>>((resolve, reject) => {
      if (this.death !== null) {
        reject(new JobDiedError(this.death));
        return;
      }
      const kind = (task as Task).kind;
      this.pending.set(taskId, { kind, onEvent, resolve: (result) => resolve(result as TaskResult<K>), reject });
      this.post({ type: 'start', taskId, task });
    });
    return { done, tell: (type) => this.post({ type, taskId }) };
  }

  /** Ends the process at once. Tasks that are under way are told of a death with these words. */
  kill(death: JobDeath = { message: 'It was ended.', hint: '', isOutOfMemory: false }): void {
    this.die(death);
    this.process.kill();
  }

  private post(message: HostMessage): void {
    if (this.death === null) this.process.post(message);
  }

  private receive(message: unknown): void {
    if (this.death !== null) return;
    const parsed = jobMessageSchema.safeParse(message);
    // A message that nobody understands is no sign of life either.
    if (!parsed.success) return;
    this.silentMs = 0;
    this.obey(parsed.data);
  }

  private obey(message: JobMessage): void {
    if (message.type === 'ready') {
      this.resolveReady(message.abilities);
      return;
    }
    if (message.type === 'heartbeat') return;
    const task = this.pending.get(message.taskId);
    if (task === undefined) return;
    if (message.type === 'event') {
      task.onEvent(message.event);
      return;
    }
    this.pending.delete(message.taskId);
    if (message.type === 'failed') {
      task.reject(new TaskFailedError(message.failure));
      return;
    }
    const result = taskResults[task.kind].safeParse(message.result);
    if (result.success) task.resolve(result.data);
    else task.reject(new TaskFailedError(BROKEN_ANSWER));
  }

  private die(death: JobDeath): void {
    if (this.death !== null) return;
    this.death = death;
    clearInterval(this.watch);
    const error = new JobDiedError(death);
    this.rejectReady(error);
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
