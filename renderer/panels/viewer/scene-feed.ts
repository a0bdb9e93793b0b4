/**
 * Fetches what the host's slices name and shows it. One fetch at a time, and always the newest: a slow window skips snapshots, it never
 * queues them.
 */
import type { AppState } from '../../../electron/ipc/contract.js';
import { decodeSplats } from '../../../engine/scene/encode-splats.js';
import { useAppStore } from '../../app/store.js';
import type { SceneViewer } from '../../viewer/viewer-contract.js';
import { decodePoints, viewerPhotos } from './scene-media.js';
import { useViewerStore } from './viewer-store.js';

type Scene = NonNullable<AppState['scene']>;

/** A refused or broken fetch is tried again: the revision it asked for may just have been replaced. */
const RETRY_MS = 1000;

export function startSceneFeed(viewer: SceneViewer): () => void {
  const feed = new SceneFeed(viewer);
  const show = (state: AppState | null, before: AppState | null): void => {
    if (state?.photos !== before?.photos) viewer.setPhotos(viewerPhotos(state?.photos ?? []));
    if (state?.scene !== before?.scene) feed.want(state?.scene ?? null);
  };
  show(useAppStore.getState().state, null);
  return useAppStore.subscribe(({ state }, before) => show(state, before.state));
}

class SceneFeed {
  private wanted: Scene | null = null;
  private isBusy = false;
  private shownSplats: string | null = null;
  private shownPoints: string | null = null;
  private shownSeen: string | null = null;

  constructor(private readonly viewer: SceneViewer) {}

  want(scene: Scene | null): void {
    const isOther = scene?.id !== this.wanted?.id;
    this.wanted = scene;
    if (isOther) this.clear();
    if (!this.isBusy) void this.work();
  }

  private clear(): void {
    this.shownSplats = this.shownPoints = this.shownSeen = null;
    this.viewer.setScene(null);
    this.viewer.setPoints(null);
    this.viewer.setSeenCounts(null);
    useViewerStore.setState({ hasSeenCounts: false, isLoading: this.wanted !== null });
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    try {
      while (await this.step()) {
        // Until nothing of the newest scene is missing.
      }
    } finally {
      this.isBusy = false;
    }
    useViewerStore.setState({ isLoading: false });
  }

  /** Fetches one thing that is missing; false when there is nothing left. */
  private async step(): Promise<boolean> {
    const scene = this.wanted;
    if (scene === null) return false;
    try {
      if (scene.splatsUrl !== null && scene.splatsUrl !== this.shownSplats)
        await this.takeSplats(scene, scene.splatsUrl);
      else if (scene.pointsUrl !== null && scene.pointsUrl !== this.shownPoints)
        await this.takePoints(scene, scene.pointsUrl);
      else if (scene.seenUrl !== null && scene.seenUrl !== this.shownSeen) await this.takeSeen(scene, scene.seenUrl);
      else return this.wanted !== scene;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return this.wanted !== scene;
    }
    return true;
  }

  private async takeSplats(scene: Scene, url: string): Promise<void> {
    const splats = decodeSplats(new Uint8Array(await fetchBytes(url)));
    if (this.wanted?.id !== scene.id) return;
    this.shownSplats = url;
    this.viewer.setScene({ sceneId: scene.id, splats });
  }

  private async takePoints(scene: Scene, url: string): Promise<void> {
    const points = decodePoints(await fetchBytes(url));
    if (this.wanted?.id !== scene.id) return;
    this.shownPoints = url;
    this.viewer.setPoints(points);
  }

  private async takeSeen(scene: Scene, url: string): Promise<void> {
    const counts = new Uint8Array(await fetchBytes(url));
    if (this.wanted?.id !== scene.id) return;
    this.shownSeen = url;
    this.viewer.setSeenCounts(counts);
    useViewerStore.setState({ hasSeenCounts: true });
  }
}

async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}
