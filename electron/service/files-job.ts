/** The long-lived process for photos, splat files and exports: started when it is needed, started again when it has died. */
import type { Abilities, TaskEvent, TaskKind, TaskOf, TaskResult } from '../ipc/job-contract.js';
import type { SpawnJob } from './app-service.js';
import { JobClient, JobDiedError } from './job-client.js';

/** A task that ended its process so often is given up: it would only do so again. */
const MAX_ATTEMPTS = 2;
/** How long a task may take to obey before its process is ended. */
const OBEY_WITHIN_MS = 900;

export class FilesJob {
  private client: JobClient | null = null;
  private isClosed = false;

  constructor(
    private readonly spawnJob: SpawnJob,
    private readonly onAbilities: (abilities: Abilities) => void = () => undefined,
  ) {}

  /** Starts the process ahead of its first task. */
  warmUp(): void {
    this.open();
  }

  /**
   * Tasks here may be carried out again from the start, so that one that another task's crash took along is simply repeated.
   *
   * @throws TaskFailedError, JobDiedError.
   */
  async run<K extends TaskKind>(
    task: TaskOf<K>,
    { onEvent, signal }: { readonly onEvent?: (event: TaskEvent) => void; readonly signal?: AbortSignal } = {},
  ): Promise<TaskResult<K>> {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await this.runOnce(task, onEvent, signal);
      } catch (error) {
        if (!(error instanceof JobDiedError) || attempt >= MAX_ATTEMPTS || this.isClosed) throw error;
      }
    }
  }

  dispose(): void {
    this.isClosed = true;
    this.client?.kill();
  }

  private async runOnce<K extends TaskKind>(
    task: TaskOf<K>,
    onEvent: ((event: TaskEvent) => void) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<TaskResult<K>> {
    const client = this.open();
    const handle = client.start(task, onEvent);
    let deadline: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      handle.tell('cancel');
      deadline = setTimeout(() => client.kill(), OBEY_WITHIN_MS);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await handle.done;
    } finally {
      signal?.removeEventListener('abort', cancel);
      clearTimeout(deadline);
    }
  }

  private open(): JobClient {
    if (this.client?.isAlive !== true) {
      this.client = new JobClient(this.spawnJob('files'));
      this.client.ready.then(this.onAbilities, () => undefined);
    }
    return this.client;
  }
}
