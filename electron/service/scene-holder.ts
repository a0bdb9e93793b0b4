/** The one scene that is shown: the newest bytes of it, and what the window is told of them. */
import { randomUUID } from 'node:crypto';
import type { SceneState } from '../ipc/contract.js';
import { mediaUrl } from '../ipc/media.js';
import type { StateStore } from './state-store.js';

export interface SceneSplats {
  readonly splats: ArrayBuffer;
  readonly count: number;
  /** u8 per Gaussian: how many photos saw it. */
  readonly seen?: ArrayBuffer | null;
}

/** What sensors made of a scene. */
export interface SensorFindings extends Pick<SceneState, 'isMetric' | 'scaleUncertainty' | 'sensorReport'> {
  /** float32 [N, 4]: points and residuals. */
  readonly residuals: ArrayBuffer | null;
}

export interface NewScene {
  readonly name: string;
  readonly origin: SceneState['origin'];
}

export class SceneHolder {
  private splatBytes: ArrayBuffer | null = null;
  private pointBytes: ArrayBuffer | null = null;
  private seenBytes: ArrayBuffer | null = null;
  private residualBytes: ArrayBuffer | null = null;

  constructor(private readonly store: StateStore) {}

  get splats(): ArrayBuffer | null {
    return this.splatBytes;
  }

  /** u8 per Gaussian; null where it is not known. */
  get seen(): ArrayBuffer | null {
    return this.seenBytes;
  }

  /** What sensors made of the scene that is shown; null where none took part. */
  get findings(): Omit<SensorFindings, 'residuals'> | null {
    const { scene } = this.store.current;
    if (scene === null) return null;
    const { isMetric, scaleUncertainty, sensorReport } = scene;
    return isMetric || sensorReport !== null ? { isMetric, scaleUncertainty, sensorReport } : null;
  }

  /** An empty scene in the place of what was shown. Answers its id. */
  begin({ name, origin }: NewScene): string {
    const id = randomUUID();
    this.drop();
    this.store.set('scene', {
      id,
      revision: 0,
      name,
      origin,
      splatsUrl: null,
      count: 0,
      pointsUrl: null,
      seenUrl: null,
      isPreview: origin === 'run',
      iteration: null,
      isMetric: false,
      scaleUncertainty: null,
      sensorReport: null,
      residualsUrl: null,
    });
    return id;
  }

  clear(): void {
    this.drop();
    this.store.set('scene', null);
  }

  setPoints(points: ArrayBuffer): void {
    this.pointBytes = points;
    this.update((scene) => ({ ...scene, pointsUrl: mediaUrl('points', scene.id, scene.revision) }));
  }

  /** The newest state; what came before it is forgotten, shown or not. */
  setSplats({ splats, count, seen = null }: SceneSplats, more: Pick<SceneState, 'isPreview' | 'iteration'>): void {
    this.splatBytes = splats;
    this.seenBytes = seen;
    this.update((scene) => ({
      ...scene,
      ...more,
      count,
      splatsUrl: mediaUrl('splats', scene.id, scene.revision),
      seenUrl: seen === null ? null : mediaUrl('seen', scene.id),
    }));
  }

  setFindings({ residuals, ...findings }: SensorFindings): void {
    this.residualBytes = residuals;
    this.store.change('scene', (scene) => {
      if (scene === null) return null;
      // A run that goes on keeps the scene's id: only the revision tells its residuals from those before.
      return {
        ...scene,
        ...findings,
        residualsUrl: residuals === null ? null : mediaUrl('residuals', scene.id, scene.revision),
      };
    });
  }

  /** No run goes on from here: what there is stays. */
  settle(): void {
    if (this.store.current.scene?.isPreview !== true) return;
    this.store.change('scene', (scene) => (scene === null ? null : { ...scene, isPreview: false }));
  }

  /** Bytes of the scene with that id; null when it is not the one that is shown. */
  bytes(kind: 'splats' | 'points' | 'seen' | 'residuals', id: string): ArrayBuffer | null {
    if (this.store.current.scene?.id !== id) return null;
    const { splatBytes: splats, pointBytes: points, seenBytes: seen, residualBytes: residuals } = this;
    return { splats, points, seen, residuals }[kind];
  }

  private update(change: (scene: SceneState) => SceneState): void {
    this.store.change('scene', (scene) => (scene === null ? null : change({ ...scene, revision: scene.revision + 1 })));
  }

  private drop(): void {
    this.splatBytes = null;
    this.pointBytes = null;
    this.seenBytes = null;
    this.residualBytes = null;
  }
}
