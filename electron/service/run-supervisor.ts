/** One run at a time, in a process of its own: started, held, ended in time, and told of in words when it dies. */
import { randomUUID } from 'node:crypto';
import type { Run, RunStatus } from '../ipc/contract.js';
import type { TaskEvent, TaskFailure, TaskOf, TaskResult } from '../ipc/job-contract.js';
import type { SpawnJob } from './app-service.js';
import { CommandRefusedError } from './app-service.js';
import type { FoundCameras } from './found-cameras.js';
import { CamerasNotFoundError } from './found-cameras.js';
import { IDLE_RUN } from './initial-state.js';
import type { TaskHandle } from './job-client.js';
import { JobClient, JobDiedError, TaskFailedError } from './job-client.js';
import { assertOrder, canFollow, isRunAlive } from './run-machine.js';
import { recordEvent } from './run-progress.js';
import type { SceneHolder } from './scene-holder.js';
import type { StateStore } from './state-store.js';

/** The user is promised a second. */
const OBEY_WITHIN_MS = 600;
const CLOCK_MS = 500;

type ReconstructTask = TaskOf<'reconstruct'>;
export type FinishedRun = TaskResult<'reconstruct'>;

export interface RunPlan {
  readonly from: ReconstructTask['from'];
  /** What comes first where cameras are missing, or lie in another world than the sensors; null: nothing. */
  readonly search: TaskOf<'find-cameras'> | null;
  /**
   * The run itself; null: cameras were all that was asked for. What the search found is the user's from here on: to be kept.
   *
   * @throws CommandRefusedError when the photos will not do.
   */
  readonly prepare: (found: FoundCameras | null) => Promise<ReconstructTask | null>;
  readonly sceneName: string;
  /** The task's checkpoint file has been written anew. */
  readonly onCheckpoint: (state: NonNullable<Run['checkpoint']>) => void;
  /** The scene is the user's from here on: to be kept. `result` null: what was seen last before the run was cancelled. */
  readonly keep: (result: FinishedRun | null) => Promise<void>;
  /** It ended without anything to see. */
  readonly abandon: () => Promise<void>;
}

interface Active {
  readonly client: JobClient;
  /** Of what is being done now; null between the two. */
  handle: Pick<TaskHandle<'reconstruct'>, 'tell'> | null;
  over: Promise<void>;
}

