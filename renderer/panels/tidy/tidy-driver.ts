/** Shows the edits in the viewer and hands it the tool that is chosen. */
import { uprightRotation } from '../../../engine/scene/edits-document.js';
import type { SceneViewer } from '../../viewer/viewer-contract.js';
import { usePathStore } from '../path/path-store.js';
import { stopMeasuring } from '../viewer/viewer-actions.js';
import { useViewerStore } from '../viewer/viewer-store.js';
import type { RegionTool } from './region-tools.js';
import { createBoxTool, createBrushTool } from './region-tools.js';
import type { TidyStore } from './tidy-store.js';
import { useTidyStore } from './tidy-store.js';

/** Returns how to stop. */
export function startTidyDriver(viewer: SceneViewer): () => void {
  let tool: RegionTool | null = null;
  const takeTool = (name: TidyStore['tool']): void => {
    tool?.dispose();
    tool = null;
    if (name === 'none') {
      if (!usePathStore.getState().isFollowing) viewer.setPointerTool(null);
      return;
    }
    // Clicks go to one of them: measuring gives way, and the path's own tool, which looks around.
    if (useViewerStore.getState().measurement !== null) stopMeasuring();
    usePathStore.setState(({ playback }) => ({ isFollowing: false, playback: { ...playback, isPlaying: false } }));
    tool = name === 'brush' ? createBrushTool(viewer) : createBoxTool(viewer);
    viewer.setPointerTool(tool.handle);
  };
  const show = (now: TidyStore, before: TidyStore | null): void => {
    if (now.hidden !== before?.hidden) viewer.setHidden(now.counts.hidden > 0 ? now.hidden : null);
    if (now.selected !== before?.selected || now.floaters.found !== before.floaters.found) {
      const marked = now.floaters.found ?? (now.counts.selected > 0 ? now.selected : null);
      viewer.setSelected(marked);
    }
    if (now.crop !== before?.crop) {
      const { crop } = now;
      viewer.setBox(crop === null ? null : { min: crop.min, max: crop.max, rotation: uprightRotation(crop.up) });
    }
  };
  show(useTidyStore.getState(), null);
  const stopStore = useTidyStore.subscribe((now, before) => {
    show(now, before);
    if (now.tool !== before.tool) takeTool(now.tool);
  });
  const stopPath = usePathStore.subscribe((now, before) => {
    if (now.isFollowing && !before.isFollowing) useTidyStore.setState({ tool: 'none' });
  });
  const stopMeasure = useViewerStore.subscribe((now, before) => {
    if (now.measurement !== null && before.measurement === null) useTidyStore.setState({ tool: 'none' });
  });
  return () => {
    stopStore();
    stopPath();
    stopMeasure();
    if (tool !== null) viewer.setPointerTool(null);
    tool?.dispose();
  };
}
