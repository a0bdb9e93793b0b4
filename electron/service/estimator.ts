/** Keeps the estimate of the next run true while photos and settings change. */
import type { FilesJob } from './files-job.js';
import type { PhotoList } from './photo-list.js';
import type { StateStore } from './state-store.js';

const WAIT_MS = 150;

export class Estimator {
  private timer: NodeJS.Timeout | null = null;
  private underWay = new AbortController();
  private asked = '';

  constructor(
    private readonly store: StateStore,
    private readonly files: FilesJob,
    private readonly photos: PhotoList,
  ) {}

  /** Something that matters may have changed. */
  refresh(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.estimate(), WAIT_MS);
    this.timer.unref();
  }

  dispose(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.underWay.abort(new Error('the application closes'));
  }

  private async estimate(): Promise<void> {
    const { settings } = this.store.current;
    const photos = this.photos
      .usable()
      .flatMap(({ role, width, height }) =>
        role === 'train' && width !== null && height !== null ? [{ width, height }] : [],
      );
    const asked = JSON.stringify([settings, photos]);
    if (asked === this.asked) return;
    this.asked = asked;
    this.underWay.abort(new Error('asked anew'));
    this.underWay = new AbortController();
    const { signal } = this.underWay;
    if (photos.length === 0) {
      this.store.set('estimate', null);
      return;
    }
    try {
      const estimate = await this.files.run({ kind: 'estimate', settings, photos });
      if (!signal.aborted) this.store.set('estimate', estimate);
    } catch {
      if (!signal.aborted) this.store.set('estimate', null);
    }
  }
}