export class RunSupervisor {
  private active: Active | null = null;
  private clock: NodeJS.Timeout | null = null;
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: StateStore,
    private readonly scene: SceneHolder,
    private readonly spawnJob: SpawnJob,
    private readonly hungAfterMs?: number,
  ) {}

  get isAlive(): boolean {
    return isRunAlive(this.store.current.run.status);
  }

  /** @throws CommandRefusedError while another run is under way. */
  start(plan: RunPlan): void {
    assertOrder('start', this.store.current.run.status);
    const { checkpoint } = this.store.current.run;
    const isOn = plan.from === 'checkpoint' && checkpoint !== null;
    const runId = randomUUID();
    this.store.set('run', {
      ...IDLE_RUN,
      status: 'starting',
      runId,
      cameras: plan.search?.cameras === 'sought' ? 'sought' : 'known',
      checkpoint: plan.from === 'fresh' ? null : checkpoint,
      ...(isOn ? { iteration: checkpoint.iteration, iterations: checkpoint.iterations } : {}),
    });
    this.store.resetHistory(
      isOn ? this.store.history.filter(({ iteration }) => iteration <= checkpoint.iteration) : [],
    );
    // Going on shows the same scene, so that the camera stays.
    if (!isOn || this.store.current.scene?.origin !== 'run') this.scene.begin({ name: plan.sceneName, origin: 'run' });
    const client = new JobClient(this.spawnJob('run'), this.hungAfterMs);
    const active: Active = { client, handle: null, over: Promise.resolve() };
    this.active = active;
    this.startClock();
    active.over = this.carryOut(plan, runId, active)
      .then(
        (result) => (result === null ? this.rest() : this.finish(plan, result)),
        (error: unknown) => this.fail(plan, error),
      )
      .finally(() => {
        client.kill();
        this.stopClock();
        this.active = null;
      });
  }

  pause(): void {
    assertOrder('pause', this.store.current.run.status);
    this.active?.handle?.tell('pause');
    this.setStatus('pausing');
  }

  resume(): void {
    assertOrder('resume', this.store.current.run.status);
    this.active?.handle?.tell('resume');
    this.setStatus('running');
  }

  /** Over within a second, whatever the process does. */
  async cancel(): Promise<void> {
    assertOrder('cancel', this.store.current.run.status);
    this.setStatus('cancelling');
    await this.end();
  }

  /** Before the application closes: ends what runs. */
  async dispose(): Promise<void> {
    if (this.isAlive) {
      if (this.store.current.run.status !== 'cancelling') this.setStatus('cancelling');
      await this.end();
    }
    await this.keeping;
  }

  /** In one process: the search, where there is one, then the run. */
  private async carryOut(plan: RunPlan, runId: string, active: Active): Promise<FinishedRun | null> {
    const work = <K extends 'find-cameras' | 'reconstruct'>(task: TaskOf<K>): Promise<TaskResult<K>> => {
      const handle = active.client.start<K>(task, (event) => this.receive(plan, runId, event));
      active.handle = handle;
      return handle.done;
    };
    const found = plan.search === null ? null : await work(plan.search);
    active.handle = null;
    const task = await plan.prepare(found);
    if (this.store.current.run.status === 'cancelling') throw new CommandRefusedError('It was cancelled.', '');
    if (plan.search?.cameras === 'sought') {
      const cameras = found?.photos.some(({ outcome }) => outcome !== null) === true ? 'found' : 'known';
      this.store.change('run', (run) => ({ ...run, cameras }));
    }
    if (task === null) return null;
    const done = work(task);
    // Between the two there was nobody to hold.
    if (['pausing', 'paused'].includes(this.store.current.run.status)) this.active?.handle?.tell('pause');
    return done;
  }

  private async end(): Promise<void> {
    const { active } = this;
    if (active === null) return;
    active.handle?.tell('cancel');
    const deadline = setTimeout(() => active.client.kill(), OBEY_WITHIN_MS);
    await active.over;
    clearTimeout(deadline);
  }

  private receive(plan: RunPlan, runId: string, event: TaskEvent): void {
    const { run } = this.store.current;
    // While it is being ended only what it leaves behind counts.
    if (run.runId !== runId || (run.status === 'cancelling' && event.type !== 'checkpoint')) return;
    if (event.type === 'paused' && run.status === 'pausing') this.setStatus('paused');
    if (run.status === 'starting' && event.type !== 'paused') this.setStatus('running');
    recordEvent(this.store, this.scene, event);
    const { checkpoint } = this.store.current.run;
    if (event.type === 'checkpoint' && checkpoint !== null) plan.onCheckpoint(checkpoint);
  }

  /** Cameras are found, and nothing else was asked for. */
  private rest(): void {
    this.scene.settle();
    this.store.change('run', (run) => (canFollow(run.status, 'idle') ? { ...IDLE_RUN, cameras: run.cameras } : run));
  }

  private finish(plan: RunPlan, result: FinishedRun): void {
    const isCancelled = this.store.current.run.status === 'cancelling';
    this.scene.setSplats(result, { isPreview: false, iteration: result.iteration });
    this.scene.setFindings({
      isMetric: result.isMetric ?? false,
      scaleUncertainty: Number.isFinite(result.scaleUncertainty) ? (result.scaleUncertainty ?? null) : null,
      sensorReport: result.sensorReport ?? null,
      residuals: result.sensorResiduals ?? null,
    });
    const scores = result.scores;
    const isFinite = scores !== null && Number.isFinite(scores.psnr) && Number.isFinite(scores.ssim);
    this.setStatus(isCancelled ? 'cancelled' : 'finished', {
      gaussianCount: result.count,
      stageFraction: 1,
      etaMs: null,
      finalScores: isFinite ? scores : null,
      heldOutPsnr: isFinite ? scores.psnr : this.store.current.run.heldOutPsnr,
    });
    const { loss } = this.store.current.run;
    if (isFinite && loss !== null) this.store.addHistory({ iteration: result.iteration, loss, psnr: scores.psnr });
    this.keep(plan, result);
  }

  private fail(plan: RunPlan, error: unknown): void {
    const { status } = this.store.current.run;
    this.scene.settle();
    if (this.scene.splats === null && (this.store.current.scene?.pointsUrl ?? null) === null) this.scene.clear();
    if (status === 'cancelling') this.setStatus('cancelled', { etaMs: null });
    else if (error instanceof JobDiedError) this.setStatus('crashed', { error: error.death, etaMs: null });
    else this.setStatus('failed', { ...lackOf(error), error: wordsOf(error), etaMs: null });
    if (this.scene.splats !== null) this.keep(plan, null);
    else this.keeping = plan.abandon().catch(() => undefined);
  }

  /** Whoever waits for the run's end does not wait for this. */
  private keep(plan: RunPlan, result: FinishedRun | null): void {
    this.keeping = plan.keep(result).catch(() => undefined);
  }

  private setStatus(status: RunStatus, more: Partial<Run> = {}): void {
    this.store.change('run', (run) => {
      if (!canFollow(run.status, status)) return run;
      return { ...run, ...more, status };
    });
  }

  private startClock(): void {
    let last = performance.now();
    this.clock = setInterval(() => {
      const now = performance.now();
      const passed = now - last;
      last = now;
      if (this.store.current.run.status === 'paused') return;
      this.store.change('run', (run) => ({ ...run, elapsedMs: run.elapsedMs + passed }), true);
    }, CLOCK_MS);
    this.clock.unref();
  }

  private stopClock(): void {
    if (this.clock !== null) clearInterval(this.clock);
    this.clock = null;
  }
}

function lackOf(error: unknown): Partial<Run> {
  return error instanceof CamerasNotFoundError ? { cameras: 'not-found' } : {};
}

type Words = Pick<TaskFailure, 'message' | 'hint' | 'isOutOfMemory'> & { readonly file?: string | null };

function failureOf(error: unknown): Words {
  if (error instanceof TaskFailedError) return error.failure;
  if (error instanceof CommandRefusedError) return { message: error.message, hint: error.hint, isOutOfMemory: false };
  return { message: 'Something unforeseen happened.', hint: 'Start again.', isOutOfMemory: false };
}

function wordsOf(error: unknown): NonNullable<Run['error']> {
  const { message, hint, isOutOfMemory, file } = failureOf(error);
  return {
    message: (file ?? null) === null ? message : `${file}: ${message}`,
    hint: hint.slice(0, 1000),
    isOutOfMemory,
  };
}
