/** The one export of pictures that may be under way, and what was chosen for it. */
import { create } from 'zustand';
import { showDock } from '../../../app/ui-store.js';
import type { ExportProgress, PictureSize } from '../../../viewer/path/export/export-plan.js';
import type { VideoContainer, VideoQuality } from '../../../viewer/path/export/video-candidates.js';

export type PathExportKind = 'video' | 'frames' | 'still';

export type PathExportOutcome =
  | { readonly status: 'idle' }
  | { readonly status: 'running'; readonly progress: ExportProgress | null; readonly cancel: () => void }
  | {
      readonly status: 'finished';
      readonly fileName: string;
      readonly bytes: number | null;
      readonly codec: string | null;
    }
  | { readonly status: 'cancelled' }
  | { readonly status: 'failed'; readonly reason: 'no-encoder' | 'too-large' | 'other'; readonly detail: string };

export interface PathExportStore {
  readonly isOpen: boolean;
  readonly kind: PathExportKind;
  readonly size: PictureSize;
  readonly container: VideoContainer;
  readonly quality: VideoQuality;
  readonly outcome: PathExportOutcome;
}

export const usePathExport = create<PathExportStore>(() => ({
  isOpen: false,
  kind: 'video',
  size: { width: 1920, height: 1080 },
  container: 'mp4',
  quality: 'high',
  outcome: { status: 'idle' },
}));

export function openPathExport(kind: PathExportKind): void {
  const { outcome } = usePathExport.getState();
  // The dialog stands in the path's panel.
  showDock('path');
  // What is under way is shown, whatever was asked for.
  if (outcome.status === 'running') usePathExport.setState({ isOpen: true });
  else usePathExport.setState({ isOpen: true, kind, outcome: { status: 'idle' } });
}
