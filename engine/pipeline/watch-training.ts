/** What a host sees of a training while it goes on: snapshots, held-out PSNR, checkpoints. It reads the scene and never changes it. */
import type { PauseSwitch } from '../scene/stage.js';
import type { RenderOptions, SceneHandle, SplattingBackend } from '../splatting/contract.js';
import type { LoopState } from '../training/train-scene.js';
import type { Checkpoint } from './checkpoint.js';
import { measureHeldOutPsnr } from './evaluate-held-out.js';
import type { PipelineListener } from './events.js';
import type { RunControl } from './reconstruction.js';

const SNAPSHOT_EVERY_MS = 1000;
const CHECKPOINT_EVERY_MS = 20_000;
/** Share of the time that held-out views may take. */
const EVALUATION_SHARE = 0.03;

export interface WatchedTraining {
  readonly control: RunControl;
  readonly onEvent: PipelineListener;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly pause: PauseSwitch;
  readonly backend: SplattingBackend;
  readonly scene: SceneHandle;
  readonly render: RenderOptions;
  /** Everything to go on from, when the loop stands there. */
  readonly takeCheckpoint: (loop: LoopState) => Promise<Checkpoint>;
}

export class TrainingWatch {
  private snapshotMs = -Infinity;
  private snapshotIteration = -1;
  private checkpointMs = performance.now();
  private checkpointIteration: number;
  private evaluationDueMs = -Infinity;
  private saving: Promise<void> | null = null;

  constructor(
    private readonly training: WatchedTraining,
    start: LoopState,
  ) {
    this.checkpointIteration = start.iteration;
  }

  /** At the beginning, and whenever the loop rests. */
  async rest(loop: LoopState): Promise<void> {
    const { isPaused } = this.training.pause;
    await this.showSnapshot(loop, isPaused);
    if (!isPaused) await this.evaluate(loop);
    await this.keepCheckpoint(loop, this.training.pause.isPaused);
  }

  /** When the loop has ended; one that was stopped leaves a checkpoint. Waits until what is being saved has been. */
  async end(loop: LoopState, isStopped: boolean): Promise<void> {
    if (isStopped) await this.keepCheckpoint(loop, true);
    await this.saving;
  }

  private async showSnapshot({ iteration }: LoopState, now: boolean): Promise<void> {
    const { control, backend, scene } = this.training;
    if (control.onSnapshot === undefined || iteration === this.snapshotIteration) return;
    if (!now && performance.now() - this.snapshotMs < (control.snapshotEveryMs ?? SNAPSHOT_EVERY_MS)) return;
    this.snapshotMs = performance.now();
    this.snapshotIteration = iteration;
    control.onSnapshot(await backend.readSplats(scene), iteration);
  }

  private async evaluate({ iteration }: LoopState): Promise<void> {
    const { control, backend, scene, render, onEvent, signal, pause } = this.training;
    const startMs = performance.now();
    if (control.heldOutViews === undefined || control.heldOutViews.length === 0 || startMs < this.evaluationDueMs)
      return;
    const psnr = await measureHeldOutPsnr(backend, scene, control.heldOutViews, render, {
      pause,
      ...(signal === undefined ? {} : { signal }),
    });
    const endMs = performance.now();
    this.evaluationDueMs = endMs + (endMs - startMs) * (1 / EVALUATION_SHARE - 1);
    if (psnr !== null) onEvent({ type: 'evaluation', iteration, psnr });
  }

  /** @param now also when it is not yet due, and waiting for one that is being saved. */
  private async keepCheckpoint(loop: LoopState, now: boolean): Promise<void> {
    const { onCheckpoint, checkpointEveryMs = CHECKPOINT_EVERY_MS } = this.training.control;
    if (onCheckpoint === undefined) return;
    if (now) await this.saving;
    if (this.saving !== null || loop.iteration === this.checkpointIteration) return;
    if (!now && performance.now() - this.checkpointMs < checkpointEveryMs) return;
    this.checkpointMs = performance.now();
    this.checkpointIteration = loop.iteration;
    const checkpoint = await this.training.takeCheckpoint(loop);
    this.saving = Promise.resolve()
      .then(() => onCheckpoint(checkpoint))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.training.warn(`The checkpoint could not be saved (${reason}).`);
      })
      .finally(() => (this.saving = null));
  }
}
